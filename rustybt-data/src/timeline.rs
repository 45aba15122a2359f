//! The rows of a table: the labels of a calendar over a range of sessions, without listing them.

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};

use crate::{Error, Frequency};

/// The labels of a table, in order: its sessions, or its trading minutes.
///
/// A row is the position of a label. Rows are found by arithmetic, never by search: a calendar
/// knows the index of a session and the position of a minute. A label is the moment a bar opens;
/// [`known_at`](Self::known_at) is the moment it closes, and only from then on may it be seen.
#[derive(Debug, Clone)]
pub struct Timeline {
    calendar: Arc<Calendar>,
    frequency: Frequency,
    /// Index of the first session among the calendar's sessions.
    first: usize,
    sessions: usize,
    /// Position of the first minute among the calendar's minutes.
    base: u64,
    rows: usize,
}

impl Timeline {
    /// The sessions from `start` to `end`, both included where they are sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn daily(calendar: Arc<Calendar>, start: Session, end: Session) -> Result<Self, Error> {
        let (first, sessions) = span(&calendar, start, end)?;
        Ok(Self { calendar, frequency: Frequency::DAILY, first, sessions, base: 0, rows: sessions })
    }

    /// The trading minutes of the sessions from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn minutes(calendar: Arc<Calendar>, start: Session, end: Session) -> Result<Self, Error> {
        let (first, sessions) = span(&calendar, start, end)?;
        let base = calendar.minutes_before_session(first);
        let rows = calendar.minutes_before_session(first + sessions).saturating_sub(base);
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        Ok(Self { calendar, frequency: Frequency::MINUTE, first, sessions, base, rows })
    }

    /// The calendar whose labels these are.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// Daily or minute.
    pub fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// The number of labels.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no labels; a timeline that was built always has some.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The sessions covered, in order.
    pub fn sessions(&self) -> &[Session] {
        self.calendar.sessions().get(self.first..self.first + self.sessions).unwrap_or_default()
    }

    /// The row of a session's only (daily) or first (minute) label.
    pub fn row_of_session(&self, session: Session) -> Option<usize> {
        let index = self.calendar.session_index(session)?.checked_sub(self.first)?;
        if index >= self.sessions {
            return None;
        }
        if self.frequency.is_intraday() {
            self.minute_row(self.calendar.minutes_before_session(self.first + index))
        } else {
            Some(index)
        }
    }

    /// The rows of a session.
    pub fn rows_of_session(&self, session: Session) -> Option<Range<usize>> {
        let start = self.row_of_session(session)?;
        if !self.frequency.is_intraday() {
            return Some(start..start + 1);
        }
        let index = self.calendar.session_index(session)?;
        let end = self.calendar.minutes_before_session(index + 1).checked_sub(self.base)?;
        Some(start..usize::try_from(end).ok()?)
    }

    /// The row of a label.
    pub fn row_of(&self, label: Timestamp) -> Option<usize> {
        if self.frequency.is_intraday() {
            self.minute_row(self.calendar.minute_position(label)?)
        } else {
            self.row_of_session(label.date()).filter(|_| label.date().midnight() == label)
        }
    }

    /// The label of a row: the opening of a minute, or midnight UTC of a session's date.
    pub fn label(&self, row: usize) -> Option<Timestamp> {
        if row >= self.rows {
            return None;
        }
        if self.frequency.is_intraday() {
            self.calendar.minute_at(self.base + row as u64)
        } else {
            self.session(row).map(Session::midnight)
        }
    }

    /// The session a row belongs to.
    pub fn session(&self, row: usize) -> Option<Session> {
        if row >= self.rows {
            return None;
        }
        if !self.frequency.is_intraday() {
            return self.calendar.sessions().get(self.first + row).copied();
        }
        let position = self.base + row as u64;
        let sessions = self.sessions();
        let index = partition(sessions.len(), |i| {
            self.calendar.minutes_before_session(self.first + i + 1) <= position
        });
        sessions.get(index).copied()
    }

    /// The moment the bar of a row is known: its close.
    pub fn known_at(&self, row: usize) -> Option<Timestamp> {
        if self.frequency.is_intraday() {
            self.label(row).map(|label| label.plus_minutes(1))
        } else if row < self.rows {
            self.calendar.close_at(self.first + row)
        } else {
            None
        }
    }

    /// The sessions of these labels, as a daily timeline.
    #[must_use]
    pub fn days(&self) -> Self {
        let calendar = self.calendar.clone();
        let (first, sessions) = (self.first, self.sessions);
        Self { calendar, frequency: Frequency::DAILY, first, sessions, base: 0, rows: sessions }
    }

    /// These days and on to another one, where that is later.
    pub(crate) fn extended_to(&self, last: Session) -> Self {
        let past = self.calendar.index_at_or_before(last).map_or(0, |index| index + 1);
        let sessions = past.saturating_sub(self.first).max(self.sessions);
        Self { sessions, rows: sessions, ..self.days() }
    }

    /// The rows of the sessions from `start` to `end`, both included; neither need be a session.
    pub fn rows_between(&self, start: Session, end: Session) -> Range<usize> {
        let first = self.calendar.index_at_or_after(start).unwrap_or(usize::MAX);
        let past = self.calendar.index_at_or_before(end).map_or(0, |index| index + 1);
        let place = |index: usize| index.saturating_sub(self.first).min(self.sessions);
        let (first, past) = (place(first), place(past));
        let row = |index: usize| {
            if self.frequency.is_intraday() {
                let minutes = self.calendar.minutes_before_session(self.first + index);
                usize::try_from(minutes.saturating_sub(self.base))
                    .map_or(self.rows, |r| r.min(self.rows))
            } else {
                index
            }
        };
        row(first)..row(past).max(row(first))
    }

    /// Whether the label after the last one is known at an instant too: the data has ended.
    pub fn ended(&self, at: Timestamp) -> bool {
        let next = if self.frequency.is_intraday() {
            self.calendar.minute_at(self.base + self.rows as u64).map(|label| label.plus_minutes(1))
        } else {
            self.calendar.close_at(self.first + self.sessions)
        };
        next.is_some_and(|known| known <= at)
    }

    /// The number of rows known at an instant: those before it are visible, the others are not.
    pub fn known_rows(&self, at: Timestamp) -> usize {
        let guess = self.known_rows_guess(at);
        // The guess is right or one off; the contract is the comparison itself.
        let mut rows = guess.min(self.rows);
        while rows > 0 && self.known_at(rows - 1).is_some_and(|known| known > at) {
            rows -= 1;
        }
        while self.known_at(rows).is_some_and(|known| known <= at) {
            rows += 1;
        }
        rows
    }

    fn known_rows_guess(&self, at: Timestamp) -> usize {
        if self.frequency.is_intraday() {
            let opened = at.plus_minutes(-1);
            if let Some(row) = self.row_of(Timestamp::from_minutes(opened.minutes())) {
                return row + 1;
            }
        } else if let Some(row) = self.row_of_session(at.date()) {
            return row;
        }
        partition(self.rows, |row| self.known_at(row).is_some_and(|known| known <= at))
    }

    fn minute_row(&self, position: u64) -> Option<usize> {
        let row = usize::try_from(position.checked_sub(self.base)?).ok()?;
        (row < self.rows).then_some(row)
    }
}

