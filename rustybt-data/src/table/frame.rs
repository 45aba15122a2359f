//! Rows of tables as Polars frames, for people.

use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsError, Series, TimeUnit,
};
use rustybt_calendars::{Session, Timestamp};

use super::{ColumnType, TableRows, TableValues};
use crate::Error;

impl TableRows {
    /// A Polars frame: `sid` first where rows belong to assets, then the columns.
    ///
    /// Decimals become the doubles next to them; instants are in UTC, in micro- or nanoseconds.
    ///
    /// # Errors
    ///
    /// [`Error::Frame`] where Polars refuses, as it does for a column that was asked for twice.
    pub fn to_polars(&self) -> Result<DataFrame, Error> {
        let mut columns = Vec::with_capacity(self.columns.len() + 1);
        if !self.sids.is_empty() {
            let sids: Vec<u32> = self.sids.iter().map(|sid| sid.0).collect();
            columns.push(Column::new("sid".into(), sids));
        }
        for (name, values) in &self.columns {
            columns.push(column(name, values).map_err(|error| refused(&error))?);
        }
        DataFrame::new(self.rows, columns).map_err(|error| refused(&error))
    }
}

/// What Polars holds for a column of a table.
pub(crate) fn data_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Decimal | ColumnType::Float => DataType::Float64,
        ColumnType::Int => DataType::Int64,
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Text => DataType::String,
        ColumnType::Date => DataType::Date,
        ColumnType::Instant => DataType::Datetime(TimeUnit::Microseconds, None),
        ColumnType::Nanos => DataType::Datetime(TimeUnit::Nanoseconds, None),
    }
}

fn column(name: &str, values: &TableValues) -> Result<Column, PolarsError> {
    let name = name.into();
    let series = match values {
        TableValues::Decimal(values) => {
            let numbers: Vec<Option<f64>> = (0..values.len()).map(|row| values.f64(row)).collect();
            Series::new(name, numbers)
        }
        TableValues::Float(values) => Series::new(name, values),
        TableValues::Int(values) => Series::new(name, values),
        TableValues::Bool(values) => Series::new(name, values),
        TableValues::Text(values) => Series::new(name, values),
        TableValues::Date(values) => {
            let days: Vec<Option<i32>> = values.iter().map(|day| day.map(Session::days)).collect();
            Series::new(name, days).cast(&data_type(ColumnType::Date))?
        }
        TableValues::Instant(values) => {
            let micros: Vec<Option<i64>> =
                values.iter().map(|at| at.map(Timestamp::micros)).collect();
            Series::new(name, micros).cast(&data_type(ColumnType::Instant))?
        }
        TableValues::Nanos(values) => {
            let nanos: Vec<Option<i64>> =
                values.iter().map(|at| at.map(Timestamp::nanos)).collect();
            Series::new(name, nanos).cast(&data_type(ColumnType::Nanos))?
        }
    };
    Ok(series.into_column())
}

fn refused(error: &PolarsError) -> Error {
    Error::Frame { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::{DecimalColumn, parse_decimal};
    use super::*;
    use crate::Sid;

    #[test]
    fn rows_are_a_frame() {
        let mut rates = DecimalColumn::default();
        rates.push(Some(parse_decimal(b"0.00025").unwrap())).unwrap();
        rates.push(None).unwrap();
        let columns = vec![
            ("ts".to_owned(), TableValues::Instant(vec!["2024-03-01T08:00Z".parse().ok(), None])),
            ("date".to_owned(), TableValues::Date(vec![None, "2024-03-01".parse().ok()])),
            ("rate".to_owned(), TableValues::Decimal(rates)),
            ("side".to_owned(), TableValues::Text(vec![Some("buy".to_owned()), None])),
        ];
        let rows = TableRows { sids: vec![Sid(3), Sid(4)], columns, rows: 2 };
        let frame = rows.to_polars().unwrap();
        assert_eq!(frame.get_column_names(), ["sid", "ts", "date", "rate", "side"]);
        let rate = frame.column("rate").unwrap().f64().unwrap();
        assert_eq!((rate.get(0), rate.get(1)), (Some(0.00025), None));
        let shown = frame.to_string();
        assert!(shown.contains("2024-03-01 08:00:00") && shown.contains("buy"), "{shown}");
    }
}
