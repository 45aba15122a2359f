//! Estimates of quarterly results: those of the announcements to come, and of those that have been.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rustybt_calendars::{Calendar, Session};
use rustybt_data::{Sid, TableValues};

use super::frame::{Frame, day_of};
use super::quarters::{Quarters, Rollover, Side, Told, Zeroth};
use super::{Shown, Since, number_of, words_of};
use crate::restate::Change;
use crate::{BoundColumn, ColumnKind, Restatement, Restatements, Words};

/// The columns of a table of estimates that say which quarter a row is of.
pub(super) const QUARTER: [&str; 2] = ["fiscal_year", "fiscal_quarter"];

/// How many announcements away one can look.
pub(crate) const MOST_ANNOUNCEMENTS: usize = 12;

/// A column of estimates that were adjusted for splits when the table was made.
#[derive(Debug, Clone)]
pub(super) struct SplitAdjusted {
    pub(super) column: String,
    /// The values are as of this day; later rows as of the day they were told.
    pub(super) asof: Session,
    /// The splits of each asset and the ratio that each multiplies prices by, by date.
    pub(super) splits: Arc<BTreeMap<Sid, Vec<(Session, f64)>>>,
}

/// What a column shows of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// The frame's column of this place.
    Own(usize),
    Date,
    Year,
    Quarter,
}

/// One column of one announcement.
#[derive(Debug)]
struct Offered {
    column: BoundColumn,
    side: Side,
    n: usize,
    what: What,
    words: Words,
    shown: OnceLock<BTreeMap<Option<Sid>, Shown>>,
}

type Timelines = BTreeMap<Option<Sid>, (Vec<Zeroth>, Vec<Rollover>)>;

/// The estimates of a frame, worked out column by column as they are asked for.
#[derive(Debug)]
pub(super) struct Estimates {
    frame: Frame,
    calendar: Arc<Calendar>,
    quarters: BTreeMap<Option<Sid>, Quarters>,
    /// Next, then previous.
    timelines: [OnceLock<Timelines>; 2],
    offered: Vec<Offered>,
}

/// The columns that a table of estimates with these columns offers.
pub(super) fn columns_of(name: &str, own: &[BoundColumn]) -> Vec<BoundColumn> {
    offers(name, own).into_iter().map(|(column, ..)| column).collect()
}

fn offers(name: &str, own: &[BoundColumn]) -> Vec<(BoundColumn, Side, usize, What)> {
    let shown = |(at, column): (usize, &BoundColumn)| {
        // As everywhere in estimates, a whole number is a number: something to reckon with.
        let kind = match column.kind() {
            ColumnKind::Integer => ColumnKind::Number,
            kind => kind,
        };
        (column.name().to_owned(), kind, What::Own(at))
    };
    let extra = [
        ("event_date", ColumnKind::Time, What::Date),
        (QUARTER[0], ColumnKind::Number, What::Year),
        (QUARTER[1], ColumnKind::Number, What::Quarter),
    ];
    let named: Vec<(String, ColumnKind, What)> = own
        .iter()
        .enumerate()
        .filter(|(_, column)| extra.iter().all(|(name, ..)| *name != column.name()))
        .map(shown)
        .chain(extra.map(|(name, kind, what)| (name.to_owned(), kind, what)))
        .collect();
    let mut offers = Vec::new();
    for side in Side::ALL {
        for n in 0..=MOST_ANNOUNCEMENTS {
            let dataset = format!("{name}.{}({n})", side.name());
            offers.extend(named.iter().map(|(name, kind, what)| {
                (BoundColumn::of_kind(dataset.clone(), name.clone(), *kind), side, n, *what)
            }));
        }
    }
    offers
}

