//! Decimal numbers as they were written: an integer and a power of ten.
//!
//! Prices arrive as decimal text, are kept as scaled integers, and are given back as they came.
//! Only where numbers are computed with do they become `f64`, by one correctly rounded division.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::DecimalFault;
use crate::power::{self, POWERS, WIDE_POWERS};
use crate::{Digits, Error};

/// The most digits behind the point that an [`Exact`] can have.
pub const MAX_SCALE: u8 = 28;

/// The largest magnitude of a mantissa: twenty-eight digits, which a [`Decimal`] holds, whatever
/// they are.
pub const MAX_MANTISSA: i128 = 9_999_999_999_999_999_999_999_999_999;

/// The most digits behind the point of a narrow number.
pub const NARROW_SCALE: u8 = 18;

/// The largest magnitude of a narrow mantissa: eighteen digits.
pub const NARROW_MANTISSA: i64 = 999_999_999_999_999_999;

/// An exact decimal of up to twenty-eight digits: `mantissa / 10^scale`.
///
/// Equality is of the written form: `1.50` and `1.5` differ until [`normalized`](Self::normalized).
///
/// ```
/// use rustybt_data::Exact;
///
/// let price: Exact = "645.5699".parse()?;
/// assert_eq!((price.mantissa(), price.scale()), (6_455_699, 4));
/// assert_eq!(price.to_f64(), 645.5699);
/// assert_eq!(price.to_string(), "645.5699");
/// # Ok::<(), rustybt_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Exact {
    mantissa: i128,
    scale: u8,
}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// `mantissa / 10^scale`; `None` beyond twenty-eight digits.
    pub const fn new(mantissa: i128, scale: u8) -> Option<Self> {
        if scale > MAX_SCALE || mantissa > MAX_MANTISSA || mantissa < -MAX_MANTISSA {
            None
        } else {
            Some(Self { mantissa, scale })
        }
    }

    /// Reads decimal text: an optional sign, digits, an optional point, and an optional exponent.
    ///
    /// # Errors
    ///
    /// What is wrong with the text. More than twenty-eight digits, once zeros at the end of the
    /// fraction are dropped, are [`DecimalFault::TooLong`]: nothing is ever rounded.
    pub fn parse(text: &[u8]) -> Result<Self, DecimalFault> {
        let (negative, digits) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            _ => (false, text),
        };
        if digits.is_empty() {
            return Err(DecimalFault::Empty);
        }
        let mut mantissa: i128 = 0;
        let mut scale: i32 = 0;
        let mut seen_digit = false;
        let mut point = false;
        let mut rest = digits.iter();
        while let Some(&byte) = rest.next() {
            match byte {
                b'0'..=b'9' => {
                    seen_digit = true;
                    mantissa = mantissa * 10 + i128::from(byte - b'0');
                    scale += i32::from(point);
                    if mantissa > 1_000_000_000_000_000_000_000_000_000_000_000_000 {
                        return Err(DecimalFault::TooLong);
                    }
                }
                b'.' if !point => point = true,
                b'e' | b'E' if seen_digit => {
                    scale = scale.saturating_sub(exponent(rest.as_slice())?);
                    break;
                }
                _ => return Err(DecimalFault::Character),
            }
        }
        if !seen_digit {
            return Err(DecimalFault::Character);
        }
        fit(if negative { -mantissa } else { mantissa }, scale)
    }

    /// The integer that is divided by `10^scale`.
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// The mantissa, where mantissa and scale are those of a narrow number: eighteen digits.
    pub fn narrow_mantissa(self) -> Option<i64> {
        let mantissa = i64::try_from(self.mantissa).ok()?;
        let narrow = self.scale <= NARROW_SCALE && mantissa.unsigned_abs() <= NARROW_LIMIT;
        narrow.then_some(mantissa)
    }

    /// The number of digits behind the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The nearest `f64`, correctly rounded.
    pub fn to_f64(self) -> f64 {
        to_f64(self.mantissa, self.scale)
    }

    /// The same value as a [`Decimal`], with the same number of digits behind the point.
    pub fn to_decimal(self) -> Decimal {
        // 28 digits are fewer than 96 bits.
        Decimal::from_i128_with_scale(self.mantissa, u32::from(self.scale))
    }

    /// The digits that it needs.
    pub fn digits(self) -> Digits {
        let Self { mantissa, scale } = self.normalized();
        let whole = power::digits(mantissa.unsigned_abs()).saturating_sub(scale);
        Digits { whole, scale }
    }

    /// Compares the values, whatever their scales.
    pub fn compare(self, other: Self) -> Ordering {
        let parts = |value: Self| {
            let power = 10_i128.pow(u32::from(value.scale));
            let rest = 10_i128.pow(u32::from(MAX_SCALE - value.scale));
            (value.mantissa.div_euclid(power), value.mantissa.rem_euclid(power) * rest)
        };
        parts(self).cmp(&parts(other))
    }

    /// The mantissa at another scale; `None` where that would lose a digit or overflow.
    pub fn mantissa_at(self, scale: u8) -> Option<i128> {
        rescale(self.mantissa, self.scale, scale)
    }

    /// The same value without zeros at the end of the fraction.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_decimal(), f)
    }
}

impl FromStr for Exact {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_bytes())
            .map_err(|reason| Error::BadDecimal { text: text.to_owned(), reason })
    }
}

const NARROW_LIMIT: u64 = NARROW_MANTISSA.unsigned_abs();

