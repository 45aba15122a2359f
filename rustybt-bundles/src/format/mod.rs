//! The data files: typed columns in, Parquet bytes out, and back.
//!
//! A file is a few columns of whole numbers: counts, dates, instants and scaled decimals, all of
//! which Parquet packs as differences (`DELTA_BINARY_PACKED`); and of text where there is text.

mod bound;
mod decode;
mod encode;
mod hash;

pub(crate) use bound::Bound;
pub(crate) use decode::{ParquetFile, Rows};
pub(crate) use encode::{ColumnStats, GROUP_ROWS, encode};
pub(crate) use hash::content_hash;

/// The whole number that stands for a missing one.
pub(crate) const MISSING: i64 = i64::MIN;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number.
    Int,
    /// A civil date: days since 1970-01-01.
    Date,
    /// An instant: microseconds since 1970-01-01T00:00Z.
    Instant,
    /// A decimal of 18 digits, so many of them behind the point.
    Decimal(u8),
    /// Text in UTF-8.
    Text,
}

impl Kind {
    /// The type's name in a DuckLake catalog.
    pub(crate) fn ducklake(self) -> String {
        match self {
            Self::Int => "int64".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Instant => "timestamptz".to_owned(),
            Self::Decimal(scale) => format!("decimal(18,{scale})"),
            Self::Text => "varchar".to_owned(),
        }
    }
}

/// A column's name and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ColumnSpec {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its type.
    pub(crate) kind: Kind,
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Column {
    /// Of every kind but text; [`MISSING`] where there is none.
    Numbers(Vec<i64>),
    /// Of text.
    Texts(Vec<Option<String>>),
}

impl Column {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// The numbers; none for text.
    pub(crate) fn numbers(&self) -> &[i64] {
        match self {
            Self::Numbers(values) => values,
            Self::Texts(_) => &[],
        }
    }

    pub(crate) fn into_numbers(self) -> Vec<i64> {
        match self {
            Self::Numbers(values) => values,
            Self::Texts(_) => Vec::new(),
        }
    }

    /// A number of a row, `None` where it is missing.
    pub(crate) fn number(&self, row: usize) -> Option<i64> {
        self.numbers().get(row).copied().filter(|&value| value != MISSING)
    }

    /// The text of a row, `None` where it is missing.
    pub(crate) fn text(&self, row: usize) -> Option<&str> {
        match self {
            Self::Numbers(_) => None,
            Self::Texts(values) => values.get(row)?.as_deref(),
        }
    }
}
