//! The catalog: DuckLake's tables and our own in one SQLite database.
//!
//! DuckLake's tables say which file belongs to which table in which snapshots; ours add what a
//! bundle is, the numbers of its versions, and how to know that a file is whole. Everything here
//! is plain SQL in short transactions; there is no state besides the connection.

mod bundle;
mod commit;
mod snapshot;
mod version;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};
use rustybt_calendars::Timestamp;
use uuid::Uuid;

pub(crate) use self::bundle::BundleRow;
pub(crate) use self::commit::{Commit, NewChunk, TableChange};
pub(crate) use self::snapshot::TableState;
use crate::Error;
use crate::format::{Bound, Kind};
use crate::layout::{DATA_PATH, Layout};

/// The version of DuckLake's tables.
const DUCKLAKE: &str = "1.0";
/// The version of our own tables and of the files.
const STORE_FORMAT: &str = "1";

/// An open catalog.
#[derive(Debug)]
pub(crate) struct Catalog {
    connection: Connection,
    path: PathBuf,
    layout: Layout,
}

impl Catalog {
    /// Opens the catalog of a store; makes it first where `create` says so.
    pub(crate) fn open(layout: &Layout, create: bool) -> Result<Self, Error> {
        let path = layout.catalog();
        if !create && !path.exists() {
            return Err(Error::NoStore { root: layout.root().to_owned() });
        }
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags.set(OpenFlags::SQLITE_OPEN_CREATE, create);
        let fail = failing("open", &path);
        let connection = Connection::open_with_flags(&path, flags).map_err(&fail)?;
        connection.busy_timeout(Duration::from_secs(10)).map_err(&fail)?;
        for (pragma, value) in [
            ("journal_mode", "WAL"),
            // An acknowledged version survives a power cut.
            ("synchronous", "FULL"),
            ("foreign_keys", "ON"),
            ("trusted_schema", "OFF"),
        ] {
            connection.pragma_update(None, pragma, value).map_err(&fail)?;
        }
        let mut catalog = Self { connection, path, layout: layout.clone() };
        if catalog.is_empty()? {
            catalog.create()?;
        }
        catalog.check()?;
        catalog.say_where()?;
        Ok(catalog)
    }

    /// Says where the data lie. Our paths begin at the root; DuckDB wants to be told the whole
    /// path, and takes a relative one from wherever it runs. So a store that was moved says so.
    /// It is said as a URL, which every reader understands alike: from a plain path `ducklake-sdk`
    /// loses the last folder.
    fn say_where(&self) -> Result<(), Error> {
        let root = self.layout.root();
        let root = root.canonicalize().map_err(Error::io("find", root))?;
        let root = root.display().to_string();
        // What a URL would have to escape is told as a path: DuckDB takes `%20` as it stands.
        let plain =
            root.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~+@".contains(&byte));
        let scheme = if plain { "file://" } else { "" };
        let data_path = format!("{scheme}{root}/{DATA_PATH}");
        let sql = "SELECT value FROM ducklake_metadata WHERE key = 'data_path' AND scope IS NULL";
        let said: Option<String> = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .optional()
            .map_err(self.failing("read"))?;
        if said.as_deref() != Some(&data_path) {
            let sql =
                "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND scope IS NULL";
            self.connection.execute(sql, params![data_path]).map_err(self.failing("write"))?;
        }
        Ok(())
    }

    fn is_empty(&self) -> Result<bool, Error> {
        let sql = "SELECT count(*) FROM sqlite_master WHERE name = 'ducklake_metadata'";
        let tables: i64 =
            self.connection.query_row(sql, [], |row| row.get(0)).map_err(self.failing("read"))?;
        Ok(tables == 0)
    }

    /// Makes every table and snapshot 0, unless another process was faster.
    fn create(&mut self) -> Result<(), Error> {
        let fail = failing("create", &self.path);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&fail)?;
        let sql = "SELECT count(*) FROM sqlite_master WHERE name = 'ducklake_metadata'";
        let tables: i64 = transaction.query_row(sql, [], |row| row.get(0)).map_err(&fail)?;
        if tables > 0 {
            return Ok(());
        }
        transaction.execute_batch(include_str!("ducklake.sql")).map_err(&fail)?;
        transaction.execute_batch(include_str!("rustybt.sql")).map_err(&fail)?;
        for (key, value) in [
            ("version", DUCKLAKE),
            ("created_by", "rustybt"),
            ("data_path", DATA_PATH),
            ("encrypted", "false"),
        ] {
            transaction
                .execute(
                    "INSERT INTO ducklake_metadata(key, value) VALUES (?1, ?2)",
                    params![key, value],
                )
                .map_err(&fail)?;
        }
        for (key, value) in [("store_format", STORE_FORMAT), ("writer", env!("CARGO_PKG_VERSION"))]
        {
            transaction
                .execute("INSERT INTO rbt_meta(key, value) VALUES (?1, ?2)", params![key, value])
                .map_err(&fail)?;
        }
        let epoch = snapshot_time(0);
        transaction
            .execute(
                "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, \
                 next_catalog_id, next_file_id) VALUES (0, ?1, 0, 1, 0)",
                params![epoch],
            )
            .map_err(&fail)?;
        transaction
            .execute(
                "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made) \
                 VALUES (0, 'created_schema:\"main\"')",
                [],
            )
            .map_err(&fail)?;
        transaction
            .execute(
                "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, \
                 path, path_is_relative) VALUES (0, ?1, 0, 'main', 'main/', 1)",
                params![Uuid::new_v4().to_string()],
            )
            .map_err(&fail)?;
        transaction.commit().map_err(&fail)
    }

    /// Refuses what this version does not understand.
    fn check(&self) -> Result<(), Error> {
        let ducklake =
            "SELECT value FROM ducklake_metadata WHERE key = 'version' AND scope IS NULL";
        let store = "SELECT value FROM rbt_meta WHERE key = 'store_format'";
        for (key, sql, known) in
            [("DuckLake version", ducklake, DUCKLAKE), ("store format", store, STORE_FORMAT)]
        {
            let found: Option<String> = self
                .connection
                .query_row(sql, [], |row| row.get(0))
                .optional()
                .or_else(|error| if is_missing_table(&error) { Ok(None) } else { Err(error) })
                .map_err(self.failing("read"))?;
            if found.as_deref() != Some(known) {
                let found = found.unwrap_or_else(|| "nothing".to_owned());
                return Err(Error::UnknownFormat { path: self.path.clone(), key, found, known });
            }
        }
        Ok(())
    }

    fn failing(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> Error + use<> {
        failing(action, &self.path)
    }
}

fn failing(action: &'static str, path: &Path) -> impl Fn(rusqlite::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Catalog { action, path: path.clone(), source }
}

fn is_missing_table(error: &rusqlite::Error) -> bool {
    error.to_string().contains("no such table")
}

/// An instant as DuckLake writes it.
fn snapshot_time(micros: i64) -> String {
    Bound::Number(micros).format(Kind::Instant)
}

/// Microseconds, rounded up: what was known at an instant is never said to have been known before.
pub(crate) fn micros_up(at: Timestamp) -> i64 {
    at.micros() + i64::from(at.nanos().rem_euclid(1000) != 0)
}
