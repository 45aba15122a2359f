//! Dates of the Chinese and the Korean calendar.
//!
//! Tables give the years that almanacs have published; what lies beyond is computed from sun and moon.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::moon::lunar_months;
use crate::session::Session;

/// A calendar of moons and solar terms, reckoned for its own meridian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lunar {
    Chinese,
    Korean,
}

/// For each year, named for the civil year in which it begins, the first days of its twelve regular
/// months. A leap month needs no row: no festival falls in one.
type Years = BTreeMap<i32, Vec<Session>>;

const CHINESE_YEARS: &str = include_str!("../data/table/chinese-year.toml");
const KOREAN_YEARS: &str = include_str!("../data/table/korean-year.toml");

impl Lunar {
    /// The civil date of day `day` of the regular month `month` of the lunar year that begins in `year`.
    ///
    /// `None` outside the years 1600 to 2400, and for months and days there are none of.
    pub(crate) fn date(self, year: i32, month: u32, day: u32) -> Option<Session> {
        let month = month.checked_sub(1)? as usize;
        let first = match self.rows().get(&year) {
            Some(months) => *months.get(month)?,
            None => *self.computed(year)?.get(month)?,
        };
        (1..=30).contains(&day).then(|| first.plus_days(day as i32 - 1))
    }

    /// The first days of the months of a year that the table does not have, computed once.
    fn computed(self, year: i32) -> Option<[Session; 12]> {
        static COMPUTED: Mutex<BTreeMap<(Lunar, i32), [Session; 12]>> = Mutex::new(BTreeMap::new());
        let mut computed = COMPUTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(months) = computed.get(&(self, year)) {
            return Some(*months);
        }
        let months = lunar_months(year, self.hours_east())?;
        computed.insert((self, year), months);
        Some(months)
    }

    /// The clock by which a day begins.
    const fn hours_east(self) -> f64 {
        match self {
            Self::Chinese => 8.0,
            Self::Korean => 9.0,
        }
    }

    fn rows(self) -> &'static Years {
        static CHINESE: OnceLock<Years> = OnceLock::new();
        static KOREAN: OnceLock<Years> = OnceLock::new();
        match self {
            Self::Chinese => CHINESE.get_or_init(|| parse(CHINESE_YEARS).unwrap_or_default()),
            Self::Korean => KOREAN.get_or_init(|| parse(KOREAN_YEARS).unwrap_or_default()),
        }
    }
}

/// Reads lines such as `1990 = "01-27 02-25 03-27 …"`: twelve month-days, the year turning where they fall.
fn parse(text: &str) -> Option<Years> {
    let rows: BTreeMap<String, String> = toml::from_str(text).ok()?;
    rows.into_iter()
        .map(|(year, row)| {
            let year: i32 = year.parse().ok()?;
            let mut months = Vec::with_capacity(12);
            for word in row.split_whitespace() {
                let (month, day) = word.split_once('-')?;
                let (month, day) = (month.parse().ok()?, day.parse().ok()?);
                let first = Session::from_ymd(year, month, day)?;
                let turned = months.last().is_some_and(|&before| first < before);
                months.push(if turned { Session::from_ymd(year + 1, month, day)? } else { first });
            }
            (months.len() == 12).then_some((year, months))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<Session> {
        text.parse().ok()
    }

    // From general knowledge of these festivals, independent of the packages the table was made with.
    #[test]
    fn festivals_fall_as_known() {
        for (year, month, day, expected) in [
            (1990, 1, 1, "1990-01-27"),
            (2000, 1, 1, "2000-02-05"),
            (2024, 1, 1, "2024-02-10"),
            (2026, 1, 1, "2026-02-17"),
            (1995, 8, 15, "1995-09-09"),
            (2020, 4, 8, "2020-04-30"),
            (2020, 5, 5, "2020-06-25"),
            (2020, 8, 15, "2020-10-01"),
            (2023, 5, 5, "2023-06-22"),
            (2025, 9, 9, "2025-10-29"),
            (2033, 8, 15, "2033-09-08"),
            (2034, 1, 1, "2034-02-19"),
        ] {
            assert_eq!(Lunar::Chinese.date(year, month, day), date(expected));
        }
        for (year, month, day, expected) in [
            (2026, 1, 1, "2026-02-17"),
            (2027, 1, 1, "2027-02-07"), // a day after the Chinese one
            (2012, 4, 8, "2012-05-28"), // a month after it
            (2025, 8, 15, "2025-10-06"),
        ] {
            assert_eq!(Lunar::Korean.date(year, month, day), date(expected));
        }
    }

    #[test]
    fn months_follow_one_another_by_the_moon() {
        for (calendar, years) in [(Lunar::Chinese, 1650..2300), (Lunar::Korean, 1950..2300)] {
            for year in years {
                let starts: Vec<_> =
                    (1..=12).filter_map(|month| calendar.date(year, month, 1)).collect();
                let next = calendar.date(year + 1, 1, 1);
                for pair in starts.iter().copied().chain(next).collect::<Vec<_>>().windows(2) {
                    let days = pair[1].days() - pair[0].days();
                    assert!([29, 30, 58, 59, 60].contains(&days), "{} {days}", pair[0]);
                }
            }
        }
    }

    #[test]
    fn what_does_not_exist_is_none() {
        assert_eq!(Lunar::Chinese.date(1500, 1, 1), None);
        assert_eq!(Lunar::Chinese.date(2000, 0, 1), None);
        assert_eq!(Lunar::Chinese.date(2000, 13, 1), None);
        assert_eq!(Lunar::Chinese.date(2000, 1, 31), None);
        assert_eq!(Lunar::Korean.date(2401, 1, 1), None);
    }

    /// Tables and computation, each a witness of the other. Korea counted by other clocks until 1961.
    #[test]
    fn computation_finds_what_the_tables_say() {
        for (calendar, years) in [(Lunar::Chinese, 1900..=2100), (Lunar::Korean, 1962..=2049)] {
            for year in years {
                let computed = lunar_months(year, calendar.hours_east()).unwrap();
                for (month, (of_table, computed)) in
                    std::iter::zip(1.., std::iter::zip(&calendar.rows()[&year], computed))
                {
                    // By the clock of Beijing, a quarter of an hour behind, which was in use before 1929.
                    let before = [(1914, 10), (1916, 1), (1920, 10)].contains(&(year, month));
                    assert_eq!(
                        computed.days() - of_table.days(),
                        i32::from(before),
                        "{year} {month}"
                    );
                }
            }
        }
    }
}
