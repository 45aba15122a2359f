//! One chunk: cut from what was fetched, merged with what is there, encoded and staged.

use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use chrono::Datelike;
use rustybt_calendars::Session;
use rustybt_data::{Field, RawBars, Sid, Stamps};

use super::stage::Staging;
use crate::Error;
use crate::block::{Block, MergeCount, Overflow, extend_rescaled, hashed, scale_of};
use crate::catalog::{NewChunk, TableState};
use crate::chunk::{Chunk, Extent};
use crate::format::{self, Column, Footer, ParquetFile, Rows, content_hash};
use crate::layout;
use crate::table::{Dataset, Scales};
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
#[derive(Debug)]
pub(super) struct StagedChunk {
    pub(super) dataset: Dataset,
    pub(super) scales: Scales,
    pub(super) staged: PathBuf,
    pub(super) chunk: NewChunk,
}

/// What became of a chunk.
#[derive(Debug)]
pub(super) enum Cut {
    /// The file that is there holds all of it.
    Kept,
    Staged(Box<StagedChunk>),
}

impl Cut {
    /// The chunk that was written, if one was.
    pub(super) fn staged(self) -> Option<StagedChunk> {
        match self {
            Self::Kept => None,
            Self::Staged(chunk) => Some(*chunk),
        }
    }

    /// The chunk that was written, or another one.
    pub(super) fn or(self, other: StagedChunk) -> StagedChunk {
        self.staged().unwrap_or(other)
    }
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
    fn footer(&self, dataset: Dataset, scales: Scales, (part, period): (i64, i64)) -> Footer {
        Footer {
            bundle: self.bundle.clone(),
            calendar: self.calendar.clone(),
            table: dataset.name().to_owned(),
            frequency: match dataset {
                Dataset::Bars(frequency) => frequency.to_string(),
                _ => String::new(),
            },
            part,
            period,
            segment: 0,
            version: self.version,
            scales: scales.to_string(),
        }
    }
}

