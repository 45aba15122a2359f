//! [`ObjectFs`]: data files in an object store, such as S3.
//!
//! ```text
//! URL/data/…      every data file, under the same path as on a disk; written once, if it is not there
//! LOCAL/data/…    copies of those that were read or written here; may be removed at any time
//! LOCAL/…         everything else: what is staged, locks, tiles
//! ```
//!
//! A file is staged on the disk, and put into the store when it gets its final name. A file that is
//! read is fetched whole and kept, because files are never changed: it is fetched once. Whether it
//! is what the catalog says is looked at by whoever opens it, as on a disk.

use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::{Entry, NewFile, OsFs, StoredFile, Vfs};
use crate::layout::DATA_PATH;

/// Data files in an object store; everything else on the disk.
///
/// What fails on the way is tried again by the client of the store, with its own patience, and
/// nowhere else.
pub struct ObjectFs {
    url: String,
    store: Arc<dyn ObjectStore>,
    /// Of `data/` within the store.
    prefix: Key,
    /// `data/` on the disk.
    copies: PathBuf,
    disk: OsFs,
    runtime: Runtime,
}

impl std::fmt::Debug for ObjectFs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client knows keys.
        f.debug_struct("ObjectFs").field("url", &self.url).finish_non_exhaustive()
    }
}

impl ObjectFs {
    /// The store of a URL, such as `s3://BUCKET/PREFIX`, for the store at the folder `local`.
    ///
    /// `variables` say where it is and who asks: those of the environment that the clouds' own
    /// programs read, such as `AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT_URL`. They are kept in memory.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a URL of a kind that this program was not built
    /// for, and what the client says of the variables.
    pub fn new(
        url: &str,
        local: &Path,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> io::Result<Self> {
        let parsed = url::Url::parse(url)
            .map_err(|_| io::Error::new(ErrorKind::InvalidInput, "it is no URL"))?;
        // What says who asks belongs into the environment: URLs are shown.
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let keys = "keys belong into the environment, not into the URL";
            return Err(io::Error::new(ErrorKind::InvalidInput, keys));
        }
        let variables = variables.into_iter().map(|(name, value)| {
            // As the clouds' own programs spell it.
            let name = if name == "AWS_ENDPOINT_URL" { "AWS_ENDPOINT".to_owned() } else { name };
            (name, value)
        });
        let (store, prefix) = object_store::parse_url_opts(&parsed, variables)
            .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error.to_string()))?;
        Self::with(Arc::from(store), url, prefix.as_ref(), local)
    }

    /// A store that is there already, such as one in memory; `url` is what to call it.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a prefix that is none, and what the system says
    /// where no thread can be started.
    pub fn with(
        store: Arc<dyn ObjectStore>,
        url: &str,
        prefix: &str,
        local: &Path,
    ) -> io::Result<Self> {
        let prefix = format!("{}/{DATA_PATH}", prefix.trim_matches('/'));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("rustybt-objects")
            .enable_all()
            .build()?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            store,
            prefix: Key::parse(prefix.trim_matches('/')).map_err(invalid)?,
            copies: local.join(DATA_PATH.trim_end_matches('/')),
            disk: OsFs,
            runtime,
        })
    }

    /// The name of a data file in the store; `None` for what lies on the disk.
    fn key(&self, path: &Path) -> io::Result<Option<Key>> {
        let Ok(below) = path.strip_prefix(&self.copies) else { return Ok(None) };
        let mut key = self.prefix.as_ref().to_owned();
        for part in below.components() {
            key.push('/');
            key.push_str(part.as_os_str().to_str().ok_or_else(|| invalid("it is not UTF-8"))?);
        }
        Key::parse(key).map(Some).map_err(invalid)
    }

    /// The path of a data file, as on a disk.
    fn path(&self, key: &Key) -> Option<PathBuf> {
        let below = key.as_ref().strip_prefix(self.prefix.as_ref())?.strip_prefix('/')?;
        let mut path = self.copies.clone();
        path.extend(below.split('/'));
        Some(path)
    }

    fn entries(&self, folder: &Key) -> io::Result<Vec<ObjectMeta>> {
        use futures_util::TryStreamExt;
        let listed = self.store.list(Some(folder)).try_collect();
        self.runtime.block_on(listed).map_err(told)
    }

    fn get(&self, key: &Key) -> io::Result<Bytes> {
        self.runtime.block_on(async { self.store.get(key).await?.bytes().await }).map_err(told)
    }

    /// Fetches a file and keeps it. It has its name when all of it is durable: a copy is whole.
    fn fetch(&self, key: &Key, path: &Path) -> io::Result<()> {
        let bytes = self.get(key)?;
        let folder = path.parent().unwrap_or(&self.copies);
        std::fs::create_dir_all(folder)?;
        let unfinished = folder.join(format!(".{}.tmp", Uuid::new_v4().simple()));
        let kept = std::fs::File::create_new(&unfinished)
            .and_then(|mut file| {
                file.write_all(&bytes)?;
                file.sync_all()
            })
            .and_then(|()| std::fs::rename(&unfinished, path));
        if kept.is_err() {
            let _ = std::fs::remove_file(&unfinished);
        }
        kept
    }
}

