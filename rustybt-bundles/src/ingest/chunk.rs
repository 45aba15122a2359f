//! One chunk: read, moved to other scales, encoded and staged.

use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use rustybt_data::{RawBars, Sid};
use serde::{Deserialize, Serialize};

use super::stage::Staging;
use crate::Error;
use crate::block::{Block, Overflow, hashed};
use crate::catalog::NewChunk;
use crate::chunk::{Chunk, Extent};
use crate::decimals::Scales;
use crate::format::{self, Column, ColumnSpec, Footer, ParquetFile, Rows, content_hash};
use crate::layout;
use crate::records::RecordSet;
use crate::table::Dataset;
use crate::verified::Verified;

/// The bars of one asset as they came, checked.
#[derive(Debug)]
pub(super) struct AssetBars {
    pub(super) sid: Sid,
    pub(super) symbol: String,
    /// Sorted, each stamp once.
    pub(super) bars: RawBars,
}

/// A chunk that is written but not yet in place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct StagedChunk {
    #[serde(with = "super::points::table")]
    pub(super) dataset: Dataset,
    pub(super) scales: Scales,
    pub(super) staged: PathBuf,
    pub(super) chunk: NewChunk,
}

/// Where a file belongs, and whose rows it holds where that is one asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) part: i64,
    pub(super) period: i64,
    pub(super) segment: i64,
    pub(super) symbol: &'a str,
}

/// What a file is to hold.
pub(super) struct Content<'a> {
    pub(super) specs: &'a [ColumnSpec],
    /// How many of the first columns the rows are sorted by.
    pub(super) sorted: usize,
    pub(super) columns: &'a [Column],
    pub(super) hash: [u8; 32],
    pub(super) extents: Vec<Extent>,
}

/// What working on chunks needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench<'a> {
    pub(super) staging: &'a Staging,
    pub(super) files: &'a Verified,
    pub(super) origin: &'a Origin,
}

/// What an ingest writes into the footer of every file.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) bundle: String,
    pub(super) calendar: String,
    /// The version it makes.
    pub(super) version: u64,
}

impl Origin {
    /// The version it starts from.
    pub(super) fn base(&self) -> Option<u64> {
        self.version.checked_sub(1).filter(|&base| base > 0)
    }

    fn footer(&self, dataset: Dataset, scales: Scales, place: Place<'_>) -> Footer {
        Footer {
            bundle: self.bundle.clone(),
            calendar: self.calendar.clone(),
            table: dataset.name().to_owned(),
            frequency: match dataset {
                Dataset::Bars(frequency) => frequency.to_string(),
                _ => String::new(),
            },
            part: place.part,
            period: place.period,
            segment: place.segment,
            version: self.version,
            scales: scales.to_string(),
            records: dataset.records().map(RecordSet::json).unwrap_or_default(),
        }
    }
}

