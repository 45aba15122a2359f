//! [`Shelf`]: the folder of tiles, which holds so many bytes and no more.
//!
//! Tiles are found by name and touched when they are opened. For a new one, those that were not
//! touched for longest are deleted; but none that this process has open. A tile that another process
//! has open may go: it goes on reading it, since what is mapped stays until it is let go. Where
//! everything else is in use, a new tile is mapped and gets no name: it is there for as long as it
//! is used. Whoever adds or deletes holds the lock of the file of [`Usage`], so that several
//! processes together keep to the limit.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::Tile;
use super::file::{Fill, Plan, UNNAMED, Unnamed, open};
use crate::Error;
use crate::cache::{Event, Level, Record, Usage};

/// The tiles of a folder.
#[derive(Debug)]
pub(crate) struct Shelf {
    folder: PathBuf,
    /// The bytes that it may hold.
    limit: u64,
    usage: Arc<Usage>,
    /// How many times this process has each tile open, by its path.
    in_use: Arc<Mutex<HashMap<PathBuf, usize>>>,
}

/// A tile on the shelf.
#[derive(Debug)]
pub(crate) struct Shelved {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// When it was opened or made last.
    pub(crate) used: Option<SystemTime>,
}

/// A tile that this process has open.
#[derive(Debug)]
pub(super) struct Held {
    path: PathBuf,
    in_use: Arc<Mutex<HashMap<PathBuf, usize>>>,
}

/// Tiles after which the folder is looked through although it should hold enough.
const LIST_AGAIN: u64 = 512;
/// With more tiles than this, some more go at once than must.
const MANY: usize = 64;

impl Shelf {
    pub(crate) fn new(folder: PathBuf, limit: u64, usage: Arc<Usage>) -> Self {
        Self { folder, limit, usage, in_use: Arc::default() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Where a tile of this key lies.
    pub(crate) fn path(&self, key: &[u8; 32]) -> PathBuf {
        let name = blake3::Hash::from_bytes(*key).to_hex();
        self.folder.join(format!("{}.npy", name.get(..32).unwrap_or_default()))
    }

    /// A tile that is there and what is planned.
    pub(crate) fn find(&self, plan: &Plan<'_>) -> Option<Tile> {
        let path = self.path(&plan.key);
        let found = if self.limit == 0 { None } else { self.open(&path, plan) };
        let event = if found.is_some() { Event::Hit } else { Event::Miss };
        self.usage.count(Level::Disk, event);
        found
    }

    fn open(&self, path: &Path, plan: &Plan<'_>) -> Option<Tile> {
        let held = Held::new(path, &self.in_use);
        let file = File::open(path).ok()?;
        touch(&file);
        let tile = open(&file, plan);
        if tile.is_none() {
            self.usage.count(Level::Disk, Event::Failure);
        }
        Some(Tile { _held: Some(held), ..tile? })
    }

    /// Makes a tile, and keeps it where there is room.
    ///
    /// With `fresh` the one that is there was damaged: another takes its place, and what is given back
    /// lies in memory.
    pub(crate) fn make(&self, plan: &Plan<'_>, fill: &Fill<'_>, fresh: bool) -> Tile {
        if fresh {
            self.usage.count(Level::Disk, Event::Failure);
        }
        // A disk that is full or read-only makes it slower the next time, and no more than that.
        let written = (self.limit > 0).then(|| self.write(plan, fill).ok()).flatten();
        match written.filter(|_| !fresh) {
            Some(tile) => tile,
            None => Tile::owned(plan.lives, fill),
        }
    }

    fn write(&self, plan: &Plan<'_>, fill: &Fill<'_>) -> io::Result<Tile> {
        let path = self.path(&plan.key);
        let unnamed = Unnamed::write(&self.folder, plan, fill)?;
        let held = Held::new(&path, &self.in_use);
        let file = File::open(unnamed.path())?;
        let tile = open(&file, plan).ok_or(ErrorKind::InvalidData)?;
        let named = self.usage.change(|record| {
            let room = self.make_room(record, &path, plan.bytes())?;
            if room {
                unnamed.name(&path)?;
                record.tile_bytes += plan.bytes();
                record.since_listed += 1;
            }
            Ok::<bool, io::Error>(room)
        })??;
        // What is mapped and has no name cannot be deleted everywhere.
        if !named && !cfg!(unix) {
            return Err(ErrorKind::StorageFull.into());
        }
        Ok(Tile { _held: named.then_some(held), ..tile })
    }

    /// Deletes tiles until one of so many bytes fits; `false` where it does not fit even so.
    fn make_room(&self, record: &mut Record, path: &Path, bytes: u64) -> io::Result<bool> {
        let fits = |held: u64| held.saturating_add(bytes) <= self.limit;
        let known = record.since_listed > 0 && record.since_listed < LIST_AGAIN;
        if known && fits(record.tile_bytes) {
            return Ok(true);
        }
        self.sweep();
        let mut tiles = list(&self.folder)?;
        // One of the same name makes room by itself.
        tiles.retain(|tile| tile.path != path);
        let mut held: u64 = tiles.iter().map(|tile| tile.bytes).sum();
        if !fits(held) {
            let slack = if tiles.len() > MANY { self.limit / 16 } else { 0 };
            tiles.sort_by(|a, b| (a.used, &a.path).cmp(&(b.used, &b.path)));
            for tile in tiles {
                if fits(held.saturating_add(slack)) {
                    break;
                }
                if !self.lock().contains_key(&tile.path) && fs::remove_file(&tile.path).is_ok() {
                    held -= tile.bytes;
                    self.usage.note(Level::Disk, Event::Eviction);
                }
            }
        }
        (record.tile_bytes, record.since_listed) = (held, 1);
        Ok(fits(held))
    }

    /// Deletes what processes that died were writing.
    pub(crate) fn sweep(&self) {
        if !cfg!(unix) {
            return;
        }
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == UNNAMED)
                && File::open(&path).is_ok_and(|file| file.try_lock().is_ok())
            {
                let _ = fs::remove_file(&path);
            }
        }
    }

