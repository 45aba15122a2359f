//! Segments: the files that hold one part and period, each a stretch of time of its own.
//!
//! What is fetched is cut where the files there are begin and end. Rows inside a file's stretch
//! are merged into that file; rows between two files, before the first or after the last become a
//! file of their own. So no file is read, let alone written, that gets no row; an append writes
//! what is appended; and no two files of a part and period ever overlap in time, whichever assets
//! they hold. Where that would leave more than [`MOST`] files, some become one, so that a year of
//! daily appends writes each row about three times and no reader opens many files.

use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::chunk::{AssetBars, Bench, Place, StagedChunk};
use super::cut::{cut, year};
use crate::Error;
use crate::block::{Block, hashed};
use crate::catalog::TableState;
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::table::Dataset;

/// Files that a part and period has at most after an ingest.
pub(super) const MOST: usize = 8;

/// What becomes of the files of one part and period.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Merged {
    pub(super) staged: Vec<StagedChunk>,
    /// The catalog's numbers of the files that new ones take the place of.
    pub(super) ended: Vec<i64>,
    /// Files that were damaged and are written anew, because every row of theirs came again.
    pub(super) repaired: Vec<PathBuf>,
    pub(super) counts: Counts,
}

/// What the rows of an ingest were to the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    /// At a stamp that had no row.
    pub(super) new: u64,
    /// Other values than the row that was there.
    pub(super) changed: u64,
    /// The row that was there.
    pub(super) unchanged: u64,
}

impl Merged {
    /// With what became of other files.
    pub(super) fn add(&mut self, other: Self) {
        self.staged.extend(other.staged);
        self.ended.extend(other.ended);
        self.repaired.extend(other.repaired);
        self.counts.new += other.counts.new;
        self.counts.changed += other.counts.changed;
        self.counts.unchanged += other.counts.unchanged;
    }
}

/// One file after the ingest.
enum Segment<'a> {
    Kept(&'a Chunk),
    Written(Box<Written<'a>>),
}

struct Written<'a> {
    number: i64,
    block: Block,
    replaces: Vec<&'a Chunk>,
}

impl Segment<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Kept(chunk) => chunk.rows,
            Self::Written(written) => written.block.len(),
        }
    }
}

