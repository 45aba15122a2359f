//! [`TableSchema`]: what the rows of a table are.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ColumnType {
    /// Exact decimals of up to 28 digits.
    Decimal,
    /// Floating-point numbers.
    Float,
    /// Whole numbers of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// Text.
    Text,
    /// Civil dates.
    Date,
    /// Instants of UTC, to the microsecond.
    Instant,
    /// Instants of UTC, to the nanosecond.
    Nanos,
}

impl ColumnType {
    /// Every type.
    pub const ALL: [Self; 8] = [
        Self::Decimal,
        Self::Float,
        Self::Int,
        Self::Bool,
        Self::Text,
        Self::Date,
        Self::Instant,
        Self::Nanos,
    ];

    /// Its name, as in `--opt type.news.score=decimal`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Float => "float",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Text => "text",
            Self::Date => "date",
            Self::Instant => "instant",
            Self::Nanos => "nanos",
        }
    }

    /// The type of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableColumn {
    /// Its name: lower case, unique in the table.
    pub name: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether a row without it is refused.
    #[serde(default)]
    pub required: bool,
}

/// What a row's stamp is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stamp {
    /// Rows have none: one list, such as contracts.
    None,
    /// The column `date`.
    Date,
    /// The column `ts`, to the microsecond.
    Instant,
    /// The column `ts`, to the nanosecond.
    Nanos,
}

impl Stamp {
    /// The column that holds it.
    pub const fn column(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Date => Some("date"),
            Self::Instant | Self::Nanos => Some("ts"),
        }
    }

    /// The type of that column.
    pub const fn kind(self) -> Option<ColumnType> {
        match self {
            Self::None => None,
            Self::Date => Some(ColumnType::Date),
            Self::Instant => Some(ColumnType::Instant),
            Self::Nanos => Some(ColumnType::Nanos),
        }
    }
}

/// How a table is cut into files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Filing {
    /// One file.
    Whole,
    /// A year of many assets a file.
    Panel,
    /// A month of one asset a file.
    Months,
    /// A day of one asset a file.
    Days,
}

/// When two rows of one asset and stamp are the same row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// When they agree in these columns: the newer one counts. No columns: there is one row.
    Key(Vec<String>),
    /// When they agree in this column: the newer one counts. Where it is missing, as [`Row`](Self::Row).
    Id(String),
    /// When they agree in all columns. There are as many of them as the ingest had that had most:
    /// two equal trades in one file are two trades, and the same file taken in again adds none.
    Row,
    /// Never: all rows that an ingest has of an asset, a stamp and a `known_at` replace those that
    /// were there.
    Group,
}

/// What the rows of a table are.
///
/// Beside the columns listed here, a table of assets has the column `sid`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSchema {
    /// The table's name: lower-case letters, digits and `_`.
    pub name: String,
    /// Its columns, the stamp first.
    pub columns: Vec<TableColumn>,
    /// What a row's stamp is.
    pub stamp: Stamp,
    /// Whether a row belongs to an asset.
    pub per_asset: bool,
    /// Whether further columns are kept as they come.
    pub open: bool,
    /// How it is cut into files.
    pub filing: Filing,
    /// When two rows are the same one.
    pub repeats: Repeats,
}

/// The column that tells from when a row was known.
pub(super) const KNOWN_AT: &str = "known_at";

/// Names that other tables of a bundle have.
const TAKEN: [&str; 10] = [
    "assets",
    "symbols",
    "quarantine",
    "splits",
    "dividends",
    "mergers",
    "stock_dividends",
    "spin_offs",
    "rights",
    "bars",
];

impl TableSchema {
    /// A user's table: rows of assets, or of none, dated or stamped, with any columns.
    ///
    /// All rows that an ingest has of an asset and stamp replace those that were there.
    ///
    /// # Errors
    ///
    /// [`Error::BadTable`] where the name cannot be one.
    pub fn user(name: &str, stamp: Stamp, per_asset: bool) -> Result<Self, Error> {
        Self::check_name(name)?;
        let columns = stamp.column().zip(stamp.kind()).map(|(name, kind)| TableColumn {
            name: name.to_owned(),
            kind,
            required: true,
        });
        Ok(Self {
            name: name.to_owned(),
            columns: columns.into_iter().collect(),
            stamp,
            per_asset,
            open: true,
            filing: if stamp == Stamp::None { Filing::Whole } else { Filing::Panel },
            repeats: Repeats::Group,
        })
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: &str, kind: ColumnType) -> Self {
        self.columns.push(TableColumn { name: name.to_owned(), kind, required: false });
        self
    }

    /// Says whether a text can be the name of a user's table or of a column.
    ///
    /// # Errors
    ///
    /// [`Error::BadTable`].
    pub fn check_name(name: &str) -> Result<(), Error> {
        let bad = |detail| Err(Error::BadTable { name: name.to_owned(), detail });
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > Self::LONGEST_NAME {
            bad("it must have 1 to 40 letters")
        } else if !name.chars().all(word) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            bad("it must be lower-case letters, digits and `_`, a letter first")
        } else if TAKEN.contains(&name) || name.starts_with("bars_") {
            bad("a bundle has a table of that name")
        } else {
            Ok(())
        }
    }

    /// The most letters of a table's name.
    pub const LONGEST_NAME: usize = 40;

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether its rows say from when they were known.
    pub fn has_known_at(&self) -> bool {
        self.column(KNOWN_AT).is_some()
    }
}
