//! [`Age`]: how old something is, in calendar units.

use std::fmt;
use std::str::FromStr;

use chrono::Months;
use rustybt_calendars::Session;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How old something is: `90d`, `8w`, `18mo` or `2y`.
///
/// ```
/// use rustybt_bundles::Age;
///
/// let age: Age = "2y".parse()?;
/// assert_eq!(age.before("2024-02-29".parse()?).to_string(), "2022-02-28");
/// assert!("2m".parse::<Age>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Age {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Days,
    Weeks,
    Months,
    Years,
}

const UNITS: [(&str, Unit); 4] =
    [("mo", Unit::Months), ("d", Unit::Days), ("w", Unit::Weeks), ("y", Unit::Years)];

/// More than this is older than every market.
const MOST: u32 = 100_000;

impl Age {
    /// The date that is so long before another; the last day of a month stays within the month.
    pub fn before(self, date: Session) -> Session {
        let months = match self.unit {
            Unit::Days => return back(date, self.count),
            Unit::Weeks => return back(date, self.count.saturating_mul(7)),
            Unit::Months => self.count,
            Unit::Years => self.count.saturating_mul(12),
        };
        let earlier = date.date().checked_sub_months(Months::new(months));
        earlier.map_or_else(|| back(date, MOST), Session::from_date)
    }
}

fn back(date: Session, days: u32) -> Session {
    date.plus_days(-i32::try_from(days).unwrap_or(i32::MAX))
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = UNITS.iter().find(|(_, unit)| *unit == self.unit).map_or("d", |(name, _)| name);
        write!(f, "{}{name}", self.count)
    }
}

impl FromStr for Age {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || Error::BadAge { text: text.to_owned() };
        let (count, unit) = UNITS
            .iter()
            .find_map(|&(name, unit)| Some((text.strip_suffix(name)?, unit)))
            .ok_or_else(bad)?;
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(bad());
        }
        let count: u32 = count.parse().map_err(|_| bad())?;
        if count > MOST {
            return Err(bad());
        }
        Ok(Self { count, unit })
    }
}

impl TryFrom<String> for Age {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Age> for String {
    fn from(age: Age) -> Self {
        age.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_and_written_alike() {
        for text in ["0d", "90d", "8w", "18mo", "2y", "100000y"] {
            let age: Age = text.parse().unwrap();
            assert_eq!(age.to_string(), text);
            let day: Session = "2024-03-31".parse().unwrap();
            assert!(age.before(day) <= day);
        }
        for text in ["", "y", "2", "2m", "-1d", "+1d", "1.5y", "2 y", "99999999999d", "100001d"] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_end_where_they_end() {
        let day: Session = "2024-03-31".parse().unwrap();
        let before = |text: &str| text.parse::<Age>().unwrap().before(day).to_string();
        assert_eq!(before("1mo"), "2024-02-29");
        assert_eq!(before("13mo"), "2023-02-28");
        assert_eq!(before("2w"), "2024-03-17");
    }
}
