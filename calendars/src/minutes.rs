//! Arithmetic on trading minutes, without ever listing them.
//!
//! A session is one span of minutes, or several with breaks between. Every question about minutes
//! comes down to two: how many trading minutes lie before this one (`minutes_before`), and which one
//! has this many before it (`nth_minute`). Both follow from the running total kept per session.

use crate::Error;
use crate::calendar::Calendar;
use crate::session::Session;
use crate::side::{Breaks, Direction, Side, ceil};
use crate::timestamp::Timestamp;

impl Calendar {
    /// The first trading minute of `session`.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn first_minute(&self, session: Session, side: Side) -> Result<Timestamp, Error> {
        Ok(Timestamp::from_minutes(self.first_label(self.require(session)?, side)))
    }

    /// The last trading minute of `session`.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn last_minute(&self, session: Session, side: Side) -> Result<Timestamp, Error> {
        Ok(Timestamp::from_minutes(self.last_label(self.require(session)?, side)))
    }

    /// Whether `at` is a minute of trading; breaks are not. `false` outside the calendar's bounds.
    pub fn is_trading_minute(&self, at: Timestamp, side: Side) -> bool {
        self.is_open_on_minute(at, side, Breaks::Closed)
    }

    /// Whether `at` lies in a break: after the last minute before it, before the first one after it.
    pub fn is_break_minute(&self, at: Timestamp, side: Side) -> bool {
        self.is_open_on_minute(at, side, Breaks::Open)
            && !self.is_open_on_minute(at, side, Breaks::Closed)
    }

    /// Whether the exchange is open at `at`, a break counting as `breaks` says.
    pub fn is_open_on_minute(&self, at: Timestamp, side: Side, breaks: Breaks) -> bool {
        if !side.takes_seconds() && !at.is_whole_minute() {
            return false;
        }
        let minute = side.label(at);
        let index = self.index_ending_at_or_after(minute, side);
        if index == self.facts.sessions.len() || minute < self.first_label(index, side) {
            return false;
        }
        breaks == Breaks::Open || self.in_a_span(index, minute, side)
    }

    /// The session that trades at `at` or pauses then; otherwise the one after or before it.
    ///
    /// # Errors
    ///
    /// [`Error::MinuteOutOfBounds`] before the first and after the last trading minute;
    /// [`Error::NotATradingMinute`] between sessions for [`Direction::None`]; [`Error::NotAWholeMinute`] as
    /// for [`next_minute`](Self::next_minute).
    pub fn minute_to_session(
        &self,
        at: Timestamp,
        direction: Direction,
        side: Side,
    ) -> Result<Session, Error> {
        let minute = side.label(at);
        let index = self.index_ending_at_or_after(minute, side);
        let Some(&session) = self.facts.sessions.get(index) else {
            return Err(self.no_minute(at, side));
        };
        require_label(at, side)?;
        if minute >= self.first_label(index, side) {
            return Ok(session);
        }
        match (direction, index.checked_sub(1)) {
            (Direction::Next, Some(_)) => Ok(session),
            (Direction::Previous, Some(previous)) => Ok(self.facts.sessions[previous]),
            _ => Err(self.no_minute(at, side)),
        }
    }

    /// The first open after `at`.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close.
    pub fn next_open(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.require_between_ends(at)?;
        let index = self.index_closing_after(at.minutes());
        let opened =
            self.facts.opens.get(index).is_some_and(|&open| i64::from(open) <= at.minutes());
        self.open_at(index + usize::from(opened)).ok_or_else(|| self.nothing_left("open after", at))
    }

    /// The first close after `at`.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close.
    pub fn next_close(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.require_between_ends(at)?;
        self.close_at(self.index_closing_after(at.minutes()))
            .ok_or_else(|| self.nothing_left("close after", at))
    }

    /// The last open before `at`.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close.
    pub fn previous_open(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.require_between_ends(at)?;
        let minute = ceil(at);
        let index = self.index_closing_after(minute);
        let opened = self.facts.opens.get(index).is_some_and(|&open| i64::from(open) < minute);
        (index + usize::from(opened))
            .checked_sub(1)
            .and_then(|index| self.open_at(index))
            .ok_or_else(|| self.nothing_left("open before", at))
    }

    /// The last close before `at`.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close.
    pub fn previous_close(&self, at: Timestamp) -> Result<Timestamp, Error> {
        self.require_between_ends(at)?;
        self.index_closing_after(ceil(at).saturating_sub(1))
            .checked_sub(1)
            .and_then(|index| self.close_at(index))
            .ok_or_else(|| self.nothing_left("close before", at))
    }

    /// The first trading minute after the one that `at` counts as.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close;
    /// [`Error::NotAWholeMinute`] within a minute, for a side that has no label for it.
    pub fn next_minute(&self, at: Timestamp, side: Side) -> Result<Timestamp, Error> {
        require_label(at, side)?;
        self.require_between_ends(at)?;
        let minute = side.label(at) + 1;
        let index = self.index_ending_at_or_after(minute, side);
        self.labels(index, side)
            .find(|&(_, last)| minute <= last)
            .map(|(first, _)| Timestamp::from_minutes(minute.max(first)))
            .ok_or_else(|| self.nothing_left("trading minute after", at))
    }

    /// The last trading minute before the one that `at` counts as.
    ///
    /// # Errors
    ///
    /// [`Error::NothingLeft`] if there is none; [`Error::MinuteOutOfBounds`] if `at` lies before the
    /// first open or after the last close;
    /// [`Error::NotAWholeMinute`] within a minute, for a side that has no label for it.
    pub fn previous_minute(&self, at: Timestamp, side: Side) -> Result<Timestamp, Error> {
        require_label(at, side)?;
        self.require_between_ends(at)?;
        let minute = if side == Side::Left { at.minutes() } else { ceil(at) } - 1;
        let index = self.index_ending_at_or_after(minute, side);
        let within = self.labels(index, side).take_while(|&(first, _)| first <= minute).last();
        let before = || Some(self.last_label(index.checked_sub(1)?, side));
        within
            .map(|(_, last)| minute.min(last))
            .or_else(before)
            .map(Timestamp::from_minutes)
            .ok_or_else(|| self.nothing_left("trading minute before", at))
    }

    /// How many trading minutes (labelled by their beginning) lie before `at`, when it is one of them.
    ///
    /// The positions 0, 1, 2 … are those of an index of all trading minutes, which nobody has to build.
    ///
    /// ```
    /// # use rustybt_calendars::calendar;
    /// let xnys = calendar("XNYS")?;
    /// let last = "2019-11-29T17:59Z".parse()?; // the half day after Thanksgiving
    /// let position = xnys.minute_position(last).unwrap();
    /// assert_eq!(xnys.minute_at(position + 1).unwrap().to_string(), "2019-12-02T14:30Z");
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn minute_position(&self, at: Timestamp) -> Option<u64> {
        let minute = at.minutes();
        let index = self.index_ending_at_or_after(minute, Side::Left);
        let known = index < self.facts.sessions.len() && at.is_whole_minute();
        (known && self.in_a_span(index, minute, Side::Left))
            .then(|| self.minutes_before_in(index, minute, Side::Left))
    }

    /// The trading minute (labelled by its beginning) with `position` others before it; `None` past the last.
    pub fn minute_at(&self, position: u64) -> Option<Timestamp> {
        self.nth_minute(position, Side::Left)
    }

    /// How many trading minutes all sessions before position `session_index` have together; past the
    /// last session, how many there are.
    pub fn minutes_before_session(&self, session_index: usize) -> u64 {
        let last = self.before.len() - 1;
        u64::from(self.before[session_index.min(last)])
    }

    /// How many trading minutes lie before the label `minute`.
    pub(crate) fn minutes_before(&self, minute: i64, side: Side) -> u64 {
        let index = self.index_ending_at_or_after(minute, side);
        self.minutes_before_in(index, minute, side)
    }

    /// The same, when all sessions before `index` end before `minute`.
    fn minutes_before_in(&self, index: usize, minute: i64, side: Side) -> u64 {
        let within: i64 = self
            .labels(index, side)
            .map(|(first, last)| (minute.min(last + 1) - first).max(0))
            .sum();
        self.labels_before(index, side) + within as u64
    }

    /// The trading minute with `position` others before it.
    pub(crate) fn nth_minute(&self, position: u64, side: Side) -> Option<Timestamp> {
        let index = self.index_of_position(position, side)?;
        let mut left = (position - self.labels_before(index, side)) as i64;
        for (first, last) in self.labels(index, side) {
            if left <= last - first {
                return Some(Timestamp::from_minutes(first + left));
            }
            left -= last - first + 1;
        }
        None
    }

    /// The session that holds the trading minute with `position` others before it.
    fn index_of_position(&self, position: u64, side: Side) -> Option<usize> {
        let sessions = self.facts.sessions.len();
        if position >= self.labels_before(sessions, side) {
            return None;
        }
        if side.surplus() == 0 {
            let mut index = *self.pages.get((position >> self.page_shift) as usize)? as usize;
            while u64::from(self.before[index + 1]) <= position {
                index += 1;
            }
            return Some(index);
        }
        let (mut low, mut high) = (0, sessions);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if self.labels_before(middle, side) <= position {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(low)
    }

    /// Trading minutes of all sessions before `index`.
    pub(crate) fn labels_before(&self, index: usize, side: Side) -> u64 {
        let spans = index as i64 + i64::from(self.facts.breaks_before(index));
        (i64::from(self.before[index]) + side.surplus() * spans) as u64
    }

    /// First and last label of each span of trading of a session; none past the last session.
    pub(crate) fn labels(&self, index: usize, side: Side) -> impl Iterator<Item = (i64, i64)> + '_ {
        let (start_trim, end_trim) = side.trim();
        let session = self.facts.opens.get(index).zip(self.facts.closes.get(index));
        let breaks = self.facts.breaks_of(index);
        let mut from = session.map(|(&open, _)| i64::from(open));
        (0..=breaks.len()).map_while(move |i| {
            let start = from? + start_trim;
            let end = match breaks.get(i) {
                Some((start, end)) => {
                    from = Some(end.minutes());
                    start.minutes()
                }
                None => session.map(|(_, &close)| i64::from(close))?,
            };
            Some((start, end - end_trim))
        })
    }

    fn in_a_span(&self, index: usize, minute: i64, side: Side) -> bool {
        self.labels(index, side).any(|(first, last)| (first..=last).contains(&minute))
    }

    pub(crate) fn first_label(&self, index: usize, side: Side) -> i64 {
        i64::from(self.facts.opens[index]) + side.trim().0
    }

    pub(crate) fn last_label(&self, index: usize, side: Side) -> i64 {
        i64::from(self.facts.closes[index]) - side.trim().1
    }

    /// The first session whose last minute is `minute` or later; the number of sessions if none is.
    pub(crate) fn index_ending_at_or_after(&self, minute: i64, side: Side) -> usize {
        self.index_closing_after(minute.saturating_add(side.trim().1).saturating_sub(1))
    }

    /// The first session that closes after `minute`; the number of sessions if none does.
    ///
    /// No session labelled earlier than `lag` days before can still be open on this day, so the table
    /// leads to within a step or two.
    pub(crate) fn index_closing_after(&self, minute: i64) -> usize {
        let day = i32::try_from(minute.div_euclid(1440)).unwrap_or(if minute < 0 {
            i32::MIN
        } else {
            i32::MAX
        });
        let mut index = self.sessions_before(Session::from_days(day.saturating_sub(self.lag)));
        while self.facts.closes.get(index).is_some_and(|&close| i64::from(close) <= minute) {
            index += 1;
        }
        index
    }

    /// Refuses instants before the first open and after the last close: what comes next there is not known.
    fn require_between_ends(&self, at: Timestamp) -> Result<(), Error> {
        let last = self.facts.sessions.len() - 1;
        let within = self.first_label(0, Side::Left)..=self.last_label(last, Side::Right);
        if within.contains(&at.minutes()) && within.contains(&ceil(at)) {
            return Ok(());
        }
        Err(self.out_of_bounds(at, Side::Left))
    }

    #[cold]
    fn nothing_left(&self, what: &'static str, at: Timestamp) -> Error {
        let (first, _) = self.minute_bounds(Side::Left);
        let (_, last) = self.minute_bounds(Side::Right);
        Error::NothingLeft { calendar: self.name().into(), what, at, first, last }
    }

    #[cold]
    pub(crate) fn out_of_bounds(&self, at: Timestamp, side: Side) -> Error {
        Error::MinuteOutOfBounds {
            calendar: self.name().into(),
            minute: at,
            first: Timestamp::from_minutes(self.first_label(0, side)),
            last: Timestamp::from_minutes(self.last_label(self.facts.sessions.len() - 1, side)),
        }
    }

    #[cold]
    pub(crate) fn no_minute(&self, at: Timestamp, side: Side) -> Error {
        let minute = side.label(at);
        let index = self.index_ending_at_or_after(minute, side);
        let Some(&next) = self.facts.sessions.get(index) else {
            return self.out_of_bounds(at, side);
        };
        let begun = minute >= self.first_label(index, side);
        // Within a session, it is a break, which lies in that session alone.
        let holder = if begun { Some(index) } else { index.checked_sub(1) };
        let Some(previous) = holder else {
            return self.out_of_bounds(at, side);
        };
        Error::NotATradingMinute {
            calendar: self.name().into(),
            minute: at,
            previous: self.facts.sessions[previous],
            next,
        }
    }
}

/// Refuses an instant within a minute to a side that has no label for it.
const fn require_label(at: Timestamp, side: Side) -> Result<(), Error> {
    if side.takes_seconds() || at.is_whole_minute() {
        return Ok(());
    }
    Err(Error::NotAWholeMinute { at, side })
}
