//! Copying data files out of a store, or into one, each compared with its hash on the way.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use uuid::Uuid;

use crate::Error;
use crate::vfs::{Content, OsFs, Vfs};

/// How far copying is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copying {
    /// Files done.
    pub files: u64,
    /// Files to do.
    pub files_total: u64,
    /// Bytes done.
    pub bytes: u64,
    /// Bytes to do.
    pub bytes_total: u64,
}

/// A data file, relative to the folder of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) hash: [u8; 32],
}

/// A folder that data files are in, or shall be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) vfs: &'a dyn Vfs,
    pub(crate) folder: &'a Path,
    /// Where files lie that are not whole yet; beside the others where it is not said.
    pub(crate) unfinished: Option<&'a Path>,
}

impl<'a> Place<'a> {
    /// A folder of a disk.
    pub(crate) fn on_disk(folder: &'a Path) -> Self {
        Self { vfs: &OsFs, folder, unfinished: None }
    }
}

/// What becomes of a file that has to be in another folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Its bytes are written once more.
    Copy,
    /// It gets a second name where the file system can do that, and is copied elsewhere.
    Link,
}

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Copied {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// Brings files from one place to another: those that are not there yet, several at once.
///
/// A file has its name only when it is whole and durable. One that is there already with the right
/// length is taken for granted, unless `recheck` wants it hashed: names are never used twice.
pub(crate) fn copy_all(
    (from, to): (Place<'_>, Place<'_>),
    files: &[Listed],
    how: How,
    recheck: bool,
    progress: &(dyn Fn(Copying) + Sync),
) -> Result<Copied, Error> {
    let total = Copying {
        files_total: files.len() as u64,
        bytes_total: files.iter().map(|file| file.bytes).sum(),
        ..Copying::default()
    };
    progress(total);
    let done = [const { AtomicU64::new(0) }; 4];
    files.par_iter().try_for_each(|file| {
        let target = to.folder.join(&file.path);
        let there = is_there(to.vfs, &target, file, recheck);
        if !there.map_err(Error::io("look at", &target))? {
            bring((from, to), file, how)?;
            done[0].fetch_add(1, Ordering::Relaxed);
            done[1].fetch_add(file.bytes, Ordering::Relaxed);
        }
        let files = done[2].fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = done[3].fetch_add(file.bytes, Ordering::Relaxed) + file.bytes;
        progress(Copying { files, bytes, ..total });
        Ok::<(), Error>(())
    })?;
    sync_folders(to, files)?;
    let [files, bytes, ..] = done.map(AtomicU64::into_inner);
    Ok(Copied { files, bytes })
}

fn is_there(vfs: &dyn Vfs, target: &Path, file: &Listed, recheck: bool) -> io::Result<bool> {
    match vfs.length(target) {
        Ok(length) if length != file.bytes => Ok(false),
        Ok(_) if !recheck => Ok(true),
        Ok(_) => Ok(hash(Content::new(vfs.open_original(target)?).from(0))? == file.hash),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn bring((from, to): (Place<'_>, Place<'_>), file: &Listed, how: How) -> Result<(), Error> {
    let (source, target) = (from.folder.join(&file.path), to.folder.join(&file.path));
    let folder = target.parent().unwrap_or(to.folder);
    let unfinished = to.unfinished.unwrap_or(folder);
    for folder in [folder, unfinished] {
        to.vfs.create_folder(folder).map_err(Error::io("create", folder))?;
    }
    let unfinished = unfinished.join(format!(".{}.unfinished", Uuid::new_v4().simple()));
    // What lies far away has no second name here.
    let link = how == How::Link && from.vfs.url().is_none();
    let brought = if link && fs::hard_link(&source, &unfinished).is_ok() {
        File::open(&unfinished).and_then(hash).map_err(|error| unreadable(&source, error))
    } else {
        copy((from.vfs, &source), (to.vfs, &unfinished))
    };
    let placed = brought.and_then(|found| {
        if found != file.hash {
            return Err(Error::corrupt(&source, "its BLAKE3 hash is not the catalog's"));
        }
        place(to.vfs, &unfinished, &target).map_err(Error::io("move a file to", &target))
    });
    if placed.is_err() {
        let _ = to.vfs.remove_file(&unfinished);
    }
    placed
}

/// Gives a file its name, in place of one that is damaged.
fn place(vfs: &dyn Vfs, unfinished: &Path, target: &Path) -> io::Result<()> {
    match vfs.rename(unfinished, target) {
        // Object stores write over nothing.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            vfs.remove_file(target)?;
            vfs.rename(unfinished, target)?;
        }
        placed => placed?,
    }
    // A whole store need not fit on this disk.
    vfs.forget_copy(target);
    Ok(())
}

/// Copies a file, and hashes what it reads.
fn copy(
    (from, source): (&dyn Vfs, &Path),
    (to, target): (&dyn Vfs, &Path),
) -> Result<[u8; 32], Error> {
    let file = from.open_original(source).map_err(|error| unreadable(source, error))?;
    let mut reader = Content::new(file).from(0);
    let mut out = to.create(target).map_err(Error::io("create", target))?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        let read = reader.read(&mut buffer).map_err(|error| unreadable(source, error))?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
        hasher.update(piece);
        out.write(piece).map_err(Error::io("write", target))?;
    }
    out.sync().map_err(Error::io("sync", target))?;
    Ok(*hasher.finalize().as_bytes())
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    if error.kind() == ErrorKind::NotFound {
        Error::corrupt(path, "the file is gone")
    } else {
        Error::io("read", path)(error)
    }
}

/// BLAKE3 of what is read.
pub(crate) fn hash(mut from: impl Read) -> io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(*hasher.finalize().as_bytes()),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
    }
}

/// Refuses an address where a folder or a file of this machine is meant.
pub(crate) fn is_here(path: &Path) -> Result<(), Error> {
    let scheme = path.to_str().and_then(|text| text.split_once("://"));
    match scheme {
        Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            Err(Error::NotHere { path: path.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Makes the names of files durable: every folder between them and that of the place.
fn sync_folders(to: Place<'_>, files: &[Listed]) -> Result<(), Error> {
    let paths = files.iter().map(|file| to.folder.join(&file.path));
    let mut folders: Vec<PathBuf> = paths
        .flat_map(|path| {
            let above = path.ancestors().skip(1).take_while(|it| it.starts_with(to.folder));
            above.map(Path::to_owned).collect::<Vec<_>>()
        })
        .collect();
    folders.sort_unstable();
    folders.dedup();
    folders
        .iter()
        .try_for_each(|folder| to.vfs.sync_folder(folder).map_err(Error::io("sync", folder)))
}

/// Makes the names in a folder of the disk durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    // A name without a folder lies in the one that the program runs in.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    OsFs.sync_folder(folder).map_err(Error::io("sync", folder))
}
