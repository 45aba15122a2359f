//! Expiry: versions leave the catalog, and the files that only they had are scheduled to go.
//!
//! What our own versions need is decided bundle by bundle. What DuckLake's snapshots show is another
//! matter: a snapshot that another bundle published shows this bundle, too, as it was then. So the
//! row of a file stays for as long as a snapshot shows the file, even when the file is gone: whoever
//! travels there with DuckDB is told that a file is missing, and is never handed fewer rows.

use std::collections::BTreeSet;

use rustybt_calendars::Timestamp;

use super::database::{Session, args};
use super::{BundleRow, Catalog, snapshot_time};
use crate::format::{Bound, Kind};
use crate::{Error, PinName};

/// A version, as far as it matters to whether it may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) version: u64,
    pub(crate) snapshot: u64,
    pub(crate) created: Timestamp,
    pub(crate) pins: Vec<PinName>,
}

/// What goes with some versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Expiry {
    pub(crate) versions: Vec<Candidate>,
    /// Files that no version that stays has.
    pub(crate) files: Vec<DeadFile>,
}

/// A file that no version has any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadFile {
    pub(crate) id: i64,
    /// Its path, relative to the data; empty where the catalog lost it.
    pub(crate) path: String,
    pub(crate) bytes: u64,
}

/// A file that is scheduled to be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scheduled {
    pub(crate) id: i64,
    pub(crate) path: String,
    /// Since when nobody needs it; `None` where the catalog does not say.
    pub(crate) since: Option<Timestamp>,
}

impl Catalog {
    /// The versions of a bundle, oldest first, each with its pins.
    pub(crate) fn candidates(&self, bundle: &BundleRow) -> Result<Vec<Candidate>, Error> {
        candidates(&self.database, bundle.id)
    }

    /// What would go if these versions did.
    pub(crate) fn plan_expiry(
        &self,
        bundle: &BundleRow,
        drop: &BTreeSet<u64>,
    ) -> Result<Expiry, Error> {
        plan(&self.database, bundle, drop)
    }

    /// Drops versions: everything in one transaction, or nothing.
    ///
    /// The newest version and those that are pinned by now stay, whatever was asked.
    pub(crate) fn expire(
        &self,
        bundle: &BundleRow,
        drop: &BTreeSet<u64>,
        now: Timestamp,
        before_commit: &dyn Fn(),
    ) -> Result<Expiry, Error> {
        self.database.write(|session| {
            let expiry = plan(session, bundle, drop)?;
            for version in &expiry.versions {
                forget_version(session, bundle, version)?;
            }
            for file in &expiry.files {
                schedule(session, file, now)?;
            }
            let shown = Shown::read(session)?;
            forget_files(session, bundle, &shown)?;
            forget_tables(session, bundle, &shown)?;
            before_commit();
            Ok(expiry)
        })
    }

    /// The files that wait to be deleted. Those that a version still has are left out: somebody
    /// else's expiry does not know of our versions.
    pub(crate) fn scheduled(&self) -> Result<Vec<Scheduled>, Error> {
        let rows = self.database.rows(
            "SELECT s.data_file_id, s.path, s.schedule_start \
             FROM ducklake_files_scheduled_for_deletion s \
             WHERE s.path_is_relative = TRUE AND NOT EXISTS \
             (SELECT 1 FROM rbt_chunk c WHERE c.data_file_id = s.data_file_id) \
             ORDER BY s.data_file_id",
            args![],
        )?;
        rows.iter()
            .map(|row| {
                let since = match Bound::parse(Kind::Instant, row.optional_text(2)?.unwrap_or("")) {
                    Some(Bound::Number(micros)) => Some(Timestamp::from_micros(micros)),
                    _ => None,
                };
                Ok(Scheduled { id: row.int(0)?, path: row.text(1)?.to_owned(), since })
            })
            .collect()
    }

    /// The paths of all files that wait to be deleted, relative to the data.
    pub(crate) fn waiting_paths(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT path FROM ducklake_files_scheduled_for_deletion \
                   WHERE path_is_relative = TRUE";
        let rows = self.database.rows(sql, args![])?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
    }

