//! On which days and at which bars a scheduled function runs.
//!
//! A rule counts the sessions of the calendar, not those of the run: a run that starts on the
//! second session of a month has no `month_start(0)` in it. Weeks are ISO weeks, from Monday.

use rustybt_calendars::{Calendar, Session, Timestamp};

use crate::Error;

/// The days on which a function runs.
///
/// ```
/// use rustybt_algorithm::DateRule;
/// use rustybt_calendars::{Session, calendar};
///
/// let xnys = calendar("XNYS")?;
/// let rule = DateRule::month_start(1);
/// // New Year's Day 2019 was a Tuesday; the second session was Thursday the 3rd.
/// assert!(rule.holds(&xnys, "2019-01-03".parse()?));
/// assert!(!rule.holds(&xnys, "2019-01-02".parse()?));
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateRule {
    period: Period,
    half_days: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Period {
    Day,
    WeekStart(u8),
    WeekEnd(u8),
    MonthStart(u8),
    MonthEnd(u8),
}

impl DateRule {
    const fn new(period: Period) -> Self {
        Self { period, half_days: true }
    }

    /// Every session.
    pub const fn every_day() -> Self {
        Self::new(Period::Day)
    }

    /// `n` sessions after the first of each week, `0` to `4`; not in weeks that are too short.
    pub const fn week_start(n: u8) -> Self {
        Self::new(Period::WeekStart(n))
    }

    /// `n` sessions before the last of each week, `0` to `4`; not in weeks that are too short.
    pub const fn week_end(n: u8) -> Self {
        Self::new(Period::WeekEnd(n))
    }

    /// `n` sessions after the first of each month, `0` to `22`; not in months that are too short.
    pub const fn month_start(n: u8) -> Self {
        Self::new(Period::MonthStart(n))
    }

    /// `n` sessions before the last of each month, `0` to `22`; not in months that are too short.
    pub const fn month_end(n: u8) -> Self {
        Self::new(Period::MonthEnd(n))
    }

    /// The same, but not on a session that closes early.
    #[must_use]
    pub const fn except_half_days(self) -> Self {
        Self { half_days: false, ..self }
    }

    /// Whether the rule holds on a session of the calendar.
    pub fn holds(self, calendar: &Calendar, session: Session) -> bool {
        let Some(index) = calendar.session_index(session) else { return false };
        let week = |day: Session| (day.days() + 3).div_euclid(7);
        let month = |day: Session| {
            use chrono::Datelike as _;
            let date = day.date();
            date.year() * 12 + date.month0() as i32
        };
        let day = match self.period {
            Period::Day => true,
            Period::WeekStart(n) => before(calendar, index, week) == usize::from(n),
            Period::WeekEnd(n) => after(calendar, index, week) == usize::from(n),
            Period::MonthStart(n) => before(calendar, index, month) == usize::from(n),
            Period::MonthEnd(n) => after(calendar, index, month) == usize::from(n),
        };
        day && (self.half_days || !calendar.early_closes().any(|early| early == session))
    }

    pub(crate) fn check(self) -> Result<(), Error> {
        let (n, most, unit) = match self.period {
            Period::Day => return Ok(()),
            Period::WeekStart(n) | Period::WeekEnd(n) => (n, 4, "week"),
            Period::MonthStart(n) | Period::MonthEnd(n) => (n, 22, "month"),
        };
        if n > most { Err(Error::DateRule { n, most, unit }) } else { Ok(()) }
    }
}

/// How many sessions of the same period come before one.
fn before(calendar: &Calendar, index: usize, period: impl Fn(Session) -> i32) -> usize {
    let sessions = calendar.sessions().get(..=index).unwrap_or_default();
    let Some((&own, earlier)) = sessions.split_last() else { return 0 };
    earlier.iter().rev().take_while(|&&day| period(day) == period(own)).count()
}

/// How many sessions of the same period come after one.
fn after(calendar: &Calendar, index: usize, period: impl Fn(Session) -> i32) -> usize {
    let sessions = calendar.sessions().get(index..).unwrap_or_default();
    let Some((&own, later)) = sessions.split_first() else { return 0 };
    later.iter().take_while(|&&day| period(day) == period(own)).count()
}

/// The bar of a day at which a function runs.
///
/// A daily run has one bar a day, and every rule means that bar. In a minute run, a bar belongs
/// to the instant at which it closes: `MarketOpen { hours: 0, minutes: 10 }` is the tenth minute
/// bar, which closes ten minutes after the open. An instant inside a lunch break means the first
/// bar after it; one beyond a short session is never reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TimeRule {
    /// Every bar. (In zipline the rule of this name runs once a day, in its first minute.)
    #[default]
    EveryMinute,
    /// So long after the open: from one minute to twelve hours.
    MarketOpen {
        /// Hours after the open.
        hours: u8,
        /// Minutes beside the hours.
        minutes: u16,
    },
    /// So long before the close: from one minute to twelve hours.
    MarketClose {
        /// Hours before the close.
        hours: u8,
        /// Minutes beside the hours.
        minutes: u16,
    },
}

impl TimeRule {
    /// The first minute bar of the day.
    pub const fn market_open() -> Self {
        Self::MarketOpen { hours: 0, minutes: 1 }
    }

    /// The bar that closes one minute before the session does.
    pub const fn market_close() -> Self {
        Self::MarketClose { hours: 0, minutes: 1 }
    }

    /// The first instant at which it may run, for a session open from `open` to `close`.
    fn instant(self, open: Timestamp, close: Timestamp) -> Timestamp {
        let total = |hours: u8, minutes: u16| i64::from(hours) * 60 + i64::from(minutes);
        match self {
            Self::EveryMinute => open,
            Self::MarketOpen { hours, minutes } => open.plus_minutes(total(hours, minutes)),
            Self::MarketClose { hours, minutes } => close.plus_minutes(-total(hours, minutes)),
        }
    }

    /// Whether it runs at the bar that closes at `now`, the one before having closed at `last`
    /// (the open, for the first bar of a session).
    pub(crate) fn holds(
        self,
        open: Timestamp,
        close: Timestamp,
        last: Timestamp,
        now: Timestamp,
    ) -> bool {
        let instant = self.instant(open, close);
        self == Self::EveryMinute || (last < instant && instant <= now)
    }

    pub(crate) fn check(self) -> Result<(), Error> {
        match self {
            Self::EveryMinute => Ok(()),
            Self::MarketOpen { hours, minutes } | Self::MarketClose { hours, minutes } => {
                let total = u32::from(hours) * 60 + u32::from(minutes);
                if (1..=720).contains(&total) {
                    Ok(())
                } else {
                    Err(Error::TimeRule { minutes: total })
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
