//! Dates of the tabular Islamic calendar: where feasts will fall, give or take a day.
//!
//! The months that are observed begin when the new crescent is seen or announced, country by country, and
//! no formula gives that. Tables hold what was observed; this continues them.

use crate::session::Session;

/// Days from 1 January 1970 to 1 Muharram of the year 1, Friday 16 July 622 of the Julian calendar.
const YEAR_ONE: i64 = -492_148;

/// The civil dates in `year` that are day `day` of month `month`: one, or two in a year that has it twice,
/// or none.
///
/// # Source
///
/// The arithmetical ("civil") calendar: eleven leap years in thirty. E. M. Reingold, N. Dershowitz,
/// *Calendrical Calculations*, 4th ed. 2018, ch. 7.
pub(crate) fn islamic(year: i32, month: u32, day: u32) -> impl Iterator<Item = Session> {
    // 33 of its years are 32 of ours.
    let about = (i64::from(year) - 622) * 33 / 32;
    (about - 1..=about + 2)
        .filter_map(move |islamic| {
            let (month, day) = (i64::from(month), i64::from(day));
            let leap_days = (11 * islamic + 3).div_euclid(30);
            let days = 354 * (islamic - 1) + leap_days + 29 * (month - 1) + month / 2 + day - 1;
            i32::try_from(YEAR_ONE + days).ok().map(Session::from_days)
        })
        .filter(move |date| chrono::Datelike::year(&date.date()) == year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(year: i32, month: u32, day: u32) -> Vec<String> {
        islamic(year, month, day).map(|date| date.to_string()).collect()
    }

    // The dates of the arithmetical calendar, from general knowledge; observed ones differ by a day or two.
    #[test]
    fn feasts_fall_about_when_they_are_observed() {
        assert_eq!(dates(2024, 10, 1), ["2024-04-10"]);
        assert_eq!(dates(2026, 1, 1), ["2026-06-17"]);
        assert_eq!(dates(2000, 10, 1), ["2000-01-08", "2000-12-28"], "twice in a year");
        assert_eq!(dates(622, 1, 1), ["0622-07-19"], "that is 16 July of the Julian calendar");
    }

    #[test]
    fn months_have_29_or_30_days() {
        let starts: Vec<_> = (1990..2060)
            .flat_map(|year| {
                let mut days: Vec<_> =
                    (1..=12).flat_map(|month| islamic(year, month, 1)).map(Session::days).collect();
                days.sort_unstable();
                days
            })
            .collect();
        assert!(starts.windows(2).all(|pair| [29, 30].contains(&(pair[1] - pair[0]))));
        for year in [i32::MIN, -300_000, 300_000, i32::MAX] {
            assert!(islamic(year, 1, 1).count() < 3);
        }
    }
}
