//! Publishing: one short transaction that makes a snapshot, and with it a version, of everything
//! an ingest changed.
//!
//! The files are on disk by then, synced, under names that were never used before. The transaction
//! re-reads the bundle's head; if somebody else moved it, nothing is published.

mod columns;
mod file;

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::database::{Session as Sql, args};
use super::migrate::SUMS;
use super::{Begun, Catalog, Claim, snapshot_time};
use crate::chunk::{Chunk, Extent};
use crate::decimals::Scales;
use crate::format::{Bound, ColumnSpec, ColumnStats, Kind};
use crate::records::RecordColumns;
use crate::step::Step;
use crate::table::{BUCKET, Dataset, Placement};
use crate::{BundleName, Error};

/// What an ingest changes.
#[derive(Debug)]
pub(crate) struct Commit<'a> {
    pub(crate) bundle: i64,
    pub(crate) name: &'a BundleName,
    /// The version the ingest was based on.
    pub(crate) base: Option<u64>,
    pub(crate) now: Timestamp,
    /// What entitles it to publish.
    pub(crate) claim: Claim<'a>,
    /// The job that is done with it.
    pub(crate) job: Option<Begun>,
    pub(crate) source: String,
    pub(crate) first: Option<Session>,
    pub(crate) last: Option<Session>,
    pub(crate) assets: u64,
    pub(crate) tables: Vec<TableChange<'a>>,
}

/// What changes in one table.
#[derive(Debug)]
pub(crate) struct TableChange<'a> {
    pub(crate) dataset: Dataset,
    pub(crate) scales: Scales,
    /// The table there is; `None` to make one.
    pub(crate) table: Option<i64>,
    /// The table of the same name that is dropped, because its numbers have too few digits.
    pub(crate) dropped: Option<i64>,
    /// Files that are no longer part of it.
    pub(crate) ended: Vec<&'a Chunk>,
    /// Files that are new.
    pub(crate) added: Vec<&'a NewChunk>,
    /// The columns that the table has already; the others come after these.
    pub(crate) known: usize,
    /// The columns of a table with a schema of its own.
    pub(crate) records: Option<&'a RecordColumns>,
}

impl TableChange<'_> {
    fn columns(&self) -> Vec<ColumnSpec> {
        match self.records {
            Some(records) => records.specs.clone(),
            None => self.dataset.columns(self.scales),
        }
    }
}

/// A new file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct NewChunk {
    pub(crate) part: i64,
    pub(crate) period: i64,
    pub(crate) segment: i64,
    /// Its path, relative to its table.
    pub(crate) path: String,
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
    pub(crate) footer: u32,
    pub(crate) stats: Vec<ColumnStats>,
    pub(crate) content_hash: [u8; 32],
    pub(crate) file_hash: [u8; 32],
    pub(crate) extents: Vec<Extent>,
}

/// What was published.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Published {
    pub(crate) version: u64,
    pub(crate) snapshot: u64,
    pub(crate) created: Timestamp,
}

impl Catalog {
    /// Publishes a version.
    pub(crate) fn publish(&self, commit: &Commit<'_>) -> Result<Published, Error> {
        let vfs = self.layout.vfs_shared();
        vfs.reached(Step::CommitBegin);
        let published = self.database.write(|session| {
            // Its number may be another bundle's by now, where this one was forgotten because
            // another first ingest of it failed.
            let sql = "SELECT head_version FROM rbt_bundle WHERE bundle_id = ?1 AND name = ?2";
            let found = session.row(sql, args![commit.bundle, commit.name.as_str()])?;
            if found.is_some() {
                commit.claim.redeem(session, commit.name, commit.bundle)?;
            }
            let head = found.as_ref().map(|row| row.optional_int(0)).transpose()?.flatten();
            let head = head.map(|head| head as u64);
            if found.is_none() || head != commit.base {
                let (name, base) = (commit.name.clone(), commit.base);
                return Err(Error::Conflict { name, base, head });
            }
            if let Some(job) = commit.job {
                job.done(session, commit.now)?;
            }
            let published = Publication::begin(session, commit)?.run(commit)?;
            let snapshot = published.snapshot;
            let tables = self.tables_at(session, commit.bundle, commit.name, snapshot)?;
            self.seal(session, commit.bundle, snapshot, &tables)?;
            vfs.reached(Step::CommitBefore);
            Ok(published)
        })?;
        vfs.reached(Step::CommitAfter);
        Ok(published)
    }
}

/// A snapshot in the making.
struct Publication<'t> {
    session: &'t Sql,
    snapshot: i64,
    created_us: i64,
    schema_version: i64,
    next_catalog: i64,
    next_file: i64,
    changes: Vec<String>,
}

impl<'t> Publication<'t> {
    fn begin(session: &'t Sql, commit: &Commit<'_>) -> Result<Self, Error> {
        let last = session.only(
            "SELECT snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id \
             FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
            args![],
        )?;
        // "As of" must find one answer even when a clock was set back.
        let created_us = match Bound::parse(Kind::Instant, last.text(1)?) {
            Some(Bound::Number(previous)) => commit.now.micros().max(previous + 1),
            _ => commit.now.micros(),
        };
        Ok(Self {
            session,
            snapshot: last.int(0)? + 1,
            created_us,
            schema_version: last.int(2)?,
            next_catalog: last.int(3)?,
            next_file: last.int(4)?,
            changes: Vec::new(),
        })
    }

