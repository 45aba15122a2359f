//! Decimal numbers as they were written: an integer and a power of ten.
//!
//! Prices arrive as decimal text, are kept as scaled integers, and are given back as they came.
//! Only where numbers are computed with do they become `f64`, by one correctly rounded division.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::DecimalFault;

/// The most digits behind the point that an [`Exact`] can have.
pub const MAX_SCALE: u8 = 18;

/// The largest magnitude of a mantissa: eighteen digits.
pub const MAX_MANTISSA: i64 = 999_999_999_999_999_999;

const POWERS: [i64; 19] = {
    let mut powers = [1_i64; 19];
    let mut i = 1;
    while i < 19 {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// An exact decimal of up to eighteen digits: `mantissa / 10^scale`.
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
    mantissa: i64,
    scale: u8,
}

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, scale: 0 };

    /// `mantissa / 10^scale`; `None` beyond eighteen digits.
    pub const fn new(mantissa: i64, scale: u8) -> Option<Self> {
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
    /// What is wrong with the text. More than eighteen digits after trailing zeros behind the
    /// point are dropped is [`DecimalFault::TooLong`]: nothing is ever rounded.
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
    pub const fn mantissa(self) -> i64 {
        self.mantissa
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
        Decimal::new(self.mantissa, u32::from(self.scale))
    }

    /// The mantissa at another scale; `None` where that would lose a digit or overflow.
    pub fn mantissa_at(self, scale: u8) -> Option<i64> {
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

/// `mantissa / 10^scale` as the nearest `f64`.
///
/// One division is correctly rounded while both operands are exact: the mantissa up to 2^53 and
/// the power of ten up to 10^22. Multiplying by `10^-scale` would be wrong one time in four.
pub fn to_f64(mantissa: i64, scale: u8) -> f64 {
    if mantissa.unsigned_abs() <= 1 << 53 && scale <= MAX_SCALE {
        mantissa as f64 / POWERS[usize::from(scale)] as f64
    } else {
        // The standard library's parser is correctly rounded for any text.
        format!("{mantissa}e-{scale}").parse().unwrap_or(f64::NAN)
    }
}

/// A mantissa moved from one scale to another; `None` where that would lose a digit or overflow.
pub fn rescale(mantissa: i64, from: u8, to: u8) -> Option<i64> {
    if to >= from {
        let power = POWERS.get(usize::from(to - from))?;
        mantissa.checked_mul(*power).filter(|m| m.unsigned_abs() <= MAX_MANTISSA as u64)
    } else {
        let power = POWERS.get(usize::from(from - to))?;
        (mantissa % power == 0).then(|| mantissa / power)
    }
}

/// A column of exact decimals at one scale, some of them missing.
///
/// A missing value is the mantissa [`ExactColumn::MISSING`], which no eighteen-digit number has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExactColumn {
    scale: u8,
    mantissas: Vec<i64>,
}

impl ExactColumn {
    /// The mantissa that stands for a missing value.
    pub const MISSING: i64 = i64::MIN;

    /// A column of mantissas that share `scale`; `None` for a scale beyond [`MAX_SCALE`].
    pub fn from_mantissas(scale: u8, mantissas: Vec<i64>) -> Option<Self> {
        (scale <= MAX_SCALE).then_some(Self { scale, mantissas })
    }

    /// An empty column with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        Self { scale: 0, mantissas: Vec::with_capacity(rows) }
    }

    /// Appends a value or a missing one; the column's scale grows when the value needs it.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all values in eighteen digits; the column
    /// is unchanged then.
    pub fn push(&mut self, value: Option<Exact>) -> Result<(), DecimalFault> {
        let Some(value) = value else {
            self.mantissas.push(Self::MISSING);
            return Ok(());
        };
        let value = if value.scale > self.scale { value.normalized() } else { value };
        if value.scale > self.scale {
            self.set_scale(value.scale)?;
        }
        let mantissa = value.mantissa_at(self.scale).ok_or(DecimalFault::TooLong)?;
        self.mantissas.push(mantissa);
        Ok(())
    }

    /// Moves the whole column to another scale.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where a value would lose a digit or overflow; the column is
    /// unchanged then.
    pub fn set_scale(&mut self, scale: u8) -> Result<(), DecimalFault> {
        if scale == self.scale {
            return Ok(());
        }
        let moved: Option<Vec<i64>> = self
            .mantissas
            .iter()
            .map(|&m| if m == Self::MISSING { Some(m) } else { rescale(m, self.scale, scale) })
            .collect();
        self.mantissas = moved.ok_or(DecimalFault::TooLong)?;
        self.scale = scale;
        Ok(())
    }

    /// Appends all values of another column, at the larger of the two scales.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all values in eighteen digits; the column
    /// has the same values as before then.
    pub fn append(&mut self, mut other: Self) -> Result<(), DecimalFault> {
        let scale = self.scale.max(other.scale);
        if self.set_scale(scale).and_then(|()| other.set_scale(scale)).is_err() {
            // Without zeros at their ends the numbers may fit all the same.
            self.set_scale(self.smallest_scale())?;
            other.set_scale(other.smallest_scale())?;
            let scale = self.scale.max(other.scale);
            self.set_scale(scale)?;
            other.set_scale(scale)?;
        }
        self.mantissas.append(&mut other.mantissas);
        Ok(())
    }

    /// The smallest scale that holds every value.
    pub fn smallest_scale(&self) -> u8 {
        let mut scale = 0;
        for &mantissa in &self.mantissas {
            if mantissa == Self::MISSING || mantissa == 0 {
                continue;
            }
            while scale < self.scale && mantissa % POWERS[usize::from(self.scale - scale)] != 0 {
                scale += 1;
            }
            if scale == self.scale {
                break;
            }
        }
        scale
    }

    /// The number of digits behind the point of every value.
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The mantissas, [`ExactColumn::MISSING`] where there is no value.
    pub fn mantissas(&self) -> &[i64] {
        &self.mantissas
    }

    /// The mantissas, to change them in place.
    pub fn mantissas_mut(&mut self) -> &mut Vec<i64> {
        &mut self.mantissas
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.mantissas.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.mantissas.is_empty()
    }

    /// The value of a row, `None` where it is missing or there is no such row.
    pub fn get(&self, row: usize) -> Option<Exact> {
        let mantissa = *self.mantissas.get(row)?;
        (mantissa != Self::MISSING).then_some(Exact { mantissa, scale: self.scale })
    }

    /// The nearest `f64` of a row, `missing` where there is none.
    pub fn f64_or(&self, row: usize, missing: f64) -> f64 {
        self.get(row).map_or(missing, Exact::to_f64)
    }
}

