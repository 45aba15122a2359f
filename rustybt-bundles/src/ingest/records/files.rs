//! The files of a place: those that stay, those that are written, and small ones that become one.

use std::sync::Arc;

use rustybt_data::TableSchema;

use super::super::chunk::Place as FilePlace;
use super::super::chunk::{Bench, Content};
use super::super::segment::run_to_join;
use super::StagedRows;
use super::group::{Group, Place, Written};
use super::table::Table;
use crate::Error;
use crate::chunk::Chunk;
use crate::decimals::Scales;
use crate::format::{ColumnSpec, Rows, content_hash};
use crate::records::{FULL, RecordSet, RowBlock, merge, sort_key, width};
use crate::table::Dataset;

/// Files whose rows weigh less may become one where there are many of them.
const SMALL: u64 = FULL / 4;

/// One file after the ingest.
pub(super) enum Segment<'c> {
    Kept(&'c Chunk),
    /// Too small to be written before it is known what lies beside it.
    Small {
        number: i64,
        block: RowBlock,
        replaces: Option<&'c Chunk>,
    },
    /// It is written.
    Written,
}

/// The files of a place, in the order of time.
pub(super) struct Files<'c> {
    table: &'c Table<'c>,
    place: Place,
    symbol: &'c str,
    segments: Vec<Segment<'c>>,
    /// The number of the next file.
    number: i64,
    pub(super) written: Written,
}

impl<'c> Files<'c> {
    pub(super) fn new(
        table: &'c Table<'_>,
        place: Place,
        group: &'c Group,
        old: &'c [Chunk],
    ) -> Self {
        let number = old.iter().map(|chunk| chunk.segment + 1).max().unwrap_or(0);
        let segments = Vec::with_capacity(old.len() + 1);
        let written = Written::default();
        Self { table, place, symbol: &group.symbol, segments, number, written }
    }

    pub(super) fn push(&mut self, segment: Segment<'c>) {
        self.segments.push(segment);
    }

    /// Adds a file.
    pub(super) fn add(&mut self, block: RowBlock) -> Result<(), Error> {
        self.number += 1;
        self.write(self.number - 1, block, None)
    }

    /// Adds files in the place of another.
    pub(super) fn replace(&mut self, old: &'c Chunk, blocks: Vec<RowBlock>) -> Result<(), Error> {
        let mut old = Some(old);
        for block in blocks {
            match old.take() {
                Some(old) => self.write(old.segment, block, Some(old))?,
                None => self.add(block)?,
            }
        }
        Ok(())
    }

    fn write(
        &mut self,
        number: i64,
        block: RowBlock,
        replaces: Option<&'c Chunk>,
    ) -> Result<(), Error> {
        if block.weights().iter().sum::<u64>() < SMALL {
            self.segments.push(Segment::Small { number, block, replaces });
            return Ok(());
        }
        self.segments.push(Segment::Written);
        self.stage(number, block, replaces)
    }

    fn stage(
        &mut self,
        number: i64,
        block: RowBlock,
        replaces: impl IntoIterator<Item = &'c Chunk>,
    ) -> Result<(), Error> {
        let (part, period) = self.place;
        let place = FilePlace { part, period, segment: number, symbol: self.symbol };
        let staged = self.table.order.bench.stage_rows(self.table.set, place, block)?;
        self.written.staged.push(staged);
        self.written.replaced.extend(replaces.into_iter().map(|chunk| chunk.file));
        Ok(())
    }

    /// Writes what is left; small neighbours become one where there are too many of them.
    pub(super) fn finish(
        mut self,
        specs: &[ColumnSpec],
        schema: &Arc<TableSchema>,
    ) -> Result<Written, Error> {
        let each = self.table.head.and_then(|head| head.records.as_ref());
        let each = each.map_or(0, |state| width(&state.columns));
        let is_small = |segment: &Segment<'_>| match segment {
            Segment::Kept(chunk) => each * (chunk.rows as u64) < SMALL,
            Segment::Small { .. } => true,
            Segment::Written => false,
        };
        let mut left = std::mem::take(&mut self.segments).into_iter().peekable();
        while let Some(first) = left.next() {
            let mut run = vec![first];
            if run.iter().all(is_small) {
                while let Some(next) = left.next_if(is_small) {
                    run.push(next);
                }
            }
            self.join(run, specs, schema)?;
        }
        Ok(self.written)
    }

    /// Writes small neighbours, some of them as one.
    fn join(
        &mut self,
        mut run: Vec<Segment<'c>>,
        specs: &[ColumnSpec],
        schema: &Arc<TableSchema>,
    ) -> Result<(), Error> {
        let sizes: Vec<usize> = run.iter().map(Segment::rows).collect();
        let news = run.iter().any(|segment| matches!(segment, Segment::Small { .. }));
        if let Some(range) = run_to_join(&sizes).filter(|_| news)
            && let Some(read) = self.read(run.get(range.clone()).unwrap_or_default(), specs)?
        {
            let (mut least, mut joined, mut replaced) = (i64::MAX, None, Vec::new());
            for (segment, block) in run.drain(range).zip(read) {
                let (number, block, old) = match segment {
                    Segment::Small { number, block, replaces } => (number, Some(block), replaces),
                    Segment::Kept(chunk) => (chunk.segment, block, Some(chunk)),
                    Segment::Written => continue,
                };
                replaced.extend(old);
                least = least.min(number);
                joined = match (joined, block) {
                    (Some(before), Some(block)) => {
                        Some(merge(&before, &block, self.table.set, schema).0)
                    }
                    (before, block) => before.or(block),
                };
            }
            if let Some(block) = joined {
                self.stage(least, block, replaced)?;
            }
        }
        for segment in run {
            if let Segment::Small { number, block, replaces } = segment {
                self.stage(number, block, replaces)?;
            }
        }
        Ok(())
    }

    /// The rows of those that are there; `None` where one is damaged: nobody asked for its rows, and
    /// it is left as it is.
    fn read(
        &self,
        run: &[Segment<'_>],
        specs: &[ColumnSpec],
    ) -> Result<Option<Vec<Option<RowBlock>>>, Error> {
        let mut read = Vec::with_capacity(run.len());
        for segment in run {
            read.push(match segment {
                Segment::Kept(chunk) => match self.table.read(chunk, specs) {
                    Ok(block) => Some(block),
                    Err(Error::Corrupt { .. }) => return Ok(None),
                    Err(error) => return Err(error),
                },
                Segment::Small { .. } | Segment::Written => None,
            });
        }
        Ok(Some(read))
    }
}

impl Segment<'_> {
    fn rows(&self) -> usize {
        match self {
            Self::Kept(chunk) => chunk.rows,
            Self::Small { block, .. } => block.len(),
            Self::Written => 0,
        }
    }
}

impl Table<'_> {
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
        place: FilePlace<'_>,
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
