//! Files that live no longer than the ingest: written once, read in parts, never synced.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::stage::Staging;
use crate::Error;
use crate::vfs::{NewFile, Vfs, refused};

/// A file being written in the folder of the ingest.
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    vfs: &'a dyn Vfs,
    file: Box<dyn NewFile>,
    path: PathBuf,
}

impl<'a> Scratch<'a> {
    pub(super) fn begin(staging: &'a Staging) -> Result<Self, Error> {
        let vfs = staging.vfs();
        let path = staging.folder().join(format!("{}.rows", Uuid::new_v4().simple()));
        let file = vfs.create(&path).map_err(Error::io("create", &path))?;
        Ok(Self { vfs, file, path })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let needed = bytes.len() as u64;
        self.file.write(bytes).map_err(refused(self.vfs, "write", &self.path, needed))
    }

    /// Where the file lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Ends writing; where the file lies.
    pub(super) fn into_path(self) -> PathBuf {
        self.path
    }
}

/// Reads some bytes of such a file.
pub(super) fn read(
    staging: &Staging,
    path: &Path,
    at: u64,
    length: usize,
) -> Result<Vec<u8>, Error> {
    let failed = || Error::io("read", path);
    let file = staging.vfs().open(path).map_err(Error::io("open", path))?;
    let mut bytes = vec![0; length];
    let mut done = 0;
    while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match file.read_at(at + done as u64, rest).map_err(failed())? {
            0 => return Err(Error::corrupt(path, "it is cut off")),
            read => done += read,
        }
    }
    Ok(bytes)
}
