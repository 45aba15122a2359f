//! [`Session`]: a trading date, the label of one day's trading.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;
use crate::timestamp::Timestamp;

/// A trading date: a civil date of a calendar, without time or zone.
///
/// It is four bytes, the number of days since 1970-01-01, so it sorts, hashes and subtracts like
/// an integer. It names a date whether or not an exchange trades on it; only a
/// [`Calendar`](crate::Calendar) knows which dates are sessions.
///
/// The label says nothing about the clock: a futures session may open on the evening before.
///
/// # Example
///
/// ```
/// use rustybt_calendars::Session;
///
/// let split: Session = "2014-06-09".parse()?;
/// assert_eq!(split, Session::from_ymd(2014, 6, 9).unwrap());
/// assert_eq!(split.plus_days(-3).to_string(), "2014-06-06");
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(i32);

impl Session {
    /// The date that lies `days` civil days after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Civil days since 1970-01-01; negative before it.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The date `year`-`month`-`day` of the proleptic Gregorian calendar, or `None` if there is none.
    ///
    /// ```
    /// # use rustybt_calendars::Session;
    /// assert!(Session::from_ymd(2023, 2, 29).is_none());
    /// ```
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from_date)
    }

    /// The session labelled `date`.
    pub const fn from_date(date: NaiveDate) -> Self {
        Self(date.to_epoch_days())
    }

    /// The civil date; beyond chrono's range of dates (262,000 years either way), its nearest end.
    pub fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(self.0).unwrap_or(if self.0 < 0 {
            NaiveDate::MIN
        } else {
            NaiveDate::MAX
        })
    }

    /// The date `n` civil days later (earlier when negative), held at the ends of `i32`.
    #[must_use]
    pub const fn plus_days(self, n: i32) -> Self {
        Self(self.0.saturating_add(n))
    }

    /// 00:00 UTC of this date, held at the ends of [`Timestamp`] (the years 1677 and 2262).
    pub fn midnight(self) -> Timestamp {
        Timestamp::from_minutes(i64::from(self.0) * MINUTES_PER_DAY)
    }

    /// Reads exactly `YYYY-MM-DD`, without allocating; `None` unless it is a date that exists.
    ///
    /// Meant for loops over millions of rows: a reader that wants a message uses [`str::parse`].
    ///
    /// ```
    /// # use rustybt_calendars::Session;
    /// assert_eq!(Session::parse_ascii(b"1970-01-02").map(Session::days), Some(1));
    /// assert!(Session::parse_ascii(b"2014-6-9").is_none());
    /// assert!(Session::parse_ascii(b"2014-06-31").is_none());
    /// ```
    pub fn parse_ascii(text: &[u8]) -> Option<Self> {
        let &[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = text else {
            return None;
        };
        let two = |a: u8, b: u8| Some(10 * digit(a)? + digit(b)?);
        let year = 100 * two(y0, y1)? + two(y2, y3)?;
        let (month, day) = (two(m0, m1)?, two(d0, d1)?);
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self(days_from_civil(year, month, day)))
    }
}

const MINUTES_PER_DAY: i64 = 1440;

fn digit(byte: u8) -> Option<i32> {
    byte.is_ascii_digit().then(|| i32::from(byte - b'0'))
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// 0000-03-01, where the count of [`days_from_civil`] begins, in days since 1970-01-01.
const ORIGIN: i32 = -719_468;

/// Days since 1970-01-01 of a valid date in the years 0 to 9999.
///
/// Years are counted from March, which puts the leap day last, so that the day of the year is a
/// linear function of the month.
const fn days_from_civil(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let days_before_century = (146_097 * century).div_euclid(4);
    let days_before_year = 1461 * of_century / 4;
    let days_before_month = (153 * month + 2) / 5;
    ORIGIN + days_before_century + days_before_year + days_before_month + day - 1
}

impl From<NaiveDate> for Session {
    fn from(date: NaiveDate) -> Self {
        Self::from_date(date)
    }
}

impl From<Session> for NaiveDate {
    fn from(session: Session) -> Self {
        session.date()
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.date(), f)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Session {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse_ascii(text.as_bytes()).ok_or_else(|| Error::InvalidDate { text: text.into() })
    }
}

impl Serialize for Session {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Session {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_days_agree_with_chrono_on_every_day_of_four_centuries() {
        let first = Session::from_ymd(1800, 1, 1).unwrap();
        for n in 0..146_097 {
            let session = first.plus_days(n);
            let text = session.to_string();
            assert_eq!(Session::parse_ascii(text.as_bytes()), Some(session), "{text}");
        }
    }

    #[test]
    fn only_whole_dates_that_exist_are_read() {
        for text in [
            "",
            "2014",
            "2014-06",
            "2014-6-09",
            "2014-06-9",
            "2014/06/09",
            "20140609",
            "2014-00-01",
            "2014-13-01",
            "2014-01-00",
            "2014-01-32",
            "2014-04-31",
            "2014-02-29",
            "1900-02-29",
            "2014-06-09 ",
            " 2014-06-09",
            "-014-06-09",
            "2014-06-09T00:00",
            "２014-06-09",
        ] {
            assert!(text.parse::<Session>().is_err(), "{text:?}");
        }
        assert!("2000-02-29".parse::<Session>().is_ok());
    }

    #[test]
    fn the_extremes_are_held_and_do_not_panic() {
        for days in [i32::MIN, i32::MIN + 1, -1, 0, i32::MAX] {
            let session = Session::from_days(days);
            let _ = (session.to_string(), session.date(), session.midnight());
            let _ = (session.plus_days(i32::MIN), session.plus_days(i32::MAX));
        }
        assert_eq!(Session::from_days(i32::MAX).midnight().nanos(), i64::MAX);
    }
}
