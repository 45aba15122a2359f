//! Recovery: what dead ingests have left is removed, and nothing else.
//!
//! An ingest holds the lock of its staging folder as long as it lives, and writes down in
//! `rbt_staged` which files it is about to place below `data/`. So what a dead one has left is known
//! by name: its folder, and those of its files that no version came to know.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::Error;
use crate::catalog::Catalog;
use crate::layout::Layout;
use crate::lock::StagingLock;
use crate::vfs::Step;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Dead ingests that had left something.
    pub ingests: u64,
    /// Files that were removed: below `data/`, where no version knew them, and below `staging/`.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Removes what dead ingests have left. The staging folder of a job that can be resumed stays.
pub(crate) fn recover(layout: &Layout, catalog: &Mutex<Catalog>) -> Result<Recovered, Error> {
    let mut recovered = Recovered::default();
    for id in left_behind(layout, catalog)? {
        let Some(dead) = StagingLock::of_dead(layout, &id)? else { continue };
        remove(layout, catalog, &id, &mut recovered)?;
        drop(dead);
    }
    Ok(recovered)
}

/// How many dead ingests have left something.
pub(crate) fn dead(layout: &Layout, catalog: &Mutex<Catalog>) -> Result<usize, Error> {
    let mut dead = 0;
    for id in left_behind(layout, catalog)? {
        dead += usize::from(StagingLock::of_dead(layout, &id)?.is_some());
    }
    Ok(dead)
}

/// The ingests that may have left something, the living among them.
fn left_behind(layout: &Layout, catalog: &Mutex<Catalog>) -> Result<BTreeSet<String>, Error> {
    let mut ids = layout.staging_locks()?;
    // Where others write too, only the locks tell which ingests were this machine's.
    if !layout.vfs().is_shared() && layout.lock_server().is_none() {
        let staging = layout.staging();
        let folders = layout.vfs().folders(&staging).map_err(Error::io("list", &staging))?;
        let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
        ids.extend(folders.iter().filter_map(|folder| name(folder)));
        ids.extend(catalog.lock().unwrap_or_else(PoisonError::into_inner).announcing()?);
    }
    // What is no name of a folder was written by nobody here.
    ids.retain(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    Ok(ids)
}

fn remove(
    layout: &Layout,
    catalog: &Mutex<Catalog>,
    id: &str,
    recovered: &mut Recovered,
) -> Result<(), Error> {
    let vfs = layout.vfs();
    let (mut files, mut bytes) = take_back(layout, catalog, id)?;
    let resumable = catalog.lock().unwrap_or_else(PoisonError::into_inner).is_resumable(id)?;
    if !resumable {
        let folder = layout.job(id);
        for entry in vfs.list(&folder).map_err(Error::io("list", &folder))? {
            files += 1;
            bytes += entry.bytes;
        }
        vfs.reached(Step::GcStaging);
        vfs.remove_folder(&folder).map_err(Error::io("remove", &folder))?;
    }
    recovered.ingests += u64::from(files > 0);
    recovered.files += files;
    recovered.bytes += bytes;
    Ok(())
}

/// Removes the files that an ingest placed and did not publish; how many, and their bytes.
///
/// First it is made sure that they cannot be published any more, and they are forgotten only when they are gone for good: one that a power cut brings back is still
/// known by name.
pub(crate) fn take_back(
    layout: &Layout,
    catalog: &Mutex<Catalog>,
    id: &str,
) -> Result<(u64, u64), Error> {
    let catalog = || catalog.lock().unwrap_or_else(PoisonError::into_inner);
    let vfs = layout.vfs();
    let announced = catalog().seize(id)?;
    if announced.is_empty() {
        return Ok((0, 0));
    }
    let (mut files, mut bytes, mut folders) = (0, 0, BTreeSet::new());
    for path in announced.iter().filter_map(|path| layout.below_data(path)) {
        // One that is gone was removed by a recovery that may not have come to the folder's sync.
        folders.extend(path.parent().map(Path::to_owned));
        let length = match vfs.length(&path) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io("read", &path)(error)),
        };
        vfs.reached(Step::GcOrphan);
        vfs.remove_file(&path).map_err(Error::io("remove", &path))?;
        files += 1;
        bytes += length;
    }
    for folder in folders {
        match vfs.sync_folder(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            synced => synced.map_err(Error::io("sync", &folder))?,
        }
    }
    catalog().forget(id)?;
    Ok((files, bytes))
}
