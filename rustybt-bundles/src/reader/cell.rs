//! [`Cell`]: the place of a tile, empty until it is asked for.

use std::sync::{Mutex, OnceLock, PoisonError};

use rustybt_data::Error as DataError;

use crate::Error;
use crate::tile::Tile;

/// A tile, opened or built when it is first asked for, and built once more where it is damaged.
#[derive(Debug, Default)]
pub(super) struct Cell {
    tile: OnceLock<Tile>,
    rebuilt: OnceLock<Tile>,
    building: Mutex<()>,
}

impl Cell {
    /// The values of a slot; `make` opens a tile, or builds a fresh one when it is told `true`.
    #[inline]
    pub(super) fn lend(
        &self,
        slot: usize,
        make: impl Fn(bool) -> Result<Tile, Error>,
    ) -> Result<(usize, &[f64]), DataError> {
        if let Some(lent) = self.tile.get().and_then(|tile| tile.lend(slot)) {
            return Ok(lent);
        }
        self.make_and_lend(slot, make)
    }

    #[cold]
    fn make_and_lend(
        &self,
        slot: usize,
        make: impl Fn(bool) -> Result<Tile, Error>,
    ) -> Result<(usize, &[f64]), DataError> {
        for (place, fresh) in [(&self.tile, false), (&self.rebuilt, true)] {
            if place.get().is_none() {
                let _one_at_a_time = self.building.lock().unwrap_or_else(PoisonError::into_inner);
                if place.get().is_none() {
                    let tile = make(fresh).map_err(DataError::store)?;
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
