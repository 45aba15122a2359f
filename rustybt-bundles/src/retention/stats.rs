//! [`Store::stats`]: what takes how much space.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::collect::bytes;
use super::csv::csv_bytes;
use crate::{At, BundleName, Error, Store};

/// What takes how much space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The bundles looked at.
    pub bundles: Vec<BundleStats>,
    /// The catalog: its file with the write-ahead log, or its tables and indexes on a server.
    pub catalog_bytes: u64,
    /// Derived tiles.
    pub tiles: u64,
    /// Their size.
    pub tiles_bytes: u64,
    /// What ingests have staged.
    pub staging_bytes: u64,
    /// Data files that no version has any more, and that wait to be deleted.
    pub waiting_files: u64,
    /// Their size.
    pub waiting_bytes: u64,
}

/// What a bundle takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleStats {
    /// The bundle.
    pub name: BundleName,
    /// Its versions.
    pub versions: u64,
    /// Its data files, of all versions, each once.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// What its versions would take more if each had files of its own.
    pub shared_bytes: u64,
    /// Its newest version, table by table and period by period.
    pub tables: Vec<TableStats>,
}

/// What a table takes in one period of the newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableStats {
    /// The table.
    pub dataset: String,
    /// The year, or year and month, or date; `None` where it is not cut by time.
    pub period: Option<i64>,
    /// Data files.
    pub files: u64,
    /// Rows.
    pub rows: u64,
    /// Size of the files.
    pub bytes: u64,
    /// Size of the same rows as CSV, reckoned from a sample of files.
    pub csv_bytes: u64,
}

impl TableStats {
    /// How many times larger the same rows are as CSV; `None` where there are none.
    pub fn compression(&self) -> Option<f64> {
        (self.bytes > 0).then(|| self.csv_bytes as f64 / self.bytes as f64)
    }
}

impl Store {
    /// What one bundle takes, or all of them.
    ///
    /// The size as CSV is that of the rows of up to eight files of a table, evenly spread, written
    /// out with comma and newline: dates as `2024-01-31`, instants as `2024-01-31T14:30:00Z`,
    /// numbers without zeros behind their last digit; and as many bytes a row for the others.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::Catalog`], [`Error::Corrupt`] for a damaged file of the
    /// sample.
    pub fn stats(&self, name: Option<&BundleName>) -> Result<Stats, Error> {
        let names = match name {
            Some(name) => vec![name.clone()],
            None => self.bundles()?,
        };
        let layout = self.layout();
        let catalog_bytes = self.catalog().database.server_bytes()?;
        let mut stats = Stats { catalog_bytes, ..Stats::default() };
        for name in names {
            stats.bundles.push(self.bundle_stats(name)?);
        }
        for path in layout.catalog_files() {
            stats.catalog_bytes += size(&path)?;
        }
        for tile in layout.caches.shelf.list()? {
            stats.tiles += 1;
            stats.tiles_bytes += tile.bytes;
        }
        stats.staging_bytes = below(&layout.staging())?.into_iter().sum();
        for file in self.catalog().scheduled()? {
            let bytes = bytes(self, &layout.data().join(&file.path))?;
            stats.waiting_files += u64::from(bytes.is_some());
            stats.waiting_bytes += bytes.unwrap_or(0);
        }
        Ok(stats)
    }

    fn bundle_stats(&self, name: BundleName) -> Result<BundleStats, Error> {
        let (versions, files, head, states) = {
            let catalog = self.catalog();
            let bundle = catalog.bundle(&name)?;
            let versions = catalog.candidates(&bundle)?;
            let files = catalog.file_sizes(&bundle)?;
            let head = match bundle.head {
                Some(_) => Some(catalog.version(&bundle, &At::Latest)?),
                None => None,
            };
            let states = match &head {
                Some(head) => catalog.tables(&bundle, head.snapshot)?,
                None => Vec::new(),
            };
            (versions, files, head, states)
        };
        let bytes = files.iter().map(|file| file.bytes).sum();
        let counted: u64 = versions
            .iter()
            .flat_map(|version| files.iter().filter(|file| file.is_in(version.snapshot)))
            .map(|file| file.bytes)
            .sum();
        let mut tables: BTreeMap<(String, i64), TableStats> = BTreeMap::new();
        for file in
            files.iter().filter(|file| head.as_ref().is_some_and(|h| file.is_in(h.snapshot)))
        {
            let place = (file.dataset.clone(), file.period);
            let table = tables.entry(place).or_insert_with(|| TableStats {
                dataset: file.dataset.clone(),
                period: (file.period != 0).then_some(file.period),
                files: 0,
                rows: 0,
                bytes: 0,
                csv_bytes: 0,
            });
            table.files += 1;
            table.rows += file.rows;
            table.bytes += file.bytes;
        }
        for state in &states {
            let sampled = csv_bytes(self.files(), state)?;
            let own = tables.values_mut().filter(|table| table.dataset == state.dataset.name());
            for table in own {
                table.csv_bytes = sampled.of_rows(table.rows);
            }
        }
        Ok(BundleStats {
            name,
            versions: versions.len() as u64,
            files: files.len() as u64,
            bytes,
            shared_bytes: counted.saturating_sub(bytes),
            tables: tables.into_values().collect(),
        })
    }
}

/// The size of a file; 0 where there is none.
fn size(path: &Path) -> Result<u64, Error> {
    match fs::metadata(path) {
        Ok(found) => Ok(found.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}

/// The sizes of the files below a folder; none where there is no folder.
fn below(folder: &Path) -> Result<Vec<u64>, Error> {
    let mut sizes = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io("list", &folder)(error)),
        };
        for entry in entries {
            let path = entry.map_err(Error::io("list", &folder))?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sizes.push(size(&path)?);
            }
        }
    }
    Ok(sizes)
}
