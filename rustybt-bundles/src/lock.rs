//! Locks: who writes a bundle, and who reads which version of it.
//!
//! ```text
//! ROOT/locks/BUNDLE_ID.lock              exclusive: whoever writes the bundle
//! ROOT/locks/BUNDLE_ID-vVERSION.lock     shared: whoever has that version open
//! ROOT/locks/staging-UUID.lock           exclusive: the ingest that owns ROOT/staging/UUID
//! ```
//!
//! They are locks of the operating system on open files (`flock`), so that it is the kernel that
//! lets go of them, however a process ends. Whoever is done says so all the same, instead of only
//! closing the file: a child that is just being started has the file open, too, and would keep the
//! lock. A file that nobody has locked means nothing, and may lie there for ever. The writer's lock
//! tells in its file who holds it. Where the catalog is on a server, the first two are taken there
//! too, for machines that do not see these files.

use std::fmt::{self, Display};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustybt_calendars::Timestamp;
use serde::{Deserialize, Serialize};

use crate::catalog::database::ServerLock;
use crate::layout::Layout;
use crate::vfs::Step;
use crate::{BundleName, Error, Stop};

/// What an ingest does where another one writes the same bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Locking {
    /// It fails at once with [`Error::Busy`], which says who writes and since when.
    #[default]
    Fail,
    /// It waits so long, and fails then.
    Wait(Duration),
    /// It takes no lock: of those that write at the same time, the first to publish wins, and the
    /// others start again on top of it.
    Unlocked,
}

/// Who writes a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// When it began.
    pub since: String,
    /// The job it does, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
}

impl Holder {
    /// This process.
    pub(crate) fn this(since: Timestamp, job: Option<&str>) -> Self {
        Self {
            pid: std::process::id(),
            host: host(),
            since: since.to_string(),
            job: job.map(str::to_owned),
        }
    }
}

impl Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pid, host, since, job } = self;
        if *pid == 0 {
            // It has not said yet who it is.
            return f.write_str("another process");
        }
        write!(f, "process {pid} on {host} since {since}")?;
        job.as_ref().map_or(Ok(()), |job| write!(f, " (job {job})"))
    }
}

/// The writer's lock of a bundle. It is let go of when it is dropped.
#[derive(Debug)]
pub(crate) struct WriteLock {
    file: File,
    /// The same for machines that do not see the file.
    _server: Option<ServerLock>,
}

impl WriteLock {
    /// Takes the lock of a bundle; nothing where none is wanted.
    ///
    /// Nobody is woken when the lock is free: it is tried every few milliseconds. That needs no
    /// clock, and who waits longest has no right to be the next.
    pub(crate) fn take(
        layout: &Layout,
        (name, bundle): (&BundleName, i64),
        locking: Locking,
        holder: &Holder,
        stop: Option<&Stop>,
    ) -> Result<Option<Self>, Error> {
        const PAUSE: Duration = Duration::from_millis(20);
        let mut patience = match locking {
            Locking::Unlocked => return Ok(None),
            Locking::Fail => Duration::ZERO,
            Locking::Wait(patience) => patience,
        };
        layout.vfs().reached(Step::LeaseFlock);
        let path = layout.write_lock(bundle);
        let file = open(&path)?;
        let mut wait = |holder: &dyn Fn() -> Option<Holder>| {
            if patience.is_zero() || stop.is_some_and(Stop::is_raised) {
                let holder = Box::new(holder().unwrap_or_default());
                return Err(Error::Busy { name: name.clone(), holder });
            }
            let pause = PAUSE.min(patience);
            std::thread::sleep(pause);
            patience -= pause;
            Ok(())
        };
        while !lock(&file, &path)? {
            wait(&|| read(&path))?;
        }
        let mut server = None;
        if let Some(locks) = layout.lock_server() {
            let of = writer(bundle);
            server = locks.try_exclusive(&of)?;
            while server.is_none() {
                wait(&|| locks.holder(&of))?;
                server = locks.try_exclusive(&of)?;
            }
            locks.tell(holder);
        }
        let lock = Self { file, _server: server };
        // Who holds it is told to people; an ingest does not fail for want of that.
        let _ = lock.tell(holder);
        Ok(Some(lock))
    }

