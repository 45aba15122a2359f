//! Periods that start anew: years, quarters, months and weeks of the calendar.

use rustybt_calendars::Session;

use crate::Axis;

/// How often a downsampled term is computed: on the first session of each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Of each calendar year.
    Year,
    /// Of January, April, July and October.
    Quarter,
    /// Of each month.
    Month,
    /// Of each week from Monday on.
    Week,
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 4] = [Self::Year, Self::Quarter, Self::Month, Self::Week];

    /// The name that zipline uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Year => "year_start",
            Self::Quarter => "quarter_start",
            Self::Month => "month_start",
            Self::Week => "week_start",
        }
    }

    /// A number that two sessions share if they lie in one period.
    fn number(self, session: Session) -> i64 {
        let (year, month) = civil(i64::from(session.days()));
        match self {
            Self::Year => year,
            Self::Quarter => year * 4 + (month - 1) / 3,
            Self::Month => year * 12 + month,
            // 1970-01-01 was a Thursday.
            Self::Week => (i64::from(session.days()) + 3).div_euclid(7),
        }
    }

    /// The first row of the period in which `row` lies.
    pub(crate) fn first_row(self, axis: &Axis, row: usize) -> usize {
        let sessions = axis.calendar().sessions();
        let Some(index) = axis.session_index(row) else { return row };
        let Some(&session) = sessions.get(index) else { return row };
        let number = self.number(session);
        let before = sessions.get(..index).unwrap_or_default().iter().rev();
        let period = before.take_while(|session| self.number(**session) == number);
        axis.first_of(index - period.count())
    }
}

/// The year and month of a day since 1970, by H. Hinnant's *chrono-Compatible Low-Level Date
/// Algorithms*: years that begin in March have their leap day at the end.
pub(crate) const fn civil(days: i64) -> (i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (date, expected) in
            [("1969-12-31", (1969, 12)), ("2000-02-29", (2000, 2)), ("2024-03-01", (2024, 3))]
        {
            let session: Session = date.parse().unwrap();
            assert_eq!(civil(i64::from(session.days())), expected, "{date}");
        }
    }

    #[test]
    fn periods_begin_with_their_first_session() {
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let axis = Axis::sessions(calendar.clone());
        let first = |period: Period, date: &str| {
            let row = calendar.session_index(date.parse().unwrap()).unwrap();
            calendar.session_at(period.first_row(&axis, row)).unwrap().to_string()
        };
        assert_eq!(first(Period::Year, "2014-05-06"), "2014-01-02");
        assert_eq!(first(Period::Quarter, "2014-05-06"), "2014-04-01");
        assert_eq!(first(Period::Month, "2014-05-30"), "2014-05-01");
        assert_eq!(first(Period::Week, "2014-05-30"), "2014-05-27");
    }
}
