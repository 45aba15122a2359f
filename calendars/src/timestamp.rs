//! [`Timestamp`]: an instant, in nanoseconds of UTC.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Error;
use crate::session::Session;

/// An instant: nanoseconds since 1970-01-01T00:00Z, without leap seconds, in eight bytes.
///
/// It reaches from 1677 to 2262; arithmetic beyond either end is held there. There is no zone:
/// text is read with `Z` or an offset, and always written with `Z`.
///
/// # Example
///
/// ```
/// use rustybt_calendars::Timestamp;
///
/// let open: Timestamp = "2020-03-09T09:30-04:00".parse()?;
/// assert_eq!(open.to_string(), "2020-03-09T13:30Z");
/// assert_eq!(open.plus_minutes(1).minutes() - open.minutes(), 1);
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
///
/// A date-time without a zone is no instant, and does not compile as one:
///
/// ```compile_fail,E0277
/// use chrono::NaiveDateTime;
/// use rustybt_calendars::Timestamp;
///
/// let naive: NaiveDateTime = "2020-03-09T09:30:00".parse().unwrap();
/// let at: Timestamp = naive.into(); // neither UTC nor New York is guessed
/// ```
///
/// Nor does an instant where a trading date is asked for, nor the other way round:
///
/// ```compile_fail,E0308
/// # use rustybt_calendars::{Timestamp, calendar};
/// let at: Timestamp = "2020-03-09T13:30Z".parse()?;
/// calendar("XNYS")?.is_session(at);
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const NANOS_PER_MICRO: i64 = 1_000;
const NANOS_PER_MILLI: i64 = 1_000_000;
const NANOS_PER_SECOND: i64 = 1_000_000_000;
const NANOS_PER_MINUTE: i64 = 60 * NANOS_PER_SECOND;
const NANOS_PER_DAY: i64 = 1440 * NANOS_PER_MINUTE;

impl Timestamp {
    /// The earliest instant, in 1677.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant, in 2262.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant `nanos` nanoseconds after 1970-01-01T00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970-01-01T00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// The instant `micros` microseconds after 1970-01-01T00:00Z, held at the ends.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros.saturating_mul(NANOS_PER_MICRO))
    }

    /// Whole microseconds since 1970-01-01T00:00Z, rounded down.
    pub const fn micros(self) -> i64 {
        self.0.div_euclid(NANOS_PER_MICRO)
    }

    /// The instant `millis` milliseconds after 1970-01-01T00:00Z, held at the ends.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(NANOS_PER_MILLI))
    }

    /// The instant `seconds` seconds after 1970-01-01T00:00Z, held at the ends.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Whole seconds since 1970-01-01T00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(NANOS_PER_SECOND)
    }

    /// The instant `minutes` minutes after 1970-01-01T00:00Z, held at the ends.
    pub const fn from_minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(NANOS_PER_MINUTE))
    }

    /// Whole minutes since 1970-01-01T00:00Z, rounded down.
    pub const fn minutes(self) -> i64 {
        self.0.div_euclid(NANOS_PER_MINUTE)
    }

    /// The instant of a chrono date-time, held at the ends when it lies before 1677 or after 2262.
    pub fn from_datetime(datetime: DateTime<Utc>) -> Self {
        Self(datetime.timestamp_nanos_opt().unwrap_or(if datetime.timestamp() < 0 {
            i64::MIN
        } else {
            i64::MAX
        }))
    }

    /// The same instant as a chrono date-time.
    pub fn datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }

    /// The instant `nanos` nanoseconds later (earlier when negative), held at the ends.
    #[must_use]
    pub const fn plus_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// The instant `minutes` minutes later (earlier when negative), held at the ends.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0.saturating_add(minutes.saturating_mul(NANOS_PER_MINUTE)))
    }

    /// The civil date in UTC at this instant. It need not be the session that trades then: ask
    /// [`Calendar::minute_to_session`](crate::Calendar::minute_to_session).
    pub const fn date(self) -> Session {
        Session::from_days(self.0.div_euclid(NANOS_PER_DAY) as i32)
    }

    /// Whether the instant lies on a whole minute.
    pub const fn is_whole_minute(self) -> bool {
        self.0.rem_euclid(NANOS_PER_MINUTE) == 0
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(datetime: DateTime<Utc>) -> Self {
        Self::from_datetime(datetime)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.datetime();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute()
        )?;
        let nanos = self.0.rem_euclid(NANOS_PER_SECOND);
        if at.second() != 0 || nanos != 0 {
            write!(f, ":{:02}", at.second())?;
        }
        if nanos != 0 {
            let digits = format!("{nanos:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text.as_bytes())
            .map_err(|reason| Error::InvalidTimestamp { text: text.into(), reason })
    }
}

const FORM: &str =
    "expected a form like 2020-03-09T13:30Z, 2020-03-09T13:30:00.5Z or 2020-03-09T09:30-04:00";
const NO_ZONE: &str =
    "it names no zone: end it with `Z` for UTC, or with an offset such as `-04:00`";
const NO_TIME: &str = "it is a date without a time: `T00:00Z` after it means midnight UTC";
const NO_DATE: &str = "there is no such date";
const NO_CLOCK: &str = "there is no such time of day; hours end at 23, minutes and seconds at 59";
const OUT_OF_RANGE: &str = "only the years 1678 to 2261 are representable";

/// `date (T| ) HH:MM [:SS [.fraction]] (Z | ±HH:MM)`; the fraction has one to nine digits.
fn parse(text: &[u8]) -> Result<Timestamp, &'static str> {
    let (date, rest) = text.split_at_checked(10).ok_or(FORM)?;
    let looks_like_date = date.iter().enumerate().all(|(i, b)| match i {
        4 | 7 => *b == b'-',
        _ => b.is_ascii_digit(),
    });
    if !looks_like_date {
        return Err(FORM);
    }
    let days = Session::parse_ascii(date).ok_or(NO_DATE)?.days();
    let rest = match rest {
        [] => return Err(NO_TIME),
        [b'T' | b't' | b' ', rest @ ..] => rest,
        _ => return Err(FORM),
    };
    let (hour, rest) = two_digits(rest)?;
    let (minute, mut rest) = match rest {
        [b':', rest @ ..] => two_digits(rest)?,
        _ => return Err(FORM),
    };
    let (mut second, mut nanos) = (0, 0);
    if let [b':', tail @ ..] = rest {
        (second, rest) = two_digits(tail)?;
        if let [b'.', tail @ ..] = rest {
            (nanos, rest) = fraction(tail)?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(NO_CLOCK);
    }
    let offset = offset_seconds(rest)?;
    let seconds = i64::from(days) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    let nanos = i128::from(seconds) * i128::from(NANOS_PER_SECOND) + i128::from(nanos);
    i64::try_from(nanos).map(Timestamp).map_err(|_| OUT_OF_RANGE)
}

fn two_digits(text: &[u8]) -> Result<(i64, &[u8]), &'static str> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => {
            Ok((i64::from(10 * (a - b'0') + (b - b'0')), rest))
        }
        _ => Err(FORM),
    }
}

