//! [`Store::retain`]: what is older than a dataset is meant to be leaves the bundle, in a new version.
//!
//! Whole periods leave: a file is never cut. Where there is an archive, their files are copied there
//! first, each compared with its hash, as plain Parquet in folders that name their columns. Older
//! versions keep them until they are dropped.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};

use super::Age;
use super::copy::{Copying, How, Listed, Place, copy_all, is_here};
use super::guard::Guard;
use crate::catalog::{Archived, BundleRow, Claim, Commit, FileSpan, TableChange, TableState};
use crate::chunk::Chunk;
use crate::lock::WriteLock;
use crate::{BundleName, Error, Holder, Locking, Store, VersionInfo};

/// How long a dataset of a bundle is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetainPolicy {
    /// The table, such as `bars_1m`.
    pub dataset: String,
    /// Periods that ended so long ago leave.
    pub older_than: Age,
    /// Where their files are copied to first; nowhere where there is none.
    #[serde(default)]
    pub archive: Option<PathBuf>,
}

/// When, and whether in earnest.
#[derive(Debug, Clone, Copy)]
pub struct RetainOptions {
    /// The moment it is.
    pub now: Timestamp,
    /// Whether to say what would leave, and change nothing.
    pub dry_run: bool,
}

/// What left, or would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetainReport {
    /// Whether it only looked.
    pub dry_run: bool,
    /// The version that was made; none where nothing left.
    pub version: Option<u64>,
    /// The periods that left.
    pub periods: Vec<RetiredPeriod>,
    /// Files that were copied to an archive, and not there already.
    pub archived_files: u64,
    /// Their size.
    pub archived_bytes: u64,
}

/// A period of a table that left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetiredPeriod {
    /// The table.
    pub dataset: String,
    /// The year, or year and month, or date.
    pub period: i64,
    /// Its files.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their size.
    pub bytes: u64,
}

/// A table and those of its files that leave.
struct Leaving<'a> {
    table: &'a TableState,
    policy: &'a RetainPolicy,
    chunks: Vec<&'a Chunk>,
    spans: Vec<FileSpan>,
}

impl Store {
    /// The policies of a bundle.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`].
    pub fn policies(&self, name: &BundleName) -> Result<Vec<RetainPolicy>, Error> {
        let catalog = self.catalog();
        catalog.policies(&catalog.bundle(name)?)
    }

    /// Keeps policies for a bundle, in place of those it had.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`]; [`Error::NotHere`] for an archive that is an address.
    pub fn set_policies(&self, name: &BundleName, policies: &[RetainPolicy]) -> Result<(), Error> {
        archives_are_here(policies)?;
        let catalog = self.catalog();
        catalog.set_policies(&catalog.bundle(name)?, policies)
    }

