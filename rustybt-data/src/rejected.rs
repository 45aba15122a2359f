//! What was not taken in, and why.

use rustybt_calendars::Session;
use serde::{Deserialize, Serialize};

use crate::word::{self, Word};

/// Something that was not taken in, and why: a row of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Where it stood: a file or an address.
    pub origin: String,
    /// Its line there, counted from 1; `None` where there are no lines or the whole is meant.
    pub line: Option<u32>,
    /// The asset's symbol.
    pub symbol: String,
    /// Why it was not taken in.
    pub reason: Reason,
    /// The row as it stood, cut to a sensible length.
    pub text: String,
}

/// Why a row was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// More or fewer cells than the header.
    #[error("{found} cells where the header has {expected}")]
    Ragged {
        /// Cells found.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// A cell that is not what its column holds.
    #[error("`{text}` in column `{column}` is no {expected}")]
    BadCell {
        /// The column's name.
        column: String,
        /// The cell's text.
        text: String,
        /// What the column holds, such as `price`.
        #[serde(deserialize_with = "word::deserialize")]
        expected: Word,
    },
    /// A number of more than 28 digits, or one that shares its column with others such that no
    /// scale holds all of them in 28 digits.
    #[error("`{text}` in column `{column}` needs more than 28 digits")]
    TooManyDigits {
        /// The column's name.
        column: String,
        /// The cell's text.
        text: String,
    },
    /// A high below another price of its bar.
    #[error("high {high} is below {other} {value}")]
    HighTooLow {
        /// The high.
        high: String,
        /// The other price's name.
        #[serde(deserialize_with = "word::deserialize")]
        other: Word,
        /// The other price.
        value: String,
    },
    /// A low above another price of its bar.
    #[error("low {low} is above {other} {value}")]
    LowTooHigh {
        /// The low.
        low: String,
        /// The other price's name.
        #[serde(deserialize_with = "word::deserialize")]
        other: Word,
        /// The other price.
        value: String,
    },
    /// A price of zero or less, where the asset class has none.
    #[error("{column} {value} is not above zero")]
    NotPositive {
        /// The column's name.
        #[serde(deserialize_with = "word::deserialize")]
        column: Word,
        /// The price.
        value: String,
    },
    /// A volume below zero.
    #[error("volume {value} is below zero")]
    NegativeVolume {
        /// The volume.
        value: String,
    },
    /// A volume in a bar that has no price.
    #[error("volume {value} in a bar without prices")]
    VolumeWithoutPrice {
        /// The volume.
        value: String,
    },
    /// An intraday bar that does not open on a whole minute.
    #[error("{stamp} is not on a whole minute")]
    OffGrid {
        /// The stamp.
        stamp: String,
    },
    /// Some prices of a bar are there, others are not.
    #[error("{column} is missing in a bar that has other prices")]
    PartlyMissing {
        /// The column's name.
        #[serde(deserialize_with = "word::deserialize")]
        column: Word,
    },
    /// A second bar with the same stamp and other values.
    #[error("another bar of {stamp} came first{}", at_line(*.first))]
    Duplicate {
        /// The stamp.
        stamp: String,
        /// The line of the first.
        first: Option<u32>,
    },
    /// A day on which the exchange did not trade.
    #[error("{date} is no session of {calendar}{}", because(.why.as_deref()))]
    NotASession {
        /// The date.
        date: Session,
        /// The calendar.
        calendar: String,
        /// Why it is none, where the calendar knows.
        why: Option<String>,
    },
    /// A date outside what the calendar or the clock allows.
    #[error("{date} lies outside {first} to {last}")]
    DateOutOfRange {
        /// The date.
        date: Session,
        /// The first date allowed.
        first: Session,
        /// The last date allowed.
        last: Session,
    },
    /// A corporate action that cannot be one.
    #[error("{detail}")]
    BadAction {
        /// What is wrong with it.
        detail: String,
    },
    /// A file without rows.
    #[error("the file holds no rows")]
    Empty,
    /// A file that cannot be used at all.
    #[error("{detail}")]
    BadFile {
        /// What is wrong with it.
        detail: String,
    },
    /// A row of a table that cannot be meant.
    #[error("{detail}")]
    BadRow {
        /// What is wrong with it.
        detail: String,
    },
    /// An event or a row of an asset that there are no bars of.
    #[error("there are no bars of `{symbol}`")]
    NoBars {
        /// The symbol.
        symbol: String,
    },
}

fn at_line(line: Option<u32>) -> String {
    line.map(|line| format!(", in line {line}")).unwrap_or_default()
}

fn because(why: Option<&str>) -> String {
    why.map(|why| format!(" ({why})")).unwrap_or_default()
}
