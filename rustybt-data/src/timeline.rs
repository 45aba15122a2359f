//! The rows of a table: the labels of a calendar over a range of sessions, without listing them.

mod grid;

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp};

use self::grid::{Across, Within};
use crate::{Error, Frequency};

/// The labels of a table, in order: its sessions, its trading minutes, or the openings of bars of
/// any other frequency.
///
/// A row is the position of a label. Rows are found by arithmetic, never by search: a calendar
/// knows the index of a session and the position of a minute. A label is the moment a bar opens;
/// [`known_at`](Self::known_at) is the moment it closes, and only from then on may it be seen.
///
/// Bars of several minutes begin anew at each open and after each break, and the last one before a
/// break or a close is cut short by it. Weeks are those of ISO 8601, months those of the calendar
/// on the wall; bars of several sessions are counted from the first session of the table, several
/// weeks and months as multiples, so that `3M` are quarters.
///
/// ```
/// use rustybt_calendars::calendar;
/// use rustybt_data::Timeline;
///
/// // The Friday after Thanksgiving closes at 13:00 in New York.
/// let (start, end) = ("2019-11-27".parse()?, "2019-11-29".parse()?);
/// let bars = Timeline::new(calendar("XNYS")?, "2h".parse()?, start, end)?;
/// let closes: Vec<String> =
///     (0..bars.len()).filter_map(|row| bars.known_at(row)).map(|at| at.to_string()).collect();
/// assert_eq!(closes[..4], ["2019-11-27T16:30Z", "2019-11-27T18:30Z", "2019-11-27T20:30Z",
///     "2019-11-27T21:00Z"]);
/// assert_eq!(closes[4..], ["2019-11-29T16:30Z", "2019-11-29T18:00Z"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Timeline {
    calendar: Arc<Calendar>,
    frequency: Frequency,
    /// Index of the first session among the calendar's sessions.
    first: usize,
    sessions: usize,
    rows: usize,
    form: Form,
}

/// What the rows are.
#[derive(Debug, Clone)]
enum Form {
    /// Sessions.
    Days,
    /// Single minutes, of which so many lie before the first one.
    Minutes { base: u64 },
    /// Bars of several minutes.
    Within(Arc<Within>),
    /// Bars of several sessions.
    Across(Arc<Across>),
}

