//! [`ExactColumn`]: many exact decimals at one scale, in as few bytes as they need.

use serde::{Deserialize, Serialize};

use crate::error::DecimalFault;
use crate::mantissas::{Mantissas, picked};
use crate::power::{POWERS, WIDE_POWERS, digits};
use crate::{Exact, MAX_SCALE, NARROW_SCALE, rescale, rescale_narrow};

/// A column of exact decimals at one scale, some of them missing.
///
/// Nearly all columns are narrow: eight bytes a number, eighteen digits. One that these do not hold
/// is wide: sixteen bytes, twenty-eight digits.
///
/// A missing value is the mantissa [`ExactColumn::MISSING`], or [`ExactColumn::WIDE_MISSING`], which
/// no number has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExactColumn {
    scale: u8,
    mantissas: Mantissas,
}

/// The digits that numbers need: on each side of the point.
///
/// ```
/// use rustybt_data::{Digits, ExactColumn};
///
/// let mut column = ExactColumn::default();
/// column.push(Some("600000.5".parse()?)).unwrap();
/// column.push(Some("0.00000812".parse()?)).unwrap();
/// assert_eq!(column.digits(), Digits { whole: 6, scale: 8 });
/// assert!(!column.digits().is_wide());
/// # Ok::<(), rustybt_data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
pub struct Digits {
    /// In front of the point.
    pub whole: u8,
    /// Behind the point.
    pub scale: u8,
}

impl Digits {
    /// What holds the numbers of both.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { whole: self.whole.max(other.whole), scale: self.scale.max(other.scale) }
    }

    /// Whether they are more than a narrow column has.
    pub const fn is_wide(self) -> bool {
        self.whole + self.scale > NARROW_SCALE
    }

    /// Whether they are more than any column has.
    pub const fn is_too_long(self) -> bool {
        self.whole + self.scale > MAX_SCALE
    }
}

impl ExactColumn {
    /// The mantissa that stands for a missing value in a narrow column.
    pub const MISSING: i64 = i64::MIN;
    /// The mantissa that stands for a missing value in a wide column.
    pub const WIDE_MISSING: i128 = i128::MIN;

    /// A column of mantissas that share `scale`; `None` for a scale beyond [`NARROW_SCALE`].
    pub fn from_mantissas(scale: u8, mantissas: Vec<i64>) -> Option<Self> {
        let mantissas = Mantissas::Narrow(mantissas);
        (scale <= NARROW_SCALE).then_some(Self { scale, mantissas })
    }

    /// A column of wide mantissas that share `scale`; `None` for a scale beyond [`MAX_SCALE`].
    pub fn from_wide(scale: u8, mantissas: Vec<i128>) -> Option<Self> {
        let mantissas = Mantissas::Wide(mantissas);
        (scale <= MAX_SCALE).then_some(Self { scale, mantissas })
    }

    /// An empty column with room for `rows`.
    pub fn with_capacity(rows: usize) -> Self {
        Self { scale: 0, mantissas: Mantissas::Narrow(Vec::with_capacity(rows)) }
    }

    /// Appends a value or a missing one. The column's scale grows when the value needs it, and it
    /// becomes wide where eighteen digits do not hold all values.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all values in twenty-eight digits; the values
    /// are unchanged then.
    pub fn push(&mut self, value: Option<Exact>) -> Result<(), DecimalFault> {
        let Some(value) = value else {
            self.mantissas.resize(self.len() + 1);
            return Ok(());
        };
        let value = if value.scale() > self.scale { value.normalized() } else { value };
        if self.try_push(value) {
            return Ok(());
        }
        let need = self.digits().max(value.digits());
        if need.is_too_long() {
            return Err(DecimalFault::TooLong);
        }
        if need.is_wide() {
            self.mantissas = Mantissas::Wide(self.mantissas.to_wide());
        }
        self.set_scale(need.scale)?;
        if self.try_push(value.normalized()) { Ok(()) } else { Err(DecimalFault::TooLong) }
    }

