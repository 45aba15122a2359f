//! Where everything lies: the one file that joins paths.
//!
//! ```text
//! ROOT/catalog.sqlite                                             what is what
//! ROOT/data/BUNDLE/bars_1d/year=2024/b0000-UUID.parquet           panel: a year of up to 1024 assets
//! ROOT/data/BUNDLE/bars_1m/instrument=BTC%2FUSDT~7/year=2024/UUID.parquet    series: a year of one asset
//! ROOT/data/BUNDLE/trades/instrument=BTC%2FUSDT~7/year=2024/month=03/UUID.parquet    a month of one asset
//! ROOT/data/BUNDLE/book_deltas/instrument=…~7/year=2024/month=03/day=09/UUID.parquet a day of one asset
//! ROOT/data/BUNDLE/assets/UUID.parquet                            whole: a small table in one file
//! ROOT/staging/UUID/                                              an ingest at work
//! ROOT/locks/                                                     who writes, who reads: see `lock`
//! ROOT/tiles/KEY.npy                                              derived, may be deleted at any time
//! ROOT/tiles/usage                                                counts of the caches: see `cache`
//! ```
//!
//! Nothing that a source says becomes part of a path unescaped, and no path is ever used twice.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustybt_data::Sid;
use uuid::Uuid;

use crate::cache::Caches;
use crate::catalog::database::LockServer;
use crate::table::{Dataset, Placement};
use crate::vfs::Vfs;
use crate::{BundleName, CacheOptions, CatalogUrl, Error};

/// The paths of one store.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    root: PathBuf,
    catalog: CatalogUrl,
    vfs: Arc<dyn Vfs>,
    locks: Option<Arc<LockServer>>,
    /// What lies in `tiles/`, and what is kept of the files in memory.
    pub(crate) caches: Arc<Caches>,
}

impl Layout {
    /// The store at a folder; its catalog lies there too, unless it is said to lie elsewhere.
    pub(crate) fn new(
        root: &Path,
        catalog: Option<CatalogUrl>,
        vfs: Arc<dyn Vfs>,
        caches: &CacheOptions,
    ) -> Result<Self, Error> {
        let catalog = catalog.unwrap_or_else(|| CatalogUrl::Sqlite(root.join("catalog.sqlite")));
        let locks = LockServer::of(&catalog)?;
        let caches = Arc::new(Caches::new(root, caches)?);
        Ok(Self { root: root.to_owned(), catalog, vfs, locks, caches })
    }

    /// The server that keeps locks for machines that share no files, where there is one.
    pub(crate) fn lock_server(&self) -> Option<&Arc<LockServer>> {
        self.locks.as_ref()
    }

    /// The files below `data/` and `staging/`: nobody touches them but through this.
    pub(crate) fn vfs(&self) -> &dyn Vfs {
        &*self.vfs
    }

