//! [`MonthDay`]: a month and day without a year.

use chrono::Datelike;

use crate::session::Session;

/// A month and day without a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MonthDay {
    month: u32,
    day: u32,
}

impl MonthDay {
    /// A month and day that exists in some year.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let date = Self::parse_any(text)?;
        match date.of(2000) {
            Some(_) => Ok(date),
            None => Err(format!("there is no day `{text}` in any year")),
        }
    }

    /// A month from 1 to 12 and a day from 1 to 31, of any calendar.
    pub(crate) fn parse_any(text: &str) -> Result<Self, String> {
        match text.as_bytes() {
            [m0 @ b'0'..=b'1', m1 @ b'0'..=b'9', b'-', d0 @ b'0'..=b'3', d1 @ b'0'..=b'9'] => {
                let two = |a: u8, b: u8| u32::from(10 * (a - b'0') + (b - b'0'));
                let (month, day) = (two(*m0, *m1), two(*d0, *d1));
                ((1..=12).contains(&month) && (1..=31).contains(&day))
                    .then_some(Self { month, day })
            }
            _ => None,
        }
        .ok_or_else(|| format!("`{text}` is no month and day; expected a form like `05-31`"))
    }

    pub(crate) const fn month(self) -> u32 {
        self.month
    }

    pub(crate) const fn day(self) -> u32 {
        self.day
    }

    /// That day of `year`, if it has one.
    pub(crate) fn of(self, year: i32) -> Option<Session> {
        Session::from_ymd(year, self.month, self.day)
    }
}

impl From<Session> for MonthDay {
    fn from(date: Session) -> Self {
        let date = date.date();
        Self { month: date.month(), day: date.day() }
    }
}
