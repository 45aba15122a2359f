//! What can go wrong between a source and a bundle, and between a bundle and its reader.

use std::path::{Path, PathBuf};

use rustybt_calendars::Timestamp;
use rustybt_data::{Frequency, Sid, SourceError};

use crate::catalog::database::DatabaseError;
use crate::table::Dataset;
use crate::wording::{first_of, known_bundles, space, version};
use crate::{BundleName, Holder, JobError};

/// Everything this crate can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that names no bundle.
    #[error("`{name}` cannot name a bundle: {reason}")]
    BadName {
        /// The text.
        name: String,
        /// What is wrong with it, and what would work.
        reason: &'static str,
    },
    /// A folder that holds no store.
    #[error("`{root}` holds no bundles; the first ingest makes them")]
    NoStore {
        /// The folder.
        root: PathBuf,
    },
    /// A store written by something newer, or by something else.
    #[error("`{catalog}` has {key} {found}, and this version reads {known}")]
    UnknownFormat {
        /// The catalog.
        catalog: String,
        /// What was compared.
        key: &'static str,
        /// What the catalog says.
        found: String,
        /// What would have been understood.
        known: &'static str,
    },
    /// No bundle has this name.
    #[error("there is no bundle `{name}`; {}", known_bundles(.known))]
    UnknownBundle {
        /// The name asked for.
        name: BundleName,
        /// The bundles there are.
        known: Vec<BundleName>,
    },
    /// The bundle is registered, but nothing was ingested yet.
    #[error("the bundle `{name}` has no version yet; ingest it first")]
    NotIngested {
        /// The bundle.
        name: BundleName,
    },
    /// The bundle has no such version.
    #[error("the bundle `{name}` has no version {version}; its newest is {newest}")]
    NoVersion {
        /// The bundle.
        name: BundleName,
        /// The version asked for.
        version: u64,
        /// The newest there is.
        newest: u64,
    },
    /// The bundle was first ingested after the moment asked for.
    #[error("the bundle `{name}` has no version as of {as_of}; its oldest is of {oldest}")]
    NoVersionAsOf {
        /// The bundle.
        name: BundleName,
        /// The moment asked for.
        as_of: Timestamp,
        /// When its oldest version was made.
        oldest: Timestamp,
    },
    /// A bundle keeps the calendar it was made with.
    #[error("the bundle `{name}` has the calendar {has}, not {asked}; make another bundle")]
    OtherCalendar {
        /// The bundle.
        name: BundleName,
        /// Its calendar.
        has: String,
        /// The calendar asked for.
        asked: String,
    },
    /// Bars of a frequency that bundles do not keep.
    #[error("`{part}` holds bars of {frequency}; bundles keep bars of 1d and 1m")]
    UnkeptFrequency {
        /// The part of the source.
        part: String,
        /// Its frequency.
        frequency: Frequency,
    },
    /// A version has no such table.
    #[error("`{bundle}` has no table `{table}`; it has {}", .known.join(", "))]
    NoTable {
        /// The bundle.
        bundle: BundleName,
        /// The table asked for.
        table: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// A source that contradicts itself.
    #[error("the source `{source_name}` contradicts itself: {detail}")]
    BadSurvey {
        /// The source.
        source_name: String,
        /// How.
        detail: String,
    },
    /// The source had nothing to give.
    #[error("the source `{source_name}` could not be surveyed")]
    Survey {
        /// The source.
        source_name: String,
        /// What it said.
        source: SourceError,
    },
    /// A part could not be fetched, and trying again may help.
    #[error("`{part}` could not be fetched; nothing was ingested")]
    Fetch {
        /// The part.
        part: String,
        /// What the source said.
        source: SourceError,
    },
    /// Not one bar was good.
    #[error(
        "the source `{source_name}` gave no usable bar: {parts} parts, {rejected} rejections{}",
        first_of(.first.as_deref())
    )]
    NothingIngested {
        /// The source.
        source_name: String,
        /// Parts there were.
        parts: usize,
        /// What was rejected.
        rejected: usize,
        /// The first rejection, as text.
        first: Option<String>,
    },
    /// Two assets want to be one, or one asset two.
    #[error("`{symbol}` wants sid {sid}, which {holder} has")]
    SidTaken {
        /// The asset's symbol.
        symbol: String,
        /// The identifier.
        sid: Sid,
        /// Who has it.
        holder: String,
    },
    /// The bundle knows the asset under another identifier.
    #[error("`{symbol}` wants sid {wanted}, but the bundle knows it as sid {known}")]
    SidChanged {
        /// The asset's symbol.
        symbol: String,
        /// The identifier the source wants.
        wanted: Sid,
        /// The identifier the bundle gave.
        known: Sid,
    },
    /// A source's asset that may be either of two.
    #[error("`{symbol}` may be any of {}", candidates.join(", "))]
    AmbiguousAsset {
        /// The symbol.
        symbol: String,
        /// Who it may be, with their dates.
        candidates: Vec<String>,
    },
    /// New assets are numbered upwards, and a source gave one the largest number there is.
    #[error("no sid is left for `{symbol}`: the largest, {largest}, is taken")]
    NoSidLeft {
        /// The asset's symbol.
        symbol: String,
        /// The largest identifier.
        largest: Sid,
    },
    /// Numbers so small and so large that no common scale holds them.
    #[error(
        "`{column}` of `{symbol}` in {table} has a value that needs more than 18 digits at the table's \
         {scale} places behind the point; keep such assets in a bundle of their own"
    )]
    TooManyDigits {
        /// The table.
        table: String,
        /// The asset.
        symbol: String,
        /// The column.
        column: &'static str,
        /// The places behind the point that the table needs.
        scale: u8,
    },
    /// Somebody else published first.
    #[error("`{name}` moved from {} to {} during the ingest; run it again", version(*.base), version(*.head))]
    Conflict {
        /// The bundle.
        name: BundleName,
        /// The version the ingest was based on.
        base: Option<u64>,
        /// The version found at the end.
        head: Option<u64>,
    },
    /// An ingest that was taken for dead came back, and another one had begun.
    #[error("another ingest of `{name}` has begun since this one did; it may not publish any more")]
    Fenced {
        /// The bundle.
        name: BundleName,
    },
    /// Somebody else writes the bundle.
    #[error("the bundle `{name}` is being written by {holder}")]
    Busy {
        /// The bundle.
        name: BundleName,
        /// Who writes it, and since when.
        holder: Box<Holder>,
    },
    /// A job ended before its end, or cannot be what was asked of it.
    #[error(transparent)]
    Job(#[from] JobError),
    /// A file of the store that is not what the catalog says.
    #[error("`{path}` is damaged: {detail}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// Parquet refused to encode.
    #[error("cannot encode {table}")]
    Encode {
        /// The table.
        table: String,
        /// What Parquet says.
        source: parquet::errors::ParquetError,
    },
    /// The catalog refused.
    #[error("cannot {action} the catalog `{catalog}`")]
    Catalog {
        /// What was tried.
        action: &'static str,
        /// The catalog.
        catalog: String,
        /// What the database says.
        source: DatabaseError,
    },
    /// Others wrote to the catalog for longer than anybody waits.
    #[error("the catalog `{catalog}` was being written by others for {seconds} seconds")]
    CatalogBusy {
        /// The catalog.
        catalog: String,
        /// How long this one waited.
        seconds: u64,
    },
    /// No space is left, or none that this user may take.
    #[error("cannot {action} `{path}`: the disk is full{}", space(*.needed, *.free))]
    DiskFull {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Bytes that the file needs, where that is known.
        needed: Option<u64>,
        /// Bytes that were free, where that is known.
        free: Option<u64>,
        /// What the system says.
        source: std::io::Error,
    },
    /// The user may not, or nobody may: the file system is mounted read-only.
    #[error("cannot {action} `{path}`: it may not be changed or read by this user")]
    Denied {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The process, or the machine, has as many files open as it may.
    #[error("cannot {action} `{path}`: too many files are open")]
    TooManyFiles {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The operating system refused.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
    /// The worker threads could not be started.
    #[error("cannot start {workers} worker threads")]
    Workers {
        /// How many were wanted.
        workers: usize,
        /// Why not.
        source: rayon::ThreadPoolBuildError,
    },
    /// The data layer refused.
    #[error(transparent)]
    Data(#[from] rustybt_data::Error),
    /// No such calendar.
    #[error(transparent)]
    Calendar(#[from] rustybt_calendars::Error),
}

impl Error {
    /// Whether the same call may succeed when it is made again.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Conflict { .. }
            | Self::Fenced { .. }
            | Self::Busy { .. }
            | Self::CatalogBusy { .. } => true,
            Self::Job(error) => error.is_transient(),
            Self::Catalog { source, .. } => source.is_transient(),
            Self::Survey { source, .. } | Self::Fetch { source, .. } => source.is_transient(),
            _ => false,
        }
    }

    /// What would help, where somebody knows.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Survey { source, .. } | Self::Fetch { source, .. } => source.hint(),
            Self::Job(error) => error.hint(),
            Self::Corrupt { path, .. } if holds_bars(path) => Some(
                "`rustybt verify` lists every damaged file; put it back from a copy, or ingest every row of it \
                 again as it was: then a new version has it anew",
            ),
            Self::Corrupt { .. } => Some(
                "`rustybt verify` lists every damaged file; put it back from a copy, or ingest into a new bundle",
            ),
            Self::AmbiguousAsset { .. } => Some(
                "tell them apart by their sid, their exchange, or the exact spelling of the symbol",
            ),
            Self::SidTaken { .. } => Some(
                "an asset that was renamed is told by the history of its symbols: csvdir reads it from symbol_map.csv",
            ),
            Self::NoSidLeft { .. } => Some(
                "new assets get the sid after the largest one; give all of them sids, or smaller ones",
            ),
            Self::Busy { .. } => {
                Some("wait for it: `rustybt ingest --wait 10m` does so for ten minutes")
            }
            Self::Fenced { .. } => Some("run it again: nothing was published, nothing is lost"),
            Self::DiskFull { .. } => Some(
                "free some space and run the same again: nothing was published, and what was \
                 written on the way is removed",
            ),
            Self::Denied { .. } => {
                Some("look at the owner and the mode of the folder, and how its disk is mounted")
            }
            Self::TooManyFiles { .. } => {
                Some("allow more with `ulimit -n 4096`, or close programs that hold files open")
            }
            Self::UnknownFormat { .. } => {
                Some("it may have been written by a newer rustybt: read it with that one")
            }
            Self::CatalogBusy { .. } => {
                Some("try again; if it lasts, look for a program that hangs")
            }
            _ => None,
        }
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        use std::io::ErrorKind;
        let path = path.into();
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                Self::DiskFull { action, path, needed: None, free: None, source }
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                Self::Denied { action, path, source }
            }
            _ if is_too_many_files(&source) => Self::TooManyFiles { action, path, source },
            _ => Self::Io { action, path, source },
        }
    }

    pub(crate) fn corrupt(path: impl Into<PathBuf>, detail: impl Into<String>) -> Self {
        Self::Corrupt { path: path.into(), detail: detail.into() }
    }
}

/// Whether a file is a data file of bars, by the folder of its table.
fn holds_bars(path: &Path) -> bool {
    let table = |folder: &std::ffi::OsStr| Dataset::from_name(folder.to_str()?);
    path.iter().filter_map(table).any(Dataset::is_bars)
}

/// `EMFILE` and `ENFILE`, which have no kind of their own.
fn is_too_many_files(error: &std::io::Error) -> bool {
    cfg!(unix) && matches!(error.raw_os_error(), Some(23 | 24))
}
