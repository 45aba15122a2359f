//! Writing a place: the rows of one part and period of a table, a slice of time after the other.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rustybt_data::{Reason, Rejected, TableSchema};

use super::super::fetch::lock;
use super::super::segment::stretches;
use super::cut::{Cutter, slices};
use super::files::{Files, Segment};
use super::group::{Group, Place, Written};
use super::rows::{Rows, Run, Stretch};
use super::table::Table;
use crate::Error;
use crate::chunk::Chunk;
use crate::format::{ColumnSpec, content_hash};
use crate::records::{FULL, RowBlock, Settled, merge, settle, width};

/// Rows of a part that contradict earlier ones, which are told in the order of the source.
const SORTED: usize = 10_000;

/// The rows of a place, by the part that they are of.
#[derive(Debug, Default)]
pub(super) struct PlaceRows {
    parts: BTreeMap<usize, Vec<Run>>,
}

impl PlaceRows {
    /// Adds rows that came after those of the same part.
    pub(super) fn add(&mut self, at: usize, run: Run) {
        self.parts.entry(at).or_default().push(run);
    }

    fn stretches(&self, set: crate::records::RecordSet) -> Vec<Stretch> {
        self.parts.values().flatten().flat_map(|run| run.stretches(set)).collect()
    }

    /// The bytes that the rows take in memory.
    pub(super) fn memory(&self, set: crate::records::RecordSet) -> u64 {
        self.stretches(set).iter().map(|stretch| stretch.memory).sum()
    }
}

/// What the rows of a place become.
struct Work<'t> {
    table: &'t Table<'t>,
    specs: Vec<ColumnSpec>,
    schema: Arc<TableSchema>,
    rows: PlaceRows,
}

impl Table<'_> {
    /// Brings rows of one part and period into its files.
    pub(super) fn place(
        &self,
        group: &Group,
        (part, period): Place,
        rows: PlaceRows,
    ) -> Result<Written, Error> {
        let (specs, schema) = {
            let shape = self.shape();
            (shape.specs(), Arc::clone(&shape.schema))
        };
        let old = self.head.map(|head| head.segments(part, period)).unwrap_or_default();
        let known = rows.stretches(self.set);
        let mut work = Work { table: self, specs, schema, rows };
        let place = (part, period);
        let mut files = Files::new(self, place, group, old);
        for (stamps, chunk) in stretches(self.set.stamps(period), old) {
            let bytes = |it: &Stretch| if overlaps(it, &stamps) { it.memory } else { 0 };
            let memory = known.iter().map(bytes).sum::<u64>();
            match chunk {
                Some(chunk) if memory == 0 => files.push(Segment::Kept(chunk)),
                None if memory == 0 => {}
                None => {
                    let slices = slices(&stamps, &known, self.slice);
                    work.between(slices, &mut files)?;
                }
                Some(chunk) => {
                    // As much as is there is looked at together, most often to find that it is so.
                    let own = chunk.rows as u64 * width(&work.specs) + FULL / 2;
                    let slices = slices(&stamps, &known, own.max(self.slice));
                    match slices.as_slice() {
                        [_] => work.restate(chunk, &stamps, &mut files)?,
                        _ => work.restate_in_slices(chunk, slices, &mut files)?,
                    }
                }
            }
        }
        files.finish(&work.specs, &work.schema)
    }
}

