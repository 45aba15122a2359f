//! Folders made on the spot.

use std::path::Path;

use rustybt_adapters::{CsvDir, CsvDirOptions};
use rustybt_data::{Delivery, Frequency, Rejected, Selection, Source, SourceError, Survey};
use tempfile::TempDir;

/// A folder for csvdir.
pub(crate) struct Folder(TempDir);

pub(crate) const HEAD: &str = "date,open,high,low,close,volume\n";
pub(crate) const BAR: &str = "2014-06-09,92.7,93.88,91.75,93.7,75414997\n";

impl Folder {
    /// A folder of these files, each a path and what it holds.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// A folder of daily files that hold one bar each.
    pub(crate) fn of(symbols: &[&str]) -> Self {
        let folder = Self::new(&[]);
        for symbol in symbols {
            folder.write(&format!("daily/{symbol}.csv"), format!("{HEAD}{BAR}"));
        }
        folder
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn source(&self) -> CsvDir {
        CsvDir::open(&CsvDirOptions::new(self.path())).unwrap()
    }

    pub(crate) fn survey(&self) -> Survey {
        self.source().survey(&everything()).unwrap()
    }

    /// The message of a survey that fails, the folder's path written as `DIR`.
    pub(crate) fn refused(&self, selection: &Selection) -> (String, Option<String>) {
        let error = self.source().survey(selection).unwrap_err();
        (self.named(&error), error.hint().map(str::to_owned))
    }

    pub(crate) fn named(&self, error: &SourceError) -> String {
        error.to_string().replace(&self.path().display().to_string(), "DIR")
    }

    /// What each part delivers.
    pub(crate) fn fetch(&self, selection: &Selection) -> Vec<Delivery> {
        let source = self.source();
        let survey = source.survey(selection).unwrap();
        survey.parts.iter().map(|part| source.fetch(part, selection).unwrap()).collect()
    }
}

/// Everything there is, on the calendar of New York.
pub(crate) fn everything() -> Selection {
    Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: rustybt_calendars::calendar("XNYS").unwrap(),
    }
}

pub(crate) fn symbols(symbols: &[&str]) -> Selection {
    let symbols = symbols.iter().map(|symbol| (*symbol).to_owned()).collect();
    Selection { symbols: Some(symbols), ..everything() }
}

pub(crate) fn only(frequency: Frequency) -> Selection {
    Selection { frequency: Some(frequency), ..everything() }
}

/// What was rejected, as `origin:line: reason`.
pub(crate) fn faults(rejected: &[Rejected]) -> Vec<String> {
    rejected
        .iter()
        .map(|rejected| match rejected.line {
            Some(line) => format!("{}:{line}: {}", rejected.origin, rejected.reason),
            None => format!("{}: {}", rejected.origin, rejected.reason),
        })
        .collect()
}

/// The symbols of a survey, in its order.
pub(crate) fn names(survey: &Survey) -> Vec<&str> {
    survey.assets.iter().map(|asset| asset.symbol.as_str()).collect()
}
