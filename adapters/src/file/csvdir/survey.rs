//! What an ingest of the folder consists of.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rustybt_data::{AssetRecord, Frequency, Part, Reason, Rejected, Selection, Survey};

use super::action::{self, Assets};
use super::folder::{Companion, Folder};
use super::options::CsvDirOptions;
use super::roster::Roster;
use super::{assets, symbol, symbol_map, table, tables};
use crate::Error;
use crate::file::compression::{self, Fault, LARGEST};
use crate::file::csv::table::{Row, Table};

/// What an ingest consists of, and who is who in it.
pub(in crate::file) struct Surveyed {
    pub(in crate::file) survey: Survey,
    pub(super) roster: Roster,
    /// For each of the roster, its place in the survey; `None` where it is not wanted.
    pub(super) places: Vec<Option<usize>>,
}

/// Lists the folder, reads the companion files, and picks what is wanted.
pub(super) fn surveyed(options: &CsvDirOptions, selection: &Selection) -> Result<Surveyed, Error> {
    let others: Vec<&Path> = options.datasets.values().map(PathBuf::as_path).collect();
    of_folder(Folder::list(&options.path, &others)?, options, selection, |_, _| {})
}

/// The same of a folder that is listed; `tell` tells what is known of an asset by the name of
/// its files.
pub(in crate::file) fn of_folder(
    mut folder: Folder,
    options: &CsvDirOptions,
    selection: &Selection,
    tell: impl Fn(&str, &mut AssetRecord),
) -> Result<Surveyed, Error> {
    check_frequency(&options.path, &folder, selection.frequency)?;
    let mut survey = Survey { rejected: folder.rejected, notes: folder.notes, ..Survey::default() };
    let contracts = match folder.tables.iter().find(|file| file.kind == "futures_contracts") {
        Some(file) => {
            // Its rows are read again as rows: here its faults are left to that.
            let read = listed(&options.path, &file.name, &mut Vec::new())?;
            read.map(|table| tables::contracts(&table)).unwrap_or_default()
        }
        None => BTreeMap::new(),
    };
    let mut extra: BTreeSet<String> =
        folder.tables.iter().filter_map(|file| file.symbol.clone()).collect();
    for symbol in contracts.keys() {
        // A contract is an asset even if there is no bar of it.
        let known = folder.bars.keys().any(|name| symbol::fold(name) == symbol::fold(symbol));
        if !known {
            folder.bars.insert(symbol.clone(), Vec::new());
            extra.insert(symbol.clone());
        }
    }
    let mut roster = Roster::new(folder.bars);
    roster.describe(|_, record| {
        let found = contracts
            .values()
            .find(|told| symbol::fold(&told.symbol) == symbol::fold(&record.symbol));
        if let Some(told) = found {
            *record = AssetRecord { symbol: record.symbol.clone(), ..told.clone() };
        }
        // An asset is called like its files so far.
        let name = record.symbol.clone();
        tell(&name, record);
    });

    let name_of = |companion| folder.companions.get(&companion).map(String::as_str);
    let mut describe = |companion, how: DescribeWith| -> Result<(), Error> {
        let Some(name) = name_of(companion) else {
            return Ok(());
        };
        if let Some(table) = listed(&options.path, name, &mut survey.rejected)? {
            let rejected = &mut survey.rejected;
            let reject = &mut |row: Row<'_>, symbol: &str, reason| {
                rejected.push(row.rejected(name, symbol, reason));
            };
            if let Err(reason) = how(&mut roster, &table, reject) {
                survey.rejected.push(spoiled(name, reason));
            }
        }
        Ok(())
    };
    describe(Companion::Assets, |roster, table, reject| assets::describe(roster, table, reject))?;
    describe(Companion::SymbolMap, |roster, table, reject| {
        symbol_map::rename(roster, table, reject)
    })?;

    let places = pick(&options.path, &roster, selection, &extra, &mut survey)?;
    let zone = options.zone.unwrap_or_else(|| selection.calendar.zone());
    let wanted = Assets { roster: &roster, places: &places, selection, zone };
    for file in &action::FILES {
        let Some(name) = name_of(file.companion) else {
            continue;
        };
        let Some(table) = listed(&options.path, name, &mut survey.rejected)? else {
            continue;
        };
        let (rejected, notes) = (&mut survey.rejected, &mut survey.notes);
        let before = rejected.len();
        let read = file.read(
            &table,
            &wanted,
            |row, symbol, reason| rejected.push(row.rejected(name, symbol, reason)),
            |row, note| notes.push(format!("{name}, line {}: {note}", row.line())),
        );
        match read {
            Ok(events) => {
                survey.events.extend(events);
                // A row that could not be read may be one that the bundle has.
                if survey.rejected.len() == before {
                    survey.full_lists.extend(file.companion.action());
                }
            }
            Err(reason) => survey.rejected.push(spoiled(name, reason)),
        }
    }
    survey.tables = tables::parts(options, &folder.tables, &roster, &places, &mut survey.rejected)?;
    if selection.symbols.is_some() {
        survey.rejected.retain(|rejected| concerns(rejected, &roster, &places));
    }
    Ok(Surveyed { survey, roster, places })
}

