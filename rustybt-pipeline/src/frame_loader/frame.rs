//! The table of a user: rows of assets and dates, and their columns.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{
    Action, AdjustmentReader, ColumnType, Sid, TableRows, TableSchema, TableValues,
};

use super::change::FrameChange;
use super::estimates::{self, SplitAdjusted};
use super::events::Event;
use crate::{BoundColumn, ColumnKind, Error};

/// A table of rows, each of an asset and a date.
///
/// * A row without a time at which it became known is known on its date: the pipeline's row of that
///   session shows it, and no other does, as zipline's `DataFrameLoader`. A date that is no session
///   is shown nowhere.
/// * A row with such a time (`known_at`) is shown from the first session that opens with it known,
///   until one of a later date is known.
///
/// ```
/// use rustybt_data::{Sid, TableValues};
/// use rustybt_pipeline::Frame;
///
/// let day: rustybt_calendars::Session = "2014-06-09".parse()?;
/// let frame = Frame::new("X", vec![Sid(1), Sid(2)], vec![day, day])?
///     .with("score", TableValues::Float(vec![Some(0.5), None]))?
///     .with("sector", TableValues::Text(vec![Some("bank".into()), Some("oil".into())]))?;
/// assert_eq!(frame.columns()[1].to_string(), "X.sector");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Frame {
    pub(super) name: String,
    pub(super) sids: Vec<Sid>,
    pub(super) dates: Vec<Session>,
    pub(super) known: Option<Vec<Option<Timestamp>>>,
    pub(super) rows: Rows,
    pub(super) columns: Vec<(BoundColumn, TableValues)>,
    pub(super) split_adjusted: Vec<SplitAdjusted>,
    pub(super) changes: Vec<(String, FrameChange)>,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Values of their dates.
    Values,
    /// Events that are announced, come and pass.
    Events,
    /// What is thought of the results of a quarter.
    Estimates,
}

impl Frame {
    /// A table without columns yet. Without sids, each row is of every asset.
    ///
    /// # Errors
    ///
    /// [`Error::FrameRows`] where there are not as many sids as dates.
    pub fn new(
        name: impl Into<String>,
        sids: Vec<Sid>,
        dates: Vec<Session>,
    ) -> Result<Self, Error> {
        let name = name.into();
        if !sids.is_empty() && sids.len() != dates.len() {
            let (found, expected) = (sids.len(), dates.len());
            return Err(Error::FrameRows { column: format!("{name}.sid"), found, expected });
        }
        Ok(Self {
            name,
            sids,
            dates,
            known: None,
            rows: Rows::Values,
            columns: Vec::new(),
            split_adjusted: Vec::new(),
            changes: Vec::new(),
        })
    }

    /// With the times at which the rows became known; one that is missing never does.
    ///
    /// # Errors
    ///
    /// [`Error::FrameRows`] for another number of rows.
    pub fn known(mut self, known: Vec<Option<Timestamp>>) -> Result<Self, Error> {
        self.check("known_at", known.len())?;
        self.known = Some(known);
        Ok(self)
    }

    /// The rows as events that are announced, come and pass: for each column `c`, and for `date`, there
    /// are `next_c` and `previous_c`, of the next event and of the last one, as they were known 45
    /// minutes before each session opened. A row without `known_at` was known on its date.
    ///
    /// zipline's `EventsLoader`: the next event is the earliest on the session's date or after it, the
    /// previous one the latest that is past and known.
    #[must_use]
    pub fn as_events(mut self) -> Self {
        self.rows = Rows::Events;
        self
    }

    /// The rows as estimates of quarterly results: `date` is the day of the announcement, `known_at`
    /// when the row was told, `fiscal_year` and `fiscal_quarter` say what it is of. For each column `c`
    /// there are `next(n).c` and `previous(n).c`, of the `n`th announcement from the session on (or
    /// back), as they were known 45 minutes before it opened; and so for `event_date`, `fiscal_year` and
    /// `fiscal_quarter`. Whole numbers are numbers here, not labels.
    ///
    /// zipline's `NextEarningsEstimatesLoader` and `PreviousEarningsEstimatesLoader`: the next quarter
    /// is the first with an announcement on the session's date or after it, the previous one the last
    /// with one on its date or before. Where a session has an announcement behind it, windows show
    /// what was known of the new quarter in the past (next) or nothing (previous): a window holds one
    /// quarter.
    ///
    /// # Errors
    ///
    /// [`Error::FrameLacks`] where there is no `fiscal_year` or `fiscal_quarter`.
    pub fn as_estimates(mut self) -> Result<Self, Error> {
        for wanted in estimates::QUARTER {
            self.place(wanted, "estimates")?;
        }
        self.rows = Rows::Estimates;
        Ok(self)
    }

