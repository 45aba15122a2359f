//! Copies of the catalog in a file of their own, as it was at one moment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::database::{Database, DatabaseError};
use super::transfer::transfer;
use crate::layout::Layout;
use crate::retention::Listed;
use crate::{CatalogUrl, Error};

/// A copy of a catalog, open to be changed before anybody else sees it.
#[derive(Debug)]
pub(crate) struct CatalogCopy {
    connection: Connection,
    path: PathBuf,
}

/// The key in `rbt_meta` that tells a frozen copy from a catalog.
const FROZEN: &str = "frozen_us";

impl CatalogCopy {
    /// Copies a catalog into a new file of SQLite, beside everybody who reads and writes it.
    pub(crate) fn make(layout: &Layout, path: &Path) -> Result<Self, Error> {
        match layout.catalog() {
            CatalogUrl::Sqlite(catalog) => vacuum(catalog, path)?,
            CatalogUrl::Postgres(url) => {
                transfer(&Database::postgres(url, false)?, &Database::sqlite(path, true)?)?;
            }
        }
        Self::open(path)
    }

    /// Opens a copy.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let fail = failing("open", path);
        let connection = Connection::open_with_flags(path, flags).map_err(&fail)?;
        // One file, without companions: it will be moved, hashed and read from read-only media.
        connection.pragma_update(None, "journal_mode", "DELETE").map_err(&fail)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// Whether a file is a frozen copy.
    pub(crate) fn is_frozen(path: &Path) -> bool {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let found = Connection::open_with_flags(path, flags).and_then(|connection| {
            let sql = "SELECT 1 FROM rbt_meta WHERE key = ?1";
            connection.query_row(sql, params![FROZEN], |_| Ok(())).optional()
        });
        matches!(found, Ok(Some(())))
    }

    /// Marks it as frozen, says where its data lie, and takes out what is nobody else's business.
    pub(crate) fn freeze(&self, data_path: &str, now_us: i64) -> Result<(), Error> {
        self.forget_jobs(false)?;
        let fail = failing("write", &self.path);
        self.connection.execute("UPDATE rbt_bundle SET config_json = NULL", []).map_err(&fail)?;
        self.connection
            .execute(
                "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND scope IS NULL",
                params![data_path],
            )
            .map_err(&fail)?;
        self.connection
            .execute(
                "INSERT INTO rbt_meta(key, value) VALUES (?1, ?2) \
                 ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                params![FROZEN, now_us.to_string()],
            )
            .map_err(&fail)?;
        Ok(())
    }

    /// Forgets jobs: what they staged is not part of a copy. Those that are over may stay.
    pub(crate) fn forget_jobs(&self, keep_finished: bool) -> Result<(), Error> {
        let fail = failing("write", &self.path);
        for sql in [
            "DELETE FROM rbt_job_chunk",
            "DELETE FROM rbt_staged",
            "DELETE FROM rbt_job WHERE finished_us IS NULL OR NOT ?1",
        ] {
            let mut statement = self.connection.prepare(sql).map_err(&fail)?;
            let arguments: &[bool] = if sql.ends_with("?1") { &[keep_finished] } else { &[] };
            statement.execute(rusqlite::params_from_iter(arguments)).map_err(&fail)?;
        }
        Ok(())
    }

    /// Every data file of every version, by path.
    pub(crate) fn files(&self) -> Result<Vec<Listed>, Error> {
        let fail = failing("read", &self.path);
        let sql = "SELECT b.name || '/' || r.dataset || '/' || f.path, f.file_size_bytes, \
                   c.file_hash FROM rbt_bundle b JOIN rbt_table r ON r.bundle_id = b.bundle_id \
                   JOIN rbt_chunk c ON c.table_id = r.table_id \
                   JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id ORDER BY 1";
        let mut statement = self.connection.prepare(sql).map_err(&fail)?;
        let rows = statement.query_map([], |row| {
            let bytes: i64 = row.get(1)?;
            Ok(Listed { path: row.get(0)?, bytes: bytes as u64, hash: row.get(2)? })
        });
        let mut files: Vec<Listed> = rows.and_then(Iterator::collect).map_err(&fail)?;
        files.dedup_by(|a, b| a.path == b.path);
        Ok(files)
    }

    /// Bundles, and versions of them.
    pub(crate) fn counts(&self) -> Result<(u64, u64), Error> {
        let sql = "SELECT (SELECT count(*) FROM rbt_bundle), (SELECT count(*) \
                   FROM rbt_bundle_version WHERE state = 'committed')";
        let counts: (i64, i64) = self
            .connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(failing("read", &self.path))?;
        Ok((counts.0 as u64, counts.1 as u64))
    }

    /// Closes it, with everything in the one file.
    pub(crate) fn close(self) -> Result<(), Error> {
        let path = self.path;
        self.connection.close().map_err(|(_, error)| failing("close", &path)(error))
    }
}

/// Copies an SQLite file whole.
fn vacuum(catalog: &Path, path: &Path) -> Result<(), Error> {
    let fail = failing("copy", catalog);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(catalog, flags).map_err(&fail)?;
    source.busy_timeout(Duration::from_secs(10)).map_err(&fail)?;
    let Some(target) = path.to_str() else {
        return Err(Error::io("write", path)(std::io::ErrorKind::InvalidFilename.into()));
    };
    source.execute("VACUUM INTO ?1", params![target]).map_err(&fail)?;
    Ok(())
}

pub(super) fn failing(
    action: &'static str,
    path: &Path,
) -> impl Fn(rusqlite::Error) -> Error + use<> {
    let catalog = path.display().to_string();
    move |source| {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        if matches!(source.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked)) {
            return Error::CatalogBusy { catalog: catalog.clone(), seconds: 10 };
        }
        Error::Catalog { action, catalog: catalog.clone(), source: DatabaseError::from(source) }
    }
}
