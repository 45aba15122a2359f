//! Columns of tables: a user's own numbers, flags, labels and times beside those of another loader.

#[cfg(feature = "arrow")]
mod arrow;
mod change;
mod columns;
mod estimates;
mod events;
mod frame;
#[cfg(feature = "polars")]
mod polars;
mod quarters;

#[cfg(feature = "arrow")]
pub use arrow::columns_of_arrow;
pub use change::FrameChange;
pub(crate) use estimates::MOST_ANNOUNCEMENTS;
pub use frame::Frame;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};
use rustybt_data::{AssetFinder, Sid, TableValues};

use self::estimates::Estimates;
use self::frame::{Rows, day_of, sided};
use crate::{Axis, BoundColumn, ColumnKind, Error, Loader, Restatements, Series, Words};

/// A value from a row on: shown on that row alone, or until the next one.
type Since = (usize, f64);

/// What one asset shows of a column, and how its past is restated.
#[derive(Debug)]
struct Shown {
    changes: Vec<Since>,
    restatements: Restatements,
}

/// One column, ready to be shown.
#[derive(Debug)]
struct Held {
    column: BoundColumn,
    words: Words,
    /// Whether a value stays until the next one.
    lasting: bool,
    shown: BTreeMap<Option<Sid>, Vec<Since>>,
    restatements: BTreeMap<Sid, Restatements>,
}

/// The columns of frames beside those of another loader, which has the calendar and the assets.
#[derive(Debug)]
pub struct FrameLoader {
    base: Arc<dyn Loader>,
    held: Vec<Held>,
    estimates: Vec<Estimates>,
}

impl FrameLoader {
    /// The columns of `frames` beside those of `base`.
    pub fn new(base: Arc<dyn Loader>, frames: &[Frame]) -> Self {
        let (mut held, mut estimates) = (Vec::new(), Vec::new());
        for frame in frames {
            let (calendar, by_asset) = (base.calendar(), frame.by_asset());
            match frame.rows {
                Rows::Values => {}
                Rows::Events => {
                    hold_events(frame, calendar, &by_asset, &mut held);
                    continue;
                }
                Rows::Estimates => {
                    estimates.push(Estimates::new(frame, calendar));
                    continue;
                }
            }
            for (column, values) in &frame.columns {
                let words = words_of(values);
                let number = |row: usize| number_of(values, row, &words);
                let shown = by_asset
                    .iter()
                    .map(|(sid, rows)| (*sid, changes(frame, calendar, rows, number)));
                held.push(Held {
                    column: column.clone(),
                    shown: shown.collect(),
                    restatements: change::restatements(&frame.changes, column.name(), calendar),
                    words,
                    lasting: frame.known.is_some(),
                });
            }
        }
        Self { base, held, estimates }
    }

    fn estimates(&self, column: &BoundColumn) -> Option<&BTreeMap<Option<Sid>, Shown>> {
        self.estimates.iter().find_map(|estimates| estimates.shown(column))
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
        .map(|(sid, rows)| {
            let events: Vec<_> = rows.iter().filter_map(|row| frame.event_of(*row)).collect();
            (*sid, events::timeline(calendar, &events))
        })
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
                column: sided(name, column),
                words: words.clone(),
                lasting: true,
                shown: shown.collect(),
                restatements: BTreeMap::new(),
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
) -> Vec<Since> {
    let date = |row: &usize| frame.dates.get(*row).copied().unwrap_or(Session::from_days(0));
    let Some(known) = &frame.known else {
        let mut changes: Vec<Since> = rows
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
    let mut changes: Vec<Since> = Vec::new();
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
        let own = self.held(column).is_some() || self.estimates(column).is_some();
        if own { 0 } else { self.base.first_row_of(column) }
    }

    fn columns(&self) -> Vec<BoundColumn> {
        let own = self.held.iter().map(|held| &held.column);
        let own = own.chain(self.estimates.iter().flat_map(Estimates::columns)).cloned();
        self.base.columns().into_iter().chain(own).collect()
    }

    fn words(&self, column: &BoundColumn) -> Result<Words, Error> {
        let estimates = || self.estimates.iter().find_map(|estimates| estimates.words(column));
        match self.held(column).map(|held| &held.words).or_else(estimates) {
            Some(words) => Ok(words.clone()),
            None => self.base.words(column),
        }
    }

    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, Error> {
        let none = || Cow::Owned(Restatements::default());
        if let Some(of) = self.estimates(column) {
            let all = of.get(&None);
            let series = sids.iter().map(|sid| match of.get(&Some(*sid)).or(all) {
                Some(Shown { changes, restatements }) => Series {
                    values: Cow::Owned(shown(changes, true, &rows)),
                    restatements: Cow::Borrowed(restatements),
                },
                None => {
                    Series { values: Cow::Owned(shown(&[], true, &rows)), restatements: none() }
                }
            });
            return Ok(series.collect());
        }
        let Some(held) = self.held(column) else { return self.base.load(column, rows, sids) };
        let all = held.shown.get(&None);
        let sessions = Axis::sessions(Arc::clone(self.base.calendar()));
        let series = sids.iter().map(|sid| {
            let changes = held.shown.get(&Some(*sid)).or(all);
            let mut values = shown(changes.map_or(&[], Vec::as_slice), held.lasting, &rows);
            // What is told of an asset that does not live is told to nobody.
            let asset = self.base.finder().asset(*sid);
            let life = asset.map_or(0..0, |asset| sessions.life(asset.start, asset.end));
            for (row, value) in rows.clone().zip(&mut values) {
                if !life.contains(&row) {
                    *value = f64::NAN;
                }
            }
            let restatements = held.restatements.get(sid).map_or_else(none, Cow::Borrowed);
            Series { values: Cow::Owned(values), restatements }
        });
        Ok(series.collect())
    }
}

/// The values of some rows.
fn shown(changes: &[Since], lasting: bool, rows: &Range<usize>) -> Vec<f64> {
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
