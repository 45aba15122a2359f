//! [`DecimalColumn`]: exact decimals of up to 28 digits, at one scale.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::DecimalFault;

/// The most digits behind the point that a [`DecimalColumn`] can have.
pub const MAX_WIDE_SCALE: u8 = 28;

/// The largest magnitude of a mantissa of a [`DecimalColumn`]: 28 digits.
pub const MAX_WIDE_MANTISSA: i128 = 9_999_999_999_999_999_999_999_999_999;

/// A column of exact decimals at one scale, some of them missing.
///
/// It grows to the smallest scale that holds what is pushed. A missing value is the mantissa
/// [`DecimalColumn::MISSING`], which no number of 28 digits has.
///
/// ```
/// use rustybt_data::{DecimalColumn, parse_decimal};
///
/// let mut column = DecimalColumn::default();
/// for text in ["16", "0.00000812"] {
///     column.push(Some(parse_decimal(text.as_bytes())?))?;
/// }
/// assert_eq!((column.scale(), column.mantissas()), (8, &[1_600_000_000, 812][..]));
/// # Ok::<(), rustybt_data::DecimalFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DecimalColumn {
    scale: u8,
    mantissas: Vec<i128>,
}

impl DecimalColumn {
    /// The mantissa that stands for a missing value.
    pub const MISSING: i128 = i128::MIN;

    /// A column of mantissas that share `scale`; `None` for a scale beyond [`MAX_WIDE_SCALE`].
    pub fn from_mantissas(scale: u8, mantissas: Vec<i128>) -> Option<Self> {
        (scale <= MAX_WIDE_SCALE).then_some(Self { scale, mantissas })
    }

    /// Appends a value or a missing one; the column's scale grows when the value needs it.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all values in 28 digits; the column is
    /// unchanged then.
    pub fn push(&mut self, value: Option<Decimal>) -> Result<(), DecimalFault> {
        let Some(value) = value else {
            self.mantissas.push(Self::MISSING);
            return Ok(());
        };
        self.push_mantissa(value.mantissa(), value.scale() as u8)
    }

    /// Appends `mantissa / 10^scale`.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn push_mantissa(&mut self, mut mantissa: i128, mut scale: u8) -> Result<(), DecimalFault> {
        while scale > self.scale && mantissa % 10 == 0 {
            mantissa /= 10;
            scale -= 1;
        }
        if scale > self.scale {
            let grown = self.at_scale(scale).ok_or(DecimalFault::TooLong)?;
            let own = rescale(mantissa, scale, scale).ok_or(DecimalFault::TooLong)?;
            self.mantissas = grown;
            self.scale = scale;
            self.mantissas.push(own);
            return Ok(());
        }
        let own = rescale(mantissa, scale, self.scale).ok_or(DecimalFault::TooLong)?;
        self.mantissas.push(own);
        Ok(())
    }

    /// The mantissas at another scale; `None` where a value would lose a digit or need more than 28.
    pub fn at_scale(&self, scale: u8) -> Option<Vec<i128>> {
        self.mantissas
            .iter()
            .map(|&m| if m == Self::MISSING { Some(m) } else { rescale(m, self.scale, scale) })
            .collect()
    }

    /// The smallest scale that holds every value.
    pub fn smallest_scale(&self) -> u8 {
        let mut scale = 0;
        for &mantissa in self.mantissas.iter().filter(|&&m| m != Self::MISSING && m != 0) {
            while scale < self.scale && mantissa % power(self.scale - scale) != 0 {
                scale += 1;
            }
            if scale == self.scale {
                break;
            }
        }
        scale
    }

    /// The largest magnitude at this column's scale; 0 where there is no value.
    pub fn largest(&self) -> u128 {
        let values = self.mantissas.iter().filter(|&&m| m != Self::MISSING);
        values.map(|m| m.unsigned_abs()).max().unwrap_or(0)
    }

    /// The number of digits behind the point of every value.
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The mantissas, [`DecimalColumn::MISSING`] where there is no value.
    pub fn mantissas(&self) -> &[i128] {
        &self.mantissas
    }

    /// The mantissas, to take rows out.
    pub(crate) fn mantissas_mut(&mut self) -> &mut Vec<i128> {
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
    pub fn get(&self, row: usize) -> Option<Decimal> {
        let mantissa = *self.mantissas.get(row)?;
        if mantissa == Self::MISSING {
            return None;
        }
        Decimal::try_from_i128_with_scale(mantissa, self.scale.into()).ok()
    }

    /// The value of a row as the nearest `f64`.
    pub fn f64(&self, row: usize) -> Option<f64> {
        let mantissa = *self.mantissas.get(row)?;
        if mantissa == Self::MISSING {
            return None;
        }
        Some(crate::to_f64(mantissa, self.scale))
    }
}

