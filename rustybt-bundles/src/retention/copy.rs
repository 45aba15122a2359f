//! Copying data files out of a store, or into one, each compared with its hash on the way.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use uuid::Uuid;

use crate::Error;
use crate::vfs::{Content, Vfs};

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

/// Brings files from one folder to another: those that are not there yet, several at once.
///
/// A file has its name only when it is whole and durable. One that is there already with the right
/// length is taken for granted, unless `recheck` wants it hashed: names are never used twice.
pub(crate) fn copy_all(
    vfs: &dyn Vfs,
    from: &Path,
    to: &Path,
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
        let (source, target) = (from.join(&file.path), to.join(&file.path));
        let there = is_there(&target, file, recheck).map_err(Error::io("look at", &target))?;
        if !there {
            bring(vfs, &source, &target, file, how)?;
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

fn is_there(target: &Path, file: &Listed, recheck: bool) -> io::Result<bool> {
    match fs::metadata(target) {
        Ok(found) if found.is_file() && found.len() == file.bytes => {
            Ok(!recheck || hash(File::open(target)?)? == file.hash)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn bring(
    vfs: &dyn Vfs,
    source: &Path,
    target: &Path,
    file: &Listed,
    how: How,
) -> Result<(), Error> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let unfinished = folder.join(format!(".{}.unfinished", Uuid::new_v4().simple()));
    let brought = bring_as(vfs, source, &unfinished, file, how).and_then(|()| {
        fs::rename(&unfinished, target).map_err(Error::io("move a file to", target))
    });
    if brought.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    brought
}

fn bring_as(
    vfs: &dyn Vfs,
    source: &Path,
    target: &Path,
    file: &Listed,
    how: How,
) -> Result<(), Error> {
    let content = Content::new(vfs.open(source).map_err(|error| unreadable(source, error))?);
    let mut reader = content.from(0);
    let found = if how == How::Link && fs::hard_link(source, target).is_ok() {
        hash(reader).map_err(|error| unreadable(source, error))?
    } else {
        let mut out = File::create_new(target).map_err(Error::io("create", target))?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = reader.read(&mut buffer).map_err(|error| unreadable(source, error))?;
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break };
            hasher.update(piece);
            out.write_all(piece).map_err(Error::io("write", target))?;
        }
        out.sync_all().map_err(Error::io("sync", target))?;
        *hasher.finalize().as_bytes()
    };
    if found == file.hash {
        Ok(())
    } else {
        Err(Error::corrupt(source, "its BLAKE3 hash is not the catalog's"))
    }
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

/// Makes the names of files durable: every folder between them and `root`.
fn sync_folders(root: &Path, files: &[Listed]) -> Result<(), Error> {
    let paths = files.iter().map(|file| root.join(&file.path));
    let mut folders: Vec<PathBuf> = paths
        .flat_map(|path| {
            let above = path.ancestors().skip(1).take_while(|it| it.starts_with(root));
            above.map(Path::to_owned).collect::<Vec<_>>()
        })
        .collect();
    folders.sort_unstable();
    folders.dedup();
    folders.iter().try_for_each(|folder| sync_folder(folder))
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), Error> {
    if !cfg!(unix) {
        // Elsewhere a folder is no file that could be synced.
        return Ok(());
    }
    let opened = File::open(folder).map_err(Error::io("open", folder))?;
    opened.sync_all().map_err(Error::io("sync", folder))
}
