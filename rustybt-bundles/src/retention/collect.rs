//! Deleting what is scheduled: files whose grace is over, then the tiles that nobody needs.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::CleanOptions;
use super::guard::Guard;
use crate::catalog::{DeadFile, Scheduled};
use crate::vfs::Step;
use crate::{Error, Store};

/// What was deleted, or would be, and what waits.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub(super) deleted: Vec<PathBuf>,
    pub(super) deleted_bytes: u64,
    pub(super) waiting_files: u64,
    pub(super) waiting_bytes: u64,
}

/// Files that are forgotten in one transaction.
const AT_ONCE: usize = 256;

/// Deletes the files of these bundles that are scheduled and whose grace is over.
///
/// `fresh` are files that a dry run did not schedule.
pub(super) fn collect(
    store: &Store,
    options: &CleanOptions,
    bundles: &BTreeSet<&str>,
    fresh: &[DeadFile],
) -> Result<Collected, Error> {
    let mut waiting = store.catalog().scheduled()?;
    waiting.extend(fresh.iter().filter(|file| !file.path.is_empty()).map(|file| Scheduled {
        id: file.id,
        path: file.path.clone(),
        since: Some(options.now),
    }));
    let mut collected = Collected::default();
    let mut over = Vec::new();
    for file in waiting {
        if !is_ours(&file.path, bundles) {
            continue;
        }
        let path = store.layout().data().join(&file.path);
        let bytes = bytes(store, &path)?;
        if is_over(&file, options) {
            if let Some(bytes) = bytes {
                collected.deleted_bytes += bytes;
                collected.deleted.push(path);
            }
            over.push(file);
        } else {
            collected.waiting_files += 1;
            collected.waiting_bytes += bytes.unwrap_or(0);
        }
    }
    if options.dry_run || over.is_empty() {
        return Ok(collected);
    }
    let Some(_alone) = Guard::to_delete(store.layout())? else {
        // Somebody copies files that the catalog had a moment ago: the next clean-up deletes them.
        return Ok(collected.put_off());
    };
    for files in over.chunks(AT_ONCE) {
        delete(store, files)?;
    }
    Ok(collected)
}

impl Collected {
    fn put_off(self) -> Self {
        Self {
            waiting_files: self.waiting_files + self.deleted.len() as u64,
            waiting_bytes: self.waiting_bytes + self.deleted_bytes,
            ..Self::default()
        }
    }
}

/// Unlinks files, then forgets them. One that is gone already was deleted by a clean-up that was
/// killed before it could forget it.
fn delete(store: &Store, files: &[Scheduled]) -> Result<(), Error> {
    let (layout, vfs) = (store.layout(), store.layout().vfs());
    let mut folders = BTreeSet::new();
    for file in files {
        let path = layout.data().join(&file.path);
        vfs.reached(Step::GcUnlink);
        match vfs.remove_file(&path) {
            Ok(()) => {}
            // Whoever deleted it may not have come to making that durable.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("delete", &path)(error)),
        }
        folders.extend(path.parent().map(Path::to_owned));
    }
    for folder in folders {
        match vfs.sync_folder(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            synced => synced.map_err(Error::io("sync", &folder))?,
        }
    }
    vfs.reached(Step::GcForget);
    store.catalog().forget_scheduled(files)
}

/// Whether a path is that of a data file of one of these bundles, and nothing else.
fn is_ours(path: &str, bundles: &BTreeSet<&str>) -> bool {
    let bundle = path.split('/').next().unwrap_or_default();
    bundles.contains(bundle)
        && Path::new(path).extension().is_some_and(|extension| extension == "parquet")
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn is_over(file: &Scheduled, options: &CleanOptions) -> bool {
    if options.grace.is_zero() {
        return true;
    }
    let grace = i64::try_from(options.grace.as_micros()).unwrap_or(i64::MAX);
    // What says no time is never known to have waited long enough. A clock that was set back
    // lets files wait longer.
    file.since.is_some_and(|since| options.now.micros().saturating_sub(since.micros()) >= grace)
}

/// The size of a file; `None` where there is none.
pub(super) fn bytes(store: &Store, path: &Path) -> Result<Option<u64>, Error> {
    match store.layout().vfs().length(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("look at", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_files_of_the_bundles_asked_for_are_ours() {
        let bundles = BTreeSet::from(["us"]);
        assert!(is_ours("us/bars_1d/year=2024/b0000-1.parquet", &bundles));
        for path in [
            "eu/bars_1d/a.parquet",
            "us/../eu/a.parquet",
            "/us/a.parquet",
            "us/a.txt",
            "us",
            "",
            "../us/a.parquet",
        ] {
            assert!(!is_ours(path, &bundles), "{path}");
        }
    }
}
