//! [`TableValues`]: the values of one column.

use std::cmp::Ordering;

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ColumnType, DecimalColumn};
use crate::DecimalFault;

/// The values of a column, some of them missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TableValues {
    /// Exact decimals.
    Decimal(DecimalColumn),
    /// Floating-point numbers; NaN is a value.
    #[serde(with = "bits")]
    Float(Vec<Option<f64>>),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// True or false.
    Bool(Vec<Option<bool>>),
    /// Text.
    Text(Vec<Option<String>>),
    /// Civil dates.
    Date(Vec<Option<Session>>),
    /// Instants, of which the microseconds count.
    Instant(Vec<Option<Timestamp>>),
    /// Instants, to the nanosecond.
    Nanos(Vec<Option<Timestamp>>),
}

/// Floating-point numbers as their bits: text has no NaN, and may lose the last digit.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        values: &[Option<f64>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bits: Vec<Option<u64>> = values.iter().map(|value| value.map(f64::to_bits)).collect();
        bits.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Option<f64>>, D::Error> {
        let bits = Vec::<Option<u64>>::deserialize(deserializer)?;
        Ok(bits.into_iter().map(|bits| bits.map(f64::from_bits)).collect())
    }
}

impl TableValues {
    /// An empty column.
    pub fn new(kind: ColumnType) -> Self {
        match kind {
            ColumnType::Decimal => Self::Decimal(DecimalColumn::default()),
            ColumnType::Float => Self::Float(Vec::new()),
            ColumnType::Int => Self::Int(Vec::new()),
            ColumnType::Bool => Self::Bool(Vec::new()),
            ColumnType::Text => Self::Text(Vec::new()),
            ColumnType::Date => Self::Date(Vec::new()),
            ColumnType::Instant => Self::Instant(Vec::new()),
            ColumnType::Nanos => Self::Nanos(Vec::new()),
        }
    }