    /// Appends a value that the column can hold as it is.
    fn try_push(&mut self, value: Exact) -> bool {
        let Some(mantissa) = value.mantissa_at(self.scale) else { return false };
        match &mut self.mantissas {
            Mantissas::Wide(mantissas) => mantissas.push(mantissa),
            Mantissas::Narrow(mantissas) => {
                match Exact::new(mantissa, self.scale).and_then(Exact::narrow_mantissa) {
                    Some(mantissa) => mantissas.push(mantissa),
                    None => return false,
                }
            }
        }
        true
    }

    /// Appends all values of another column.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all values in twenty-eight digits; the column
    /// has the same values as before then.
    pub fn append(&mut self, mut other: Self) -> Result<(), DecimalFault> {
        let scale = self.scale.max(other.scale);
        if self.set_scale(scale).and_then(|()| other.set_scale(scale)).is_err() {
            // Without zeros at their ends the numbers may fit all the same.
            let scale = self.smallest_scale().max(other.smallest_scale());
            self.set_scale(self.smallest_scale())?;
            other.set_scale(other.smallest_scale())?;
            self.set_scale(scale)?;
            other.set_scale(scale)?;
        }
        match (&mut self.mantissas, &mut other.mantissas) {
            (Mantissas::Narrow(own), Mantissas::Narrow(new)) => own.append(new),
            (Mantissas::Wide(own), new) => own.append(&mut new.to_wide()),
            (own, Mantissas::Wide(new)) => {
                let mut wide = own.to_wide();
                wide.append(new);
                *own = Mantissas::Wide(wide);
            }
        }
        Ok(())
    }

    /// Moves the whole column to another scale, making it wide where that is needed.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where a value would lose a digit or overflow; the values are
    /// unchanged then.
    pub fn set_scale(&mut self, scale: u8) -> Result<(), DecimalFault> {
        let from = self.scale;
        if scale == from {
            return Ok(());
        }
        if scale > MAX_SCALE {
            return Err(DecimalFault::TooLong);
        }
        if let Mantissas::Narrow(mantissas) = &self.mantissas {
            let there = |m: i64| m != Self::MISSING;
            let narrow = mantissas
                .iter()
                .map(|&m| if there(m) { rescale_narrow(m, from, scale) } else { Some(m) })
                .collect::<Option<Vec<i64>>>()
                .filter(|_| scale <= NARROW_SCALE);
            if let Some(narrow) = narrow {
                *self = Self { scale, mantissas: Mantissas::Narrow(narrow) };
                return Ok(());
            }
        }
        let mut wide = self.mantissas.to_wide();
        for mantissa in wide.iter_mut().filter(|m| **m != Self::WIDE_MISSING) {
            *mantissa = rescale(*mantissa, from, scale).ok_or(DecimalFault::TooLong)?;
        }
        *self = Self { scale, mantissas: Mantissas::Wide(wide) };
        Ok(())
    }

    /// The smallest scale that holds every value.
    pub fn smallest_scale(&self) -> u8 {
        let own = self.scale;
        match &self.mantissas {
            Mantissas::Narrow(values) => {
                let values = values.iter().copied().filter(|&m| m != Self::MISSING && m != 0);
                smallest(own, values, |m, scale| m % POWERS[usize::from(own - scale)] == 0)
            }
            Mantissas::Wide(values) => {
                let values = values.iter().copied().filter(|&m| m != Self::WIDE_MISSING && m != 0);
                smallest(own, values, |m, scale| m % WIDE_POWERS[usize::from(own - scale)] == 0)
            }
        }
    }

    /// The digits that the values need.
    pub fn digits(&self) -> Digits {
        let scale = self.smallest_scale();
        let largest = match &self.mantissas {
            Mantissas::Narrow(values) => {
                // A missing value has the largest magnitude of all, and none of its digits count.
                let magnitude = |m: i64| if m == Self::MISSING { 0 } else { m.unsigned_abs() };
                u128::from(values.iter().map(|&m| magnitude(m)).max().unwrap_or(0))
            }
            Mantissas::Wide(values) => {
                let there = values.iter().filter(|&&m| m != Self::WIDE_MISSING);
                there.map(|m| m.unsigned_abs()).max().unwrap_or(0)
            }
        };
        Digits { whole: digits(largest).saturating_sub(self.scale), scale }
    }

    /// The number of digits behind the point of every value.
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The mantissas, the missing ones among them.
    pub const fn mantissas(&self) -> &Mantissas {
        &self.mantissas
    }