impl Bench<'_> {
    /// Brings the rows of one period into the chunk they belong to.
    ///
    /// `layers` hold each asset once; later layers count where several have a stamp.
    pub(super) fn chunk(
        self,
        dataset: Dataset,
        layers: &[Vec<AssetBars>],
        (part, period): (i64, i64),
        scales: Scales,
        head: Option<&TableState>,
    ) -> Result<(Cut, MergeCount), Error> {
        let mut new = Block::with_capacity(scales, 0);
        for (depth, assets) in layers.iter().enumerate() {
            let layer = cut(dataset, assets, period, scales)?;
            new = if depth == 0 { layer } else { new.merge(&layer).0 };
        }
        if new.len() == 0 {
            return Ok((Cut::Kept, MergeCount::default()));
        }
        let fresh = MergeCount { added: new.len() as u64, changed: 0 };
        let symbol = layers.first().and_then(|assets| assets.first());
        let symbol = symbol.map_or("", |asset| asset.symbol.as_str());
        let place = (part, period, symbol);
        let old = head.and_then(|head| Some((head, head.chunk(part, period)?)));
        let Some((table, old)) = old else {
            return Ok((self.stage(dataset, place, new)?, fresh));
        };
        // Scales only grow: where they differ, the table is written anew in any case.
        if table.scales == scales && old.rows == new.len() {
            let (columns, hash) = hashed(dataset, new);
            if hash == old.content_hash {
                return Ok((Cut::Kept, MergeCount::default()));
            }
            let new = Block::from_columns(scales, columns);
            let new = new.ok_or_else(|| Error::corrupt(&old.path, "its columns are not bars"))?;
            return self.merge(dataset, place, old, table.scales, &new);
        }
        self.merge(dataset, place, old, table.scales, &new)
    }

    fn merge(
        self,
        dataset: Dataset,
        place: (i64, i64, &str),
        old: &Chunk,
        old_scales: Scales,
        new: &Block,
    ) -> Result<(Cut, MergeCount), Error> {
        let before = self.read(dataset, old, old_scales, new.scales)?;
        let (merged, count) = before.merge(new);
        if old_scales == new.scales && count == MergeCount::default() {
            return Ok((Cut::Kept, count));
        }
        Ok((self.stage(dataset, place, merged)?, count))
    }

    /// Writes a chunk of the bundle again, with more digits.
    pub(super) fn rescale(
        self,
        dataset: Dataset,
        old: &Chunk,
        from: Scales,
        to: Scales,
        symbol: &str,
    ) -> Result<Cut, Error> {
        let block = self.read(dataset, old, from, to)?;
        self.stage(dataset, (old.part, old.period, symbol), block)
    }

    /// Writes a staged chunk again, with more digits.
    pub(super) fn rescale_staged(
        self,
        staged: &StagedChunk,
        to: Scales,
        symbol: &str,
    ) -> Result<Cut, Error> {
        let path = &staged.staged;
        let bytes = Bytes::from(std::fs::read(path).map_err(Error::io("read", path))?);
        let specs = staged.dataset.columns(staged.scales);
        let file = ParquetFile::open(path, bytes, specs, staged.chunk.rows, &Rows::All)?;
        let mut block = Block::from_columns(staged.scales, file.columns()?)
            .ok_or_else(|| Error::corrupt(path, "its columns are not bars"))?;
        block.rescale(to).map_err(|overflow| too_many_digits(staged.dataset, symbol, overflow))?;
        let place = (staged.chunk.part, staged.chunk.period, symbol);
        let again = self.stage(staged.dataset, place, block)?;
        std::fs::remove_file(path).map_err(Error::io("remove", path))?;
        Ok(again)
    }

    fn read(
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

    fn stage(self, dataset: Dataset, place: (i64, i64, &str), block: Block) -> Result<Cut, Error> {
        let scales = block.scales;
        let extents = block.extents();
        let (columns, hash) = hashed(dataset, block);
        let staged = self.stage_columns(dataset, scales, place, &columns, hash, extents)?;
        Ok(Cut::Staged(Box::new(staged)))
    }

    /// Encodes and writes a table's or a chunk's columns.
    pub(super) fn stage_columns(
        self,
        dataset: Dataset,
        scales: Scales,
        (part, period, symbol): (i64, i64, &str),
        columns: &[Column],
        content_hash: [u8; 32],
        extents: Vec<Extent>,
    ) -> Result<StagedChunk, Error> {
        let specs = dataset.columns(scales);
        let rows = columns.first().map_or(0, Column::len);
        let sorted = dataset.sort_key().split(',').filter(|key| !key.is_empty()).count();
        let groups = row_groups(rows, &extents);
        let footer = self.origin.footer(dataset, scales, (part, period));
        let encoded = format::encode(&specs, columns, &groups, sorted, &footer)
            .map_err(|source| Error::Encode { table: dataset.name().to_owned(), source })?;
        let file_hash = *blake3::hash(&encoded.bytes).as_bytes();
        let staged = self.staging.write(&encoded.bytes)?;
        let chunk = NewChunk {
            part,
            period,
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

/// The years that bars lie in.
pub(super) fn years(bars: &RawBars) -> Range<i32> {
    let (first, last) = match &bars.stamps {
        Stamps::Sessions(days) => (days.first().copied(), days.last().copied()),
        Stamps::Instants(at) => (at.first().map(|at| at.date()), at.last().map(|at| at.date())),
    };
    match (first, last) {
        (Some(first), Some(last)) => first.date().year()..last.date().year() + 1,
        _ => 0..0,
    }
}

/// The smallest scales that hold some bars.
pub(super) fn scales(bars: &RawBars) -> Scales {
    let mut scales = Scales::default();
    for (field, column) in &bars.columns {
        let scale = if field.is_price() { &mut scales.price } else { &mut scales.size };
        if column.scale() > *scale {
            *scale = (*scale).max(column.smallest_scale());
        }
    }
    scales
}

/// The rows of one year, of assets in ascending order of sid.
fn cut(dataset: Dataset, assets: &[AssetBars], year: i64, scales: Scales) -> Result<Block, Error> {
    let day = |year: i64| {
        let year = i32::try_from(year).unwrap_or(i32::MAX);
        Session::from_ymd(year, 1, 1).unwrap_or(Session::from_days(i32::MAX))
    };
    let (start, end) = (day(year), day(year + 1));
    let ranges: Vec<Range<usize>> = assets
        .iter()
        .map(|asset| match &asset.bars.stamps {
            Stamps::Sessions(days) => {
                days.partition_point(|day| *day < start)..days.partition_point(|day| *day < end)
            }
            Stamps::Instants(at) => {
                let (start, end) = (start.midnight(), end.midnight());
                at.partition_point(|at| *at < start)..at.partition_point(|at| *at < end)
            }
        })
        .collect();
    let rows = ranges.iter().map(Range::len).sum();
    let mut block = Block::with_capacity(scales, rows);
    for (asset, range) in assets.iter().zip(ranges) {
        append(dataset, &mut block, asset, range)?;
    }
    Ok(block)
}

fn append(
    dataset: Dataset,
    block: &mut Block,
    asset: &AssetBars,
    range: Range<usize>,
) -> Result<(), Error> {
    block.sids.resize(block.sids.len() + range.len(), asset.sid.0.into());
    match &asset.bars.stamps {
        Stamps::Sessions(days) => {
            let days = days.get(range.clone()).unwrap_or_default();
            block.stamps.extend(days.iter().map(|day| i64::from(day.days())));
        }
        Stamps::Instants(at) => {
            let at = at.get(range.clone()).unwrap_or_default();
            block.stamps.extend(at.iter().map(|at| at.micros()));
        }
    }
    for (field, to) in Field::OHLCV.into_iter().zip(&mut block.fields) {
        let Some(column) = asset.bars.column(field) else { continue };
        let from = column.mantissas().get(range.clone()).unwrap_or_default();
        let scale = scale_of(block.scales, field);
        if !extend_rescaled(to, from, column.scale(), scale) {
            let overflow = Overflow { sid: asset.sid, field, scale };
            return Err(too_many_digits(dataset, &asset.symbol, overflow));
        }
    }
    Ok(())
}

fn too_many_digits(dataset: Dataset, symbol: &str, overflow: Overflow) -> Error {
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
