//! Tables beyond bars, from CSV and Parquet files.
//!
//! ```text
//! DIR/trades/SYMBOL.csv         DIR/quotes/SYMBOL.csv       DIR/funding/SYMBOL.csv
//! DIR/book_snapshots/SYMBOL.csv DIR/book_deltas/SYMBOL.csv
//! DIR/fundamentals.csv          DIR/events.csv              DIR/estimates.csv
//! DIR/fx_rates.csv              DIR/futures_contracts.csv   dataset.NAME=FILE
//! ```
//!
//! Columns are found by their names and those that vendors give them ([`names`]); columns that no
//! schema has are kept with the types that their cells have ([`infer`]), or that are declared. Files
//! come in pieces, so that they may be of any size. A Parquet file has types of its own: its values
//! are taken as they are where the table wants them so ([`typed`]), and read as text where not.

mod cell;
mod column;
mod infer;
mod kind;
mod names;
mod parquet;
mod rows;
mod text;
mod typed;
mod value;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use rustybt_data::{
    ColumnType, RawTable, Reason, Rejected, Selection, Subjects, TableDelivery, TableSchema,
};

pub(super) use self::cell::known;
pub(super) use self::kind::{FOLDERS, FileKind, TABLES, look};
pub(in crate::file) use self::parquet::{BATCH, batches, line};
pub(in crate::file) use self::typed::text as cell_text;
use super::roster::Roster;
use crate::file::compression::Fault;

/// How a file of rows is to be read.
pub(super) struct Reading<'a> {
    /// What the report calls it.
    pub(super) origin: &'a str,
    pub(super) schema: &'a Arc<TableSchema>,
    /// The zone of times that name none.
    pub(super) zone: Tz,
    pub(super) selection: &'a Selection,
    /// Types that the user declared, by column.
    pub(super) declared: &'a BTreeMap<String, ColumnType>,
    /// Whose the rows are.
    pub(super) whose: Whose<'a>,
}

/// Whose the rows of a file are.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// One asset's, of this symbol.
    One(&'a str),
    /// Each of its own: who is who, and which of them are wanted.
    Each {
        roster: &'a Roster,
        places: &'a [Option<usize>],
    },
    Nobody,
}

/// Whether a file is Parquet.
pub(super) fn is_parquet(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".parquet")
}

/// The text of a file of this name: its own, or that of the rows of a Parquet file.
pub(super) fn text(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Reason> {
    if is_parquet(name) { parquet::as_csv(bytes) } else { Ok(bytes) }
}

/// Reads a file of rows in pieces of about `bytes` bytes.
pub(super) fn read(
    path: &Path,
    reading: &Reading<'_>,
    bytes: usize,
    take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    if is_parquet(reading.origin) {
        parquet::read(path, reading, bytes, take)
    } else {
        text::read(path, reading, bytes, take)
    }
}

/// A file of which nothing can be used.
fn refused(reading: &Reading<'_>, reason: Reason) -> TableDelivery {
    let symbol = match reading.whose {
        Whose::One(symbol) => symbol.to_owned(),
        Whose::Each { .. } | Whose::Nobody => String::new(),
    };
    let subjects = match reading.whose {
        Whose::One(_) => Subjects::One,
        Whose::Each { .. } => Subjects::Each(Vec::new()),
        Whose::Nobody => Subjects::Nobody,
    };
    let rejected = Rejected {
        origin: reading.origin.to_owned(),
        line: None,
        symbol,
        reason,
        text: String::new(),
    };
    TableDelivery {
        table: RawTable { subjects, columns: Vec::new(), lines: Vec::new() },
        rejected: vec![rejected],
        notes: Vec::new(),
        rows: 0,
    }
}
