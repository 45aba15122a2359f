//! [`Verified`]: which files have been hashed, so that each is hashed once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::Error;
use crate::cache::{Caches, Key};
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::format::{Column, ColumnSpec, ParquetFile, Rows};
use crate::lock::Lease;
use crate::table::Dataset;
use crate::vfs::{Content, Vfs};

/// Reads data files, each checked against the catalog's hash before it is decoded.
///
/// A file is hashed when it is first read. It is hashed again where its length or its time of
/// change is another one: data files are never changed, so that somebody else did.
#[derive(Debug)]
pub(crate) struct Verified {
    vfs: Arc<dyn Vfs>,
    seen: Arc<Mutex<HashSet<Identity>>>,
    caches: Arc<Caches>,
    /// The version that is read through this, held as long as anybody can read from it.
    _lease: Option<Lease>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Identity {
    path: PathBuf,
    bytes: u64,
    changed: Option<SystemTime>,
}

impl Verified {
    pub(crate) fn new(vfs: Arc<dyn Vfs>, caches: Arc<Caches>) -> Self {
        Self { vfs, seen: Arc::default(), caches, _lease: None }
    }

    /// The same, to read a version that is held meanwhile.
    pub(crate) fn leased(&self, lease: Option<Lease>) -> Self {
        Self {
            vfs: Arc::clone(&self.vfs),
            seen: Arc::clone(&self.seen),
            caches: Arc::clone(&self.caches),
            _lease: lease,
        }
    }

    /// Opens a data file to read these of its rows.
    pub(crate) fn open(
        &self,
        chunk: &Chunk,
        dataset: Dataset,
        scales: Scales,
        rows: &Rows,
    ) -> Result<ParquetFile, Error> {
        self.open_at(chunk, dataset.columns(scales), rows)
    }

    /// Opens a data file to read these of its rows at these columns.
    pub(crate) fn open_at(
        &self,
        chunk: &Chunk,
        specs: Vec<ColumnSpec>,
        rows: &Rows,
    ) -> Result<ParquetFile, Error> {
        let path = &chunk.path;
        let file = match self.whole(chunk) {
            // A copy that was kept nearby may be damaged where the file is not.
            Err(Error::Corrupt { .. }) if self.vfs.forget_copy(path) => self.whole(chunk)?,
            file => file?,
        };
        ParquetFile::open(path, file, specs, chunk.rows, rows)
    }

    /// Columns of a data file, in this order, out of the cache where they are there.
    ///
    /// What is there was decoded from a file of that very hash: the file is not looked at again.
    pub(crate) fn kept_columns(
        &self,
        chunk: &Chunk,
        specs: &[ColumnSpec],
        wanted: &[usize],
        rows: &Rows,
    ) -> Result<Vec<Arc<Column>>, Error> {
        let range = match rows {
            Rows::All => 0..chunk.rows,
            Rows::Range(range) => range.clone(),
        };
        let open = RefCell::new(None);
        let decode = |at: usize| {
            let mut open = open.borrow_mut();
            let file = match open.take() {
                Some(file) => file,
                None => self.open_at(chunk, specs.to_vec(), rows)?,
            };
            open.insert(file).column(at, rows)
        };
        wanted
            .iter()
            .map(|&at| match specs.get(at) {
                Some(spec) => {
                    let key = || Key::new(chunk, spec, &range);
                    let shape = (spec.kind, range.len());
                    self.caches.columns.get(key, shape, || decode(at))
                }
                None => decode(at).map(Arc::new),
            })
            .collect()
    }

    /// Opens a data file that is what the catalog says.
    fn whole(&self, chunk: &Chunk) -> Result<Content, Error> {
        let path = &chunk.path;
        let file = self.vfs.open(path).map_err(|error| unreadable(path, error))?;
        if file.bytes() != chunk.bytes {
            let (found, expected) = (file.bytes(), chunk.bytes);
            let detail = format!("it has {found} bytes where the catalog says {expected}");
            return Err(Error::corrupt(path, detail));
        }
        let (bytes, changed) = (file.bytes(), file.changed());
        let identity = Identity { path: path.clone(), bytes, changed };
        let file = Content::new(file);
        if !self.lock().contains(&identity) {
            // In small pieces: most readers want one column of seven.
            let hash = hash(&file).map_err(|error| unreadable(path, error))?;
            if hash != chunk.file_hash {
                return Err(Error::corrupt(path, "its BLAKE3 hash is not the catalog's"));
            }
            self.lock().insert(identity);
        }
        Ok(file)
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<Identity>> {
        // A set of names is whole even if a thread died while it held the lock.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        Error::corrupt(path, "the file is gone")
    } else {
        Error::io("read", path)(error)
    }
}

/// BLAKE3 of a file.
fn hash(file: &Content) -> io::Result<[u8; 32]> {
    let mut file = file.from(0);
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(*hasher.finalize().as_bytes()),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
    }
}
