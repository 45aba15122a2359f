//! New moons, and the months of the calendars of China and Korea that they begin.

use crate::session::Session;
use crate::sky::{beginning_of, civil_day};
use crate::sun;

/// Days from new moon to new moon.
const MONTH: f64 = 29.530_588_861;

/// The first new moon of 2000, which formulas count from.
const FIRST_OF_2000: f64 = 2_451_550.097_66;

/// Periodic terms of the new moon: days, power of the earth's eccentricity, and multiples of the anomalies of
/// sun and moon and of the argument of latitude.
const TERMS: [(f64, i32, f64, f64, f64); 24] = [
    (-0.407_20, 0, 0.0, 1.0, 0.0),
    (0.172_41, 1, 1.0, 0.0, 0.0),
    (0.016_08, 0, 0.0, 2.0, 0.0),
    (0.010_39, 0, 0.0, 0.0, 2.0),
    (0.007_39, 1, -1.0, 1.0, 0.0),
    (-0.005_14, 1, 1.0, 1.0, 0.0),
    (0.002_08, 2, 2.0, 0.0, 0.0),
    (-0.001_11, 0, 0.0, 1.0, -2.0),
    (-0.000_57, 0, 0.0, 1.0, 2.0),
    (0.000_56, 1, 1.0, 2.0, 0.0),
    (-0.000_42, 0, 0.0, 3.0, 0.0),
    (0.000_42, 1, 1.0, 0.0, 2.0),
    (0.000_38, 1, 1.0, 0.0, -2.0),
    (-0.000_24, 1, -1.0, 2.0, 0.0),
    (-0.000_07, 0, 2.0, 1.0, 0.0),
    (0.000_04, 0, 0.0, 2.0, -2.0),
    (0.000_04, 0, 3.0, 0.0, 0.0),
    (0.000_03, 0, 1.0, 1.0, -2.0),
    (0.000_03, 0, 0.0, 2.0, 2.0),
    (-0.000_03, 0, 1.0, 1.0, 2.0),
    (0.000_03, 0, -1.0, 1.0, 2.0),
    (-0.000_02, 0, -1.0, 1.0, -2.0),
    (-0.000_02, 0, 1.0, 3.0, 0.0),
    (0.000_02, 0, 0.0, 4.0, 0.0),
];

/// The pull of the planets: days, phase and its growth with each moon in degrees.
const PLANETS: [(f64, f64, f64); 14] = [
    (0.000_325, 299.77, 0.107_408),
    (0.000_165, 251.88, 0.016_321),
    (0.000_164, 251.83, 26.651_886),
    (0.000_126, 349.42, 36.412_478),
    (0.000_110, 84.66, 18.206_239),
    (0.000_062, 141.74, 53.303_771),
    (0.000_060, 207.14, 2.453_732),
    (0.000_056, 154.84, 7.306_860),
    (0.000_047, 34.52, 27.261_239),
    (0.000_042, 207.19, 0.121_824),
    (0.000_040, 291.34, 1.844_379),
    (0.000_037, 161.72, 24.198_154),
    (0.000_035, 239.56, 25.513_099),
    (0.000_023, 331.55, 3.592_518),
];

/// First days of the twelve regular months of the lunar year that begins in `year`, in the time `hours_east`
/// of Greenwich; `None` for years outside 1600 to 2400.
///
/// The month of the winter solstice is the eleventh; where thirteen begin from one solstice to the next, the
/// first without a major solar term is the leap month.
pub(crate) fn lunar_months(year: i32, hours_east: f64) -> Option<[Session; 12]> {
    if !(1600..=2400).contains(&year) {
        return None;
    }
    let mut months = [Session::from_days(0); 12];
    for ends in [year, year + 1] {
        for (month, first) in between_solstices(ends, hours_east) {
            // Before the solstice of the year lie its months to the tenth, after it the last two.
            if (month <= 10) == (ends == year) {
                months[month - 1] = Session::from_days(first);
            }
        }
    }
    Some(months)
}

