//! The data files: typed columns in, Parquet bytes out, and back.
//!
//! Most columns are whole numbers: counts, dates, instants and scaled decimals, all of which Parquet
//! packs as differences (`DELTA_BINARY_PACKED`). Decimals of more than 18 digits, doubles, truth
//! values and text have columns of their own.

mod bound;
mod column;
mod decode;
mod delta;
mod encode;
mod floats;
mod footer;
mod hash;
mod levels;
mod packed;
mod recall;
mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use bound::{Bound, Double};
pub(crate) use column::{Column, MISSING, WIDE_MISSING};
pub(crate) use decode::{Batch, ParquetFile, Rows};
pub(crate) use encode::{ColumnStats, GROUP_ROWS, encode, footer_length};
pub(crate) use footer::Footer;
pub(crate) use hash::content_hash;
pub(crate) use recall::Recalled;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A whole number.
    Int,
    /// A civil date: days since 1970-01-01.
    Date,
    /// An instant: microseconds since 1970-01-01T00:00Z.
    Instant,
    /// An instant: nanoseconds since 1970-01-01T00:00Z.
    Nanos,
    /// A decimal of 18 digits, so many of them behind the point.
    Decimal(u8),
    /// A decimal of 28 digits, so many of them behind the point.
    Wide(u8),
    /// A floating-point number: NaN is a value of it, and not a missing one.
    Double,
    /// True or false: 1 or 0.
    Bool,
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
            Self::Nanos => "timestamp_ns".to_owned(),
            Self::Decimal(scale) => format!("decimal(18,{scale})"),
            Self::Wide(scale) => format!("decimal(28,{scale})"),
            Self::Double => "float64".to_owned(),
            Self::Bool => "boolean".to_owned(),
            Self::Text => "varchar".to_owned(),
        }
    }

    /// Reads what [`ducklake`](Self::ducklake) wrote.
    pub(crate) fn from_ducklake(text: &str) -> Option<Self> {
        Some(match text {
            "int64" => Self::Int,
            "date" => Self::Date,
            "timestamptz" => Self::Instant,
            "timestamp_ns" => Self::Nanos,
            "float64" => Self::Double,
            "boolean" => Self::Bool,
            "varchar" => Self::Text,
            _ => {
                let decimal = text.strip_prefix("decimal(")?.strip_suffix(')')?;
                let (digits, scale) = decimal.split_once(',')?;
                let scale: u8 = scale.trim().parse().ok()?;
                match digits.trim() {
                    "18" if scale <= 18 => Self::Decimal(scale),
                    "28" if scale <= 28 => Self::Wide(scale),
                    _ => return None,
                }
            }
        })
    }
}

/// A column's name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnSpec {
    /// Its name.
    pub(crate) name: Cow<'static, str>,
    /// Its type.
    pub(crate) kind: Kind,
}

impl ColumnSpec {
    pub(crate) fn new(name: impl Into<Cow<'static, str>>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}