impl Vfs for ObjectFs {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.disk.create_folder(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        match self.key(path)? {
            None => self.disk.create(path),
            Some(_) => Err(ErrorKind::Unsupported.into()),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let Some(key) = self.key(to)? else { return self.disk.rename(from, to) };
        let bytes = PutPayload::from(self.disk.read(from)?);
        // Whatever has this name is somebody else's: nothing is ever written over.
        let once = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        self.runtime.block_on(self.store.put_opts(&key, bytes, once)).map_err(told)?;
        // It is published; that no copy of it stays here only costs time.
        let _ = self.disk.rename(from, to).or_else(|_| self.disk.remove_file(from));
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        match self.key(path)? {
            None if path.exists() => self.disk.sync_folder(path),
            _ => Ok(()),
        }
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let Some(key) = self.key(path)? else { return self.disk.remove_file(path) };
        let removed = self.runtime.block_on(async {
            // Some stores are content to delete what is not there.
            self.store.head(&key).await?;
            self.store.delete(&key).await
        });
        let _ = self.disk.remove_file(path);
        removed.map_err(told)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        if let Some(key) = self.key(path)? {
            for entry in self.entries(&key)? {
                self.runtime.block_on(self.store.delete(&entry.location)).map_err(told)?;
            }
        }
        self.disk.remove_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let Some(key) = self.key(folder)? else { return self.disk.list(folder) };
        let entries = self.entries(&key)?.into_iter().filter_map(|entry| {
            let changed = Some(SystemTime::from(entry.last_modified));
            Some(Entry { path: self.path(&entry.location)?, bytes: entry.size, changed })
        });
        Ok(entries.collect())
    }

    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let Some(key) = self.key(folder)? else { return self.disk.folders(folder) };
        let listed =
            self.runtime.block_on(self.store.list_with_delimiter(Some(&key))).map_err(told)?;
        Ok(listed.common_prefixes.iter().filter_map(|key| self.path(key)).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        let Some(key) = self.key(path)? else { return self.disk.open(path) };
        match self.disk.open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return opened,
        }
        self.fetch(&key, path)?;
        self.disk.open(path)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        let Some(key) = self.key(path)? else { return self.disk.length(path) };
        Ok(self.runtime.block_on(self.store.head(&key)).map_err(told)?.size)
    }

    fn open_original(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        match self.key(path)? {
            None => self.disk.open(path),
            Some(key) => Ok(Box::new(Fetched(self.get(&key)?))),
        }
    }

    fn forget_copy(&self, path: &Path) -> bool {
        self.key(path).is_ok_and(|key| key.is_some()) && self.disk.remove_file(path).is_ok()
    }

    fn url(&self) -> Option<&str> {
        Some(&self.url)
    }

    fn free(&self, path: &Path) -> Option<u64> {
        self.disk.free(path)
    }

    fn is_shared(&self) -> bool {
        true
    }
}

/// A file that was fetched and is not kept.
#[derive(Debug)]
struct Fetched(Bytes);

impl StoredFile for Fetched {
    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn changed(&self) -> Option<SystemTime> {
        None
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(at).map_err(invalid)?;
        self.0.get(from..).unwrap_or_default().read(buffer)
    }
}

/// What the client of a store says, as the system would say it.
fn told(error: object_store::Error) -> io::Error {
    let kind =
        match &error {
            object_store::Error::NotFound { .. } => ErrorKind::NotFound,
            object_store::Error::AlreadyExists { .. }
            | object_store::Error::Precondition { .. } => ErrorKind::AlreadyExists,
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. } => ErrorKind::PermissionDenied,
            object_store::Error::NotSupported { .. }
            | object_store::Error::NotImplemented { .. } => ErrorKind::Unsupported,
            _ => ErrorKind::Other,
        };
    io::Error::new(kind, error)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error)
}
