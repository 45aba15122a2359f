//! Dates of the Chinese and the Korean calendar, and Qingming, the solar term in April.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::session::Session;

/// A calendar of moons and solar terms, reckoned for its own meridian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// `None` outside the years of the table, and for months and days there are none of.
    pub(crate) fn date(self, year: i32, month: u32, day: u32) -> Option<Session> {
        let first = *self.rows().get(&year)?.get(month.checked_sub(1)? as usize)?;
        (1..=30).contains(&day).then(|| first.plus_days(day as i32 - 1))
    }

    /// The first and the last year of the table.
    pub(crate) fn years(self) -> Option<(i32, i32)> {
        let years = self.rows();
        Some((*years.keys().next()?, *years.keys().next_back()?))
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

/// Qingming, when the sun stands at 15° of longitude: 4 or 5 April, in Chinese time; for 1901 to 2099.
///
/// # Source
///
/// The usual almanac formula: day `⌊0.2422 y + c⌋ − ⌊y / 4⌋` of April with `y` the year of the century
/// and `c` 5.59 in the twentieth century, 4.81 in the twenty-first.
pub(crate) fn qingming(year: i32) -> Option<Session> {
    if !(1901..=2099).contains(&year) {
        return None;
    }
    let of_century = year % 100;
    let constant = if year >= 2000 { 48_100 } else { 55_900 };
    let day = (2_422 * of_century + constant) / 10_000 - of_century / 4;
    Session::from_ymd(year, 4, day as u32)
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
        for (calendar, years) in [(Lunar::Chinese, 1900..2100), (Lunar::Korean, 1900..2049)] {
            assert_eq!(calendar.years(), Some((years.start, years.end)));
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
        assert_eq!(qingming(2100), None);
    }

    #[test]
    fn qingming_falls_as_known() {
        for expected in
            ["1990-04-05", "1992-04-04", "2008-04-04", "2011-04-05", "2021-04-04", "2026-04-05"]
        {
            assert_eq!(qingming(expected[..4].parse().unwrap()), date(expected));
        }
    }
}