/// The first index in `0..n` for which `before` does not hold.
fn partition(n: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// The index of the first session at or after `start`, and how many there are up to `end`.
fn span(calendar: &Calendar, start: Session, end: Session) -> Result<(usize, usize), Error> {
    let found = calendar.sessions_in_range(start, end);
    match found.first().and_then(|&session| calendar.session_index(session)) {
        Some(first) => Ok((first, found.len())),
        None => Err(Error::NoSessions { calendar: calendar.name().to_owned(), start, end }),
    }
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::{Side, calendar};

    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    /// The week of Thanksgiving 2019: closed on Thursday, half a day on Friday.
    fn week(
        build: impl Fn(Arc<Calendar>, Session, Session) -> Result<Timeline, Error>,
    ) -> Timeline {
        build(calendar("XNYS").unwrap(), day("2019-11-24"), day("2019-12-01")).unwrap()
    }

    /// The laws of a timeline whose labels were listed by other means.
    fn check(timeline: &Timeline, labels: &[Timestamp], sessions: &[Session], known: &[Timestamp]) {
        assert_eq!(timeline.len(), labels.len());
        for (row, label) in labels.iter().enumerate() {
            assert_eq!(timeline.label(row), Some(*label));
            assert_eq!(timeline.row_of(*label), Some(row));
            assert_eq!(timeline.row_of(label.plus_nanos(1)), None);
            assert_eq!(timeline.session(row), Some(sessions[row]));
            assert!(timeline.rows_of_session(sessions[row]).unwrap().contains(&row));
            assert_eq!(timeline.known_at(row), Some(known[row]));
            assert_eq!(timeline.known_rows(known[row]), row + 1);
            assert_eq!(timeline.known_rows(known[row].plus_nanos(-1)), row);
        }
        let rows = labels.len();
        assert_eq!(
            (timeline.label(rows), timeline.session(rows), timeline.known_at(rows)),
            (None, None, None)
        );
        assert_eq!(timeline.known_rows(Timestamp::MIN), 0);
        assert_eq!(timeline.known_rows("2030-01-01T00:00Z".parse().unwrap()), rows);
        for a in 20..34 {
            for b in a..34 {
                let (start, end) = (day("2019-11-01").plus_days(a), day("2019-11-01").plus_days(b));
                let listed: Vec<usize> = (0..rows)
                    .filter(|&row| start <= sessions[row] && sessions[row] <= end)
                    .collect();
                let found = timeline.rows_between(start, end);
                assert_eq!(found.clone().collect::<Vec<_>>(), listed, "{start} to {end}");
            }
        }
    }

    #[test]
    fn days_are_the_sessions() {
        let timeline = week(Timeline::daily);
        let calendar = timeline.calendar().clone();
        let days = ["2019-11-25", "2019-11-26", "2019-11-27", "2019-11-29"].map(day);
        let closes = days.map(|day| calendar.close(day).unwrap());
        check(&timeline, &days.map(Session::midnight), &days, &closes);
        assert_eq!(timeline.row_of_session(day("2019-11-28")), None);
        assert_eq!(timeline.row_of_session(day("2019-12-02")), None);
        assert!(!timeline.ended("2019-12-02T20:59Z".parse().unwrap()));
        assert!(timeline.ended("2019-12-02T21:00Z".parse().unwrap()));
    }

    #[test]
    fn minutes_are_the_trading_minutes() {
        let timeline = week(Timeline::minutes);
        let calendar = timeline.calendar().clone();
        let mut labels = Vec::new();
        let mut sessions = Vec::new();
        for day in ["2019-11-25", "2019-11-26", "2019-11-27", "2019-11-29"].map(day) {
            let minutes: Vec<_> = calendar.session_minutes(day, Side::Left).unwrap().collect();
            sessions.extend(minutes.iter().map(|_| day));
            labels.extend(minutes);
        }
        assert_eq!(labels.len(), 3 * 390 + 210);
        let known: Vec<_> = labels.iter().map(|label| label.plus_minutes(1)).collect();
        check(&timeline, &labels, &sessions, &known);
        assert!(timeline.ended("2019-12-02T14:31Z".parse().unwrap()));
        assert!(!timeline.ended("2019-12-02T14:30Z".parse().unwrap()));
        assert_eq!(timeline.days().len(), 4);
    }

    #[test]
    fn a_range_without_sessions_is_refused() {
        let xnys = calendar("XNYS").unwrap();
        let error = Timeline::daily(xnys, day("2019-11-30"), day("2019-12-01")).unwrap_err();
        assert_eq!(error.to_string(), "XNYS has no session from 2019-11-30 to 2019-12-01");
    }
}
