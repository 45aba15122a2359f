//! A table as a lazy Polars frame: what a query leaves out is not read.

use std::any::Any;
use std::sync::Arc;

use polars::prelude::{
    AnyValue, DataFrame, DataType, Field, PolarsError, PolarsResult, Schema, SchemaExt, SchemaRef,
    TimeUnit,
};
use polars_lazy::prelude::{
    AnonymousScan, AnonymousScanArgs, Expr, IntoLazy, LazyFrame, LiteralValue, Operator,
    ScanArgsAnonymous,
};
use rustybt_calendars::{Session, Timestamp};

use super::frame::data_type;
use super::{TableQuery, TableReader, TableSchema};
use crate::{Error, Sid};

/// A table as a lazy frame: its rows are read when the frame is collected, and of these no more than
/// the query and the frame's own filters leave.
///
/// Columns that are not selected are not read, and neither are the files of times and assets that
/// comparisons of the stamp and of `sid` with values leave out, as far as a reader can tell files
/// apart. The columns are those of [`TableRows::to_polars`](super::TableRows::to_polars).
///
/// ```
/// use std::sync::Arc;
///
/// use polars_lazy::prelude::{col, lit};
/// use rustybt_data::{MemoryTable, Sid, TableQuery, TableRows, TableSchema, TableValues, lazy_frame};
/// # use rustybt_data::{DecimalColumn, parse_decimal};
///
/// # let mut rates = DecimalColumn::default();
/// # for text in ["0.0001", "0.0002", "0.0003"] {
/// #     rates.push(Some(parse_decimal(text.as_bytes())?))?;
/// # }
/// # let times = ["2024-03-01T00:00Z", "2024-03-01T08:00Z", "2024-03-01T00:00Z"];
/// # let columns = vec![
/// #     ("ts".to_owned(), TableValues::Instant(times.map(|text| text.parse().ok()).to_vec())),
/// #     ("rate".to_owned(), TableValues::Decimal(rates)),
/// # ];
/// # let rows = TableRows { sids: vec![Sid(1), Sid(1), Sid(2)], columns, rows: 3 };
/// # let funding = MemoryTable::new(TableSchema::funding_rates(), rows)?;
/// // Of what was known then, one asset's.
/// let query = TableQuery::new().known_at("2024-03-01T07:00Z".parse()?);
/// let frame = lazy_frame(Arc::new(funding), query)?
///     .filter(col("sid").eq(lit(1u32)))
///     .select([col("rate")])
///     .collect()?;
/// assert_eq!(frame.shape(), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`Error::Frame`] where Polars refuses; [`Error::UnknownColumn`] for a column of the query that
/// the table has not.
pub fn lazy_frame(table: Arc<dyn TableReader>, query: TableQuery) -> Result<LazyFrame, Error> {
    let own = table.schema();
    let mut fields = Vec::new();
    if own.per_asset {
        fields.push(Field::new("sid".into(), DataType::UInt32));
    }
    let names: Vec<String> = match &query.columns {
        Some(names) => names.clone(),
        None => own.columns.iter().map(|column| column.name.clone()).collect(),
    };
    for name in &names {
        let column = own.column(name).ok_or_else(|| Error::UnknownColumn {
            table: own.name.clone(),
            column: name.clone(),
            known: own.columns.iter().map(|column| column.name.clone()).collect(),
        })?;
        fields.push(Field::new(name.as_str().into(), data_type(column.kind)));
    }
    let schema: SchemaRef = Arc::new(fields.into_iter().collect::<Schema>());
    let args = ScanArgsAnonymous {
        schema: Some(Arc::clone(&schema)),
        name: "TABLE",
        ..ScanArgsAnonymous::default()
    };
    let scan = Arc::new(Scan { table, query, names, schema });
    LazyFrame::anonymous_scan(scan, args)
        .map_err(|error| Error::Frame { reason: error.to_string() })
}

/// What is read when a frame is collected.
struct Scan {
    table: Arc<dyn TableReader>,
    query: TableQuery,
    /// The columns, beside that of the asset.
    names: Vec<String>,
    schema: SchemaRef,
}

impl AnonymousScan for Scan {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn schema(&self, _: Option<usize>) -> PolarsResult<SchemaRef> {
        Ok(Arc::clone(&self.schema))
    }

    fn allows_predicate_pushdown(&self) -> bool {
        true
    }

    fn allows_projection_pushdown(&self) -> bool {
        true
    }

