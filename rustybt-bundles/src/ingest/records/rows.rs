//! Rows of a part on their way, sorted by their stamps: in memory, or put aside on disk.
//!
//! On disk they lie in frames of about a thousand, each with its first and last stamp and its hash,
//! so that a stretch of time is read without the rest. Rows with the same stamp stay in the order
//! in which they came.

use std::ops::Range;
use std::path::PathBuf;

use super::super::pack::{add_numbers, numbers};
use super::super::scratch::{self, Scratch};
use super::super::stage::Staging;
use crate::Error;
use crate::format::{Column, ColumnSpec, Kind};
use crate::records::{RecordSet, RowBlock};

/// The bytes of the rows of a frame, about.
const FRAME: u64 = 128 << 10;

/// Rows, and the numbers that they have in their part, where anybody asks for these.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) block: RowBlock,
    pub(super) numbers: Vec<u32>,
}

impl Rows {
    pub(super) fn memory(&self) -> u64 {
        self.block.memory() + 4 * self.numbers.len() as u64
    }

    /// Some of them, in this order.
    pub(super) fn take(&self, rows: &[usize]) -> Self {
        let numbers = rows.iter().filter_map(|&row| self.numbers.get(row).copied());
        Self { block: self.block.take(rows), numbers: numbers.collect() }
    }

    /// A stretch of them.
    pub(super) fn slice(&self, rows: Range<usize>) -> Self {
        let numbers = self.numbers.get(rows.clone()).unwrap_or_default().to_vec();
        Self { block: self.block.slice(rows), numbers }
    }

    /// The same rows at other columns; `None` where those do not hold them.
    pub(super) fn at(self, specs: &[ColumnSpec]) -> Option<Self> {
        Some(Self { block: self.block.at(specs)?, numbers: self.numbers })
    }

    /// Adds rows that came later; `None` where the columns do not hold both.
    pub(super) fn append(self, later: Self, specs: &[ColumnSpec]) -> Option<Self> {
        let mut all = self.at(specs)?;
        all.block.append(later.block.at(specs)?);
        all.numbers.extend(later.numbers);
        Some(all)
    }

    /// Sorted by stamp.
    pub(super) fn sorted(self, set: RecordSet) -> Self {
        let stamps = self.block.stamps(set);
        if stamps.is_sorted() {
            return self;
        }
        let mut rows: Vec<usize> = (0..stamps.len()).collect();
        rows.sort_by_key(|&row| stamps.get(row));
        self.take(&rows)
    }
}

/// Sorted rows of one part, and of one part and period of the table.
#[derive(Debug)]
pub(super) enum Run {
    Memory(Rows),
    Disk(DiskRun),
}

/// What a few rows of a run are: their first and last stamp, and the memory they take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) memory: u64,
}

impl Run {
    /// The rows, a few at a time.
    pub(super) fn stretches(&self, set: RecordSet) -> Vec<Stretch> {
        match self {
            Self::Disk(run) => run.frames.iter().map(|frame| frame.stretch).collect(),
            Self::Memory(rows) => {
                let stamps = rows.block.stamps(set);
                let memory = rows.memory();
                let each = memory / (stamps.len() as u64).max(1);
                let few = frame_rows(memory, stamps.len());
                let stretch = |stamps: &[i64]| {
                    let (&first, &last) = stamps.first().zip(stamps.last())?;
                    Some(Stretch { first, last, memory: each * stamps.len() as u64 })
                };
                stamps.chunks(few).filter_map(stretch).collect()
            }
        }
    }

    /// Takes the rows with these stamps; later stretches are asked for later.
    pub(super) fn take(
        &mut self,
        staging: &Staging,
        set: RecordSet,
        stamps: &Range<i64>,
    ) -> Result<Option<Rows>, Error> {
        match self {
            Self::Memory(rows) => {
                let own = rows.block.stamps(set);
                let inside = within(&own, stamps);
                if inside.is_empty() {
                    return Ok(None);
                }
                if inside.len() == own.len() {
                    // All of them, which is most often so: nothing is copied.
                    let block = RowBlock::new(rows.block.specs.clone());
                    let none = Rows { block, numbers: Vec::new() };
                    return Ok(Some(std::mem::replace(rows, none)));
                }
                Ok(Some(rows.slice(inside)))
            }
            Self::Disk(run) => run.read(staging, set, stamps),
        }
    }
}

fn within(sorted: &[i64], stamps: &Range<i64>) -> Range<usize> {
    let before = |end: i64| sorted.partition_point(|&stamp| stamp < end);
    before(stamps.start)..before(stamps.end)
}