/// Reads decimal text of up to 28 digits: a sign, digits, a point, an exponent.
///
/// # Errors
///
/// What is wrong with the text; nothing is ever rounded.
pub fn parse_decimal(text: &[u8]) -> Result<Decimal, DecimalFault> {
    if let Ok(exact) = crate::Exact::parse(text) {
        return Ok(exact.to_decimal());
    }
    let text = std::str::from_utf8(text).map_err(|_| DecimalFault::Character)?;
    let (digits, exponent) = match text.find(['e', 'E']) {
        Some(at) => {
            let exponent = text.get(at + 1..).unwrap_or_default();
            (
                text.get(..at).unwrap_or_default(),
                exponent.parse::<i32>().map_err(|_| DecimalFault::Character)?,
            )
        }
        None => (text, 0),
    };
    let unsigned = digits.trim_start_matches(['+', '-']);
    if digits.len() - unsigned.len() > 1 {
        return Err(DecimalFault::Character);
    }
    let mut mantissa: i128 = 0;
    let (mut scale, mut point, mut seen) = (0_i32, false, false);
    for byte in unsigned.bytes() {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                mantissa = mantissa
                    .checked_mul(10)
                    .and_then(|m| m.checked_add((byte - b'0').into()))
                    .ok_or(DecimalFault::TooLong)?;
                scale += i32::from(point);
            }
            b'.' if !point => point = true,
            _ => return Err(DecimalFault::Character),
        }
    }
    if !seen {
        return Err(if text.is_empty() { DecimalFault::Empty } else { DecimalFault::Character });
    }
    if digits.starts_with('-') {
        mantissa = -mantissa;
    }
    scale = scale.saturating_sub(exponent);
    while scale > 0 && mantissa % 10 == 0 && mantissa != 0 {
        mantissa /= 10;
        scale -= 1;
    }
    while scale < 0 && mantissa != 0 {
        mantissa = mantissa.checked_mul(10).ok_or(DecimalFault::TooLong)?;
        scale += 1;
    }
    let scale = u8::try_from(scale.max(0)).map_err(|_| DecimalFault::TooLong)?;
    if mantissa.unsigned_abs() > MAX_WIDE_MANTISSA.unsigned_abs() || scale > MAX_WIDE_SCALE {
        return Err(DecimalFault::TooLong);
    }
    Decimal::try_from_i128_with_scale(mantissa, scale.into()).map_err(|_| DecimalFault::TooLong)
}

/// A mantissa moved from one scale to another; `None` where that would lose a digit or overflow.
fn rescale(mantissa: i128, from: u8, to: u8) -> Option<i128> {
    let moved = if to >= from {
        mantissa.checked_mul(power(to - from))?
    } else {
        let power = power(from - to);
        if mantissa % power != 0 {
            return None;
        }
        mantissa / power
    };
    (moved.unsigned_abs() <= MAX_WIDE_MANTISSA.unsigned_abs()).then_some(moved)
}

const fn power(digits: u8) -> i128 {
    10_i128.pow(digits as u32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_up_to_28_digits_and_never_rounds() {
        for (text, expected) in [
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("-1234567890123456789.012345678", "-1234567890123456789.012345678"),
            ("1e27", "1000000000000000000000000000"),
            ("12345678901234567890e-20", "0.1234567890123456789"),
            ("1.50000000000000000000000000000000", "1.5"),
            ("0.00000000000000000000000000000000", "0"),
        ] {
            let value = parse_decimal(text.as_bytes()).unwrap();
            assert_eq!(value.normalize().to_string(), expected, "{text}");
        }
        for text in ["1e28", "12345678901234567890123456789", "0.00000000000000000000000000001"] {
            assert_eq!(parse_decimal(text.as_bytes()), Err(DecimalFault::TooLong), "{text}");
        }
        for text in ["", "-", "+-1", "1.2.3", "x", "1e", "1ex", "."] {
            assert!(parse_decimal(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_column_that_cannot_grow_stays_as_it_was() {
        let mut column = DecimalColumn::default();
        column.push(Some(Decimal::from_i128_with_scale(MAX_WIDE_MANTISSA, 0))).unwrap();
        let refused = column.push(Some(Decimal::new(1, 1)));
        assert_eq!(refused, Err(DecimalFault::TooLong));
        assert_eq!((column.len(), column.scale()), (1, 0));
    }

    proptest! {
        #[test]
        fn values_are_kept_exactly(values in proptest::collection::vec((-1_000_000_000_000_i64..1_000_000_000_000, 0_u32..=15), 0..30)) {
            let mut column = DecimalColumn::default();
            let values: Vec<Decimal> = values.into_iter().map(|(m, s)| Decimal::new(m, s)).collect();
            for &value in &values {
                column.push(Some(value)).unwrap();
            }
            let read: Vec<Decimal> = (0..values.len()).map(|row| column.get(row).unwrap()).collect();
            prop_assert_eq!(read, values);
        }

        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..50)) {
            let _ = parse_decimal(&text);
        }
    }
}