    /// Applies policies to the newest version of a bundle: what is too old leaves, in one new
    /// version; nothing happens where nothing is.
    ///
    /// # Errors
    ///
    /// [`Error::NotIngested`], [`Error::NoDataset`] for a table that the bundle has not,
    /// [`Error::NoPeriods`] for one that is not cut by time; [`Error::Corrupt`] for a damaged file,
    /// before anything leaves; [`Error::Busy`] where somebody writes the bundle; [`Error::NotHere`] for an
    /// archive that is an address.
    pub fn retain(
        &self,
        name: &BundleName,
        policies: &[RetainPolicy],
        options: RetainOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<RetainReport, Error> {
        archives_are_here(policies)?;
        let _lock = if options.dry_run {
            None
        } else {
            let bundle = self.catalog().bundle(name)?.id;
            let holder = Holder::this(options.now, None);
            WriteLock::take(self.layout(), (name, bundle), Locking::default(), &holder, None)?
        };
        let (bundle, head, tables) = self.head(name)?;
        let leaving = self.leaving(&bundle, &head, &tables, policies, options.now.date())?;
        let mut report = RetainReport { dry_run: options.dry_run, ..RetainReport::default() };
        for it in &leaving {
            report.periods.extend(it.periods());
        }
        if options.dry_run || report.periods.is_empty() {
            return Ok(report);
        }
        self.archive(&leaving, options.now, progress, &mut report)?;
        report.version = Some(self.publish_without(&bundle, &head, &tables, &leaving, options)?);
        Ok(report)
    }

    fn leaving<'a>(
        &self,
        bundle: &BundleRow,
        head: &VersionInfo,
        tables: &'a [TableState],
        policies: &'a [RetainPolicy],
        today: Session,
    ) -> Result<Vec<Leaving<'a>>, Error> {
        let mut leaving: Vec<Leaving<'a>> = Vec::new();
        for policy in policies {
            let Some(table) = tables.iter().find(|it| it.dataset.name() == policy.dataset) else {
                let known = tables.iter().map(|it| it.dataset.name().to_owned()).collect();
                let (bundle, dataset) = (bundle.name.clone(), policy.dataset.clone());
                return Err(Error::NoDataset { bundle, dataset, known });
            };
            let cutoff = policy.older_than.before(today);
            let mut chunks = Vec::new();
            for chunk in &table.chunks {
                let Some(end) = period_end(chunk.period) else {
                    return Err(Error::NoPeriods { dataset: policy.dataset.clone() });
                };
                if end <= cutoff && !leaving.iter().any(|it| it.has(chunk)) {
                    chunks.push(chunk);
                }
            }
            if !chunks.is_empty() {
                let spans = self.catalog().file_spans(table.id, head.snapshot)?;
                leaving.push(Leaving { table, policy, chunks, spans });
            }
        }
        Ok(leaving)
    }

    /// Copies what leaves to where it is to go, and writes that down.
    fn archive(
        &self,
        leaving: &[Leaving<'_>],
        now: Timestamp,
        progress: &(dyn Fn(Copying) + Sync),
        report: &mut RetainReport,
    ) -> Result<(), Error> {
        let _held = Guard::to_copy(self.layout())?;
        let data = self.layout().data();
        for it in leaving {
            let Some(archive) = &it.policy.archive else { continue };
            let archive = std::path::absolute(archive).map_err(Error::io("find", archive))?;
            let files: Vec<Listed> =
                it.chunks.iter().map(|chunk| listed(chunk, &data)).collect::<Result<_, _>>()?;
            let places = (self.data_in(&data), Place::on_disk(&archive));
            let copied = copy_all(places, &files, How::Copy, true, progress)?;
            report.archived_files += copied.files;
            report.archived_bytes += copied.bytes;
            let archived: Vec<Archived<'_>> = it
                .chunks
                .iter()
                .zip(&files)
                .map(|(chunk, file)| {
                    let span = it.spans.iter().find(|span| span.file == chunk.file);
                    Archived {
                        table: it.table.id,
                        chunk,
                        path: archive.join(&file.path),
                        first_us: span.and_then(|span| span.first_us),
                        last_us: span.and_then(|span| span.last_us),
                    }
                })
                .collect();
            self.catalog().archived(&archived, now)?;
        }
        Ok(())
    }

    /// A version like the newest, without what leaves.
    fn publish_without(
        &self,
        bundle: &BundleRow,
        head: &VersionInfo,
        tables: &[TableState],
        leaving: &[Leaving<'_>],
        options: RetainOptions,
    ) -> Result<u64, Error> {
        let mut stays = (None::<i64>, None::<i64>);
        for table in tables.iter().filter(|table| table.dataset.is_bars()) {
            for span in self.catalog().file_spans(table.id, head.snapshot)? {
                let leaves =
                    |it: &Leaving<'_>| it.chunks.iter().any(|chunk| chunk.file == span.file);
                if !leaving.iter().any(leaves) {
                    stays.0 = stays.0.into_iter().chain(span.first_us).min();
                    stays.1 = stays.1.into_iter().chain(span.last_us).max();
                }
            }
        }
        let date = |micros: i64| Timestamp::from_micros(micros).date();
        let source = serde_json::json!({
            "source": "retain",
            "policies": leaving.iter().map(|it| it.policy).collect::<Vec<_>>(),
        });
        let fence = self.catalog().draw_fence(bundle.id)?;
        let commit = Commit {
            bundle: bundle.id,
            name: &bundle.name,
            base: Some(head.version),
            job: None,
            now: options.now,
            claim: Claim { job: "retain", fence: Some(fence), files: 0 },
            source: source.to_string(),
            first: stays.0.map(date),
            last: stays.1.map(date),
            assets: head.assets,
            tables: leaving.iter().map(Leaving::to_change).collect(),
        };
        Ok(self.catalog().publish(&commit)?.version)
    }
}

/// Archives are folders of this machine.
fn archives_are_here(policies: &[RetainPolicy]) -> Result<(), Error> {
    policies.iter().filter_map(|policy| policy.archive.as_deref()).try_for_each(is_here)
}

impl Leaving<'_> {
    fn has(&self, chunk: &Chunk) -> bool {
        self.chunks.iter().any(|it| it.file == chunk.file)
    }

    fn periods(&self) -> Vec<RetiredPeriod> {
        let mut periods: BTreeMap<i64, RetiredPeriod> = BTreeMap::new();
        for chunk in &self.chunks {
            let period = periods.entry(chunk.period).or_insert_with(|| RetiredPeriod {
                dataset: self.policy.dataset.clone(),
                period: chunk.period,
                files: 0,
                rows: 0,
                bytes: 0,
            });
            period.files += 1;
            period.rows += chunk.rows as u64;
            period.bytes += chunk.bytes;
        }
        periods.into_values().collect()
    }

    fn to_change(&self) -> TableChange<'_> {
        TableChange {
            dataset: self.table.dataset,
            scales: self.table.scales,
            known: usize::MAX,
            records: None,
            table: Some(self.table.id),
            dropped: None,
            ended: self.chunks.clone(),
            added: Vec::new(),
        }
    }
}