impl Estimates {
    pub(super) fn new(frame: &Frame, calendar: &Arc<Calendar>) -> Self {
        let number = |name: &str, row: usize| {
            let (_, values) = frame.columns.iter().find(|(column, _)| column.name() == name)?;
            let number = number_of(values, row, &Words::default());
            (number.fract() == 0.0 && number.abs() < 1e6).then_some(number as i64)
        };
        let told = |row: &usize| {
            let event = frame.event_of(*row)?;
            let (year, quarter) = (number(QUARTER[0], *row)?, number(QUARTER[1], *row)?);
            let quarter = year * 4 + quarter - 1;
            Some(Told { quarter, date: event.date, known: event.known, row: *row })
        };
        let quarters = frame
            .by_asset()
            .into_iter()
            .map(|(sid, rows)| (sid, Quarters::new(calendar, rows.iter().filter_map(told))));
        let own: Vec<BoundColumn> =
            frame.columns.iter().map(|(column, _)| column.clone()).collect();
        let offered = offers(frame.name(), &own).into_iter().map(|(column, side, n, what)| {
            let words = match what {
                What::Own(at) => frame.columns.get(at).map(|(_, values)| words_of(values)),
                _ => None,
            };
            let words = words.unwrap_or_default();
            Offered { column, side, n, what, words, shown: OnceLock::new() }
        });
        Self {
            quarters: quarters.collect(),
            offered: offered.collect(),
            frame: frame.clone(),
            calendar: Arc::clone(calendar),
            timelines: [OnceLock::new(), OnceLock::new()],
        }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &BoundColumn> {
        self.offered.iter().map(|offered| &offered.column)
    }

    fn offered(&self, column: &BoundColumn) -> Option<&Offered> {
        self.offered.iter().find(|offered| offered.column == *column)
    }

    pub(super) fn words(&self, column: &BoundColumn) -> Option<&Words> {
        Some(&self.offered(column)?.words)
    }

    /// What each asset shows of a column; `None` where there is no such column.
    pub(super) fn shown(&self, column: &BoundColumn) -> Option<&BTreeMap<Option<Sid>, Shown>> {
        let offered = self.offered(column)?;
        Some(offered.shown.get_or_init(|| {
            let adjusted = match offered.what {
                What::Own(_) => {
                    self.frame.split_adjusted.iter().find(|own| own.column == column.name())
                }
                _ => None,
            };
            let timelines = self.timelines(offered.side);
            let of = |(sid, quarters): (&Option<Sid>, &Quarters)| {
                let (zeroth, rollovers) = timelines.get(sid)?;
                let splits = adjusted.and_then(|own| own.splits.get(&(*sid)?));
                let asset = Asset {
                    estimates: self,
                    quarters,
                    what: offered.what,
                    words: &offered.words,
                    asof: adjusted.map_or(Session::from_days(0), |own| own.asof),
                    splits: splits.map_or(&[], Vec::as_slice),
                };
                Some((*sid, asset.shown(offered.side, offered.n, zeroth, rollovers)))
            };
            self.quarters.iter().filter_map(of).collect()
        }))
    }

    fn timelines(&self, side: Side) -> &Timelines {
        let [next, previous] = &self.timelines;
        let cell = if side == Side::Next { next } else { previous };
        cell.get_or_init(|| {
            let timeline = |quarters: &Quarters| quarters.timeline(&self.calendar, side);
            self.quarters.iter().map(|(sid, quarters)| (*sid, timeline(quarters))).collect()
        })
    }
}

/// One column of one asset.
struct Asset<'a> {
    estimates: &'a Estimates,
    quarters: &'a Quarters,
    what: What,
    words: &'a Words,
    /// The day whose shares the values are told in, unless they were told later.
    asof: Session,
    splits: &'a [(Session, f64)],
}

/// A value of a quarter, from the session on that first knows it.
#[derive(Clone, Copy)]
struct Known {
    seen: usize,
    value: f64,
    /// The day whose shares it is told in.
    shares: Session,
}

