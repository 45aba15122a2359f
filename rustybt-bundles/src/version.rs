//! What one version of a bundle is, and the ways to name one.

use rustybt_calendars::{Session, Timestamp};

use crate::PinName;

/// Which version of a bundle is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum At {
    /// The newest.
    #[default]
    Latest,
    /// The one of that number; the first is 1.
    Version(u64),
    /// The newest that had been made by that moment.
    AsOf(Timestamp),
    /// The one that a pin stands for.
    Pin(PinName),
}

/// One version: an immutable state of the bundle's bars, assets and corporate actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number within the bundle, from 1.
    pub version: u64,
    /// The version it was made from.
    pub parent: Option<u64>,
    /// Its number within the catalog: what DuckDB users say in `AT (VERSION => …)`.
    pub snapshot: u64,
    /// When it was published. Later versions have later times.
    pub created: Timestamp,
    /// The adapter it came from.
    pub source: String,
    /// First session with a bar.
    pub first: Option<Session>,
    /// Last session with a bar.
    pub last: Option<Session>,
    /// Assets.
    pub assets: u64,
    /// Bars, of all frequencies.
    pub rows: u64,
    /// Data files it consists of.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Files that were written for it; the others it shares with earlier versions.
    pub files_new: u64,
    /// Their size.
    pub bytes_new: u64,
    /// Its names.
    pub pins: Vec<PinName>,
}