impl Bench<'_> {
    /// Writes a chunk of the bundle again, with more digits.
    pub(super) fn rescale(
        self,
        dataset: Dataset,
        old: &Chunk,
        from: Scales,
        to: Scales,
        symbol: &str,
    ) -> Result<StagedChunk, Error> {
        let block = self.read(dataset, old, from, to)?;
        let &Chunk { part, period, segment, .. } = old;
        self.stage(dataset, Place { part, period, segment, symbol }, block)
    }

    /// Writes a staged chunk again, with more digits.
    pub(super) fn rescale_staged(
        self,
        staged: &StagedChunk,
        to: Scales,
        symbol: &str,
    ) -> Result<StagedChunk, Error> {
        let path = &staged.staged;
        let bytes = Bytes::from(self.staging.read(path)?);
        let specs = staged.dataset.columns(staged.scales);
        let file = ParquetFile::open(path, bytes, specs, staged.chunk.rows, &Rows::All)?;
        let mut block = Block::from_columns(staged.scales, file.columns()?)
            .ok_or_else(|| Error::corrupt(path, "its columns are not bars"))?;
        block.rescale(to).map_err(|overflow| too_many_digits(staged.dataset, symbol, overflow))?;
        let &NewChunk { part, period, segment, .. } = &staged.chunk;
        let place = Place { part, period, segment, symbol };
        // The other one stays, for a job that is resumed.
        self.stage(staged.dataset, place, block)
    }

    /// The rows of a file of the bundle, at scales that are at least its own.
    pub(super) fn read(
        self,
        dataset: Dataset,
        chunk: &Chunk,
        from: Scales,
        to: Scales,
    ) -> Result<Block, Error> {
        let columns = self.files.columns(chunk, dataset, from)?;
        let mut block = Block::from_columns(from, columns)
            .ok_or_else(|| Error::corrupt(&chunk.path, "its columns are not bars"))?;
        block.rescale(to).map_err(|overflow| {
            too_many_digits(dataset, &format!("sid {}", overflow.sid), overflow)
        })?;
        Ok(block)
    }

    /// Encodes and writes a block.
    pub(super) fn stage(
        self,
        dataset: Dataset,
        place: Place<'_>,
        block: Block,
    ) -> Result<StagedChunk, Error> {
        let scales = block.scales;
        let extents = block.extents();
        let (columns, hash) = hashed(dataset, block);
        self.stage_columns(dataset, scales, place, &columns, hash, extents)
    }

    /// Encodes and writes a table's or a chunk's columns.
    pub(super) fn stage_columns(
        self,
        dataset: Dataset,
        scales: Scales,
        place: Place<'_>,
        columns: &[Column],
        content_hash: [u8; 32],
        extents: Vec<Extent>,
    ) -> Result<StagedChunk, Error> {
        let sorted = dataset.sort_key().split(',').filter(|key| !key.is_empty()).count();
        let specs = dataset.columns(scales);
        let content = Content { specs: &specs, sorted, columns, hash: content_hash, extents };
        self.stage_content(dataset, scales, place, content)
    }

    /// Encodes and writes columns of any types.
    pub(super) fn stage_content(
        self,
        dataset: Dataset,
        scales: Scales,
        place: Place<'_>,
        content: Content<'_>,
    ) -> Result<StagedChunk, Error> {
        let Content { specs, sorted, columns, hash: content_hash, extents } = content;
        let rows = columns.first().map_or(0, Column::len);
        let groups = row_groups(rows, &extents);
        let footer = self.origin.footer(dataset, scales, place);
        let encoded = format::encode(specs, columns, &groups, sorted, &footer)
            .map_err(|source| Error::Encode { table: dataset.name().to_owned(), source })?;
        let file_hash = *blake3::hash(&encoded.bytes).as_bytes();
        let staged = self.staging.write(&encoded.bytes)?;
        let Place { part, period, segment, symbol } = place;
        let chunk = NewChunk {
            part,
            period,
            segment,
            path: layout::new_file(dataset, part, period, symbol),
            rows,
            bytes: encoded.bytes.len() as u64,
            footer: encoded.footer,
            stats: encoded.stats,
            content_hash,
            file_hash,
            extents,
        };
        Ok(StagedChunk { dataset, scales, staged, chunk })
    }
}

/// The hash of a small table.
pub(super) fn table_hash(dataset: Dataset, scales: Scales, columns: &[Column]) -> [u8; 32] {
    content_hash(&dataset.columns(scales), columns)
}

pub(super) fn too_many_digits(dataset: Dataset, symbol: &str, overflow: Overflow) -> Error {
    Error::TooManyDigits {
        table: dataset.name().to_owned(),
        symbol: symbol.to_owned(),
        column: overflow.field.name(),
        scale: overflow.scale,
    }
}

/// Row groups of at most [`format::GROUP_ROWS`] rows, cut where an asset ends if there is such a place.
fn row_groups(rows: usize, extents: &[Extent]) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut end) = (0, 0);
    for extent in extents {
        let next = end + extent.rows as usize;
        if next - start > format::GROUP_ROWS && end > start {
            groups.push(start..end);
            start = end;
        }
        end = next;
        while end - start > format::GROUP_ROWS {
            groups.push(start..start + format::GROUP_ROWS);
            start += format::GROUP_ROWS;
        }
    }
    if start < rows {
        groups.push(start..rows);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_end_with_an_asset_where_they_can() {
        let extents = |rows: &[u32]| -> Vec<Extent> {
            rows.iter().map(|&rows| Extent { sid: Sid(0), rows, first: 0, last: 0 }).collect()
        };
        assert!(row_groups(0, &[]).is_empty());
        assert_eq!(row_groups(7, &[]).first(), Some(&(0..7)));
        assert_eq!(row_groups(130_000, &extents(&[65_000, 65_000])).len(), 1);
        assert_eq!(row_groups(140_000, &extents(&[70_000, 70_000])), [0..70_000, 70_000..140_000]);
        let long = row_groups(300_001, &extents(&[1, 300_000]));
        assert_eq!(long, [0..1, 1..131_073, 131_073..262_145, 262_145..300_001]);
    }
}
