//! A tile as a file: an npy header, the array, and behind it the list of assets.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU8;

use rayon::prelude::*;
use rustybt_data::Sid;
use uuid::Uuid;

use super::checksum::{checksum, checksum_bytes};
use super::map::Map;
use super::{Life, Part, Tile, UNCHECKED, Values};

/// Bytes before the array: a page, so that rows begin where the processor likes them to.
const HEADER: usize = 4096;
const MAGIC: &[u8; 8] = b"RBTTILE1";
/// Bytes of the list: its head, an entry an asset, and its checksum.
const HEAD: usize = 8 + 32 + 16;
const ENTRY: usize = 24;
const TAIL: usize = 8;

/// What a tile is to be: known from the catalog before any file is read.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// A hash of all that goes into it.
    pub(crate) key: [u8; 32],
    /// Labels of the timeline that it covers.
    pub(crate) rows: usize,
    /// One an asset.
    pub(crate) sids: &'a [Sid],
    /// From which row to which each has values.
    pub(crate) lives: &'a [Life],
}

impl Plan<'_> {
    /// Values from one asset's row to the next: a multiple of a cache line's eight.
    fn stride(&self) -> usize {
        self.rows.next_multiple_of(8)
    }

    fn array_bytes(&self) -> usize {
        self.sids.len() * self.stride() * size_of::<f64>()
    }

    /// The size of the file.
    pub(super) fn bytes(&self) -> u64 {
        (HEADER + self.array_bytes() + HEAD + ENTRY * self.sids.len() + TAIL) as u64
    }

    /// NumPy's header of version 1.0, filled with spaces up to a page.
    fn header(&self) -> Vec<u8> {
        let shape = format!("({}, {})", self.sids.len(), self.stride());
        let dict = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
        let mut header = b"\x93NUMPY\x01\x00".to_vec();
        header.extend(((HEADER - 10) as u16).to_le_bytes());
        header.extend(dict.as_bytes());
        header.resize(HEADER - 1, b' ');
        header.push(b'\n');
        header
    }

    /// The list of assets, given each one's checksum.
    fn list(&self, checksums: &[u64]) -> Vec<u8> {
        let mut list = MAGIC.to_vec();
        list.extend(self.key);
        list.extend((self.sids.len() as u64).to_le_bytes());
        list.extend((self.rows as u64).to_le_bytes());
        for ((sid, life), checksum) in self.sids.iter().zip(self.lives).zip(checksums) {
            list.extend(sid.0.to_le_bytes());
            list.extend(life.first.to_le_bytes());
            list.extend(life.rows.to_le_bytes());
            list.extend([0; 4]);
            list.extend(checksum.to_le_bytes());
        }
        list.extend(checksum_bytes(&list).to_le_bytes());
        list
    }
}

/// Opens a tile; `None` where it is not what is planned.
pub(super) fn open(file: &File, plan: &Plan<'_>) -> Option<Tile> {
    if file.metadata().ok()?.len() != plan.bytes() {
        return None;
    }
    let count = plan.array_bytes() / size_of::<f64>();
    let map = Map::new(file, HEADER, count).ok()??;
    let list = map.bytes().get(HEADER + plan.array_bytes()..)?;
    let checksums: Vec<u64> = list
        .get(HEAD..list.len() - TAIL)?
        .chunks_exact(ENTRY)
        .map(|entry| Some(u64::from_le_bytes(entry.get(16..)?.try_into().ok()?)))
        .collect::<Option<_>>()?;
    if map.bytes().get(..HEADER)? != plan.header() || list != plan.list(&checksums) {
        return None;
    }
    let parts = plan
        .lives
        .iter()
        .zip(checksums)
        .enumerate()
        .map(|(slot, (life, checksum))| Part {
            first: life.first,
            rows: life.rows,
            start: slot * plan.stride() + life.first as usize,
            checksum,
            state: AtomicU8::new(UNCHECKED),
        })
        .collect();
    Some(Tile { values: Values::Mapped(map), parts, _held: None })
}

/// A tile that is whole and has no name yet; it goes with this.
#[derive(Debug)]
pub(super) struct Unnamed {
    path: PathBuf,
    /// Locked, so that others know that somebody is at it.
    file: File,
}

