//! Easter Sunday, Western and Orthodox.

use crate::session::Session;

/// Easter Sunday of `year` in the Gregorian calendar.
///
/// # Source
///
/// The anonymous Gregorian computus, as in J. Meeus, *Astronomical Algorithms*, 2nd ed. 1998, ch. 8.
pub(crate) fn western(year: i32) -> Option<Session> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15).rem_euclid(30);
    let to_sunday =
        (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let march = 22 + epact + to_sunday - 7 * late;
    Some(Session::from_ymd(year, 3, 1)?.plus_days(march - 1))
}

/// Easter Sunday of `year` in the Julian calendar, as a Gregorian date.
///
/// # Source
///
/// J. Meeus, *Astronomical Algorithms*, 2nd ed. 1998, ch. 8; the calendars are
/// `⌊y/100⌋ − ⌊y/400⌋ − 2` days apart, 13 in the years 1900 to 2099.
pub(crate) fn orthodox(year: i32) -> Option<Session> {
    let moon = (19 * year.rem_euclid(19) + 15).rem_euclid(30);
    let to_sunday = (2 * year.rem_euclid(4) + 4 * year.rem_euclid(7) - moon + 34).rem_euclid(7);
    let march = 22 + moon + to_sunday;
    let apart = year.div_euclid(100) - year.div_euclid(400) - 2;
    Some(Session::from_ymd(year, 3, 1)?.plus_days(march - 1 + apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    // From general knowledge of these feasts, independent of the formulas.
    #[test]
    fn easter_falls_as_known() {
        for date in [
            "1954-04-18",
            "1981-04-19",
            "2000-04-23",
            "2008-03-23",
            "2011-04-24",
            "2019-04-21",
            "2024-03-31",
            "2026-04-05",
            "2038-04-25",
            "2049-04-18",
        ] {
            let year = date[..4].parse().unwrap();
            assert_eq!(western(year), Some(date.parse().unwrap()));
        }
    }

    #[test]
    fn orthodox_easter_falls_as_known() {
        for date in [
            "1990-04-15",
            "2000-04-30",
            "2013-05-05",
            "2016-05-01",
            "2017-04-16",
            "2024-05-05",
            "2026-04-12",
        ] {
            let year = date[..4].parse().unwrap();
            assert_eq!(orthodox(year), Some(date.parse().unwrap()));
        }
    }

    #[test]
    fn both_are_sundays_in_spring() {
        for year in 1900..2100 {
            for easter in [western(year).unwrap(), orthodox(year).unwrap()] {
                assert_eq!((easter.days() + 4).rem_euclid(7), 0, "{easter}");
                let (from, to) = (Session::from_ymd(year, 3, 22), Session::from_ymd(year, 5, 8));
                assert!(from.unwrap() <= easter && easter <= to.unwrap(), "{easter}");
            }
        }
    }
}
