//! The tables and files of a bundle at a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::database::{Row, Session, args};
use super::{BundleRow, Catalog};
use crate::chunk::{Chunk, Extent};
use crate::records::{RecordSet, RecordState};
use crate::table::{Dataset, Scales};
use crate::{BundleName, Error};

/// A table at a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    pub(crate) id: i64,
    pub(crate) dataset: Dataset,
    pub(crate) scales: Scales,
    /// Its columns, where it has a schema of its own.
    pub(crate) records: Option<Arc<RecordState>>,
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
    SELECT r.table_id, t.table_name, r.price_scale, r.size_scale, r.columns_json
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
    /// The tables of a version, as they were when it was published.
    pub(crate) fn tables(
        &self,
        bundle: &BundleRow,
        snapshot: u64,
    ) -> Result<Vec<TableState>, Error> {
        let tables = self.tables_at(&self.database, bundle.id, &bundle.name, snapshot)?;
        self.check_seal(&self.database, bundle.id, snapshot, &tables)?;
        Ok(tables)
    }

    /// The tables of a bundle at a snapshot.
    pub(super) fn tables_at(
        &self,
        session: &Session,
        bundle: i64,
        name: &BundleName,
        snapshot: u64,
    ) -> Result<Vec<TableState>, Error> {
        let mut tables = BTreeMap::new();
        let mut schemas = Vec::new();
        session.each(TABLES, args![bundle, snapshot], |row| {
            let (id, dataset) = (row.int(0)?, self.dataset(row.text(1)?)?);
            let scales = Scales { price: scale(row, 2)?, size: scale(row, 3)? };
            let state = TableState { id, dataset, scales, records: None, chunks: Vec::new() };
            tables.insert(id, state);
            if dataset.records().is_some() {
                schemas.push((id, row.optional_text(4)?.unwrap_or_default().to_owned()));
            }
            Ok(())
        })?;
        for (id, schema) in schemas {
            let records = self.record_state(session, id, snapshot, &schema)?;
            if let (Some(table), Some(set)) = (tables.get_mut(&id), RecordSet::of(&records.schema))
            {
                table.dataset = Dataset::Records(set);
                table.records = Some(Arc::new(records));
            }
        }
        session.each(CHUNKS, args![bundle, snapshot], |row| {
            let id = row.int(0)?;
            let Some(table) = tables.get_mut(&id) else {
                return Err(self.corrupt(format!("a file belongs to no table {id}")));
            };
            let chunk = self.chunk(name, table.dataset, row)?;
            table.chunks.push(chunk);
            Ok(())
        })?;
        for table in tables.values_mut() {
            table.chunks.sort_by_cached_key(|chunk| (chunk.part, chunk.period, chunk.span()));
        }
        Ok(tables.into_values().collect())
    }

    /// Every file of every version of a bundle, each once.
    pub(crate) fn all_chunks(&self, bundle: &BundleRow) -> Result<Vec<Chunk>, Error> {
        let mut chunks = Vec::new();
        self.database.each(ALL_CHUNKS, args![bundle.id], |row| {
            let dataset = self.dataset(row.text(11)?)?;
            chunks.push(self.chunk(&bundle.name, dataset, row)?);
            Ok(())
        })?;
        Ok(chunks)
    }

    fn dataset(&self, name: &str) -> Result<Dataset, Error> {
        Dataset::from_name(name)
            .ok_or_else(|| self.corrupt(format!("there is no kind of table `{name}`")))
    }

    fn chunk(&self, bundle: &BundleName, dataset: Dataset, row: &Row) -> Result<Chunk, Error> {
        let relative = row.text(4)?;
        let extents = Extent::from_blob(row.blob(9)?)
            .ok_or_else(|| self.corrupt(format!("the extents of `{relative}` are cut short")))?;
        Ok(Chunk {
            part: row.int(1)?,
            period: row.int(2)?,
            segment: row.int(10)?,
            file: row.int(3)?,
            path: self.layout.file(bundle, dataset, relative),
            rows: row.count(5)? as usize,
            bytes: row.count(6)?,
            content_hash: row.bytes(7)?,
            file_hash: row.bytes(8)?,
            extents,
        })
    }
}

fn scale(row: &Row, at: usize) -> Result<u8, Error> {
    u8::try_from(row.int(at)?).map_err(|_| row.wrong(at, "a number of digits"))
}