    fn scan(&self, args: AnonymousScanArgs) -> PolarsResult<DataFrame> {
        let failed = |error: Error| PolarsError::ComputeError(error.to_string().into());
        let wanted = |name: &str| {
            let columns = args.with_columns.as_ref();
            columns.is_none_or(|columns| columns.iter().any(|column| column.as_str() == name))
        };
        let mut query = self.query.clone();
        if let Some(predicate) = &args.predicate {
            Bounds::of(predicate, self.table.schema()).narrow(&mut query);
        }
        let names: Vec<&str> =
            self.names.iter().map(String::as_str).filter(|name| wanted(name)).collect();
        query = query.columns(&names);
        if let (Some(rows), None) = (args.n_rows, &args.predicate) {
            query.limit = Some(query.limit.map_or(rows, |limit| limit.min(rows)));
        }
        let mut rows = self.table.scan(&query).map_err(failed)?;
        if !wanted("sid") {
            rows.sids.clear();
        }
        let mut frame = if rows.rows == 0 {
            // Where there are no rows, nothing tells that they would have a sid.
            let kept = self.schema.iter_fields().filter(|field| wanted(field.name()));
            DataFrame::empty_with_schema(&kept.collect::<Schema>())
        } else {
            rows.to_polars().map_err(failed)?
        };
        if let Some(predicate) = args.predicate {
            frame = frame.lazy().filter(predicate).collect()?;
        }
        if let Some(rows) = args.n_rows {
            frame = frame.head(Some(rows));
        }
        Ok(frame)
    }
}

/// What a filter says of times and assets. It says less than the filter, never more.
#[derive(Debug, Default, PartialEq)]
struct Bounds {
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    sids: Option<Vec<Sid>>,
}

impl Bounds {
    fn of(filter: &Expr, schema: &TableSchema) -> Self {
        let Expr::BinaryExpr { left, op, right } = filter else { return Self::default() };
        match op {
            Operator::And | Operator::LogicalAnd => {
                Self::of(left, schema).and(Self::of(right, schema))
            }
            Operator::Or | Operator::LogicalOr => {
                Self::of(left, schema).or(Self::of(right, schema))
            }
            _ => match (&**left, &**right) {
                (Expr::Column(name), Expr::Literal(value)) => Self::one(name, *op, value, schema),
                (Expr::Literal(value), Expr::Column(name)) => {
                    let turned = match op {
                        Operator::Lt => Operator::Gt,
                        Operator::LtEq => Operator::GtEq,
                        Operator::Gt => Operator::Lt,
                        Operator::GtEq => Operator::LtEq,
                        op => *op,
                    };
                    Self::one(name, turned, value, schema)
                }
                _ => Self::default(),
            },
        }
    }

    /// One comparison of a column with a value.
    fn one(name: &str, op: Operator, value: &LiteralValue, schema: &TableSchema) -> Self {
        if name == "sid" && schema.per_asset {
            let number = value.extract_i64().ok().and_then(|number| u32::try_from(number).ok());
            let sids = number.filter(|_| op == Operator::Eq).map(|sid| vec![Sid(sid)]);
            return Self { sids, ..Self::default() };
        }
        // Whatever else it was written as, a time is a scalar of the column's type by now.
        let LiteralValue::Scalar(value) = value else { return Self::default() };
        let at = instant(value.value()).filter(|_| schema.stamp.column() == Some(name));
        let (start, end) = match op {
            Operator::Eq => (at, at),
            Operator::Gt | Operator::GtEq => (at, None),
            Operator::Lt | Operator::LtEq => (None, at),
            _ => (None, None),
        };
        Self { start, end, sids: None }
    }

    fn and(self, other: Self) -> Self {
        let sids = match (self.sids, other.sids) {
            (Some(a), Some(b)) => Some(a.into_iter().filter(|sid| b.contains(sid)).collect()),
            (a, b) => a.or(b),
        };
        let end = match (self.end, other.end) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { start: self.start.max(other.start), end, sids }
    }

    fn or(self, other: Self) -> Self {
        let sids = self.sids.zip(other.sids).map(|(a, b)| [a, b].concat());
        let start = self.start.zip(other.start).map(|(a, b)| a.min(b));
        let end = self.end.zip(other.end).map(|(a, b)| a.max(b));
        Self { start, end, sids }
    }

    fn narrow(self, query: &mut TableQuery) {
        let asked = Self { start: query.start, end: query.end, sids: query.sids.take() };
        let Self { start, end, sids } = asked.and(self);
        (query.start, query.end, query.sids) = (start, end, sids);
    }
}

/// An instant of UTC, or the midnight of a date.
fn instant(value: &AnyValue<'_>) -> Option<Timestamp> {
    let scaled = |value: i64, unit: TimeUnit| match unit {
        TimeUnit::Nanoseconds => Some(Timestamp::from_nanos(value)),
        TimeUnit::Microseconds => value.checked_mul(1000).map(Timestamp::from_nanos),
        TimeUnit::Milliseconds => value.checked_mul(1_000_000).map(Timestamp::from_nanos),
    };
    match value {
        AnyValue::Date(days) => Some(Session::from_days(*days).midnight()),
        AnyValue::Datetime(value, unit, _) | AnyValue::DatetimeOwned(value, unit, _) => {
            scaled(*value, *unit)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
