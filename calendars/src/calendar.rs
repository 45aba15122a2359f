//! [`Calendar`]: its sessions, and when each opens, pauses and closes.
//!
//! A calendar is a handful of arrays made once. Sessions, opens and closes lie side by side, sorted;
//! a dense table from day to "how many sessions lie before it" turns every question about a date
//! into one look-up.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::Error;
use crate::facts::Facts;
use crate::origin::Origin;
use crate::session::Session;
use crate::side::Direction;
use crate::timestamp::Timestamp;

/// The trading calendar of one exchange or product: which dates are sessions, when each opens,
/// pauses and closes, and why a date is closed.
///
/// It is immutable and `Send + Sync`; [`calendar`](crate::calendar()) hands it out in an `Arc`.
/// Everything is in UTC and on whole minutes. The calendar reaches from its first to its last
/// session; beyond them it refuses rather than guesses.
///
/// # Example
///
/// ```
/// use rustybt_calendars::{Direction, Session, calendar};
///
/// let xnys = calendar("NYSE")?;
/// let black_friday = Session::from_ymd(2019, 11, 29).unwrap();
/// assert_eq!(xnys.close(black_friday)?.to_string(), "2019-11-29T18:00Z");
///
/// let thanksgiving = black_friday.plus_days(-1);
/// assert!(!xnys.is_session(thanksgiving));
/// assert_eq!(xnys.why(thanksgiving), Some("Thanksgiving Day"));
/// assert_eq!(xnys.date_to_session(thanksgiving, Direction::Next)?, black_friday);
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
pub struct Calendar {
    pub(crate) facts: Facts,
    /// `rank[d]` is the number of sessions before day `first + d`; one entry more than there are days.
    rank: Vec<u32>,
    /// Days by which the UTC day of a close can lie after its label.
    pub(crate) lag: i32,
    /// `before[i]` is the number of trading minutes (left side) before session `i`; one entry more than sessions.
    pub(crate) before: Vec<u32>,
    /// `pages[p]` is the session of the trading minute at position `p << page_shift` (left side): a page is
    /// about a session long, so the session of any position is a step or two away.
    pub(crate) pages: Vec<u32>,
    pub(crate) page_shift: u32,
    /// What it was worked out from.
    pub(crate) origin: Arc<Origin>,
}

impl Calendar {
    /// Builds the tables. `facts` holds at least one session, ascending, with aligned arrays.
    pub(crate) fn new(facts: Facts, origin: Arc<Origin>) -> Self {
        let first = facts.sessions.first().map_or(0, |s| s.days());
        let last = facts.sessions.last().map_or(0, |s| s.days());
        // All days at first have as many sessions before them as there are; then those up to each session.
        let mut rank = vec![facts.sessions.len() as u32; (last - first + 2) as usize];
        let mut from = 0;
        for (i, session) in facts.sessions.iter().enumerate() {
            let day = (session.days() - first) as usize;
            for rank in rank.get_mut(from..=day).unwrap_or_default() {
                *rank = i as u32;
            }
            from = day + 1;
        }

        let lag = std::iter::zip(&facts.sessions, &facts.closes)
            .map(|(session, &close)| i64::from(close) - i64::from(session.days()) * 1440)
            .max()
            .map_or(0, |latest| latest.div_euclid(i64::from(MINUTES_PER_DAY)) as i32);

        let mut before = Vec::with_capacity(facts.sessions.len() + 1);
        let mut total = 0;
        before.push(total);
        let lengths =
            std::iter::zip(&facts.opens, &facts.closes).map(|(open, close)| (close - open) as u32);
        before.extend(lengths.enumerate().map(|(i, length)| {
            let breaks = facts.breaks_of(i).iter();
            let paused: i64 = breaks.map(|(start, end)| end.minutes() - start.minutes()).sum();
            total += length - paused as u32;
            total
        }));
        let page_shift = (total / facts.sessions.len().max(1) as u32).max(1).ilog2();
        let mut pages = vec![0; (total.saturating_sub(1) >> page_shift) as usize + 1];
        let mut from = 0;
        for (i, &end) in before.iter().skip(1).enumerate() {
            let page = ((end - 1) >> page_shift) as usize;
            for page in pages.get_mut(from..=page).unwrap_or_default() {
                *page = i as u32;
            }
            from = page + 1;
        }
        Self { facts, rank, lag, before, pages, page_shift, origin }
    }

    /// Its name, most often the ISO 10383 market code, such as `XNYS`.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// Other names it is found under, such as `NYSE`.
    pub fn aliases(&self) -> &[String] {
        &self.facts.aliases
    }