/// A chunk as a file below the data.
fn listed(chunk: &Chunk, data: &Path) -> Result<Listed, Error> {
    let relative = chunk.path.strip_prefix(data).ok().and_then(Path::to_str);
    let Some(path) = relative else {
        return Err(Error::corrupt(&chunk.path, "the file lies outside the store"));
    };
    Ok(Listed { path: path.to_owned(), bytes: chunk.bytes, hash: chunk.file_hash })
}

/// The first day after a period: a year, a year and month, or a date as digits.
fn period_end(period: i64) -> Option<Session> {
    let digits = i32::try_from(period).ok()?;
    match digits {
        1..=9999 => Session::from_ymd(digits + 1, 1, 1),
        100_001..=999_912 => {
            let (year, month) = (digits / 100, (digits % 100) as u32);
            Session::from_ymd(year, month, 1)?;
            if month == 12 {
                Session::from_ymd(year + 1, 1, 1)
            } else {
                Session::from_ymd(year, month + 1, 1)
            }
        }
        10_000_101..=99_991_231 => {
            let (year, rest) = (digits / 10_000, digits % 10_000);
            let day = Session::from_ymd(year, (rest / 100) as u32, (rest % 100) as u32)?;
            Some(day.plus_days(1))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_where_the_next_begins() {
        let end = |period| period_end(period).map(|day| day.to_string());
        assert_eq!(end(2023).as_deref(), Some("2024-01-01"));
        assert_eq!(end(202_312).as_deref(), Some("2024-01-01"));
        assert_eq!(end(202_402).as_deref(), Some("2024-03-01"));
        assert_eq!(end(20_240_228).as_deref(), Some("2024-02-29"));
        for period in [0, -1, 12_345, 202_313, 20_240_230, i64::MAX] {
            assert_eq!(end(period), None, "{period}");
        }
    }
}