    fn run(mut self, commit: &Commit<'_>) -> Result<Published, Error> {
        let schema = self.schema(commit)?;
        let mut schema_changed = !self.changes.is_empty();
        for change in &commit.tables {
            if let Some(dropped) = change.dropped {
                self.drop_table(dropped)?;
                schema_changed = true;
            }
        }
        for change in &commit.tables {
            let columns = change.columns();
            let table = if let Some(table) = change.table {
                schema_changed |= self.add_columns(table, &columns, change.known)?;
                table
            } else {
                schema_changed = true;
                self.create_table(commit, schema, change, &columns)?
            };
            self.end_chunks(table, &change.ended)?;
            self.add_chunks(table, &columns, change)?;
        }
        self.schema_version += i64::from(schema_changed);
        self.finish(commit)
    }

    /// The bundle's schema, made with its first version.
    fn schema(&mut self, commit: &Commit<'_>) -> Result<i64, Error> {
        let sql = "SELECT schema_id FROM rbt_bundle WHERE bundle_id = ?1";
        if let Some(schema) = self.session.only(sql, args![commit.bundle])?.optional_int(0)? {
            return Ok(schema);
        }
        let schema = self.catalog_id();
        let name = commit.name.as_str();
        self.session.execute(
            "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, path, \
             path_is_relative) VALUES (?1, ?2, ?3, ?4, ?5, TRUE)",
            args![schema, Uuid::new_v4().to_string(), self.snapshot, name, format!("{name}/")],
        )?;
        self.session.execute(
            "UPDATE rbt_bundle SET schema_id = ?2 WHERE bundle_id = ?1",
            args![commit.bundle, schema],
        )?;
        self.changes.push(format!("created_schema:\"{name}\""));
        Ok(schema)
    }

    fn drop_table(&mut self, table: i64) -> Result<(), Error> {
        for sql in [
            "UPDATE ducklake_table SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_column SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_data_file SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE rbt_chunk SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
        ] {
            self.session.execute(sql, args![table, self.snapshot])?;
        }
        self.changes.push(format!("dropped_table:{table}"));
        Ok(())
    }

    fn create_table(
        &mut self,
        commit: &Commit<'_>,
        schema: i64,
        change: &TableChange<'_>,
        columns: &[ColumnSpec],
    ) -> Result<i64, Error> {
        let table = self.catalog_id();
        let name = change.dataset.name();
        self.session.execute(
            "INSERT INTO ducklake_table(table_id, table_uuid, begin_snapshot, schema_id, table_name, \
             path, path_is_relative) VALUES (?1, ?2, ?3, ?4, ?5, ?6, TRUE)",
            args![
                table,
                Uuid::new_v4().to_string(),
                self.snapshot,
                schema,
                name,
                format!("{name}/")
            ],
        )?;
        self.session.execute(
            "INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version, table_id) \
             VALUES (?1, ?2, ?3)",
            args![self.snapshot, self.schema_version + 1, table],
        )?;
        self.session.execute(
            "INSERT INTO ducklake_table_stats(table_id, record_count, next_row_id, file_size_bytes) \
             VALUES (?1, 0, 0, 0)",
            args![table],
        )?;
        for (id, column) in (1_i64..).zip(columns) {
            self.add_column(table, id, column, false)?;
        }
        let frequency = match change.dataset {
            Dataset::Bars(frequency) => Some(frequency.to_string()),
            _ => None,
        };
        let placement = change.dataset.placement();
        let sort_key = change.records.map_or(change.dataset.sort_key(), |it| &it.sort_key);
        self.session.execute(
            "INSERT INTO rbt_table(table_id, bundle_id, dataset, frequency, placement, bucket_size, \
             price_precision, price_scale, size_precision, size_scale, ts_meaning, sort_key, \
             columns_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            args![
                table,
                commit.bundle,
                name,
                frequency,
                placement.name(),
                (placement == Placement::Panel).then_some(BUCKET),
                change.scales.price.precision(),
                change.scales.price.scale,
                change.scales.size.precision(),
                change.scales.size.scale,
                change.dataset.is_bars().then_some("open"),
                sort_key,
                change.records.map(RecordColumns::json),
            ],
        )?;
        self.changes.push(format!("created_table:\"{}\".\"{name}\"", commit.name));
        Ok(table)
    }

    /// The snapshot, the version, and the swap of the head.
    fn finish(self, commit: &Commit<'_>) -> Result<Published, Error> {
        let version = commit.base.unwrap_or(0) + 1;
        self.session.execute(
            "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, \
             next_catalog_id, next_file_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            args![
                self.snapshot,
                snapshot_time(self.created_us),
                self.schema_version,
                self.next_catalog,
                self.next_file
            ],
        )?;
        self.session.execute(
            "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made, author, \
             commit_message, commit_extra_info) VALUES (?1, ?2, 'rustybt', ?3, ?4)",
            args![
                self.snapshot,
                self.changes.join(","),
                format!("{} version {version}", commit.name),
                &commit.source
            ],
        )?;
        let midnight = |session: Option<Session>| session.map(|s| s.midnight().micros());
        self.session.execute(
            "INSERT INTO rbt_bundle_version(bundle_id, version, snapshot_id, parent_version, \
             created_us, data_from_us, data_to_us, assets, source_json, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'committed')",
            args![
                commit.bundle,
                version as i64,
                self.snapshot,
                commit.base.map(|base| base as i64),
                self.created_us,
                midnight(commit.first),
                midnight(commit.last),
                commit.assets as i64,
                &commit.source
            ],
        )?;
        self.session.batch(SUMS)?;
        self.session.execute(
            "UPDATE rbt_bundle SET head_version = ?2 WHERE bundle_id = ?1",
            args![commit.bundle, version as i64],
        )?;
        Ok(Published {
            version,
            snapshot: self.snapshot as u64,
            created: Timestamp::from_micros(self.created_us),
        })
    }

    fn catalog_id(&mut self) -> i64 {
        let id = self.next_catalog;
        self.next_catalog += 1;
        id
    }
}
