//! [`ColumnCache`]: decoded columns of data files, in memory.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use moka::notification::RemovalCause;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

#[cfg(feature = "redis")]
use super::redis::Redis;
use super::{CacheOptions, CachePolicy, Event, Level, Usage};
use crate::Error;
use crate::chunk::Chunk;
use crate::format::{Column, ColumnSpec, Kind};

/// Columns that were decoded, as many as there is room for.
pub(crate) struct ColumnCache {
    /// Nothing where nothing may be kept.
    kept: Option<Cache<Key, Arc<Column>>>,
    limit: u64,
    usage: Arc<Usage>,
    #[cfg(feature = "redis")]
    shared: Option<Redis>,
}

/// A hash of all that a decoded column depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) [u8; 32]);

impl Key {
    /// The key of these rows of a column of a file.
    pub(crate) fn new(chunk: &Chunk, spec: &ColumnSpec, rows: &Range<usize>) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"rustybt column 1\0");
        hasher.update(&chunk.file_hash);
        hasher.update(&(rows.start as u64).to_le_bytes());
        hasher.update(&(rows.end as u64).to_le_bytes());
        // No name of a type has a zero in it.
        hasher.update(spec.kind.ducklake().as_bytes());
        hasher.update(b"\0");
        hasher.update(spec.name.as_bytes());
        Self(*hasher.finalize().as_bytes())
    }
}

impl fmt::Debug for ColumnCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnCache").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl ColumnCache {
    pub(super) fn new(options: &CacheOptions, usage: &Arc<Usage>) -> Result<Self, Error> {
        let limit = options.memory_bytes;
        let kept = (limit > 0).then(|| {
            let counts = Arc::clone(usage);
            let cache = Cache::builder()
                .max_capacity(limit)
                .weigher(|_, column: &Arc<Column>| {
                    u32::try_from(weight(column)).unwrap_or(u32::MAX)
                })
                .eviction_listener(move |_, _, cause| {
                    if matches!(cause, RemovalCause::Size | RemovalCause::Expired) {
                        counts.count(Level::Memory, Event::Eviction);
                    }
                });
            match options.policy {
                CachePolicy::Lru => cache.eviction_policy(EvictionPolicy::lru()),
                CachePolicy::Lfu => cache.eviction_policy(EvictionPolicy::tiny_lfu()),
                CachePolicy::Ttl(time) => {
                    cache.eviction_policy(EvictionPolicy::lru()).time_to_live(time)
                }
            }
            .build()
        });
        #[cfg(not(feature = "redis"))]
        if let Some(redis) = &options.redis {
            let reason = "this program was built without the feature `redis`".to_owned();
            return Err(Error::BadRedis { url: redis.url.clone(), reason });
        }
        Ok(Self {
            kept,
            limit,
            usage: Arc::clone(usage),
            #[cfg(feature = "redis")]
            shared: options.redis.as_ref().map(|it| Redis::new(it, usage)).transpose()?,
        })
    }

    /// A column of so many rows of a kind, decoded unless it was before. Of several that want the
    /// same one at once, one decodes it and the others wait.
    pub(crate) fn get(
        &self,
        key: impl FnOnce() -> Key,
        shape: (Kind, usize),
        decode: impl Fn() -> Result<Column, Error>,
    ) -> Result<Arc<Column>, Error> {
        let Some(kept) = &self.kept else { return self.load(key, shape, decode) };
        let key = key();
        if let Some(column) = kept.get(&key) {
            self.usage.count(Level::Memory, Event::Hit);
            return Ok(column);
        }
        self.usage.count(Level::Memory, Event::Miss);
        kept.try_get_with(key, || self.load(|| key, shape, &decode)).or_else(|error| {
            match Arc::try_unwrap(error) {
                Ok(error) => Err(error),
                // Somebody else has the error, too: everybody gets one of their own.
                Err(_) => decode().map(Arc::new),
            }
        })
    }

    /// The column out of the cache that is shared, or decoded.
    #[cfg(feature = "redis")]
    fn load(
        &self,
        key: impl FnOnce() -> Key,
        (kind, rows): (Kind, usize),
        decode: impl Fn() -> Result<Column, Error>,
    ) -> Result<Arc<Column>, Error> {
        let Some(shared) = &self.shared else { return decode().map(Arc::new) };
        let key = key();
        if let Some(column) = shared.get(key, kind, rows) {
            return Ok(Arc::new(column));
        }
        let column = Arc::new(decode()?);
        shared.put(key, &column);
        Ok(column)
    }

    #[cfg(not(feature = "redis"))]
    #[expect(clippy::unused_self, reason = "with the feature `redis` it is used")]
    fn load(
        &self,
        _: impl FnOnce() -> Key,
        _: (Kind, usize),
        decode: impl Fn() -> Result<Column, Error>,
    ) -> Result<Arc<Column>, Error> {
        decode().map(Arc::new)
    }

    /// What is kept, and its size.
    pub(crate) fn held(&self) -> (u64, u64) {
        self.kept.as_ref().map_or((0, 0), |kept| {
            kept.run_pending_tasks();
            (kept.entry_count(), kept.weighted_size())
        })
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        if let Some(kept) = &self.kept {
            kept.invalidate_all();
        }
    }
}

