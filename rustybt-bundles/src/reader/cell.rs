//! [`Cell`]: the place of a tile, empty until it is asked for.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use rustybt_data::Error as DataError;

use crate::Error;
use crate::tile::{Tile, apart};

/// The row of a slot's first value, and its values.
pub(super) type Lent<'a> = (usize, &'a [f64]);

/// A tile, opened or built when it is first asked for, and built once more where it is damaged.
#[derive(Debug)]
pub(super) struct Cell {
    tile: OnceLock<Tile>,
    /// Who asks for this row or a later one will soon ask for the next tile.
    nearly: AtomicU32,
    rebuilt: OnceLock<Tile>,
    building: Mutex<()>,
}

impl Default for Cell {
    fn default() -> Self {
        Self {
            tile: OnceLock::new(),
            nearly: AtomicU32::new(u32::MAX),
            rebuilt: OnceLock::new(),
            building: Mutex::default(),
        }
    }
}

impl Cell {
    /// Whether a row is one at which the next tile should be prepared.
    #[inline]
    pub(super) fn is_nearly_over(&self, row: usize) -> bool {
        row >= self.nearly.load(Ordering::Relaxed) as usize
    }

    /// Says from which row on the next tile should be prepared; `None` for no more.
    pub(super) fn set_nearly_over(&self, row: Option<usize>) {
        self.nearly.store(row.map_or(u32::MAX, |row| row as u32), Ordering::Relaxed);
    }

    /// Whether there is a tile.
    pub(super) fn is_made(&self) -> bool {
        self.tile.get().is_some()
    }

    /// The values of a slot, where there is a tile and it is good.
    #[inline]
    pub(super) fn made(&self, slot: usize) -> Option<Lent<'_>> {
        self.tile.get().and_then(|tile| tile.lend(slot))
    }

    /// The values of a slot; `make` opens a tile, or builds a fresh one when it is told `true`.
    #[inline]
    pub(super) fn lend(
        &self,
        slot: usize,
        make: impl Fn(bool) -> Result<Tile, Error> + Sync,
    ) -> Result<Lent<'_>, DataError> {
        if let Some(lent) = self.made(slot) {
            return Ok(lent);
        }
        self.make_and_lend(slot, make)
    }

    #[cold]
    fn make_and_lend(
        &self,
        slot: usize,
        make: impl Fn(bool) -> Result<Tile, Error> + Sync,
    ) -> Result<Lent<'_>, DataError> {
        for (place, fresh) in [(&self.tile, false), (&self.rebuilt, true)] {
            if place.get().is_none() {
                let _one_at_a_time = self.building.lock().unwrap_or_else(PoisonError::into_inner);
                if place.get().is_none() {
                    let tile = apart(|| make(fresh)).map_err(DataError::store)?;
                    let _ = place.set(tile);
                }
            }
            if let Some(lent) = place.get().and_then(|tile| tile.lend(slot)) {
                return Ok(lent);
            }
        }
        // A fresh tile lends every slot of its plan.
        Ok((0, &[]))
    }
}