/// Rows on disk.
#[derive(Debug)]
pub(super) struct DiskRun {
    path: PathBuf,
    specs: Vec<ColumnSpec>,
    numbered: bool,
    frames: Vec<Frame>,
}

#[derive(Debug)]
struct Frame {
    bytes: Range<u64>,
    hash: [u8; 32],
    rows: usize,
    stretch: Stretch,
}

/// A file of runs in the making.
#[derive(Debug)]
pub(super) struct RunFile<'a> {
    scratch: Scratch<'a>,
    at: u64,
    buffer: Vec<u8>,
}

impl<'a> RunFile<'a> {
    pub(super) fn begin(staging: &'a Staging) -> Result<Self, Error> {
        Ok(Self { scratch: Scratch::begin(staging)?, at: 0, buffer: Vec::new() })
    }

    /// Writes sorted rows.
    pub(super) fn add(&mut self, set: RecordSet, rows: &Rows) -> Result<DiskRun, Error> {
        let stamps = rows.block.stamps(set);
        let memory = rows.memory();
        let few = frame_rows(memory, stamps.len());
        let each = memory / (stamps.len() as u64).max(1);
        let mut frames = Vec::new();
        for start in (0..stamps.len()).step_by(few) {
            let range = start..stamps.len().min(start + few);
            let stamps = stamps.get(range.clone()).unwrap_or_default();
            let Some((&first, &last)) = stamps.first().zip(stamps.last()) else { continue };
            self.buffer.clear();
            pack(&mut self.buffer, rows, &range);
            self.scratch.write(&self.buffer)?;
            let end = self.at + self.buffer.len() as u64;
            frames.push(Frame {
                bytes: self.at..end,
                hash: *blake3::hash(&self.buffer).as_bytes(),
                rows: range.len(),
                stretch: Stretch { first, last, memory: each * range.len() as u64 },
            });
            self.at = end;
        }
        Ok(DiskRun {
            path: self.scratch.path().to_owned(),
            specs: rows.block.specs.clone(),
            numbered: !rows.numbers.is_empty(),
            frames,
        })
    }

    /// Ends writing; where the file lies.
    pub(super) fn end(self) -> PathBuf {
        self.scratch.into_path()
    }
}

impl DiskRun {
    fn read(
        &self,
        staging: &Staging,
        set: RecordSet,
        stamps: &Range<i64>,
    ) -> Result<Option<Rows>, Error> {
        let mut all: Option<Rows> = None;
        let after = |frame: &&Frame| frame.stretch.last < stamps.start;
        let inside = |frame: &&Frame| frame.stretch.first < stamps.end;
        for frame in self.frames.iter().skip_while(after).take_while(inside) {
            let length = usize::try_from(frame.bytes.end - frame.bytes.start).unwrap_or(usize::MAX);
            let bytes = scratch::read(staging, &self.path, frame.bytes.start, length)?;
            let whole = *blake3::hash(&bytes).as_bytes() == frame.hash;
            let rows = Some(&bytes).filter(|_| whole).and_then(|bytes| self.unpack(frame, bytes));
            let rows = rows.ok_or_else(|| Error::corrupt(&self.path, "it is not what was written"));
            let mut rows = rows?;
            let own = rows.block.stamps(set);
            let inside = within(&own, stamps);
            if inside.len() < own.len() {
                rows = rows.slice(inside);
            }
            all = match all {
                None => Some(rows),
                Some(mut all) => {
                    all.block.append(rows.block);
                    all.numbers.extend(rows.numbers);
                    Some(all)
                }
            };
        }
        Ok(all.filter(|rows| rows.block.len() > 0))
    }

    fn unpack(&self, frame: &Frame, bytes: &[u8]) -> Option<Rows> {
        let mut from = bytes;
        let mut columns = Vec::with_capacity(self.specs.len());
        for spec in &self.specs {
            columns.push(unpack(&mut from, spec.kind, frame.rows)?);
        }
        let own = numbers(&mut from, if self.numbered { frame.rows } else { 0 })?;
        let own = own.into_iter().map(|number| u32::try_from(number).ok());
        let block = RowBlock { specs: self.specs.clone(), columns };
        let rows = Rows { block, numbers: own.collect::<Option<_>>()? };
        from.is_empty().then_some(rows)
    }
}

fn frame_rows(memory: u64, rows: usize) -> usize {
    let each = (memory / (rows as u64).max(1)).max(1);
    usize::try_from(FRAME / each).unwrap_or(usize::MAX).clamp(16, 8192)
}

