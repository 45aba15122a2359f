//! How much time one bar covers.

use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;

/// The unit of a [`Frequency`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// Minutes, counted from an open or from the end of a break.
    Minute,
    /// Sixty minutes.
    Hour,
    /// Sessions.
    Day,
    /// ISO weeks.
    Week,
    /// Months of the civil calendar.
    Month,
}

/// How much time one bar covers: `1m`, `15m`, `4h`, `1d`, `1w`, `1M`.
///
/// ```
/// use rustybt_data::Frequency;
///
/// assert_eq!("1d".parse::<Frequency>()?, Frequency::DAILY);
/// assert_eq!("15T".parse::<Frequency>()?.to_string(), "15m");
/// # Ok::<(), rustybt_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frequency {
    unit: Unit,
    count: NonZeroU16,
}

impl Frequency {
    /// One trading minute.
    pub const MINUTE: Self = Self { unit: Unit::Minute, count: NonZeroU16::MIN };
    /// One session.
    pub const DAILY: Self = Self { unit: Unit::Day, count: NonZeroU16::MIN };

    /// `count` units; `None` for zero.
    pub const fn new(count: u16, unit: Unit) -> Option<Self> {
        match NonZeroU16::new(count) {
            Some(count) => Some(Self { unit, count }),
            None => None,
        }
    }

    /// The unit.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// How many units a bar covers.
    pub const fn count(self) -> u16 {
        self.count.get()
    }

    /// How many trading minutes a bar covers at most; `None` for bars of whole sessions.
    pub const fn minutes(self) -> Option<u32> {
        match self.unit {
            Unit::Minute => Some(self.count.get() as u32),
            Unit::Hour => Some(self.count.get() as u32 * 60),
            Unit::Day | Unit::Week | Unit::Month => None,
        }
    }

    /// Whether bars of this frequency can be made of bars of a finer one, or are those.
    ///
    /// ```
    /// use rustybt_data::Frequency;
    ///
    /// let hourly: Frequency = "1h".parse()?;
    /// assert!(hourly.is_made_of("15m".parse()?) && !hourly.is_made_of("25m".parse()?));
    /// assert!(Frequency::DAILY.is_made_of(hourly) && !hourly.is_made_of(Frequency::DAILY));
    /// # Ok::<(), rustybt_data::Error>(())
    /// ```
    pub const fn is_made_of(self, finer: Self) -> bool {
        match (self.minutes(), finer.minutes()) {
            (Some(minutes), Some(finer)) => minutes % finer == 0,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (None, None) => matches!(finer.unit, Unit::Day) && finer.count.get() == 1,
        }
    }

    /// Whether bars are labelled by instants rather than by sessions.
    pub const fn is_intraday(self) -> bool {
        matches!(self.unit, Unit::Minute | Unit::Hour)
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Minute => 'm',
            Unit::Hour => 'h',
            Unit::Day => 'd',
            Unit::Week => 'w',
            Unit::Month => 'M',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl FromStr for Frequency {
    type Err = Error;

    /// Reads `1m`, `15T`, `4h`, `4H`, `1d`, `1D`, `1w`, `1W` and `1M`; `minute` and `daily` too.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadFrequency { text: text.to_owned() };
        match text {
            "minute" => return Ok(Self::MINUTE),
            "daily" => return Ok(Self::DAILY),
            _ => {}
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = text.split_at(digits);
        let unit = match unit {
            "m" | "T" | "min" => Unit::Minute,
            "h" | "H" => Unit::Hour,
            "d" | "D" => Unit::Day,
            "w" | "W" => Unit::Week,
            "M" => Unit::Month,
            _ => return Err(bad()),
        };
        let count = count.parse().map_err(|_| bad())?;
        Self::new(count, unit).ok_or_else(bad)
    }
}

impl Serialize for Frequency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Frequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["1m", "5m", "15m", "30m", "1h", "2h", "4h", "1d", "1w", "1M", "3d", "90m"] {
            assert_eq!(text.parse::<Frequency>().unwrap().to_string(), text);
        }
        for text in ["", "0d", "d", "1x", "-1d", "99999999m", "1 d"] {
            assert!(text.parse::<Frequency>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_and_minutes_differ() {
        assert_ne!("1m".parse::<Frequency>().unwrap(), "1M".parse::<Frequency>().unwrap());
        assert!(Frequency::MINUTE.is_intraday() && !Frequency::DAILY.is_intraday());
    }
}