impl Work<'_> {
    /// Makes files of rows where there are none.
    fn between(&mut self, slices: Vec<Range<i64>>, files: &mut Files<'_>) -> Result<(), Error> {
        let mut cutter = self.cutter();
        let long = slices.len() > 1;
        for slice in slices {
            if long {
                self.table.order.stop.check()?;
            }
            let Some(rows) = self.take(&slice)? else { continue };
            files.written.counts.new += rows.len() as u64;
            for whole in cutter.push(rows) {
                files.add(whole)?;
            }
        }
        cutter.finish().map_or(Ok(()), |rest| files.add(rest))
    }

    /// Brings rows into the file that has their stretch of time.
    fn restate<'c>(
        &mut self,
        old: &'c Chunk,
        stamps: &Range<i64>,
        files: &mut Files<'c>,
    ) -> Result<(), Error> {
        let Some(rows) = self.take(stamps)? else {
            files.push(Segment::Kept(old));
            return Ok(());
        };
        let count = rows.len() as u64;
        if old.rows == rows.len() && content_hash(&rows.specs, &rows.columns) == old.content_hash {
            files.written.counts.unchanged += count;
            match self.table.read(old, &rows.specs) {
                Ok(_) => files.push(Segment::Kept(old)),
                Err(Error::Corrupt { .. }) => {
                    files.written.repaired.push(old.path.clone());
                    files.replace(old, vec![rows])?;
                }
                Err(error) => return Err(error),
            }
            return Ok(());
        }
        let before = self.table.read(old, &rows.specs)?;
        let there = before.len();
        let (block, found) = merge(&before, &rows, self.table.set, &self.schema);
        drop((before, rows));
        let counts = &mut files.written.counts;
        counts.new += found.added;
        counts.changed += found.changed;
        counts.unchanged += found.unchanged;
        if found.added == 0 && found.changed == 0 && block.len() == there {
            files.push(Segment::Kept(old));
            return Ok(());
        }
        let mut cutter = self.cutter();
        let mut cut = cutter.push(block);
        cut.extend(cutter.finish());
        files.replace(old, cut)
    }

    /// The same, where there are many more rows than the file has.
    fn restate_in_slices<'c>(
        &mut self,
        old: &'c Chunk,
        slices: Vec<Range<i64>>,
        files: &mut Files<'c>,
    ) -> Result<(), Error> {
        let set = self.table.set;
        let before = self.table.read(old, &self.specs)?;
        let stamps = before.stamps(set);
        let (mut cutter, mut left, mut same) = (self.cutter(), Some(old), true);
        let mut later = Vec::new();
        for slice in slices {
            self.table.order.stop.check()?;
            let inside = |(row, stamp): (usize, &i64)| slice.contains(stamp).then_some(row);
            let there: Vec<usize> = stamps.iter().enumerate().filter_map(inside).collect();
            let there = before.take(&there);
            let rows = self.take(&slice)?.unwrap_or_else(|| RowBlock::new(self.specs.clone()));
            let (block, found) = merge(&there, &rows, set, &self.schema);
            same &= found.added == 0 && found.changed == 0 && block.len() == there.len();
            let counts = &mut files.written.counts;
            counts.new += found.added;
            counts.changed += found.changed;
            counts.unchanged += found.unchanged;
            later.extend(cutter.push(block));
            if same {
                continue;
            }
            // It is another file now: what is whole need not wait.
            for whole in later.drain(..) {
                match left.take() {
                    Some(old) => files.replace(old, vec![whole])?,
                    None => files.add(whole)?,
                }
            }
        }
        if same {
            files.push(Segment::Kept(old));
            return Ok(());
        }
        for rest in later.into_iter().chain(cutter.finish()) {
            match left.take() {
                Some(old) => files.replace(old, vec![rest])?,
                None => files.add(rest)?,
            }
        }
        Ok(())
    }

    fn cutter(&self) -> Cutter {
        Cutter::new(self.table.set, Arc::clone(&self.schema), FULL)
    }

    /// The rows with these stamps of all parts together; later parts count.
    fn take(&mut self, stamps: &Range<i64>) -> Result<Option<RowBlock>, Error> {
        let Self { table, specs, schema, rows } = self;
        let mut all: Option<RowBlock> = None;
        for (&at, runs) in &mut rows.parts {
            let mut own: Option<Rows> = None;
            for run in runs {
                let Some(rows) = run.take(table.order.bench.staging, table.set, stamps)? else {
                    continue;
                };
                let joined = match own.take() {
                    None => rows.at(specs),
                    Some(before) => before.append(rows, specs),
                };
                own = Some(joined.ok_or_else(|| table.too_many_digits(at))?);
            }
            let Some(Rows { block, numbers }) = own else { continue };
            let settled = settle(block, table.set, schema);
            table.tell(at, &settled, &numbers)?;
            all = Some(match all {
                None => settled.block,
                Some(before) => merge(&before, &settled.block, table.set, schema).0,
            });
        }
        Ok(all.filter(|rows| rows.len() > 0))
    }
}

impl Table<'_> {
    /// Says what became of rows of a part.
    fn tell(&self, at: usize, settled: &Settled, numbers: &[u32]) -> Result<(), Error> {
        let Some(part) = self.order.parts.get(at) else { return Ok(()) };
        let mut outcomes = lock(&self.outcomes);
        let taken = outcomes.entry(at).or_default();
        taken.kept += settled.block.len() as u64;
        taken.equal += settled.equal;
        let keys = settled.refused.keys(self.set);
        let columns = taken.needs.iter().flatten();
        let columns: Vec<&str> = columns.map(|(name, _)| name.as_str()).collect();
        for (refused, &(row, first)) in settled.contradicting.iter().enumerate() {
            let number = numbers.get(row).copied();
            let text = settled.refused.text(refused, &columns);
            let stamp = self.set.stamp.column().map(|_| text.split(',').next().unwrap_or_default());
            let symbol = match part.asset.and_then(|asset| self.order.assets.get(asset)) {
                Some(asset) => asset.symbol.clone(),
                None if self.set.per_asset => {
                    keys.get(refused).map(|key| self.symbol(key.0)).unwrap_or_default()
                }
                None => String::new(),
            };
            let line = |number: Option<u32>| number.filter(|_| taken.lined);
            let rejected = Rejected {
                origin: part.name.clone(),
                line: line(number),
                symbol,
                reason: Reason::Duplicate {
                    stamp: stamp.unwrap_or_default().to_owned(),
                    first: line(numbers.get(first).copied()),
                },
                text,
            };
            if taken.contradicting.len() < SORTED {
                taken.contradicting.push((number.unwrap_or_default(), rejected));
            } else {
                taken.more_contradicting.extend([rejected]);
            }
        }
        taken.more_contradicting.settle(self.order.bench.staging)
    }

    fn too_many_digits(&self, at: usize) -> Error {
        let name = self.order.parts.get(at).map(|part| part.name.as_str());
        super::intake::too_many_digits(self.order, name.unwrap_or_default())
    }
}

fn overlaps(stretch: &Stretch, stamps: &Range<i64>) -> bool {
    stretch.last >= stamps.start && stretch.first < stamps.end
}
