//! [`Store::clean`]: drops versions, and deletes the files that nobody has any more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use rustybt_calendars::Timestamp;

use super::Old;
use super::collect::{Collected, collect};
use crate::catalog::{BundleRow, Candidate};
use crate::lock::Unread;
use crate::recover::Recovered;
use crate::vfs::Step;
use crate::{BundleName, Error, PinName, Store};

/// How to clean.
#[derive(Debug, Clone)]
pub struct CleanOptions {
    /// Which versions are old enough to go.
    pub old: Old,
    /// For how long a file stays after the last version that had it is dropped: readers that know
    /// nothing of our locks, such as DuckDB, may still read it.
    pub grace: Duration,
    /// Whether to say what would go, and change nothing.
    pub dry_run: bool,
    /// The moment it is.
    pub now: Timestamp,
    /// Above so many bytes, the tiles that were not used for longest are deleted, too.
    pub tiles_max_bytes: Option<u64>,
}

impl CleanOptions {
    /// A day.
    pub const GRACE: Duration = Duration::from_hours(24);

    /// Drops what is old, with a day of grace.
    pub fn new(old: Old, now: Timestamp) -> Self {
        Self { old, grace: Self::GRACE, dry_run: false, now, tiles_max_bytes: None }
    }
}

/// What a clean-up did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CleanReport {
    /// Whether it only looked.
    pub dry_run: bool,
    /// The versions that went.
    pub dropped: Vec<DroppedVersion>,
    /// The versions that were old enough and stayed all the same.
    pub kept: Vec<KeptVersion>,
    /// Files that no version has any more since now.
    pub freed_files: u64,
    /// Their size.
    pub freed_bytes: u64,
    /// The data files that were deleted.
    pub deleted: Vec<PathBuf>,
    /// Their size.
    pub deleted_bytes: u64,
    /// Files that wait for the end of the grace period.
    pub waiting_files: u64,
    /// Their size.
    pub waiting_bytes: u64,
    /// What was removed of ingests that were killed.
    pub recovered: Recovered,
    /// Tiles that were deleted.
    pub tiles: u64,
    /// Their size.
    pub tiles_bytes: u64,
}

/// A version that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedVersion {
    /// The bundle.
    pub bundle: BundleName,
    /// The version.
    pub version: u64,
    /// Its number within the catalog.
    pub snapshot: u64,
    /// When it was made.
    pub created: Timestamp,
}

/// A version that stayed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptVersion {
    /// The bundle.
    pub bundle: BundleName,
    /// The version.
    pub version: u64,
    /// Why.
    pub why: Keeping,
}

/// Why a version stays.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Keeping {
    /// It is the newest.
    #[error("it is the newest")]
    Newest,
    /// It has names.
    #[error("pinned as {}", names(.0))]
    Pinned(Vec<PinName>),
    /// Somebody reads it at this moment.
    #[error("somebody reads it")]
    Read,
}

fn names(pins: &[PinName]) -> String {
    pins.iter().map(PinName::as_str).collect::<Vec<_>>().join(", ")
}

impl Store {
    /// Drops the versions of one bundle, or of all, that are old enough, and deletes the files that
    /// no version has any more once the grace period is over.
    ///
    /// The newest version, pinned ones and those that are open anywhere stay. Without a condition
    /// no version goes, and only files that wait are deleted. Beside ingests and readers it may run
    /// at any time.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::Catalog`]; [`Error::Io`] for a file that cannot be
    /// deleted: the versions are dropped by then, and the next clean-up tries it again.
    pub fn clean(
        &self,
        name: Option<&BundleName>,
        options: &CleanOptions,
    ) -> Result<CleanReport, Error> {
        let bundles: Vec<BundleRow> = {
            let catalog = self.catalog();
            match name {
                Some(name) => vec![catalog.bundle(name)?],
                None => catalog
                    .bundles()?
                    .iter()
                    .map(|name| catalog.bundle(name))
                    .collect::<Result<_, _>>()?,
            }
        };
        let mut report = CleanReport { dry_run: options.dry_run, ..CleanReport::default() };
        if !options.dry_run {
            report.recovered = self.recover()?;
        }
        let mut fresh = Vec::new();
        for bundle in &bundles {
            fresh.extend(self.drop_old(bundle, options, &mut report)?);
        }
        let names: BTreeSet<&str> = bundles.iter().map(|bundle| bundle.name.as_str()).collect();
        let Collected { deleted, deleted_bytes, waiting_files, waiting_bytes } =
            collect(self, options, &names, &fresh)?;
        report.deleted = deleted;
        report.deleted_bytes = deleted_bytes;
        (report.waiting_files, report.waiting_bytes) = (waiting_files, waiting_bytes);
        (report.tiles, report.tiles_bytes) = self.clean_tiles(options)?;
        Ok(report)
    }

    /// Drops a bundle's old versions; gives back the files that a dry run would have freed.
    fn drop_old(
        &self,
        bundle: &BundleRow,
        options: &CleanOptions,
        report: &mut CleanReport,
    ) -> Result<Vec<crate::catalog::DeadFile>, Error> {
        let all = self.catalog().candidates(bundle)?;
        // Nobody starts to read what is about to be dropped while these are held.
        let mut leases = BTreeMap::new();
        for old in options.old.among(&all) {
            let why = match self.why_kept(bundle, old, all.last())? {
                Ok(lease) => {
                    leases.insert(old.version, lease);
                    continue;
                }
                Err(why) => why,
            };
            report.kept.push(KeptVersion {
                bundle: bundle.name.clone(),
                version: old.version,
                why,
            });
        }
        let drop: BTreeSet<u64> = leases.keys().copied().collect();
        let expiry = if options.dry_run {
            self.catalog().plan_expiry(bundle, &drop)?
        } else {
            let vfs = self.layout().vfs();
            self.catalog().expire(bundle, &drop, options.now, &|| vfs.reached(Step::GcExpire))?
        };
        if !options.dry_run {
            let gone = expiry.versions.iter().filter_map(|it| leases.remove(&it.version));
            gone.for_each(Unread::gone);
        }
        report.freed_files += expiry.files.len() as u64;
        report.freed_bytes += expiry.files.iter().map(|file| file.bytes).sum::<u64>();
        report.dropped.extend(expiry.versions.into_iter().map(|it| DroppedVersion {
            bundle: bundle.name.clone(),
            version: it.version,
            snapshot: it.snapshot,
            created: it.created,
        }));
        Ok(if options.dry_run { expiry.files } else { Vec::new() })
    }

    /// The reason why a version stays, or the lock that keeps readers away from it.
    fn why_kept(
        &self,
        bundle: &BundleRow,
        old: &Candidate,
        newest: Option<&Candidate>,
    ) -> Result<Result<Unread, Keeping>, Error> {
        if newest.is_some_and(|newest| newest.version == old.version) {
            return Ok(Err(Keeping::Newest));
        }
        if !old.pins.is_empty() {
            return Ok(Err(Keeping::Pinned(old.pins.clone())));
        }
        Ok(Unread::take(self.layout(), bundle.id, old.version)?.ok_or(Keeping::Read))
    }
}
