//! The columns of a block: appended to, compared, and moved to types of more digits.

use std::ops::Range;

use rustybt_data::{ExactColumn, Mantissas, NARROW_MANTISSA, POWERS, rescale, rescale_narrow};

use crate::decimals::Decimals;
use crate::format::{Column, MISSING, WIDE_MISSING};

/// Appends rows of another column of the same kind.
pub(crate) fn copy_rows(to: &mut Column, from: &Column, rows: Range<usize>) {
    match (to, from) {
        (Column::Numbers(to), Column::Numbers(from)) => {
            to.extend_from_slice(from.get(rows).unwrap_or_default());
        }
        (Column::Wide(to), Column::Wide(from)) => {
            to.extend_from_slice(from.get(rows).unwrap_or_default());
        }
        (Column::Doubles(to), Column::Doubles(from)) => {
            to.extend_from_slice(from.get(rows).unwrap_or_default());
        }
        (Column::Texts(to), Column::Texts(from)) => {
            to.extend_from_slice(from.get(rows).unwrap_or_default());
        }
        // Rows are never lost in silence: a block has one kind a column.
        (to, _) => rows.for_each(|_| to.push_missing()),
    }
}

/// Whether two rows of columns of one kind hold the same.
pub(crate) fn same(a: &Column, row: usize, b: &Column, other: usize) -> bool {
    match (a, b) {
        (Column::Numbers(a), Column::Numbers(b)) => a.get(row) == b.get(other),
        (Column::Wide(a), Column::Wide(b)) => a.get(row) == b.get(other),
        (Column::Doubles(_), Column::Doubles(_)) => {
            a.double(row).map(f64::to_bits) == b.double(other).map(f64::to_bits)
        }
        (Column::Texts(a), Column::Texts(b)) => a.get(row) == b.get(other),
        _ => false,
    }
}

/// Moves a column to a type of at least as many digits; the row that does not fit, where one does not.
pub(crate) fn move_to(column: &mut Column, from: Decimals, to: Decimals) -> Result<(), usize> {
    if from == to {
        return Ok(());
    }
    if let (Column::Numbers(values), false) = (&mut *column, to.wide) {
        for (row, value) in values.iter_mut().enumerate().filter(|(_, value)| **value != MISSING) {
            *value = rescale_narrow(*value, from.scale, to.scale).ok_or(row)?;
        }
        return Ok(());
    }
    let mut wide = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        wide.push(match column.mantissa(row) {
            None => WIDE_MISSING,
            Some(value) => rescale(value, from.scale, to.scale).ok_or(row)?,
        });
    }
    *column = Column::Wide(wide);
    Ok(())
}

/// Appends rows as they came to a column of a type; `false` where one does not fit.
pub(crate) fn extend(
    to: &mut Column,
    from: &ExactColumn,
    rows: Range<usize>,
    decimals: Decimals,
) -> bool {
    match (to, from.mantissas()) {
        (Column::Numbers(to), Mantissas::Narrow(values)) => {
            let values = values.get(rows).unwrap_or_default();
            extend_narrow(to, values, from.scale(), decimals.scale)
        }
        (Column::Numbers(to), Mantissas::Wide(_)) => {
            let narrow = |row| match from.get(row) {
                None => Some(MISSING),
                Some(value) => {
                    let moved = i64::try_from(value.mantissa_at(decimals.scale)?).ok()?;
                    (moved.unsigned_abs() <= NARROW_MANTISSA.unsigned_abs()).then_some(moved)
                }
            };
            let Some(mut values) = rows.map(narrow).collect::<Option<Vec<i64>>>() else {
                return false;
            };
            to.append(&mut values);
            true
        }
        (Column::Wide(to), mantissas) => {
            for row in rows {
                to.push(match mantissas.get(row) {
                    None => WIDE_MISSING,
                    Some(value) => match rescale(value, from.scale(), decimals.scale) {
                        None => return false,
                        Some(value) => value,
                    },
                });
            }
            true
        }
        (Column::Doubles(_) | Column::Texts(_), _) => false,
    }
}

/// Appends mantissas at one scale to a column at another; `false` where one does not fit.
fn extend_narrow(to: &mut Vec<i64>, from: &[i64], scale: u8, wanted: u8) -> bool {
    if scale == wanted {
        to.extend_from_slice(from);
        return true;
    }
    if let Some(&power) = wanted.checked_sub(scale).and_then(|up| POWERS.get(usize::from(up))) {
        let limit = NARROW_MANTISSA / power;
        if from.iter().all(|&value| value == MISSING || (-limit..=limit).contains(&value)) {
            let moved =
                from.iter().map(|&value| if value == MISSING { value } else { value * power });
            to.extend(moved);
            return true;
        }
        return false;
    }
    for &value in from {
        if value == MISSING {
            to.push(value);
        } else if let Some(value) = rescale_narrow(value, scale, wanted) {
            to.push(value);
        } else {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::Kind;

    proptest! {
        #[test]
        fn columns_are_moved_exactly_or_not_at_all(
            values in proptest::collection::vec(-10_000_i64..10_000, 0..6),
            scale in 0..18_u8,
            wanted in 0..18_u8,
        ) {
            let mut moved = Vec::new();
            let one_by_one: Option<Vec<i64>> =
                values.iter().map(|&value| rescale_narrow(value, scale, wanted)).collect();
            let fits = extend_narrow(&mut moved, &values, scale, wanted);
            prop_assert_eq!(fits.then_some(moved), one_by_one);
        }

        #[test]
        fn narrow_or_wide_the_values_are_the_same(
            values in proptest::collection::vec(proptest::option::of(-1_000_000_i64..1_000_000), 0..6),
            scale in 0..8_u8,
            more in 0..4_u8,
        ) {
            let narrow: Vec<i64> = values.iter().map(|value| value.unwrap_or(MISSING)).collect();
            let column = ExactColumn::from_mantissas(scale, narrow).unwrap();
            let from = Decimals { scale, wide: false };
            let to = |wide| Decimals { scale: scale + more, wide };
            let mut kept = Column::new(Kind::Decimal(scale), 0);
            prop_assert!(extend(&mut kept, &column, 0..values.len(), from));
            for wide in [false, true] {
                let mut fresh = Column::new(to(wide).kind(), 0);
                prop_assert!(extend(&mut fresh, &column, 0..values.len(), to(wide)));
                let mut moved = kept.clone();
                prop_assert_eq!(move_to(&mut moved, from, to(wide)), Ok(()));
                prop_assert_eq!(&moved, &fresh);
                for (row, value) in values.iter().enumerate() {
                    let expected = value.map(|value| i128::from(value) * 10_i128.pow(more.into()));
                    prop_assert_eq!(moved.mantissa(row), expected);
                }
            }
        }
    }
}
