//! Quarters whose results are announced: which one is next, or was last, on each session.

use std::collections::{BTreeMap, BTreeSet};

use rustybt_calendars::{Calendar, Session, Timestamp};

use super::events::first_asking_at_or_after;

/// Which announcement a session counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The first one on the session's date or after it.
    Next,
    /// The last one on the session's date or before it.
    Previous,
}

impl Side {
    pub(super) const ALL: [Self; 2] = [Self::Next, Self::Previous];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Previous => "previous",
        }
    }

    /// The quarter of the `n`th announcement, where that of the first one is known.
    pub(super) fn requested(self, quarter: i64, n: usize) -> i64 {
        let further = i64::try_from(n).unwrap_or(i64::MAX) - 1;
        match self {
            Self::Next => quarter.saturating_add(further),
            Self::Previous => quarter.saturating_sub(further),
        }
    }

    /// The first row that has a date behind it (next) or not before it any more (previous).
    fn crossing(self, calendar: &Calendar, date: Session) -> usize {
        let day = match self {
            Self::Next => date.plus_days(1),
            Self::Previous => date,
        };
        calendar.index_at_or_after(day).unwrap_or(calendar.sessions().len())
    }
}

/// One row of a table of estimates: what was known of a quarter from some moment on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// The year times four, plus the quarter from 0.
    pub(super) quarter: i64,
    /// When the quarter's results are announced.
    pub(super) date: Session,
    /// When the row became known.
    pub(super) known: Timestamp,
    /// Its row in the table.
    pub(super) row: usize,
}

/// A row of the table from the session on that first knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vintage {
    pub(super) seen: usize,
    pub(super) told: Told,
}

/// What is known of each quarter of one asset.
#[derive(Debug, Default)]
pub(super) struct Quarters(BTreeMap<i64, Vec<Vintage>>);

/// From `row` on the announcement counted from is that of `quarter`, or there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zeroth {
    pub(super) row: usize,
    pub(super) quarter: Option<i64>,
}

/// From `row` on, the rows before `before` show another quarter than they did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rollover {
    pub(super) row: usize,
    pub(super) before: usize,
}

impl Quarters {
    pub(super) fn new(calendar: &Calendar, told: impl IntoIterator<Item = Told>) -> Self {
        let mut quarters: BTreeMap<i64, Vec<Vintage>> = BTreeMap::new();
        for told in told {
            let Some(seen) = first_asking_at_or_after(calendar, told.known) else { continue };
            quarters.entry(told.quarter).or_default().push(Vintage { seen, told });
        }
        for vintages in quarters.values_mut() {
            vintages.sort_by_key(|vintage| (vintage.told.known, vintage.told.row));
        }
        Self(quarters)
    }

    /// What was known of a quarter, in the order in which it became known.
    pub(super) fn vintages(&self, quarter: i64) -> &[Vintage] {
        self.0.get(&quarter).map_or(&[], Vec::as_slice)
    }

    /// The quarters counted from, and where windows turn from one to the next.
    ///
    /// As zipline has it, the past is shown anew on the first session that has the announcement behind
    /// it. zipline goes by the date that it knows in the end, we by the one known at the time.
    pub(super) fn timeline(&self, calendar: &Calendar, side: Side) -> (Vec<Zeroth>, Vec<Rollover>) {
        let vintages = || self.0.values().flatten();
        let rows: BTreeSet<usize> = vintages()
            .flat_map(|vintage| [vintage.seen, side.crossing(calendar, vintage.told.date)])
            .collect();
        let (mut zeroth, mut rollovers): (Vec<Zeroth>, Vec<Rollover>) = (Vec::new(), Vec::new());
        let mut gone: BTreeSet<i64> = BTreeSet::new();
        let mut before: Option<(i64, Session)> = None;
        for row in rows {
            let Some(session) = calendar.session_at(row) else { break };
            let now = self.counted_from(row, session, side);
            let quarter = now.map(|(quarter, _)| quarter);
            if quarter == before.map(|(quarter, _)| quarter) {
                before = now;
                continue;
            }
            let back = quarter.is_some_and(|quarter| gone.contains(&quarter));
            let turned = match side {
                Side::Next => {
                    let passed = before.filter(|(_, date)| *date < session);
                    gone.extend(passed.map(|(quarter, _)| quarter));
                    (passed.is_some() || back).then_some(row)
                }
                Side::Previous => {
                    gone.extend(before.map(|(quarter, _)| quarter));
                    now.map(
                        |(_, date)| if back { row } else { row.min(side.crossing(calendar, date)) },
                    )
                }
            };
            if let Some(before) = turned.filter(|before| *before > 0) {
                rollovers.push(Rollover { row, before });
            }
            zeroth.push(Zeroth { row, quarter });
            before = now;
        }
        (zeroth, rollovers)
    }

