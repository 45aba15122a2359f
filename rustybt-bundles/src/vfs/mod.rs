//! [`Vfs`]: everything that a store asks of the place where its files lie.
//!
//! The catalog is a database and looks after itself. All other files are written once, under names
//! that are never used again, below `data/` and `staging/`; they are moved once and removed once.
//! That is so little that a disk, an object store and a simulation of either can all do it.
//!
//! | the store says | a disk | an object store |
//! |---|---|---|
//! | [`create`](Vfs::create), [`write`](NewFile::write) | a file that grows | a buffer, or the parts of an upload |
//! | [`sync`](NewFile::sync) | `fsync` | the object is put |
//! | [`rename`](Vfs::rename) | `rename` | the object is put at its final name |
//! | [`sync_folder`](Vfs::sync_folder), [`create_folder`](Vfs::create_folder) | `fsync`, `mkdir` | nothing |
//!
//! [`OsFs`] is the disk, `ObjectFs` an object store (feature `object-store`). A file system of your own is given to
//! [`StoreOptions::vfs`](crate::StoreOptions::vfs).

mod content;
#[cfg(feature = "object-store")]
mod object;
mod os;

use std::fmt::Debug;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub(crate) use self::content::Content;
#[cfg(feature = "object-store")]
pub use self::object::ObjectFs;
pub use self::os::OsFs;
use crate::Error;
pub use crate::step::Step;

/// Where the files of a store lie.
///
/// Every path begins with the root that the store was opened at. What returns `Ok` is done as far
/// as other processes see it; it is durable once [`NewFile::sync`] and [`sync_folder`] said so.
///
/// An implementation retries what can be retried safely (a call that was interrupted, a short
/// write); the store itself retries nothing. A failed sync above all is final: the system may have
/// dropped the pages, and says so only once.
///
/// [`sync_folder`]: Self::sync_folder
pub trait Vfs: Debug + Send + Sync {
    /// Makes a folder, and those above it; success where it is there.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes a new, empty file.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) where there is one, or what the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>>;

    /// Moves a file, in one step.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    ///
    /// # Errors
    ///
    /// What the system says; final.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) where there is none, or what the system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a folder with everything in it; success where there is none.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;

    /// Every file below a folder, however deep; none where there is no folder.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>>;

    /// The folders right below a folder; none where there is no folder.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Opens a file to be read. What is open stays readable when it is removed, or fails.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) where there is none, or what the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>>;

    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`StoredFile::read_at`].
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path)?;
        let mut bytes = vec![0; usize::try_from(file.bytes()).map_err(io::Error::other)?];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match file.read_at(done as u64, rest)? {
                0 => break,
                read => done += read,
            }
        }
        bytes.truncate(done);
        Ok(bytes)
    }

    /// The length of a file, without reading it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    fn length(&self, path: &Path) -> io::Result<u64> {
        Ok(self.open(path)?.bytes())
    }

    /// Opens a file where it lies, to be read once: a copy that may be kept here because the file
    /// lies far away is neither looked at nor made.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    fn open_original(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        self.open(path)
    }

    /// Bytes that may still be written at a path, where that is known.
    fn free(&self, path: &Path) -> Option<u64> {
        let _ = path;
        None
    }

    /// Removes the copy of a file that is kept here because the file lies far away; whether there
    /// was one. The file stays, and is fetched again when it is read.
    fn forget_copy(&self, path: &Path) -> bool {
        let _ = path;
        false
    }

    /// The root as other programs find it, where it is no folder.
    fn url(&self) -> Option<&str> {
        None
    }

    /// Whether other machines may write here too, so that the locks of this one do not tell who is
    /// alive.
    fn is_shared(&self) -> bool {
        true
    }

    /// A step was reached: for tests, which stop or fail there.
    fn reached(&self, step: Step) {
        let _ = step;
    }
}

/// A file being written.
pub trait NewFile: Debug + Send {
    /// Adds bytes at the end: all of them, or it fails.
    ///
    /// # Errors
    ///
    /// What the system says. The file is then of no use.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the content durable. Nothing is written afterwards.
    ///
    /// # Errors
    ///
    /// What the system says; final.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file being read.
pub trait StoredFile: Debug + Send + Sync {
    /// Its length.
    fn bytes(&self) -> u64;

    /// When it was last changed, where that is known.
    fn changed(&self) -> Option<SystemTime>;

    /// Reads from a place into a buffer, as many bytes as there are at once; 0 only at the end.
    ///
    /// # Errors
    ///
    /// What the system says.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A file in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, root and all.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// When it was last changed, where that is known.
    pub changed: Option<SystemTime>,
}

/// Says why something was refused, with the space there is where it was for want of space.
pub(crate) fn refused<'a>(
    vfs: &'a dyn Vfs,
    action: &'static str,
    path: &'a Path,
    needed: u64,
) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| match Error::io(action, path)(source) {
        Error::DiskFull { action, path, source, .. } => {
            let free = path.parent().and_then(|folder| vfs.free(folder));
            Error::DiskFull { action, path, needed: Some(needed), free, source }
        }
        error => error,
    }
}
