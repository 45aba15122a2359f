//! Tiles: bars as plain `f64` columns, derived from the data files, memory-mapped.
//!
//! A [`Tile`] holds one field of the assets of a table: one row of values an asset, one value a
//! label of the timeline. It is a file that `numpy.load(mmap_mode="r")` opens, with a list of the
//! assets behind the array. Values outside an asset's life are holes in the file and are never
//! lent. A tile may be deleted at any time; it is built again from the data files.
//!
//! Its name is a hash of all that went into it, so that a tile is never stale. Each asset's values
//! have a checksum, compared when they are first lent, so that a damaged tile is noticed and
//! built again without reading tiles whole.

mod builders;
mod checksum;
mod file;
mod map;
mod shelf;

use std::sync::atomic::{AtomicU8, Ordering};

pub(crate) use self::builders::apart;
pub(crate) use self::file::{Fill, Plan};
use self::map::Map;
use self::shelf::Held;
pub(crate) use self::shelf::{Shelf, Shelved};
use checksum::checksum;

/// From which row to which an asset has values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Life {
    pub(crate) first: u32,
    pub(crate) rows: u32,
}

/// One field of some assets.
#[derive(Debug)]
pub(crate) struct Tile {
    values: Values,
    parts: Vec<Part>,
    /// Keeps the file from being chosen to make room.
    _held: Option<Held>,
}

#[derive(Debug)]
enum Values {
    Mapped(Map),
    /// Where the file could not be written.
    Owned(Vec<f64>),
}

/// The values of one asset.
#[derive(Debug)]
struct Part {
    /// The row of its first value.
    first: u32,
    rows: u32,
    /// Where its values begin.
    start: usize,
    checksum: u64,
    state: AtomicU8,
}

const UNCHECKED: u8 = 0;
const GOOD: u8 = 1;
const BAD: u8 = 2;

impl Tile {
    /// A tile in memory; `fill` gives each asset's values.
    pub(crate) fn owned(lives: &[Life], fill: &Fill<'_>) -> Self {
        let total = lives.iter().map(|life| life.rows as usize).sum();
        let mut values = vec![0.0; total];
        let mut rest = values.as_mut_slice();
        for (slot, life) in lives.iter().enumerate() {
            let (own, others) = rest.split_at_mut(life.rows as usize);
            fill(slot, own);
            rest = others;
        }
        let mut start = 0;
        let parts = lives
            .iter()
            .map(|life| {
                let part = Part {
                    first: life.first,
                    rows: life.rows,
                    start,
                    checksum: 0,
                    state: AtomicU8::new(GOOD),
                };
                start += life.rows as usize;
                part
            })
            .collect();
        Self { values: Values::Owned(values), parts, _held: None }
    }

    /// The row of an asset's first value, and its values; `None` where they are damaged.
    #[inline]
    pub(crate) fn lend(&self, slot: usize) -> Option<(usize, &[f64])> {
        let part = self.parts.get(slot)?;
        let values = match &self.values {
            Values::Mapped(map) => map.values(),
            Values::Owned(values) => values,
        };
        let values = values.get(part.start..part.start + part.rows as usize)?;
        if part.state.load(Ordering::Relaxed) != GOOD && !part.check(values) {
            return None;
        }
        Some((part.first as usize, values))
    }
}

impl Part {
    #[cold]
    fn check(&self, values: &[f64]) -> bool {
        if self.state.load(Ordering::Relaxed) == UNCHECKED {
            let state = if checksum(values) == self.checksum { GOOD } else { BAD };
            self.state.store(state, Ordering::Relaxed);
        }
        self.state.load(Ordering::Relaxed) == GOOD
    }
}
