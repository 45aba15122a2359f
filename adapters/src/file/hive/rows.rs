//! The rows of a Parquet file as the text of a CSV file of bars.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use bytes::Bytes;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ColumnType, Frequency, Reason};

use super::columns;
use super::options::ROLES;
use crate::Error;
use crate::file::csvdir::{BATCH, batches, cell_text as text, line};

/// Rows that are looked at to find out how far bars are apart.
const LOOKED_AT: usize = 64;

/// A file's rows under the names that csvdir knows them by: those of one symbol, or all of them.
/// A file without a column of dates takes the date that its folder tells.
pub(super) fn as_csv(
    bytes: Vec<u8>,
    given: &BTreeMap<String, String>,
    symbol: Option<&str>,
    date: Option<&str>,
) -> Result<Vec<u8>, Reason> {
    let mut written = Vec::new();
    let mut layout: Option<Layout> = None;
    batches(Bytes::from(bytes), BATCH, |names, kinds, batch| {
        let layout = if let Some(layout) = &layout {
            layout
        } else {
            let found = Layout::new(names, kinds, given)?;
            let dated = date.filter(|_| !found.has_date).map(|_| "date");
            line(&mut written, found.head(names).chain(dated));
            layout.insert(found)
        };
        let dated = date.filter(|_| !layout.has_date);
        for row in 0..batch.num_rows() {
            if let Some((wanted, at)) = symbol.zip(layout.symbol)
                && batch.columns().get(at).is_none_or(|own| text(own, row).trim() != wanted)
            {
                continue;
            }
            let cells: Vec<_> = batch.columns().iter().map(|column| text(column, row)).collect();
            line(&mut written, cells.iter().map(AsRef::as_ref).chain(dated));
        }
        Ok(true)
    })?;
    Ok(written)
}

/// What the columns of a file are called.
struct Layout {
    /// The column of each role that there is one of.
    roles: BTreeMap<usize, &'static str>,
    symbol: Option<usize>,
    has_date: bool,
}

impl Layout {
    fn new(
        names: &[String],
        kinds: &[ColumnType],
        given: &BTreeMap<String, String>,
    ) -> Result<Self, Reason> {
        for (role, column) in given {
            if !names.contains(column) {
                let detail = format!(
                    "it has no column `{column}`, which the option `column.{role}` names; its columns \
                     are `{}`",
                    names.join("`, `")
                );
                return Err(Reason::BadFile { detail });
            }
        }
        let find = |role: &'static str| Some((columns::find(role, names, kinds, given)?, role));
        let roles: BTreeMap<usize, &str> = ROLES.iter().copied().rev().filter_map(find).collect();
        let at = |wanted: &str| roles.iter().find(|(_, role)| **role == wanted).map(|(at, _)| *at);
        Ok(Self { symbol: at("symbol"), has_date: at("date").is_some(), roles })
    }

    /// The names to write: those of the roles, and their own for the others, unless it is one of
    /// a role.
    fn head<'n>(&'n self, names: &'n [String]) -> impl Iterator<Item = &'n str> {
        names.iter().enumerate().map(|(at, name)| match self.roles.get(&at) {
            Some(&"date") => "datetime",
            Some(role) => role,
            None if ROLES.contains(&name.to_lowercase().as_str()) => "",
            None if matches!(columns::plain(name).as_str(), "datetime" | "timestamp") => "",
            None => name,
        })
    }
}

/// The symbols that a file's own column names, in order; `None` where it has no such column.
pub(super) fn symbols(
    path: &Path,
    given: &BTreeMap<String, String>,
) -> Result<Result<Option<BTreeSet<String>>, Reason>, Error> {
    let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut found: Option<BTreeSet<String>> = None;
    let mut last = String::new();
    let read = batches(file, BATCH, |names, kinds, batch| {
        let Some(at) = columns::find("symbol", names, kinds, given) else { return Ok(false) };
        let found = found.get_or_insert_default();
        let Some(column) = batch.columns().get(at) else { return Ok(false) };
        for row in 0..batch.num_rows() {
            let symbol = text(column, row);
            let symbol = symbol.trim();
            if symbol != last && !symbol.is_empty() {
                symbol.clone_into(&mut last);
                found.insert(last.clone());
            }
        }
        Ok(true)
    });
    Ok(read.map(|()| found))
}

/// How far the bars of a file are apart; `None` where that cannot be told.
pub(super) fn frequency(
    path: &Path,
    given: &BTreeMap<String, String>,
) -> Result<Option<Frequency>, Error> {
    let file = File::open(path).map_err(|source| Error::io("read", path, source))?;
    let mut stamps: Vec<Timestamp> = Vec::new();
    let mut is_date = false;
    let read = batches(file, LOOKED_AT, |names, kinds, batch| {
        let Some(at) = columns::find("date", names, kinds, given) else { return Ok(false) };
        is_date = kinds.get(at) == Some(&ColumnType::Date);
        if let Some(column) = batch.columns().get(at) {
            let read = (0..batch.num_rows()).map(|row| stamp(&text(column, row)));
            stamps.extend(read.flatten());
        }
        Ok(false)
    });
    if read.is_err() {
        // Fetching will say what is wrong with it.
        return Ok(None);
    }
    if is_date {
        return Ok(Some(Frequency::DAILY));
    }
    stamps.sort_unstable();
    stamps.dedup();
    let minutes = |pair: &[Timestamp]| match pair {
        [a, b] => b.minutes() - a.minutes(),
        _ => 0,
    };
    let apart = stamps.windows(2).map(minutes).filter(|minutes| *minutes > 0).min();
    let at_midnight = stamps.iter().all(|at| at.date().midnight() == *at);
    Ok(match apart {
        Some(minutes) if minutes < 24 * 60 => format!("{minutes}m").parse().ok(),
        Some(_) => Some(Frequency::DAILY),
        None if !stamps.is_empty() && at_midnight => Some(Frequency::DAILY),
        None => None,
    })
}

/// An instant, or a date or local time taken for one of UTC: only distances count.
fn stamp(text: &str) -> Option<Timestamp> {
    let zoned = || format!("{}Z", text.replace(' ', "T")).parse().ok();
    let date = || text.parse::<Session>().ok().map(Session::midnight);
    text.parse().ok().or_else(zoned).or_else(date)
}