fn exponent(text: &[u8]) -> Result<i32, DecimalFault> {
    let text = std::str::from_utf8(text).map_err(|_| DecimalFault::Character)?;
    let value: i32 = text.parse().map_err(|_| DecimalFault::Character)?;
    if value.abs() > 60 { Err(DecimalFault::TooLong) } else { Ok(value) }
}

/// Brings a parsed number into eighteen digits, dropping only zeros behind the point.
fn fit(mut mantissa: i128, mut scale: i32) -> Result<Exact, DecimalFault> {
    if mantissa == 0 {
        let scale = u8::try_from(scale.clamp(0, i32::from(MAX_SCALE))).unwrap_or(0);
        return Ok(Exact { mantissa: 0, scale });
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10).ok_or(DecimalFault::TooLong)?;
        scale += 1;
    }
    let limit = i128::from(MAX_MANTISSA);
    while scale > 0
        && mantissa % 10 == 0
        && (scale > i32::from(MAX_SCALE) || mantissa.abs() > limit)
    {
        mantissa /= 10;
        scale -= 1;
    }
    let scale = u8::try_from(scale).map_err(|_| DecimalFault::TooLong)?;
    let mantissa = i64::try_from(mantissa).map_err(|_| DecimalFault::TooLong)?;
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
            ("999999999999999999", MAX_MANTISSA, 0),
            ("10000000000000000000e-2", 100_000_000_000_000_000, 0),
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
            ("1234567890123456789", DecimalFault::TooLong),
            ("0.1234567890123456789", DecimalFault::TooLong),
            ("1e999", DecimalFault::TooLong),
        ] {
            assert_eq!(Exact::parse(text.as_bytes()), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_column_grows_to_the_smallest_scale_that_holds_it() {
        let mut column = ExactColumn::default();
        for text in ["16", "16.25", "13.5", "645.56990"] {
            column.push(Some(exact(text))).unwrap();
        }
        column.push(None).unwrap();
        assert_eq!(column.scale(), 4);
        assert_eq!(column.get(0).unwrap().normalized(), exact("16"));
        assert_eq!(column.get(4), None);
        assert_eq!(column.smallest_scale(), 4);
        assert!(column.f64_or(4, f64::NAN).is_nan());
    }

    #[test]
    fn a_column_that_cannot_grow_stays_as_it_was() {
        let mut column = ExactColumn::default();
        column.push(Some(exact("999999999999999999"))).unwrap();
        assert_eq!(column.push(Some(exact("0.1"))), Err(DecimalFault::TooLong));
        assert_eq!((column.len(), column.scale()), (1, 0));
    }

    proptest! {
        #[test]
        fn the_float_is_the_nearest(mantissa in -MAX_MANTISSA..=MAX_MANTISSA, scale in 0..=MAX_SCALE) {
            let value = Exact::new(mantissa, scale).unwrap();
            let nearest: f64 = value.to_string().parse().unwrap();
            prop_assert_eq!(value.to_f64().to_bits(), nearest.to_bits());
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
