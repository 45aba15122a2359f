//! Another catalog in the place of the one that a store has, which is kept.
//!
//! A file is moved to a name beside it, `catalog.sqlite.before-restore-1`; tables on a server are moved
//! into a schema of their own, such as `lake_before_restore_0123456789ab`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::copy::failing;
use super::database::{Database, args};
use super::{Catalog, transfer};
use crate::layout::{DATA_PATH, Layout};
use crate::lock::WriteLock;
use crate::retention::sync_folder;
use crate::{CatalogUrl, Error, Holder, Locking, PostgresUrl};

/// Puts a copy of a catalog, an SQLite file, where the store keeps its own, in one step. The file is
/// gone then. Answers where the catalog is that was there.
///
/// # Errors
///
/// [`Error::CatalogBusy`] where somebody has the file of the store's own catalog open, and
/// [`Error::Busy`] where somebody writes one of the bundles of a catalog on a server.
pub(crate) fn replace(layout: &Layout, copy: &Path) -> Result<Option<CatalogUrl>, Error> {
    match layout.catalog() {
        CatalogUrl::Postgres(url) => replace_on_server(layout, url, copy),
        CatalogUrl::Sqlite(catalog) => {
            if catalog.exists() {
                match settle(catalog) {
                    // One that is damaged has nothing to settle.
                    Ok(()) | Err(Error::Catalog { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            let aside = move_file(catalog, "before-restore")?;
            fs::rename(copy, catalog).map_err(Error::io("move a file to", catalog))?;
            sync_folder(catalog.parent().unwrap_or(catalog))?;
            Ok(aside.map(CatalogUrl::Sqlite))
        }
    }
}

/// Moves a damaged catalog out of the way; where it is then, if there was one.
pub(crate) fn set_aside(layout: &Layout) -> Result<Option<CatalogUrl>, Error> {
    match layout.catalog() {
        CatalogUrl::Sqlite(catalog) => Ok(move_file(catalog, "damaged")?.map(CatalogUrl::Sqlite)),
        CatalogUrl::Postgres(url) => {
            let database = Database::postgres(url, true)?;
            let schema = database.write(|session| session.put_aside("damaged"))?;
            Ok(schema.map(|schema| CatalogUrl::Postgres(url.with_schema(schema))))
        }
    }
}

/// Whether there is a catalog where a store keeps its own.
pub(crate) fn is_made(layout: &Layout) -> Result<bool, Error> {
    match layout.catalog() {
        CatalogUrl::Sqlite(catalog) => Ok(catalog.exists()),
        CatalogUrl::Postgres(url) => Database::postgres(url, false)?.has_table("ducklake_metadata"),
    }
}

fn replace_on_server(
    layout: &Layout,
    url: &PostgresUrl,
    copy: &Path,
) -> Result<Option<CatalogUrl>, Error> {
    let from = Database::sqlite(copy, false)?;
    // Whoever opens the store first says where its data lie.
    let sql = "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND scope IS NULL";
    from.execute(sql, args![DATA_PATH])?;
    let to = Database::postgres(url, true)?;
    let _alone = if to.has_table("ducklake_metadata")? { all_locks(layout)? } else { Vec::new() };
    let aside = transfer::put_in_place(&from, &to)?;
    drop(from);
    fs::remove_file(copy).map_err(Error::io("delete", copy))?;
    Ok(aside.map(|schema| CatalogUrl::Postgres(url.with_schema(schema))))
}

/// The writers' locks of every bundle: nobody publishes on top of a catalog that is going.
fn all_locks(layout: &Layout) -> Result<Vec<WriteLock>, Error> {
    let catalog = match Catalog::open(layout, false) {
        Ok(catalog) => catalog,
        // Nobody can work with one that is damaged.
        Err(Error::Corrupt { .. } | Error::UnknownFormat { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut locks = Vec::new();
    for name in catalog.bundles()? {
        let id = catalog.bundle(&name)?.id;
        let nobody = Holder::default();
        locks.extend(WriteLock::take(layout, (&name, id), Locking::Fail, &nobody, None)?);
    }
    Ok(locks)
}

/// Moves the file of a catalog, and what belongs to it, to names that were not used before.
fn move_file(catalog: &Path, why: &str) -> Result<Option<PathBuf>, Error> {
    if !catalog.exists() {
        return Ok(None);
    }
    let with = |suffix: &str| {
        let mut name = catalog.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let mut number = 1;
    while with(&format!(".{why}-{number}")).exists() {
        number += 1;
    }
    // A log that stayed would be taken for that of the new catalog.
    for part in ["-wal", "-shm", ""] {
        let (from, to) = (with(part), with(&format!(".{why}-{number}{part}")));
        if from.exists() {
            fs::rename(&from, &to).map_err(Error::io("move", &from))?;
        }
    }
    Ok(Some(with(&format!(".{why}-{number}"))))
}

/// Brings everything of a catalog that nobody has open into its one file.
fn settle(catalog: &Path) -> Result<(), Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let fail = failing("close", catalog);
    let connection = Connection::open_with_flags(catalog, flags).map_err(&fail)?;
    connection.busy_timeout(Duration::from_secs(1)).map_err(&fail)?;
    // Only whoever is alone may leave the write-ahead log.
    connection.pragma_update(None, "journal_mode", "DELETE").map_err(&fail)?;
    let mode: String =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).map_err(&fail)?;
    if mode != "delete" {
        return Err(Error::CatalogBusy { catalog: catalog.display().to_string(), seconds: 1 });
    }
    Ok(())
}