    /// Every tile there is.
    pub(crate) fn list(&self) -> Result<Vec<Shelved>, Error> {
        list(&self.folder).map_err(Error::io("list", &self.folder))
    }

    /// Deletes tiles.
    pub(crate) fn remove<'a>(tiles: impl IntoIterator<Item = &'a Shelved>) -> Result<(), Error> {
        for tile in tiles {
            match fs::remove_file(&tile.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::io("delete", &tile.path)(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, usize>> {
        lock(&self.in_use)
    }
}

impl Held {
    fn new(path: &Path, in_use: &Arc<Mutex<HashMap<PathBuf, usize>>>) -> Self {
        *lock(in_use).entry(path.to_owned()).or_default() += 1;
        Self { path: path.to_owned(), in_use: Arc::clone(in_use) }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut in_use = lock(&self.in_use);
        if let Some(count) = in_use.get_mut(&self.path) {
            *count -= 1;
            if *count == 0 {
                in_use.remove(&self.path);
            }
        }
    }
}

fn lock(in_use: &Mutex<HashMap<PathBuf, usize>>) -> MutexGuard<'_, HashMap<PathBuf, usize>> {
    // Numbers are whole even if a thread died while it held the lock.
    in_use.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tiles in a folder; none where there is no folder.
fn list(folder: &Path) -> io::Result<Vec<Shelved>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let mut tiles = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // One that is being written has another name.
        if path.extension().is_none_or(|extension| extension != "npy") {
            continue;
        }
        let Ok(found) = fs::metadata(&path) else { continue };
        let used = found.accessed().ok().max(found.modified().ok());
        tiles.push(Shelved { path, bytes: found.len(), used });
    }
    Ok(tiles)
}

/// Says that a tile is used now, also where the file system does not take note of reading.
#[cfg(unix)]
fn touch(file: &File) {
    use rustix::fs::{Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, futimens};
    let at = |nanos| Timespec { tv_sec: 0, tv_nsec: nanos };
    let times = Timestamps { last_access: at(UTIME_NOW), last_modification: at(UTIME_OMIT) };
    // Of a folder that is read-only nothing is deleted either.
    let _ = futimens(file, &times);
}

#[cfg(not(unix))]
fn touch(_: &File) {}
