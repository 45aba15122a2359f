//! Tables of users for pipelines: what the options say, and the files they name.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rustybt_calendars::Session;
use rustybt_data::{AssetFinder, AssetTable, ColumnType, Sid, TableValues};
use rustybt_pipeline::{Change, Frame, FrameChange};

use super::arrow;
use super::sheet::{Sheet, values};
use crate::error::Error;
use crate::output::note;

/// `NAME=FILE`.
#[derive(Debug, Clone)]
pub(crate) struct DatasetFile {
    pub(super) name: String,
    path: PathBuf,
}

impl FromStr for DatasetFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, path)) if is_name(name) && !path.is_empty() => {
                Ok(Self { name: name.to_owned(), path: path.into() })
            }
            _ => Err("expected NAME=FILE, as in `News=news.csv`".to_owned()),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// `NAME=FILE`, or the `NAME` of a table of the bundle.
#[derive(Debug, Clone)]
pub(crate) enum TableOrFile {
    Table(String),
    File(DatasetFile),
}

impl FromStr for TableOrFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_name(text) {
            return Ok(Self::Table(text.to_owned()));
        }
        let wanted = "expected NAME=FILE, as in `Earnings=earnings.csv`, or the NAME of a table of the bundle";
        text.parse().map(Self::File).map_err(|_| wanted.to_owned())
    }
}

/// `NAME.COLUMN=VALUE`.
#[derive(Debug, Clone)]
pub(crate) struct OfColumn<T> {
    pub(super) table: String,
    pub(super) column: String,
    pub(super) value: T,
}

impl<T: FromStr<Err: fmt::Display>> FromStr for OfColumn<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('=').and_then(|(column, value)| {
            let (table, column) = column.split_once('.')?;
            Some((table.to_owned(), column.to_owned(), value))
        });
        let Some((table, column, value)) = parts else {
            return Err("expected NAME.COLUMN=…, as in `News.flag=…`".to_owned());
        };
        let value = value.parse().map_err(|error: T::Err| error.to_string())?;
        Ok(Self { table, column, value })
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind(ColumnType);

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = || ColumnType::ALL.map(ColumnType::name).join(", ");
        let unknown = || format!("there is no type `{text}`; there are {}", kinds());
        ColumnType::from_name(text).map(Self).ok_or_else(unknown)
    }
}

/// Reads a table. Its columns are `date` (or `ts`), `symbol` or `sid`, perhaps `known_at`, and any others.
///
/// Without a finder nobody asks whose the rows are: what the columns hold is known all the same.
pub(super) fn read(
    file: &DatasetFile,
    types: &[OfColumn<Kind>],
    finder: Option<&dyn AssetFinder>,
) -> Result<Frame, Error> {
    let path = &file.path;
    let told = |column: &str| {
        let own = |told: &&OfColumn<Kind>| told.table == file.name && told.column == column;
        types.iter().find(own).map(|told| told.value.0)
    };
    let columns = if arrow::is_arrow(path) {
        let columns = arrow::columns(path)?.into_iter();
        columns.map(|(name, values)| retyped(path, name, values, &told)).collect()
    } else {
        Sheet::read(&text(path)?, path)?.columns(path, told)
    }?;
    let nobody = AssetTable::default();
    let known = finder.unwrap_or(&nobody);
    let (frame, left_out) = Frame::of_columns(&file.name, columns, known)?;
    if left_out > 0 && finder.is_some() {
        note(format!(
            "{left_out} rows of {} have no date or are of assets that the bundle has not",
            path.display()
        ));
    }
    Ok(frame)
}

/// Reads the corrections of a column: `sid` or `symbol`, `kind`, `value`, `end_date`, `apply_date` and
/// perhaps `start_date`.
pub(super) fn changes(path: &Path, finder: &dyn AssetFinder) -> Result<Vec<FrameChange>, Error> {
    let sheet = Sheet::read(&text(path)?, path)?;
    let slot = |name: &str| {
        let missing = || sheet.bad(path, usize::MAX, &format!("there is no column `{name}`"));
        sheet.slot(name).ok_or_else(missing)
    };
    let (kind, value, end, apply) =
        (slot("kind")?, slot("value")?, slot("end_date")?, slot("apply_date")?);
    let start = sheet.slot("start_date");
    let (sid, symbol) = (sheet.slot("sid"), sheet.slot("symbol"));
    let mut changes = Vec::with_capacity(sheet.rows.len());
    for row in 0..sheet.rows.len() {
        let bad = |cell: &str, what: &str| sheet.bad(path, row, &format!("`{cell}` is no {what}"));
        let day = |slot: usize| {
            let cell = sheet.cell(row, slot);
            let date = cell.get(..10).and_then(|date| Session::parse_ascii(date.as_bytes()));
            date.ok_or_else(|| bad(cell, "date"))
        };
        let number = sheet.cell(row, value);
        let number = match number {
            "" => f64::NAN,
            cell => cell.parse().map_err(|_| bad(cell, "number"))?,
        };
        let change = match sheet.cell(row, kind).to_ascii_lowercase().as_str() {
            "multiply" | "0" => Change::Multiply(number),
            "add" | "1" => Change::Add(number),
            "overwrite" | "2" => Change::Overwrite(number),
            other => return Err(bad(other, "kind: there are multiply, add and overwrite")),
        };
        let from = match start.filter(|slot| !sheet.cell(row, *slot).is_empty()) {
            Some(slot) => Some(day(slot)?),
            None => None,
        };
        let (to, seen) = (day(end)?, day(apply)?);
        let found = match (sid, symbol) {
            (Some(slot), _) => {
                let cell = sheet.cell(row, slot);
                Some(Sid(cell.parse().map_err(|_| bad(cell, "sid"))?))
            }
            (None, Some(slot)) => finder.lookup(sheet.cell(row, slot), seen).ok(),
            (None, None) => return Err(slot_missing(&sheet, path)),
        };
        if let Some(sid) = found {
            changes.push(FrameChange { sid, from, to, seen, change });
        }
    }
    Ok(changes)
}

fn slot_missing(sheet: &Sheet, path: &Path) -> Error {
    sheet.bad(path, usize::MAX, "there is neither a column `sid` nor a column `symbol`")
}

/// A column of the type that somebody says, by way of its cells as text.
fn retyped(
    path: &Path,
    name: String,
    read: TableValues,
    told: &impl Fn(&str) -> Option<ColumnType>,
) -> Result<(String, TableValues), Error> {
    let Some(kind) = told(&name).filter(|kind| *kind != read.kind()) else {
        return Ok((name, read));
    };
    let cells: Vec<String> = (0..read.len()).map(|row| read.text(row)).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let values = values(&cells, kind).map_err(|row| {
        let cell = cells.get(row).copied().unwrap_or_default();
        bad(path, format!("`{cell}` of `{name}` is no {}", kind.name()))
    })?;
    Ok((name, values))
}

fn bad(path: &Path, detail: String) -> Error {
    Error::BadTableContent { path: path.to_owned(), detail }
}

fn text(path: &Path) -> Result<String, Error> {
    let refused = |source| Error::Io { action: "read the table", path: path.to_owned(), source };
    std::fs::read_to_string(path).map_err(refused)
}
