//! Power cuts: a file system in memory that knows what was synced, and forgets the rest.
//!
//! While an ingest runs, the store is photographed before every call that changes a file and at
//! every step. Each picture is then what the power cut left, in three ways: all of it (`kill`), only
//! what was synced (`drop`), or anything between: names lost or kept one by one, writes lost, torn
//! and out of order (`full`). Whatever it was, the store opens, and holds an old version or a new
//! one; a version that was acknowledged is there.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustybt_bundles::Store;
use rustybt_bundles::vfs::{Entry, NewFile, Step, StoredFile, Vfs};

use crate::child::{clean, sweep, tell};
use crate::disk::{Content, Disk, Mode, Node};
use crate::invariants::{check_invariants_on, open};
use crate::kill::{Expected, expected, newest, root};

/// The store at one moment.
#[derive(Debug, Clone)]
struct Picture {
    what: String,
    disk: Disk,
    /// The catalog, and its log.
    catalog: Option<Vec<u8>>,
    log: Option<Vec<u8>>,
    /// Tellings that were acknowledged by then.
    acknowledged: usize,
}

#[derive(Debug)]
struct State {
    disk: Disk,
    pictures: Option<Vec<Picture>>,
    acknowledged: usize,
}

/// A file system in memory.
#[derive(Debug, Clone)]
struct SimFs {
    root: PathBuf,
    state: Arc<Mutex<State>>,
}

impl SimFs {
    fn new(root: &Path, disk: Disk, photographs: bool) -> Self {
        let pictures = photographs.then(Vec::new);
        let state = State { disk, pictures, acknowledged: 0 };
        Self { root: root.to_owned(), state: Arc::new(Mutex::new(state)) }
    }

    fn shared(&self) -> Arc<dyn Vfs> {
        Arc::new(self.clone())
    }

    fn path(&self, path: &Path) -> Vec<String> {
        let below = path.strip_prefix(&self.root).expect("a path below the root");
        below.iter().map(|part| part.to_str().unwrap().to_owned()).collect()
    }

    fn photograph(&self, what: impl FnOnce() -> String) {
        let mut state = self.state.lock().unwrap();
        if state.pictures.is_none() {
            return;
        }
        // The log first: what is moved from it to the catalog meanwhile is then in both.
        let read = |name: &str| std::fs::read(self.root.join(name)).ok();
        let log = read("catalog.sqlite-wal");
        let picture = Picture {
            what: what(),
            disk: state.disk.clone(),
            catalog: read("catalog.sqlite"),
            log,
            acknowledged: state.acknowledged,
        };
        state.pictures.as_mut().unwrap().push(picture);
    }

    fn acknowledge(&self, telling: usize) {
        self.state.lock().unwrap().acknowledged = telling;
        self.photograph(|| format!("telling {telling} is acknowledged"));
    }

    fn change<T>(
        &self,
        what: &str,
        path: &Path,
        change: impl FnOnce(&mut Disk, &[String]) -> io::Result<T>,
    ) -> io::Result<T> {
        self.photograph(|| format!("{what} {}", path.display()));
        let path = self.path(path);
        change(&mut self.state.lock().unwrap().disk, &path)
    }
}