/// `mantissa / 10^scale` as the nearest `f64`.
///
/// One division is correctly rounded while both operands are exact: the mantissa up to 2^53 and
/// the power of ten up to 10^22. Multiplying by `10^-scale` would be wrong one time in four.
#[inline]
pub fn to_f64(mantissa: i128, scale: u8) -> f64 {
    if mantissa.unsigned_abs() <= 1 << 53
        && scale <= 22
        && let Some(power) = WIDE_POWERS.get(usize::from(scale))
    {
        mantissa as f64 / *power as f64
    } else {
        // The standard library's parser is correctly rounded for any text.
        format!("{mantissa}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

/// A mantissa moved from one scale to another; `None` where that would lose a digit or overflow
/// twenty-eight digits.
pub fn rescale(mantissa: i128, from: u8, to: u8) -> Option<i128> {
    if to >= from {
        let power = WIDE_POWERS.get(usize::from(to - from))?;
        mantissa.checked_mul(*power).filter(|m| m.unsigned_abs() <= MAX_MANTISSA.unsigned_abs())
    } else {
        let power = WIDE_POWERS.get(usize::from(from - to))?;
        (mantissa % power == 0).then(|| mantissa / power)
    }
}

/// The same for eighteen digits.
pub fn rescale_narrow(mantissa: i64, from: u8, to: u8) -> Option<i64> {
    if to >= from {
        let power = POWERS.get(usize::from(to - from))?;
        mantissa.checked_mul(*power).filter(|m| m.unsigned_abs() <= NARROW_LIMIT)
    } else {
        let power = POWERS.get(usize::from(from - to))?;
        (mantissa % power == 0).then(|| mantissa / power)
    }
}

fn exponent(text: &[u8]) -> Result<i32, DecimalFault> {
    let text = std::str::from_utf8(text).map_err(|_| DecimalFault::Character)?;
    let value: i32 = text.parse().map_err(|_| DecimalFault::Character)?;
    if value.abs() > 60 { Err(DecimalFault::TooLong) } else { Ok(value) }
}

/// Brings a parsed number into twenty-eight digits, dropping only zeros behind the point.
fn fit(mut mantissa: i128, mut scale: i32) -> Result<Exact, DecimalFault> {
    if mantissa == 0 {
        let scale = u8::try_from(scale.clamp(0, i32::from(MAX_SCALE))).unwrap_or(0);
        return Ok(Exact { mantissa: 0, scale });
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10).ok_or(DecimalFault::TooLong)?;
        scale += 1;
    }
    while scale > 0
        && mantissa % 10 == 0
        && (scale > i32::from(MAX_SCALE) || mantissa.abs() > MAX_MANTISSA)
    {
        mantissa /= 10;
        scale -= 1;
    }
    let scale = u8::try_from(scale).map_err(|_| DecimalFault::TooLong)?;
    Exact::new(mantissa, scale).ok_or(DecimalFault::TooLong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_vendors_write() {
        for (text, mantissa, scale) in [
            ("0.00000812", 812, 8),
            ("-37.63", -3763, 2),
            ("+5", 5, 0),
            ("1e-3", 1, 3),
            ("6.315E6", 6_315_000, 0),
            ("441100.00", 44_110_000, 2),
            (".5", 5, 1),
            ("16.", 16, 0),
            ("9999999999999999999999999999", MAX_MANTISSA, 0),
            ("1234567890.123456789012345678", 1_234_567_890_123_456_789_012_345_678, 18),
            ("10000000000000000000e-2", 10_000_000_000_000_000_000, 2),
            ("100000000000000000000000000000e-2", 10_i128.pow(27), 0),
        ] {
            let value = exact(text);
            assert_eq!((value.mantissa(), value.scale()), (mantissa, scale), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_number() {
        for (text, fault) in [
            ("", DecimalFault::Empty),
            ("-", DecimalFault::Empty),
            ("abc", DecimalFault::Character),
            ("1,5", DecimalFault::Character),
            ("1.2.3", DecimalFault::Character),
            ("nan", DecimalFault::Character),
            ("1e", DecimalFault::Character),
            (".", DecimalFault::Character),
            ("12345678901234567890123456789", DecimalFault::TooLong),
            ("0.12345678901234567890123456789", DecimalFault::TooLong),
            ("1e999", DecimalFault::TooLong),
        ] {
            assert_eq!(Exact::parse(text.as_bytes()), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_float_is_the_nearest(mantissa in -MAX_MANTISSA..=MAX_MANTISSA, scale in 0..=MAX_SCALE) {
            let value = Exact::new(mantissa, scale).unwrap();
            let nearest: f64 = value.to_string().parse().unwrap();
            prop_assert_eq!(value.to_f64().to_bits(), nearest.to_bits());
        }

        #[test]
        fn values_are_compared_as_decimals(
            a in -MAX_MANTISSA..=MAX_MANTISSA, b in -1000..1000_i128,
            scale in 0..=MAX_SCALE, other in 0..=MAX_SCALE,
        ) {
            for a in [a, b + 1, -b] {
                let (a, b) = (Exact::new(a, scale).unwrap(), Exact::new(b, other).unwrap());
                prop_assert_eq!(a.compare(b), a.to_decimal().cmp(&b.to_decimal()));
            }
        }

        #[test]
        fn text_round_trips(mantissa in -MAX_MANTISSA..=MAX_MANTISSA, scale in 0..=MAX_SCALE) {
            let value = Exact::new(mantissa, scale).unwrap();
            prop_assert_eq!(exact(&value.to_string()), value);
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Exact::parse(&text);
        }
    }
}
