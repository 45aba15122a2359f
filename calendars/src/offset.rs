//! From an instant to sessions and trading minutes before and after it.

use chrono::{DateTime, Datelike, Duration, TimeZone, Timelike};

use crate::Error;
use crate::calendar::Calendar;
use crate::session::Session;
use crate::side::{Breaks, Clock, Direction, Side};
use crate::timestamp::Timestamp;

impl Calendar {
    /// Whether the exchange is open at the very instant `at`, of any resolution, a break counting as
    /// `breaks` says. `false` outside the calendar's bounds.
    ///
    /// Unlike [`is_open_on_minute`](Self::is_open_on_minute) nothing is rounded: `side` only says whether
    /// the instants of opening and closing themselves count as open.
    ///
    /// ```
    /// # use rustybt_calendars::{Breaks, Side, calendar};
    /// let xnys = calendar("XNYS")?;
    /// let (late, close) = ("2019-11-29T17:59:59.5Z".parse()?, "2019-11-29T18:00Z".parse()?);
    /// assert!(xnys.is_open_at(late, Side::Neither, Breaks::Closed));
    /// assert!(!xnys.is_open_at(close, Side::Left, Breaks::Closed));
    /// assert!(xnys.is_open_at(close, Side::Right, Breaks::Closed));
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn is_open_at(&self, at: Timestamp, side: Side, breaks: Breaks) -> bool {
        let (at_start, at_end) = (side.holds_start(), side.holds_end());
        let within = |(start, end): (i64, i64)| {
            let (start, end) = (Timestamp::from_minutes(start), Timestamp::from_minutes(end));
            (start < at && at < end) || (at_start && at == start) || (at_end && at == end)
        };
        let index = self.index_closing_after(at.minutes());
        // The session before can close at this very instant.
        (index.saturating_sub(1)..=index).any(|index| match breaks {
            Breaks::Closed => self.spans(index).any(within),
            Breaks::Open => self.span(index).is_some_and(within),
        })
    }

    /// The `count`-th session that is over at `at`, counted backwards: a session that trades at `at` or
    /// pauses then is skipped. `count` is 1 or more.
    ///
    /// # Errors
    ///
    /// [`Error::MinuteOutOfBounds`] if `at` is; [`Error::NotAWholeMinute`] as for
    /// [`next_minute`](Self::next_minute); [`Error::NoWindow`] when `count` is 0 or leads past the first session.
    pub fn minute_to_past_session(
        &self,
        at: Timestamp,
        count: usize,
        side: Side,
    ) -> Result<Session, Error> {
        self.require_minute_within(at, side)?;
        let index = self.index_ending_at_or_after(side.label(at), side);
        (count > 0)
            .then(|| self.session_at(index.checked_sub(count)?))
            .flatten()
            .ok_or_else(|| self.no_window(-counted(count), "sessions", &at))
    }

    /// The `count`-th session that has not begun at `at`: a session that trades at `at` or pauses then is
    /// skipped. `count` is 1 or more.
    ///
    /// # Errors
    ///
    /// As [`minute_to_past_session`](Self::minute_to_past_session), towards the last session.
    pub fn minute_to_future_session(
        &self,
        at: Timestamp,
        count: usize,
        side: Side,
    ) -> Result<Session, Error> {
        self.require_minute_within(at, side)?;
        let minute = side.label(at);
        let index = self.index_ending_at_or_after(minute, side);
        let begun = usize::from(self.first_label(index, side) <= minute);
        count
            .checked_sub(1)
            .and_then(|more| self.session_at(index.checked_add(begun + more)?))
            .ok_or_else(|| self.no_window(counted(count), "sessions", &at))
    }

    /// The trading minute that `at` counts as; outside trading, the one after or before it.
    ///
    /// # Errors
    ///
    /// [`Error::MinuteOutOfBounds`] if `at` is; [`Error::NotATradingMinute`] for [`Direction::None`];
    /// [`Error::NotAWholeMinute`] as for [`next_minute`](Self::next_minute).
    pub fn minute_to_trading_minute(
        &self,
        at: Timestamp,
        direction: Direction,
        side: Side,
    ) -> Result<Timestamp, Error> {
        self.require_minute_within(at, side)?;
        if self.is_trading_minute(at, side) {
            return Ok(Timestamp::from_minutes(side.label(at)));
        }
        match direction {
            Direction::Next => self.next_minute(at, side),
            Direction::Previous => self.previous_minute(at, side),
            Direction::None => Err(self.no_minute(at, side)),
        }
    }

