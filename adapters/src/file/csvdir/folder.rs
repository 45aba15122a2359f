//! What lies in the folder: files of bars by symbol, companion files, and what is none of ours.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use rustybt_data::{Frequency, Reason, Rejected};

use super::{symbol, table};
use crate::Error;
use crate::file::compression;

/// The two folders of bars, and what their bars are.
pub(super) const BAR_FOLDERS: [(&str, Frequency); 2] =
    [("daily", Frequency::DAILY), ("minute", Frequency::MINUTE)];

/// A file beside the folders of bars that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Companion {
    Assets,
    SymbolMap,
    Splits,
    Dividends,
    Mergers,
    StockDividends,
    SpinOffs,
    Rights,
}

impl Companion {
    /// The kind of corporate action it lists.
    pub(super) fn action(self) -> Option<&'static str> {
        match self {
            Self::Splits => Some("split"),
            Self::Dividends => Some("dividend"),
            Self::Mergers => Some("merger"),
            Self::StockDividends => Some("stock dividend"),
            Self::SpinOffs => Some("spin-off"),
            Self::Rights => Some("rights"),
            Self::Assets | Self::SymbolMap => None,
        }
    }
}

const COMPANIONS: [(&str, Companion); 8] = [
    ("assets", Companion::Assets),
    ("symbol_map", Companion::SymbolMap),
    ("splits", Companion::Splits),
    ("dividends", Companion::Dividends),
    ("mergers", Companion::Mergers),
    ("stock_dividends", Companion::StockDividends),
    ("spin_offs", Companion::SpinOffs),
    ("rights", Companion::Rights),
];

/// A file of rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableFile {
    /// The folder it lies in, or the table it is called like.
    pub(super) kind: &'static str,
    /// The name of its asset; `None` for a file of all of them.
    pub(super) symbol: Option<String>,
    /// Relative to the folder, as in `trades/AAPL.csv`.
    pub(super) name: String,
    pub(super) bytes: u64,
}

/// A file of bars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::file) struct BarFile {
    pub(in crate::file) frequency: Frequency,
    /// Relative to the folder, as in `daily/AAPL.csv`.
    pub(in crate::file) name: String,
    pub(in crate::file) bytes: u64,
}

/// What lies in the folder.
#[derive(Debug, Default)]
pub(in crate::file) struct Folder {
    /// The files of bars of each symbol, daily before minute.
    pub(in crate::file) bars: BTreeMap<String, Vec<BarFile>>,
    /// The files of tables beyond bars, in the order of their folders.
    pub(super) tables: Vec<TableFile>,
    /// The names of the companion files.
    pub(super) companions: BTreeMap<Companion, String>,
    /// The frequencies that there is a folder of.
    pub(in crate::file) frequencies: Vec<Frequency>,
    pub(in crate::file) rejected: Vec<Rejected>,
    pub(super) notes: Vec<String>,
}

impl Folder {
    /// Lists the folder at `path`; `others` are files of tables that are named beside it.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolder`], [`Error::NotAFolder`], [`Error::NoPermission`],
    /// [`Error::NoBarFolders`] and [`Error::NoBarFiles`].
    pub(super) fn list(path: &Path, others: &[&Path]) -> Result<Self, Error> {
        check(path)?;
        let mut folder = Self::default();
        let mut found = Vec::new();
        let mut left = Vec::new();
        for entry in entries(path)? {
            let name = entry.name.to_string_lossy().into_owned();
            found.push(name.clone());
            let is = |known: &str| known == name;
            if BAR_FOLDERS.iter().any(|(folder, _)| is(folder))
                || table::FOLDERS.iter().any(|(folder, _)| is(folder) && path.join(folder).is_dir())
            {
                continue;
            }
            let taken = entry.kind == Kind::File && folder.take(&name, entry.bytes);
            if !taken && !others.contains(&Path::new(&name)) {
                left.push(name);
            }
        }
        let mut searched = Vec::new();
        for (name, frequency) in BAR_FOLDERS {
            let bars = path.join(name);
            if bars.is_dir() {
                folder.frequencies.push(frequency);
                folder.list_bars(&bars, name, frequency)?;
                searched.push(format!("`{}`", bars.display()));
            }
        }
        for (name, _) in table::FOLDERS {
            let rows = path.join(name);
            if rows.is_dir() {
                folder.list_tables(&rows, name)?;
                searched.push(format!("`{}`", rows.display()));
            }
        }
        let tables = folder.tables.iter().any(|file| file.symbol.is_none()) || !others.is_empty();
        if searched.is_empty() && !tables {
            return Err(Error::NoBarFolders { path: path.to_owned(), found });
        }
        if folder.bars.is_empty() && folder.rejected.is_empty() && !tables {
            return Err(Error::NoBarFiles { folders: searched });
        }
        folder.note_left("not read", "", &left);
        Ok(folder)
    }