/// What a column takes, with what is needed to keep it.
pub(super) fn weight(column: &Column) -> usize {
    /// A place in the table, a key and the two counts of references.
    const ENTRY: usize = 200;
    ENTRY
        + match column {
            Column::Numbers(values) => size_of_val(values.as_slice()),
            Column::Wide(values) => size_of_val(values.as_slice()),
            Column::Doubles(values) => size_of_val(values.as_slice()),
            Column::Texts(values) => {
                let text: usize = values.iter().flatten().map(String::len).sum();
                size_of_val(values.as_slice()) + text
            }
        }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn cache(memory_bytes: u64, policy: CachePolicy) -> (tempfile::TempDir, ColumnCache) {
        let folder = tempfile::tempdir().unwrap();
        let options = CacheOptions { memory_bytes, policy, ..CacheOptions::default() };
        let cache = ColumnCache::new(&options, &Arc::new(Usage::new(folder.path()))).unwrap();
        (folder, cache)
    }

    fn column(of: u8) -> Column {
        Column::Numbers(vec![of.into(); 100])
    }

    fn ask(cache: &ColumnCache, of: u8) -> bool {
        let decoded = std::cell::Cell::new(false);
        let found = cache.get(
            || Key([of; 32]),
            (Kind::Int, 100),
            || {
                decoded.set(true);
                Ok(column(of))
            },
        );
        assert_eq!(*found.unwrap(), column(of));
        cache.held();
        !decoded.get()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (_folder, cache) = cache(3500, CachePolicy::Lru);
        assert!(!ask(&cache, 1) && !ask(&cache, 2) && !ask(&cache, 3) && ask(&cache, 1));
        assert!(!ask(&cache, 4));
        assert!(ask(&cache, 1) && ask(&cache, 3) && !ask(&cache, 2));
        let (entries, bytes) = cache.held();
        assert!(entries == 3 && bytes == 3000, "{entries} {bytes}");
    }

    #[test]
    fn what_is_used_often_outlives_what_is_used_once() {
        let (_folder, cache) = cache(3500, CachePolicy::Lfu);
        // It begins to count when it is half full.
        (1..4).for_each(|own| assert!(!ask(&cache, own)));
        (0..20).for_each(|_| assert!(ask(&cache, 1)));
        (4..60).for_each(|other| assert!(!ask(&cache, other)));
        assert!(ask(&cache, 1));
    }

    #[test]
    fn what_is_too_old_goes() {
        let (_folder, cache) = cache(3500, CachePolicy::Ttl(Duration::ZERO));
        assert!(!ask(&cache, 1) && !ask(&cache, 1));
    }

    #[test]
    fn nothing_is_kept_where_nothing_may_be() {
        for limit in [0, 100] {
            let (_folder, cache) = cache(limit, CachePolicy::Lru);
            assert!(!ask(&cache, 1) && !ask(&cache, 1));
            assert_eq!(cache.held(), (0, 0));
        }
    }

    #[test]
    fn an_error_is_everybodys_own_and_is_not_kept() {
        let (_folder, cache) = cache(3500, CachePolicy::Lru);
        let broken = || Err(Error::corrupt("file", "broken"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let found = cache.get(|| Key([7; 32]), (Kind::Int, 1), broken);
                    assert!(matches!(found, Err(Error::Corrupt { .. })));
                });
            }
        });
        assert!(!ask(&cache, 7) && ask(&cache, 7));
    }
}
