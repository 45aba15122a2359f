//! [`Chunk`]: a data file of a version, and where each asset's rows lie in it.

use std::ops::Range;
use std::path::PathBuf;

use rustybt_data::Sid;
use serde::{Deserialize, Serialize};

/// A data file as the catalog knows it.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// The bucket (panel), the sid (series) or 0 (whole).
    pub(crate) part: i64,
    /// The year, or 0 (whole).
    pub(crate) period: i64,
    /// Tells the files of one part and period apart, and says nothing of their order: they are
    /// disjoint in time.
    pub(crate) segment: i64,
    /// The catalog's number for the file.
    pub(crate) file: i64,
    pub(crate) path: PathBuf,
    pub(crate) rows: usize,
    pub(crate) bytes: u64,
    pub(crate) content_hash: [u8; 32],
    pub(crate) file_hash: [u8; 32],
    /// The rows of each asset, in the order of the file; empty for tables that hold no bars.
    pub(crate) extents: Vec<Extent>,
}

impl Chunk {
    /// The first and the last stamp of its rows; `None` for tables that hold no bars.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        let first = self.extents.iter().map(|extent| extent.first).min()?;
        let last = self.extents.iter().map(|extent| extent.last).max()?;
        Some((first, last))
    }

    /// The extent of an asset and its rows in the file.
    pub(crate) fn rows_of(&self, sid: Sid) -> Option<(Extent, Range<usize>)> {
        let mut start = 0;
        for extent in &self.extents {
            let end = start + extent.rows as usize;
            if extent.sid == sid {
                return Some((*extent, start..end));
            }
            start = end;
        }
        None
    }
}

/// The rows of one asset in a chunk. They are contiguous, because a chunk is sorted by asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    pub(crate) sid: Sid,
    pub(crate) rows: u32,
    /// The stamp of its first row: days for daily bars, microseconds for the others.
    pub(crate) first: i64,
    /// The stamp of its last row.
    pub(crate) last: i64,
}

const BYTES: usize = 24;

impl Extent {
    /// Finds the extents of rows sorted by asset and stamp.
    pub(crate) fn find(sids: &[i64], stamps: &[i64]) -> Vec<Self> {
        let mut extents: Vec<Self> = Vec::new();
        for (&sid, &stamp) in sids.iter().zip(stamps) {
            let sid = Sid(sid as u32);
            match extents.last_mut() {
                Some(extent) if extent.sid == sid => {
                    extent.rows += 1;
                    extent.last = stamp;
                }
                _ => extents.push(Self { sid, rows: 1, first: stamp, last: stamp }),
            }
        }
        extents
    }

    /// The form in the catalog: sid and rows in four bytes each, the stamps in eight, little-endian.
    pub(crate) fn to_blob(extents: &[Self]) -> Vec<u8> {
        let mut blob = Vec::with_capacity(extents.len() * BYTES);
        for extent in extents {
            blob.extend(extent.sid.0.to_le_bytes());
            blob.extend(extent.rows.to_le_bytes());
            blob.extend(extent.first.to_le_bytes());
            blob.extend(extent.last.to_le_bytes());
        }
        blob
    }

    /// Reads what [`to_blob`](Self::to_blob) wrote; `None` for anything else.
    pub(crate) fn from_blob(blob: &[u8]) -> Option<Vec<Self>> {
        if !blob.len().is_multiple_of(BYTES) {
            return None;
        }
        blob.chunks_exact(BYTES)
            .map(|entry| {
                Some(Self {
                    sid: Sid(u32::from_le_bytes(entry.get(..4)?.try_into().ok()?)),
                    rows: u32::from_le_bytes(entry.get(4..8)?.try_into().ok()?),
                    first: i64::from_le_bytes(entry.get(8..16)?.try_into().ok()?),
                    last: i64::from_le_bytes(entry.get(16..24)?.try_into().ok()?),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_are_found_and_survive_the_catalog() {
        let extents = Extent::find(&[1, 1, 1, 4, 9, 9], &[10, 11, 15, 11, -3, 2]);
        assert_eq!(
            extents,
            [
                Extent { sid: Sid(1), rows: 3, first: 10, last: 15 },
                Extent { sid: Sid(4), rows: 1, first: 11, last: 11 },
                Extent { sid: Sid(9), rows: 2, first: -3, last: 2 },
            ]
        );
        let blob = Extent::to_blob(&extents);
        assert_eq!(Extent::from_blob(&blob).unwrap(), extents);
        assert_eq!(Extent::from_blob(&blob[1..]), None);
    }
}
