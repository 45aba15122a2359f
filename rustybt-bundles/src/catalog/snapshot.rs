//! The tables and files of a bundle at a snapshot.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{BundleRow, Catalog};
use crate::Error;
use crate::chunk::{Chunk, Extent};
use crate::table::{Dataset, Scales};

/// A table at a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    pub(crate) id: i64,
    pub(crate) dataset: Dataset,
    pub(crate) scales: Scales,
    /// Its files, by part, period and time.
    pub(crate) chunks: Vec<Chunk>,
}

impl TableState {
    /// The files of one part and period, in order of time.
    pub(crate) fn segments(&self, part: i64, period: i64) -> &[Chunk] {
        let place = |chunk: &Chunk| (chunk.part, chunk.period);
        let from = self.chunks.partition_point(|chunk| place(chunk) < (part, period));
        let to = self.chunks.partition_point(|chunk| place(chunk) <= (part, period));
        self.chunks.get(from..to).unwrap_or_default()
    }
}

const TABLES: &str = "
    SELECT r.table_id, t.table_name, r.price_scale, r.size_scale
    FROM rbt_table r JOIN ducklake_table t ON t.table_id = r.table_id
    WHERE r.bundle_id = ?1 AND t.begin_snapshot <= ?2
      AND (t.end_snapshot IS NULL OR t.end_snapshot > ?2)";

const CHUNKS: &str = "
    SELECT c.table_id, c.part, c.period, c.data_file_id, f.path, c.rows, f.file_size_bytes,
           c.content_hash, c.file_hash, c.extents, c.segment
    FROM rbt_table r
    JOIN rbt_chunk c ON c.table_id = r.table_id
    JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id
    WHERE r.bundle_id = ?1 AND c.begin_snapshot <= ?2
      AND (c.end_snapshot IS NULL OR c.end_snapshot > ?2)
    ORDER BY c.table_id, c.part, c.period";

/// Every file of every version of a bundle.
const ALL_CHUNKS: &str = "
    SELECT c.table_id, c.part, c.period, c.data_file_id, f.path, c.rows, f.file_size_bytes,
           c.content_hash, c.file_hash, c.extents, c.segment, r.dataset
    FROM rbt_table r
    JOIN rbt_chunk c ON c.table_id = r.table_id
    JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id
    WHERE r.bundle_id = ?1 ORDER BY c.data_file_id";

impl Catalog {
    /// The tables of a bundle at a snapshot.
    pub(crate) fn tables(
        &self,
        bundle: &BundleRow,
        snapshot: u64,
    ) -> Result<Vec<TableState>, Error> {
        let fail = self.failing("read");
        let snapshot = snapshot as i64;
        let mut tables = BTreeMap::new();
        let mut statement = self.connection.prepare_cached(TABLES).map_err(&fail)?;
        let mut rows = statement.query(params![bundle.id, snapshot]).map_err(&fail)?;
        while let Some(row) = rows.next().map_err(&fail)? {
            let id: i64 = row.get(0).map_err(&fail)?;
            let name: String = row.get(1).map_err(&fail)?;
            let scales =
                Scales { price: row.get(2).map_err(&fail)?, size: row.get(3).map_err(&fail)? };
            let Some(dataset) = Dataset::from_name(&name) else {
                return Err(Error::corrupt(
                    &self.path,
                    format!("there is no kind of table `{name}`"),
                ));
            };
            tables.insert(id, TableState { id, dataset, scales, chunks: Vec::new() });
        }
        let mut statement = self.connection.prepare_cached(CHUNKS).map_err(&fail)?;
        let mut rows = statement.query(params![bundle.id, snapshot]).map_err(&fail)?;
        while let Some(row) = rows.next().map_err(&fail)? {
            let id: i64 = row.get(0).map_err(&fail)?;
            let Some(table) = tables.get_mut(&id) else {
                return Err(Error::corrupt(&self.path, format!("a file belongs to no table {id}")));
            };
            let chunk = self.chunk(bundle, table.dataset, row)?;
            table.chunks.push(chunk);
        }
        for table in tables.values_mut() {
            table.chunks.sort_by_cached_key(|chunk| (chunk.part, chunk.period, chunk.span()));
        }
        Ok(tables.into_values().collect())
    }

    /// Every file of every version of a bundle, each once.
    pub(crate) fn all_chunks(&self, bundle: &BundleRow) -> Result<Vec<Chunk>, Error> {
        let fail = self.failing("read");
        let mut chunks = Vec::new();
        let mut statement = self.connection.prepare_cached(ALL_CHUNKS).map_err(&fail)?;
        let mut rows = statement.query(params![bundle.id]).map_err(&fail)?;
        while let Some(row) = rows.next().map_err(&fail)? {
            let name: String = row.get(11).map_err(&fail)?;
            let Some(dataset) = Dataset::from_name(&name) else {
                return Err(Error::corrupt(
                    &self.path,
                    format!("there is no kind of table `{name}`"),
                ));
            };
            chunks.push(self.chunk(bundle, dataset, row)?);
        }
        Ok(chunks)
    }

    fn chunk(
        &self,
        bundle: &BundleRow,
        dataset: Dataset,
        row: &rusqlite::Row<'_>,
    ) -> Result<Chunk, Error> {
        let fail = self.failing("read");
        let relative: String = row.get(4).map_err(&fail)?;
        let extents: Vec<u8> = row.get(9).map_err(&fail)?;
        let extents = Extent::from_blob(&extents).ok_or_else(|| {
            Error::corrupt(&self.path, format!("the extents of `{relative}` are cut short"))
        })?;
        let rows: i64 = row.get(5).map_err(&fail)?;
        let bytes: i64 = row.get(6).map_err(&fail)?;
        Ok(Chunk {
            part: row.get(1).map_err(&fail)?,
            period: row.get(2).map_err(&fail)?,
            segment: row.get(10).map_err(&fail)?,
            file: row.get(3).map_err(&fail)?,
            path: self.layout.file(&bundle.name, dataset, &relative),
            rows: rows as usize,
            bytes: bytes as u64,
            content_hash: row.get(7).map_err(&fail)?,
            file_hash: row.get(8).map_err(&fail)?,
            extents,
        })
    }
}
