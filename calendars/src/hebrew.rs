//! Dates of the Hebrew calendar.

use crate::session::Session;

/// A month of the Hebrew calendar, by name, since numbers differ with where the year begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month(usize);

/// From the first month of the civil year; in a leap year Adar is the second, the one with the feasts.
const MONTHS: [&str; 12] = [
    "Tishri", "Heshvan", "Kislev", "Tevet", "Shevat", "Adar", "Nisan", "Iyar", "Sivan", "Tammuz",
    "Av", "Elul",
];

/// Days from 1 January 1970 to 1 Tishri of the year 1, 7 October 3761 before our era, Julian.
const YEAR_ONE: i64 = -2_092_590;

impl Month {
    /// Reads a name; the error lists them.
    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        MONTHS.iter().position(|month| *month == name).map(Self).ok_or_else(|| {
            format!("`{name}` is no Hebrew month; expected one of {}", MONTHS.join(", "))
        })
    }
}

/// The civil dates in `year` that are day `day` of `month`: one, as a rule; two or none of a date in Tevet,
/// which may fall on either side of 1 January, and of a day that the month does not always have.
///
/// # Source
///
/// E. M. Reingold, N. Dershowitz, *Calendrical Calculations*, 4th ed. 2018, ch. 8: the molad of Tishri and
/// the four postponements.
pub(crate) fn hebrew(year: i32, month: Month, day: u32) -> impl Iterator<Item = Session> {
    [3760, 3761]
        .into_iter()
        .filter_map(move |ahead| in_hebrew_year(i64::from(year) + ahead, month, day))
        .filter(move |date| chrono::Datelike::year(&date.date()) == year)
}

fn in_hebrew_year(year: i64, Month(month): Month, day: u32) -> Option<Session> {
    let (first, next) = (new_year(year), new_year(year + 1));
    let length = next - first;
    let is_leap = (7 * year + 1).rem_euclid(19) < 7;
    let mut days = 0;
    for before in 0..=month {
        let of_month = match before {
            1 if length % 10 == 5 => 30,
            2 if length % 10 == 3 => 29,
            // Tishri, Shevat and each other month from Nisan have 30 days, Kislev unless it is short.
            0 | 2 | 4 | 6 | 8 | 10 => 30,
            _ => 29,
        };
        if before == 5 && is_leap {
            days += 30; // the first Adar
        }
        if before == month {
            let exists = (1..=of_month).contains(&i64::from(day));
            let date = i32::try_from(first + days + i64::from(day) - 1).ok()?;
            return exists.then_some(Session::from_days(date));
        }
        days += of_month;
    }
    None
}

/// Days from 1 January 1970 to 1 Tishri of a Hebrew year.
fn new_year(year: i64) -> i64 {
    let (before, this, next) = (molad(year - 1), molad(year), molad(year + 1));
    // No year has 356 days, and none that follows a leap year 382.
    let delay = if next - this == 356 { 2 } else { i64::from(this - before == 382) };
    YEAR_ONE + this + delay
}

/// Days from the epoch to the new moon of Tishri, if need be moved off Sunday, Wednesday and Friday.
fn molad(year: i64) -> i64 {
    let months = (235 * year - 234).div_euclid(19);
    let parts = 12_084 + 13_753 * months;
    let day = 29 * months + parts.div_euclid(25_920);
    if (3 * (day + 1)).rem_euclid(7) < 3 { day + 1 } else { day }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feast(year: i32, month: &str, day: u32) -> String {
        let month = Month::parse(month).unwrap();
        hebrew(year, month, day).map(|date| date.to_string()).collect::<Vec<_>>().join(" ")
    }

    // From general knowledge of these feasts, independent of the formulas.
    #[test]
    fn feasts_fall_as_known() {
        assert_eq!(feast(1973, "Tishri", 10), "1973-10-06", "Yom Kippur");
        assert_eq!(feast(1948, "Iyar", 5), "1948-05-14", "independence");
        assert_eq!(feast(2024, "Adar", 14), "2024-03-24", "Purim in a leap year");
        assert_eq!(feast(2026, "Adar", 14), "2026-03-03", "Purim");
        assert_eq!(feast(2026, "Nisan", 15), "2026-04-02", "Passover");
        assert_eq!(feast(2025, "Tishri", 1), "2025-09-23", "New Year");
        assert_eq!(feast(2000, "Kislev", 25), "2000-12-22", "Hanukkah");
        assert_eq!(feast(2006, "Tevet", 10), "2006-01-10 2006-12-31", "twice in a year");
    }

    #[test]
    fn only_what_exists_has_a_date() {
        let heshvan = Month::parse("Heshvan").unwrap();
        let thirtieths =
            (1990..2090).filter(|&year| hebrew(year, heshvan, 30).next().is_some()).count();
        assert!((30..70).contains(&thirtieths), "{thirtieths}");
        assert_eq!(hebrew(2026, heshvan, 31).count(), 0);
        assert!(Month::parse("Nissan").unwrap_err().contains("Nisan, Iyar"));
        for year in [-200_000, i32::MIN, i32::MAX, 200_000] {
            assert!(hebrew(year, heshvan, 1).count() < 2);
        }
    }

    #[test]
    fn new_years_are_as_long_as_years_may_be() {
        for year in 1..8000 {
            let length = new_year(year + 1) - new_year(year);
            assert!([353, 354, 355, 383, 384, 385].contains(&length), "{year} {length}");
        }
    }
}