fn fraction(text: &[u8]) -> Result<(i64, &[u8]), &'static str> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if !(1..=9).contains(&digits) {
        return Err("a fraction of a second has one to nine digits");
    }
    let (digits, rest) = text.split_at(digits);
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(9);
    Ok((padded.fold(0, |n, b| 10 * n + i64::from(b - b'0')), rest))
}

fn offset_seconds(text: &[u8]) -> Result<i64, &'static str> {
    let (sign, rest) = match text {
        [] => return Err(NO_ZONE),
        [b'Z' | b'z'] => return Ok(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return Err(FORM),
    };
    let (hours, rest) = two_digits(rest)?;
    let [b':', rest @ ..] = rest else {
        return Err(FORM);
    };
    let (minutes, rest) = two_digits(rest)?;
    if !rest.is_empty() {
        return Err(FORM);
    }
    if hours > 23 || minutes > 59 {
        return Err(NO_CLOCK);
    }
    Ok(sign * (hours * 3_600 + minutes * 60))
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, nanos: i64, shown: &str) {
        let at: Timestamp = text.parse().unwrap();
        assert_eq!(at.nanos(), nanos, "{text}");
        assert_eq!(at.to_string(), shown);
        assert_eq!(shown.parse::<Timestamp>().unwrap(), at);
    }

    #[test]
    fn text_is_read_in_every_form_and_written_in_the_shortest() {
        check("1970-01-01T00:00Z", 0, "1970-01-01T00:00Z");
        check("1970-01-01 00:01:00z", NANOS_PER_MINUTE, "1970-01-01T00:01Z");
        check("1970-01-01T00:00:07.250Z", 7_250_000_000, "1970-01-01T00:00:07.25Z");
        check("1970-01-01T00:00:00.000000001Z", 1, "1970-01-01T00:00:00.000000001Z");
        check("1969-12-31T23:59:59.999999999Z", -1, "1969-12-31T23:59:59.999999999Z");
        check("1970-01-01T05:30+05:30", 0, "1970-01-01T00:00Z");
        check("1969-12-31T19:00:00-05:00", 0, "1970-01-01T00:00Z");
    }

    #[test]
    fn refusals_say_what_would_work() {
        for (text, part) in [
            ("2020-03-09T13:30", "no zone"),
            ("2020-03-09T13:30:00.5", "no zone"),
            ("2020-03-09", "without a time"),
            ("2020-02-30T00:00Z", "no such date"),
            ("2020-02-20T24:00Z", "no such time"),
            ("2020-02-20T23:59:60Z", "no such time"),
            ("2020-02-20T23:59+24:00", "no such time"),
            ("2020-02-20T23:59:00.Z", "one to nine digits"),
            ("2020-02-20T23:59:00.0123456789Z", "one to nine digits"),
            ("3014-01-01T00:00Z", "1678 to 2261"),
            ("now", "expected a form like"),
            ("2020-03-09X13:30Z", "expected a form like"),
            ("2020-03-09T13:30Zulu", "expected a form like"),
            ("2020-03-09T13Z", "expected a form like"),
            ("２020-03-09T13:30Z", "expected a form like"),
        ] {
            let error = text.parse::<Timestamp>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(error.contains(text), "{error}");
        }
    }

    #[test]
    fn the_extremes_are_held_and_read_back() {
        for at in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
            assert_eq!(Timestamp::from_datetime(at.datetime()), at);
            let _ = (at.date(), at.minutes(), at.seconds(), at.micros());
        }
        assert_eq!(Timestamp::MAX.plus_minutes(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.plus_nanos(-1), Timestamp::MIN);
        assert_eq!(Timestamp::from_datetime(DateTime::<Utc>::MAX_UTC), Timestamp::MAX);
        assert_eq!(Timestamp::from_nanos(-1).minutes(), -1);
        assert_eq!(Timestamp::from_nanos(-1).date().to_string(), "1969-12-31");
    }
}