impl Bench<'_> {
    /// Brings the rows of one part and period into its files.
    ///
    /// `layers` hold each asset once; later layers count where several have a stamp.
    pub(super) fn segments(
        self,
        dataset: Dataset,
        layers: &[Vec<AssetBars>],
        (part, period): (i64, i64),
        scales: Scales,
        head: Option<&TableState>,
    ) -> Result<Merged, Error> {
        let old = head.map(|head| head.segments(part, period)).unwrap_or_default();
        let old_scales = head.map_or(scales, |head| head.scales);
        let mut merged = Merged::default();
        let mut segments = Vec::with_capacity(old.len() + 1);
        let mut number = old.iter().map(|chunk| chunk.segment + 1).max().unwrap_or(0);
        for (stamps, chunk) in stretches(year(dataset, period), old) {
            let rows = layered(dataset, layers, &stamps, scales)?;
            segments.extend(match chunk {
                Some(chunk) if rows.len() == 0 => Some(Segment::Kept(chunk)),
                Some(chunk) => Some(self.restate(dataset, chunk, old_scales, rows, &mut merged)?),
                None if rows.len() == 0 => None,
                None => {
                    merged.counts.new += rows.len() as u64;
                    number += 1;
                    let (number, block, replaces) = (number - 1, rows, Vec::new());
                    Some(Segment::Written(Box::new(Written { number, block, replaces })))
                }
            });
        }
        let sizes: Vec<usize> = segments.iter().map(Segment::rows).collect();
        let news = segments.iter().any(|segment| matches!(segment, Segment::Written(_)));
        if let Some(run) = run_to_join(&sizes).filter(|_| news) {
            self.join(dataset, &mut segments, run, old_scales, scales)?;
        }
        let symbol = layers.first().and_then(|assets| assets.first());
        let symbol = symbol.map_or("", |asset| asset.symbol.as_str());
        for segment in segments {
            if let Segment::Written(written) = segment {
                let Written { number, block, replaces } = *written;
                let place = Place { part, period, segment: number, symbol };
                merged.ended.extend(replaces.iter().map(|chunk| chunk.file));
                merged.staged.push(self.stage(dataset, place, block)?);
            }
        }
        Ok(merged)
    }

    /// Brings rows into the file that has their stretch of time.
    fn restate<'a>(
        self,
        dataset: Dataset,
        old: &'a Chunk,
        old_scales: Scales,
        rows: Block,
        merged: &mut Merged,
    ) -> Result<Segment<'a>, Error> {
        let (scales, count) = (rows.scales, rows.len() as u64);
        let written = |block| {
            let written = Written { number: old.segment, block, replaces: vec![old] };
            Segment::Written(Box::new(written))
        };
        let mut rows = rows;
        // Where the numbers get other types, the table is written anew in any case.
        if scales.continues(old_scales) && old.rows == rows.len() {
            let (columns, hash) = hashed(dataset, rows);
            let not_bars = || Error::corrupt(&old.path, "its columns are not bars");
            rows = Block::from_columns(scales, columns).ok_or_else(not_bars)?;
            if hash == old.content_hash {
                merged.counts.unchanged += count;
                if self.is_whole(dataset, old, scales)? {
                    return Ok(Segment::Kept(old));
                }
                merged.repaired.push(old.path.clone());
                return Ok(written(rows));
            }
        }
        let before = self.read(dataset, old, old_scales, scales)?;
        let (block, found) = before.merge(&rows);
        merged.counts.new += found.added;
        merged.counts.changed += found.changed;
        merged.counts.unchanged += count - found.added - found.changed;
        if scales.continues(old_scales) && found.added == 0 && found.changed == 0 {
            return Ok(Segment::Kept(old));
        }
        Ok(written(block))
    }

    fn is_whole(self, dataset: Dataset, chunk: &Chunk, scales: Scales) -> Result<bool, Error> {
        match self.files.open(chunk, dataset, scales, &crate::format::Rows::All) {
            Ok(_) => Ok(true),
            Err(Error::Corrupt { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Makes one segment of a run of them. A damaged file among them is left as it is: nobody
    /// asked for its rows.
    fn join(
        self,
        dataset: Dataset,
        segments: &mut Vec<Segment<'_>>,
        run: Range<usize>,
        from: Scales,
        to: Scales,
    ) -> Result<(), Error> {
        let mut read = Vec::with_capacity(run.len());
        for segment in segments.get(run.clone()).unwrap_or_default() {
            read.push(match segment {
                Segment::Kept(chunk) => match self.read(dataset, chunk, from, to) {
                    Ok(block) => Some(block),
                    Err(Error::Corrupt { .. }) => return Ok(()),
                    Err(error) => return Err(error),
                },
                Segment::Written(_) => None,
            });
        }
        let mut number = i64::MAX;
        let mut blocks = Vec::with_capacity(read.len());
        let mut replaced = Vec::new();
        for (segment, block) in segments.drain(run.clone()).zip(read) {
            match (segment, block) {
                (Segment::Written(written), _) => {
                    number = number.min(written.number);
                    replaced.extend(written.replaces);
                    blocks.push(written.block);
                }
                (Segment::Kept(chunk), block) => {
                    number = number.min(chunk.segment);
                    replaced.push(chunk);
                    blocks.extend(block);
                }
            }
        }
        if let Some(block) = together(blocks) {
            let written = Written { number, block, replaces: replaced };
            segments.insert(run.start, Segment::Written(Box::new(written)));
        }
        Ok(())
    }
}

/// Blocks of stretches of time one after the other, as one.
pub(super) fn together(blocks: Vec<Block>) -> Option<Block> {
    // From the newest, which are the smallest, so that little is copied twice.
    blocks.into_iter().rev().reduce(|newer, older| older.merge(&newer).0)
}

/// The files in order of time, and what lies before, between and after them.
pub(super) fn stretches(period: Range<i64>, files: &[Chunk]) -> Vec<(Range<i64>, Option<&Chunk>)> {
    let mut stretches = Vec::with_capacity(2 * files.len() + 1);
    let mut from = period.start;
    for file in files {
        let Some((first, last)) = file.span() else { continue };
        stretches.push((from..first.max(from), None));
        stretches.push((first.max(from)..last.saturating_add(1), Some(file)));
        from = last.saturating_add(1);
    }
    stretches.push((from..period.end.max(from), None));
    stretches
}

/// The rows with these stamps of all layers together.
fn layered(
    dataset: Dataset,
    layers: &[Vec<AssetBars>],
    stamps: &Range<i64>,
    scales: Scales,
) -> Result<Block, Error> {
    let mut block = Block::with_capacity(scales, 0);
    for (depth, assets) in layers.iter().enumerate() {
        let layer = cut(dataset, assets, stamps, scales)?;
        block = if depth == 0 { layer } else { block.merge(&layer).0 };
    }
    Ok(block)
}

/// Which of too many files become one, by their rows in order of time.
///
/// It is the run up to the newest file, or from the oldest on, that begins with a file of at most
/// half the rows of the others in it; of the two, the one with fewer rows. Files then grow about
/// twofold from one to the next, and each row is written about once for each time that the rows
/// have grown threefold: 3.4 times in a year of 252 appends, 5 times in four of them.
pub(super) fn run_to_join(sizes: &[usize]) -> Option<Range<usize>> {
    if sizes.len() <= MOST {
        return None;
    }
    let forward: Vec<usize> = sizes.iter().rev().copied().collect();
    let (newest, back) = (reach(&forward), reach(sizes));
    let cost = |sizes: &[usize], files: usize| sizes.iter().take(files).sum::<usize>();
    if cost(&forward, newest) <= cost(sizes, back) {
        Some(sizes.len() - newest..sizes.len())
    } else {
        Some(0..back)
    }
}

/// How many files from the first on become one.
fn reach(sizes: &[usize]) -> usize {
    let mut sum = 0;
    let mut reach = 2;
    for (at, &size) in sizes.iter().enumerate() {
        if at > 0 && 2 * size <= sum {
            reach = at + 1;
        }
        sum += size;
    }
    reach
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Appends so many rows each and joins; rows written for each row appended, files at most.
    fn append(appends: &[usize], at_the_end: bool) -> (f64, usize) {
        let (mut sizes, mut written, mut most) = (Vec::new(), 0, 0);
        for &rows in appends {
            if at_the_end {
                sizes.push(rows);
            } else {
                sizes.insert(0, rows);
            }
            match run_to_join(&sizes) {
                None => written += rows,
                Some(run) => {
                    let joined: usize = sizes[run.clone()].iter().sum();
                    let has_new = run.contains(&if at_the_end { sizes.len() - 1 } else { 0 });
                    written += joined + if has_new { 0 } else { rows };
                    sizes.splice(run, [joined]);
                }
            }
            most = most.max(sizes.len());
        }
        let all: usize = appends.iter().sum();
        assert_eq!(sizes.iter().sum::<usize>(), all);
        (written as f64 / all as f64, most)
    }

    #[test]
    fn daily_appends_write_each_row_a_few_times() {
        for at_the_end in [true, false] {
            let (year, files) = append(&[500; 252], at_the_end);
            assert!(year < 3.5 && files <= MOST, "{year} {files}");
            let (four, files) = append(&[500; 1008], at_the_end);
            assert!(four < 5.1 && files <= MOST, "{four} {files}");
        }
        let mut after_half_a_year = vec![500 * 126];
        after_half_a_year.extend([500; 126]);
        assert!(append(&after_half_a_year, true).0 < 3.0);
    }

    proptest! {
        #[test]
        fn there_are_never_too_many_files(
            appends in proptest::collection::vec(1..5000_usize, 1..60),
            at_the_end: bool,
        ) {
            prop_assert!(append(&appends, at_the_end).1 <= MOST);
        }
    }
}
