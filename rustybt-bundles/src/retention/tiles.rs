//! Tiles that no version has any more, and tiles that are too many.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::CleanOptions;
use crate::{At, Error, Store};

struct Tile {
    path: PathBuf,
    bytes: u64,
    used: Option<SystemTime>,
}

impl Store {
    /// Deletes tiles that no version of any bundle has, then those that were not used for longest
    /// until the others are small enough. Gives back how many, and their size.
    ///
    /// Whoever has a tile open goes on reading it.
    pub(super) fn clean_tiles(&self, options: &CleanOptions) -> Result<(u64, u64), Error> {
        let mut tiles = list(&self.layout().tiles())?;
        if tiles.is_empty() {
            return Ok((0, 0));
        }
        let needed = self.tiles_needed()?;
        let (mut kept, mut gone): (Vec<Tile>, Vec<Tile>) =
            tiles.drain(..).partition(|tile| needed.contains(&tile.path));
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
            for tile in &gone {
                match fs::remove_file(&tile.path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        return Err(Error::io("delete", &tile.path)(error));
                    }
                    _ => {}
                }
            }
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

fn list(folder: &Path) -> Result<Vec<Tile>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("list", folder)(error)),
    };
    let mut tiles = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("list", folder))?.path();
        // One that is being written has another name.
        if path.extension().is_none_or(|extension| extension != "npy") {
            continue;
        }
        let Ok(found) = fs::metadata(&path) else { continue };
        let used = found.accessed().ok().max(found.modified().ok());
        tiles.push(Tile { path, bytes: found.len(), used });
    }
    Ok(tiles)
}
