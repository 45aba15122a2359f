//! Files on their way: written in a folder of the ingest's own, synced while others are still
//! being encoded, and moved into place when everything is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use uuid::Uuid;

use crate::Error;
use crate::layout::Layout;
use crate::lock::StagingLock;
use crate::vfs::{NewFile, Step, Vfs, refused};

/// The folder of one ingest. It goes away with the ingest, whatever becomes of that.
#[derive(Debug)]
pub(super) struct Staging {
    vfs: Arc<dyn Vfs>,
    id: String,
    folder: PathBuf,
    /// Written files, for the thread that syncs them.
    written: Option<Sender<Written>>,
    syncing: Option<JoinHandle<Result<(), Error>>>,
    /// Tells others that the ingest is alive.
    _lock: StagingLock,
}

/// A file that is whole, but not durable yet.
struct Written {
    file: Box<dyn NewFile>,
    path: PathBuf,
    bytes: u64,
}

impl Staging {
    pub(super) fn begin(layout: &Layout) -> Result<Self, Error> {
        let id = Uuid::new_v4().simple().to_string();
        let lock = StagingLock::take(layout, &id)?;
        let (vfs, folder) = (layout.vfs_shared(), layout.job(&id));
        vfs.create_folder(&folder).map_err(Error::io("create", &folder))?;
        let (written, files) = channel();
        let of_thread = Arc::clone(&vfs);
        let syncing = std::thread::spawn(move || sync_all(&*of_thread, &files));
        Ok(Self { vfs, id, folder, written: Some(written), syncing: Some(syncing), _lock: lock })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn vfs(&self) -> &dyn Vfs {
        &*self.vfs
    }

    /// Writes a file and has it synced.
    ///
    /// It gets its name when all of it is written: whatever bears the name of a data file is whole,
    /// unless the power failed.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<PathBuf, Error> {
        let vfs = &*self.vfs;
        let path = self.folder.join(format!("{}.parquet", Uuid::new_v4().simple()));
        let unfinished = path.with_extension("parquet.tmp");
        let needed = bytes.len() as u64;
        vfs.reached(Step::StageWrite);
        let mut file = vfs.create(&unfinished).map_err(refused(vfs, "create", &path, needed))?;
        let (head, tail) = bytes.split_at(bytes.len() / 2);
        file.write(head).map_err(refused(vfs, "write", &path, needed))?;
        vfs.reached(Step::StageShort);
        file.write(tail).map_err(refused(vfs, "write", &path, needed))?;
        vfs.reached(Step::StageRename);
        vfs.rename(&unfinished, &path).map_err(Error::io("move a file to", &path))?;
        if let Some(written) = &self.written {
            // A thread that stopped has an error to tell, which `synced` asks for.
            let _ = written.send(Written { file, path: path.clone(), bytes: needed });
        }
        Ok(path)
    }

    /// Reads a file that was written here.
    pub(super) fn read(&self, path: &Path) -> Result<Vec<u8>, Error> {
        self.vfs.read(path).map_err(Error::io("read", path))
    }

    /// Removes a file that was written here.
    pub(super) fn remove(&self, path: &Path) -> Result<(), Error> {
        self.vfs.remove_file(path).map_err(Error::io("remove", path))
    }

    /// The name of its folder, which is used once.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Tells of a step.
    pub(super) fn reached(&self, step: Step) {
        self.vfs.reached(step);
    }

    /// Waits until every file is durable.
    pub(super) fn synced(&mut self) -> Result<(), Error> {
        drop(self.written.take());
        match self.syncing.take().map(JoinHandle::join) {
            Some(Ok(result)) => result?,
            Some(Err(_)) => {
                let stopped = std::io::Error::other("the syncing thread stopped");
                return Err(Error::io("sync", &self.folder)(stopped));
            }
            None => return Ok(()),
        }
        self.vfs.reached(Step::StageDirsync);
        self.vfs.sync_folder(&self.folder).map_err(Error::io("sync", &self.folder))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        drop(self.written.take());
        if let Some(syncing) = self.syncing.take() {
            let _ = syncing.join();
        }
        self.vfs.reached(Step::GcStaging);
        let _ = self.vfs.remove_folder(&self.folder);
    }
}

fn sync_all(vfs: &dyn Vfs, files: &Receiver<Written>) -> Result<(), Error> {
    // An error of fsync is told once and never again: it ends the ingest, and nothing is retried.
    for Written { mut file, path, bytes } in files {
        vfs.reached(Step::StageFsync);
        file.sync().map_err(refused(vfs, "sync", &path, bytes))?;
    }
    Ok(())
}

/// Files moved into place, but not yet published: they are removed again unless they are kept.
#[derive(Debug)]
pub(super) struct Placed {
    vfs: Arc<dyn Vfs>,
    files: Vec<PathBuf>,
}

impl Placed {
    /// Moves files from where they were staged to where they stay, and syncs the folders.
    pub(super) fn place<'a>(
        layout: &Layout,
        files: impl IntoIterator<Item = (&'a Path, PathBuf)>,
    ) -> Result<Self, Error> {
        let (vfs, root) = (layout.vfs(), layout.root());
        let mut placed = Self { vfs: layout.vfs_shared(), files: Vec::new() };
        let mut folders = BTreeSet::new();
        for (from, to) in files {
            let folder = to.parent().unwrap_or(root).to_owned();
            if folders.insert(folder.clone()) {
                vfs.create_folder(&folder).map_err(Error::io("create", &folder))?;
            }
            vfs.reached(Step::PublishLink);
            vfs.rename(from, &to).map_err(Error::io("move a file to", &to))?;
            placed.files.push(to);
        }
        // A file is found after a power cut only if every folder above it was synced.
        let mut above = BTreeSet::new();
        for folder in &folders {
            above.extend(folder.ancestors().take_while(|path| path.starts_with(root)));
        }
        for folder in above {
            vfs.reached(Step::PublishDirsync);
            vfs.sync_folder(folder).map_err(Error::io("sync", folder))?;
        }
        Ok(placed)
    }

    /// They are published: from now on the catalog knows them.
    pub(super) fn keep(mut self) {
        self.files.clear();
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for file in &self.files {
            let _ = self.vfs.remove_file(file);
        }
    }
}
