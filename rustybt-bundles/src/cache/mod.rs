//! Caches: what is kept of the data files in a form that is quicker to read.
//!
//! | level | holds | where |
//! |---|---|---|
//! | memory | decoded columns of tables: trades, quotes, books and whatever else is no bar | this process |
//! | Redis, where one is named | the same columns | a server that machines share |
//! | disk | tiles: bars as columns of doubles, memory-mapped | a folder that processes share |
//!
//! Nothing here is needed for an answer and nothing changes one: every entry is found by the hashes
//! of the files it was made of, so that it is never stale, and is compared with a checksum where it
//! lay outside this process. A cache that is too small, damaged or gone only costs time.

mod columns;
mod counters;
mod options;
#[cfg(feature = "redis")]
mod redis;
mod redis_url;
mod stats;
mod usage;

use std::path::Path;
use std::sync::Arc;

pub(crate) use self::columns::{ColumnCache, Key};
pub(crate) use self::counters::{Event, Level};
pub use self::options::{CacheOptions, CachePolicy};
pub use self::redis_url::{RedisOptions, RedisUrl};
pub use self::stats::{CacheStats, Cleared, LevelStats};
pub(crate) use self::usage::{Record, Usage};
use crate::Error;
use crate::tile::Shelf;

/// The caches of a store, shared by all that is opened from it.
#[derive(Debug)]
pub(crate) struct Caches {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) columns: ColumnCache,
    usage: Arc<Usage>,
}

impl Caches {
    /// The caches of the store at a folder.
    ///
    /// # Errors
    ///
    /// [`Error::BadRedis`] for an address that nothing can be asked at.
    pub(crate) fn new(root: &Path, options: &CacheOptions) -> Result<Self, Error> {
        let folder = options.dir.as_deref().unwrap_or(root).join("tiles");
        let usage = Arc::new(Usage::new(&folder));
        let shelf = Arc::new(Shelf::new(folder, options.disk_bytes, Arc::clone(&usage)));
        let columns = ColumnCache::new(options, &usage)?;
        Ok(Self { shelf, columns, usage })
    }
}
