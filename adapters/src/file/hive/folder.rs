//! The Parquet files below a folder, and what their folders tell of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rustybt_calendars::Session;
use rustybt_data::{Frequency, Reason, Rejected, Selection};

use super::columns::{plain, tells_symbol};
use super::options::ParquetOptions;
use super::{OF, rows};
use crate::Error;
use crate::file::csvdir::folder::{BarFile, Folder, Kind, entries, table_of};
use crate::file::csvdir::symbol;

/// Folders within each other, at most.
const DEEPEST: usize = 16;

/// The files of bars by their symbols, the companion files, and where assets trade.
#[derive(Debug, Default)]
pub(super) struct BarsFolder {
    pub(super) folder: Folder,
    /// Where the assets trade of which a folder tells it, by the names of their files.
    pub(super) venues: BTreeMap<String, String>,
}

/// What the folders of a file tell: `symbol=AAPL/year=2024/…`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) symbol: Option<String>,
    pub(super) venue: Option<String>,
    pub(super) frequency: Option<Frequency>,
    /// The date of all rows.
    pub(super) date: Option<String>,
    year: Option<i32>,
    month: Option<u32>,
}

/// Whether a file's name ends in `.parquet` or `.pq`.
pub(super) fn is_parquet(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".parquet", ".pq"].iter().any(|ending| name.ends_with(ending))
}

/// What the path of a file tells of it.
pub(super) fn told(path: &str) -> Told {
    let mut told = Told::default();
    for (key, value) in path.split('/').filter_map(|step| step.split_once('=')) {
        let value = decoded(value);
        match plain(key).as_str() {
            _ if tells_symbol(key) => told.symbol = Some(value),
            "exchange" | "venue" | "mic" => told.venue = Some(value),
            "frequency" | "freq" | "interval" | "timeframe" => {
                told.frequency = match value.as_str() {
                    "daily" | "day" => Some(Frequency::DAILY),
                    "minute" => Some(Frequency::MINUTE),
                    other => other.parse().ok(),
                };
            }
            "date" | "day" if value.parse::<Session>().is_ok() => told.date = Some(value),
            "year" => told.year = value.parse().ok(),
            "month" => told.month = value.parse().ok(),
            _ => {}
        }
    }
    told
}

/// A value of a folder's name: `BTC%2FUSDT` is `BTC/USDT`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(|_| byte == b'%') {
            Some(code) => (out.push(code), at += 3),
            None => (out.push(byte), at += 1),
        };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

impl Told {
    /// Whether rows of the file may lie in a selection; a day is left for zones.
    fn may_hold(&self, selection: &Selection) -> bool {
        let Some(year) = self.year else { return true };
        let (first, last) = match self.month.filter(|month| (1..=12).contains(month)) {
            None => (Session::from_ymd(year, 1, 1), Session::from_ymd(year, 12, 31)),
            Some(12) => (Session::from_ymd(year, 12, 1), Session::from_ymd(year, 12, 31)),
            Some(month) => {
                (Session::from_ymd(year, month, 1), Session::from_ymd(year, month + 1, 1))
            }
        };
        let (Some(first), Some(last)) = (first, last) else { return true };
        selection.start.is_none_or(|start| start <= last.plus_days(1))
            && selection.end.is_none_or(|end| end >= first.plus_days(-1))
    }
}

/// A file of bars.
struct Found {
    /// Relative to the folder, with `/` between steps.
    name: String,
    bytes: u64,
}

impl BarsFolder {
    /// Lists the folder and what lies below it. Files outside the years that are wanted are left.
    pub(super) fn list(options: &ParquetOptions, selection: &Selection) -> Result<Self, Error> {
        let path = options.files.path();
        let mut listed = Self::default();
        let (mut found, mut left) = (Vec::new(), Vec::new());
        walk(path, "", 0, &mut listed.folder, &mut found, &mut left)?;
        if found.is_empty() {
            return Err(Error::NoParquetFiles { path: path.to_owned() });
        }
        // Files of one folder are alike: what the first one shows is so of all.
        let mut shown: Option<Frequency> = None;
        for file in found {
            let told = told(&file.name);
            if !told.may_hold(selection) {
                continue;
            }
            let frequency = if let Some(known) = options.frequency.or(told.frequency).or(shown) {
                known
            } else {
                let path = path.join(&file.name);
                let looked = rows::frequency(&path, &options.columns)?;
                *shown.insert(looked.ok_or(Error::UnknownFrequency { path })?)
            };
            listed.take(path, file, &told, frequency, options)?;
        }
        listed.folder.note_left("not read", "", &left);
        Ok(listed)
    }

