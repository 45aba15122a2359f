//! [`CacheOptions`]: how much is kept, and where.

use std::path::PathBuf;
use std::time::Duration;

use super::RedisOptions;

/// How much is kept in caches, and where. No setting changes an answer.
///
/// ```
/// use rustybt_bundles::{CacheOptions, StoreOptions};
///
/// # let folder = tempfile::tempdir()?;
/// let caches = CacheOptions { disk_bytes: 2_000_000_000, ..CacheOptions::default() };
/// let store = StoreOptions::new().create(true).caches(caches).open(folder.path())?;
/// assert_eq!(store.cache_stats()?.levels[1].limit, 2_000_000_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheOptions {
    /// The folder below which tiles are kept; `None` for the store's own.
    ///
    /// Stores may share one: tiles of the same files are the same.
    pub dir: Option<PathBuf>,
    /// The bytes that tiles may take on disk; with 0 they are made in memory each time. Those that
    /// were not used for longest are deleted for new ones.
    pub disk_bytes: u64,
    /// The bytes that decoded columns of tables (trades, quotes, books, …) may take in memory; with
    /// 0 they are decoded each time.
    pub memory_bytes: u64,
    /// Which of them go first where there is no room.
    pub policy: CachePolicy,
    /// A server that keeps the same columns for others, too. It is asked for what is not in memory,
    /// and no answer depends on it. Needs the feature `redis`.
    pub redis: Option<RedisOptions>,
}

/// What leaves the cache in memory first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CachePolicy {
    /// What was not used for longest.
    #[default]
    Lru,
    /// What is used least often (`TinyLFU`): what is read once does not push out what is read often.
    Lfu,
    /// What is older than this, and then what was not used for longest.
    Ttl(Duration),
}

impl CacheOptions {
    /// What tiles may take where nobody says otherwise: 50 GB.
    pub const DISK_BYTES: u64 = 50_000_000_000;
    /// What decoded columns may take where nobody says otherwise: 256 MB.
    pub const MEMORY_BYTES: u64 = 256_000_000;

    /// No cache at all: everything is read from the data files each time.
    pub fn none() -> Self {
        Self { disk_bytes: 0, memory_bytes: 0, ..Self::default() }
    }
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            dir: None,
            disk_bytes: Self::DISK_BYTES,
            memory_bytes: Self::MEMORY_BYTES,
            policy: CachePolicy::default(),
            redis: None,
        }
    }
}
