//! Columns of tables: a user's own numbers, flags, labels and times beside those of another loader.

mod events;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};
use rustybt_data::{AssetFinder, ColumnType, Sid, TableRows, TableSchema, TableValues};

use self::events::Event;
use crate::{BoundColumn, ColumnKind, Error, Loader, Restatements, Series, Words};

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
    name: String,
    sids: Vec<Sid>,
    dates: Vec<Session>,
    known: Option<Vec<Option<Timestamp>>>,
    /// Whether rows are events that come and pass.
    events: bool,
    columns: Vec<(BoundColumn, TableValues)>,
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

    fn sided(&self, side: &str, column: &BoundColumn) -> BoundColumn {
        let name = format!("{side}_{}", column.name());
        BoundColumn::of_kind(self.name.clone(), name, column.kind())
    }

    /// The events of the rows of one asset.
    fn events_of(&self, rows: &[usize]) -> Vec<Event> {
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
    fn by_asset(&self) -> BTreeMap<Option<Sid>, Vec<usize>> {
        let mut rows: BTreeMap<Option<Sid>, Vec<usize>> = BTreeMap::new();
        for row in 0..self.dates.len() {
            rows.entry(self.sids.get(row).copied()).or_default().push(row);
        }
        rows
    }
}

fn day_of(time: Timestamp) -> Session {
    let days = time.micros().div_euclid(86_400_000_000);
    Session::from_days(i32::try_from(days).unwrap_or(i32::MAX))
}

/// A value from a row on: shown on that row alone, or until the next one.
type Change = (usize, f64);

/// One column, ready to be shown.
#[derive(Debug)]
struct Held {
    column: BoundColumn,
    words: Words,
    /// Whether a value stays until the next one.
    lasting: bool,
    changes: BTreeMap<Option<Sid>, Vec<Change>>,
}

/// The columns of frames beside those of another loader, which has the calendar and the assets.
#[derive(Debug)]
pub struct FrameLoader {
    base: Arc<dyn Loader>,
    held: Vec<Held>,
}

impl FrameLoader {
    /// The columns of `frames` beside those of `base`.
    pub fn new(base: Arc<dyn Loader>, frames: &[Frame]) -> Self {
        let mut held = Vec::new();
        for frame in frames {
            let (calendar, by_asset) = (base.calendar(), frame.by_asset());
            if frame.events {
                hold_events(frame, calendar, &by_asset, &mut held);
                continue;
            }
            for (column, values) in &frame.columns {
                let words = words_of(values);
                let number = |row: usize| number_of(values, row, &words);
                let changes = by_asset
                    .iter()
                    .map(|(sid, rows)| (*sid, changes(frame, calendar, rows, number)))
                    .collect();
                let lasting = frame.known.is_some();
                held.push(Held { column: column.clone(), words, lasting, changes });
            }
        }
        Self { base, held }
    }

    fn held(&self, column: &BoundColumn) -> Option<&Held> {
        self.held.iter().find(|held| held.column == *column)
    }
}

/// The next and the previous event of every column.
fn hold_events(
    frame: &Frame,
    calendar: &Calendar,
    by_asset: &BTreeMap<Option<Sid>, Vec<usize>>,
    held: &mut Vec<Held>,
) {
    let timelines: Vec<(Option<Sid>, [Vec<events::Shown>; 2])> = by_asset
        .iter()
        .map(|(sid, rows)| (*sid, events::timeline(calendar, &frame.events_of(rows))))
        .collect();
    let dates = TableValues::Date(frame.dates.iter().copied().map(Some).collect());
    let date = BoundColumn::of_kind(frame.name.clone(), "date", ColumnKind::Time);
    let own = frame.columns.iter().map(|(column, values)| (column, values));
    for (column, values) in own.chain([(&date, &dates)]) {
        let words = words_of(values);
        for (side, name) in ["next", "previous"].into_iter().enumerate() {
            let number = |row: usize| number_of(values, row, &words);
            let shown = timelines
                .iter()
                .filter_map(|(sid, sides)| Some((*sid, events::values(sides.get(side)?, number))));
            held.push(Held {
                column: frame.sided(name, column),
                words: words.clone(),
                lasting: true,
                changes: shown.collect(),
            });
        }
    }
}

fn words_of(values: &TableValues) -> Words {
    match values {
        TableValues::Text(texts) => Words::new(texts.iter().flatten()),
        _ => Words::default(),
    }
}