    fn take(
        &mut self,
        path: &Path,
        file: Found,
        told: &Told,
        frequency: Frequency,
        options: &ParquetOptions,
    ) -> Result<(), Error> {
        let Found { name, bytes } = file;
        if !self.folder.frequencies.contains(&frequency) {
            self.folder.frequencies.push(frequency);
        }
        let owners = match &told.symbol {
            Some(symbol) => vec![(symbol.clone(), name.clone())],
            None => match rows::symbols(&path.join(&name), &options.columns)? {
                Err(reason) => {
                    self.reject(name, "", reason);
                    return Ok(());
                }
                Ok(Some(symbols)) => {
                    symbols.into_iter().map(|of| (of.clone(), format!("{name}{OF}{of}"))).collect()
                }
                Ok(None) => vec![(stem(&name).to_owned(), name.clone())],
            },
        };
        for (symbol, name) in owners {
            // What a folder can be called and a file cannot.
            let file_name = symbol.replace(['/', '\\'], "_");
            if let Err(reason) = symbol::check(&file_name) {
                let detail = format!("`{symbol}` can be no symbol: {reason}");
                self.reject(name, &symbol, Reason::BadFile { detail });
                continue;
            }
            let venue = told.venue.as_deref().unwrap_or_default();
            let known = self.venues.entry(file_name.clone()).or_insert_with(|| venue.to_owned());
            if known != venue {
                let detail = format!(
                    "`{symbol}` is at `{known}` and at `{venue}`, which are two assets: read the folder \
                     of one of them"
                );
                self.reject(name, &symbol, Reason::BadFile { detail });
                continue;
            }
            let files = self.folder.bars.entry(file_name).or_default();
            files.push(BarFile { frequency, name, bytes });
        }
        Ok(())
    }

    fn reject(&mut self, origin: String, symbol: &str, reason: Reason) {
        let (symbol, text) = (symbol.to_owned(), String::new());
        self.folder.rejected.push(Rejected { origin, line: None, symbol, reason, text });
    }
}

/// A file's name without its folders and its ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// Lists a folder and those in it, by name. What begins with `_` or `.` is some writer's own.
fn walk(
    root: &Path,
    below: &str,
    depth: usize,
    folder: &mut Folder,
    found: &mut Vec<Found>,
    left: &mut Vec<String>,
) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for entry in entries(&root.join(below))? {
        let Ok(own) = entry.name.into_string() else { continue };
        if own.starts_with(['_', '.']) || !names.insert(own.clone()) {
            continue;
        }
        let name = if below.is_empty() { own.clone() } else { format!("{below}/{own}") };
        match entry.kind {
            Kind::Folder if depth < DEEPEST => {
                walk(root, &name, depth + 1, folder, found, left)?;
            }
            Kind::File if depth == 0 && folder.take_told(&own) => {}
            Kind::File if is_parquet(&own) && (depth > 0 || table_of(&own).is_none()) => {
                found.push(Found { name, bytes: entry.bytes });
            }
            _ => left.push(name),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_of_their_files() {
        let told = told("venue=XNAS/Ticker=BRK%2FB/year=2024/month=02/freq=1m/x.parquet");
        assert_eq!(told.symbol.as_deref(), Some("BRK/B"));
        assert_eq!(told.venue.as_deref(), Some("XNAS"));
        assert_eq!(told.frequency, Some(Frequency::MINUTE));
        let wants = |start: &str, end: &str| Selection {
            symbols: None,
            start: start.parse().ok(),
            end: end.parse().ok(),
            frequency: None,
            calendar: rustybt_calendars::calendar("XNYS").unwrap(),
        };
        assert!(told.may_hold(&wants("2024-02-29", "2024-03-31")));
        assert!(!told.may_hold(&wants("2024-03-04", "2024-03-31")));
        assert!(!told.may_hold(&wants("2023-02-01", "2024-01-30")));
        assert_eq!(super::told("AAPL.parquet"), Told::default());
        assert_eq!(super::told("date=2024-01-02/x.pq").date.as_deref(), Some("2024-01-02"));
        assert_eq!(decoded("a%2"), "a%2");
        assert_eq!((stem("x/AAPL.parquet"), stem("BRK.B.pq")), ("AAPL", "BRK.B"));
    }
}
