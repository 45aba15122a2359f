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
//! schema has are kept with the types that their cells have ([`infer`]), or that are declared. A
//! Parquet file is read as the same cells, its own types declared.

mod cell;
mod infer;
mod kind;
mod names;
mod parquet;
mod rows;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;
use rustybt_data::{
    ColumnType, RawTable, Reason, Rejected, Selection, Subjects, TableDelivery, TableSchema,
};

pub(super) use self::kind::{FOLDERS, FileKind, TABLES, look};
use self::rows::Rows;
use super::roster::Roster;
use crate::file::compression::{self, Fault, LARGEST};
use crate::file::csv::record;
use crate::file::csv::sheet::{Sheet, first_line};

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

/// Reads a file of rows.
pub(super) fn read(path: &Path, reading: &Reading<'_>) -> Result<TableDelivery, Fault> {
    let bytes = compression::read(path, LARGEST)?;
    let rows = if is_parquet(reading.origin) {
        parquet::read(bytes, reading)
    } else {
        csv(&bytes, reading)
    };
    rows.map_or_else(|reason| Ok(refused(reading, reason)), |rows| Ok(rows.finish()))
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

fn csv<'r>(bytes: &[u8], reading: &'r Reading<'r>) -> Result<Rows<'r>, Reason> {
    let sheet = Sheet::open(bytes)?;
    let mut rows = Rows::new(reading, &sheet.header, &[])?;
    let mut body = sheet.body;
    let mut number = sheet.line;
    let mut cells: Vec<Cow<'_, [u8]>> = Vec::new();
    while !body.is_empty() {
        let (line, rest) = first_line(body);
        body = rest;
        if !line.trim_ascii().is_empty() {
            record::split(line, sheet.delimiter, &mut cells);
            rows.push(number, &cells, line);
        }
        number = number.saturating_add(1);
    }
    Ok(rows)
}