impl Unnamed {
    /// Writes a tile into a folder.
    ///
    /// `fill` is given an asset and as many places as its life has rows.
    pub(super) fn write(folder: &Path, plan: &Plan<'_>, fill: &Fill<'_>) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}.{UNNAMED}", Uuid::new_v4().simple()));
        let file = File::create_new(&path)?;
        // Where locks keep others from writing, the threads below could not write either.
        if cfg!(unix) {
            let _ = file.try_lock();
        }
        let mut unnamed = Self { path, file };
        unnamed.fill(plan, fill)?;
        Ok(unnamed)
    }

    /// It is not synced: a tile that a power cut damages is noticed by its checksums.
    fn fill(&mut self, plan: &Plan<'_>, fill: &Fill<'_>) -> io::Result<()> {
        let file = &mut self.file;
        file.set_len(plan.bytes())?;
        file.write_all(&plan.header())?;
        let slots: Vec<(usize, Life)> = plan.lives.iter().copied().enumerate().collect();
        let checksums: Vec<Vec<u64>> = slots
            .par_chunks(SLOTS_AT_ONCE)
            .map(|slots| write_slots(&self.path, plan, slots, fill))
            .collect::<io::Result<_>>()?;
        file.seek(SeekFrom::Start((HEADER + plan.array_bytes()) as u64))?;
        file.write_all(&plan.list(&checksums.concat()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name: from now on it is there, whole.
    pub(super) fn name(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        // It is not there any more where it got a name.
        let _ = fs::remove_file(&self.path);
    }
}

/// How names of tiles end that have none yet.
pub(super) const UNNAMED: &str = "tmp";

/// Gives an asset's values.
pub(crate) type Fill<'a> = dyn Fn(usize, &mut [f64]) + Sync + 'a;

/// Assets that a thread writes with one handle and one buffer.
const SLOTS_AT_ONCE: usize = 32;

fn write_slots(
    path: &Path,
    plan: &Plan<'_>,
    slots: &[(usize, Life)],
    fill: &Fill<'_>,
) -> io::Result<Vec<u64>> {
    let mut file = File::options().write(true).open(path)?;
    let (mut values, mut bytes) = (Vec::new(), Vec::new());
    slots
        .iter()
        .map(|&(slot, life)| {
            values.clear();
            values.resize(life.rows as usize, 0.0);
            fill(slot, &mut values);
            bytes.clear();
            bytes.extend(values.iter().flat_map(|value: &f64| value.to_le_bytes()));
            let start = HEADER + (slot * plan.stride() + life.first as usize) * size_of::<f64>();
            file.seek(SeekFrom::Start(start as u64))?;
            file.write_all(&bytes)?;
            Ok(checksum(&values))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_lent_as_it_was_written_and_notices_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tile.npy");
        let sids = [Sid(3), Sid(9)];
        let lives = [Life { first: 2, rows: 3 }, Life { first: 0, rows: 5 }];
        let plan = Plan { key: [7; 32], rows: 5, sids: &sids, lives: &lives };
        let values = [1.5, f64::NAN, 2.5, 1.0, 2.0, 3.0, 4.0, 5.0];
        let unnamed = Unnamed::write(folder.path(), &plan, &|slot, own| {
            let start = if slot == 0 { 0 } else { 3 };
            own.copy_from_slice(&values[start..start + own.len()]);
        });
        unnamed.unwrap().name(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        let opened = |plan| open(&File::open(&path).unwrap(), plan);
        let tile = opened(&plan).unwrap();
        assert_eq!(tile.lend(1).unwrap(), (0, &values[3..]));
        let (first, lent) = tile.lend(0).unwrap();
        assert_eq!((first, lent[0], lent[2]), (2, 1.5, 2.5));
        assert!(lent[1].is_nan());
        assert!(tile.lend(2).is_none());

        let other = Plan { key: [8; 32], ..plan };
        assert!(opened(&other).is_none());

        let mut bytes = fs::read(&path).unwrap();
        bytes[HEADER + 8 * 8 + 1] ^= 4; // the second asset's first value
        fs::write(&path, bytes).unwrap();
        let tile = opened(&plan).unwrap();
        assert!(tile.lend(0).is_some());
        assert!(tile.lend(1).is_none());
    }
}
