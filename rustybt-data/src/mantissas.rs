//! [`Mantissas`]: the numbers of a column without their point, in eight bytes each or in sixteen.

use serde::{Deserialize, Serialize};

use crate::ExactColumn;

/// The mantissas of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mantissas {
    /// Of up to eighteen digits.
    Narrow(Vec<i64>),
    /// Of up to twenty-eight digits.
    Wide(Vec<i128>),
}

impl Default for Mantissas {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

impl Mantissas {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(values) => values.len(),
            Self::Wide(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The mantissa of a row, `None` where it is missing or there is no such row.
    pub fn get(&self, row: usize) -> Option<i128> {
        match self {
            Self::Narrow(values) => {
                values.get(row).filter(|&&m| m != ExactColumn::MISSING).map(|&m| m.into())
            }
            Self::Wide(values) => {
                values.get(row).copied().filter(|&m| m != ExactColumn::WIDE_MISSING)
            }
        }
    }

    /// Cuts the column to so many rows, or lengthens it by missing ones.
    pub fn resize(&mut self, rows: usize) {
        match self {
            Self::Narrow(values) => values.resize(rows, ExactColumn::MISSING),
            Self::Wide(values) => values.resize(rows, ExactColumn::WIDE_MISSING),
        }
    }

    /// Puts missing rows in front.
    pub fn prepend_missing(&mut self, rows: usize) {
        match self {
            Self::Narrow(values) => {
                values.splice(0..0, std::iter::repeat_n(ExactColumn::MISSING, rows));
            }
            Self::Wide(values) => {
                values.splice(0..0, std::iter::repeat_n(ExactColumn::WIDE_MISSING, rows));
            }
        }
    }

    /// The same as wide mantissas.
    pub fn to_wide(&self) -> Vec<i128> {
        match self {
            Self::Narrow(values) => {
                values
                    .iter()
                    .map(|&m| {
                        if m == ExactColumn::MISSING { ExactColumn::WIDE_MISSING } else { m.into() }
                    })
                    .collect()
            }
            Self::Wide(values) => values.clone(),
        }
    }

    /// Takes out rows, named in ascending order.
    pub fn remove(&mut self, rows: &[usize]) {
        match self {
            Self::Narrow(values) => without(values, rows),
            Self::Wide(values) => without(values, rows),
        }
    }
}

/// Takes out rows, named in ascending order.
pub(crate) fn without<T>(values: &mut Vec<T>, removed: &[usize]) {
    let mut removed = removed.iter().peekable();
    let mut row = 0;
    values.retain(|_| {
        let gone = removed.next_if(|&&next| next == row).is_some();
        row += 1;
        !gone
    });
}

/// The values of these rows, `missing` where there is no such row.
pub(crate) fn picked<T: Copy>(values: &[T], rows: &[usize], missing: T) -> Vec<T> {
    rows.iter().map(|&row| values.get(row).copied().unwrap_or(missing)).collect()
}