/// Number and first day of each regular month from that of the winter solstice of the year before.
fn between_solstices(year: i32, hours_east: f64) -> Vec<(usize, i32)> {
    let solstice = |year| civil_day(sun::instant(270, year), hours_east);
    let first = moon_by(solstice(year - 1), hours_east);
    let next = moon_by(solstice(year), hours_east);
    let starts: Vec<i32> =
        (first..=next).map(|moon| civil_day(new_moon(moon), hours_east)).collect();
    let sign = |day| (sun::longitude(beginning_of(day, hours_east)) / 30.0).floor();
    let leap = (next - first == 13)
        .then(|| (1..13).find(|&i| sign(starts[i]) == sign(starts[i + 1])))
        .flatten();
    let regular = (0..starts.len() - 1).filter(|&i| Some(i) != leap);
    std::iter::zip((11..=12).chain(1..=10), regular.map(|i| starts[i])).collect()
}

/// The number of the last new moon on or before that day.
fn moon_by(day: i32, hours_east: f64) -> i32 {
    let about = (beginning_of(day, hours_east) - FIRST_OF_2000) / MONTH;
    let mut moon = about.round() as i32 + 1;
    while civil_day(new_moon(moon), hours_east) > day {
        moon -= 1;
    }
    moon
}

/// The instant of a new moon, to half a minute within a few centuries of now; 0 is the first of 2000.
///
/// # Source
///
/// J. Meeus, *Astronomical Algorithms*, 2nd ed. 1998, ch. 49.
fn new_moon(number: i32) -> f64 {
    let moon = f64::from(number);
    let t = moon / 1236.85;
    let polynomial = |terms: [f64; 3]| t * t * (terms[0] + t * (terms[1] + t * terms[2]));
    let sin = |degrees: f64| degrees.to_radians().sin();

    let eccentricity = 1.0 - 0.002_516 * t - 0.000_007_4 * t * t;
    let sun = 2.5534 + 29.105_356_70 * moon + polynomial([-0.000_001_4, -0.000_000_11, 0.0]);
    let anomaly =
        201.5643 + 385.816_935_28 * moon + polynomial([0.010_758_2, 0.000_012_38, -0.000_000_058]);
    let latitude =
        160.7108 + 390.670_502_84 * moon + polynomial([-0.001_611_8, -0.000_002_27, 0.000_000_011]);
    let node = 124.7746 - 1.563_755_88 * moon + polynomial([0.002_067_2, 0.000_002_15, 0.0]);

    let mean =
        FIRST_OF_2000 + MONTH * moon + polynomial([0.000_154_37, -0.000_000_150, 0.000_000_000_73]);
    let periodic: f64 = TERMS
        .iter()
        .map(|&(days, power, of_sun, of_moon, of_latitude)| {
            let angle = of_sun * sun + of_moon * anomaly + of_latitude * latitude;
            days * eccentricity.powi(power) * sin(angle)
        })
        .sum();
    let pulled: f64 = std::iter::zip(0.., PLANETS)
        .map(|(planet, (days, phase, rate))| {
            let slowing = if planet == 0 { 0.009_173 * t * t } else { 0.0 };
            days * sin(phase + rate * moon - slowing)
        })
        .sum();
    mean + periodic - 0.000_17 * sin(node) + pulled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sky::J2000;

    #[test]
    fn new_moons_come_as_published() {
        // Meeus's example 49.a: the new moon of February 1977.
        assert!((new_moon(-283) - 2_443_192.651_18).abs() < 0.000_05, "{}", new_moon(-283));
        for number in -4000..3300 {
            let days = new_moon(number + 1) - new_moon(number);
            assert!((29.26..29.85).contains(&days), "{number} {days}");
        }
        assert!(new_moon(0) > J2000);
    }

    #[test]
    fn years_outside_the_formulas_are_none() {
        for year in [i32::MIN, 1599, 2401, i32::MAX] {
            assert_eq!(lunar_months(year, 8.0), None);
        }
    }
}
