//! [`Store::cache_stats`]: how full the caches are, and of how much use they were.

use super::counters::{Counted, Event, Level};
use crate::tile::Shelf;
use crate::{Error, Store};

/// How full the caches of a store are, and of how much use they were.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStats {
    /// Every level, the nearest first: memory, disk, Redis.
    pub levels: Vec<LevelStats>,
}

/// A level of the caches.
///
/// Hits, misses, evictions and failures are those of all processes since the counts began; what a
/// process had not yet written down when it was killed is not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LevelStats {
    /// `memory`, `disk` or `redis`.
    pub name: &'static str,
    /// What it holds; of memory, in this process. `None` where it is not known.
    pub entries: Option<u64>,
    /// Their size.
    pub bytes: Option<u64>,
    /// How large it may get; 0 where it is not used, [`u64::MAX`] without a limit.
    pub limit: u64,
    /// How often it had what was asked for.
    pub hits: u64,
    /// How often it did not.
    pub misses: u64,
    /// What had to go for something else.
    pub evictions: u64,
    /// What was damaged, or could not be asked.
    pub failures: u64,
}

impl LevelStats {
    /// The part of all questions that it had an answer to; `None` where there was none.
    pub fn hit_rate(&self) -> Option<f64> {
        let asked = self.hits + self.misses;
        (asked > 0).then(|| self.hits as f64 / asked as f64)
    }
}

/// What was cleared of the caches, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Cleared {
    /// Tiles.
    pub tiles: u64,
    /// Their size.
    pub bytes: u64,
    /// Whether nothing was changed.
    pub dry_run: bool,
}

impl Store {
    /// How full the caches are, and of how much use they were.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the folder of the tiles cannot be listed.
    pub fn cache_stats(&self) -> Result<CacheStats, Error> {
        let caches = &self.layout().caches;
        let counted = caches.usage.read();
        let tiles = caches.shelf.list()?;
        let level = |level: Level, entries, bytes, limit| {
            let count = |event| counted.get(level as usize).map_or(0, |it: &Counted| it[event]);
            LevelStats {
                name: level.name(),
                entries,
                bytes,
                limit,
                hits: count(Event::Hit),
                misses: count(Event::Miss),
                evictions: count(Event::Eviction),
                failures: count(Event::Failure),
            }
        };
        let bytes = tiles.iter().map(|tile| tile.bytes).sum();
        let levels = Level::ALL.map(|it| match it {
            Level::Memory => {
                let (entries, bytes) = caches.columns.held();
                level(it, Some(entries), Some(bytes), caches.columns.limit())
            }
            Level::Disk => level(it, Some(tiles.len() as u64), Some(bytes), caches.shelf.limit()),
            Level::Redis => level(it, None, None, 0),
        });
        Ok(CacheStats { levels: levels.into() })
    }

    /// Deletes every tile, forgets what this process has in memory, and begins the counts anew; or
    /// says what would go.
    ///
    /// Whoever has a tile open goes on reading it.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where a tile cannot be deleted.
    pub fn clear_caches(&self, dry_run: bool) -> Result<Cleared, Error> {
        let caches = &self.layout().caches;
        let tiles = caches.shelf.list()?;
        let bytes = tiles.iter().map(|tile| tile.bytes).sum();
        if !dry_run {
            Shelf::remove(&tiles)?;
            caches.shelf.sweep();
            caches.columns.clear();
            caches.usage.forget();
        }
        Ok(Cleared { tiles: tiles.len() as u64, bytes, dry_run })
    }
}