    /// The time zone in which its hours are defined.
    pub fn zone(&self) -> Tz {
        self.facts.zone
    }

    /// All sessions it was computed for, ascending; never empty.
    pub fn sessions(&self) -> &[Session] {
        &self.facts.sessions
    }

    /// The first session.
    pub fn first_session(&self) -> Session {
        self.facts.sessions[0]
    }

    /// The last session.
    pub fn last_session(&self) -> Session {
        self.facts.sessions[self.facts.sessions.len() - 1]
    }

    /// How many sessions lie before `date`, which need not be one. One look-up.
    pub(crate) fn sessions_before(&self, date: Session) -> usize {
        let day = i64::from(date.days()) - i64::from(self.first_session().days());
        match usize::try_from(day) {
            Ok(day) => self.rank.get(day).map_or(self.facts.sessions.len(), |&n| n as usize),
            Err(_) => 0,
        }
    }

    /// Whether the calendar trades on `date`; `false` outside its bounds. One look-up.
    pub fn is_session(&self, date: Session) -> bool {
        self.session_index(date).is_some()
    }

    /// Position of `date` in [`sessions`](Self::sessions), or `None` if it is no session. One look-up.
    pub fn session_index(&self, date: Session) -> Option<usize> {
        let index = self.sessions_before(date);
        (self.facts.sessions.get(index) == Some(&date)).then_some(index)
    }

    /// Position of the last session on or before `date`; `None` before the first session.
    ///
    /// It is a position, not a promise: after the last session it is the last one.
    pub fn index_at_or_before(&self, date: Session) -> Option<usize> {
        self.sessions_before(date.plus_days(1)).checked_sub(1)
    }

    /// Position of the first session on or after `date`; `None` after the last session.
    ///
    /// It is a position, not a promise: before the first session it is 0.
    pub fn index_at_or_after(&self, date: Session) -> Option<usize> {
        let index = self.sessions_before(date);
        (index < self.facts.sessions.len()).then_some(index)
    }

    /// The sessions from `start` to `end`, both included; neither need be a session.
    ///
    /// Empty when `start` is after `end` or there is none between; cut to the calendar's bounds.
    pub fn sessions_in_range(&self, start: Session, end: Session) -> &[Session] {
        let from = self.sessions_before(start);
        let to = self.index_at_or_before(end).map_or(0, |i| i + 1);
        self.facts.sessions.get(from..to).unwrap_or_default()
    }