    /// A column of estimates whose values are adjusted for the splits up to a day, as vendors deliver
    /// them: a session sees them in its own shares. Rows told after that day are in the shares of the
    /// day they were told on.
    ///
    /// zipline's `…SplitAdjustedEarningsEstimatesLoader` with its `split_adjusted_asof`.
    ///
    /// # Errors
    ///
    /// [`Error::FrameLacks`] for a column that there is not, [`Error::ColumnKind`] for one that holds no
    /// numbers.
    pub fn split_adjusted(
        mut self,
        column: &str,
        asof: Session,
        adjustments: &dyn AdjustmentReader,
    ) -> Result<Self, Error> {
        self.numbers(column, "splits")?;
        let splits = self.by_asset().into_keys().flatten().map(|sid| {
            let split = |event: &rustybt_data::Adjustment| match event.action {
                Action::Split { new, old } => Some((event.effective, old as f64 / new as f64)),
                _ => None,
            };
            (sid, adjustments.adjustments(sid).iter().filter_map(split).collect())
        });
        let splits = Arc::new(splits.collect());
        self.split_adjusted.push(SplitAdjusted { column: column.to_owned(), asof, splits });
        Ok(self)
    }

    /// With changes of a column's past, such as a price's are by a split: windows of the session that sees
    /// one, and of those after it, show the values changed. Those of an asset that are seen from one
    /// session on act in the order given.
    ///
    /// zipline's adjustments of a `DataFrameLoader`.
    ///
    /// # Errors
    ///
    /// [`Error::FrameLacks`] for a column that there is not, [`Error::ColumnKind`] for one that holds no
    /// numbers.
    pub fn restated(
        mut self,
        column: &str,
        changes: impl IntoIterator<Item = FrameChange>,
    ) -> Result<Self, Error> {
        self.numbers(column, "changes")?;
        self.changes.extend(changes.into_iter().map(|change| (column.to_owned(), change)));
        Ok(self)
    }

    /// Refuses a column that is not there or holds no numbers.
    fn numbers(&self, column: &str, what: &'static str) -> Result<(), Error> {
        let place = self.place(column, what)?;
        match self.columns.get(place) {
            Some((own, _)) if !matches!(own.kind(), ColumnKind::Number | ColumnKind::Integer) => {
                let (column, found) = (own.to_string(), own.kind().dtype().name());
                Err(Error::ColumnKind { column, found, expected: "numbers" })
            }
            _ => Ok(()),
        }
    }

    /// The place of a column among the frame's own.
    fn place(&self, column: &str, what: &'static str) -> Result<usize, Error> {
        let found = self.columns.iter().position(|(own, _)| own.name() == column);
        found.ok_or_else(|| Error::FrameLacks {
            dataset: self.name.clone(),
            column: column.to_owned(),
            what,
            known: self.columns.iter().map(|(own, _)| own.name().to_owned()).collect(),
        })
    }

    /// With a column.
    ///
    /// # Errors
    ///
    /// [`Error::FrameRows`] for another number of rows.
    pub fn with(mut self, name: &str, values: TableValues) -> Result<Self, Error> {
        self.check(name, values.len())?;
        let kind = match &values {
            TableValues::Decimal(_) | TableValues::Float(_) => ColumnKind::Number,
            TableValues::Int(_) => ColumnKind::Integer,
            TableValues::Bool(_) => ColumnKind::Flag,
            TableValues::Text(_) => ColumnKind::Text,
            TableValues::Date(_) | TableValues::Instant(_) | TableValues::Nanos(_) => {
                ColumnKind::Time
            }
            _ => {
                return Err(Error::ColumnKind {
                    column: format!("{}.{name}", self.name),
                    found: "values of another type",
                    expected: "numbers, flags, texts or times",
                });
            }
        };
        let column = BoundColumn::of_kind(self.name.clone(), name.to_owned(), kind);
        self.columns.push((column, values));
        Ok(self)
    }

