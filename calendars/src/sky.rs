//! Instants of the sky and the civil days on which they fall.
//!
//! Astronomers count days of uniform length (terrestrial time, as a Julian day number); civil days follow
//! the turning of the earth, which slows. The difference grows to minutes within centuries and cannot be
//! foretold: a new moon near midnight, centuries ahead, may fall on the day beside the one computed.

/// The Julian day number of 1970-01-01T00:00.
const EPOCH: f64 = 2_440_587.5;

/// The Julian day number of 2000-01-01T12:00, from which formulas count.
pub(crate) const J2000: f64 = 2_451_545.0;

/// The civil day, counted from 1970-01-01, on which the instant falls `hours_east` of Greenwich.
pub(crate) fn civil_day(instant: f64, hours_east: f64) -> i32 {
    let universal = instant - delta_t(year_of(instant)) / 86_400.0;
    (universal + hours_east / 24.0 - EPOCH).floor() as i32
}

/// The instant at which that civil day begins.
pub(crate) fn beginning_of(day: i32, hours_east: f64) -> f64 {
    let universal = EPOCH + f64::from(day) - hours_east / 24.0;
    universal + delta_t(year_of(universal)) / 86_400.0
}

fn year_of(instant: f64) -> f64 {
    2000.0 + (instant - J2000) / 365.25
}

/// Seconds by which terrestrial time is ahead of universal time, from 1600 on.
///
/// # Source
///
/// F. Espenak, J. Meeus, *Five Millennium Canon of Solar Eclipses*, NASA/TP-2006-214141, polynomials for ΔT.
fn delta_t(year: f64) -> f64 {
    let (from, terms): (f64, &[f64]) = match year {
        ..1700.0 => (1600.0, &[120.0, -0.9808, -0.01532, 1.0 / 7129.0]),
        ..1800.0 => (1700.0, &[8.83, 0.1603, -0.005_928_5, 0.000_133_36, -1.0 / 1_174_000.0]),
        ..1860.0 => (
            1800.0,
            &[
                13.72,
                -0.332_447,
                0.006_861_2,
                0.004_111_6,
                -0.000_374_36,
                0.000_012_127_2,
                -0.000_000_169_9,
                0.000_000_000_875,
            ],
        ),
        ..1900.0 => {
            (1860.0, &[7.62, 0.5737, -0.251_754, 0.016_806_68, -0.000_447_362_4, 1.0 / 233_174.0])
        }
        ..1920.0 => (1900.0, &[-2.79, 1.494_119, -0.059_893_9, 0.006_196_6, -0.000_197]),
        ..1941.0 => (1920.0, &[21.20, 0.844_93, -0.0761, 0.002_093_6]),
        ..1961.0 => (1950.0, &[29.07, 0.407, -1.0 / 233.0, 1.0 / 2547.0]),
        ..1986.0 => (1975.0, &[45.45, 1.067, -1.0 / 260.0, -1.0 / 718.0]),
        ..2005.0 => {
            (2000.0, &[63.86, 0.3345, -0.060_374, 0.001_727_5, 0.000_651_814, 0.000_023_735_99])
        }
        ..2050.0 => (2000.0, &[62.92, 0.322_17, 0.005_589]),
        _ => {
            let slowing = -20.0 + 32.0 * ((year - 1820.0) / 100.0).powi(2);
            return slowing - if year < 2150.0 { 0.5628 * (2150.0 - year) } else { 0.0 };
        }
    };
    terms.iter().rev().fold(0.0, |sum, term| sum * (year - from) + term)
}

#[cfg(test)]
mod tests {
    use super::*;

    // ΔT as measured: the Astronomical Almanac, from general knowledge.
    #[test]
    fn the_earth_has_slowed_as_measured() {
        for (year, seconds) in [(1900.0, -2.7), (1950.0, 29.1), (2000.0, 63.8), (2020.0, 69.4)] {
            assert!((delta_t(year) - seconds).abs() < 3.0, "{year} {}", delta_t(year));
        }
        for year in 1600..2400 {
            let step = delta_t(f64::from(year) + 1.0) - delta_t(f64::from(year));
            assert!(step.abs() < 8.0, "{year} {step}");
        }
    }

    #[test]
    fn days_begin_at_local_midnight() {
        for day in (-100_000..140_000).step_by(97) {
            for east in [0.0, 8.0, 9.0, -4.0] {
                let beginning = beginning_of(day, east);
                assert_eq!(civil_day(beginning + 0.001, east), day);
                assert_eq!(civil_day(beginning - 0.001, east), day - 1);
            }
        }
    }
}