impl Vfs for SimFs {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.change("create folder", path, |disk, path| {
            let mut at = 0;
            for name in path {
                let there = disk.names(at).get(name).copied();
                at = there.unwrap_or_else(|| {
                    let (live, durable) = Default::default();
                    let new = disk.add(Node::Folder { live, durable });
                    disk.names(at).insert(name.clone(), new);
                    new
                });
            }
            Ok(())
        })
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        let node = self.change("create", path, |disk, path| {
            let (folder, name) = disk.parent(path)?;
            if disk.names(folder).contains_key(&name) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            let node = disk.add(Node::File(Content::default()));
            disk.names(folder).insert(name, node);
            Ok(node)
        })?;
        Ok(Box::new(SimFile { fs: self.clone(), node, path: path.to_owned() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let from = self.path(from);
        self.change("rename to", to, |disk, to| {
            let (folder, name) = disk.parent(&from)?;
            let node = disk.names(folder).remove(&name).ok_or(ErrorKind::NotFound)?;
            let (folder, name) = disk.parent(to)?;
            disk.names(folder).insert(name, node);
            Ok(())
        })
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.change("sync folder", path, |disk, path| {
            let at = disk.find(path).ok_or(ErrorKind::NotFound)?;
            match &mut disk.nodes[at] {
                Node::Folder { live, durable } => *durable = live.clone(),
                Node::File(_) => return Err(ErrorKind::NotADirectory.into()),
            }
            Ok(())
        })
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.change("remove", path, |disk, path| {
            let (folder, name) = disk.parent(path)?;
            disk.names(folder).remove(&name).ok_or(ErrorKind::NotFound)?;
            Ok(())
        })
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.change("remove folder", path, |disk, path| {
            if let Ok((folder, name)) = disk.parent(path) {
                disk.names(folder).remove(&name);
            }
            Ok(())
        })
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        let disk = &self.state.lock().unwrap().disk;
        let mut files = Vec::new();
        if let Some(at) = disk.find(&self.path(folder)) {
            disk.files(at, folder, &mut files);
        }
        Ok(files.into_iter().map(|(path, bytes)| Entry { path, bytes, changed: None }).collect())
    }

    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let disk = &self.state.lock().unwrap().disk;
        let Some(at) = disk.find(&self.path(folder)) else { return Ok(Vec::new()) };
        let Node::Folder { live, .. } = &disk.nodes[at] else { return Ok(Vec::new()) };
        let folders =
            live.iter().filter(|(_, node)| matches!(disk.nodes[**node], Node::Folder { .. }));
        Ok(folders.map(|(name, _)| folder.join(name)).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        let disk = &self.state.lock().unwrap().disk;
        let at = disk.find(&self.path(path)).ok_or(ErrorKind::NotFound)?;
        match &disk.nodes[at] {
            Node::File(content) => Ok(Box::new(SimStored(Arc::clone(&content.live)))),
            Node::Folder { .. } => Err(ErrorKind::IsADirectory.into()),
        }
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn reached(&self, step: Step) {
        self.photograph(|| step.name().to_owned());
    }
}

#[derive(Debug)]
struct SimFile {
    fs: SimFs,
    node: usize,
    path: PathBuf,
}

impl SimFile {
    fn change(&self, what: &str, change: impl FnOnce(&mut Content)) {
        self.fs.photograph(|| format!("{what} {}", self.path.display()));
        if let Node::File(content) = &mut self.fs.state.lock().unwrap().disk.nodes[self.node] {
            change(content);
        }
    }
}

impl NewFile for SimFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.change("write", |content| Arc::make_mut(&mut content.live).extend(bytes));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.change("sync", |content| content.durable = Arc::clone(&content.live));
        Ok(())
    }
}

#[derive(Debug)]
struct SimStored(Arc<Vec<u8>>);

impl StoredFile for SimStored {
    fn bytes(&self) -> u64 {
        self.0.len() as u64
    }

