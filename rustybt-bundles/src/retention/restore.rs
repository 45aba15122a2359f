//! [`Store::restore`]: a store from a backup.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::backup::{DATA, Note};
use super::copy::{Copied, Copying, How, copy_all, hash, sync_folder};
use crate::catalog::{CatalogCopy, settle};
use crate::layout::Layout;
use crate::vfs::OsFs;
use crate::{Error, Store, VerifyReport};

/// How to restore.
#[derive(Debug, Clone, Copy, Default)]
pub struct RestoreOptions {
    /// Whether a store that is there may be replaced. Its catalog stays beside the new one, and its
    /// data files stay.
    pub force: bool,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreReport {
    /// The root of the store.
    pub root: PathBuf,
    /// Files that were brought; the others were there.
    pub files_new: u64,
    /// Their size.
    pub bytes_new: u64,
    /// The catalog that was there before.
    pub replaced: Option<PathBuf>,
    /// The last look at every file of the restored store.
    pub verified: VerifyReport,
}

/// Says in a folder that a restore was begun there.
const BEGUN: &str = "restore.begun";

impl Store {
    /// Makes a store from a backup: its files first, each compared with its hash, the catalog last,
    /// and then everything is hashed once more where it lies.
    ///
    /// Killed on the way, it may be started again.
    ///
    /// # Errors
    ///
    /// [`Error::NoBackup`] where `from` is none; [`Error::Taken`] where `root` holds something and
    /// may not be replaced, [`Error::CatalogBusy`] where somebody uses it; [`Error::Corrupt`] for a
    /// damaged file of the backup.
    pub fn restore(
        from: &Path,
        root: &Path,
        options: RestoreOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<RestoreReport, Error> {
        let Some(note) = Note::read(from)? else {
            return Err(Error::NoBackup { path: from.to_owned() });
        };
        let layout = Layout::new(root, None, std::sync::Arc::new(OsFs))?;
        fs::create_dir_all(root).map_err(Error::io("create", root))?;
        let begun = root.join(BEGUN);
        if !options.force && !begun.exists() && is_taken(&layout)? {
            return Err(Error::Taken { path: root.to_owned(), wanted: "a restored store" });
        }
        fs::write(&begun, b"").map_err(Error::io("write", &begun))?;

        let unfinished = root.join(format!("{}.unfinished", Uuid::new_v4().simple()));
        let restored = bring(from, &note, &layout, &unfinished, progress);
        if restored.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        let (copied, replaced) = restored?;
        let store = Self::open(root)?;
        let verified = store.verify(None)?;
        if let Some(damage) = verified.damaged.first() {
            return Err(Error::corrupt(&damage.path, damage.fault.to_string()));
        }
        fs::remove_file(&begun).map_err(Error::io("delete", &begun))?;
        sync_folder(root)?;
        Ok(RestoreReport {
            root: root.to_owned(),
            files_new: copied.files,
            bytes_new: copied.bytes,
            replaced,
            verified,
        })
    }
}

/// Brings the files, and then the catalog in one step.
fn bring(
    from: &Path,
    note: &Note,
    layout: &Layout,
    unfinished: &Path,
    progress: &(dyn Fn(Copying) + Sync),
) -> Result<(Copied, Option<PathBuf>), Error> {
    let copy = from.join(&note.catalog);
    let bytes = fs::read(&copy).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::corrupt(&copy, "the file is gone"),
        _ => Error::io("read", &copy)(error),
    })?;
    let found = hash(bytes.as_slice()).map_err(Error::io("read", &copy))?;
    if blake3::Hash::from_bytes(found).to_hex().as_str() != note.catalog_hash {
        return Err(Error::corrupt(&copy, "its BLAKE3 hash is not that of `backup.json`"));
    }
    fs::write(unfinished, bytes).map_err(Error::io("write", unfinished))?;
    let copy = CatalogCopy::open(unfinished)?;
    let files = copy.files()?;
    copy.close()?;
    // A file that is there may be what made the restore necessary: it is hashed.
    let (source, data) = (from.join(DATA), layout.data());
    let copied = copy_all(&OsFs, &source, &data, &files, How::Copy, true, progress)?;
    let file = File::open(unfinished).map_err(Error::io("open", unfinished))?;
    file.sync_all().map_err(Error::io("sync", unfinished))?;
    let replaced = put_aside(layout.catalog_file()?)?;
    let catalog = layout.catalog_file()?;
    fs::rename(unfinished, catalog).map_err(Error::io("move a file to", catalog))?;
    sync_folder(layout.root())?;
    Ok((copied, replaced))
}

/// Moves the catalog that is there out of the way.
fn put_aside(catalog: &Path) -> Result<Option<PathBuf>, Error> {
    if !catalog.exists() {
        return Ok(None);
    }
    match settle(catalog) {
        // One that is damaged has nothing to settle.
        Ok(()) | Err(Error::Catalog { .. }) => {}
        Err(error) => return Err(error),
    }
    let unique = Uuid::new_v4().simple();
    let aside = |suffix: &str| {
        let mut name = catalog.as_os_str().to_owned();
        name.push(suffix);
        let mut kept = catalog.as_os_str().to_owned();
        kept.push(format!("-before-restore-{unique}{suffix}"));
        (PathBuf::from(name), PathBuf::from(kept))
    };
    // A log that stayed would be taken for that of the new catalog.
    for suffix in ["-wal", "-shm", ""] {
        let (path, kept) = aside(suffix);
        if path.exists() {
            fs::rename(&path, &kept).map_err(Error::io("move", &path))?;
        }
    }
    Ok(Some(aside("").1))
}

/// Whether there is a store, or the files of one.
fn is_taken(layout: &Layout) -> Result<bool, Error> {
    if layout.catalog_file()?.exists() {
        return Ok(true);
    }
    let data = layout.data();
    let files = layout.vfs().list(&data).map_err(Error::io("list", &data))?;
    Ok(!files.is_empty())
}