    /// The mantissas of a narrow column.
    pub fn narrow(&self) -> Option<&[i64]> {
        match &self.mantissas {
            Mantissas::Narrow(values) => Some(values),
            Mantissas::Wide(_) => None,
        }
    }

    /// The mantissas, to change their order or number in place.
    pub fn mantissas_mut(&mut self) -> &mut Mantissas {
        &mut self.mantissas
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.mantissas.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row, `None` where it is missing or there is no such row.
    pub fn get(&self, row: usize) -> Option<Exact> {
        self.mantissas.get(row).and_then(|mantissa| Exact::new(mantissa, self.scale))
    }

    /// The values of these rows in this order, missing where there is no such row.
    #[must_use]
    pub fn pick(&self, rows: &[usize]) -> Self {
        let mantissas = match &self.mantissas {
            Mantissas::Narrow(values) => Mantissas::Narrow(picked(values, rows, Self::MISSING)),
            Mantissas::Wide(values) => Mantissas::Wide(picked(values, rows, Self::WIDE_MISSING)),
        };
        Self { scale: self.scale, mantissas }
    }

    /// The nearest `f64` of a row, `missing` where there is none.
    pub fn f64_or(&self, row: usize, missing: f64) -> f64 {
        self.get(row).map_or(missing, Exact::to_f64)
    }
}

/// The smallest scale at which every value is whole.
fn smallest<T: Copy>(
    own: u8,
    values: impl Iterator<Item = T>,
    whole: impl Fn(T, u8) -> bool,
) -> u8 {
    let mut scale = 0;
    for value in values {
        while scale < own && !whole(value, scale) {
            scale += 1;
        }
        if scale == own {
            break;
        }
    }
    scale
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{MAX_MANTISSA, NARROW_MANTISSA};

    fn exact(text: &str) -> Exact {
        text.parse().unwrap()
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
        column.push(Exact::new(MAX_MANTISSA, 0)).unwrap();
        assert_eq!(column.push(Some(exact("0.1"))), Err(DecimalFault::TooLong));
        assert_eq!((column.len(), column.scale()), (1, 0));
        let mut narrow = ExactColumn::default();
        narrow.push(Exact::new(NARROW_MANTISSA.into(), 0)).unwrap();
        assert_eq!(narrow.narrow(), Some(&[NARROW_MANTISSA][..]));
    }

    #[test]
    fn a_column_becomes_wide_when_eighteen_digits_are_too_few() {
        let mut column = ExactColumn::default();
        for text in ["999999999999999999", "0.1"] {
            column.push(Some(exact(text))).unwrap();
        }
        column.push(None).unwrap();
        assert!(column.narrow().is_none());
        assert_eq!(column.get(0).unwrap().normalized(), exact("999999999999999999"));
        assert_eq!((column.get(1), column.get(2)), (Some(exact("0.1")), None));
        assert_eq!(column.digits(), Digits { whole: 18, scale: 1 });
    }

    #[test]
    fn zeros_at_the_end_do_not_make_it_wide() {
        let mut column = ExactColumn::default();
        column.push(Some(exact("1.50000000000000000"))).unwrap();
        column.set_scale(17).unwrap();
        column.push(Some(exact("123456.25"))).unwrap();
        assert_eq!((column.scale(), column.narrow()), (2, Some(&[150, 12_345_625][..])));
    }

    proptest! {
        #[test]
        fn every_value_of_a_column_is_kept(
            values in proptest::collection::vec((-MAX_MANTISSA..=MAX_MANTISSA, 0..=MAX_SCALE, 0..=27_u32), 0..40),
        ) {
            let mut column = ExactColumn::default();
            let mut kept = Vec::new();
            for (mantissa, scale, shorter) in values {
                let value = Exact::new(mantissa / 10_i128.pow(shorter), scale).unwrap();
                if column.push(Some(value)).is_ok() {
                    kept.push(value.normalized());
                }
            }
            let read: Vec<Exact> = (0..kept.len()).map(|row| column.get(row).unwrap().normalized()).collect();
            prop_assert_eq!(&read, &kept);
            let digits = kept.iter().fold(Digits::default(), |all, value| all.max(value.digits()));
            prop_assert_eq!(column.digits(), digits);
        }
    }
}
