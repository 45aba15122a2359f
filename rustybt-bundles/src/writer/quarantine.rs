//! What was not taken in, and why.

use rustybt_data::{Reason, Rejected};

use super::{SmallTable, numbers, texts};
use crate::decimals::Scales;
use crate::table::Dataset;

/// The table `quarantine`, in the order in which the source gave its rows.
pub(crate) fn table(rejected: &[Rejected]) -> SmallTable {
    let reasons: Vec<String> = rejected.iter().map(|row| row.reason.to_string()).collect();
    SmallTable {
        dataset: Dataset::Quarantine,
        scales: Scales::default(),
        columns: vec![
            texts(rejected.iter().map(|row| row.origin.as_str())),
            numbers(rejected.iter().map(|row| row.line.map(i64::from))),
            texts(rejected.iter().map(|row| row.symbol.as_str())),
            texts(rejected.iter().map(|row| kind(&row.reason))),
            texts(reasons.iter().map(String::as_str)),
            texts(rejected.iter().map(|row| row.text.as_str())),
        ],
    }
}

/// The name of a kind of reason, to count by.
pub(crate) fn kind(reason: &Reason) -> &'static str {
    match reason {
        Reason::Ragged { .. } => "ragged",
        Reason::BadCell { .. } => "bad-cell",
        Reason::TooManyDigits { .. } => "too-many-digits",
        Reason::HighTooLow { .. } => "high-too-low",
        Reason::LowTooHigh { .. } => "low-too-high",
        Reason::NotPositive { .. } => "not-positive",
        Reason::NegativeVolume { .. } => "negative-volume",
        Reason::VolumeWithoutPrice { .. } => "volume-without-price",
        Reason::OffGrid { .. } => "off-grid",
        Reason::PartlyMissing { .. } => "partly-missing",
        Reason::Duplicate { .. } => "duplicate",
        Reason::NotASession { .. } => "not-a-session",
        Reason::DateOutOfRange { .. } => "date-out-of-range",
        Reason::BadAction { .. } => "bad-action",
        Reason::BadRow { .. } => "bad-row",
        Reason::Empty => "empty",
        Reason::BadFile { .. } => "bad-file",
        Reason::NoBars { .. } => "no-bars",
        _ => "other",
    }
}
