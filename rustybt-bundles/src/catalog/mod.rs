//! The catalog: DuckLake's tables and our own in one SQL database.
//!
//! DuckLake's tables say which file belongs to which table in which snapshots; ours add what a
//! bundle is, the numbers of its versions, and how to know that a file is whole. Everything here
//! is plain SQL in short transactions; there is no state besides the connection.

mod bundle;
mod claim;
mod commit;
mod copy;
mod create;
pub(crate) mod database;
mod expire;
mod job;
mod migrate;
mod pin;
mod policy;
mod records;
mod replace;
mod seal;
mod site;
mod size;
mod snapshot;
mod transfer;
mod version;

use std::path::Path;

use rustybt_calendars::Timestamp;

pub(crate) use self::bundle::BundleRow;
pub(crate) use self::claim::Claim;
pub(crate) use self::commit::{Commit, NewChunk, Published, TableChange};
pub(crate) use self::copy::CatalogCopy;
use self::database::{Database, args};
pub(crate) use self::expire::{Candidate, DeadFile, Scheduled};
pub(crate) use self::job::{Begun, End, NewJob};
pub(crate) use self::policy::Archived;
pub(crate) use self::replace::{is_made, replace, set_aside};
pub(crate) use self::size::FileSpan;
pub(crate) use self::snapshot::TableState;
use crate::format::{Bound, Kind};
use crate::layout::{DATA_PATH, Layout};
use crate::{CatalogUrl, Error};

/// An open catalog.
#[derive(Debug)]
pub(crate) struct Catalog {
    pub(crate) database: Database,
    layout: Layout,
}

impl Catalog {
    /// Opens the catalog of a store, and brings it up to date; makes it first where `create` says
    /// so.
    ///
    /// Beside data files a catalog is never made: it is lost, and a new one would hide them.
    pub(crate) fn open(layout: &Layout, create: bool) -> Result<Self, Error> {
        if let CatalogUrl::Sqlite(path) = layout.catalog()
            && path.metadata().map_or(true, |metadata| metadata.len() == 0)
        {
            let data = layout.data();
            let files = layout.vfs().list(&data).map_err(Error::io("list", &data))?.len();
            if files > 0 {
                let (catalog, missing) = (layout.catalog().clone(), !path.exists());
                return Err(Error::CatalogLost { catalog, missing, files });
            }
        }
        Self::open_or_make(layout, create, false)
    }

    /// A new catalog beside data files, for the doctor to fill.
    pub(crate) fn make_anew(layout: &Layout) -> Result<Self, Error> {
        Self::open_or_make(layout, true, true)
    }

    fn open_or_make(layout: &Layout, create: bool, anew: bool) -> Result<Self, Error> {
        let none = || Error::NoStore { root: layout.root().to_owned() };
        let database = match layout.catalog() {
            CatalogUrl::Sqlite(path) => {
                if !create && !path.exists() {
                    return Err(none());
                }
                site::check(path)?;
                Database::sqlite(path, create)?
            }
            CatalogUrl::Postgres(url) => Database::postgres(url, create)?,
        };
        if !database.has_table("ducklake_metadata")? {
            if database.is_shared() && !anew {
                refuse_beside_data(layout, &database)?;
            }
            if !create && database.is_shared() {
                return Err(none());
            }
            create::create(&database)?;
        }
        create::check(&database)?;
        migrate::migrate(&database)?;
        let catalog = Self { database, layout: layout.clone() };
        catalog.say_where()?;
        Ok(catalog)
    }

    /// Says where the data lie. Our paths begin at the root; DuckDB wants to be told the whole
    /// path, and takes a relative one from wherever it runs. So a store that was moved says so.
    /// It is said as a URL, which every reader understands alike: from a plain path `ducklake-sdk`
    /// loses the last folder.
    fn say_where(&self) -> Result<(), Error> {
        let data_path = self.data_path()?;
        let sql = "SELECT value FROM ducklake_metadata WHERE key = 'data_path' AND scope IS NULL";
        let said = self.database.row(sql, args![])?;
        let said = said.as_ref().map(|row| row.text(0)).transpose()?;
        // Of several machines, each may see the data somewhere else: the first one's word counts.
        let settled = self.database.is_shared() && said != Some(DATA_PATH);
        if said != Some(&data_path) && !settled {
            let sql =
                "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path' AND scope IS NULL";
            self.database.execute(sql, args![data_path])?;
        }
        Ok(())
    }

    /// Where the data lie, for those who read the catalog alone.
    pub(crate) fn data_path(&self) -> Result<String, Error> {
        if let Some(url) = self.layout.vfs().url() {
            return Ok(format!("{url}/{DATA_PATH}"));
        }
        let root = self.layout.root();
        let root = root.canonicalize().map_err(Error::io("find", root))?;
        Ok(data_path(&root.join(DATA_PATH.trim_end_matches('/'))))
    }

    /// A catalog that contradicts itself.
    fn corrupt(&self, detail: impl Into<String>) -> Error {
        Error::corrupt(self.database.name(), detail)
    }
}

/// Refuses a database without a catalog where there are data files already: it is lost.
fn refuse_beside_data(layout: &Layout, database: &Database) -> Result<(), Error> {
    let data = layout.data();
    let files = layout.vfs().list(&data).map_err(Error::io("list", &data))?.len();
    // Somebody else may have made it meanwhile, and ingested.
    if files > 0 && !database.has_table("ducklake_metadata")? {
        let catalog = layout.catalog().clone();
        return Err(Error::CatalogLost { catalog, missing: true, files });
    }
    Ok(())
}

/// A folder of data files as a catalog tells of it.
pub(crate) fn data_path(folder: &Path) -> String {
    let folder = folder.display().to_string();
    // What a URL would have to escape is told as a path: DuckDB takes `%20` as it stands.
    let plain =
        folder.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_.~+@".contains(&byte));
    let scheme = if plain { "file://" } else { "" };
    format!("{scheme}{folder}/")
}

/// An instant as DuckLake writes it.
fn snapshot_time(micros: i64) -> String {
    Bound::Number(micros).format(Kind::Instant)
}

/// Microseconds, rounded up: what was known at an instant is never said to have been known before.
pub(crate) fn micros_up(at: Timestamp) -> i64 {
    at.micros() + i64::from(at.nanos().rem_euclid(1000) != 0)
}
