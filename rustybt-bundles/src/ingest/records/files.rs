//! The files of a table beyond bars: rows cut by part and period, brought into the files there
//! are, and written.

use std::collections::BTreeMap;
use std::ops::Range;

use super::super::chunk::{Bench, Content, Place};
use super::super::segment::{MOST, run_to_join, stretches};
use super::{Group, StagedRows, Table};
use crate::Error;
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::format::{ColumnSpec, Rows, content_hash};
use crate::records::{RecordSet, RowBlock, merge, sort_key, stamp_micros};
use crate::table::Dataset;

/// One file after the ingest.
enum Segment<'a> {
    Kept(&'a Chunk),
    Written { number: i64, block: RowBlock, replaces: Vec<&'a Chunk> },
}

impl Segment<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Kept(chunk) => chunk.rows,
            Self::Written { block, .. } => block.len(),
        }
    }
}

impl Table<'_> {
    /// Brings sorted rows into the files they belong to.
    pub(super) fn file(&self, rows: RowBlock, symbol: &str) -> Result<Group, Error> {
        let mut places: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (row, (sid, stamp)) in rows.keys(self.set).into_iter().enumerate() {
            let period = self.set.period(stamp_micros(self.set, stamp));
            places.entry((self.set.part(sid), period)).or_default().push(row);
        }
        let mut group = Group::default();
        if places.len() == 1
            && let Some(&(part, period)) = places.keys().next()
        {
            self.place(part, period, rows, symbol, &mut group)?;
            return Ok(group);
        }
        for ((part, period), numbers) in places {
            self.place(part, period, rows.take(&numbers), symbol, &mut group)?;
        }
        Ok(group)
    }

    /// Brings rows of one part and period into its files.
    fn place(
        &self,
        part: i64,
        period: i64,
        mut rows: RowBlock,
        symbol: &str,
        group: &mut Group,
    ) -> Result<(), Error> {
        let old = self.head.map(|head| head.segments(part, period)).unwrap_or_default();
        let mut number = old.iter().map(|chunk| chunk.segment + 1).max().unwrap_or(0);
        let mut segments = Vec::with_capacity(old.len() + 1);
        for (stamps, chunk) in stretches(self.set.stamps(period), old) {
            let own = self.within(&mut rows, &stamps);
            segments.extend(match chunk {
                Some(chunk) if own.len() == 0 => Some(Segment::Kept(chunk)),
                Some(chunk) => Some(self.restate(chunk, own, group)?),
                None if own.len() == 0 => None,
                None => {
                    group.counts.new += own.len() as u64;
                    number += 1;
                    let replaces = Vec::new();
                    Some(Segment::Written { number: number - 1, block: own, replaces })
                }
            });
        }
        let sizes: Vec<usize> = segments.iter().map(Segment::rows).collect();
        let news = segments.iter().any(|segment| matches!(segment, Segment::Written { .. }));
        if let Some(run) = run_to_join(&sizes).filter(|_| news && sizes.len() > MOST) {
            self.join(&mut segments, run)?;
        }
        for segment in segments {
            let Segment::Written { number, block, replaces } = segment else { continue };
            group.replaced.extend(replaces.iter().map(|chunk| chunk.file));
            let place = Place { part, period, segment: number, symbol };
            let staged = self.order.bench.stage_rows(self.set, place, block)?;
            group.staged.push(staged);
        }
        Ok(())
    }

    /// The rows stamped in a range: taken out where they are all there are, else copied.
    fn within(&self, rows: &mut RowBlock, stamps: &Range<i64>) -> RowBlock {
        let inside = |key: &(i64, i64)| stamps.contains(&stamp_micros(self.set, key.1));
        let keys = rows.keys(self.set);
        let numbers: Vec<usize> =
            keys.iter().enumerate().filter(|(_, key)| inside(key)).map(|(row, _)| row).collect();
        if numbers.len() == keys.len() {
            // All of them, which is most often so: nothing is copied.
            let empty = RowBlock::new(rows.specs.clone());
            return std::mem::replace(rows, empty);
        }
        rows.take(&numbers)
    }

    /// Brings rows into the file that has their stretch of time.
    fn restate<'c>(
        &self,
        old: &'c Chunk,
        rows: RowBlock,
        group: &mut Group,
    ) -> Result<Segment<'c>, Error> {
        let count = rows.len() as u64;
        let written = |block| Segment::Written { number: old.segment, block, replaces: vec![old] };
        if old.rows == rows.len() && content_hash(&rows.specs, &rows.columns) == old.content_hash {
            group.counts.unchanged += count;
            return match self.read(old, &rows.specs) {
                Ok(_) => Ok(Segment::Kept(old)),
                Err(Error::Corrupt { .. }) => {
                    group.repaired.push(old.path.clone());
                    Ok(written(rows))
                }
                Err(error) => Err(error),
            };
        }
        let before = self.read(old, &rows.specs)?;
        let (block, found) = merge(&before, &rows, self.set, &self.shape().schema);
        group.counts.new += found.added;
        group.counts.changed += found.changed;
        group.counts.unchanged += found.unchanged;
        if found.added == 0 && found.changed == 0 && block.len() == before.len() {
            return Ok(Segment::Kept(old));
        }
        Ok(written(block))
    }

    /// Makes one segment of a run of them. A damaged file among them is left as it is: nobody
    /// asked for its rows.
    fn join(&self, segments: &mut Vec<Segment<'_>>, run: Range<usize>) -> Result<(), Error> {
        let specs = segments.iter().find_map(|segment| match segment {
            Segment::Written { block, .. } => Some(block.specs.clone()),
            Segment::Kept(_) => None,
        });
        let Some(specs) = specs else { return Ok(()) };
        let mut read = Vec::with_capacity(run.len());
        for segment in segments.get(run.clone()).unwrap_or_default() {
            read.push(match segment {
                Segment::Kept(chunk) => match self.read(chunk, &specs) {
                    Ok(block) => Some(block),
                    Err(Error::Corrupt { .. }) => return Ok(()),
                    Err(error) => return Err(error),
                },
                Segment::Written { .. } => None,
            });
        }
        let (mut least, mut joined, mut replaced) = (i64::MAX, None, Vec::new());
        let schema = self.shape().schema.clone();
        for (segment, block) in segments.drain(run.clone()).zip(read) {
            let (number, block) = match segment {
                Segment::Written { number, block, replaces } => {
                    replaced.extend(replaces);
                    (number, Some(block))
                }
                Segment::Kept(chunk) => {
                    replaced.push(chunk);
                    (chunk.segment, block)
                }
            };
            least = least.min(number);
            joined = match (joined, block) {
                (Some(before), Some(block)) => Some(merge(&before, &block, self.set, &schema).0),
                (before, block) => before.or(block),
            };
        }
        if let Some(block) = joined {
            let joined = Segment::Written { number: least, block, replaces: replaced };
            segments.insert(run.start, joined);
        }
        Ok(())
    }

    /// The rows of a file of the bundle, at columns that hold them.
    pub(super) fn read(&self, chunk: &Chunk, specs: &[ColumnSpec]) -> Result<RowBlock, Error> {
        let own = self.head.and_then(|head| head.records.as_ref());
        let own = own.map(|state| state.columns.clone()).unwrap_or_default();
        self.order.bench.read_rows(chunk, own, specs)
    }
}

impl Bench<'_> {
    /// The rows of a file with columns `own`, at columns `specs` that hold at least as much.
    pub(super) fn read_rows(
        self,
        chunk: &Chunk,
        own: Vec<ColumnSpec>,
        specs: &[ColumnSpec],
    ) -> Result<RowBlock, Error> {
        let columns = self.files.open_at(chunk, own.clone(), &Rows::All)?.columns()?;
        let block = RowBlock { specs: own, columns };
        block.at(specs).ok_or_else(|| {
            Error::corrupt(&chunk.path, "its numbers are larger than the catalog says")
        })
    }

    /// Encodes and writes rows.
    pub(super) fn stage_rows(
        self,
        set: RecordSet,
        place: Place<'_>,
        block: RowBlock,
    ) -> Result<StagedRows, Error> {
        let hash = content_hash(&block.specs, &block.columns);
        let content = Content {
            specs: &block.specs,
            sorted: sort_key(set, &block.specs).len(),
            columns: &block.columns,
            hash,
            extents: block.extents(set),
        };
        let dataset = Dataset::Records(set);
        let staged = self.stage_content(dataset, Scales::default(), place, content)?;
        Ok(StagedRows { staged, specs: block.specs, symbol: place.symbol.to_owned() })
    }
}