    fn changed(&self) -> Option<std::time::SystemTime> {
        None
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self.0.get(at as usize..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// Two tellings, with a picture before each call.
fn pictures() -> Vec<Picture> {
    let (_folder, root) = root();
    std::fs::create_dir_all(&root).unwrap();
    let fs = SimFs::new(&root, Disk::new(), true);
    let store = open(&root, &fs.shared());
    for telling in [1, 2] {
        tell(&store, telling).unwrap();
        fs.acknowledge(telling as usize);
    }
    clean(&store).unwrap();
    fs.photograph(|| "cleaned".to_owned());
    drop(store);
    fs.state.lock().unwrap().pictures.take().unwrap()
}

/// What is there after a power cut in a picture; the store is opened, and looked at in all ways.
fn power_cut(picture: &Picture, (mode, seed): (Mode, u64), expected: &Expected, again: bool) {
    let (_folder, root) = root();
    std::fs::create_dir_all(&root).unwrap();
    for (name, bytes) in
        [("catalog.sqlite", &picture.catalog), ("catalog.sqlite-wal", &picture.log)]
    {
        if let Some(bytes) = bytes {
            std::fs::write(root.join(name), bytes).unwrap();
        }
    }
    let fs = SimFs::new(&root, picture.disk.clone().after(mode, seed), false);
    let found = newest(&check_invariants_on(&root, &fs.shared()), expected);
    let acknowledged = picture.acknowledged;
    assert!(found == acknowledged || found == acknowledged + 1, "{found} of {acknowledged}");
    if again {
        let store: Store = open(&root, &fs.shared());
        let next = (acknowledged + 1).min(2);
        tell(&store, next as u32).unwrap();
        drop(store);
        assert_eq!(newest(&check_invariants_on(&root, &fs.shared()), expected), next);
        // Clearing up may be cut off as well.
        let disk = fs.state.lock().unwrap().disk.clone().after(Mode::Drop, seed);
        let fs = SimFs::new(&root, disk, false);
        assert_eq!(newest(&check_invariants_on(&root, &fs.shared()), expected), next);
    }
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_that_was_acknowledged() {
    // One seed a picture; RUSTYBT_SWEEP=200 tries so many.
    let seeds = sweep().unwrap_or(1);
    let expected = expected();
    let pictures = pictures();
    assert!(pictures.len() > 100, "{}", pictures.len());
    let mut cuts = 0;
    for (at, picture) in pictures.iter().enumerate() {
        let full = (0..seeds).map(|seed| (Mode::Full, seed * 1_000_003 + at as u64));
        for (nth, cut) in [(Mode::Kill, 0), (Mode::Drop, 0)].into_iter().chain(full).enumerate() {
            // A process that is only killed is another test's; here it is tried now and then.
            if cut.0 == Mode::Kill && seeds == 1 && at % 8 != 0 {
                continue;
            }
            cuts += 1;
            let again = (at + nth) % 6 == 0;
            let one = || power_cut(picture, cut, &expected, again);
            if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(one)) {
                println!("picture {at} ({}), {cut:?}", picture.what);
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{cuts} power cuts in {} pictures", pictures.len());
}

#[test]
fn what_was_not_synced_is_lost_here() {
    let root = Path::new("/root");
    let fs = SimFs::new(root, Disk::new(), false);
    fs.create_folder(&root.join("a")).unwrap();
    let mut file = fs.create(&root.join("a/b")).unwrap();
    file.write(&[7; 10_000]).unwrap();
    let after = |fs: &SimFs, mode, seed| {
        let disk = fs.state.lock().unwrap().disk.clone();
        SimFs::new(root, disk.after(mode, seed), false)
    };
    assert_eq!(after(&fs, Mode::Kill, 0).read(&root.join("a/b")).unwrap(), [7; 10_000]);
    assert!(after(&fs, Mode::Drop, 0).list(root).unwrap().is_empty(), "no name is durable yet");
    fs.sync_folder(&root.join("a")).unwrap();
    fs.sync_folder(root).unwrap();
    assert!(after(&fs, Mode::Drop, 0).read(&root.join("a/b")).unwrap().is_empty());
    let torn = (0..50).map(|seed| after(&fs, Mode::Full, seed).read(&root.join("a/b")).unwrap());
    let kinds: std::collections::BTreeSet<Vec<u8>> = torn.collect();
    assert!(kinds.len() > 20, "{}", kinds.len());
    file.sync().unwrap();
    for mode in [Mode::Drop, Mode::Full] {
        assert_eq!(after(&fs, mode, 3).read(&root.join("a/b")).unwrap(), [7; 10_000]);
    }
    fs.rename(&root.join("a/b"), &root.join("c")).unwrap();
    assert_eq!(after(&fs, Mode::Drop, 0).read(&root.join("a/b")).unwrap().len(), 10_000);
    fs.sync_folder(&root.join("a")).unwrap();
    assert!(after(&fs, Mode::Drop, 0).list(root).unwrap().is_empty(), "gone here, not yet there");
}
