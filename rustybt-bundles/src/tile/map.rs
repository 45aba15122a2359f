//! Memory-mapped numbers: the one place with `unsafe` code.
//!
//! Why it is needed and why it is sound is written down in
//! `docs/decisions/0002-memory-mapped-tiles.md`.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

/// A file whose bytes from an offset on are `f64`s in little-endian order.
#[derive(Debug)]
pub(super) struct Map {
    file: Mmap,
    /// Where the numbers begin, in bytes.
    start: usize,
    count: usize,
}

impl Map {
    /// Maps a file that holds `count` numbers from byte `start` on; `None` where it is too short,
    /// where `start` is not aligned, or where the machine has its bytes the other way round.
    pub(super) fn new(file: &File, start: usize, count: usize) -> io::Result<Option<Self>> {
        // SAFETY: the caller maps tiles alone. A tile is written under another name, renamed into
        // place when it is whole, and from then on neither written nor truncated by anyone of us;
        // deleting it leaves the mapping intact. A stranger who shortens a file under a running
        // program stops it with a bus error, which is the documented limit of every mapped file.
        let mapped = unsafe { Mmap::map(file)? };
        let end = count.checked_mul(size_of::<f64>()).and_then(|bytes| bytes.checked_add(start));
        let fits = end.is_some_and(|end| end <= mapped.len());
        let aligned = mapped.as_ptr().addr().wrapping_add(start) % align_of::<f64>() == 0;
        let usable = fits && aligned && cfg!(target_endian = "little");
        Ok(usable.then_some(Self { file: mapped, start, count }))
    }

    /// The numbers.
    #[inline]
    #[expect(clippy::cast_ptr_alignment, reason = "`new` checked the alignment")]
    pub(super) fn values(&self) -> &[f64] {
        // SAFETY: `new` checked that `count` numbers lie within the map from `start` on and that
        // `start` is aligned; the map is read-only, lives as long as `self`, and every pattern of
        // bits is an `f64`.
        unsafe {
            let first = self.file.as_ptr().add(self.start).cast::<f64>();
            std::slice::from_raw_parts(first, self.count)
        }
    }

    /// Every byte of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.file
    }
}
