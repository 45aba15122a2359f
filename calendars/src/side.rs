//! The words of a question: [`Side`], [`Direction`], [`Breaks`].

use crate::timestamp::Timestamp;

/// Which ends of a span of trading are trading minutes.
///
/// A span from 09:30 to 16:00 has 390 minutes labelled by their beginning (`Left`: 09:30 … 15:59),
/// 390 labelled by their end (`Right`: 09:31 … 16:00), 391 with both ends, 389 with neither.
/// An instant within a minute counts as the minute that holds it: rounded down for `Left`, up for
/// `Right`; with `Both` and `Neither` it is no trading minute.
///
/// Where one session closes as the next opens (24/7, CMES) only `Left` and `Right` make sense; with
/// `Both`, the minute they share belongs to the earlier session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Side {
    /// Labels are the beginnings of minutes.
    #[default]
    Left,
    /// Labels are the ends of minutes.
    Right,
    /// Both ends of a span are labels.
    Both,
    /// Neither end of a span is a label.
    Neither,
}

/// Where to look from a date or minute that is not trading.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Direction {
    /// The session after.
    Next,
    /// The session before.
    Previous,
    /// Nowhere: refuse.
    None,
}

/// Whether a break counts as open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Breaks {
    /// The exchange is closed during a break.
    Closed,
    /// A break is ignored: the exchange is open from its open to its close.
    Open,
}

/// Whose time of day is kept when a minute moves by sessions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Clock {
    /// The exchange's own: 10:00 stays 10:00, summer and winter.
    #[default]
    Local,
    /// The one of UTC.
    Utc,
}

impl Side {
    /// First label of a span less its start, and its end less the last label.
    pub(crate) const fn trim(self) -> (i64, i64) {
        match self {
            Self::Left => (0, 1),
            Self::Right => (1, 0),
            Self::Both => (0, 0),
            Self::Neither => (1, 1),
        }
    }

    /// Labels in a span of `n` minutes, less `n`.
    pub(crate) const fn surplus(self) -> i64 {
        match self {
            Self::Left | Self::Right => 0,
            Self::Both => 1,
            Self::Neither => -1,
        }
    }

    /// The label that an instant counts as.
    pub(crate) const fn label(self, at: Timestamp) -> i64 {
        match self {
            Self::Right => ceil(at),
            Self::Left | Self::Both | Self::Neither => at.minutes(),
        }
    }

    pub(crate) const fn takes_seconds(self) -> bool {
        matches!(self, Self::Left | Self::Right)
    }
}

/// The first whole minute at or after `at`.
pub(crate) const fn ceil(at: Timestamp) -> i64 {
    at.minutes() + !at.is_whole_minute() as i64
}
