//! How a folder of CSV files is to be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use rustybt_data::ColumnType;

use crate::Error;
use crate::descriptor::{OptionSpec, Options};

/// Which end of its bar a minute is named for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// The bar of 09:30 is that of the minute from 09:30 on.
    #[default]
    Open,
    /// The bar of 09:31 is that of the minute from 09:30 on: as zipline writes them.
    Close,
}

impl Label {
    /// From the time written to that at which the bar opens, in nanoseconds.
    pub(super) const fn shift(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Close => -60_000_000_000,
        }
    }
}

/// How a folder of CSV files is to be read.
///
/// ```
/// use rustybt_adapters::{CsvDirOptions, Label};
///
/// // Minute files made for zipline: in UTC, and named for the end of the minute.
/// let options = CsvDirOptions::new("data").with_label(Label::Close).with_zone("UTC")?;
/// # Ok::<(), rustybt_adapters::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvDirOptions {
    pub(super) path: PathBuf,
    pub(super) label: Label,
    pub(super) zone: Option<Tz>,
    pub(super) datasets: BTreeMap<String, PathBuf>,
    /// The types that were declared, by table and column.
    pub(super) types: BTreeMap<String, BTreeMap<String, ColumnType>>,
}

/// The options as they are given on the command line.
pub(super) const SPECS: [OptionSpec; 5] = [
    OptionSpec {
        name: "path",
        required: true,
        help: "the folder that holds daily/SYMBOL.csv or minute/SYMBOL.csv",
    },
    OptionSpec {
        name: "label",
        required: false,
        help: "whether a minute is named for its `open` (the default) or its `close`, as zipline does",
    },
    OptionSpec {
        name: "zone",
        required: false,
        help: "the zone of times that name none, such as UTC; the exchange's by default",
    },
    OptionSpec {
        name: "dataset.NAME",
        required: false,
        help: "a table of yours (CSV or Parquet), with a date, a symbol or sid, and any columns",
    },
    OptionSpec {
        name: "type.NAME",
        required: false,
        help: "the type of a column, as in type.news.score=decimal; found in the cells by default",
    },
];

impl CsvDirOptions {
    /// The folder at `path`, whose minutes are named for their opening in the exchange's time.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            label: Label::Open,
            zone: None,
            datasets: BTreeMap::new(),
            types: BTreeMap::new(),
        }
    }

    /// Says which end of its bar a minute is named for.
    #[must_use]
    pub fn with_label(mut self, label: Label) -> Self {
        self.label = label;
        self
    }

    /// Says which zone times are in that name none, by its name in the IANA data base.
    ///
    /// # Errors
    ///
    /// [`Error::BadOption`] where there is no such zone.
    pub fn with_zone(mut self, zone: &str) -> Result<Self, Error> {
        self.zone = Some(zone.parse().map_err(|_| Error::BadOption {
            option: "zone".to_owned(),
            value: zone.to_owned(),
            expected: "a name such as America/New_York or UTC",
        })?);
        Ok(self)
    }

    /// Names a file of the user's own, by its path or its place in the folder.
    #[must_use]
    pub fn with_dataset(mut self, name: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        self.datasets.insert(name.into(), file.into());
        self
    }

    /// Declares the type of a table's column that no schema has.
    #[must_use]
    pub fn with_type(mut self, table: &str, column: &str, kind: ColumnType) -> Self {
        self.types.entry(table.to_owned()).or_default().insert(column.to_owned(), kind);
        self
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Which end of its bar a minute is named for.
    pub(in crate::file) fn label(&self) -> Label {
        self.label
    }

    /// The zone of times that name none.
    pub(in crate::file) fn zone(&self) -> Option<Tz> {
        self.zone
    }

    /// Options from their text.
    pub(in crate::file) fn parse(options: &Options) -> Result<Self, Error> {
        let mut read = Self::new("");
        for (name, value) in options {
            match name.as_str() {
                "path" => read.path = value.into(),
                "zone" => read = read.with_zone(value)?,
                "label" => {
                    read.label = match value.as_str() {
                        "open" => Label::Open,
                        "close" => Label::Close,
                        _ => {
                            return Err(Error::BadOption {
                                option: name.clone(),
                                value: value.clone(),
                                expected: "open or close",
                            });
                        }
                    }
                }
                _ => {
                    if let Some(dataset) = name.strip_prefix("dataset.") {
                        read.datasets.insert(dataset.to_owned(), value.into());
                    }
                    let column = name.strip_prefix("type.").and_then(|name| name.split_once('.'));
                    if let Some((table, column)) = column {
                        let kind =
                            ColumnType::from_name(value).ok_or_else(|| Error::BadOption {
                                option: name.clone(),
                                value: value.clone(),
                                expected: "decimal, float, int, bool, text, date, instant or nanos",
                            })?;
                        read = read.with_type(table, column, kind);
                    }
                }
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<CsvDirOptions, String> {
        let options = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        CsvDirOptions::parse(&options).map_err(|error| error.to_string())
    }

    #[test]
    fn options_are_read_from_text() {
        let read = parse(&[
            ("path", "data"),
            ("label", "close"),
            ("zone", "UTC"),
            ("dataset.news", "n.csv"),
        ]);
        let expected = CsvDirOptions::new("data")
            .with_label(Label::Close)
            .with_dataset("news", "n.csv")
            .with_zone("UTC")
            .unwrap();
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn bad_values_name_what_works() {
        assert_eq!(
            parse(&[("path", "data"), ("label", "middle")]).unwrap_err(),
            "`middle` is no value of the option `label`, which takes open or close"
        );
        assert_eq!(
            parse(&[("path", "data"), ("zone", "NYC")]).unwrap_err(),
            "`NYC` is no value of the option `zone`, which takes a name such as America/New_York or UTC"
        );
    }
}
