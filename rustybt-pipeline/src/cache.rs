//! Results of terms kept from one run to the next.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustybt_data::{Frequency, Sid};

use crate::term::{Op, Term};
use crate::workspace::Value;

/// Keeps what terms came to, in memory, up to a limit: for programs that run pipelines again and again on one
/// version of the data, as servers, notebooks and sweeps over the parameters of a strategy do.
///
/// A result is found again where everything it was made of is the same: the data (by the name that
/// [`Engine::with_cache`](crate::Engine::with_cache) was given), the frequency, the market, the assets, the rows,
/// and the term with all that it is built on. What is found is not computed, nor is what only it needs; the bits
/// are the same either way. The least recently used results go first.
///
/// Kept are the results of formulas over windows and of terms across assets; what is merely lent, and what
/// costs no more than to look it up, is not.
///
/// ```
/// use std::sync::Arc;
///
/// use rustybt_data::{Synthetic, SyntheticConfig};
/// use rustybt_pipeline::{
///     CustomFactor, Engine, EquityLoader, Pipeline, Returns, RunOptions, TermCache,
/// };
///
/// let market = Synthetic::new(SyntheticConfig { assets: 5, ..SyntheticConfig::default() })?;
/// let cache = Arc::new(TermCache::new(64 << 20));
/// let engine = Engine::new(Arc::new(EquityLoader::of(&market.portal()?)?))
///     .with_cache(Arc::clone(&cache), "synthetic, seed 2");
/// let pipeline = Pipeline::new().with("returns", Returns::new(20)?.factor()?);
/// let day = "2016-03-01".parse()?;
/// let first = engine.run(&pipeline, day, day, &RunOptions::default())?;
/// assert_eq!(engine.run(&pipeline, day, day, &RunOptions::default())?, first);
/// assert_eq!((cache.statistics().misses, cache.statistics().hits), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TermCache {
    limit: u64,
    held: Mutex<Held>,
}

/// What a cache holds, and how it has served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TermCacheStatistics {
    /// Results held.
    pub entries: usize,
    /// Bytes that they take.
    pub bytes: u64,
    /// Results that were asked for and found.
    pub hits: u64,
    /// Results that were asked for and not there.
    pub misses: u64,
}

#[derive(Default)]
struct Held {
    entries: HashMap<Key, Entry>,
    /// Keys by when they were last used.
    order: BTreeMap<u64, Key>,
    /// Counts uses.
    now: u64,
    statistics: TermCacheStatistics,
}

struct Entry {
    value: Arc<Value<'static>>,
    bytes: u64,
    used: u64,
}

/// Where results are alike: the same data, market and assets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) data: Arc<str>,
    pub(crate) frequency: Frequency,
    /// The assets of the market, where the pipeline is of one.
    pub(crate) members: Option<Vec<Sid>>,
    /// The columns of every array.
    pub(crate) sids: Vec<Sid>,
}

/// A term over some rows at some place.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    /// Of the place: it is long, and asked about for every term.
    digest: u64,
    place: Arc<Place>,
    term: Term,
    rows: Range<usize>,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.digest, &self.term, &self.rows).hash(state);
    }
}

/// The results of one chunk.
pub(crate) struct Results<'c> {
    cache: &'c TermCache,
    digest: u64,
    place: Arc<Place>,
}

impl TermCache {
    /// An empty cache for up to so many bytes of results.
    pub fn new(max_bytes: u64) -> Self {
        Self { limit: max_bytes, held: Mutex::new(Held::default()) }
    }

    /// What it holds, and how it has served.
    pub fn statistics(&self) -> TermCacheStatistics {
        self.lock().statistics
    }

    /// Lets go of everything.
    pub fn clear(&self) {
        let mut held = self.lock();
        held.entries.clear();
        held.order.clear();
        (held.statistics.entries, held.statistics.bytes) = (0, 0);
    }

    pub(crate) fn at(&self, place: Place) -> Results<'_> {
        let mut hasher = DefaultHasher::new();
        (&place.data, place.frequency, &place.members, &place.sids).hash(&mut hasher);
        Results { cache: self, digest: hasher.finish(), place: Arc::new(place) }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Results<'_> {
    /// Whether a term is worth keeping.
    pub(crate) fn keeps(term: &Term) -> bool {
        match term.op() {
            Op::Window(formula) => formula.window_length() > 1 || formula.block_form().is_none(),
            Op::Transform(_) | Op::Pick(_) | Op::Quantiles(_) | Op::Neutral(_) | Op::Streak(..) => {
                true
            }
            _ => false,
        }
    }

    /// The result of a term over rows, if it is there.
    pub(crate) fn find(&self, term: &Term, rows: &Range<usize>) -> Option<Arc<Value<'static>>> {
        let key = self.key(term, rows);
        let mut held = self.cache.lock();
        held.now += 1;
        let now = held.now;
        let Some(entry) = held.entries.get_mut(&key) else {
            held.statistics.misses += 1;
            return None;
        };
        let (value, before) = (Arc::clone(&entry.value), entry.used);
        entry.used = now;
        held.order.remove(&before);
        held.order.insert(now, key);
        held.statistics.hits += 1;
        Some(value)
    }

    /// Keeps a result, and lets go of others for it; one that is larger than the cache is not kept.
    pub(crate) fn keep(&self, term: &Term, rows: &Range<usize>, value: &Arc<Value<'static>>) {
        let bytes = value.bytes();
        if bytes > self.cache.limit {
            return;
        }
        let key = self.key(term, rows);
        let mut held = self.cache.lock();
        held.now += 1;
        let now = held.now;
        let entry = Entry { value: Arc::clone(value), bytes, used: now };
        if let Some(before) = held.entries.insert(key.clone(), entry) {
            held.order.remove(&before.used);
            held.statistics.bytes -= before.bytes;
        }
        held.order.insert(now, key);
        held.statistics.bytes += bytes;
        while held.statistics.bytes > self.cache.limit {
            let Some((_, oldest)) = held.order.pop_first() else { break };
            if let Some(gone) = held.entries.remove(&oldest) {
                held.statistics.bytes -= gone.bytes;
            }
        }
        held.statistics.entries = held.entries.len();
    }

    fn key(&self, term: &Term, rows: &Range<usize>) -> Key {
        let place = Arc::clone(&self.place);
        Key { digest: self.digest, place, term: term.clone(), rows: rows.clone() }
    }
}

impl fmt::Debug for TermCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statistics = self.statistics();
        f.debug_struct("TermCache").field("limit", &self.limit).field("held", &statistics).finish()
    }
}
