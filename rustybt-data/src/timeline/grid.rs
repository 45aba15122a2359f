//! Where bars of several minutes begin and end, and which sessions bars of several sessions hold.

use rustybt_calendars::{Calendar, Session, Timestamp};

use crate::{Frequency, Unit};

/// Bars of several minutes.
///
/// They begin anew at each open and after each break; the last one before a break or a close is cut
/// short by it.
#[derive(Debug)]
pub(super) struct Within {
    minutes: i64,
    /// The bars before each session, and those of all.
    before: Vec<u32>,
}

impl Within {
    pub(super) fn new(calendar: &Calendar, first: usize, sessions: usize, minutes: u32) -> Self {
        let minutes = i64::from(minutes);
        let mut before = Vec::with_capacity(sessions + 1);
        let mut rows = 0_u32;
        before.push(rows);
        for index in first..first + sessions {
            let bars: i64 = spans(calendar, index).map(|span| bars_in(span, minutes)).sum();
            rows = rows.saturating_add(u32::try_from(bars).unwrap_or(u32::MAX));
            before.push(rows);
        }
        Self { minutes, before }
    }

    /// The bars before the session at `offset`; all of them past the last one.
    pub(super) fn before(&self, offset: usize) -> usize {
        let last = self.before.len() - 1;
        self.before.get(offset.min(last)).map_or(0, |&rows| rows as usize)
    }

    /// The offset of the session that a bar lies in.
    pub(super) fn session_of(&self, row: usize) -> usize {
        self.before.partition_point(|&rows| rows as usize <= row).saturating_sub(1)
    }

    /// When a bar opens and closes.
    pub(super) fn bar(
        &self,
        calendar: &Calendar,
        first: usize,
        row: usize,
    ) -> Option<(Timestamp, Timestamp)> {
        let offset = self.session_of(row);
        let mut left = (row - self.before(offset)) as i64;
        for (start, end) in spans(calendar, first + offset) {
            let bars = bars_in((start, end), self.minutes);
            if left < bars {
                let open = start + left * self.minutes;
                let close = end.min(open + self.minutes);
                return Some((Timestamp::from_minutes(open), Timestamp::from_minutes(close)));
            }
            left -= bars;
        }
        None
    }

    /// The bar of the session at `offset` that opens at an instant.
    pub(super) fn row_of(
        &self,
        calendar: &Calendar,
        first: usize,
        offset: usize,
        open: Timestamp,
    ) -> Option<usize> {
        let minute = open.minutes();
        let mut row = self.before(offset);
        for (start, end) in spans(calendar, first + offset) {
            if start <= minute && minute < end && open.is_whole_minute() {
                let into = minute - start;
                return (into % self.minutes == 0).then(|| row + (into / self.minutes) as usize);
            }
            row += bars_in((start, end), self.minutes) as usize;
        }
        None
    }

    /// When the first bar of a session closes.
    pub(super) fn first_close(&self, calendar: &Calendar, index: usize) -> Option<Timestamp> {
        let (start, end) = spans(calendar, index).next()?;
        Some(Timestamp::from_minutes(end.min(start + self.minutes)))
    }
}

/// Bars of several sessions, as positions among the calendar's sessions.
#[derive(Debug)]
pub(super) struct Across {
    /// The first session of each bar, which may lie before the table.
    firsts: Vec<usize>,
    /// The last session of each bar, which may lie beyond the table.
    lasts: Vec<usize>,
}

impl Across {
    pub(super) fn new(
        calendar: &Calendar,
        first: usize,
        sessions: usize,
        frequency: Frequency,
    ) -> Self {
        let all = calendar.sessions();
        let period = |index: usize| Some(period(frequency, *all.get(index)?, index, first));
        let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
        let mut index = first;
        while index < first + sessions {
            let own = period(index);
            let mut begins = index;
            // A table that begins within a week has that week's bar; bars of so many sessions are
            // counted from its first one.
            while firsts.is_empty() && begins > 0 && period(begins - 1) == own {
                begins -= 1;
            }
            while index < all.len() && period(index) == own {
                index += 1;
            }
            firsts.push(begins);
            lasts.push(index.saturating_sub(1));
        }
        Self { firsts, lasts }
    }

    pub(super) fn len(&self) -> usize {
        self.firsts.len()
    }

    /// The first and the last session of a bar.
    pub(super) fn sessions_of(&self, row: usize) -> Option<(usize, usize)> {
        Some((*self.firsts.get(row)?, *self.lasts.get(row)?))
    }

    /// The bar that holds a session.
    pub(super) fn row_of(&self, index: usize) -> Option<usize> {
        let row = self.lasts.partition_point(|&last| last < index);
        self.firsts.get(row).is_some_and(|&first| first <= index).then_some(row)
    }

    /// The bars that begin before a session.
    pub(super) fn begun_before(&self, index: usize) -> usize {
        self.firsts.partition_point(|&first| first < index)
    }

    /// The bars that end before a session.
    pub(super) fn ended_before(&self, index: usize) -> usize {
        self.lasts.partition_point(|&last| last < index)
    }
}

/// The number of the period that a session lies in.
fn period(frequency: Frequency, session: Session, index: usize, first: usize) -> i64 {
    let number = match frequency.unit() {
        Unit::Week => (i64::from(session.days()) + SINCE_MONDAY).div_euclid(7),
        Unit::Month => {
            use chrono::Datelike;
            let date = session.date();
            i64::from(date.year()) * 12 + i64::from(date.month0())
        }
        Unit::Minute | Unit::Hour | Unit::Day => index as i64 - first as i64,
    };
    number.div_euclid(i64::from(frequency.count()))
}

/// Days from the Monday before to the first day of 1970, a Thursday.
const SINCE_MONDAY: i64 = 3;

/// The stretches of a session without a break, as minutes since 1970.
fn spans(calendar: &Calendar, index: usize) -> impl Iterator<Item = (i64, i64)> {
    let bounds = calendar.open_at(index).zip(calendar.close_at(index));
    let breaks = calendar.breaks_at(index);
    let starts = bounds.map(|(open, _)| open).into_iter().chain(breaks.iter().map(|&(_, end)| end));
    let ends = breaks.iter().map(|&(start, _)| start).chain(bounds.map(|(_, close)| close));
    starts.zip(ends).map(|(start, end)| (start.minutes(), end.minutes()))
}

fn bars_in((start, end): (i64, i64), minutes: i64) -> i64 {
    (end - start).max(0).div_euclid(minutes) + i64::from((end - start).max(0) % minutes != 0)
}