    /// The same, to be kept.
    pub(crate) fn vfs_shared(&self) -> Arc<dyn Vfs> {
        Arc::clone(&self.vfs)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn catalog(&self) -> &CatalogUrl {
        &self.catalog
    }

    /// The file of the catalog, where it is one.
    fn catalog_file(&self) -> Option<&Path> {
        match &self.catalog {
            CatalogUrl::Sqlite(path) => Some(path),
            CatalogUrl::Postgres(_) => None,
        }
    }

    /// The files that the catalog consists of; some may not be there.
    pub(crate) fn catalog_files(&self) -> Vec<PathBuf> {
        let Some(path) = self.catalog_file() else { return Vec::new() };
        let with = |suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        ["", "-wal", "-shm"].map(with).into()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(crate) fn staging(&self) -> PathBuf {
        self.root.join("staging")
    }

    /// Held by whoever writes a bundle.
    pub(crate) fn write_lock(&self, bundle: i64) -> PathBuf {
        self.locks().join(format!("{bundle}.lock"))
    }

    /// Held by whoever reads a version.
    pub(crate) fn version_lock(&self, bundle: i64, version: u64) -> PathBuf {
        self.locks().join(format!("{bundle}-v{version}.lock"))
    }

    /// Held by the ingest to which a staging folder belongs.
    pub(crate) fn staging_lock(&self, id: &str) -> PathBuf {
        self.locks().join(format!("staging-{id}.lock"))
    }

    /// The staging folders whose ingests began on this machine and have not ended.
    pub(crate) fn staging_locks(&self) -> Result<BTreeSet<String>, Error> {
        let locks = self.locks();
        let mut ids = BTreeSet::new();
        let entries = match std::fs::read_dir(&locks) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(ids),
            entries => entries.map_err(Error::io("list", &locks))?,
        };
        for entry in entries {
            let name = entry.map_err(Error::io("list", &locks))?.file_name();
            let id = name.to_str().and_then(|name| name.strip_prefix("staging-"));
            ids.extend(id.and_then(|id| id.strip_suffix(".lock")).map(str::to_owned));
        }
        Ok(ids)
    }

    /// A data file, as `rbt_staged` names it: below the root, with `/`.
    pub(crate) fn below_root(&self, file: &Path) -> Option<String> {
        let parts: Option<Vec<&str>> =
            file.strip_prefix(&self.root).ok()?.iter().map(|part| part.to_str()).collect();
        Some(parts?.join("/"))
    }

    /// The data file of such a name; `None` where it is not below `data/`.
    pub(crate) fn below_data(&self, name: &str) -> Option<PathBuf> {
        let path = Path::new(name);
        let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
        (plain && name.starts_with(DATA_PATH)).then(|| self.root.join(path))
    }

    pub(crate) fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// The folder of one ingest.
    pub(crate) fn job(&self, id: &str) -> PathBuf {
        self.staging().join(id)
    }

    /// A data file as the catalog names it: relative to its table, which is relative to its schema.
    pub(crate) fn file(&self, bundle: &BundleName, dataset: Dataset, relative: &str) -> PathBuf {
        let mut path = PathBuf::with_capacity(self.root.as_os_str().len() + relative.len() + 100);
        path.extend([self.root.as_path(), Path::new("data")]);
        path.extend([bundle.as_str(), dataset.name()]);
        path.extend(relative.split('/'));
        path
    }
}

/// The folder of the data, below the root.
pub(crate) const DATA_PATH: &str = "data/";

/// A new path, relative to its table, for a chunk.
pub(crate) fn new_file(dataset: Dataset, part: i64, period: i64, symbol: &str) -> String {
    let unique = Uuid::new_v4().simple();
    if let Some(set) = dataset.records() {
        let folder = set.folder(period);
        return match dataset.placement() {
            Placement::Panel => format!("{folder}/b{part:04}-{unique}.parquet"),
            Placement::Series => format!("{}/{folder}/{unique}.parquet", instrument(symbol, part)),
            Placement::Whole => format!("{unique}.parquet"),
        };
    }
    match dataset.placement() {
        Placement::Panel => format!("year={period}/b{part:04}-{unique}.parquet"),
        Placement::Series => {
            format!("{}/year={period}/{unique}.parquet", instrument(symbol, part))
        }
        Placement::Whole => format!("{unique}.parquet"),
    }
}

/// The folder of an asset's files, in tables that are filed by asset: `instrument=BTC%2FUSDT~7`.
///
/// It is one folder below its table whatever the symbol says, and no two assets share one, not
/// even where a file system takes upper and lower case for the same.
///
/// ```
/// use rustybt_bundles::instrument_folder;
/// use rustybt_data::Sid;
///
/// assert_eq!(instrument_folder("BTC/USDT", Sid(7)), "instrument=BTC%2FUSDT~7");
/// ```
pub fn instrument_folder(symbol: &str, sid: Sid) -> String {
    instrument(symbol, i64::from(sid.0))
}

/// The folder of an asset.
fn instrument(symbol: &str, sid: i64) -> String {
    // File systems hold 255 bytes; what makes the path unique is the sid.
    let mut name = encode(symbol);
    name.truncate(120);
    format!("instrument={name}~{sid}")
}

/// A symbol as part of a path: letters, digits, `-`, `_` and `.` stand for themselves, all else is
/// `%` and two hexadecimal digits. No two symbols give the same text.
fn encode(symbol: &str) -> String {
    let mut text = String::with_capacity(symbol.len());
    for byte in symbol.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Undoes `encode`: what makes it injective.
    fn decode(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_hostile_symbol_stays_inside_its_folder() {
        let path = new_file(Dataset::MINUTE, 3, 2024, "../../x\0/y");
        assert!(path.starts_with("instrument=..%2F..%2Fx%00%2Fy~3/year=2024/"), "{path}");
    }

    proptest! {
        #[test]
        fn no_two_symbols_share_a_path(symbol in ".*") {
            let text = encode(&symbol);
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.%".contains(&b)));
            prop_assert_eq!(decode(&text), symbol);
        }
    }
}
