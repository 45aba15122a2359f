//! [`Store::backup`]: everything, somewhere else, as it was at one moment.
//!
//! ```text
//! OUT/backup.json          what it is, and the hash of the catalog
//! OUT/catalog-UUID.backup  the catalog
//! OUT/data/…               the data files, under the names they have in the store
//! ```
//!
//! The data files come first, then the catalog that speaks of them, then the note: whenever it is
//! killed, what was a backup before still is one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use rustybt_calendars::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::copy::{Copied, Copying, How, Place, copy_all, hash, is_here, sync_folder};
use super::freeze::bytes;
use super::guard::Guard;
use crate::catalog::CatalogCopy;
use crate::{Error, Store};

/// How to back up.
#[derive(Debug, Clone)]
pub struct BackupOptions {
    /// Whether data files get a second name instead of being written once more, where the file
    /// system can do that. Such a backup takes no space, and is lost with the disk.
    pub link: bool,
    /// Whether files that an earlier backup brought are hashed again, and replaced where they are
    /// damaged.
    pub recheck: bool,
    /// The moment it is.
    pub now: Timestamp,
}

impl BackupOptions {
    /// Whole copies of what is not there yet.
    pub fn new(now: Timestamp) -> Self {
        Self { link: false, recheck: false, now }
    }
}

/// What was backed up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupReport {
    /// The folder.
    pub folder: PathBuf,
    /// Bundles.
    pub bundles: u64,
    /// Their versions.
    pub versions: u64,
    /// Data files that the backup has now.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Those that had to be brought.
    pub files_new: u64,
    /// Their size.
    pub bytes_new: u64,
}

/// The note of a backup.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Note {
    /// 1.
    pub(super) backup_format: u32,
    pub(super) created_us: i64,
    pub(super) bundles: u64,
    pub(super) versions: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// The name of the catalog's copy.
    pub(super) catalog: String,
    /// BLAKE3 of that file.
    pub(super) catalog_hash: String,
}

pub(super) const NOTE: &str = "backup.json";
pub(super) const DATA: &str = "data";
pub(super) const BACKUP_FORMAT: u32 = 1;

impl Store {
    /// Copies the whole store into a folder, as it is at this moment, while ingests may go on. Into
    /// the folder of an earlier backup only what is new is copied.
    ///
    /// # Errors
    ///
    /// [`Error::NotHere`] for an address, [`Error::Taken`] where the folder holds something else,
    /// [`Error::Corrupt`] for a damaged data file, [`Error::Catalog`], [`Error::Io`].
    pub fn backup(
        &self,
        out: &Path,
        options: &BackupOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<BackupReport, Error> {
        is_here(out)?;
        fs::create_dir_all(out).map_err(Error::io("create", out))?;
        let earlier = Note::read(out)?;
        if earlier.is_none() && !is_empty(out)? {
            return Err(Error::Taken { path: out.to_owned(), wanted: "a backup" });
        }
        // A kill leaves a folder that says what it is.
        if earlier.is_none() {
            let begun = out.join(BEGUN);
            fs::write(&begun, b"").map_err(Error::io("write", &begun))?;
        }
        let unfinished = out.join(format!("{}.unfinished", Uuid::new_v4().simple()));
        let done = self
            .backup_into(out, &unfinished, options, progress)
            .and_then(|(note, copied)| finish(out, &unfinished, earlier.as_ref(), &note, copied));
        if done.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        done
    }

    /// The data files of the store, which lie in the folder `data`.
    pub(super) fn data_in<'a>(&'a self, data: &'a Path) -> Place<'a> {
        Place { vfs: self.layout().vfs(), folder: data, unfinished: None }
    }

    fn backup_into(
        &self,
        out: &Path,
        unfinished: &Path,
        options: &BackupOptions,
        progress: &(dyn Fn(Copying) + Sync),
    ) -> Result<(Note, Copied), Error> {
        // What the copy names stays until it is copied.
        let _held = Guard::to_copy(self.layout())?;
        let copy = CatalogCopy::make(self.layout(), unfinished)?;
        copy.forget_jobs(true)?;
        let (bundles, versions) = copy.counts()?;
        let files = copy.files()?;
        copy.close()?;
        let how = if options.link { How::Link } else { How::Copy };
        let (data, folder) = (self.layout().data(), out.join(DATA));
        let places = (self.data_in(&data), Place::on_disk(&folder));
        let copied = copy_all(places, &files, how, options.recheck, progress)?;
        let file = File::open(unfinished).map_err(Error::io("open", unfinished))?;
        file.sync_all().map_err(Error::io("sync", unfinished))?;
        let catalog_hash = hash(&file).map_err(Error::io("read", unfinished))?;
        let note = Note {
            backup_format: BACKUP_FORMAT,
            created_us: options.now.micros(),
            bundles,
            versions,
            files: files.len() as u64,
            bytes: bytes(&files),
            catalog: format!("catalog-{}.backup", Uuid::new_v4().simple()),
            catalog_hash: blake3::Hash::from_bytes(catalog_hash).to_hex().to_string(),
        };
        Ok((note, copied))
    }
}

/// Says in a folder that a backup was begun there.
const BEGUN: &str = "backup.begun";

/// Gives the copy its name, then writes the note in place of the earlier one.
fn finish(
    out: &Path,
    unfinished: &Path,
    earlier: Option<&Note>,
    note: &Note,
    copied: Copied,
) -> Result<BackupReport, Error> {
    let catalog = out.join(&note.catalog);
    fs::rename(unfinished, &catalog).map_err(Error::io("move a file to", &catalog))?;
    sync_folder(out)?;
    note.write(out)?;
    // The note no longer speaks of it.
    if let Some(earlier) = earlier {
        let _ = fs::remove_file(out.join(&earlier.catalog));
    }
    let _ = fs::remove_file(out.join(BEGUN));
    Ok(BackupReport {
        folder: out.to_owned(),
        bundles: note.bundles,
        versions: note.versions,
        files: note.files,
        bytes: note.bytes,
        files_new: copied.files,
        bytes_new: copied.bytes,
    })
}

impl Note {
    /// The note of a folder; `None` where there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(NOTE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        let bad = |detail: String| Error::corrupt(&path, detail);
        let note: Self = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if note.backup_format != BACKUP_FORMAT {
            let format = note.backup_format;
            return Err(bad(format!("it is of format {format}, not {BACKUP_FORMAT}")));
        }
        // It names a file beside it, and nothing else.
        if note.catalog.contains(['/', '\\']) || !note.catalog.ends_with(".backup") {
            return Err(bad(format!("`{}` is no name of a catalog's copy", note.catalog)));
        }
        Ok(Some(note))
    }

    fn write(&self, folder: &Path) -> Result<(), Error> {
        let (path, unfinished) = (folder.join(NOTE), folder.join("backup.json.unfinished"));
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::io("write", &path)(std::io::Error::other(error)))?;
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(Error::io("write", &unfinished))?;
        fs::rename(&unfinished, &path).map_err(Error::io("move a file to", &path))?;
        sync_folder(folder)
    }
}

/// Whether a folder holds nothing, or only what a backup that was killed left.
fn is_empty(folder: &Path) -> Result<bool, Error> {
    if folder.join(BEGUN).exists() {
        return Ok(true);
    }
    let mut entries = fs::read_dir(folder).map_err(Error::io("list", folder))?;
    Ok(entries.next().is_none())
}
