//! The parts of an ingest that are rows of tables beyond bars, and where they lie.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use rustybt_data::{
    AssetClass, AssetRecord, Reason, Rejected, Selection, TableDelivery, TablePart, TableSchema,
};

use super::folder::{TableFile, table_stem};
use super::options::CsvDirOptions;
use super::roster::Roster;
use super::table::{self, FOLDERS, FileKind, Reading, TABLES, Whose};
use super::{NAME, survey, symbol};
use crate::Error;
use crate::file::compression::{Fault, LARGEST};
use crate::file::csv::table::{Row, Table};

/// The parts of the files there are, of wanted assets or of all.
pub(super) fn parts(
    options: &CsvDirOptions,
    files: &[TableFile],
    roster: &Roster,
    places: &[Option<usize>],
    rejected: &mut Vec<Rejected>,
) -> Result<Vec<TablePart>, Error> {
    let mut parts = Vec::new();
    let mut reject = |origin: &str, reason| {
        rejected.push(Rejected {
            origin: origin.to_owned(),
            line: None,
            symbol: String::new(),
            reason,
            text: String::new(),
        });
    };
    for file in files {
        let member = file.symbol.as_deref().and_then(|symbol| roster.named(symbol));
        let asset = member.and_then(|member| places.get(member).copied().flatten());
        if file.symbol.is_some() && asset.is_none() {
            // An asset that nobody asked for.
            continue;
        }
        let kind = match FOLDERS.iter().find(|(folder, _)| *folder == file.kind) {
            Some((_, "book_snap")) => FileKind::Snapshots,
            Some((_, table)) => FileKind::Known(table),
            None => FileKind::Known(file.kind),
        };
        match look(&options.path.join(&file.name), &file.name, kind)? {
            Ok(schema) => {
                parts.push(TablePart { name: file.name.clone(), schema, asset, bytes: file.bytes });
            }
            Err(reason) => reject(&file.name, reason),
        }
    }
    for (name, file) in &options.datasets {
        let path = dataset(options, file);
        let origin = file.display().to_string();
        let kind = if TABLES.contains(&name.as_str()) {
            FileKind::Known(name)
        } else if TableSchema::known(name).is_some() {
            let detail =
                format!("`{name}` is filed by asset: put one file for each at {name}/SYMBOL.csv");
            reject(&origin, Reason::BadFile { detail });
            continue;
        } else {
            FileKind::User(name)
        };
        let bytes = path.metadata().map_or(0, |meta| meta.len());
        match look(&path, &origin, kind)? {
            Ok(schema) => parts.push(TablePart { name: origin, schema, asset: None, bytes }),
            Err(reason) => reject(&origin, reason),
        }
    }
    Ok(parts)
}

type Looked = Result<std::sync::Arc<TableSchema>, Reason>;

fn look(path: &Path, name: &str, kind: FileKind<'_>) -> Result<Looked, Error> {
    match table::look(path, name, kind) {
        Ok(looked) => Ok(looked),
        Err(Fault::Content(detail)) => Ok(Err(Reason::BadFile { detail })),
        Err(Fault::Io(source)) => Err(Error::io("read", path, source)),
    }
}

/// The file of a dataset: as given, or in the folder.
fn dataset(options: &CsvDirOptions, file: &Path) -> PathBuf {
    if file.is_file() { file.to_owned() } else { options.path.join(file) }
}

/// Reads a part at once.
///
/// # Errors
///
/// As [`fetch`]; [`Error::BadFile`] where it is too large for that.
pub(super) fn fetch_whole(
    options: &CsvDirOptions,
    part: &TablePart,
    selection: &Selection,
) -> Result<TableDelivery, Error> {
    let mut all: Option<TableDelivery> = None;
    let mut too_large = false;
    let most = usize::try_from(LARGEST).unwrap_or(usize::MAX);
    fetch(options, part, selection, most, &mut |delivery| {
        too_large = all.is_some();
        all.get_or_insert(delivery);
        if too_large { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    all.filter(|_| !too_large).ok_or_else(|| {
        let detail = format!("it holds more than {LARGEST} bytes: read it in pieces");
        Error::BadFile { detail }
    })
}

/// Reads one part in pieces of about `bytes` bytes.
pub(super) fn fetch(
    options: &CsvDirOptions,
    part: &TablePart,
    selection: &Selection,
    bytes: usize,
    take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
) -> Result<(), Error> {
    let (path, symbol) = locate(options, part)?;
    let none = BTreeMap::new();
    let declared = options.types.get(&part.schema.name).unwrap_or(&none);
    let who = match symbol {
        None if part.schema.per_asset => Some(survey::surveyed(options, selection)?),
        _ => None,
    };
    let whose = match (&who, symbol) {
        (Some(who), _) => Whose::Each { roster: &who.roster, places: &who.places },
        (None, Some(symbol)) => Whose::One(symbol),
        (None, None) => Whose::Nobody,
    };
    let reading = Reading {
        origin: &part.name,
        schema: &part.schema,
        zone: options.zone.unwrap_or(selection.calendar.zone()),
        selection,
        declared,
        whose,
    };
    match table::read(&path, &reading, bytes, take) {
        Ok(()) => Ok(()),
        Err(Fault::Content(detail)) => Err(Error::BadFile { detail }),
        Err(Fault::Io(source)) => Err(Error::io("read", &path, source)),
    }
}

/// The file of a part, and the name of its asset's files.
pub(super) fn locate<'p>(
    options: &CsvDirOptions,
    part: &'p TablePart,
) -> Result<(PathBuf, Option<&'p str>), Error> {
    let own = options.datasets.get(&part.schema.name);
    if let Some(file) = own.filter(|file| file.display().to_string() == part.name) {
        return Ok((dataset(options, file), None));
    }
    let located = match part.name.split_once('/') {
        Some((folder, file)) => table_stem(file)
            .filter(|symbol| {
                FOLDERS.iter().any(|(known, _)| *known == folder) && symbol::check(symbol).is_ok()
            })
            .map(|symbol| (options.path.join(folder).join(file), Some(symbol))),
        None => table_stem(&part.name)
            .filter(|stem| TABLES.contains(stem))
            .map(|_| (options.path.join(&part.name), None)),
    };
    located.ok_or_else(|| Error::ForeignPart { adapter: NAME, name: part.name.clone() })
}

/// What a file of contracts tells of them as assets, by symbol.
pub(super) fn contracts(table: &Table) -> BTreeMap<String, AssetRecord> {
    let first =
        |row: Row<'_>, names: &[&str]| names.iter().find_map(|name| row.date(name).ok().flatten());
    let text = |row: Row<'_>, names: &[&str]| {
        names.iter().find_map(|name| row.get(name)).map(str::to_owned)
    };
    table
        .rows()
        .filter_map(|row| {
            let symbol = row.get("symbol").filter(|symbol| symbol::check(symbol).is_ok())?;
            let end = ["end_date", "expiration_date", "expiration", "expiry", "auto_close_date"];
            let record = AssetRecord {
                symbol: symbol.to_owned(),
                name: text(row, &["asset_name", "name"]),
                exchange: text(row, &["exchange"]),
                currency: text(row, &["currency"]),
                class: AssetClass::Future,
                start: first(row, &["start_date", "first_traded"]),
                end: first(row, &end),
                auto_close: first(row, &["auto_close_date"]),
                ..AssetRecord::default()
            };
            Some((symbol.to_owned(), record))
        })
        .collect()
}