    /// Takes a file beside the bars for what its name says; whether it says anything.
    fn take(&mut self, name: &str, bytes: u64) -> bool {
        let table = table_of(name);
        if let Some(kind) = table {
            self.take_table(kind, name.to_owned(), bytes);
        }
        table.is_some() || self.take_told(name)
    }

    /// Takes a file that tells of assets, or what happened to them; whether its name says so.
    pub(in crate::file) fn take_told(&mut self, name: &str) -> bool {
        let stem = table_stem(name);
        let companion = COMPANIONS.iter().find(|(known, _)| stem == Some(*known));
        if let Some((_, companion)) = companion {
            self.take_companion(*companion, name.to_owned());
        }
        companion.is_some()
    }

    fn take_companion(&mut self, companion: Companion, name: String) {
        match self.companions.get(&companion) {
            None => {
                self.companions.insert(companion, name);
            }
            Some(first) => {
                let detail = format!("`{first}` is read in its place; keep one of them");
                self.reject(name, "", detail);
            }
        }
    }

    fn take_table(&mut self, kind: &'static str, name: String, bytes: u64) {
        match self.tables.iter().find(|file| file.kind == kind) {
            None => self.tables.push(TableFile { kind, symbol: None, name, bytes }),
            Some(first) => {
                let detail = format!("`{}` is read in its place; keep one of them", first.name);
                self.reject(name, "", detail);
            }
        }
    }

    fn list_tables(&mut self, path: &Path, folder: &'static str) -> Result<(), Error> {
        let mut left = Vec::new();
        for entry in entries(path)? {
            let name = entry.name.to_string_lossy().into_owned();
            let Some(symbol) = table_stem(&name).filter(|_| entry.kind == Kind::File) else {
                left.push(name);
                continue;
            };
            let origin = format!("{folder}/{name}");
            if let Err(reason) = symbol::check(symbol) {
                self.reject(origin, symbol, format!("`{symbol}` can be no symbol: {reason}"));
                continue;
            }
            // Its asset is known by it, even if there are no bars.
            self.bars.entry(symbol.to_owned()).or_default();
            let symbol = Some(symbol.to_owned());
            self.tables.push(TableFile { kind: folder, symbol, name: origin, bytes: entry.bytes });
        }
        self.note_left("not read", &format!("{folder}/"), &left);
        Ok(())
    }

    fn list_bars(&mut self, path: &Path, folder: &str, frequency: Frequency) -> Result<(), Error> {
        let mut left = Vec::new();
        for entry in entries(path)? {
            let Ok(name) = entry.name.clone().into_string() else {
                let name = format!("{folder}/{}", entry.name.to_string_lossy());
                self.reject(name, "", "its name is not UTF-8".to_owned());
                continue;
            };
            let Some(symbol) = table_stem(&name).filter(|_| entry.kind == Kind::File) else {
                left.push(match entry.kind {
                    Kind::Link => format!("{name} (a symbolic link)"),
                    Kind::Other => format!("{name} (no regular file)"),
                    Kind::File | Kind::Folder => name,
                });
                continue;
            };
            let origin = format!("{folder}/{name}");
            if let Err(reason) = symbol::check(symbol) {
                self.reject(origin, symbol, format!("`{symbol}` can be no symbol: {reason}"));
                continue;
            }
            let files = self.bars.entry(symbol.to_owned()).or_default();
            if let Some(first) = files.iter().find(|file| file.frequency == frequency) {
                let detail = format!("`{}` has the same symbol; keep one of them", first.name);
                let symbol = symbol.to_owned();
                self.reject(origin, &symbol, detail);
                continue;
            }
            files.push(BarFile { frequency, name: origin, bytes: entry.bytes });
        }
        self.note_left("not read", &format!("{folder}/"), &left);
        Ok(())
    }

