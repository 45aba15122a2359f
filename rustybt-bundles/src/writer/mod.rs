//! The small tables as columns: assets, corporate actions, the quarantine.
//!
//! Each is written whole, in one file, and only when its content changed. The readers of the same
//! tables are in [`reader`](crate::reader).

pub(crate) mod adjustments;
pub(crate) mod assets;
pub(crate) mod quarantine;

use rustybt_calendars::Session;

use crate::decimals::Scales;
use crate::format::{Column, MISSING};
use crate::table::Dataset;

/// The content of a small table.
#[derive(Debug)]
pub(crate) struct SmallTable {
    pub(crate) dataset: Dataset,
    pub(crate) scales: Scales,
    pub(crate) columns: Vec<Column>,
}

/// A column of numbers, missing where there is none.
fn numbers(values: impl Iterator<Item = Option<i64>>) -> Column {
    Column::Numbers(values.map(|value| value.unwrap_or(MISSING)).collect())
}

/// A column of dates.
fn dates(values: impl Iterator<Item = Option<Session>>) -> Column {
    numbers(values.map(|date| date.map(|date| date.days().into())))
}

/// A column of text; empty text is kept as missing.
fn texts<'a>(values: impl Iterator<Item = &'a str>) -> Column {
    Column::Texts(values.map(|text| (!text.is_empty()).then(|| text.to_owned())).collect())
}
