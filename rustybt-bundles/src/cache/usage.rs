//! [`Usage`]: how often caches were of use, kept for all processes in a small file.
//!
//! The file has two places of 512 bytes. Whoever writes has it locked and writes the older place,
//! so that a process killed while it writes leaves the other one. What a process has counted and not yet
//! written when it is killed is lost; nothing but the counts depends on that.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::counters::{Counted, Counters, Event, Level};

/// Counts of this process, and the file of all.
#[derive(Debug)]
pub(crate) struct Usage {
    path: PathBuf,
    own: Counters,
    /// Events since the counts were last written.
    unwritten: AtomicU64,
}

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Record {
    /// How often it was written.
    turn: u64,
    /// The bytes of all tiles; too many where somebody else deleted some.
    pub(crate) tile_bytes: u64,
    /// Tiles since the folder was last looked through; it was never where this is 0.
    pub(crate) since_listed: u64,
    /// In the order of [`Level::ALL`].
    pub(crate) levels: [Counted; 3],
}

const PLACE: usize = 512;
const MAGIC: u64 = u64::from_le_bytes(*b"RBTUSE01");
/// Events after which a process writes its counts without waiting for its end.
const OFTEN: u64 = 4096;

impl Usage {
    /// The counts of the caches in a folder.
    pub(crate) fn new(folder: &Path) -> Self {
        let path = folder.join("usage");
        Self { path, own: Counters::default(), unwritten: AtomicU64::new(0) }
    }

    /// Counts an event.
    pub(crate) fn count(&self, level: Level, event: Event) {
        self.count_many(level, event, 1);
    }

    /// Counts an event so many times.
    pub(crate) fn count_many(&self, level: Level, event: Event, count: u64) {
        self.own.add(level, event, count);
        if self.unwritten.fetch_add(1, Ordering::Relaxed) + 1 >= OFTEN {
            self.flush();
        }
    }

    /// Counts an event where the record is being changed.
    pub(crate) fn note(&self, level: Level, event: Event) {
        self.own.add(level, event, 1);
        self.unwritten.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds the counts of this process to the file.
    pub(crate) fn flush(&self) {
        if self.unwritten.swap(0, Ordering::Relaxed) > 0 {
            // Where it cannot be written now, it may be the next time.
            let _ = self.change(|_| ());
        }
    }

    /// What was counted by all processes, this one included, up to now.
    pub(crate) fn read(&self) -> [Counted; 3] {
        self.flush();
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| file.read_to_end(&mut bytes));
        let mut levels = read.map(|_| Record::newest(&bytes)).unwrap_or_default().levels;
        // What could not be written down.
        let own = self.own.take();
        self.own.put_back(&own);
        levels.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        levels
    }

    /// Begins all counts anew.
    pub(crate) fn forget(&self) {
        self.own.take();
        let _ = self.change(|record| record.levels = Default::default());
    }

    /// Changes the record, and adds the counts of this process to it, while nobody else does.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> io::Result<T> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.path)?;
        lock(&file)?;
        let mut bytes = Vec::with_capacity(2 * PLACE);
        file.read_to_end(&mut bytes)?;
        let mut record = Record::newest(&bytes);
        let done = change(&mut record);
        let own = self.own.take();
        record.levels.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        record.turn += 1;
        let place = (record.turn % 2) * PLACE as u64;
        let written =
            file.seek(SeekFrom::Start(place)).and_then(|_| file.write_all(&record.to_bytes()));
        if let Err(error) = written {
            self.own.put_back(&own);
            return Err(error);
        }
        // A child that is just being started has the file open, too.
        let _ = file.unlock();
        Ok(done)
    }
}

impl Drop for Usage {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Record {
    /// The record that was written last and whole.
    fn newest(bytes: &[u8]) -> Self {
        let records = bytes.chunks(PLACE).filter_map(Self::from_bytes);
        records.max_by_key(|record| record.turn).unwrap_or_default()
    }

    fn to_bytes(self) -> Vec<u8> {
        let head = [MAGIC, self.turn, self.tile_bytes, self.since_listed];
        let counts = self.levels.iter().flat_map(|level| level.0);
        let mut bytes: Vec<u8> =
            head.into_iter().chain(counts).flat_map(u64::to_le_bytes).collect();
        bytes.resize(PLACE - 32, 0);
        let hash = blake3::hash(&bytes);
        bytes.extend(hash.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (content, hash) = bytes.split_at_checked(PLACE - 32)?;
        if blake3::hash(content).as_bytes() != hash {
            return None;
        }
        let mut numbers = content.as_chunks::<8>().0.iter().copied().map(u64::from_le_bytes);
        let mut next = || numbers.next();
        if next()? != MAGIC {
            return None;
        }
        let mut record = Self {
            turn: next()?,
            tile_bytes: next()?,
            since_listed: next()?,
            levels: Default::default(),
        };
        for level in &mut record.levels {
            for count in &mut level.0 {
                *count = next()?;
            }
        }
        Some(record)
    }
}

/// Takes the lock, unless whoever has it keeps it for longer than anything takes that is done here:
/// a process that was stopped must not stop the others.
fn lock(file: &File) -> io::Result<()> {
    for _ in 0..200 {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(std::fs::TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(1)),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_several_processes_add_up_and_survive_a_torn_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("usage");
        for turn in 1..=3 {
            let usage = Usage::new(folder.path());
            usage.count(Level::Disk, Event::Hit);
            usage.count_many(Level::Memory, Event::Miss, 2);
            let levels = usage.read();
            assert_eq!(levels[Level::Disk as usize][Event::Hit], turn);
            assert_eq!(levels[Level::Memory as usize][Event::Miss], 2 * turn);
        }
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(whole.len(), 2 * PLACE);
        // The third writing went into the second place.
        let mut torn = whole.clone();
        torn[PLACE + 40] ^= 1;
        std::fs::write(&path, &torn).unwrap();
        assert_eq!(Usage::new(folder.path()).read()[Level::Disk as usize][Event::Hit], 2);
        for rubbish in [&b""[..], b"what", &[0; 2 * PLACE], &whole[..PLACE - 1]] {
            std::fs::write(&path, rubbish).unwrap();
            assert_eq!(Usage::new(folder.path()).read(), [Counted::default(); 3]);
        }
    }

    #[test]
    fn what_cannot_be_written_is_counted_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), b"").unwrap();
        let usage = Usage::new(&folder.path().join("file"));
        usage.count(Level::Redis, Event::Failure);
        assert_eq!(usage.read()[Level::Redis as usize][Event::Failure], 1);
        assert_eq!(usage.read()[Level::Redis as usize][Event::Failure], 1);
    }

    #[test]
    fn somebody_who_keeps_the_lock_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let usage = Usage::new(folder.path());
        usage.count(Level::Disk, Event::Hit);
        usage.flush();
        let other = File::open(folder.path().join("usage")).unwrap();
        other.lock().unwrap();
        usage.count(Level::Disk, Event::Hit);
        assert!(usage.change(|_| ()).is_err());
        other.unlock().unwrap();
        assert_eq!(usage.read()[Level::Disk as usize][Event::Hit], 2);
    }
}
