//! Publishing: one short transaction that makes a snapshot, and with it a version, of everything
//! an ingest changed.
//!
//! The files are on disk by then, synced, under names that were never used before. The transaction
//! re-reads the bundle's head; if somebody else moved it, nothing is published.

use rusqlite::{Transaction, TransactionBehavior, params};
use rustybt_calendars::{Session, Timestamp};
use uuid::Uuid;

use super::{Catalog, failing, snapshot_time};
use crate::chunk::{Chunk, Extent};
use crate::format::{Bound, ColumnSpec, ColumnStats, Kind};
use crate::table::{BUCKET, Dataset, Placement, Scales};
use crate::{BundleName, Error};

/// What an ingest changes.
#[derive(Debug)]
pub(crate) struct Commit<'a> {
    pub(crate) bundle: i64,
    pub(crate) name: &'a BundleName,
    /// The version the ingest was based on.
    pub(crate) base: Option<u64>,
    pub(crate) now: Timestamp,
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
}

/// A new file.
#[derive(Debug)]
pub(crate) struct NewChunk {
    pub(crate) part: i64,
    pub(crate) period: i64,
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
    pub(crate) fn publish(&mut self, commit: &Commit<'_>) -> Result<Published, Error> {
        let fail = failing("publish to", &self.path);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&fail)?;
        let head: Option<i64> = transaction
            .query_row(
                "SELECT head_version FROM rbt_bundle WHERE bundle_id = ?1",
                params![commit.bundle],
                |row| row.get(0),
            )
            .map_err(&fail)?;
        let head = head.map(|head| head as u64);
        if head != commit.base {
            return Err(Error::Conflict { name: commit.name.clone(), base: commit.base, head });
        }
        let published = Publication::begin(&transaction, commit)
            .and_then(|publication| publication.run(commit))
            .map_err(&fail)?;
        transaction.commit().map_err(&fail)?;
        Ok(published)
    }
}

/// A snapshot in the making.
struct Publication<'t> {
    transaction: &'t Transaction<'t>,
    snapshot: i64,
    created_us: i64,
    schema_version: i64,
    next_catalog: i64,
    next_file: i64,
    changes: Vec<String>,
}

type Sql<T> = rusqlite::Result<T>;

impl<'t> Publication<'t> {
    fn begin(transaction: &'t Transaction<'t>, commit: &Commit<'_>) -> Sql<Self> {
        let (last, time, schema_version, next_catalog, next_file) = transaction.query_row(
            "SELECT snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id \
             FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
            [],
            |row| {
                let time: String = row.get(1)?;
                Ok((row.get::<_, i64>(0)?, time, row.get(2)?, row.get(3)?, row.get(4)?))
            },
        )?;
        // "As of" must find one answer even when a clock was set back.
        let created_us = match Bound::parse(Kind::Instant, &time) {
            Some(Bound::Number(previous)) => commit.now.micros().max(previous + 1),
            _ => commit.now.micros(),
        };
        Ok(Self {
            transaction,
            snapshot: last + 1,
            created_us,
            schema_version,
            next_catalog,
            next_file,
            changes: Vec::new(),
        })
    }

