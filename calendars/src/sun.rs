//! The sun through the year: equinoxes, solstices and the solar terms of the Chinese calendar.

use chrono::Datelike;

use crate::session::Session;
use crate::sky::{J2000, civil_day};

/// Days from one spring to the next.
const YEAR: f64 = 365.242_2;

/// The spring equinox of 2000.
const SPRING_2000: f64 = 2_451_623.816;

/// Each periodic term: amplitude in units of 5.73e-6 degrees, phase and its growth per century in degrees.
const TERMS: [(f64, f64, f64); 49] = [
    (403_406.0, 270.54861, 0.928_789_2),
    (195_207.0, 340.19128, 35_999.137_695_8),
    (119_433.0, 63.91854, 35_999.408_966_6),
    (112_392.0, 331.2622, 35_998.728_738_5),
    (3891.0, 317.843, 71_998.202_61),
    (2819.0, 86.631, 71_998.440_3),
    (1721.0, 240.052, 36_000.357_26),
    (660.0, 310.26, 71_997.481_2),
    (350.0, 247.23, 32_964.467_8),
    (334.0, 260.87, -19.441),
    (314.0, 297.82, 445_267.111_7),
    (268.0, 343.14, 45_036.884),
    (242.0, 166.79, 3.1008),
    (234.0, 81.53, 22_518.443_4),
    (158.0, 3.5, -19.9739),
    (132.0, 132.75, 65_928.934_5),
    (129.0, 182.95, 9038.0293),
    (114.0, 162.03, 3034.7684),
    (99.0, 29.8, 33_718.148),
    (93.0, 266.4, 3034.448),
    (86.0, 249.2, -2280.773),
    (78.0, 157.6, 29_929.992),
    (72.0, 257.8, 31_556.493),
    (68.0, 185.1, 149.588),
    (64.0, 69.9, 9037.75),
    (46.0, 8.0, 107_997.405),
    (38.0, 197.1, -4444.176),
    (37.0, 250.4, 151.771),
    (32.0, 65.3, 67_555.316),
    (29.0, 162.7, 31_556.08),
    (28.0, 341.5, -4561.54),
    (27.0, 291.6, 107_996.706),
    (27.0, 98.5, 1221.655),
    (25.0, 146.7, 62_894.167),
    (24.0, 110.0, 31_437.369),
    (21.0, 5.2, 14_578.298),
    (21.0, 342.6, -31_931.757),
    (20.0, 230.9, 34_777.243),
    (18.0, 256.1, 1221.999),
    (17.0, 45.3, 62_894.511),
    (14.0, 242.9, -4442.039),
    (13.0, 115.2, 107_997.909),
    (13.0, 151.8, 119.066),
    (13.0, 285.3, 16_859.071),
    (12.0, 53.3, -4.578),
    (10.0, 126.6, 26_895.292),
    (10.0, 205.7, -39.127),
    (10.0, 85.9, 12_297.536),
    (10.0, 146.1, 90_073.778),
];

/// The day in `year` on which the sun reaches `degrees` of longitude, in the time `hours_east` of Greenwich:
/// 0 is the spring equinox, 15 Qingming, 90 and 270 the solstices.
///
/// `None` for years outside 1600 to 2400.
pub(crate) fn reaches(degrees: u32, year: i32, hours_east: f64) -> Option<Session> {
    if !(1600..=2400).contains(&year) {
        return None;
    }
    // Winter reaches into the next civil year.
    [year, year - 1].into_iter().find_map(|spring| {
        let date = Session::from_days(civil_day(instant(degrees, spring), hours_east));
        (date.date().year() == year).then_some(date)
    })
}

/// When the sun reaches `degrees`, after the spring equinox of `year`.
pub(crate) fn instant(degrees: u32, year: i32) -> f64 {
    let degrees = f64::from(degrees);
    let mut instant = SPRING_2000 + YEAR * (f64::from(year - 2000) + degrees / 360.0);
    for _ in 0..6 {
        let behind = (degrees - longitude(instant) + 180.0).rem_euclid(360.0) - 180.0;
        instant += behind * YEAR / 360.0;
    }
    instant
}

/// Apparent longitude of the sun in degrees, to some seconds of arc within a few centuries of now.
///
/// # Source
///
/// P. Bretagnon, J.-L. Simon, *Planetary Programs and Tables from −4000 to +2800*, 1986, with nutation and
/// aberration as in E. M. Reingold, N. Dershowitz, *Calendrical Calculations*, 4th ed. 2018, ch. 14.
pub(crate) fn longitude(instant: f64) -> f64 {
    let centuries = (instant - J2000) / 36_525.0;
    let sin = |degrees: f64| degrees.to_radians().sin();
    let periodic: f64 =
        TERMS.iter().map(|(size, phase, rate)| size * sin(phase + rate * centuries)).sum();
    let mean = 282.777_183_4 + 36_000.769_537_44 * centuries;
    let aberration =
        0.000_097_4 * (177.63 + 35_999.018_48 * centuries).to_radians().cos() - 0.005_575;
    let node = 124.90 - 1934.134 * centuries + 0.002_063 * centuries * centuries;
    let twice_sun = 201.11 + 72_001.537_7 * centuries + 0.000_57 * centuries * centuries;
    let nutation = -0.004_778 * sin(node) - 0.000_366_7 * sin(twice_sun);
    let all = mean + 1e-7_f64.to_degrees() * periodic + aberration + nutation;
    all.rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(degrees: u32, year: i32, hours_east: f64) -> String {
        reaches(degrees, year, hours_east).unwrap().to_string()
    }

    // From general knowledge of these days, independent of the formulas.
    #[test]
    fn seasons_begin_as_known() {
        assert_eq!(day(0, 2024, 0.0), "2024-03-20");
        assert_eq!(day(0, 2003, 0.0), "2003-03-21");
        assert_eq!(day(90, 2024, -4.0), "2024-06-20");
        assert_eq!(day(90, 2023, -4.0), "2023-06-21");
        assert_eq!(day(180, 2024, 9.0), "2024-09-22");
        assert_eq!(day(180, 2026, 9.0), "2026-09-23");
        assert_eq!(day(270, 2025, 8.0), "2025-12-21");
        assert_eq!(day(285, 2025, 8.0), "2025-01-05", "Lesser Cold");
        assert_eq!(reaches(0, 1500, 0.0), None);
        assert_eq!(reaches(0, i32::MAX, 0.0), None);
    }

    /// The almanac formula of Japan for 1980 to 2099.
    #[test]
    fn equinoxes_agree_with_the_almanac() {
        for year in 1980..2100 {
            let since = f64::from(year - 1980);
            for (degrees, month, base) in [(0, 3, 20.8431), (180, 9, 23.2488)] {
                let day = (base + 0.242_194 * since).floor() as u32 - (year - 1980) as u32 / 4;
                assert_eq!(reaches(degrees, year, 9.0), Session::from_ymd(year, month, day));
            }
        }
    }
}
