//! How a folder of Parquet files is to be read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustybt_data::Frequency;

use crate::Error;
use crate::descriptor::{OptionSpec, Options};
use crate::file::csvdir::{CsvDirOptions, Label};

/// How a folder of Parquet files is to be read.
///
/// ```
/// use rustybt_adapters::ParquetOptions;
///
/// // Daily files whose close is called `px_last`.
/// let options = ParquetOptions::new("lake").with_column("close", "px_last")?
///     .with_frequency("1d".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParquetOptions {
    /// The folder, and how times in it are meant.
    pub(super) files: CsvDirOptions,
    /// The frequency of the bars; found in the files by default.
    pub(super) frequency: Option<Frequency>,
    /// The names of columns, by what they hold.
    pub(super) columns: BTreeMap<String, String>,
}

/// What a column can be named for.
pub(super) const ROLES: [&str; 10] =
    ["date", "symbol", "open", "high", "low", "close", "volume", "trades", "vwap", "quote_volume"];

const A_ROLE: &str =
    "date, symbol, open, high, low, close, volume, trades, vwap and quote_volume in place of NAME";

/// The options as they are given on the command line.
pub(super) const SPECS: [OptionSpec; 5] = [
    OptionSpec {
        name: "path",
        required: true,
        help: "the folder above symbol=AAPL/… or of AAPL.parquet",
    },
    OptionSpec {
        name: "frequency",
        required: false,
        help: "what the bars are, such as 1d or 1m; found in the files by default",
    },
    OptionSpec {
        name: "label",
        required: false,
        help: "whether a minute is named for its `open` (the default) or its `close`",
    },
    OptionSpec {
        name: "zone",
        required: false,
        help: "the zone of times that name none, such as UTC; the exchange's by default",
    },
    OptionSpec {
        name: "column.NAME",
        required: false,
        help: "the column of a value, as in column.close=px_last; found by its name by default",
    },
];

impl ParquetOptions {
    /// The folder at `path`, of which everything is found out.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { files: CsvDirOptions::new(path), frequency: None, columns: BTreeMap::new() }
    }

    /// Says what the bars are.
    #[must_use]
    pub fn with_frequency(mut self, frequency: Frequency) -> Self {
        self.frequency = Some(frequency);
        self
    }

    /// Says which end of its bar a minute is named for.
    #[must_use]
    pub fn with_label(mut self, label: Label) -> Self {
        self.files = self.files.with_label(label);
        self
    }

    /// Says which zone times are in that name none, by its name in the IANA data base.
    ///
    /// # Errors
    ///
    /// [`Error::BadOption`] where there is no such zone.
    pub fn with_zone(mut self, zone: &str) -> Result<Self, Error> {
        self.files = self.files.with_zone(zone)?;
        Ok(self)
    }

    /// Names the column of `date`, `symbol`, `open`, `high`, `low`, `close`, `volume`, `trades`,
    /// `vwap` or `quote_volume`.
    ///
    /// # Errors
    ///
    /// [`Error::BadOption`] for anything else.
    pub fn with_column(mut self, role: &str, column: &str) -> Result<Self, Error> {
        if !ROLES.contains(&role) {
            let (option, value) = (format!("column.{role}"), column.to_owned());
            return Err(Error::BadOption { option, value, expected: A_ROLE });
        }
        self.columns.insert(role.to_owned(), column.to_owned());
        Ok(self)
    }

    /// Options from their text.
    pub(super) fn parse(options: &Options) -> Result<Self, Error> {
        let mut read = Self::new("");
        let mut files = Options::new();
        for (name, value) in options {
            if let Some(role) = name.strip_prefix("column.") {
                read = read.with_column(role, value)?;
            } else if name == "frequency" {
                let frequency = value.parse().map_err(|_| Error::BadOption {
                    option: name.clone(),
                    value: value.clone(),
                    expected: "a number and a unit, such as 1d or 1m",
                })?;
                read = read.with_frequency(frequency);
            } else {
                files.insert(name.clone(), value.clone());
            }
        }
        read.files = CsvDirOptions::parse(&files)?;
        Ok(read)
    }
}
