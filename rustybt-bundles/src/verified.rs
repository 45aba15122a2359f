//! [`Verified`]: which files have been hashed, so that each is hashed once.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;

use crate::Error;
use crate::chunk::Chunk;
use crate::format::{Column, ParquetFile, Rows};
use crate::table::{Dataset, Scales};

/// Reads data files, each checked against the catalog's hash before it is decoded.
///
/// A file is hashed when it is first read. It is hashed again where its length or its time of
/// change is another one: data files are never changed, so that somebody else did.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    seen: Mutex<HashSet<Identity>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Verified {
    /// Opens a data file to read these of its rows.
    pub(crate) fn open(
        &self,
        chunk: &Chunk,
        dataset: Dataset,
        scales: Scales,
        rows: &Rows,
    ) -> Result<ParquetFile, Error> {
        let path = &chunk.path;
        let specs = dataset.columns(scales);
        if matches!(rows, Rows::Range(_)) && self.is_known(chunk) {
            // A few pages of a file that was whole when it was first read.
            let file = File::open(path).map_err(|error| unreadable(path, error))?;
            return ParquetFile::open(path, file, specs, chunk.rows, rows);
        }
        ParquetFile::open(path, self.read(chunk)?, specs, chunk.rows, rows)
    }

    /// Reads every column of a data file.
    pub(crate) fn columns(
        &self,
        chunk: &Chunk,
        dataset: Dataset,
        scales: Scales,
    ) -> Result<Vec<Column>, Error> {
        self.open(chunk, dataset, scales, &Rows::All)?.columns()
    }

    /// The bytes of a data file, known to be good.
    fn read(&self, chunk: &Chunk) -> Result<Bytes, Error> {
        let path = &chunk.path;
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
        if bytes.len() as u64 != chunk.bytes {
            let detail =
                format!("it has {} bytes where the catalog says {}", bytes.len(), chunk.bytes);
            return Err(Error::corrupt(path, detail));
        }
        if !self.is_known(chunk) {
            if blake3::hash(&bytes).as_bytes() != &chunk.file_hash {
                return Err(Error::corrupt(path, "its BLAKE3 hash is not the catalog's"));
            }
            self.lock().extend(identity(path));
        }
        Ok(Bytes::from(bytes))
    }

    fn is_known(&self, chunk: &Chunk) -> bool {
        identity(&chunk.path).is_some_and(|identity| self.lock().contains(&identity))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<Identity>> {
        // A set of names is whole even if a thread died while it held the lock.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        Error::corrupt(path, "the file is gone")
    } else {
        Error::Io { action: "read", path: path.to_owned(), source: error }
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = std::fs::metadata(path).ok()?;
    let changed = metadata.modified().ok();
    Some(Identity { path: path.to_owned(), bytes: metadata.len(), changed })
}
