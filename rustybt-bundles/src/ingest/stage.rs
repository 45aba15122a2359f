//! Files on their way: written in a folder of the ingest's own, synced while others are still
//! being encoded, and moved into place when everything is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::points::Points;
use crate::Error;
use crate::layout::Layout;
use crate::lock::StagingLock;
use crate::vfs::{NewFile, Step, Vfs, refused};

/// Points that are written down together.
const MANY: usize = 64;

/// Refused rows that are held in memory, at most and at least.
const MOST_REFUSED: usize = 50_000;
const FEWEST_REFUSED: usize = 16;

/// Points are written down when nothing came for so long.
const PAUSE: Duration = Duration::from_secs(1);

/// The folder of one ingest. That of a job stays as long as the job may need it; any other goes
/// away with the ingest, whatever becomes of that.
#[derive(Debug)]
pub(super) struct Staging {
    vfs: Arc<dyn Vfs>,
    id: String,
    folder: PathBuf,
    /// Where a job leaves what it has.
    points: Option<Arc<Points>>,
    /// Written files, for the thread that syncs them.
    written: Option<Sender<Message>>,
    syncing: Option<JoinHandle<Synced>>,
    /// Refused rows that are held in memory, and how many may be.
    refused: AtomicUsize,
    most_refused: usize,
    /// Tells others that the ingest is alive; a job has that of its own.
    _lock: Option<StagingLock>,
}

/// What the thread that syncs ends with: the points that are not written down yet.
type Synced = Result<Vec<(String, Vec<u8>)>, Error>;

/// What the thread that syncs is told, in order.
enum Message {
    File(Written),
    /// Everything of a point was written before.
    Point(String, Vec<u8>),
}

/// A file that is whole, but not durable yet.
struct Written {
    file: Box<dyn NewFile>,
    path: PathBuf,
    bytes: u64,
}

impl Staging {
    /// A folder that goes away.
    pub(super) fn begin(layout: &Layout) -> Result<Self, Error> {
        let id = Uuid::new_v4().simple().to_string();
        let lock = StagingLock::take(layout, &id)?;
        let folder = layout.job(&id);
        Self::in_folder(layout.vfs_shared(), id, folder, None, Some(lock))
    }

    /// The folder of a job.
    pub(super) fn of_job(points: &Arc<Points>) -> Result<Self, Error> {
        let (vfs, folder) = (Arc::clone(&points.vfs), points.folder.clone());
        Self::in_folder(vfs, points.job.to_string(), folder, Some(Arc::clone(points)), None)
    }

    fn in_folder(
        vfs: Arc<dyn Vfs>,
        id: String,
        folder: PathBuf,
        points: Option<Arc<Points>>,
        lock: Option<StagingLock>,
    ) -> Result<Self, Error> {
        vfs.create_folder(&folder).map_err(Error::io("create", &folder))?;
        let (written, files) = channel();
        let (of_thread, points_of_thread) = (Arc::clone(&vfs), points.clone());
        let syncing =
            std::thread::spawn(move || sync_all(&*of_thread, points_of_thread.as_deref(), &files));
        Ok(Self {
            vfs,
            id,
            folder,
            points,
            written: Some(written),
            syncing: Some(syncing),
            refused: AtomicUsize::new(0),
            most_refused: MOST_REFUSED,
            _lock: lock,
        })
    }

    /// Says how much memory there is.
    pub(super) fn limit(&mut self, memory: u64) {
        // An eighth of it, half a kilobyte a row.
        let rows = usize::try_from(memory / 4096).unwrap_or(usize::MAX);
        self.most_refused = rows.clamp(FEWEST_REFUSED, MOST_REFUSED);
    }

    /// So many refused rows more are held in memory; whether these are too many.
    pub(super) fn refuse(&self, rows: usize) -> bool {
        self.refused.fetch_add(rows, Ordering::Relaxed) + rows > self.most_refused
    }

    /// So many of them are no longer held.
    pub(super) fn forget_refused(&self, rows: usize) {
        self.refused.fetch_sub(rows, Ordering::Relaxed);
    }

    /// Leaves a point to resume from, once its files are durable.
    pub(super) fn leave<P: Serialize>(&self, key: String, point: impl FnOnce() -> P) {
        if let Some(written) = self.written.as_ref().filter(|_| self.points.is_some())
            // A path that is no text: the parts are fetched again then.
            && let Ok(body) = serde_json::to_vec(&point())
        {
            let _ = written.send(Message::Point(key, body));
        }
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
            let file = Written { file, path: path.clone(), bytes: needed };
            let _ = written.send(Message::File(file));
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
            // What is published now needs no point to resume from.
            Some(Ok(result)) => drop(result?),
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
        let left = self.syncing.take().and_then(|syncing| syncing.join().ok());
        if let Some(points) = &self.points {
            // Whoever comes here has another error to tell.
            let _ = points.add(&left.and_then(Result::ok).unwrap_or_default());
        } else {
            self.vfs.reached(Step::GcStaging);
            let _ = self.vfs.remove_folder(&self.folder);
        }
    }
}

/// Syncs what comes.
fn sync_all(vfs: &dyn Vfs, points: Option<&Points>, messages: &Receiver<Message>) -> Synced {
    let mut left = Vec::new();
    loop {
        match messages.recv_timeout(PAUSE) {
            // An error of fsync is told once and never again: it ends the ingest, and nothing is
            // retried.
            Ok(Message::File(Written { mut file, path, bytes })) => {
                vfs.reached(Step::StageFsync);
                file.sync().map_err(refused(vfs, "sync", &path, bytes))?;
            }
            Ok(Message::Point(key, point)) => {
                left.push((key, point));
                if left.len() == MANY {
                    write_down(points, &mut left)?;
                }
            }
            Err(RecvTimeoutError::Timeout) => write_down(points, &mut left)?,
            Err(RecvTimeoutError::Disconnected) => return Ok(left),
        }
    }
}

fn write_down(points: Option<&Points>, left: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    let written = std::mem::take(left);
    points.map_or(Ok(()), |points| points.add(&written))
}

/// Moves files from where they were staged to where they stay, and syncs the folders.
pub(super) fn place<'a>(
    layout: &Layout,
    files: impl IntoIterator<Item = (&'a Path, &'a Path)>,
) -> Result<(), Error> {
    let (vfs, root) = (layout.vfs(), layout.root());
    let mut folders = BTreeSet::new();
    for (from, to) in files {
        let folder = to.parent().unwrap_or(root);
        if folders.insert(folder) {
            vfs.create_folder(folder).map_err(Error::io("create", folder))?;
        }
        vfs.reached(Step::PublishLink);
        vfs.rename(from, to).map_err(Error::io("move a file to", to))?;
    }
    // A file is found after a power cut only if every folder above it was synced.
    let mut above = BTreeSet::new();
    for folder in folders {
        above.extend(folder.ancestors().take_while(|path| path.starts_with(root)));
    }
    for folder in above {
        vfs.reached(Step::PublishDirsync);
        vfs.sync_folder(folder).map_err(Error::io("sync", folder))?;
    }
    Ok(())
}