    /// Position of `session`, or why it has none.
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`] before the first and after the last session; otherwise
    /// [`Error::NotASession`], which says what closed the date.
    pub fn require(&self, session: Session) -> Result<usize, Error> {
        self.session_index(session).ok_or_else(|| self.no_session(session))
    }

    #[cold]
    fn no_session(&self, date: Session) -> Error {
        let index = self.sessions_before(date);
        match (index.checked_sub(1), self.facts.sessions.get(index)) {
            (Some(previous), Some(&next)) => Error::NotASession {
                calendar: self.name().into(),
                date,
                why: self.why(date).unwrap_or("not a trading day of its week").into(),
                previous: self.facts.sessions[previous],
                next,
            },
            _ => Error::DateOutOfBounds {
                calendar: self.name().into(),
                date,
                first: self.first_session(),
                last: self.last_session(),
            },
        }
    }

    /// The session after `session`.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require), and [`Error::DateOutOfBounds`] after the last session.
    pub fn next_session(&self, session: Session) -> Result<Session, Error> {
        let index = self.require(session)?;
        self.session_at(index + 1).ok_or_else(|| self.no_session(session.plus_days(1)))
    }

    /// The session before `session`.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require), and [`Error::DateOutOfBounds`] before the first session.
    pub fn previous_session(&self, session: Session) -> Result<Session, Error> {
        let index = self.require(session)?;
        index
            .checked_sub(1)
            .and_then(|i| self.session_at(i))
            .ok_or_else(|| self.no_session(session.plus_days(-1)))
    }

    /// `date` itself when it is a session, otherwise the session after or before it.
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`] before the first and after the last session;
    /// [`Error::NotASession`] for [`Direction::None`].
    pub fn date_to_session(&self, date: Session, direction: Direction) -> Result<Session, Error> {
        self.require_date(date)?;
        let index = self.sessions_before(date);
        match (self.facts.sessions[index] == date, direction) {
            (true, _) | (false, Direction::Next) => Ok(self.facts.sessions[index]),
            (false, Direction::Previous) => Ok(self.facts.sessions[index - 1]),
            (false, Direction::None) => Err(self.no_session(date)),
        }
    }

    /// The session at position `index` of [`sessions`](Self::sessions); `None` past the last.
    pub fn session_at(&self, index: usize) -> Option<Session> {
        self.facts.sessions.get(index).copied()
    }

    /// When `session` opens.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn open(&self, session: Session) -> Result<Timestamp, Error> {
        let index = self.require(session)?;
        Ok(Timestamp::from_minutes(i64::from(self.facts.opens[index])))
    }

    /// When `session` closes: the first instant at which it no longer trades.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn close(&self, session: Session) -> Result<Timestamp, Error> {
        let index = self.require(session)?;
        Ok(Timestamp::from_minutes(i64::from(self.facts.closes[index])))
    }

    /// The breaks of `session`, from the first instant of each to the first after it; mostly none.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn breaks(&self, session: Session) -> Result<&[(Timestamp, Timestamp)], Error> {
        Ok(self.facts.breaks_of(self.require(session)?))
    }

    /// Whether `session` has a break.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn has_break(&self, session: Session) -> Result<bool, Error> {
        Ok(!self.breaks(session)?.is_empty())
    }

    /// When the session at position `index` opens; `None` past the last.
    pub fn open_at(&self, index: usize) -> Option<Timestamp> {
        let &minutes = self.facts.opens.get(index)?;
        Some(Timestamp::from_minutes(i64::from(minutes)))
    }

    /// When the session at position `index` closes; `None` past the last.
    pub fn close_at(&self, index: usize) -> Option<Timestamp> {
        let &minutes = self.facts.closes.get(index)?;
        Some(Timestamp::from_minutes(i64::from(minutes)))
    }

    /// The breaks of the session at position `index`; empty past the last.
    pub fn breaks_at(&self, index: usize) -> &[(Timestamp, Timestamp)] {
        self.facts.breaks_of(index)
    }

    /// The sessions that close earlier than was regular on their date, ascending.
    pub fn early_closes(&self) -> impl Iterator<Item = Session> + '_ {
        self.facts.notes.iter().filter(|note| note.early_close).map(|note| note.date)
    }

    /// The sessions that open later than was regular on their date, ascending.
    pub fn late_opens(&self) -> impl Iterator<Item = Session> + '_ {
        self.facts.notes.iter().filter(|note| note.late_open).map(|note| note.date)
    }

    /// From `start`, `count` sessions onwards, or backwards when negative; `start` is one of them.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require), and [`Error::NoWindow`] when `count` is 0 or leads past an end.
    pub fn sessions_window(&self, start: Session, count: i64) -> Result<&[Session], Error> {
        let index = self.require(start)?;
        let length = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
        let window = match count {
            0 => None,
            1.. => index.checked_add(length).map(|end| index..end),
            ..0 => (index + 1).checked_sub(length).map(|from| from..index + 1),
        };
        window
            .and_then(|window| self.facts.sessions.get(window))
            .ok_or_else(|| self.no_window(count, "sessions", &start))
    }

    #[cold]
    pub(crate) fn no_window(&self, count: i64, unit: &'static str, from: &dyn ToString) -> Error {
        Error::NoWindow { calendar: self.name().into(), count, unit, from: from.to_string() }
    }

    /// The session `n` sessions after `session`, before it when negative.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require), and [`Error::NoWindow`] when `n` leads past an end.
    pub fn session_offset(&self, session: Session, n: i64) -> Result<Session, Error> {
        let index = self.require(session)? as i64;
        index
            .checked_add(n)
            .and_then(|index| self.session_at(usize::try_from(index).ok()?))
            .ok_or_else(|| self.no_window(n, "sessions", &session))
    }

    /// How many sessions there are from `start` to `end`, both counted; negative when `start` is later.
    /// Neither need be a session.
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`] for a date before the first or after the last session.
    pub fn sessions_distance(&self, start: Session, end: Session) -> Result<i64, Error> {
        self.require_date(start)?;
        self.require_date(end)?;
        let count = self.sessions_in_range(start.min(end), start.max(end)).len() as i64;
        Ok(if start > end { -count } else { count })
    }

    /// Refuses a date before the first or after the last session.
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`].
    pub fn require_date(&self, date: Session) -> Result<(), Error> {
        if date < self.first_session() || date > self.last_session() {
            return Err(self.no_session(date));
        }
        Ok(())
    }
}

const MINUTES_PER_DAY: i32 = 1440;

impl std::fmt::Debug for Calendar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calendar")
            .field("name", &self.facts.name)
            .field("zone", &self.facts.zone)
            .field("sessions", &self.facts.sessions.len())
            .field("first", &self.first_session())
            .field("last", &self.last_session())
            .finish_non_exhaustive()
    }
}