    fn run(mut self, commit: &Commit<'_>) -> Sql<Published> {
        let schema = self.schema(commit)?;
        let mut schema_changed = !self.changes.is_empty();
        for change in &commit.tables {
            if let Some(dropped) = change.dropped {
                self.drop_table(dropped)?;
                schema_changed = true;
            }
        }
        for change in &commit.tables {
            let columns = change.dataset.columns(change.scales);
            let table = if let Some(table) = change.table {
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
    fn schema(&mut self, commit: &Commit<'_>) -> Sql<i64> {
        let schema: Option<i64> = self.transaction.query_row(
            "SELECT schema_id FROM rbt_bundle WHERE bundle_id = ?1",
            params![commit.bundle],
            |row| row.get(0),
        )?;
        if let Some(schema) = schema {
            return Ok(schema);
        }
        let schema = self.catalog_id();
        let name = commit.name.as_str();
        self.transaction.execute(
            "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, path, \
             path_is_relative) VALUES (?1, ?2, ?3, ?4, ?5, 1)",
            params![schema, Uuid::new_v4().to_string(), self.snapshot, name, format!("{name}/")],
        )?;
        self.transaction.execute(
            "UPDATE rbt_bundle SET schema_id = ?2 WHERE bundle_id = ?1",
            params![commit.bundle, schema],
        )?;
        self.changes.push(format!("created_schema:\"{name}\""));
        Ok(schema)
    }

    fn drop_table(&mut self, table: i64) -> Sql<()> {
        for sql in [
            "UPDATE ducklake_table SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_column SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE ducklake_data_file SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
            "UPDATE rbt_chunk SET end_snapshot = ?2 WHERE table_id = ?1 AND end_snapshot IS NULL",
        ] {
            self.transaction.execute(sql, params![table, self.snapshot])?;
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
    ) -> Sql<i64> {
        let table = self.catalog_id();
        let name = change.dataset.name();
        self.transaction.execute(
            "INSERT INTO ducklake_table(table_id, table_uuid, begin_snapshot, schema_id, table_name, \
             path, path_is_relative) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
            params![
                table,
                Uuid::new_v4().to_string(),
                self.snapshot,
                schema,
                name,
                format!("{name}/")
            ],
        )?;
        self.transaction.execute(
            "INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version, table_id) \
             VALUES (?1, ?2, ?3)",
            params![self.snapshot, self.schema_version + 1, table],
        )?;
        self.transaction.execute(
            "INSERT INTO ducklake_table_stats(table_id, record_count, next_row_id, file_size_bytes) \
             VALUES (?1, 0, 0, 0)",
            params![table],
        )?;
        for (id, column) in (1_i64..).zip(columns) {
            self.transaction.execute(
                "INSERT INTO ducklake_column(column_id, begin_snapshot, table_id, column_order, \
                 column_name, column_type, default_value, nulls_allowed, default_value_type, \
                 default_value_dialect) VALUES (?1, ?2, ?3, ?1, ?4, ?5, 'NULL', 1, 'literal', 'duckdb')",
                params![id, self.snapshot, table, column.name, column.kind.ducklake()],
            )?;
            self.transaction.execute(
                "INSERT INTO ducklake_table_column_stats(table_id, column_id, contains_null) \
                 VALUES (?1, ?2, 0)",
                params![table, id],
            )?;
        }
        let frequency = match change.dataset {
            Dataset::Bars(frequency) => Some(frequency.to_string()),
            _ => None,
        };
        let (placement, bucket) = match change.dataset.placement() {
            Placement::Panel => ("panel", Some(BUCKET)),
            Placement::Series => ("series", None),
            Placement::Whole => ("whole", None),
        };
        self.transaction.execute(
            "INSERT INTO rbt_table(table_id, bundle_id, dataset, frequency, placement, bucket_size, \
             price_precision, price_scale, size_precision, size_scale, ts_meaning, sort_key) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 18, ?7, 18, ?8, ?9, ?10)",
            params![
                table,
                commit.bundle,
                name,
                frequency,
                placement,
                bucket,
                change.scales.price,
                change.scales.size,
                change.dataset.is_bars().then_some("open"),
                change.dataset.sort_key(),
            ],
        )?;
        self.changes.push(format!("created_table:\"{}\".\"{name}\"", commit.name));
        Ok(table)
    }

    fn end_chunks(&mut self, table: i64, ended: &[&Chunk]) -> Sql<()> {
        let mut file = self.transaction.prepare_cached(
            "UPDATE ducklake_data_file SET end_snapshot = ?2 WHERE data_file_id = ?1",
        )?;
        let mut chunk = self.transaction.prepare_cached(
            "UPDATE rbt_chunk SET end_snapshot = ?2 WHERE data_file_id = ?1 AND end_snapshot IS NULL",
        )?;
        for ended in ended {
            file.execute(params![ended.file, self.snapshot])?;
            chunk.execute(params![ended.file, self.snapshot])?;
        }
        if !ended.is_empty() {
            self.changes.push(format!("deleted_from_table:{table}"));
        }
        Ok(())
    }

    fn add_chunks(
        &mut self,
        table: i64,
        columns: &[ColumnSpec],
        change: &TableChange<'_>,
    ) -> Sql<()> {
        let mut row_id: i64 = self.transaction.query_row(
            "SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?1",
            params![table],
            |row| row.get(0),
        )?;
        for chunk in &change.added {
            let file = self.next_file;
            self.next_file += 1;
            self.add_chunk(table, file, row_id, columns, chunk, change.dataset)?;
            row_id += chunk.rows as i64;
        }
        if !change.added.is_empty() {
            self.widen_stats(table, columns, &change.added)?;
            self.changes.push(format!("inserted_into_table:{table}"));
        }
        self.transaction.execute(
            "UPDATE ducklake_table_stats SET next_row_id = ?2, \
             (record_count, file_size_bytes) = (SELECT coalesce(sum(record_count), 0), \
             coalesce(sum(file_size_bytes), 0) FROM ducklake_data_file \
             WHERE table_id = ?1 AND end_snapshot IS NULL) WHERE table_id = ?1",
            params![table, row_id],
        )?;
        Ok(())
    }

    fn add_chunk(
        &self,
        table: i64,
        file: i64,
        row_id: i64,
        columns: &[ColumnSpec],
        chunk: &NewChunk,
        dataset: Dataset,
    ) -> Sql<()> {
        let rows = chunk.rows as i64;
        self.transaction
            .prepare_cached(
                "INSERT INTO ducklake_data_file(data_file_id, table_id, begin_snapshot, path, \
                 path_is_relative, file_format, record_count, file_size_bytes, footer_size, \
                 row_id_start) VALUES (?1, ?2, ?3, ?4, 1, 'parquet', ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                file,
                table,
                self.snapshot,
                chunk.path,
                rows,
                chunk.bytes as i64,
                chunk.footer,
                row_id
            ])?;
        let mut stats = self.transaction.prepare_cached(
            "INSERT INTO ducklake_file_column_stats(data_file_id, table_id, column_id, \
             column_size_bytes, value_count, null_count, min_value, max_value) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for ((id, column), found) in (1_i64..).zip(columns).zip(&chunk.stats) {
            let missing = found.missing as i64;
            let text = |bound: &Bound| bound.format(column.kind);
            stats.execute(params![
                file,
                table,
                id,
                found.bytes,
                rows - missing,
                missing,
                found.bounds.as_ref().map(|bounds| text(&bounds.0)),
                found.bounds.as_ref().map(|bounds| text(&bounds.1)),
            ])?;
        }
        // Days become microseconds here, so that the catalog speaks of time in one unit.
        let micros = |stamp: i64| if dataset.is_intraday() { stamp } else { stamp * DAY_US };
        self.transaction
            .prepare_cached(
                "INSERT INTO rbt_chunk(table_id, part, period, begin_snapshot, data_file_id, \
                 content_hash, file_hash, rows, ts_min_us, ts_max_us, extents) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                table,
                chunk.part,
                chunk.period,
                self.snapshot,
                file,
                chunk.content_hash,
                chunk.file_hash,
                rows,
                chunk.extents.iter().map(|extent| micros(extent.first)).min(),
                chunk.extents.iter().map(|extent| micros(extent.last)).max(),
                Extent::to_blob(&chunk.extents),
            ])?;
        Ok(())
    }

    /// Widens the table's statistics: they cover every file that ever belonged to it.
    fn widen_stats(&self, table: i64, columns: &[ColumnSpec], added: &[&NewChunk]) -> Sql<()> {
        for (at, (id, column)) in (1_i64..).zip(columns).enumerate() {
            let stats = added.iter().filter_map(|chunk| chunk.stats.get(at));
            let missing = stats.clone().any(|found| found.missing > 0);
            let (low, high): (Option<String>, Option<String>) = self.transaction.query_row(
                "SELECT min_value, max_value FROM ducklake_table_column_stats \
                 WHERE table_id = ?1 AND column_id = ?2",
                params![table, id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let parse = |text: Option<String>| Bound::parse(column.kind, &text?);
            let bounds = stats.filter_map(|found| found.bounds.as_ref());
            let low = bounds.clone().map(|bounds| bounds.0.clone()).chain(parse(low)).min();
            let high = bounds.map(|bounds| bounds.1.clone()).chain(parse(high)).max();
            self.transaction.execute(
                "UPDATE ducklake_table_column_stats SET contains_null = max(contains_null, ?3), \
                 min_value = ?4, max_value = ?5 WHERE table_id = ?1 AND column_id = ?2",
                params![
                    table,
                    id,
                    missing,
                    low.map(|bound| bound.format(column.kind)),
                    high.map(|bound| bound.format(column.kind))
                ],
            )?;
        }
        Ok(())
    }

    /// The snapshot, the version, and the swap of the head.
    fn finish(self, commit: &Commit<'_>) -> Sql<Published> {
        let version = commit.base.unwrap_or(0) + 1;
        self.transaction.execute(
            "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, \
             next_catalog_id, next_file_id) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                self.snapshot,
                snapshot_time(self.created_us),
                self.schema_version,
                self.next_catalog,
                self.next_file
            ],
        )?;
        self.transaction.execute(
            "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made, author, \
             commit_message, commit_extra_info) VALUES (?1, ?2, 'rustybt', ?3, ?4)",
            params![
                self.snapshot,
                self.changes.join(","),
                format!("{} version {version}", commit.name),
                commit.source
            ],
        )?;
        let midnight = |session: Option<Session>| session.map(|s| s.midnight().micros());
        self.transaction.execute(
            "INSERT INTO rbt_bundle_version(bundle_id, version, snapshot_id, parent_version, \
             created_us, data_from_us, data_to_us, assets, source_json, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'committed')",
            params![
                commit.bundle,
                version as i64,
                self.snapshot,
                commit.base.map(|base| base as i64),
                self.created_us,
                midnight(commit.first),
                midnight(commit.last),
                commit.assets as i64,
                commit.source
            ],
        )?;
        self.transaction.execute(
            "UPDATE rbt_bundle SET head_version = ?2 WHERE bundle_id = ?1",
            params![commit.bundle, version as i64],
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

const DAY_US: i64 = 86_400_000_000;
