//! A moment as people write it: a session, meaning its close, or an instant of UTC.

use std::str::FromStr;
use std::time::Duration;

use rustybt_calendars::{Session, Timestamp};

use crate::error::Error;

/// `2014-06-10`, the close of that session, or `2014-06-10T20:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The close of a session.
    Session(Session),
    /// An instant.
    Instant(Timestamp),
}

impl Moment {
    /// The date, in UTC where it is an instant.
    pub(crate) fn date(self) -> Session {
        match self {
            Self::Session(session) => session,
            Self::Instant(at) => at.date(),
        }
    }
}

impl FromStr for Moment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(session) = Session::parse_ascii(text.as_bytes()) {
            return Ok(Self::Session(session));
        }
        text.parse().map(Self::Instant).map_err(|_| Error::BadMoment { text: text.to_owned() })
    }
}

/// A length of time as people write it: `0`, `45s`, `30m`, `24h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(Duration);

impl Span {
    /// The time itself.
    pub(crate) fn get(self) -> Duration {
        self.0
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no length of time: write 0, 45s, 30m, 24h or 7d");
        if text == "0" {
            return Ok(Self(Duration::ZERO));
        }
        let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
        let (count, unit) = units
            .iter()
            .find_map(|&(name, unit)| Some((text.strip_suffix(name)?, unit)))
            .ok_or_else(bad)?;
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let seconds = count.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
        Ok(Self(Duration::from_secs(seconds.ok_or_else(bad)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.get().as_secs());
        assert_eq!(seconds("0"), Ok(0));
        assert_eq!(seconds("45s"), Ok(45));
        assert_eq!(seconds("24h"), Ok(86_400));
        assert_eq!(seconds("7d"), Ok(604_800));
        for text in ["", "5", "h", "-1h", "1.5h", "1 h", "99999999999999999999h", "1w"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn dates_and_instants_are_told_apart() {
        assert!(matches!("2014-06-10".parse().unwrap(), Moment::Session(_)));
        assert!(matches!("2014-06-10T20:00Z".parse().unwrap(), Moment::Instant(_)));
        let error = "June 10".parse::<Moment>().unwrap_err().to_string();
        assert!(error.starts_with("`June 10` is neither a date"), "{error}");
    }
}
