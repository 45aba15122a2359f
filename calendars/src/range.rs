//! The years a calendar is worked out for, and parts of it.

use std::sync::Arc;

use chrono::Datelike;

use crate::Error;
use crate::calendar::Calendar;
use crate::session::Session;

/// The years whose instants a [`Timestamp`](crate::Timestamp) can hold.
const YEARS: std::ops::RangeInclusive<i32> = 1678..=2261;

/// Where calendars begin by default. A file whose bounds begin later says when trading began.
const DEFAULT_START: Session = Session::from_days(7_305); // 1990-01-01

impl Calendar {
    /// The same calendar with only the sessions from `start` to `end`, both included.
    ///
    /// Its bounds are the first and last session left, so a question beyond them is refused.
    ///
    /// # Errors
    ///
    /// [`Error::NoSessions`] if none is left.
    pub fn between(&self, start: Session, end: Session) -> Result<Self, Error> {
        let kept = self.sessions_in_range(start, end);
        let (Some(&first), Some(&last)) = (kept.first(), kept.last()) else {
            return Err(Error::NoSessions { calendar: self.name().into(), start, end });
        };
        let range = self.sessions_before(first)..self.sessions_before(last) + 1;
        Ok(Self::new(self.facts.part(range), Arc::clone(&self.origin)))
    }

    /// The same calendar worked out for the years from `start` to `end` too, in addition to its own.
    ///
    /// Rules go on for ever. What lies outside the [verified](Self::verified) range is a projection:
    /// [`is_verified`](Self::is_verified) says of which dates. Where trading began after 1990, nothing is
    /// added before; nor beyond the years 1678 to 2261, which instants cannot leave.
    ///
    /// ```
    /// # use rustybt_calendars::{Session, calendar};
    /// let xnys = calendar("XNYS")?;
    /// let independence: Session = "2076-07-03".parse()?; // the 4th is a Saturday
    /// assert!(xnys.last_session() < independence);
    ///
    /// let further = xnys.covering(independence, independence)?;
    /// assert_eq!(further.why(independence), Some("Independence Day"));
    /// assert!(!further.is_verified(independence));
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::DateOutOfBounds`] for dates before trading began or in years that instants cannot reach;
    /// [`Error::InvalidFile`] if the hours make no sense there.
    pub fn covering(&self, start: Session, end: Session) -> Result<Self, Error> {
        let (first, last) = self.facts.built;
        let year = |date: Session| date.date().year();
        let begins = self.origin.definition.bounds.0;
        let began = self.began();
        let too_early = if began { start < begins } else { !YEARS.contains(&year(start)) };
        if too_early || !YEARS.contains(&year(end)) {
            return Err(Error::DateOutOfBounds {
                calendar: self.name().into(),
                date: if too_early { start } else { end },
                first: if began { self.first_session() } else { new_year(*YEARS.start()) },
                last: new_year(*YEARS.end() + 1).plus_days(-1),
            });
        }
        // Holidays move across the new year: a year more on either side is worked out, then cut off.
        let from = if start >= first { first } else { new_year(year(start)) };
        let to = if end <= last { last } else { new_year(year(end) + 1).plus_days(-1) };
        let around = if began { begins } else { new_year(year(from) - 1) };
        let facts = self.origin.facts(around, new_year(year(to) + 2).plus_days(-1))?;
        let begin = facts.sessions.partition_point(|&session| session < from);
        let stop = facts.sessions.partition_point(|&session| session <= to);
        if begin >= stop {
            return Err(Error::NoSessions { calendar: self.name().into(), start: from, end: to });
        }
        let mut facts = facts.part(begin..stop);
        facts.built = (from, to);
        Ok(Self::new(facts, Arc::clone(&self.origin)))
    }

    /// Whether nothing was traded before the first date it is [built](Self::built) for.
    pub fn began(&self) -> bool {
        self.origin.definition.bounds.0 > DEFAULT_START
    }

    /// First and last date it was worked out for.
    pub fn built(&self) -> (Session, Session) {
        self.facts.built
    }

    /// First and last date for which its data has been checked, or `None` if it needs no data.
    ///
    /// Sessions before are what the rules yield when run back; sessions after are a projection,
    /// which later notices of the exchange may change.
    pub fn verified(&self) -> Option<(Session, Session)> {
        self.facts.verified
    }

    /// Whether what it says of `date` has been checked; otherwise it is a projection of its rules.
    pub fn is_verified(&self, date: Session) -> bool {
        self.facts.verified.is_none_or(|(first, last)| (first..=last).contains(&date))
    }
}

fn new_year(year: i32) -> Session {
    Session::from_ymd(year, 1, 1).unwrap_or(DEFAULT_START)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_begin_with_1990() {
        assert_eq!(DEFAULT_START.to_string(), "1990-01-01");
    }
}