fn pack(to: &mut Vec<u8>, rows: &Rows, range: &Range<usize>) {
    fn part<'v, T>(values: &'v [T], range: &Range<usize>) -> &'v [T] {
        values.get(range.clone()).unwrap_or_default()
    }
    for column in &rows.block.columns {
        match column {
            Column::Numbers(values) => add_numbers(to, part(values, range).iter().copied()),
            Column::Wide(values) => {
                add_numbers(to, part(values, range).iter().map(|&value| value as i64));
                add_numbers(to, part(values, range).iter().map(|&value| (value >> 64) as i64));
            }
            Column::Doubles(values) => {
                let values = part(values, range);
                add_numbers(to, values.iter().map(|value| value.is_some().into()));
                for value in values.iter().flatten() {
                    to.extend(value.to_bits().to_le_bytes());
                }
            }
            Column::Texts(values) => {
                let values = part(values, range);
                let length = |text: &Option<String>| text.as_ref().map_or(-1, |t| t.len() as i64);
                add_numbers(to, values.iter().map(length));
                for text in values.iter().flatten() {
                    to.extend(text.as_bytes());
                }
            }
        }
    }
    if !rows.numbers.is_empty() {
        add_numbers(to, part(&rows.numbers, range).iter().map(|&number| number.into()));
    }
}

fn unpack(from: &mut &[u8], kind: Kind, rows: usize) -> Option<Column> {
    Some(match Column::new(kind, 0) {
        Column::Numbers(_) => Column::Numbers(numbers(from, rows)?),
        Column::Wide(_) => {
            let (low, high) = (numbers(from, rows)?, numbers(from, rows)?);
            let whole = |(low, high): (i64, i64)| i128::from(high) << 64 | i128::from(low as u64);
            Column::Wide(low.into_iter().zip(high).map(whole).collect())
        }
        Column::Doubles(_) => {
            let mut values = Vec::with_capacity(rows);
            for there in numbers(from, rows)? {
                values.push(if there == 0 {
                    None
                } else {
                    let (bits, rest) = from.split_first_chunk::<8>()?;
                    *from = rest;
                    Some(f64::from_bits(u64::from_le_bytes(*bits)))
                });
            }
            Column::Doubles(values)
        }
        Column::Texts(_) => {
            let mut values = Vec::with_capacity(rows);
            for length in numbers(from, rows)? {
                values.push(match usize::try_from(length) {
                    Err(_) => None,
                    Ok(length) => {
                        let (text, rest) = from.split_at_checked(length)?;
                        *from = rest;
                        Some(std::str::from_utf8(text).ok()?.to_owned())
                    }
                });
            }
            Column::Texts(values)
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::{MISSING, WIDE_MISSING};

    type Row = (i64, Option<String>, Option<f64>, i128);

    fn rows(rows: &[Row]) -> Rows {
        let specs = [
            ("ts", Kind::Instant),
            ("id", Kind::Text),
            ("score", Kind::Double),
            ("paid", Kind::Wide(3)),
        ];
        let columns = vec![
            Column::Numbers(rows.iter().map(|row| row.0).collect()),
            Column::Texts(rows.iter().map(|row| row.1.clone()).collect()),
            Column::Doubles(rows.iter().map(|row| row.2).collect()),
            Column::Wide(rows.iter().map(|row| row.3).collect()),
        ];
        let specs = specs.map(|(name, kind)| ColumnSpec::new(name, kind)).into();
        let numbers = (0..rows.len() as u32).collect();
        Rows { block: RowBlock { specs, columns }, numbers }
    }

    fn row() -> impl Strategy<Value = Row> {
        let at = prop_oneof![any::<i64>(), Just(MISSING), 0..9_i64];
        let paid = prop_oneof![any::<i128>(), Just(WIDE_MISSING), 0..9_i128];
        (at, any::<Option<String>>(), any::<Option<f64>>(), paid)
    }

    proptest! {
        #[test]
        fn rows_come_back_from_their_bytes(given in proptest::collection::vec(row(), 0..30)) {
            let given = rows(&given);
            let mut bytes = Vec::new();
            pack(&mut bytes, &given, &(0..given.block.len()));
            let stretch = Stretch { first: 0, last: 0, memory: 0 };
            let frame = Frame { bytes: 0..0, hash: [0; 32], rows: given.block.len(), stretch };
            let numbered = !given.numbers.is_empty();
            let specs = given.block.specs.clone();
            let run = DiskRun { path: PathBuf::new(), specs, numbered, frames: Vec::new() };
            let found = run.unpack(&frame, &bytes).unwrap();
            // NaN is no equal of itself.
            prop_assert_eq!(format!("{found:?}"), format!("{given:?}"));
            for cut in 0..bytes.len() {
                prop_assert!(run.unpack(&frame, &bytes[..cut]).is_none());
            }
        }
    }
}
