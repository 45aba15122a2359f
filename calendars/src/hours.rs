//! [`LocalHours`]: the regular hours of a date, on the exchange's own clock.

use std::fmt;

use crate::calendar::Calendar;
use crate::schedule::{Clock, Regular};
use crate::session::Session;

/// Local hours, in minutes from midnight of the session's date: negative on the evening before, 1440 and
/// more on the day after.
///
/// Shown as `09:30 to 16:00`, with breaks `09:30 to 12:00, 13:00 to 16:00`, over night `17:00 -1d to 16:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalHours {
    /// When it opens.
    pub open: i32,
    /// When it closes.
    pub close: i32,
    /// Breaks, from their first minute to the first after them.
    pub breaks: Vec<(i32, i32)>,
}

impl Calendar {
    /// The hours that are regular on `date`, whether or not it is a session.
    ///
    /// ```
    /// # use rustybt_calendars::calendar;
    /// let xhkg = calendar("XHKG")?;
    /// assert_eq!(xhkg.regular_hours("2020-03-09".parse()?).to_string(), "09:30 to 12:00, 13:00 to 16:00");
    /// assert_eq!(xhkg.regular_hours("2009-03-09".parse()?).to_string(), "10:00 to 12:00, 13:00 to 16:00");
    /// # Ok::<(), rustybt_calendars::Error>(())
    /// ```
    pub fn regular_hours(&self, date: Session) -> LocalHours {
        let mut regular = Regular::new(&self.origin.definition.periods);
        let hours = regular.of(date);
        LocalHours { open: hours.open, close: hours.close, breaks: hours.breaks.clone() }
    }
}

impl fmt::Display for LocalHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.open)?;
        for &(start, end) in &self.breaks {
            f.write_str(" to ")?;
            show(f, start)?;
            f.write_str(", ")?;
            show(f, end)?;
        }
        f.write_str(" to ")?;
        show(f, self.close)
    }
}

fn show(f: &mut fmt::Formatter<'_>, clock: Clock) -> fmt::Result {
    let (day, minutes) = (clock.div_euclid(1440), clock.rem_euclid(1440));
    write!(f, "{:02}:{:02}", minutes / 60, minutes % 60)?;
    if day == 0 { Ok(()) } else { write!(f, " {day:+}d") }
}