    /// The trading minute at the same time of day as `at`, `n` sessions later (earlier when negative).
    ///
    /// The time of day is that of `clock`. Where the other session does not trade then, it is its first
    /// minute, its last minute, or the last before its break. [`Clock::Utc`] is what `exchange_calendars` does;
    /// a time of day past the calendar's very last minute is refused then.
    ///
    /// ```
    /// # use rustybt_calendars::{Clock, Side, calendar};
    /// let xnys = calendar("XNYS")?;
    /// let friday = "2020-03-06T15:00Z".parse()?; // 10:00 in New York, whose clocks change on Sunday
    /// let local = xnys.minute_offset_by_sessions(friday, 1, Side::Left, Clock::Local)?;
    /// let utc = xnys.minute_offset_by_sessions(friday, 1, Side::Left, Clock::Utc)?;
    /// assert_eq!((local.to_string(), utc.to_string()), ("2020-03-09T14:00Z".into(), "2020-03-09T15:00Z".into()));
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotATradingMinute`] or [`Error::MinuteOutOfBounds`] if `at` is not one;
    /// [`Error::NoWindow`] when `n` leads past an end.
    pub fn minute_offset_by_sessions(
        &self,
        at: Timestamp,
        n: i64,
        side: Side,
        clock: Clock,
    ) -> Result<Timestamp, Error> {
        if !self.is_trading_minute(at, side) {
            return Err(self.no_minute(at, side));
        }
        let minute = side.label(at);
        if n == 0 {
            return Ok(Timestamp::from_minutes(minute));
        }
        let index = self.index_ending_at_or_after(minute, side);
        let target = i64::try_from(index)
            .ok()
            .and_then(|index| usize::try_from(index.checked_add(n)?).ok())
            .filter(|&target| target < self.sessions().len())
            .ok_or_else(|| self.no_window(n, "sessions", &at))?;
        let (base, goal) = (self.sessions()[index], self.sessions()[target]);
        let wanted = match clock {
            Clock::Utc => minute + (i64::from(goal.days()) - i64::from(base.days())) * 1440,
            Clock::Local => self.same_local_time(minute, base, goal),
        };
        // Past the last minute of all, the other library refuses before it looks at the session.
        if clock == Clock::Utc && wanted > self.last_label(self.sessions().len() - 1, side) {
            return Err(self.no_window(n, "sessions", &at));
        }
        let wanted = wanted.clamp(self.first_label(target, side), self.last_label(target, side));
        let within = self
            .labels(target, side)
            .take_while(|&(first, _)| first <= wanted)
            .last()
            .map_or(wanted, |(_, last)| wanted.min(last));
        Ok(Timestamp::from_minutes(within))
    }

    /// The minute that lies to `goal` on the local clock as `minute` lies to `base`; the later of two when
    /// the clock shows it twice, the first after it when the clock skips it.
    fn same_local_time(&self, minute: i64, base: Session, goal: Session) -> i64 {
        let local = |minute: i64| {
            DateTime::from_timestamp(minute.saturating_mul(60), 0)
                .map(|at| at.with_timezone(&self.zone()).naive_local())
        };
        let plain = minute + (i64::from(goal.days()) - i64::from(base.days())) * 1440;
        let Some(time) = local(minute) else { return plain };
        let days = Session::from_date(time.date()).days() - base.days();
        let date = goal.plus_days(days).date();
        let wanted = time
            .with_day(1)
            .and_then(|time| time.with_year(date.year()))
            .and_then(|time| time.with_month(date.month()))
            .and_then(|time| time.with_day(date.day()));
        let Some(mut wanted) = wanted else { return plain };
        // No clock is put forward by more than a day.
        for _ in 0..=24 * 60 {
            if let Some(at) = self.zone().from_local_datetime(&wanted).latest() {
                return at.timestamp().div_euclid(60);
            }
            wanted += Duration::seconds(60 - i64::from(wanted.second()));
        }
        plain
    }

    /// Refuses an instant that is no minute of this side between the first and the last trading minute.
    ///
    /// # Errors
    ///
    /// [`Error::MinuteOutOfBounds`]; [`Error::NotAWholeMinute`] as for [`next_minute`](Self::next_minute).
    pub fn require_minute_within(&self, at: Timestamp, side: Side) -> Result<(), Error> {
        if !side.takes_seconds() && !at.is_whole_minute() {
            return Err(Error::NotAWholeMinute { at, side });
        }
        let (first, last) = self.minute_bounds(side);
        let label = Timestamp::from_minutes(side.label(at));
        if label < first || label > last {
            return Err(self.out_of_bounds(at, side));
        }
        Ok(())
    }

    /// The first and the last trading minute: the bounds of every question about minutes.
    pub fn minute_bounds(&self, side: Side) -> (Timestamp, Timestamp) {
        let last = self.sessions().len() - 1;
        (
            Timestamp::from_minutes(self.first_label(0, side)),
            Timestamp::from_minutes(self.last_label(last, side)),
        )
    }

    /// The sides by which its minutes can be told: not `Both` and `Neither` where one session closes as the
    /// next opens.
    pub fn sides(&self) -> &'static [Side] {
        let opens = self.facts.opens.iter().skip(1);
        if std::iter::zip(&self.facts.closes, opens).any(|(close, open)| close == open) {
            return &[Side::Left, Side::Right];
        }
        &[Side::Left, Side::Right, Side::Both, Side::Neither]
    }

    /// Start and end of each span of trading of a session, breaks left out.
    pub(crate) fn spans(&self, index: usize) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.labels(index, Side::Both)
    }

    /// Open and close of a session.
    pub(crate) fn span(&self, index: usize) -> Option<(i64, i64)> {
        let (&open, &close) = self.facts.opens.get(index).zip(self.facts.closes.get(index))?;
        Some((i64::from(open), i64::from(close)))
    }

    /// The sessions that trade at `minutes` or pause then, one for each. Quickest when they ascend.
    ///
    /// # Errors
    ///
    /// As [`minute_to_session`](Self::minute_to_session) with [`Direction::None`], for the first that
    /// belongs to none.
    pub fn minutes_to_sessions(
        &self,
        minutes: &[Timestamp],
        side: Side,
    ) -> Result<Vec<Session>, Error> {
        let mut sessions = Vec::with_capacity(minutes.len());
        let mut known = (Timestamp::MAX, Timestamp::MIN, Session::from_days(0));
        for &at in minutes {
            if at < known.0 || at > known.1 || !side.takes_seconds() {
                let session = self.minute_to_session(at, Direction::None, side)?;
                let index = self.require(session)?;
                // Within these every instant rounds to a label of the session.
                let first = Timestamp::from_minutes(self.first_label(index, side));
                let last = Timestamp::from_minutes(self.last_label(index, side));
                known = (first, last, session);
            }
            sessions.push(known.2);
        }
        Ok(sessions)
    }

    /// The last trading minute before the first break of `session`; `None` without a break.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn last_am_minute(&self, session: Session, side: Side) -> Result<Option<Timestamp>, Error> {
        let index = self.require(session)?;
        let broken = !self.breaks_at(index).is_empty();
        let span = self.labels(index, side).next().filter(|_| broken);
        Ok(span.map(|(_, last)| Timestamp::from_minutes(last)))
    }

    /// The first trading minute after the last break of `session`; `None` without a break.
    ///
    /// # Errors
    ///
    /// As [`require`](Self::require).
    pub fn first_pm_minute(
        &self,
        session: Session,
        side: Side,
    ) -> Result<Option<Timestamp>, Error> {
        let index = self.require(session)?;
        let span = self.labels(index, side).skip(1).last();
        Ok(span.map(|(first, _)| Timestamp::from_minutes(first)))
    }

    /// Whether any session from `start` to `end`, both included, has a break.
    pub fn sessions_have_break(&self, start: Session, end: Session) -> bool {
        let range = self.range_of(start, end);
        self.facts.breaks_before(range.start) < self.facts.breaks_before(range.end)
    }

    /// How many trading minutes the sessions from `start` to `end`, both included, have together.
    pub fn sessions_minutes_count(&self, start: Session, end: Session, side: Side) -> u64 {
        let range = self.range_of(start, end);
        self.labels_before(range.end, side) - self.labels_before(range.start, side)
    }

    /// Positions of the sessions from `start` to `end`, both included.
    pub(crate) fn range_of(&self, start: Session, end: Session) -> std::ops::Range<usize> {
        let from = self.sessions_before(start);
        let to = self.index_at_or_before(end).map_or(0, |i| i + 1);
        from..to.max(from)
    }
}

impl Side {
    const fn holds_start(self) -> bool {
        matches!(self, Self::Left | Self::Both)
    }

    const fn holds_end(self) -> bool {
        matches!(self, Self::Right | Self::Both)
    }
}

fn counted(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