/// What is shown from which row on, of one asset.
fn changes(
    frame: &Frame,
    calendar: &Calendar,
    rows: &[usize],
    number: impl Fn(usize) -> f64,
) -> Vec<Change> {
    let date = |row: &usize| frame.dates.get(*row).copied().unwrap_or(Session::from_days(0));
    let Some(known) = &frame.known else {
        let mut changes: Vec<Change> = rows
            .iter()
            .filter_map(|row| Some((calendar.session_index(date(row))?, number(*row))))
            .collect();
        // Of two rows of one day the one told last counts.
        changes.sort_by_key(|(row, _)| *row);
        changes.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = later.1;
            }
            same
        });
        return changes;
    };
    let mut told: Vec<(Timestamp, Session, usize)> =
        rows.iter().filter_map(|row| Some(((*known.get(*row)?)?, date(row), *row))).collect();
    told.sort_unstable();
    let mut changes: Vec<Change> = Vec::new();
    let mut newest: Option<Session> = None;
    for (known, date, row) in told {
        // What is told of an earlier date than what is known changes nothing any more.
        if newest.is_some_and(|newest| date < newest) {
            continue;
        }
        let Some(seen) = first_open_at_or_after(calendar, known) else { continue };
        newest = Some(date);
        match changes.last_mut() {
            Some(last) if last.0 == seen => last.1 = number(row),
            _ => changes.push((seen, number(row))),
        }
    }
    changes
}

/// The first session that opens at an instant or after it.
fn first_open_at_or_after(calendar: &Calendar, known: Timestamp) -> Option<usize> {
    let mut row = calendar.index_at_or_after(day_of(known).plus_days(-1))?;
    while calendar.open_at(row)? < known {
        row += 1;
    }
    Some(row)
}

fn number_of(values: &TableValues, row: usize, words: &Words) -> f64 {
    let micros = |time: Timestamp| time.micros() as f64;
    let number = match values {
        TableValues::Decimal(decimals) => decimals.f64(row),
        TableValues::Float(numbers) => numbers.get(row).copied().flatten(),
        TableValues::Int(numbers) => {
            numbers.get(row).copied().flatten().map(|number| number as f64)
        }
        TableValues::Bool(flags) => flags.get(row).copied().flatten().map(f64::from),
        TableValues::Text(texts) => {
            texts.get(row).and_then(Option::as_deref).map(|text| words.label(text))
        }
        TableValues::Date(dates) => {
            dates.get(row).copied().flatten().map(|date| micros(date.midnight()))
        }
        TableValues::Instant(times) | TableValues::Nanos(times) => {
            times.get(row).copied().flatten().map(micros)
        }
        _ => None,
    };
    number.unwrap_or(f64::NAN)
}

impl Loader for FrameLoader {
    fn calendar(&self) -> &Arc<Calendar> {
        self.base.calendar()
    }

    fn finder(&self) -> &dyn AssetFinder {
        self.base.finder()
    }

    fn first_row(&self) -> usize {
        self.base.first_row()
    }

    /// Tables are sparse: a row without a value is missing, however early.
    fn first_row_of(&self, column: &BoundColumn) -> usize {
        if self.held(column).is_some() { 0 } else { self.base.first_row_of(column) }
    }

    fn columns(&self) -> Vec<BoundColumn> {
        let own = self.held.iter().map(|held| held.column.clone());
        self.base.columns().into_iter().chain(own).collect()
    }

    fn words(&self, column: &BoundColumn) -> Result<Words, Error> {
        match self.held(column) {
            Some(held) => Ok(held.words.clone()),
            None => self.base.words(column),
        }
    }

    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, Error> {
        let Some(held) = self.held(column) else { return self.base.load(column, rows, sids) };
        let all = held.changes.get(&None);
        let series = sids.iter().map(|sid| {
            let changes = held.changes.get(&Some(*sid)).or(all);
            let values = shown(changes.map_or(&[], Vec::as_slice), held.lasting, &rows);
            let restatements = Cow::Owned(Restatements::default());
            Series { values: Cow::Owned(values), restatements }
        });
        Ok(series.collect())
    }
}

/// The values of some rows.
fn shown(changes: &[Change], lasting: bool, rows: &Range<usize>) -> Vec<f64> {
    let mut values = vec![f64::NAN; rows.len()];
    let first = changes.partition_point(|(row, _)| *row < rows.start);
    if lasting {
        let before = first.checked_sub(1).and_then(|last| changes.get(last));
        let mut now = before.map_or(f64::NAN, |(_, value)| *value);
        let mut coming = changes.get(first..).unwrap_or_default().iter().peekable();
        for (row, place) in rows.clone().zip(&mut values) {
            if let Some((_, value)) = coming.next_if(|(change, _)| *change == row) {
                now = *value;
            }
            *place = now;
        }
        return values;
    }
    for (row, value) in changes.iter().skip(first).take_while(|(row, _)| *row < rows.end) {
        if let Some(place) = values.get_mut(row - rows.start) {
            *place = *value;
        }
    }
    values
}
