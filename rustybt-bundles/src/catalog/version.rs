//! The versions of a bundle, and which one is meant.

use rusqlite::{OptionalExtension, Row, params};
use rustybt_calendars::Timestamp;

use super::{BundleRow, Catalog};
use crate::{At, Error, VersionInfo};

/// One row a version: what the catalog keeps of it, and sums over the files it consists of.
const VERSIONS: &str = "
    SELECT v.version, v.parent_version, v.snapshot_id, v.created_us, v.data_from_us, v.data_to_us,
           v.assets, v.source_json,
           coalesce(sum(CASE WHEN t.frequency IS NOT NULL THEN c.rows END), 0),
           count(c.data_file_id), coalesce(sum(f.file_size_bytes), 0),
           coalesce(sum(c.begin_snapshot = v.snapshot_id), 0)
    FROM rbt_bundle_version v
    LEFT JOIN rbt_table t ON t.bundle_id = v.bundle_id
    LEFT JOIN rbt_chunk c ON c.table_id = t.table_id AND c.begin_snapshot <= v.snapshot_id
         AND (c.end_snapshot IS NULL OR c.end_snapshot > v.snapshot_id)
    LEFT JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id
    WHERE v.bundle_id = ?1 AND (?2 IS NULL OR v.version = ?2)
    GROUP BY v.version ORDER BY v.version";

impl Catalog {
    /// Every version of a bundle, oldest first.
    pub(crate) fn versions(&self, bundle: &BundleRow) -> Result<Vec<VersionInfo>, Error> {
        self.version_rows(bundle, None)
    }

    /// The version that is meant.
    pub(crate) fn version(&self, bundle: &BundleRow, at: At) -> Result<VersionInfo, Error> {
        let name = || bundle.name.clone();
        let newest = bundle.head.ok_or_else(|| Error::NotIngested { name: name() })?;
        let number = match at {
            At::Latest => newest,
            At::Version(version) => version,
            At::AsOf(as_of) => self.version_as_of(bundle, as_of)?,
        };
        let none = || Error::NoVersion { name: name(), version: number, newest };
        let number = i64::try_from(number).map_err(|_| none())?;
        self.version_rows(bundle, Some(number))?.pop().ok_or_else(none)
    }

    fn version_rows(
        &self,
        bundle: &BundleRow,
        only: Option<i64>,
    ) -> Result<Vec<VersionInfo>, Error> {
        let fail = self.failing("read");
        let mut statement = self.connection.prepare_cached(VERSIONS).map_err(&fail)?;
        let rows = statement.query_map(params![bundle.id, only], read).map_err(&fail)?;
        rows.collect::<Result<_, _>>().map_err(&fail)
    }

    fn version_as_of(&self, bundle: &BundleRow, as_of: Timestamp) -> Result<u64, Error> {
        let fail = self.failing("read");
        let found: Option<i64> = self
            .connection
            .query_row(
                "SELECT max(version) FROM rbt_bundle_version WHERE bundle_id = ?1 AND created_us <= ?2",
                params![bundle.id, as_of.micros()],
                |row| row.get(0),
            )
            .optional()
            .map_err(&fail)?
            .flatten();
        if let Some(version) = found {
            return Ok(version as u64);
        }
        let oldest: i64 = self
            .connection
            .query_row(
                "SELECT min(created_us) FROM rbt_bundle_version WHERE bundle_id = ?1",
                params![bundle.id],
                |row| row.get(0),
            )
            .map_err(&fail)?;
        let oldest = Timestamp::from_micros(oldest);
        Err(Error::NoVersionAsOf { name: bundle.name.clone(), as_of, oldest })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<VersionInfo> {
    let count = |at: usize| row.get::<_, i64>(at).map(|count| count as u64);
    let session = |at: usize| {
        let micros: Option<i64> = row.get(at)?;
        Ok::<_, rusqlite::Error>(micros.map(|micros| Timestamp::from_micros(micros).date()))
    };
    let source: String = row.get(7)?;
    let source: serde_json::Value = serde_json::from_str(&source).unwrap_or_default();
    Ok(VersionInfo {
        version: count(0)?,
        parent: row.get::<_, Option<i64>>(1)?.map(|parent| parent as u64),
        snapshot: count(2)?,
        created: Timestamp::from_micros(row.get(3)?),
        source: source.get("source").and_then(|name| name.as_str()).unwrap_or_default().to_owned(),
        first: session(4)?,
        last: session(5)?,
        assets: count(6)?,
        rows: count(8)?,
        files: count(9)?,
        bytes: count(10)?,
        files_new: count(11)?,
    })
}
