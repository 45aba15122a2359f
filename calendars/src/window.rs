//! [`Minutes`]: runs of trading minutes, of a session, between two instants, or counted from one.

use std::ops::Range;

use crate::Error;
use crate::calendar::Calendar;
use crate::session::Session;
use crate::side::Side;
use crate::timestamp::Timestamp;

/// Consecutive trading minutes of a calendar, made as they are asked for.
///
/// ```
/// # use rustybt_calendars::{Side, calendar};
/// let xhkg = calendar("XHKG")?;
/// let minutes = xhkg.session_minutes("2020-03-09".parse()?, Side::Left)?;
/// assert_eq!(minutes.len(), 330); // 150 before lunch, 180 after
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Minutes<'a> {
    calendar: &'a Calendar,
    side: Side,
    /// Positions among all trading minutes of this side.
    positions: Range<u64>,
    /// Labels still to come in the span being walked.
    span: Range<i64>,
}

impl Calendar {
    /// The trading minutes of `session`, ascending.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn session_minutes(&self, session: Session, side: Side) -> Result<Minutes<'_>, Error> {
        let index = self.require(session)?;
        Ok(self.walk(self.labels_before(index, side)..self.labels_before(index + 1, side), side))
    }

    /// The trading minutes of the sessions from `start` to `end`, both included, ascending.
    pub fn sessions_minutes(&self, start: Session, end: Session, side: Side) -> Minutes<'_> {
        let range = self.range_of(start, end);
        self.walk(self.labels_before(range.start, side)..self.labels_before(range.end, side), side)
    }

    /// The trading minutes from `start` to `end`, both included; neither need be one.
    ///
    /// Empty when `start` is after `end`; cut to the calendar's bounds.
    pub fn minutes_in_range(&self, start: Timestamp, end: Timestamp, side: Side) -> Minutes<'_> {
        let from = self.minutes_before(start.plus_nanos(-1).minutes() + 1, side);
        let to = self.minutes_before(end.minutes() + 1, side);
        self.walk(from..to.max(from), side)
    }

    /// How many trading minutes there are from `start` to `end`, both included.
    pub fn minutes_count(&self, start: Timestamp, end: Timestamp, side: Side) -> u64 {
        let positions = self.minutes_in_range(start, end, side).positions;
        positions.end - positions.start
    }

    /// [`minutes_count`](Self::minutes_count), negative when `start` is after `end`.
    pub fn minutes_distance(&self, start: Timestamp, end: Timestamp, side: Side) -> i64 {
        if start > end {
            -(self.minutes_count(end, start, side) as i64)
        } else {
            self.minutes_count(start, end, side) as i64
        }
    }

    /// From the trading minute `start`, `count` minutes onwards, or backwards when negative; `start`
    /// is one of them. Ascending either way.
    ///
    /// # Errors
    ///
    /// [`Error::NotATradingMinute`] or [`Error::MinuteOutOfBounds`] if `start` is not one;
    /// [`Error::NoWindow`] when `count` is 0 or leads past an end.
    pub fn minutes_window(
        &self,
        start: Timestamp,
        count: i64,
        side: Side,
    ) -> Result<Minutes<'_>, Error> {
        let position = self.require_minute(start, side)?;
        let length = count.unsigned_abs();
        let window = match count {
            0 => None,
            1.. => position.checked_add(length).map(|end| position..end),
            ..0 => (position + 1).checked_sub(length).map(|from| from..position + 1),
        };
        let total = self.labels_before(self.sessions().len(), side);
        window
            .filter(|window| window.end <= total)
            .map(|window| self.walk(window, side))
            .ok_or_else(|| self.no_window(count, "minutes", &start))
    }

    /// The trading minute `n` minutes after the trading minute `start`, before it when negative.
    ///
    /// # Errors
    ///
    /// [`Error::NotATradingMinute`] or [`Error::MinuteOutOfBounds`] if `start` is not one;
    /// [`Error::NoWindow`] when `n` leads past an end.
    pub fn minute_offset(&self, start: Timestamp, n: i64, side: Side) -> Result<Timestamp, Error> {
        self.require_minute(start, side)?
            .checked_add_signed(n)
            .and_then(|position| self.nth_minute(position, side))
            .ok_or_else(|| self.no_window(n, "minutes", &start))
    }

    /// How many trading minutes lie before `at`, which must be one.
    fn require_minute(&self, at: Timestamp, side: Side) -> Result<u64, Error> {
        if !self.is_trading_minute(at, side) {
            return Err(self.no_minute(at, side));
        }
        Ok(self.minutes_before(side.label(at), side))
    }

    fn walk(&self, positions: Range<u64>, side: Side) -> Minutes<'_> {
        Minutes { calendar: self, side, positions, span: 0..0 }
    }
}

impl Minutes<'_> {
    /// The labels from the one at the front position to the end of its span.
    fn enter_span(&self) -> Option<Range<i64>> {
        let first = self.calendar.nth_minute(self.positions.start, self.side)?.minutes();
        let index = self.calendar.index_ending_at_or_after(first, self.side);
        let (_, last) = self.calendar.labels(index, self.side).find(|&(_, last)| first <= last)?;
        Some(first..last + 1)
    }
}

impl Iterator for Minutes<'_> {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        if self.positions.is_empty() {
            return None;
        }
        if self.span.is_empty() {
            self.span = self.enter_span()?;
        }
        self.positions.start += 1;
        self.span.next().map(Timestamp::from_minutes)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.positions.end - self.positions.start) as usize;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Minutes<'_> {}
impl std::iter::FusedIterator for Minutes<'_> {}