    fn tell(&self, holder: &Holder) -> io::Result<()> {
        self.file.set_len(0)?;
        (&self.file).write_all(serde_json::to_string(holder)?.as_bytes())
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// A version that is being read: it is not cleaned away.
#[derive(Debug)]
pub(crate) struct Lease {
    file: Option<File>,
    _server: Option<ServerLock>,
}

impl Lease {
    /// Takes a lease of a version; `None` where locks cannot be written, as on a read-only disk.
    ///
    /// Whoever takes it looks *afterwards* whether the version is still there: a version whose
    /// lease is taken stays, but one may have gone before.
    pub(crate) fn take(layout: &Layout, bundle: i64, version: u64) -> Result<Option<Self>, Error> {
        let of = reader(bundle, version);
        let server = layout.lock_server().map(|locks| locks.shared(&of)).transpose()?;
        let path = layout.version_lock(bundle, version);
        let file = match open(&path) {
            Ok(file) => file,
            Err(Error::Denied { .. } | Error::DiskFull { .. }) => {
                return Ok(server.map(|server| Self { file: None, _server: Some(server) }));
            }
            Err(error) => return Err(error),
        };
        // It waits only while somebody removes the version, which is a short transaction.
        retried(|| file.lock_shared()).map_err(Error::io("lock", &path))?;
        Ok(Some(Self { file: Some(file), _server: server }))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = self.file.as_ref().map(File::unlock);
    }
}

/// A version that nobody reads, and nobody can begin to read, while this is held: for whoever
/// removes it.
#[derive(Debug)]
pub(crate) struct Unread {
    file: File,
    path: PathBuf,
    _server: Option<ServerLock>,
}

impl Unread {
    /// Takes a version; `None` where somebody reads it.
    pub(crate) fn take(layout: &Layout, bundle: i64, version: u64) -> Result<Option<Self>, Error> {
        let path = layout.version_lock(bundle, version);
        let file = open(&path)?;
        if !lock(&file, &path)? {
            return Ok(None);
        }
        let mut server = None;
        if let Some(locks) = layout.lock_server() {
            server = locks.try_exclusive(&reader(bundle, version))?;
            if server.is_none() {
                let _ = file.unlock();
                return Ok(None);
            }
        }
        Ok(Some(Self { file, path, _server: server }))
    }

    /// The version is gone from the catalog: so goes its lock. Whoever opened the file before gets
    /// a lease of nothing, and sees then that the version is gone.
    pub(crate) fn gone(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// An ingest at work: as long as this lives, its staging folder is nobody else's to remove.
#[derive(Debug)]
pub(crate) struct StagingLock {
    file: File,
    path: PathBuf,
}

impl StagingLock {
    /// Takes the lock of a staging folder that is about to be made.
    pub(crate) fn take(layout: &Layout, id: &str) -> Result<Self, Error> {
        let path = layout.staging_lock(id);
        loop {
            let file = open(&path)?;
            retried(|| file.lock()).map_err(Error::io("lock", &path))?;
            // Somebody may have taken the file for that of a dead one before it was locked.
            if is_at(&file, &path) {
                return Ok(Self { file, path });
            }
        }
    }

    /// Whether the ingest of a staging folder is alive.
    pub(crate) fn is_held(layout: &Layout, id: &str) -> bool {
        let path = layout.staging_lock(id);
        let Ok(file) = File::open(&path) else { return false };
        // Where nobody can tell, nobody is declared dead.
        let free = lock(&file, &path).unwrap_or(false);
        let _ = file.unlock();
        !free
    }

    /// Takes the lock of a staging folder whose ingest is dead; `None` where it is alive.
    pub(crate) fn of_dead(layout: &Layout, id: &str) -> Result<Option<Self>, Error> {
        let path = layout.staging_lock(id);
        let file = open(&path)?;
        if lock(&file, &path)? && is_at(&file, &path) {
            return Ok(Some(Self { file, path }));
        }
        Ok(None)
    }
}

impl Drop for StagingLock {
    fn drop(&mut self) {
        // The name is never used again.
        let _ = std::fs::remove_file(&self.path);
        let _ = self.file.unlock();
    }
}

/// The writer's lock of a bundle, for a server of locks.
fn writer(bundle: i64) -> String {
    format!("{bundle}")
}

/// The readers' lock of a version, for a server of locks.
fn reader(bundle: i64, version: u64) -> String {
    format!("{bundle}-v{version}")
}

/// Opens a lock's file, made first where there is none.
fn open(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    let opened = retried(|| options.open(path)).or_else(|error| {
        let Some(folder) = path.parent().filter(|_| error.kind() == io::ErrorKind::NotFound) else {
            return Err(error);
        };
        std::fs::create_dir_all(folder)?;
        options.open(path)
    });
    opened.map_err(Error::io("open", path))
}

/// Tries to lock, exclusively; false where others hold it.
fn lock(file: &File, path: &Path) -> Result<bool, Error> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
        }
    }
}

/// Whether an open file is still the one of that name.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let of = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        file.metadata().ok().map(of) == std::fs::metadata(path).ok().map(of)
    }
    #[cfg(not(unix))]
    {
        let _ = (file, path);
        true
    }
}