    /// The quarter that a row counts from, and the date of its announcement.
    fn counted_from(&self, row: usize, session: Session, side: Side) -> Option<(i64, Session)> {
        let known = self.0.iter().filter_map(|(quarter, vintages)| {
            let newest = vintages.iter().rev().find(|vintage| vintage.seen <= row)?;
            Some((newest.told.date, *quarter))
        });
        let found = match side {
            Side::Next => known.filter(|(date, _)| *date >= session).min(),
            Side::Previous => known.filter(|(date, _)| *date <= session).max(),
        };
        found.map(|(date, quarter)| (quarter, date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(quarter: i64, date: &str, known: &str, row: usize) -> Told {
        Told { quarter, date: date.parse().unwrap(), known: known.parse().unwrap(), row }
    }

    #[test]
    fn quarters_roll_over_as_they_are_announced() {
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let quarters = Quarters::new(
            &calendar,
            [
                told(1, "2014-06-10", "2014-06-03T00:00Z", 0),
                told(2, "2014-06-20", "2014-06-05T00:00Z", 1),
                // Put off while it is next.
                told(2, "2014-06-24", "2014-06-18T00:00Z", 2),
                // Told when it has been.
                told(3, "2014-06-26", "2014-06-28T00:00Z", 3),
            ],
        );
        let day =
            |row: usize| calendar.session_at(row).map_or(String::new(), |day| day.to_string());
        let named = |side| {
            let (zeroth, rollovers) = quarters.timeline(&calendar, side);
            let zeroth: Vec<String> = zeroth
                .iter()
                .map(|at| format!("{} {}", day(at.row), at.quarter.unwrap_or(-1)))
                .collect();
            let rolled: Vec<String> =
                rollovers.iter().map(|at| format!("{} <{}", day(at.row), day(at.before))).collect();
            (zeroth, rolled)
        };
        let (next, rolled) = named(Side::Next);
        assert_eq!(next, ["2014-06-03 1", "2014-06-11 2", "2014-06-25 -1"]);
        assert_eq!(rolled, ["2014-06-11 <2014-06-11", "2014-06-25 <2014-06-25"]);
        let (previous, rolled) = named(Side::Previous);
        assert_eq!(previous, ["2014-06-10 1", "2014-06-24 2", "2014-06-30 3"]);
        assert_eq!(
            rolled,
            ["2014-06-10 <2014-06-10", "2014-06-24 <2014-06-24", "2014-06-30 <2014-06-26"]
        );
    }

    #[test]
    fn an_announcement_put_off_after_it_was_due_is_next_again() {
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let quarters = Quarters::new(
            &calendar,
            [
                told(1, "2014-06-10", "2014-06-03T00:00Z", 0),
                told(2, "2014-06-20", "2014-06-03T00:00Z", 1),
                told(1, "2014-06-16", "2014-06-12T00:00Z", 2),
            ],
        );
        let (zeroth, rollovers) = quarters.timeline(&calendar, Side::Next);
        let quarter: Vec<Option<i64>> = zeroth.iter().map(|at| at.quarter).collect();
        assert_eq!(quarter, [Some(1), Some(2), Some(1), Some(2), None]);
        let row = |day: &str| calendar.session_index(day.parse().unwrap()).unwrap();
        let rows: Vec<usize> = rollovers.iter().map(|at| at.row).collect();
        assert_eq!(rows, ["2014-06-11", "2014-06-12", "2014-06-17", "2014-06-23"].map(row));
    }
}
