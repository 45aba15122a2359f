//! [`Column`]: the values of a column in memory.

use super::Kind;

/// The whole number that stands for a missing one.
pub(crate) const MISSING: i64 = i64::MIN;
/// The wide number that stands for a missing one.
pub(crate) const WIDE_MISSING: i128 = i128::MIN;

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Column {
    /// Of whole numbers, dates, instants, narrow decimals and truth values; [`MISSING`] where there
    /// is none.
    Numbers(Vec<i64>),
    /// Of wide decimals; [`WIDE_MISSING`] where there is none.
    Wide(Vec<i128>),
    /// Of doubles.
    Doubles(Vec<Option<f64>>),
    /// Of text.
    Texts(Vec<Option<String>>),
}

impl Column {
    /// An empty column for values of a kind.
    pub(crate) fn new(kind: Kind, capacity: usize) -> Self {
        match kind {
            Kind::Wide(_) => Self::Wide(Vec::with_capacity(capacity)),
            Kind::Double => Self::Doubles(Vec::with_capacity(capacity)),
            Kind::Text => Self::Texts(Vec::with_capacity(capacity)),
            Kind::Int
            | Kind::Date
            | Kind::Instant
            | Kind::Nanos
            | Kind::Decimal(_)
            | Kind::Bool => Self::Numbers(Vec::with_capacity(capacity)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Wide(values) => values.len(),
            Self::Doubles(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// The number of missing values.
    pub(crate) fn missing(&self) -> usize {
        match self {
            Self::Numbers(values) => values.iter().filter(|&&value| value == MISSING).count(),
            Self::Wide(values) => values.iter().filter(|&&value| value == WIDE_MISSING).count(),
            Self::Doubles(values) => values.iter().filter(|value| value.is_none()).count(),
            Self::Texts(values) => values.iter().filter(|value| value.is_none()).count(),
        }
    }

    /// Whether a row has no value.
    pub(crate) fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(_) => self.number(row).is_none(),
            Self::Wide(_) => self.mantissa(row).is_none(),
            Self::Doubles(_) => self.double(row).is_none(),
            Self::Texts(_) => self.text(row).is_none(),
        }
    }

    /// Cuts it to so many rows.
    pub(crate) fn truncate(&mut self, rows: usize) {
        match self {
            Self::Numbers(values) => values.truncate(rows),
            Self::Wide(values) => values.truncate(rows),
            Self::Doubles(values) => values.truncate(rows),
            Self::Texts(values) => values.truncate(rows),
        }
    }

    /// Appends a missing value.
    pub(crate) fn push_missing(&mut self) {
        match self {
            Self::Numbers(values) => values.push(MISSING),
            Self::Wide(values) => values.push(WIDE_MISSING),
            Self::Doubles(values) => values.push(None),
            Self::Texts(values) => values.push(None),
        }
    }

    /// The whole numbers; none for other columns.
    pub(crate) fn numbers(&self) -> &[i64] {
        match self {
            Self::Numbers(values) => values,
            Self::Wide(_) | Self::Doubles(_) | Self::Texts(_) => &[],
        }
    }

    pub(crate) fn into_numbers(self) -> Vec<i64> {
        match self {
            Self::Numbers(values) => values,
            Self::Wide(_) | Self::Doubles(_) | Self::Texts(_) => Vec::new(),
        }
    }

    /// A whole number of a row, `None` where it is missing.
    pub(crate) fn number(&self, row: usize) -> Option<i64> {
        self.numbers().get(row).copied().filter(|&value| value != MISSING)
    }

    /// The mantissa of a row of decimals, `None` where it is missing.
    pub(crate) fn mantissa(&self, row: usize) -> Option<i128> {
        match self {
            Self::Numbers(_) => self.number(row).map(i128::from),
            Self::Wide(values) => values.get(row).copied().filter(|&value| value != WIDE_MISSING),
            Self::Doubles(_) | Self::Texts(_) => None,
        }
    }

    /// The double of a row, `None` where it is missing.
    pub(crate) fn double(&self, row: usize) -> Option<f64> {
        match self {
            Self::Doubles(values) => *values.get(row)?,
            Self::Numbers(_) | Self::Wide(_) | Self::Texts(_) => None,
        }
    }

    /// The text of a row, `None` where it is missing.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Texts(values) => values.get(row)?.as_deref(),
            Self::Numbers(_) | Self::Wide(_) | Self::Doubles(_) => None,
        }
    }
}
