//! Tiles that no version has any more, and tiles that are too many.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::CleanOptions;
use crate::tile::{Shelf, Shelved};
use crate::{At, Error, Store};

impl Store {
    /// Deletes tiles that no version of any bundle has, then those that were not used for longest
    /// until the others are small enough. Gives back how many, and their size.
    ///
    /// Whoever has a tile open goes on reading it. In a folder that is not the store's own, tiles
    /// that this store has no use for may be another's: they stay.
    pub(super) fn clean_tiles(&self, options: &CleanOptions) -> Result<(u64, u64), Error> {
        let shelf = &self.layout().caches.shelf;
        let mut tiles = shelf.list()?;
        if tiles.is_empty() {
            return Ok((0, 0));
        }
        let own = shelf.folder().starts_with(self.layout().root());
        let needed = if own { self.tiles_needed()? } else { BTreeSet::new() };
        let (mut kept, mut gone): (Vec<Shelved>, Vec<Shelved>) =
            tiles.drain(..).partition(|tile| !own || needed.contains(&tile.path));
        if let Some(most) = options.tiles_max_bytes {
            kept.sort_by_key(|tile| tile.used);
            let mut bytes: u64 = kept.iter().map(|tile| tile.bytes).sum();
            let oldest = kept.into_iter().take_while(|tile| {
                let over = bytes > most;
                bytes -= tile.bytes;
                over
            });
            gone.extend(oldest);
        }
        if !options.dry_run {
            Shelf::remove(&gone)?;
        }
        Ok((gone.len() as u64, gone.iter().map(|tile| tile.bytes).sum()))
    }

    /// The tiles that the versions there are may have.
    fn tiles_needed(&self) -> Result<BTreeSet<PathBuf>, Error> {
        let mut needed = BTreeSet::new();
        for name in self.bundles()? {
            for version in self.versions(&name)? {
                // One that cannot be opened has no use for tiles either.
                if let Ok(bundle) = self.bundle(&name, At::Version(version.version)) {
                    needed.extend(bundle.tiles());
                }
            }
        }
        Ok(needed)
    }
}
