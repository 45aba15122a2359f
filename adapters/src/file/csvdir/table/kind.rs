//! Which files hold rows of which table.

use std::path::Path;
use std::sync::Arc;

use rustybt_data::{Reason, Stamp, TableSchema};

use super::names::{self, folded};
use super::{cell, is_parquet, parquet};
use crate::file::compression::{Fault, Unpacked};
use crate::file::csv::record;
use crate::file::csv::sheet::{Sheet, first_line};

/// The folders of files by symbol, and their tables; a snapshot's has as many levels as its files.
pub(in crate::file::csvdir) const FOLDERS: [(&str, &str); 5] = [
    ("trades", "trades"),
    ("quotes", "quotes"),
    ("book_snapshots", "book_snap"),
    ("book_deltas", "book_deltas"),
    ("funding", "funding_rates"),
];

/// The files beside the folders, which are called like their tables.
pub(in crate::file::csvdir) const TABLES: [&str; 5] =
    ["fundamentals", "events", "estimates", "fx_rates", "futures_contracts"];

/// What a file of rows is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::file::csvdir) enum FileKind<'a> {
    /// A table with a schema that everybody shares.
    Known(&'a str),
    /// Snapshots of books.
    Snapshots,
    /// A user's table of this name.
    User(&'a str),
}

/// The schema of a file, from its header and first row.
pub(in crate::file::csvdir) fn look(
    path: &Path,
    name: &str,
    kind: FileKind<'_>,
) -> Result<Result<Arc<TableSchema>, Reason>, Fault> {
    if let FileKind::Known(table) = kind {
        let detail = format!("there is no table `{table}`");
        return Ok(TableSchema::known(table).map(Arc::new).ok_or(Reason::BadFile { detail }));
    }
    let (header, first) = if is_parquet(name) {
        match parquet::head(path)? {
            Ok(head) => head,
            Err(reason) => return Ok(Err(reason)),
        }
    } else {
        match head(path)? {
            Ok(head) => head,
            Err(reason) => return Ok(Err(reason)),
        }
    };
    let schema = if let FileKind::User(table) = kind {
        user(table, &header, &first)
    } else {
        let levels = header.iter().filter_map(|name| names::level(name)).map(|level| level.1);
        TableSchema::book_snapshots(levels.max().map_or(0, |most| most + 1))
    };
    Ok(schema.map(Arc::new).map_err(|error| Reason::BadFile { detail: error.to_string() }))
}

/// A user's table: of assets where a column says whose, dated or stamped where one says when.
fn user(
    table: &str,
    header: &[String],
    first: &[String],
) -> Result<TableSchema, rustybt_data::Error> {
    let at = |wanted: &[&str]| {
        wanted.iter().find_map(|name| {
            let name = folded(name);
            header.iter().position(|own| folded(own) == name)
        })
    };
    let per_asset = at(names::SIDS).or(at(names::SYMBOLS)).is_some();
    let date = at(&["date", "day"]);
    let is_date = |at: usize| {
        let cell = first.get(at).map(String::as_bytes).unwrap_or_default();
        cell.is_empty() || cell::date(cell, "").is_ok()
    };
    let stamp = match date {
        Some(date) if is_date(date) => Stamp::Date,
        _ if date.or(at(&names::of(table, "ts"))).is_some() => Stamp::Nanos,
        _ => Stamp::None,
    };
    let mut schema = TableSchema::user(table, stamp, per_asset)?;
    if at(&["known_at"]).is_some() {
        schema = schema.with("known_at", rustybt_data::ColumnType::Instant);
    }
    Ok(schema)
}

type Head = (Vec<String>, Vec<String>);

/// The names of a file's columns, and the cells of its first row.
fn head(path: &Path) -> Result<Result<Head, Reason>, Fault> {
    const ENOUGH: usize = 1 << 20;
    let mut unpacked = Unpacked::open(path)?;
    let mut bytes = Vec::new();
    unpacked.fill(&mut bytes, ENOUGH)?;
    let sheet = match Sheet::open(&bytes) {
        Ok(sheet) => sheet,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut cells = Vec::new();
    record::split(first_line(sheet.body).0, sheet.delimiter, &mut cells);
    let first = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
    Ok(Ok((sheet.header, first)))
}