impl Timeline {
    /// The bars of a frequency in the sessions from `start` to `end`, both included where they are
    /// sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn new(
        calendar: Arc<Calendar>,
        frequency: Frequency,
        start: Session,
        end: Session,
    ) -> Result<Self, Error> {
        let (first, sessions) = span(&calendar, start, end)?;
        Ok(Self::over(calendar, frequency, first, sessions))
    }

    /// The sessions from `start` to `end`, both included where they are sessions.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn daily(calendar: Arc<Calendar>, start: Session, end: Session) -> Result<Self, Error> {
        Self::new(calendar, Frequency::DAILY, start, end)
    }

    /// The trading minutes of the sessions from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] where the calendar has no session in between.
    pub fn minutes(calendar: Arc<Calendar>, start: Session, end: Session) -> Result<Self, Error> {
        Self::new(calendar, Frequency::MINUTE, start, end)
    }

    fn over(calendar: Arc<Calendar>, frequency: Frequency, first: usize, sessions: usize) -> Self {
        let (form, rows) = match frequency.minutes() {
            None if frequency == Frequency::DAILY => (Form::Days, sessions),
            None => {
                let bars = Across::new(&calendar, first, sessions, frequency);
                let rows = bars.len();
                (Form::Across(Arc::new(bars)), rows)
            }
            Some(1) => {
                let base = calendar.minutes_before_session(first);
                let rows = calendar.minutes_before_session(first + sessions).saturating_sub(base);
                (Form::Minutes { base }, usize::try_from(rows).unwrap_or(usize::MAX))
            }
            Some(minutes) => {
                let bars = Within::new(&calendar, first, sessions, minutes);
                let rows = bars.before(sessions);
                (Form::Within(Arc::new(bars)), rows)
            }
        };
        Self { calendar, frequency, first, sessions, rows, form }
    }

    /// The calendar whose labels these are.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.calendar
    }

    /// How much time a row covers.
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

    /// The row of a session's first label, or of the bar that holds the session.
    pub fn row_of_session(&self, session: Session) -> Option<usize> {
        self.rows_of_session(session).map(|rows| rows.start)
    }

    /// The rows of a session.
    pub fn rows_of_session(&self, session: Session) -> Option<Range<usize>> {
        let index = self.calendar.session_index(session)?;
        let offset = index.checked_sub(self.first).filter(|&offset| offset < self.sessions)?;
        match &self.form {
            Form::Days => Some(offset..offset + 1),
            Form::Across(bars) => bars.row_of(index).map(|row| row..row + 1),
            _ => Some(self.rows_before(index)..self.rows_before(index + 1)),
        }
    }

    /// The row of a label.
    pub fn row_of(&self, label: Timestamp) -> Option<usize> {
        match &self.form {
            Form::Minutes { .. } => self.minute_row(self.calendar.minute_position(label)?),
            Form::Within(bars) => {
                let offset = self.session_around(label)?.checked_sub(self.first)?;
                if offset >= self.sessions {
                    return None;
                }
                bars.row_of(&self.calendar, self.first, offset, label)
            }
            Form::Days => self.row_of_session(label.date()).filter(|_| is_midnight(label)),
            Form::Across(bars) => {
                let row = bars.row_of(self.calendar.session_index(label.date())?)?;
                (self.label(row) == Some(label)).then_some(row)
            }
        }
    }

    /// The label of a row: the opening of a bar within a session, else midnight UTC of the date of
    /// its first session.
    pub fn label(&self, row: usize) -> Option<Timestamp> {
        if row >= self.rows {
            return None;
        }
        match &self.form {
            Form::Minutes { base } => self.calendar.minute_at(base + row as u64),
            Form::Within(bars) => bars.bar(&self.calendar, self.first, row).map(|(open, _)| open),
            Form::Days | Form::Across(_) => self.session(row).map(Session::midnight),
        }
    }

    /// The session a row belongs to: the first one of a bar of several.
    pub fn session(&self, row: usize) -> Option<Session> {
        let (first, _) = self.sessions_under(row)?;
        self.calendar.sessions().get(first).copied()
    }

    /// The session in which the bar of a row closes.
    pub fn last_session(&self, row: usize) -> Option<Session> {
        let (_, last) = self.sessions_under(row)?;
        self.calendar.sessions().get(last).copied()
    }

    /// The moment the bar of a row is known: its close.
    pub fn known_at(&self, row: usize) -> Option<Timestamp> {
        if row >= self.rows {
            return None;
        }
        match &self.form {
            Form::Days => self.calendar.close_at(self.first + row),
            Form::Minutes { .. } => self.label(row).map(|label| label.plus_minutes(1)),
            Form::Within(bars) => bars.bar(&self.calendar, self.first, row).map(|(_, close)| close),
            Form::Across(_) => self.calendar.close_at(self.sessions_under(row)?.1),
        }
    }

    /// The sessions of these labels, as a daily timeline.
    #[must_use]
    pub fn days(&self) -> Self {
        self.resampled(Frequency::DAILY)
    }

    /// The bars of another frequency in the same sessions.
    #[must_use]
    pub fn resampled(&self, frequency: Frequency) -> Self {
        Self::over(self.calendar.clone(), frequency, self.first, self.sessions)
    }

    /// These labels and those of the same frequency in other sessions around them, where there are
    /// any: from the first of both to the last.
    pub(crate) fn reaching(&self, days: &Self) -> Self {
        let first = self.first.min(days.first);
        let past = (self.first + self.sessions).max(days.first + days.sessions);
        Self::over(self.calendar.clone(), self.frequency, first, past - first)
    }

    /// These days and on to another one, where that is later.
    pub(crate) fn extended_to(&self, last: Session) -> Self {
        let past = self.calendar.index_at_or_before(last).map_or(0, |index| index + 1);
        let sessions = past.saturating_sub(self.first).max(self.sessions);
        Self::over(self.calendar.clone(), Frequency::DAILY, self.first, sessions)
    }

    /// The rows of the sessions from `start` to `end`, both included; neither need be a session.
    pub fn rows_between(&self, start: Session, end: Session) -> Range<usize> {
        let first = self.calendar.index_at_or_after(start).unwrap_or(usize::MAX);
        let past = self.calendar.index_at_or_before(end).map_or(0, |index| index + 1);
        self.rows_reaching(first, past)
    }

    /// The rows of a finer timeline of the same calendar that make up the bar of a row: those that
    /// it has of them.
    pub fn rows_under(&self, row: usize, finer: &Self) -> Range<usize> {
        let Some((first, last)) = self.sessions_under(row) else { return 0..0 };
        let within = self.frequency.minutes().zip(finer.frequency.minutes());
        let Some((_, step)) = within else { return finer.rows_reaching(first, last + 1) };
        let bar = self.label(row).zip(self.known_at(row));
        let start = bar.and_then(|(open, _)| finer.row_of(open));
        let Some((start, (open, close))) = start.zip(bar) else { return 0..0 };
        let minutes = usize::try_from(close.minutes() - open.minutes()).unwrap_or(0);
        start..(start + minutes.div_ceil(step as usize)).min(finer.rows)
    }

    /// Whether the label after the last one is known at an instant too: the data has ended.
    pub fn ended(&self, at: Timestamp) -> bool {
        let next = self.first + self.sessions;
        let known = match &self.form {
            Form::Days | Form::Across(_) => self.calendar.close_at(next),
            Form::Minutes { base } => {
                let label = self.calendar.minute_at(base + self.rows as u64);
                label.map(|label| label.plus_minutes(1))
            }
            Form::Within(bars) => bars.first_close(&self.calendar, next),
        };
        known.is_some_and(|known| known <= at)
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
        let guess = match &self.form {
            Form::Minutes { .. } => {
                let opened = Timestamp::from_minutes(at.plus_minutes(-1).minutes());
                self.row_of(opened).map(|row| row + 1)
            }
            Form::Days => self.row_of_session(at.date()),
            Form::Within(_) | Form::Across(_) => None,
        };
        let known = |row| self.known_at(row).is_some_and(|known| known <= at);
        guess.unwrap_or_else(|| partition(self.rows, known))
    }

    fn minute_row(&self, position: u64) -> Option<usize> {
        let Form::Minutes { base } = self.form else { return None };
        let row = usize::try_from(position.checked_sub(base)?).ok()?;
        (row < self.rows).then_some(row)
    }

    /// The first and the last session of a row, as positions among the calendar's.
    fn sessions_under(&self, row: usize) -> Option<(usize, usize)> {
        if row >= self.rows {
            return None;
        }
        let offset = match &self.form {
            Form::Across(bars) => return bars.sessions_of(row),
            Form::Days => row,
            Form::Within(bars) => bars.session_of(row),
            Form::Minutes { base } => partition(self.sessions, |offset| {
                self.calendar.minutes_before_session(self.first + offset + 1) <= base + row as u64
            }),
        };
        Some((self.first + offset, self.first + offset))
    }

    /// The rows that have to do with the sessions at these positions among the calendar's.
    fn rows_reaching(&self, first: usize, past: usize) -> Range<usize> {
        if let Form::Across(bars) = &self.form {
            let (first, past) = (first.max(self.first), past.min(self.first + self.sessions));
            let start = bars.ended_before(first);
            if first >= past {
                return start..start;
            }
            return start..bars.begun_before(past).max(start);
        }
        let start = self.rows_before(first);
        start..self.rows_before(past).max(start)
    }

    /// The rows, of at most one session each, before a session.
    fn rows_before(&self, index: usize) -> usize {
        let offset = index.saturating_sub(self.first).min(self.sessions);
        match &self.form {
            Form::Days => offset,
            Form::Within(bars) => bars.before(offset),
            Form::Across(bars) => bars.ended_before(self.first + offset),
            Form::Minutes { base } => {
                let minutes = self.calendar.minutes_before_session(self.first + offset);
                let row = minutes.saturating_sub(*base);
                usize::try_from(row).map_or(self.rows, |row| row.min(self.rows))
            }
        }
    }

    /// The session that is open at an instant, or about to open that day.
    fn session_around(&self, at: Timestamp) -> Option<usize> {
        let mut index = self.calendar.index_at_or_before(at.date().plus_days(1))?;
        while self.calendar.open_at(index).is_some_and(|open| open > at) {
            index = index.checked_sub(1)?;
        }
        Some(index)
    }
}

fn is_midnight(at: Timestamp) -> bool {
    at.date().midnight() == at
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
mod tests;
