//! What can go wrong between a source and a bundle, and between a bundle and its reader.

mod hint;
mod system;
mod wording;

use std::path::PathBuf;

use rustybt_calendars::Timestamp;
use rustybt_data::{Frequency, Sid, SourceError};

pub(crate) use self::wording::chain;
use self::wording::{first_of, known_bundles, known_pins, space, there_is, version};
use crate::catalog::database::DatabaseError;
use crate::{BundleName, CatalogUrl, Holder, JobError, PinName, RedisUrl};

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
    /// There are data files, and no catalog that knows them.
    #[error(
        "the catalog `{catalog}` is {}, and beside it lie {files} data files",
        if *.missing { "gone" } else { "empty" }
    )]
    CatalogLost {
        /// Where it should be.
        catalog: CatalogUrl,
        /// Whether it is not there at all.
        missing: bool,
        /// How many files nobody knows any more.
        files: usize,
    },
    /// A cache that cannot be asked for anything.
    #[error("`{url}` cannot be used as a cache: {reason}")]
    #[expect(missing_docs, reason = "the message has both")]
    BadRedis { url: RedisUrl, reason: String },
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
    /// The bundle has no such version, or no longer.
    #[error("the bundle `{name}` has no version {version}{}", there_is(*.version, .known))]
    NoVersion {
        /// The bundle.
        name: BundleName,
        /// The version asked for.
        version: u64,
        /// The versions there are, oldest first.
        known: Vec<u64>,
    },
    /// Somebody else's program removed files of the version from the catalog.
    #[error(
        "version {version} of `{name}` can no longer be read: the catalog lost {files} of its files"
    )]
    Expired {
        /// The bundle.
        name: BundleName,
        /// The version.
        version: u64,
        /// How many files the catalog lost.
        files: u64,
    },
    /// Text that names no pin.
    #[error("`{name}` cannot name a version: {reason}")]
    BadPinName {
        /// The text.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The bundle has no such pin.
    #[error("the bundle `{bundle}` has no pin `{name}`; {}", known_pins(.known))]
    UnknownPin {
        /// The bundle.
        bundle: BundleName,
        /// The name asked for.
        name: PinName,
        /// The pins there are.
        known: Vec<PinName>,
    },
    /// A pin stands for one version.
    #[error("`{name}` stands for version {version} of `{bundle}` already")]
    PinTaken {
        /// The bundle.
        bundle: BundleName,
        /// The name.
        name: PinName,
        /// The version it stands for.
        version: u64,
    },
    /// Text that is no age.
    #[error("`{text}` is no age: write 90d, 8w, 18mo or 2y")]
    BadAge {
        /// The text.
        text: String,
    },
    /// The bundle has no such table.
    #[error("the bundle `{bundle}` has no table `{dataset}`; it has {}", .known.join(", "))]
    NoDataset {
        /// The bundle.
        bundle: BundleName,
        /// The table asked for.
        dataset: String,
        /// The tables there are.
        known: Vec<String>,
    },
    /// A table that is one piece, whatever the time.
    #[error("`{dataset}` is not cut by time: it is kept as a whole")]
    NoPeriods {
        /// The table.
        dataset: String,
    },
    /// Something else is where something is to be written.
    #[error("`{path}` is there already and is not {wanted}")]
    Taken {
        /// The file or folder.
        path: PathBuf,
        /// What it would have to be to be replaced.
        wanted: &'static str,
    },
    /// An address, where files of this machine are written.
    #[error("`{path}` is an address, and no folder or file of this machine")]
    NotHere {
        /// What was named.
        path: PathBuf,
    },
    /// A folder that holds no backup.
    #[error("`{path}` holds no backup")]
    NoBackup {
        /// The folder.
        path: PathBuf,
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
        "`{column}` of `{symbol}` in {table} has a value that needs more than 28 digits at the table's \
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
    /// SQLite's log and locks are those of one machine.
    #[error("`{path}` would lie on a network file system ({kind}), where a catalog cannot be safe")]
    NetworkFileSystem {
        /// The catalog.
        path: PathBuf,
        /// What it lies on.
        kind: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_told_in_words() {
        let conflict = |base, head| {
            let name = "us".parse().unwrap();
            Error::Conflict { name, base, head }.to_string()
        };
        let end = "during the ingest; run it again";
        assert_eq!(
            conflict(Some(1), Some(3)),
            format!("`us` moved from version 1 to version 3 {end}")
        );
        assert_eq!(
            conflict(None, Some(1)),
            format!("`us` moved from no version to version 1 {end}")
        );
    }
}