/// A reader of a companion file that tells about assets.
type DescribeWith =
    fn(&mut Roster, &Table, &mut dyn FnMut(Row<'_>, &str, Reason)) -> Result<(), Reason>;

fn check_frequency(path: &Path, folder: &Folder, wanted: Option<Frequency>) -> Result<(), Error> {
    match wanted {
        Some(frequency) if !folder.frequencies.contains(&frequency) => Err(Error::NoFrequency {
            path: path.to_owned(),
            frequency,
            available: folder.frequencies.clone(),
        }),
        _ => Ok(()),
    }
}

/// Puts the wanted assets and their files into the survey, in the order of their names; returns
/// the place of each of the roster in it.
fn pick(
    path: &Path,
    roster: &Roster,
    selection: &Selection,
    extra: &BTreeSet<String>,
    survey: &mut Survey,
) -> Result<Vec<Option<usize>>, Error> {
    let members = roster.members();
    let mut wanted = vec![selection.symbols.is_none(); members.len()];
    let mut unknown = Vec::new();
    for text in selection.symbols.iter().flatten() {
        if let Err(reason) = symbol::check(text) {
            return Err(Error::BadSymbol { symbol: text.clone(), reason });
        }
        if let Some(wanted) = roster.meant(text).and_then(|place| wanted.get_mut(place)) {
            *wanted = true;
        } else {
            let known = members.iter().map(|member| member.name.as_str());
            unknown.push((text.clone(), symbol::near(text, known)));
        }
    }
    if !unknown.is_empty() {
        let (path, known) = (path.to_owned(), members.len());
        return Err(Error::UnknownSymbols { path, symbols: unknown, known });
    }
    let mut places = Vec::with_capacity(members.len());
    for (member, wanted) in members.iter().zip(wanted) {
        let files = member.files.iter().filter(|file| {
            wanted && selection.frequency.is_none_or(|frequency| frequency == file.frequency)
        });
        let asset = survey.assets.len();
        let before = survey.parts.len();
        survey.parts.extend(files.map(|file| Part {
            name: file.name.clone(),
            asset,
            frequency: file.frequency,
            bytes: file.bytes,
        }));
        let taken = survey.parts.len() > before || (wanted && extra.contains(&member.name));
        if taken {
            survey.assets.push(member.record.clone());
        }
        places.push(taken.then_some(asset));
    }
    Ok(places)
}

/// Whether what was rejected may concern an asset that is wanted.
fn concerns(rejected: &Rejected, roster: &Roster, places: &[Option<usize>]) -> bool {
    if rejected.symbol.is_empty() {
        return !matches!(rejected.reason, Reason::NoBars { .. });
    }
    let meant = roster.meant(&rejected.symbol);
    meant.is_some_and(|place| places.get(place).is_some_and(Option::is_some))
}

/// Reads a companion file; `None` where it is no good, which is told in `rejected`.
fn listed(path: &Path, name: &str, rejected: &mut Vec<Rejected>) -> Result<Option<Table>, Error> {
    let path = path.join(name);
    let bytes = match compression::read(&path, LARGEST) {
        Ok(bytes) => bytes,
        Err(Fault::Io(source)) => return Err(Error::io("read", path, source)),
        Err(Fault::Content(detail)) => {
            rejected.push(spoiled(name, Reason::BadFile { detail }));
            return Ok(None);
        }
    };
    let read = table::text(name, bytes).and_then(|text| Table::read(&text, name, rejected));
    match read {
        Ok(table) => Ok(Some(table)),
        Err(reason) => {
            rejected.push(spoiled(name, reason));
            Ok(None)
        }
    }
}

/// A companion file of which nothing can be used.
fn spoiled(name: &str, reason: Reason) -> Rejected {
    Rejected {
        origin: name.to_owned(),
        line: None,
        symbol: String::new(),
        reason,
        text: String::new(),
    }
}
