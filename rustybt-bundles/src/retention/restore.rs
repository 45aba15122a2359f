//! [`Store::restore`]: a store from a backup.
//!
//! The files come first, to wherever the data of the store lie, and then the catalog, in one step, to
//! wherever the store keeps it: what the backup was made of does not matter.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::Listed;
use super::backup::{DATA, Note};
use super::copy::{Copied, Copying, How, Place, copy_all, hash, sync_folder};
use crate::catalog::{CatalogCopy, is_made, replace};
use crate::layout::Layout;
use crate::{CatalogUrl, Error, Store, StoreOptions, VerifyReport};

/// How to restore.
#[derive(Debug, Clone, Copy, Default)]
pub struct RestoreOptions {
    /// Whether a store that is there may be replaced. Its catalog is kept, under another name, and
    /// its data files stay.
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
    /// Where the catalog is now that was there before: in a file beside the new one, or in a schema of
    /// its own on the same server.
    pub replaced: Option<CatalogUrl>,
    /// The last look at every file of the restored store.
    pub verified: VerifyReport,
}

/// Says in a folder that a restore was begun there, and of which catalog.
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
        StoreOptions::new().restore(from, root, options, progress)
    }
}

impl StoreOptions {
    /// Makes a store from a backup, as [`Store::restore`] does, with its catalog and its files where
    /// these options want them: on a server, in an object store. The backup may be of a store of
    /// another kind.
    ///
    /// # Errors
    ///
    /// As [`Store::restore`]; [`Error::Busy`] where somebody writes a bundle of the catalog that is to
    /// be replaced on a server.
    pub fn restore(
        &self,
        from: &Path,
        root: &Path,
        options: RestoreOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<RestoreReport, Error> {
        let Some(note) = Note::read(from)? else {
            return Err(Error::NoBackup { path: from.to_owned() });
        };
        let layout = self.layout(root)?;
        fs::create_dir_all(root).map_err(Error::io("create", root))?;
        let (begun, catalog) = (root.join(BEGUN), layout.catalog().to_string());
        let goes_on = fs::read_to_string(&begun).is_ok_and(|of| of == catalog);
        if !options.force && !goes_on && is_taken(&layout)? {
            let path = catalog.into();
            return Err(Error::Taken { path, wanted: "the catalog of a restored store" });
        }
        fs::write(&begun, catalog).map_err(Error::io("write", &begun))?;

        let unfinished = unfinished(&layout);
        let restored = bring(from, &note, &layout, &unfinished, progress);
        if restored.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        let (copied, replaced) = restored?;
        let store = self.clone().open(root)?;
        let verified = store.verify(None)?;
        if let Some(damage) = verified.damaged.first() {
            return Err(Error::corrupt(&damage.path, damage.fault.to_string()));
        }
        store.check_seals()?;
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

impl Store {
    /// Compares every version with the seal that it was published with.
    fn check_seals(&self) -> Result<(), Error> {
        let catalog = self.catalog();
        for name in catalog.bundles()? {
            let bundle = catalog.bundle(&name)?;
            for version in catalog.versions(&bundle)? {
                match catalog.tables(&bundle, version.snapshot) {
                    // It was so already in the store that was backed up.
                    Ok(_) | Err(Error::Expired { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Where the catalog lies until it is whole: on the disk that it will be on, if it will be a file.
fn unfinished(layout: &Layout) -> PathBuf {
    let folder = match layout.catalog() {
        CatalogUrl::Sqlite(catalog) => catalog.parent().unwrap_or(layout.root()),
        CatalogUrl::Postgres(_) => layout.root(),
    };
    folder.join(format!("{}.unfinished", Uuid::new_v4().simple()))
}

/// Brings the files, and then the catalog in one step.
fn bring(
    from: &Path,
    note: &Note,
    layout: &Layout,
    unfinished: &Path,
    progress: &(dyn Fn(Copying) + Sync),
) -> Result<(Copied, Option<CatalogUrl>), Error> {
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
    let copied = bring_files(&from.join(DATA), layout, &files, progress)?;
    let file = File::open(unfinished).map_err(Error::io("open", unfinished))?;
    file.sync_all().map_err(Error::io("sync", unfinished))?;
    Ok((copied, replace(layout, unfinished)?))
}

fn bring_files(
    source: &Path,
    layout: &Layout,
    files: &[Listed],
    progress: &(dyn Fn(Copying) + Sync),
) -> Result<Copied, Error> {
    let (vfs, data) = (layout.vfs(), layout.data());
    // What goes far away is written here first.
    let staged = vfs.url().map(|_| layout.job("restore"));
    let to = Place { vfs, folder: &data, unfinished: staged.as_deref() };
    // A file that is there may be what made the restore necessary: it is hashed.
    let copied = copy_all((Place::on_disk(source), to), files, How::Copy, true, progress);
    if let Some(staged) = &staged {
        vfs.remove_folder(staged).map_err(Error::io("remove", staged))?;
    }
    copied
}

/// Whether there is a store, or the files of one.
fn is_taken(layout: &Layout) -> Result<bool, Error> {
    if is_made(layout)? {
        return Ok(true);
    }
    let data = layout.data();
    let files = layout.vfs().list(&data).map_err(Error::io("list", &data))?;
    Ok(!files.is_empty())
}
