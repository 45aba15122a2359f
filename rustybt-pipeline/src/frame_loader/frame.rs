//! The table of a user: rows of assets and dates, and their columns.

use std::collections::BTreeMap;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ColumnType, Sid, TableRows, TableSchema, TableValues};

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
    /// Whether rows are events that come and pass.
    pub(super) events: bool,
    pub(super) columns: Vec<(BoundColumn, TableValues)>,
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
        Ok(Self { name, sids, dates, known: None, events: false, columns: Vec::new() })
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
        self.events = true;
        self
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
        let own = self.columns.iter().map(|(column, _)| column.clone());
        if !self.events {
            return own.collect();
        }
        let date = BoundColumn::of_kind(self.name.clone(), "date", ColumnKind::Time);
        let both = |column: BoundColumn| ["next", "previous"].map(|side| self.sided(side, &column));
        own.chain([date]).flat_map(both).collect()
    }

    pub(super) fn sided(&self, side: &str, column: &BoundColumn) -> BoundColumn {
        let name = format!("{side}_{}", column.name());
        BoundColumn::of_kind(self.name.clone(), name, column.kind())
    }

    /// The events of the rows of one asset.
    pub(super) fn events_of(&self, rows: &[usize]) -> Vec<Event> {
        let event = |row: &usize| {
            let date = *self.dates.get(*row)?;
            let known = match &self.known {
                Some(known) => (*known.get(*row)?)?,
                None => date.midnight(),
            };
            Some(Event { date, known, row: *row })
        };
        rows.iter().filter_map(event).collect()
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

pub(super) fn day_of(time: Timestamp) -> Session {
    let days = time.micros().div_euclid(86_400_000_000);
    Session::from_days(i32::try_from(days).unwrap_or(i32::MAX))
}