    /// Forgets files that are deleted.
    pub(crate) fn forget_scheduled(&self, files: &[Scheduled]) -> Result<(), Error> {
        self.database.write(|session| {
            for file in files {
                session.execute(
                    "DELETE FROM ducklake_files_scheduled_for_deletion \
                     WHERE data_file_id = ?1 AND path = ?2",
                    args![file.id, file.path.as_str()],
                )?;
            }
            Ok(())
        })
    }
}

fn candidates(session: &Session, bundle: i64) -> Result<Vec<Candidate>, Error> {
    let pins = super::pin::pins(session, bundle)?;
    let rows = session.rows(
        "SELECT version, snapshot_id, created_us FROM rbt_bundle_version \
         WHERE bundle_id = ?1 AND state = 'committed' ORDER BY version",
        args![bundle],
    )?;
    rows.iter()
        .map(|row| {
            let version = row.count(0)?;
            let own = pins.iter().filter(|pin| pin.version == version);
            Ok(Candidate {
                version,
                snapshot: row.count(1)?,
                created: Timestamp::from_micros(row.int(2)?),
                pins: own.map(|pin| pin.name.clone()).collect(),
            })
        })
        .collect()
}

fn plan(session: &Session, bundle: &BundleRow, drop: &BTreeSet<u64>) -> Result<Expiry, Error> {
    let all = candidates(session, bundle.id)?;
    let head = all.last().map(|newest| newest.version);
    let goes = |it: &Candidate| {
        drop.contains(&it.version) && it.pins.is_empty() && Some(it.version) != head
    };
    let (versions, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(goes);
    let kept = Shown { snapshots: kept.iter().map(|it| it.snapshot as i64).collect() };
    let mut files = Vec::new();
    session.each(
        "SELECT c.data_file_id, c.begin_snapshot, c.end_snapshot, r.dataset, f.path, \
         f.file_size_bytes FROM rbt_table r JOIN rbt_chunk c ON c.table_id = r.table_id \
         LEFT JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id \
         WHERE r.bundle_id = ?1 AND c.end_snapshot IS NOT NULL",
        args![bundle.id],
        |row| {
            if kept.shows(row.int(1)?, row.optional_int(2)?) {
                return Ok(());
            }
            let path = match row.optional_text(4)? {
                Some(path) => format!("{}/{}/{path}", bundle.name, row.text(3)?),
                None => String::new(),
            };
            let bytes = row.optional_int(5)?.unwrap_or(0) as u64;
            files.push(DeadFile { id: row.int(0)?, path, bytes });
            Ok(())
        },
    )?;
    Ok(Expiry { versions, files })
}

/// Some snapshots, in order.
struct Shown {
    snapshots: Vec<i64>,
}

impl Shown {
    /// Every snapshot there is.
    fn read(session: &Session) -> Result<Self, Error> {
        let sql = "SELECT snapshot_id FROM ducklake_snapshot ORDER BY snapshot_id";
        let rows = session.rows(sql, args![])?;
        Ok(Self { snapshots: rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()? })
    }

    /// Whether one of them lies in a span; one without an end lies in the present.
    fn shows(&self, begin: i64, end: Option<i64>) -> bool {
        let Some(end) = end else { return true };
        let at = self.snapshots.partition_point(|&snapshot| snapshot < begin);
        self.snapshots.get(at).is_some_and(|&snapshot| snapshot < end)
    }
}

/// The row stays, so that "as of" its time is answered with what happened to it.
fn forget_version(session: &Session, bundle: &BundleRow, it: &Candidate) -> Result<(), Error> {
    session.execute(
        "UPDATE rbt_bundle_version SET state = 'yanked' WHERE bundle_id = ?1 AND version = ?2",
        args![bundle.id, it.version],
    )?;
    // The last snapshot counts the identifiers that are given next.
    for sql in [
        "DELETE FROM ducklake_snapshot_changes WHERE snapshot_id = ?1 \
         AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
        "DELETE FROM ducklake_snapshot WHERE snapshot_id = ?1 \
         AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
    ] {
        session.execute(sql, args![it.snapshot])?;
    }
    Ok(())
}

fn schedule(session: &Session, file: &DeadFile, now: Timestamp) -> Result<(), Error> {
    if !file.path.is_empty() {
        session.execute(
            "INSERT INTO ducklake_files_scheduled_for_deletion(data_file_id, path, \
             path_is_relative, schedule_start) VALUES (?1, ?2, TRUE, ?3)",
            args![file.id, file.path.as_str(), snapshot_time(now.micros())],
        )?;
    }
    session.execute("DELETE FROM rbt_chunk WHERE data_file_id = ?1", args![file.id])?;
    Ok(())
}

/// Removes the rows of files that no version has and no snapshot shows.
fn forget_files(session: &Session, bundle: &BundleRow, shown: &Shown) -> Result<(), Error> {
    let rows = session.rows(
        "SELECT f.data_file_id, f.begin_snapshot, f.end_snapshot FROM rbt_table r \
         JOIN ducklake_data_file f ON f.table_id = r.table_id \
         WHERE r.bundle_id = ?1 AND f.end_snapshot IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM rbt_chunk c WHERE c.data_file_id = f.data_file_id)",
        args![bundle.id],
    )?;
    for row in rows {
        if shown.shows(row.int(1)?, row.optional_int(2)?) {
            continue;
        }
        for sql in [
            "DELETE FROM ducklake_file_column_stats WHERE data_file_id = ?1",
            "DELETE FROM ducklake_file_variant_stats WHERE data_file_id = ?1",
            "DELETE FROM ducklake_file_partition_value WHERE data_file_id = ?1",
            "DELETE FROM ducklake_data_file WHERE data_file_id = ?1",
        ] {
            session.execute(sql, args![row.int(0)?])?;
        }
    }
    Ok(())
}

/// Removes the rows of tables and columns that no snapshot shows.
fn forget_tables(session: &Session, bundle: &BundleRow, shown: &Shown) -> Result<(), Error> {
    let columns = session.rows(
        "SELECT c.table_id, c.column_id, c.begin_snapshot, c.end_snapshot FROM rbt_table r \
         JOIN ducklake_column c ON c.table_id = r.table_id \
         WHERE r.bundle_id = ?1 AND c.end_snapshot IS NOT NULL",
        args![bundle.id],
    )?;
    for row in columns {
        if !shown.shows(row.int(2)?, row.optional_int(3)?) {
            session.execute(
                "DELETE FROM ducklake_column \
                 WHERE table_id = ?1 AND column_id = ?2 AND begin_snapshot = ?3",
                args![row.int(0)?, row.int(1)?, row.int(2)?],
            )?;
        }
    }
    let tables = session.rows(
        "SELECT t.table_id, t.begin_snapshot, t.end_snapshot FROM rbt_table r \
         JOIN ducklake_table t ON t.table_id = r.table_id \
         WHERE r.bundle_id = ?1 AND t.end_snapshot IS NOT NULL",
        args![bundle.id],
    )?;
    for row in tables {
        if shown.shows(row.int(1)?, row.optional_int(2)?) {
            continue;
        }
        session.execute(
            "DELETE FROM ducklake_table WHERE table_id = ?1 AND begin_snapshot = ?2",
            args![row.int(0)?, row.int(1)?],
        )?;
        for sql in [
            "DELETE FROM ducklake_table_stats WHERE table_id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM ducklake_table t WHERE t.table_id = ?1)",
            "DELETE FROM ducklake_table_column_stats WHERE table_id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM ducklake_table t WHERE t.table_id = ?1)",
            "DELETE FROM ducklake_schema_versions WHERE table_id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM ducklake_table t WHERE t.table_id = ?1)",
            "DELETE FROM rbt_table WHERE table_id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM ducklake_table t WHERE t.table_id = ?1) AND NOT EXISTS \
             (SELECT 1 FROM rbt_archive a WHERE a.table_id = ?1)",
        ] {
            session.execute(sql, args![row.int(0)?])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_shown_by_a_snapshot_within_it() {
        let shown = Shown { snapshots: vec![2, 5] };
        assert!(shown.shows(2, Some(3)));
        assert!(shown.shows(1, Some(9)));
        assert!(shown.shows(9, None));
        assert!(!shown.shows(3, Some(5)));
        assert!(!shown.shows(6, Some(7)));
        assert!(!shown.shows(0, Some(2)));
    }
}