    /// The rows of a bundle's table: its stamps are `date` or `ts`, its knowledge `known_at`.
    ///
    /// # Errors
    ///
    /// [`Error::NotDated`] where rows have no stamp.
    pub fn of_table(name: &str, rows: &TableRows) -> Result<Self, Error> {
        let stamps = rows.column("date").or_else(|| rows.column("ts"));
        let dates: Option<Vec<Session>> = match stamps {
            Some(TableValues::Date(dates)) => dates.iter().copied().collect(),
            Some(TableValues::Instant(times) | TableValues::Nanos(times)) => {
                times.iter().map(|time| time.map(day_of)).collect()
            }
            _ => None,
        };
        let Some(dates) = dates else { return Err(Error::NotDated { dataset: name.to_owned() }) };
        let mut frame = Self::new(name, rows.sids.clone(), dates)?;
        for (column, values) in &rows.columns {
            match (column.as_str(), values) {
                ("known_at", TableValues::Instant(known) | TableValues::Nanos(known)) => {
                    frame = frame.known(known.clone())?;
                }
                ("date" | "ts", _) => {}
                _ => frame = frame.with(column, values.clone())?,
            }
        }
        Ok(frame)
    }

    fn check(&self, column: &str, found: usize) -> Result<(), Error> {
        let expected = self.dates.len();
        if found == expected {
            return Ok(());
        }
        Err(Error::FrameRows { column: format!("{}.{column}", self.name), found, expected })
    }

    /// Its name, before the point of its columns.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The columns that a table of a bundle has for pipelines, without reading its rows: all but its stamp
    /// and `known_at`. None where rows have no stamp.
    pub fn columns_of(name: &str, schema: &TableSchema) -> Vec<BoundColumn> {
        let Some(stamp) = schema.stamp.column() else { return Vec::new() };
        let own = schema.columns.iter().filter(|own| own.name != stamp && own.name != "known_at");
        let column = |own: &rustybt_data::TableColumn| {
            let kind = match own.kind {
                ColumnType::Int => ColumnKind::Integer,
                ColumnType::Bool => ColumnKind::Flag,
                ColumnType::Text => ColumnKind::Text,
                ColumnType::Date | ColumnType::Instant | ColumnType::Nanos => ColumnKind::Time,
                _ => ColumnKind::Number,
            };
            BoundColumn::of_kind(name.to_owned(), own.name.clone(), kind)
        };
        own.map(column).collect()
    }

    /// Its columns.
    pub fn columns(&self) -> Vec<BoundColumn> {
        let own: Vec<BoundColumn> = self.columns.iter().map(|(column, _)| column.clone()).collect();
        self.rows.columns(&self.name, own)
    }

    /// The columns that it has [as events](Self::as_events), without reading its rows.
    pub fn event_columns_of(name: &str, schema: &TableSchema) -> Vec<BoundColumn> {
        Rows::Events.columns(name, Self::columns_of(name, schema))
    }

    /// The columns that it has [as estimates](Self::as_estimates), without reading its rows; none where
    /// it says of no row which quarter it is of.
    pub fn estimate_columns_of(name: &str, schema: &TableSchema) -> Vec<BoundColumn> {
        let own = Self::columns_of(name, schema);
        let is_there = |wanted: &&str| own.iter().any(|column| column.name() == *wanted);
        if estimates::QUARTER.iter().all(is_there) {
            Rows::Estimates.columns(name, own)
        } else {
            Vec::new()
        }
    }

    /// The event of a row.
    pub(super) fn event_of(&self, row: usize) -> Option<Event> {
        let date = *self.dates.get(row)?;
        let known = match &self.known {
            Some(known) => (*known.get(row)?)?,
            None => date.midnight(),
        };
        Some(Event { date, known, row })
    }

    /// The rows by asset; `None` is every asset.
    pub(super) fn by_asset(&self) -> BTreeMap<Option<Sid>, Vec<usize>> {
        let mut rows: BTreeMap<Option<Sid>, Vec<usize>> = BTreeMap::new();
        for row in 0..self.dates.len() {
            rows.entry(self.sids.get(row).copied()).or_default().push(row);
        }
        rows
    }
}

impl Rows {
    /// The columns of a table of this kind that has these of its own.
    fn columns(self, name: &str, own: Vec<BoundColumn>) -> Vec<BoundColumn> {
        match self {
            Self::Values => own,
            Self::Events => {
                let date = BoundColumn::of_kind(name.to_owned(), "date", ColumnKind::Time);
                let both =
                    |column: BoundColumn| ["next", "previous"].map(|side| sided(side, &column));
                own.into_iter().chain([date]).flat_map(both).collect()
            }
            Self::Estimates => estimates::columns_of(name, &own),
        }
    }
}

/// The column of the next event, or of the previous one.
pub(super) fn sided(side: &str, column: &BoundColumn) -> BoundColumn {
    let name = format!("{side}_{}", column.name());
    BoundColumn::of_kind(column.dataset().to_owned(), name, column.kind())
}

pub(super) fn day_of(time: Timestamp) -> Session {
    let days = time.micros().div_euclid(86_400_000_000);
    Session::from_days(i32::try_from(days).unwrap_or(i32::MAX))
}
