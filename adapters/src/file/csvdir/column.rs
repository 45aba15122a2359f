//! A column of exact numbers that finds its own scale.
//!
//! The numbers of a column share one power of ten. Files are mostly written with one number of
//! digits, so the column takes over the scale it sees, and a value costs one comparison; it grows
//! or shrinks only when a value does not fit. Where eighteen digits do not hold all values, it goes
//! on as a wide [`ExactColumn`], which is slow and holds twenty-eight.

use rustybt_data::{Exact, ExactColumn, NARROW_MANTISSA, POWERS};

/// A column in the making.
#[derive(Debug, Default)]
pub(super) struct Column {
    scale: u8,
    mantissas: Vec<i64>,
    /// The largest magnitude among the mantissas.
    largest: u64,
    /// Set once the scale was brought down: from then on no zero at a number's end is kept.
    tight: bool,
    /// The whole column, once it holds a number that is not narrow.
    wide: Option<ExactColumn>,
}

impl Column {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self { mantissas: Vec::with_capacity(rows), ..Self::default() }
    }

    /// The mantissa of `mantissa / 10^scale` at the column's own scale, which is changed where that
    /// is needed and possible; `None` where no scale holds this value and the others in eighteen
    /// digits.
    #[inline]
    pub(super) fn fit(&mut self, mantissa: i64, scale: u8) -> Option<i64> {
        if scale == self.scale || mantissa == ExactColumn::MISSING {
            return Some(mantissa);
        }
        if scale < self.scale
            && let Some(mantissa) = scaled_up(mantissa, self.scale - scale)
        {
            return Some(mantissa);
        }
        self.refit(mantissa, scale)
    }

    /// Appends a mantissa that [`fit`](Self::fit) gave, to a column that is not wide.
    #[inline]
    pub(super) fn push(&mut self, mantissa: i64) {
        if mantissa != ExactColumn::MISSING {
            self.largest = self.largest.max(mantissa.unsigned_abs());
        }
        self.mantissas.push(mantissa);
    }

    /// Whether it holds a number that is not narrow: such a column takes [`append`](Self::append).
    pub(super) fn is_wide(&self) -> bool {
        self.wide.is_some()
    }

    /// Appends a value of any size; `false`, and nothing appended, where no scale holds it and the
    /// others.
    pub(super) fn append(&mut self, value: Option<Exact>) -> bool {
        if self.wide.is_none() {
            let fitted = match value {
                None => Some(ExactColumn::MISSING),
                Some(value) => value.narrow_mantissa().and_then(|m| self.fit(m, value.scale())),
            };
            if let Some(mantissa) = fitted {
                self.push(mantissa);
                return true;
            }
            self.shrink();
            let narrow = std::mem::take(&mut self.mantissas);
            let column = ExactColumn::from_mantissas(self.scale, narrow).unwrap_or_default();
            self.wide = Some(column);
        }
        self.wide.as_mut().is_some_and(|column| column.push(value).is_ok())
    }

    /// Takes the last value out again.
    pub(super) fn pop(&mut self) {
        match &mut self.wide {
            Some(column) => {
                let rows = column.len().saturating_sub(1);
                column.mantissas_mut().resize(rows);
            }
            None => self.mantissas.truncate(self.mantissas.len().saturating_sub(1)),
        }
    }

    pub(super) fn finish(self) -> ExactColumn {
        match self.wide {
            Some(column) => column,
            None => ExactColumn::from_mantissas(self.scale, self.mantissas).unwrap_or_default(),
        }
    }

    #[cold]
    fn refit(&mut self, mantissa: i64, scale: u8) -> Option<i64> {
        if !self.tight && scale > self.scale && self.grow(scale) {
            return Some(mantissa);
        }
        let (mantissa, scale) = without_zeros(mantissa, scale);
        if !self.tight {
            self.shrink();
        }
        if scale <= self.scale {
            return scaled_up(mantissa, self.scale - scale);
        }
        self.grow(scale).then_some(mantissa)
    }

    /// Moves to a larger scale if every value still fits.
    fn grow(&mut self, scale: u8) -> bool {
        let Some(power) = POWERS.get(usize::from(scale - self.scale)) else {
            return false;
        };
        let largest = u128::from(self.largest) * u128::from(power.unsigned_abs());
        if largest > u128::from(NARROW_MANTISSA.unsigned_abs()) {
            return false;
        }
        for mantissa in &mut self.mantissas {
            if *mantissa != ExactColumn::MISSING {
                *mantissa *= power;
            }
        }
        self.largest = largest as u64;
        self.scale = scale;
        true
    }

    /// Moves to the smallest scale that holds every value, once and for all.
    fn shrink(&mut self) {
        self.tight = true;
        while self.scale > 0
            && self.mantissas.iter().all(|m| *m == ExactColumn::MISSING || m % 10 == 0)
        {
            for mantissa in &mut self.mantissas {
                if *mantissa != ExactColumn::MISSING {
                    *mantissa /= 10;
                }
            }
            self.largest /= 10;
            self.scale -= 1;
        }
    }
}