    /// What they are.
    pub fn kind(&self) -> ColumnType {
        match self {
            Self::Decimal(_) => ColumnType::Decimal,
            Self::Float(_) => ColumnType::Float,
            Self::Int(_) => ColumnType::Int,
            Self::Bool(_) => ColumnType::Bool,
            Self::Text(_) => ColumnType::Text,
            Self::Date(_) => ColumnType::Date,
            Self::Instant(_) => ColumnType::Instant,
            Self::Nanos(_) => ColumnType::Nanos,
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Decimal(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::Text(values) => values.len(),
            Self::Date(values) => values.len(),
            Self::Instant(values) | Self::Nanos(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row has no value.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Decimal(values) => {
                values.mantissas().get(row).is_none_or(|&m| m == DecimalColumn::MISSING)
            }
            Self::Float(values) => values.get(row).is_none_or(Option::is_none),
            Self::Int(values) => values.get(row).is_none_or(Option::is_none),
            Self::Bool(values) => values.get(row).is_none_or(Option::is_none),
            Self::Text(values) => values.get(row).is_none_or(Option::is_none),
            Self::Date(values) => values.get(row).is_none_or(Option::is_none),
            Self::Instant(values) | Self::Nanos(values) => {
                values.get(row).is_none_or(Option::is_none)
            }
        }
    }

    /// Appends missing values.
    pub fn push_missing(&mut self, rows: usize) {
        match self {
            Self::Decimal(values) => {
                let all = values.len() + rows;
                values.mantissas_mut().resize(all, DecimalColumn::MISSING);
            }
            Self::Float(values) => values.resize(values.len() + rows, None),
            Self::Int(values) => values.resize(values.len() + rows, None),
            Self::Bool(values) => values.resize(values.len() + rows, None),
            Self::Text(values) => values.resize(values.len() + rows, None),
            Self::Date(values) => values.resize(values.len() + rows, None),
            Self::Instant(values) | Self::Nanos(values) => {
                values.resize(values.len() + rows, None);
            }
        }
    }

    /// A row as text, exactly as it would be written; empty where it is missing.
    pub fn text(&self, row: usize) -> String {
        fn shown<T: ToString>(values: &[Option<T>], row: usize) -> Option<String> {
            values.get(row)?.as_ref().map(ToString::to_string)
        }
        match self {
            Self::Decimal(values) => values.get(row).map(|value| value.to_string()),
            Self::Float(values) => shown(values, row),
            Self::Int(values) => shown(values, row),
            Self::Bool(values) => shown(values, row),
            Self::Text(values) => shown(values, row),
            Self::Date(values) => shown(values, row),
            Self::Instant(values) | Self::Nanos(values) => shown(values, row),
        }
        .unwrap_or_default()
    }

    /// As [`text`](Self::text), a decimal without zeros at its end.
    pub fn plain(&self, row: usize) -> String {
        match self {
            Self::Decimal(values) => {
                values.get(row).map(|value| value.normalize().to_string()).unwrap_or_default()
            }
            _ => self.text(row),
        }
    }

    /// Decimals or whole numbers of a row as `mantissa / 10^scale`.
    pub fn mantissa(&self, row: usize) -> Option<(i128, u8)> {
        match self {
            Self::Decimal(values) => {
                let mantissa = *values.mantissas().get(row)?;
                (mantissa != DecimalColumn::MISSING).then_some((mantissa, values.scale()))
            }
            Self::Int(values) => (*values.get(row)?).map(|value| (value.into(), 0)),
            _ => None,
        }
    }

    /// Which of two rows has the larger number; `None` where one has none.
    pub(super) fn compare(&self, row: usize, other: &Self, other_row: usize) -> Option<Ordering> {
        if let (Self::Float(a), Self::Float(b)) = (self, other) {
            return (*a.get(row)?)?.partial_cmp(&(*b.get(other_row)?)?);
        }
        let (a, a_scale) = self.mantissa(row)?;
        let (b, b_scale) = other.mantissa(other_row)?;
        let power = |digits: u8| 10_i128.pow(digits.into());
        let scale = a_scale.max(b_scale);
        let a = a.checked_mul(power(scale - a_scale))?;
        Some(a.cmp(&b.checked_mul(power(scale - b_scale))?))
    }

    /// Appends the values of another column of the same type.
    ///
    /// # Errors
    ///
    /// [`DecimalFault::TooLong`] where no scale holds all decimals,
    /// [`DecimalFault::Character`] where the types differ.
    pub fn append(&mut self, other: Self) -> Result<(), DecimalFault> {
        match (self, other) {
            (Self::Decimal(values), Self::Decimal(other)) => {
                for &mantissa in other.mantissas() {
                    if mantissa == DecimalColumn::MISSING {
                        values.push(None)?;
                    } else {
                        values.push_mantissa(mantissa, other.scale())?;
                    }
                }
            }
            (Self::Float(values), Self::Float(mut other)) => values.append(&mut other),
            (Self::Int(values), Self::Int(mut other)) => values.append(&mut other),
            (Self::Bool(values), Self::Bool(mut other)) => values.append(&mut other),
            (Self::Text(values), Self::Text(mut other)) => values.append(&mut other),
            (Self::Date(values), Self::Date(mut other)) => values.append(&mut other),
            (Self::Instant(values), Self::Instant(mut other))
            | (Self::Nanos(values), Self::Nanos(mut other)) => values.append(&mut other),
            _ => return Err(DecimalFault::Character),
        }
        Ok(())
    }

    /// The values of some rows, in the order in which these are named.
    ///
    /// # Errors
    ///
    /// [`DecimalFault`], which no rows of a column that exists give.
    pub(crate) fn pick(&self, rows: &[usize]) -> Result<Self, DecimalFault> {
        fn some<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
            rows.iter().map(|&row| values.get(row).cloned().flatten()).collect()
        }
        Ok(match self {
            Self::Decimal(values) => {
                let mut column = DecimalColumn::default();
                for &row in rows {
                    column.push(values.get(row))?;
                }
                Self::Decimal(column)
            }
            Self::Float(values) => Self::Float(some(values, rows)),
            Self::Int(values) => Self::Int(some(values, rows)),
            Self::Bool(values) => Self::Bool(some(values, rows)),
            Self::Text(values) => Self::Text(some(values, rows)),
            Self::Date(values) => Self::Date(some(values, rows)),
            Self::Instant(values) => Self::Instant(some(values, rows)),
            Self::Nanos(values) => Self::Nanos(some(values, rows)),
        })
    }

    /// Takes out rows, named in ascending order.
    pub(crate) fn remove(&mut self, rows: &[usize]) {
        match self {
            Self::Decimal(values) => keep(values.mantissas_mut(), rows),
            Self::Float(values) => keep(values, rows),
            Self::Int(values) => keep(values, rows),
            Self::Bool(values) => keep(values, rows),
            Self::Text(values) => keep(values, rows),
            Self::Date(values) => keep(values, rows),
            Self::Instant(values) | Self::Nanos(values) => keep(values, rows),
        }
    }
}

pub(super) fn keep<T>(values: &mut Vec<T>, removed: &[usize]) {
    let mut removed = removed.iter().peekable();
    let mut row = 0;
    values.retain(|_| {
        let gone = removed.next_if(|&&next| next == row).is_some();
        row += 1;
        !gone
    });
}
