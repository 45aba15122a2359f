//! What is kept of retention: policies, and what was moved to an archive.

use std::path::PathBuf;

use rustybt_calendars::Timestamp;

use super::database::args;
use super::{BundleRow, Catalog};
use crate::chunk::Chunk;
use crate::{Error, RetainPolicy};

/// A file that lies elsewhere now.
#[derive(Debug, Clone)]
pub(crate) struct Archived<'a> {
    pub(crate) table: i64,
    pub(crate) chunk: &'a Chunk,
    pub(crate) path: PathBuf,
    pub(crate) first_us: Option<i64>,
    pub(crate) last_us: Option<i64>,
}

impl Catalog {
    /// The policies of a bundle; none where nobody set any.
    pub(crate) fn policies(&self, bundle: &BundleRow) -> Result<Vec<RetainPolicy>, Error> {
        let sql = "SELECT value FROM rbt_meta WHERE key = ?1";
        let Some(row) = self.database.row(sql, args![key(bundle)])? else { return Ok(Vec::new()) };
        serde_json::from_str(row.text(0)?)
            .map_err(|error| self.corrupt(format!("the policies of `{}`: {error}", bundle.name)))
    }

    /// Keeps policies in place of those there were.
    pub(crate) fn set_policies(
        &self,
        bundle: &BundleRow,
        policies: &[RetainPolicy],
    ) -> Result<(), Error> {
        let json = serde_json::to_string(policies)
            .map_err(|error| self.corrupt(format!("a policy cannot be written: {error}")))?;
        self.database.execute(
            "INSERT INTO rbt_meta(key, value) VALUES (?1, ?2) \
             ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            args![key(bundle), json],
        )?;
        Ok(())
    }

    /// Writes down where copies of files lie.
    pub(crate) fn archived(&self, files: &[Archived<'_>], now: Timestamp) -> Result<(), Error> {
        self.database.write(|session| {
            for file in files {
                session.execute(
                    "INSERT INTO rbt_archive(table_id, path, bytes, rows, part, period, file_hash, \
                     ts_min_us, ts_max_us, archived_us) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
                     ON CONFLICT(table_id, path) DO UPDATE SET archived_us = excluded.archived_us",
                    args![
                        file.table,
                        file.path.display().to_string(),
                        file.chunk.bytes,
                        file.chunk.rows,
                        file.chunk.part,
                        file.chunk.period,
                        file.chunk.file_hash,
                        file.first_us,
                        file.last_us,
                        now.micros(),
                    ],
                )?;
            }
            Ok(())
        })
    }
}

fn key(bundle: &BundleRow) -> String {
    format!("retain:{}", bundle.id)
}
