//! Decimal ratios as the small fractions they stand for.
//!
//! A split is two integers. Files give it as a decimal, often rounded: 0.1428572 is one for seven.
//! A fraction is believed when it lies within 1e-6 *and* chance would hardly have put one so near:
//! there are about `q²/3` fractions of denominators up to `q` between 0 and 1, so a large
//! denominator must fit more closely than a small one.

use rustybt_data::Exact;

/// A positive ratio of two integers without common divisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) numerator: u64,
    pub(super) denominator: u64,
    /// Whether the text was a rounded form of it, not its exact value.
    pub(super) recovered: bool,
}

/// The largest denominator that is looked for.
const LARGEST_DENOMINATOR: i128 = 1000;

/// The fraction that `value` stands for; its own exact value where it stands for no other. `None`
/// unless it is above zero.
pub(super) fn fraction(value: Exact) -> Option<Fraction> {
    // A ratio of more than eighteen digits is none that anybody meant.
    let mantissa = i128::from(value.narrow_mantissa()?);
    let power = 10_i128.checked_pow(u32::from(value.scale()))?;
    if mantissa <= 0 {
        return None;
    }
    let exact = reduced(mantissa, power, false)?;
    if i128::from(exact.denominator) <= LARGEST_DENOMINATOR {
        return Some(exact);
    }
    let near = (1..=LARGEST_DENOMINATOR).find_map(|denominator| {
        let numerator = (2 * mantissa * denominator + power) / (2 * power);
        let distance = (mantissa * denominator - numerator * power).abs();
        // |value - n/d| <= min(1e-6, 1 / (100 d²)), multiplied out.
        let close =
            distance * 1_000_000 <= power * denominator && distance * 100 * denominator <= power;
        (numerator > 0 && close).then_some((numerator, denominator))
    });
    match near {
        Some((numerator, denominator)) => reduced(numerator, denominator, true),
        None => Some(exact),
    }
}

/// `new / old` of two written numbers; `None` unless both are above zero and fit.
pub(super) fn quotient(new: Exact, old: Exact) -> Option<Fraction> {
    let power = |value: Exact| 10_i128.checked_pow(u32::from(value.scale()));
    let numerator = new.mantissa().checked_mul(power(old)?)?;
    let denominator = old.mantissa().checked_mul(power(new)?)?;
    if numerator <= 0 || denominator <= 0 {
        return None;
    }
    reduced(numerator, denominator, false)
}

fn reduced(numerator: i128, denominator: i128, recovered: bool) -> Option<Fraction> {
    let (mut a, mut b) = (numerator, denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    Some(Fraction {
        numerator: u64::try_from(numerator / a).ok()?,
        denominator: u64::try_from(denominator / a).ok()?,
        recovered,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Option<(u64, u64, bool)> {
        fraction(text.parse().unwrap()).map(|f| (f.numerator, f.denominator, f.recovered))
    }

    #[test]
    fn rounded_fractions_are_recovered() {
        for (text, numerator, denominator) in [
            ("0.1428572", 1, 7),
            ("0.142857", 1, 7),
            ("0.3333333", 1, 3),
            ("0.333333", 1, 3),
            ("0.6666667", 2, 3),
            ("0.9523810", 20, 21),
            ("0.990099", 100, 101),
            ("0.0153846", 1, 65),
            ("1.3333333", 4, 3),
            ("0.99502488", 200, 201),
            ("19.9999999", 20, 1),
        ] {
            assert_eq!(of(text), Some((numerator, denominator, true)), "{text}");
        }
    }

    #[test]
    fn exact_values_stay() {
        for (text, numerator, denominator) in [
            ("0.5", 1, 2),
            ("0.25", 1, 4),
            ("20", 20, 1),
            ("2.000", 2, 1),
            ("0.9375", 15, 16),
            ("0.001", 1, 1000),
            // As written in real data: no fraction lies within 1e-6.
            ("0.5000011", 5_000_011, 10_000_000),
            ("0.4999986", 2_499_993, 5_000_000),
            ("0.6666645", 1_333_329, 2_000_000),
            ("0.666665", 133_333, 200_000),
            ("0.8000045", 1_600_009, 2_000_000),
            // What a spin-off leaves behind stands for nothing.
            ("0.937154", 468_577, 500_000),
            ("0.0000001", 1, 10_000_000),
        ] {
            assert_eq!(of(text), Some((numerator, denominator, false)), "{text}");
        }
        assert_eq!(of("0"), None);
        assert_eq!(of("-0.5"), None);
    }

    #[test]
    fn quotients() {
        let of = |new: &str, old: &str| {
            quotient(new.parse().unwrap(), old.parse().unwrap())
                .map(|f| (f.numerator, f.denominator))
        };
        assert_eq!(of("7", "1"), Some((7, 1)));
        assert_eq!(of("1.5", "1"), Some((3, 2)));
        assert_eq!(of("10", "4"), Some((5, 2)));
        assert_eq!(of("0", "1"), None);
        assert_eq!(of("1", "-1"), None);
    }

    proptest! {
        #[test]
        fn what_seven_digits_round_is_found(new in 1..100_u64, old in 1..100_u64) {
            let text = format!("{:.7}", new as f64 / old as f64);
            let read = fraction(text.parse().unwrap()).unwrap();
            prop_assert_eq!(read.numerator * old, read.denominator * new);
        }

        #[test]
        fn nothing_is_moved_by_more_than_a_millionth(mantissa in 1..=999_999_999_999_999_999_i64, scale in 0..=18_u8) {
            let value = Exact::new(mantissa.into(), scale).unwrap();
            if let Some(read) = fraction(value) {
                let near = read.numerator as f64 / read.denominator as f64;
                prop_assert!((near - value.to_f64()).abs() <= 1.0001e-6_f64.max(1e-15 * near));
            }
        }
    }
}