    fn reject(&mut self, origin: String, symbol: &str, detail: String) {
        self.rejected.push(Rejected {
            origin,
            line: None,
            symbol: symbol.to_owned(),
            reason: Reason::BadFile { detail },
            text: String::new(),
        });
    }

    /// Tells of files that nobody reads.
    pub(in crate::file) fn note_left(&mut self, what: &str, place: &str, names: &[String]) {
        const SHOWN: usize = 10;
        if names.is_empty() {
            return;
        }
        let shown: Vec<String> =
            names.iter().take(SHOWN).map(|name| format!("{place}{name}")).collect();
        let more = match names.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        self.notes.push(format!("{what}: {}{more}", shown.join(", ")));
    }
}

/// A file's name up to `.csv`; `None` unless only the ending of a compression follows.
fn csv_stem(name: &str) -> Option<&str> {
    // Not `to_lowercase`: it may change the number of bytes.
    let at = name.to_ascii_lowercase().find(".csv")?;
    let (stem, ending) = (name.get(..at)?, name.get(at + ".csv".len()..)?);
    compression::is_ending(ending).then_some(stem)
}

/// The table that a file is called like.
pub(in crate::file) fn table_of(name: &str) -> Option<&'static str> {
    table::TABLES.into_iter().find(|known| table_stem(name) == Some(*known))
}

/// A file's name up to `.csv` or `.parquet`.
pub(super) fn table_stem(name: &str) -> Option<&str> {
    let parquet = name.len().checked_sub(".parquet".len()).and_then(|at| name.split_at_checked(at));
    let parquet = parquet.filter(|(_, ending)| ending.eq_ignore_ascii_case(".parquet"));
    csv_stem(name).or(parquet.map(|(stem, _)| stem))
}

/// What an entry of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::file) enum Kind {
    File,
    Folder,
    Link,
    Other,
}

/// An entry of a folder.
#[derive(Debug)]
pub(in crate::file) struct Entry {
    pub(in crate::file) name: OsString,
    pub(in crate::file) kind: Kind,
    pub(in crate::file) bytes: u64,
}

/// What a folder holds, in the order of names; hidden files are left out.
pub(in crate::file) fn entries(path: &Path) -> Result<Vec<Entry>, Error> {
    let refused = |source| Error::io("list", path, source);
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Of the entry itself: a link is not followed.
        let meta = entry.metadata().map_err(|source| Error::io("look at", entry.path(), source))?;
        let kind = match meta.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Other,
        };
        entries.push(Entry { name: entry.file_name(), kind, bytes: meta.len() });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// Checks that there is a folder.
pub(in crate::file) fn check(path: &Path) -> Result<(), Error> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_dir() => Ok(()),
        Ok(_) => Err(Error::NotAFolder { path: path.to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::NoFolder { path: path.to_owned() })
        }
        Err(error) => Err(Error::io("look at", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_end_at_the_first_csv() {
        for (name, symbol) in [
            ("AAPL.csv", Some("AAPL")),
            ("BRK.A.csv.gz", Some("BRK.A")),
            ("BRK-B.CSV.zst", Some("BRK-B")),
            ("7203.T.csv.bz2", Some("7203.T")),
            ("AAPL.csv.bak", None),
            ("AAPL.csv~", None),
            ("AAPL.csv.csv", None),
            ("AAPL.txt", None),
            ("csv", None),
        ] {
            assert_eq!(csv_stem(name), symbol, "{name}");
        }
    }
}
