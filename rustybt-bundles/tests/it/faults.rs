//! Every call that an ingest makes of its file system fails once: the n-th, for every n, until one
//! run passes. And a disk that is full in earnest.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use rustybt_bundles::vfs::{Entry, NewFile, OsFs, StoredFile, Vfs};
use rustybt_bundles::{Error, Store, StoreOptions};
use rustybt_data::{Synthetic, SyntheticConfig};

use crate::child::{sweep, tell};
use crate::fixture::{name, options};
use crate::invariants::check_invariants;
use crate::kill::{expected, newest, root};

const EIO: i32 = 5;
const EACCES: i32 = 13;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;
const EDQUOT: i32 = 122;

/// The disk, but one call fails.
#[derive(Debug, Clone)]
struct Faulty(Arc<Mutex<Plan>>);

#[derive(Debug)]
struct Plan {
    /// Calls until the one that fails.
    left: usize,
    errno: i32,
    failed: bool,
    /// How often each file was synced.
    syncs: BTreeMap<PathBuf, usize>,
}

impl Faulty {
    fn new(at: usize, errno: i32) -> Self {
        Self(Arc::new(Mutex::new(Plan { left: at, errno, failed: false, syncs: BTreeMap::new() })))
    }

    fn call(&self) -> io::Result<()> {
        let mut plan = self.0.lock().unwrap();
        if plan.left == 0 {
            return Ok(());
        }
        plan.left -= 1;
        if plan.left > 0 {
            return Ok(());
        }
        plan.failed = true;
        Err(io::Error::from_raw_os_error(plan.errno))
    }
}

impl Vfs for Faulty {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        OsFs.create_folder(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        self.call()?;
        Ok(Box::new(FaultyFile { fs: self.clone(), file: OsFs.create(path)?, path: path.into() }))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call()?;
        OsFs.rename(from, to)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        OsFs.sync_folder(path)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        OsFs.remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.call()?;
        OsFs.remove_folder(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        self.call()?;
        OsFs.list(folder)
    }
    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.call()?;
        OsFs.folders(folder)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        self.call()?;
        OsFs.open(path)
    }
    fn free(&self, path: &Path) -> Option<u64> {
        OsFs.free(path)
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[derive(Debug)]
struct FaultyFile {
    fs: Faulty,
    file: Box<dyn NewFile>,
    path: PathBuf,
}

impl NewFile for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.fs.call()?;
        self.file.write(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        *self.fs.0.lock().unwrap().syncs.entry(self.path.clone()).or_default() += 1;
        self.fs.call()?;
        self.file.sync()
    }
}

/// The errors that an errno may become.
fn is_typed(error: &Error, errno: i32) -> bool {
    match errno {
        ENOSPC | EDQUOT => matches!(error, Error::DiskFull { .. }),
        EACCES | EROFS => matches!(error, Error::Denied { .. }),
        EMFILE => matches!(error, Error::TooManyFiles { .. }),
        _ => matches!(error, Error::Io { .. }),
    }
}

#[test]
fn the_nth_call_fails_for_every_n() {
    let sweep = sweep().is_some();
    let expected = expected();
    let mut faults = 0;
    for (errno, every) in
        [(ENOSPC, 2), (EIO, 3), (EDQUOT, 11), (EACCES, 7), (EROFS, 13), (EMFILE, 9)]
    {
        let every = if sweep { 1 } else { every };
        for at in (1..).step_by(every) {
            let (_folder, root) = root();
            tell(&Store::open_or_create(&root).unwrap(), 1).unwrap();
            let faulty = Faulty::new(at, errno);
            let store = StoreOptions::new().vfs(Arc::new(faulty.clone())).open(&root).unwrap();
            let told = tell(&store, 2);
            drop(store);
            let plan = faulty.0.lock().unwrap();
            assert!(plan.syncs.values().all(|&syncs| syncs == 1), "a failed sync is final");
            if !plan.failed {
                assert_eq!(told.unwrap(), 2);
                break;
            }
            faults += 1;
            match told {
                // What cannot be cleared up is cleared up by the next one.
                Ok(version) => assert_eq!(version, 2),
                Err(error) => {
                    assert!(is_typed(&error, errno), "call {at}, errno {errno}: {error:?}");
                    assert!(errno == EIO || error.hint().is_some());
                    if matches!(error, Error::DiskFull { .. }) {
                        let staging = std::fs::read_dir(root.join("staging")).unwrap().count();
                        assert_eq!(staging, 0, "staging is freed");
                    }
                    let store = Store::open(&root).unwrap();
                    assert_eq!(store.versions(&name("us")).unwrap().len(), 1);
                }
            }
            drop(plan);
            let held = newest(&check_invariants(&root), &expected);
            let store = Store::open(&root).unwrap();
            assert_eq!(tell(&store, 2).unwrap(), 2);
            drop(store);
            assert_eq!(newest(&check_invariants(&root), &expected), 2, "after {held}");
        }
    }
    println!("{faults} calls failed");
}

/// A small file system of its own; gone with the test.
struct Small(PathBuf);

impl Small {
    fn mount(path: &Path, bytes: usize) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let size = format!("size={bytes}");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(path).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(path.to_owned()))
    }

    fn grow(&self) {
        let grown = Command::new("mount").args(["-o", "remount,size=64m"]).arg(&self.0).status();
        assert!(grown.unwrap().success());
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_to_be_full_and_given_back() {
    let market =
        Synthetic::new(SyntheticConfig { assets: 40, ..SyntheticConfig::default() }).unwrap();
    let mut options = options("2024-01-02T12:00Z");
    options.selection.calendar = market.calendar().clone();
    options.workers = 1;
    for (full, kilobytes) in (200..8000).step_by(400).enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        let Some(small) = Small::mount(&root, kilobytes << 10) else {
            println!("skipped: a full disk (only root can mount a small one)");
            return;
        };
        let ingest = || {
            let store = Store::open_or_create(&root)?;
            store.ingest(&name("us"), &market, &options, &|_| {}).map(|report| report.assets)
        };
        let first = ingest();
        if let Ok(assets) = first {
            assert_eq!(assets, 40);
            assert!(full > 2, "{kilobytes} KiB are enough");
            check_invariants(&root);
            drop(small);
            return;
        }
        let error = first.unwrap_err();
        assert!(matches!(error, Error::DiskFull { .. }), "{kilobytes} KiB: {error:?}");
        let left: usize = std::fs::read_dir(root.join("staging")).into_iter().flatten().count();
        assert_eq!(left, 0, "staging is freed");
        small.grow();
        assert_eq!(ingest().unwrap(), 40);
        check_invariants(&root);
    }
    panic!("8 MB are not enough");
}