impl Asset<'_> {
    fn shown(&self, side: Side, n: usize, zeroth: &[Zeroth], rollovers: &[Rollover]) -> Shown {
        let calendar = &*self.estimates.calendar;
        let split_rows: Vec<(usize, f64)> = self
            .splits
            .iter()
            .filter_map(|(day, ratio)| Some((calendar.index_at_or_after(*day)?, *ratio)))
            .collect();
        let requested = |at: &Zeroth| at.quarter.map(|quarter| side.requested(quarter, n));
        let mut changes: Vec<Since> = Vec::new();
        let ends = zeroth.iter().skip(1).map(|at| at.row).chain([usize::MAX]);
        for (at, end) in zeroth.iter().zip(ends) {
            let Some(quarter) = requested(at) else {
                changes.push((at.row, f64::NAN));
                continue;
            };
            if let Some(number) = self.number_of_quarter(quarter) {
                changes.push((at.row, number));
                continue;
            }
            let history = self.history(quarter);
            let inside = |row: &usize| at.row < *row && *row < end;
            let mut rows: Vec<usize> = history.iter().map(|known| known.seen).collect();
            rows.extend(split_rows.iter().map(|(row, _)| *row));
            rows.retain(inside);
            rows.push(at.row);
            rows.sort_unstable();
            rows.dedup();
            for row in rows {
                let newest = history.iter().rev().find(|known| known.seen <= row);
                changes.push((row, newest.map_or(f64::NAN, |known| self.seen_from(known, row))));
            }
        }
        // A split restates what was shown before it; a new quarter then takes its place.
        let mut events: Vec<Restatement> = split_rows
            .iter()
            .filter(|(row, _)| *row > 0)
            .map(|(row, ratio)| Restatement::multiply(row - 1, *row, *ratio))
            .collect();
        for rollover in rollovers {
            let at = zeroth.iter().find(|at| at.row == rollover.row);
            let quarter = at.and_then(requested).filter(|_| side == Side::Next);
            self.overwrite(quarter, rollover, &mut events);
        }
        Shown { changes, restatements: Restatements::new(events) }
    }

    /// Shows what was known of another quarter on the rows before a rollover; nothing, where there is
    /// none.
    fn overwrite(&self, quarter: Option<i64>, rollover: &Rollover, events: &mut Vec<Restatement>) {
        let history = quarter.map_or_else(Vec::new, |quarter| self.history(quarter));
        let mut runs: Vec<(usize, f64)> = vec![(0, f64::NAN)];
        runs.extend(history.iter().map(|known| (known.seen, self.seen_from(known, rollover.row))));
        let ends = runs.iter().skip(1).map(|(row, _)| *row).chain([rollover.before]);
        for ((first, value), end) in runs.iter().zip(ends) {
            let end = end.min(rollover.before);
            if *first < end {
                events.push(Restatement {
                    first: *first,
                    last: end - 1,
                    seen: rollover.row,
                    change: Change::Overwrite(*value),
                });
            }
        }
    }

    /// The year or the quarter that a row asks for, which is known even where no estimate of it is.
    fn number_of_quarter(&self, quarter: i64) -> Option<f64> {
        match self.what {
            What::Year => Some(quarter.div_euclid(4) as f64),
            What::Quarter => Some((quarter.rem_euclid(4) + 1) as f64),
            _ => None,
        }
    }

    /// What was known of a quarter; a missing value leaves the one before it.
    fn history(&self, quarter: i64) -> Vec<Known> {
        let mut history: Vec<Known> = Vec::new();
        for vintage in self.quarters.vintages(quarter) {
            let value = match self.what {
                What::Own(at) => {
                    let values = self.estimates.frame.columns.get(at).map(|(_, values)| values);
                    values.map_or(f64::NAN, |values: &TableValues| {
                        number_of(values, vintage.told.row, self.words)
                    })
                }
                What::Date => vintage.told.date.midnight().micros() as f64,
                What::Year | What::Quarter => self.number_of_quarter(quarter).unwrap_or(f64::NAN),
            };
            if value.is_nan() {
                continue;
            }
            let shares = day_of(vintage.told.known).max(self.asof);
            let known = Known { seen: vintage.seen, value, shares };
            match history.last_mut() {
                Some(last) if last.seen == known.seen => *last = known,
                _ => history.push(known),
            }
        }
        history
    }

    /// A value in the shares of a row.
    fn seen_from(&self, known: &Known, row: usize) -> f64 {
        let Some(day) = self.estimates.calendar.session_at(row) else { return known.value };
        let between = |from: Session, to: Session| {
            let passed = self.splits.iter().filter(move |(split, _)| from < *split && *split <= to);
            passed.map(|(_, ratio)| ratio).product::<f64>()
        };
        if known.shares < day {
            known.value * between(known.shares, day)
        } else {
            known.value / between(day, known.shares)
        }
    }
}