fn scaled_up(mantissa: i64, digits: u8) -> Option<i64> {
    let power = POWERS.get(usize::from(digits))?;
    mantissa.checked_mul(*power).filter(|m| m.unsigned_abs() <= NARROW_MANTISSA.unsigned_abs())
}

fn without_zeros(mut mantissa: i64, mut scale: u8) -> (i64, u8) {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    (mantissa, scale)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustybt_data::MAX_SCALE;

    use super::*;

    fn column(values: &[&str]) -> (ExactColumn, Vec<bool>) {
        let mut column = Column::default();
        let taken = values.iter().map(|text| column.append(Some(text.parse().unwrap())));
        let taken = taken.collect();
        (column.finish(), taken)
    }

    #[test]
    fn the_written_scale_is_kept() {
        let (values, _) = column(&["54.50", "16", "0.1"]);
        assert_eq!((values.scale(), values.narrow()), (2, Some(&[5450, 1600, 10][..])));
    }

    #[test]
    fn zeros_at_the_end_give_way() {
        // Written with 17 digits behind the point, then a value that this leaves no room for.
        let (values, taken) = column(&["1.50000000000000000", "123456.25", "7.100"]);
        assert_eq!((values.scale(), taken), (2, vec![true; 3]));
        assert_eq!(values.narrow(), Some(&[150, 12_345_625, 710][..]));
    }

    #[test]
    fn what_eighteen_digits_do_not_hold_makes_it_wide() {
        let (values, taken) = column(&["0.123456789012345678", "12.5", "0.25"]);
        assert_eq!(taken, [true; 3]);
        assert_eq!((values.len(), values.scale(), values.narrow()), (3, 18, None));
        assert_eq!(values.get(1).unwrap().normalized().to_string(), "12.5");
    }

    #[test]
    fn what_no_scale_holds_is_refused() {
        let (values, taken) = column(&["0.1234567890123456789012345678", "12.5", "0.25"]);
        assert_eq!(taken, [true, false, true]);
        assert_eq!((values.len(), values.scale()), (2, 28));
        let (_, taken) = column(&["9999999999999999999999999999", "0.1", "5"]);
        assert_eq!(taken, [true, false, true]);
    }

    #[test]
    fn missing_values_have_no_scale() {
        let mut column = Column::default();
        assert!(column.append(None));
        assert!(column.append(Some("1.5".parse().unwrap())));
        assert!(column.append(Some("7".parse().unwrap())));
        column.pop();
        assert_eq!(column.finish().narrow(), Some(&[ExactColumn::MISSING, 15][..]));
    }

    proptest! {
        #[test]
        fn values_are_kept_exactly(
            values in proptest::collection::vec(
                (-rustybt_data::MAX_MANTISSA..=rustybt_data::MAX_MANTISSA, 0..=MAX_SCALE, 0..=27_u32), 0..40),
        ) {
            let mut column = Column::default();
            let mut kept = Vec::new();
            for (mantissa, scale, shorter) in values {
                let value = Exact::new(mantissa / 10_i128.pow(shorter), scale).unwrap();
                if column.append(Some(value)) {
                    kept.push(value.normalized());
                }
            }
            let column = column.finish();
            let read: Vec<Exact> = (0..kept.len()).map(|row| column.get(row).unwrap().normalized()).collect();
            prop_assert_eq!(read, kept);
        }
    }
}
