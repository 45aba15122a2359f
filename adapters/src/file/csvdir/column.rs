//! A column of exact numbers that finds its own scale.
//!
//! The numbers of a column share one power of ten. Files are mostly written with one number of
//! digits, so the column takes over the scale it sees, and a value costs one comparison; it grows
//! or shrinks only when a value does not fit.

use rustybt_data::{ExactColumn, MAX_MANTISSA};

use crate::file::csv::number::POWERS;

/// A column in the making.
#[derive(Debug, Default)]
pub(super) struct Column {
    scale: u8,
    mantissas: Vec<i64>,
    /// The largest magnitude among the mantissas.
    largest: u64,
    /// Set once the scale was brought down: from then on no zero at a number's end is kept.
    tight: bool,
}

impl Column {
    pub(super) fn with_capacity(rows: usize) -> Self {
        Self { mantissas: Vec::with_capacity(rows), ..Self::default() }
    }

    /// The mantissa of `mantissa / 10^scale` at the column's own scale, which is changed where that
    /// is needed and possible; `None` where no scale holds this value and the others.
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

    /// Appends a mantissa that [`fit`](Self::fit) gave.
    #[inline]
    pub(super) fn push(&mut self, mantissa: i64) {
        if mantissa != ExactColumn::MISSING {
            self.largest = self.largest.max(mantissa.unsigned_abs());
        }
        self.mantissas.push(mantissa);
    }

    pub(super) fn finish(self) -> ExactColumn {
        ExactColumn::from_mantissas(self.scale, self.mantissas).unwrap_or_default()
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
        if largest > u128::from(MAX_MANTISSA.unsigned_abs()) {
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
    mantissa.checked_mul(*power).filter(|m| m.unsigned_abs() <= MAX_MANTISSA.unsigned_abs())
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
    use rustybt_data::{Exact, MAX_SCALE};

    use super::*;

    fn column(values: &[&str]) -> (ExactColumn, Vec<bool>) {
        let mut column = Column::default();
        let taken = values.iter().map(|text| {
            let value: Exact = text.parse().unwrap();
            let fitted = column.fit(value.mantissa(), value.scale());
            if let Some(mantissa) = fitted {
                column.push(mantissa);
            }
            fitted.is_some()
        });
        let taken = taken.collect();
        (column.finish(), taken)
    }

    #[test]
    fn the_written_scale_is_kept() {
        let (values, _) = column(&["54.50", "16", "0.1"]);
        assert_eq!((values.scale(), values.mantissas()), (2, &[5450, 1600, 10][..]));
    }

    #[test]
    fn zeros_at_the_end_give_way() {
        // Written with 17 digits behind the point, then a value that this leaves no room for.
        let (values, taken) = column(&["1.50000000000000000", "123456.25", "7.100"]);
        assert_eq!((values.scale(), taken), (2, vec![true; 3]));
        assert_eq!(values.mantissas(), [150, 12_345_625, 710]);
    }

    #[test]
    fn what_no_scale_holds_is_refused() {
        let (values, taken) = column(&["0.123456789012345678", "12.5", "0.25"]);
        assert_eq!(taken, [true, false, true]);
        assert_eq!((values.len(), values.scale()), (2, 18));
        let (_, taken) = column(&["999999999999999999", "0.1", "5"]);
        assert_eq!(taken, [true, false, true]);
    }

    #[test]
    fn missing_values_have_no_scale() {
        let mut column = Column::default();
        let missing = column.fit(ExactColumn::MISSING, 0).unwrap();
        column.push(missing);
        let value = column.fit(15, 1).unwrap();
        column.push(value);
        assert_eq!(column.finish().mantissas(), [ExactColumn::MISSING, 15]);
    }

    proptest! {
        #[test]
        fn values_are_kept_exactly(values in proptest::collection::vec((-1_000_000_000_000_i64..1_000_000_000_000, 0..=MAX_SCALE), 0..40)) {
            let mut column = Column::default();
            let mut kept = Vec::new();
            for (mantissa, scale) in values {
                if let Some(fitted) = column.fit(mantissa, scale) {
                    column.push(fitted);
                    kept.push(Exact::new(mantissa, scale).unwrap().normalized());
                }
            }
            let column = column.finish();
            let read: Vec<Exact> = (0..kept.len()).map(|row| column.get(row).unwrap().normalized()).collect();
            prop_assert_eq!(read, kept);
        }
    }
}
