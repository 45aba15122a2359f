//! A moment as people write it: a session, meaning its close, or an instant of UTC.

use std::str::FromStr;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_told_apart() {
        assert!(matches!("2014-06-10".parse().unwrap(), Moment::Session(_)));
        assert!(matches!("2014-06-10T20:00Z".parse().unwrap(), Moment::Instant(_)));
        let error = "June 10".parse::<Moment>().unwrap_err().to_string();
        assert!(error.starts_with("`June 10` is neither a date"), "{error}");
    }
}