/// Makes a call again that a signal interrupted.
fn retried<T>(call: impl Fn() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The name of this machine.
pub(crate) fn host() -> String {
    #[cfg(unix)]
    {
        rustix::system::uname().nodename().to_string_lossy().into_owned()
    }
    #[cfg(not(unix))]
    {
        "this machine".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::CacheOptions;
    use crate::vfs::OsFs;

    fn layout() -> (tempfile::TempDir, Layout) {
        let folder = tempfile::tempdir().unwrap();
        let layout =
            Layout::new(folder.path(), None, Arc::new(OsFs), &CacheOptions::none()).unwrap();
        (folder, layout)
    }

    #[test]
    fn one_writes_at_a_time_and_says_who_it_is() {
        let (_folder, layout) = layout();
        let name: BundleName = "us".parse().unwrap();
        let holder = Holder::this("2024-01-02T12:00Z".parse().unwrap(), Some("job-7"));
        let take = |locking| WriteLock::take(&layout, (&name, 3), locking, &holder, None);
        let first = take(Locking::Fail).unwrap();
        assert!(first.is_some());
        for locking in [Locking::Fail, Locking::Wait(Duration::from_millis(30))] {
            let error = take(locking).unwrap_err();
            let said = format!(
                "the bundle `us` is being written by process {} on {} since 2024-01-02T12:00Z (job job-7)",
                std::process::id(),
                host()
            );
            assert_eq!(error.to_string(), said);
            assert!(error.is_transient() && error.hint().is_some());
        }
        assert!(take(Locking::Unlocked).unwrap().is_none());
        let other = WriteLock::take(&layout, (&name, 4), Locking::Fail, &holder, None);
        assert!(other.unwrap().is_some());
        drop(first);
        assert!(take(Locking::Fail).unwrap().is_some());
    }

    #[test]
    fn one_who_waits_gets_the_lock_when_it_is_free() {
        let (_folder, layout) = layout();
        let name: BundleName = "us".parse().unwrap();
        let nobody = Holder::default();
        let take = |locking| WriteLock::take(&layout, (&name, 3), locking, &nobody, None);
        let first = take(Locking::Fail).unwrap();
        std::thread::scope(|scope| {
            let second = scope.spawn(|| take(Locking::Wait(Duration::from_mins(1))).map(drop));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!second.is_finished());
            drop(first);
            second.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_version_that_is_read_is_not_taken_away() {
        let (_folder, layout) = layout();
        let first = Lease::take(&layout, 3, 7).unwrap();
        let second = Lease::take(&layout, 3, 7).unwrap();
        assert!(first.is_some() && second.is_some());
        assert!(Unread::take(&layout, 3, 7).unwrap().is_none());
        assert!(Unread::take(&layout, 3, 8).unwrap().is_some());
        drop(first);
        assert!(Unread::take(&layout, 3, 7).unwrap().is_none());
        drop(second);
        let unread = Unread::take(&layout, 3, 7).unwrap().unwrap();
        unread.gone();
        assert!(!layout.version_lock(3, 7).exists());
    }

    #[test]
    fn a_staging_folder_is_dead_when_its_ingest_is() {
        let (_folder, layout) = layout();
        let alive = StagingLock::take(&layout, "abc").unwrap();
        for _ in 0..2 {
            assert!(StagingLock::of_dead(&layout, "abc").unwrap().is_none());
        }
        drop(alive);
        assert!(StagingLock::of_dead(&layout, "abc").unwrap().is_some());
        assert!(layout.staging_locks().unwrap().is_empty());
    }
}
