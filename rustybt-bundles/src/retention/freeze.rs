//! [`Store::freeze`]: a copy of the catalog that never changes, for DuckDB and for publishing.

use std::fs;
use std::path::{Path, PathBuf};

use rustybt_calendars::Timestamp;
use uuid::Uuid;

use super::Listed;
use super::copy::{Copied, Copying, How, Place, copy_all, is_here, sync_folder};
use super::guard::Guard;
use crate::catalog::{CatalogCopy, data_path};
use crate::{Error, Store};

/// How to freeze.
#[derive(Debug, Clone)]
pub struct FreezeOptions {
    /// Bring the data files into this folder, too, so that catalog and folder stand alone.
    pub with_data: Option<PathBuf>,
    /// Where the copy says that the data lie: an absolute path, or an address such as
    /// `https://…/data/`. Else the folder of the data itself.
    pub data_path: Option<String>,
    /// Whether data files are written once more instead of getting a second name.
    pub copy: bool,
    /// The moment it is.
    pub now: Timestamp,
}

impl FreezeOptions {
    /// A copy of the catalog alone.
    pub fn new(now: Timestamp) -> Self {
        Self { with_data: None, data_path: None, copy: false, now }
    }
}

/// What was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FreezeReport {
    /// The copy.
    pub catalog: PathBuf,
    /// Where it says that the data lie.
    pub data_path: String,
    /// Bundles in it.
    pub bundles: u64,
    /// Their versions.
    pub versions: u64,
    /// Data files of these.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Files that were brought.
    pub files_brought: u64,
}

impl Store {
    /// Writes a copy of the catalog, as it is at this moment, that DuckDB attaches read-only while
    /// ingests go on with the original. Jobs and recipes are left out.
    ///
    /// A frozen copy that is there already is replaced in one step.
    ///
    /// # Errors
    ///
    /// [`Error::NotHere`] for an address, [`Error::Taken`] where `out` is something else, [`Error::Catalog`],
    /// [`Error::Io`]; [`Error::Corrupt`] for a damaged data file.
    pub fn freeze(
        &self,
        out: &Path,
        options: &FreezeOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<FreezeReport, Error> {
        is_here(out)?;
        options.with_data.as_deref().map_or(Ok(()), is_here)?;
        if fs::symlink_metadata(out).is_ok() && !CatalogCopy::is_frozen(out) {
            return Err(Error::Taken { path: out.to_owned(), wanted: "a frozen catalog" });
        }
        let folder = match out.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let said = match (&options.data_path, &options.with_data) {
            (Some(path), _) => path.clone(),
            (None, None) => self.catalog().data_path()?,
            (None, Some(data)) => {
                fs::create_dir_all(data).map_err(Error::io("create", data))?;
                data_path(&data.canonicalize().map_err(Error::io("find", data))?)
            }
        };
        let unfinished = folder.join(format!(".{}.unfinished", Uuid::new_v4().simple()));
        let frozen = self.freeze_into(&unfinished, &said, options, progress);
        let moved = frozen.and_then(|report| {
            fs::rename(&unfinished, out).map_err(Error::io("move a file to", out))?;
            sync_folder(folder)?;
            Ok(FreezeReport { catalog: out.to_owned(), ..report })
        });
        if moved.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        moved
    }

    fn freeze_into(
        &self,
        path: &Path,
        data_path: &str,
        options: &FreezeOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<FreezeReport, Error> {
        // What the copy names stays until it is copied.
        let _held = Guard::to_copy(self.layout())?;
        let copy = CatalogCopy::make(self.layout(), path)?;
        copy.freeze(data_path, options.now.micros())?;
        let (bundles, versions) = copy.counts()?;
        let files = copy.files()?;
        copy.close()?;
        let mut brought = Copied::default();
        if let Some(folder) = &options.with_data {
            let how = if options.copy { How::Copy } else { How::Link };
            let data = self.layout().data();
            let places = (self.data_in(&data), Place::on_disk(folder));
            brought = copy_all(places, &files, how, false, progress)?;
        }
        let synced = fs::File::open(path).and_then(|file| file.sync_all());
        synced.map_err(Error::io("sync", path))?;
        Ok(FreezeReport {
            catalog: path.to_owned(),
            data_path: data_path.to_owned(),
            bundles,
            versions,
            files: files.len() as u64,
            bytes: bytes(&files),
            files_brought: brought.files,
        })
    }
}

pub(super) fn bytes(files: &[Listed]) -> u64 {
    files.iter().map(|file| file.bytes).sum()
}
