//! What lies where, in files, rows and bytes.

use super::database::args;
use super::{BundleRow, Catalog};
use crate::Error;

/// A file, as far as sizes go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileSize {
    pub(crate) dataset: String,
    pub(crate) period: i64,
    pub(crate) begin: u64,
    pub(crate) end: Option<u64>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

impl FileSize {
    /// Whether it belongs to a snapshot.
    pub(crate) fn is_in(&self, snapshot: u64) -> bool {
        self.begin <= snapshot && self.end.is_none_or(|end| snapshot < end)
    }
}

/// The span of time that a file covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileSpan {
    pub(crate) file: i64,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
}

impl Catalog {
    /// Every file of every version of a bundle.
    pub(crate) fn file_sizes(&self, bundle: &BundleRow) -> Result<Vec<FileSize>, Error> {
        let mut sizes = Vec::new();
        self.database.each(
            "SELECT r.dataset, c.period, c.begin_snapshot, c.end_snapshot, c.rows, \
             f.file_size_bytes FROM rbt_table r JOIN rbt_chunk c ON c.table_id = r.table_id \
             JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id WHERE r.bundle_id = ?1 \
             ORDER BY r.dataset, c.period, c.data_file_id",
            args![bundle.id],
            |row| {
                sizes.push(FileSize {
                    dataset: row.text(0)?.to_owned(),
                    period: row.int(1)?,
                    begin: row.count(2)?,
                    end: row.optional_int(3)?.map(|end| end as u64),
                    rows: row.count(4)?,
                    bytes: row.count(5)?,
                });
                Ok(())
            },
        )?;
        Ok(sizes)
    }

    /// The spans of the files of a table at a snapshot.
    pub(crate) fn file_spans(&self, table: i64, snapshot: u64) -> Result<Vec<FileSpan>, Error> {
        let rows = self.database.rows(
            "SELECT data_file_id, ts_min_us, ts_max_us FROM rbt_chunk WHERE table_id = ?1 \
             AND begin_snapshot <= ?2 AND (end_snapshot IS NULL OR end_snapshot > ?2)",
            args![table, snapshot],
        )?;
        rows.iter()
            .map(|row| {
                Ok(FileSpan {
                    file: row.int(0)?,
                    first_us: row.optional_int(1)?,
                    last_us: row.optional_int(2)?,
                })
            })
            .collect()
    }
}
