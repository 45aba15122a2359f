//! The files of a table in a snapshot: which end, which are new, and the statistics of both.

use super::{NewChunk, Publication, TableChange};
use crate::Error;
use crate::catalog::database::args;
use crate::chunk::{Chunk, Extent};
use crate::format::{Bound, ColumnSpec, Kind};
use crate::table::Dataset;

impl Publication<'_> {
    pub(super) fn end_chunks(&mut self, table: i64, ended: &[&Chunk]) -> Result<(), Error> {
        for ended in ended {
            let sql = "UPDATE ducklake_data_file SET end_snapshot = ?2 WHERE data_file_id = ?1";
            self.session.execute(sql, args![ended.file, self.snapshot])?;
            let sql = "UPDATE rbt_chunk SET end_snapshot = ?2 \
                       WHERE data_file_id = ?1 AND end_snapshot IS NULL";
            self.session.execute(sql, args![ended.file, self.snapshot])?;
        }
        if !ended.is_empty() {
            self.changes.push(format!("deleted_from_table:{table}"));
        }
        Ok(())
    }

    pub(super) fn add_chunks(
        &mut self,
        table: i64,
        columns: &[ColumnSpec],
        change: &TableChange<'_>,
    ) -> Result<(), Error> {
        let sql = "SELECT next_row_id FROM ducklake_table_stats WHERE table_id = ?1";
        let mut row_id = self.session.only(sql, args![table])?.int(0)?;
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
        self.session.execute(
            "UPDATE ducklake_table_stats SET next_row_id = ?2, \
             (record_count, file_size_bytes) = (SELECT \
             CAST(coalesce(sum(record_count), 0) AS BIGINT), \
             CAST(coalesce(sum(file_size_bytes), 0) AS BIGINT) FROM ducklake_data_file \
             WHERE table_id = ?1 AND end_snapshot IS NULL) WHERE table_id = ?1",
            args![table, row_id],
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
    ) -> Result<(), Error> {
        let rows = chunk.rows as i64;
        self.session.execute(
            "INSERT INTO ducklake_data_file(data_file_id, table_id, begin_snapshot, path, \
             path_is_relative, file_format, record_count, file_size_bytes, footer_size, \
             row_id_start) VALUES (?1, ?2, ?3, ?4, TRUE, 'parquet', ?5, ?6, ?7, ?8)",
            args![file, table, self.snapshot, &chunk.path, rows, chunk.bytes, chunk.footer, row_id],
        )?;
        for ((id, column), found) in (1_i64..).zip(columns).zip(&chunk.stats) {
            let missing = found.missing as i64;
            let text = |bound: &Bound| bound.format(column.kind);
            self.session.execute(
                "INSERT INTO ducklake_file_column_stats(data_file_id, table_id, column_id, \
                 column_size_bytes, value_count, null_count, min_value, max_value, contains_nan) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                args![
                    file,
                    table,
                    id,
                    found.bytes,
                    rows - missing,
                    missing,
                    found.bounds.as_ref().map(|bounds| text(&bounds.0)),
                    found.bounds.as_ref().map(|bounds| text(&bounds.1)),
                    (column.kind == Kind::Double).then_some(found.nan),
                ],
            )?;
        }
        // Days become microseconds here, so that the catalog speaks of time in one unit.
        let micros = |stamp: i64| if dataset.is_intraday() { stamp } else { stamp * DAY_US };
        self.session.execute(
            "INSERT INTO rbt_chunk(table_id, part, period, segment, begin_snapshot, \
             data_file_id, content_hash, file_hash, rows, ts_min_us, ts_max_us, extents) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            args![
                table,
                chunk.part,
                chunk.period,
                chunk.segment,
                self.snapshot,
                file,
                chunk.content_hash,
                chunk.file_hash,
                rows,
                chunk.extents.iter().map(|extent| micros(extent.first)).min(),
                chunk.extents.iter().map(|extent| micros(extent.last)).max(),
                Extent::to_blob(&chunk.extents),
            ],
        )?;
        Ok(())
    }

    /// Widens the table's statistics: they cover every file that ever belonged to it.
    fn widen_stats(
        &self,
        table: i64,
        columns: &[ColumnSpec],
        added: &[&NewChunk],
    ) -> Result<(), Error> {
        for (at, (id, column)) in (1_i64..).zip(columns).enumerate() {
            let stats = added.iter().filter_map(|chunk| chunk.stats.get(at));
            // A file may lack the last columns: they are missing in it.
            let missing = stats.clone().any(|found| found.missing > 0)
                || added.iter().any(|chunk| chunk.stats.len() <= at);
            let nan = (column.kind == Kind::Double).then(|| stats.clone().any(|found| found.nan));
            let known = self.session.only(
                "SELECT min_value, max_value FROM ducklake_table_column_stats \
                 WHERE table_id = ?1 AND column_id = ?2",
                args![table, id],
            )?;
            let (low, high) = (known.optional_text(0)?, known.optional_text(1)?);
            let parse = |text: Option<&str>| Bound::parse(column.kind, text?);
            let bounds = stats.filter_map(|found| found.bounds.as_ref());
            let low = bounds.clone().map(|bounds| bounds.0.clone()).chain(parse(low)).min();
            let high = bounds.map(|bounds| bounds.1.clone()).chain(parse(high)).max();
            self.session.execute(
                "UPDATE ducklake_table_column_stats SET \
                 contains_null = CASE WHEN ?3 THEN TRUE ELSE contains_null END, \
                 min_value = ?4, max_value = ?5, \
                 contains_nan = CASE WHEN contains_nan THEN TRUE ELSE ?6 END \
                 WHERE table_id = ?1 AND column_id = ?2",
                args![
                    table,
                    id,
                    missing,
                    low.map(|bound| bound.format(column.kind)),
                    high.map(|bound| bound.format(column.kind)),
                    nan,
                ],
            )?;
        }
        Ok(())
    }
}

const DAY_US: i64 = 86_400_000_000;
