//! The tables and files of a bundle at a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustybt_data::{Digits, Field};

use super::database::{Row, Session, args};
use super::{BundleRow, Catalog};
use crate::chunk::{Chunk, Extent};
use crate::decimals::{Decimals, Needs, Scales};
use crate::format::Kind;
use crate::records::{RecordSet, RecordState};
use crate::table::Dataset;
use crate::{BundleName, Error};

/// A table at a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    pub(crate) id: i64,
    pub(crate) dataset: Dataset,
    pub(crate) scales: Scales,
    /// The digits that the numbers of all its versions need.
    pub(crate) needs: Needs,
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
    SELECT r.table_id, t.table_name, r.price_precision, r.price_scale, r.size_precision,
           r.size_scale, r.columns_json
    FROM rbt_table r JOIN ducklake_table t ON t.table_id = r.table_id
    WHERE r.bundle_id = ?1 AND t.begin_snapshot <= ?2
      AND (t.end_snapshot IS NULL OR t.end_snapshot > ?2)";

/// The columns of every table, and the smallest and largest number that each ever had.
const COLUMNS: &str = "
    SELECT r.table_id, c.column_name, s.min_value, s.max_value, c.column_type
    FROM rbt_table r
    JOIN ducklake_table t ON t.table_id = r.table_id
    JOIN ducklake_column c ON c.table_id = r.table_id
    JOIN ducklake_table_column_stats s ON s.table_id = c.table_id AND s.column_id = c.column_id
    WHERE r.bundle_id = ?1 AND t.begin_snapshot <= ?2
      AND (t.end_snapshot IS NULL OR t.end_snapshot > ?2) AND c.begin_snapshot <= ?2
      AND (c.end_snapshot IS NULL OR c.end_snapshot > ?2)
    ORDER BY r.table_id, c.column_order";

const CHUNKS: &str = "
    SELECT c.table_id, c.part, c.period, c.data_file_id, f.path, c.rows, f.file_size_bytes,
           c.content_hash, c.file_hash, c.extents, c.segment
    FROM rbt_table r
    JOIN rbt_chunk c ON c.table_id = r.table_id
    LEFT JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id
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
            let (price, size) = (decimals(row, 2)?, decimals(row, 4)?);
            let scales = Scales { price, size, ..Scales::default() };
            let (needs, records) = (Needs::default(), None);
            let state = TableState { id, dataset, scales, needs, records, chunks: Vec::new() };
            tables.insert(id, state);
            if dataset.records().is_some() {
                schemas.push((id, row.optional_text(6)?.unwrap_or_default().to_owned()));
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
        let mut lost = 0;
        session.each(COLUMNS, args![bundle, snapshot], |row| {
            let Ok(field) = row.text(1)?.parse::<Field>() else { return Ok(()) };
            let table = tables.get_mut(&row.int(0)?);
            if let Some(table) = table.filter(|table| table.dataset.is_bars()) {
                table.scales.extras.add(field);
                if matches!(field, Field::Vwap | Field::QuoteVolume) {
                    table.scales.set(field, decimal(row, 4)?);
                }
                let whole = whole(row.optional_text(2)?).max(whole(row.optional_text(3)?));
                let scale = table.scales.of(field).scale;
                table.needs.add(field, Digits { whole, scale });
            }
            Ok(())
        })?;
        session.each(CHUNKS, args![bundle, snapshot], |row| {
            // What other programs expire in DuckLake's tables is gone from those, not from ours.
            let table = tables.get_mut(&row.int(0)?);
            let Some(table) = table.filter(|_| matches!(row.optional_text(4), Ok(Some(_)))) else {
                lost += 1;
                return Ok(());
            };
            let chunk = self.chunk(name, table.dataset, row)?;
            table.chunks.push(chunk);
            Ok(())
        })?;
        if lost > 0 {
            let sql = "SELECT version FROM rbt_bundle_version \
                       WHERE bundle_id = ?1 AND snapshot_id = ?2";
            let row = session.row(sql, args![bundle, snapshot])?;
            let version = row.map_or(Ok(0), |row| row.count(0))?;
            return Err(Error::Expired { name: name.clone(), version, files: lost });
        }
        for table in tables.values_mut() {
            table.chunks.sort_by_cached_key(|chunk| {
                (chunk.part, chunk.period, chunk.span(), chunk.segment)
            });
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

    /// The tables that lost files to other programs, each as often as it lost one.
    pub(crate) fn lost_files(&self, bundle: &BundleRow) -> Result<Vec<String>, Error> {
        let rows = self.database.rows(
            "SELECT r.dataset FROM rbt_table r JOIN rbt_chunk c ON c.table_id = r.table_id \
             WHERE r.bundle_id = ?1 AND NOT EXISTS \
             (SELECT 1 FROM ducklake_data_file f WHERE f.data_file_id = c.data_file_id)",
            args![bundle.id],
        )?;
        rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
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

fn decimals(row: &Row, at: usize) -> Result<Decimals, Error> {
    let scale = u8::try_from(row.int(at + 1)?).ok();
    scale
        .and_then(|scale| Decimals::of_precision(row.int(at).ok()?, scale))
        .ok_or_else(|| row.wrong(at, "a number of digits"))
}

fn decimal(row: &Row, at: usize) -> Result<Decimals, Error> {
    match Kind::from_ducklake(row.text(at)?) {
        Some(Kind::Decimal(scale)) => Ok(Decimals { scale, wide: false }),
        Some(Kind::Wide(scale)) => Ok(Decimals { scale, wide: true }),
        _ => Err(row.wrong(at, "a decimal")),
    }
}

/// The digits in front of the point of a decimal's text.
fn whole(text: Option<&str>) -> u8 {
    let whole = text.unwrap_or_default().trim_start_matches('-').trim_start_matches('0');
    whole.bytes().take_while(u8::is_ascii_digit).count() as u8
}
