//! A new catalog: every table and snapshot 0; and which catalogs are DuckLake's 1.0.

use uuid::Uuid;

use super::database::{Database, Session, args};
use super::snapshot_time;
use crate::Error;
use crate::layout::DATA_PATH;

/// The version of DuckLake's tables.
const DUCKLAKE: &str = "1.0";

/// Makes every table and snapshot 0, unless another process was faster.
pub(super) fn create(database: &Database) -> Result<(), Error> {
    database.write(
        |session| {
            if session.has_table("ducklake_metadata")? { Ok(()) } else { make(session) }
        },
    )
}

/// Makes every table and snapshot 0, of format 1.
pub(super) fn make(session: &Session) -> Result<(), Error> {
    // DuckDB casts nothing: the columns have the types that it would give them.
    session.batch(include_str!("ducklake.sql"))?;
    session.batch(include_str!("rustybt.sql"))?;
    for (key, value) in [
        ("version", DUCKLAKE),
        ("created_by", "rustybt"),
        ("data_path", DATA_PATH),
        ("encrypted", "false"),
    ] {
        let sql = "INSERT INTO ducklake_metadata(key, value) VALUES (?1, ?2)";
        session.execute(sql, args![key, value])?;
    }
    for (key, value) in [("store_format", "1"), ("writer", env!("CARGO_PKG_VERSION"))] {
        let sql = "INSERT INTO rbt_meta(key, value) VALUES (?1, ?2)";
        session.execute(sql, args![key, value])?;
    }
    session.execute(
        "INSERT INTO ducklake_snapshot(snapshot_id, snapshot_time, schema_version, \
             next_catalog_id, next_file_id) VALUES (0, ?1, 0, 1, 0)",
        args![snapshot_time(0)],
    )?;
    session.execute(
        "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made) \
             VALUES (0, 'created_schema:\"main\"')",
        args![],
    )?;
    session.execute(
        "INSERT INTO ducklake_schema(schema_id, schema_uuid, begin_snapshot, schema_name, \
             path, path_is_relative) VALUES (0, ?1, 0, 'main', 'main/', TRUE)",
        args![Uuid::new_v4().to_string()],
    )?;
    Ok(())
}

/// Refuses what is not DuckLake 1.0.
pub(super) fn check(database: &Database) -> Result<(), Error> {
    let sql = "SELECT value FROM ducklake_metadata WHERE key = 'version' AND scope IS NULL";
    let row = database.row(sql, args![])?;
    let found = row.as_ref().map_or(Ok("nothing"), |row| row.text(0))?;
    if found == DUCKLAKE {
        return Ok(());
    }
    Err(Error::UnknownFormat {
        catalog: database.name().to_owned(),
        key: "DuckLake version",
        found: found.to_owned(),
        known: DUCKLAKE,
    })
}
