//! Files on their way: written in a folder of the ingest's own, synced while others are still
//! being encoded, and moved into place when everything is there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use uuid::Uuid;

use crate::Error;
use crate::layout::Layout;

/// The folder of one ingest. It goes away with the ingest, whatever becomes of that.
#[derive(Debug)]
pub(super) struct Staging {
    folder: PathBuf,
    /// Written files, for the thread that syncs them.
    written: Option<Sender<(File, PathBuf)>>,
    syncing: Option<JoinHandle<Result<(), Error>>>,
}

impl Staging {
    pub(super) fn begin(layout: &Layout) -> Result<Self, Error> {
        let folder = layout.job();
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        let (written, files) = channel();
        let syncing = std::thread::spawn(move || sync_all(&files));
        Ok(Self { folder, written: Some(written), syncing: Some(syncing) })
    }

    /// Writes a file and has it synced.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<PathBuf, Error> {
        let path = self.folder.join(format!("{}.parquet", Uuid::new_v4().simple()));
        let mut file = File::create_new(&path).map_err(Error::io("create", &path))?;
        file.write_all(bytes).map_err(Error::io("write", &path))?;
        if let Some(written) = &self.written {
            // A thread that stopped has an error to tell, which `synced` asks for.
            let _ = written.send((file, path.clone()));
        }
        Ok(path)
    }

    /// Waits until every file is durable.
    pub(super) fn synced(&mut self) -> Result<(), Error> {
        drop(self.written.take());
        match self.syncing.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(Error::Io {
                action: "sync",
                path: self.folder.clone(),
                source: std::io::Error::other("the syncing thread stopped"),
            }),
            None => Ok(()),
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        drop(self.written.take());
        if let Some(syncing) = self.syncing.take() {
            let _ = syncing.join();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn sync_all(files: &Receiver<(File, PathBuf)>) -> Result<(), Error> {
    // An error of fsync is told once and never again: it ends the ingest, and nothing is retried.
    for (file, path) in files {
        file.sync_all().map_err(Error::io("sync", &path))?;
    }
    Ok(())
}

/// Files moved into place, but not yet published: they are removed again unless they are kept.
#[derive(Debug, Default)]
pub(super) struct Placed {
    files: Vec<PathBuf>,
}

impl Placed {
    /// Moves files from where they were staged to where they stay, and syncs the folders.
    pub(super) fn place<'a>(
        root: &Path,
        files: impl IntoIterator<Item = (&'a Path, PathBuf)>,
    ) -> Result<Self, Error> {
        let mut placed = Self::default();
        let mut folders = BTreeSet::new();
        for (from, to) in files {
            let folder = to.parent().unwrap_or(root).to_owned();
            if folders.insert(folder.clone()) {
                fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
            }
            fs::rename(from, &to).map_err(Error::io("move a file to", &to))?;
            placed.files.push(to);
        }
        // A file is found after a power cut only if every folder above it was synced.
        let mut above = BTreeSet::new();
        for folder in &folders {
            above.extend(folder.ancestors().take_while(|path| path.starts_with(root)));
        }
        for folder in above {
            let opened = File::open(folder).map_err(Error::io("open", folder))?;
            opened.sync_all().map_err(Error::io("sync", folder))?;
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
            let _ = fs::remove_file(file);
        }
    }
}
