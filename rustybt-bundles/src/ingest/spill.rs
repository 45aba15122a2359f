//! Rows put aside on disk, by asset and year, until all of their group are there.
//!
//! A file of them lives as long as the ingest and is read by nobody else: it is neither synced nor
//! described anywhere but in memory. What a column needs is mostly the difference to the row
//! before, in as few bytes as that takes, so that a row is a quarter of what it was in the text.
//! The bytes are hashed all the same: a disk that gives back others must not change a price.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use chrono::Datelike;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ExactColumn, Field, Mantissas, RawBars, Stamps};

use super::group::Member;
use super::pack::{add_numbers, numbers};
use super::scratch::{self, Scratch};
use super::stage::Staging;
use crate::Error;
use crate::table::Dataset;

/// Where rows are put aside: the folder of the ingest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spill<'a>(pub(super) &'a Staging);

/// A file in the making.
#[derive(Debug)]
pub(super) struct SpillFile<'a> {
    scratch: Scratch<'a>,
    runs: Vec<(Member, bool, Run)>,
    buffer: Vec<u8>,
    at: u64,
}

/// The rows of a group that are on disk.
#[derive(Debug, Default)]
pub(super) struct Aside {
    files: Vec<PathBuf>,
    /// In the order of sids and parts.
    members: BTreeMap<(u32, usize), AsideMember>,
}

/// One part of them.
#[derive(Debug)]
pub(super) struct AsideMember {
    pub(super) member: Member,
    /// Whether its rows have been put through the rules.
    pub(super) checked: bool,
    runs: Vec<Run>,
}

/// Some rows of one part and one year.
#[derive(Debug)]
struct Run {
    file: usize,
    year: i32,
    rows: usize,
    bytes: Range<u64>,
    hash: [u8; 32],
    intraday: bool,
    columns: Vec<SpilledColumn>,
    lines: bool,
}

/// The type of a column.
#[derive(Debug, Clone, Copy)]
struct SpilledColumn {
    field: Field,
    scale: u8,
    wide: bool,
}

impl SpilledColumn {
    fn of((field, column): &(Field, ExactColumn)) -> Self {
        Self { field: *field, scale: column.scale(), wide: column.narrow().is_none() }
    }
}

impl<'a> Spill<'a> {
    /// Begins a file.
    pub(super) fn file(self) -> Result<SpillFile<'a>, Error> {
        Ok(SpillFile {
            scratch: Scratch::begin(self.0)?,
            runs: Vec::new(),
            buffer: Vec::new(),
            at: 0,
        })
    }
}

impl SpillFile<'_> {
    /// Writes the rows of a part, year by year, within a year in the order in which they came.
    pub(super) fn add(&mut self, of: &Member, bars: &RawBars, checked: bool) -> Result<(), Error> {
        for (year, ranges) in by_year(&bars.stamps) {
            self.buffer.clear();
            pack(&mut self.buffer, bars, &ranges);
            self.scratch.write(&self.buffer)?;
            let end = self.at + self.buffer.len() as u64;
            let run = Run {
                file: 0,
                year,
                rows: ranges.iter().map(Range::len).sum(),
                bytes: self.at..end,
                hash: *blake3::hash(&self.buffer).as_bytes(),
                intraday: matches!(bars.stamps, Stamps::Instants(_)),
                columns: bars.columns.iter().map(SpilledColumn::of).collect(),
                lines: bars.lines.len() == bars.len(),
            };
            self.at = end;
            self.runs.push((of.clone(), checked, run));
        }
        Ok(())
    }
}

impl Aside {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn has(&self, member: &Member) -> bool {
        self.members.contains_key(&(member.sid.0, member.at))
    }

    pub(super) fn forget(&mut self, member: &Member) {
        self.members.remove(&(member.sid.0, member.at));
    }

    pub(super) fn add(&mut self, file: SpillFile<'_>) {
        let place = self.files.len();
        self.files.push(file.scratch.into_path());
        for (member, checked, run) in file.runs {
            let key = (member.sid.0, member.at);
            let new = || AsideMember { member, checked, runs: Vec::new() };
            self.members.entry(key).or_insert_with(new).runs.push(Run { file: place, ..run });
        }
    }

    /// The parts, by sid; those of one asset in their order.
    pub(super) fn members(&self) -> impl Iterator<Item = &AsideMember> {
        self.members.values()
    }

    /// The years that there are rows of.
    pub(super) fn years(&self) -> BTreeSet<i32> {
        self.members.values().flat_map(|one| one.runs.iter().map(|run| run.year)).collect()
    }

    /// The bytes that a year's rows take in memory.
    pub(super) fn weight(&self, year: i32) -> u64 {
        self.runs(year).map(Run::weight).sum()
    }

    /// The rows of a year.
    pub(super) fn rows(&self, year: i32) -> u64 {
        self.runs(year).map(|run| run.rows as u64).sum()
    }

    fn runs(&self, year: i32) -> impl Iterator<Item = &Run> {
        let runs = self.members.values().flat_map(|one| &one.runs);
        runs.filter(move |run| run.year == year)
    }

    /// Reads a year of a part, in the order in which its rows came; `None` where there is none.
    pub(super) fn read(
        &self,
        spill: Spill<'_>,
        one: &AsideMember,
        year: i32,
        table: Dataset,
    ) -> Result<Option<RawBars>, Error> {
        let mut all: Option<RawBars> = None;
        for run in one.runs.iter().filter(|run| run.year == year) {
            let Some(path) = self.files.get(run.file) else { continue };
            let length = usize::try_from(run.bytes.end - run.bytes.start).unwrap_or(usize::MAX);
            let bytes = scratch::read(spill.0, path, run.bytes.start, length)?;
            let bars = Some(&bytes).filter(|bytes| *blake3::hash(bytes).as_bytes() == run.hash);
            let bars = bars.and_then(|bytes| run.unpack(bytes));
            let bars = bars.ok_or_else(|| Error::corrupt(path, "it is not what was written"))?;
            match &mut all {
                None => all = Some(bars),
                Some(all) => {
                    all.append(bars).map_err(|field| one.member.too_many_digits(table, field))?;
                }
            }
        }
        if let Some(bars) = &mut all {
            one.level(bars);
        }
        Ok(all)
    }

    /// Removes the files.
    pub(super) fn remove(&self, spill: Spill<'_>) -> Result<(), Error> {
        self.files.iter().try_for_each(|path| spill.0.remove(path))
    }
}

impl AsideMember {
    /// Gives a year the scales that the whole part has, since refused rows are told with them.
    fn level(&self, bars: &mut RawBars) {
        for (field, column) in &mut bars.columns {
            let scales = self.runs.iter().flat_map(|run| &run.columns);
            let scale = scales.filter(|own| own.field == *field).map(|own| own.scale).max();
            // Where a year does not fit them, no other year is told with them either.
            let _ = column.set_scale(scale.unwrap_or_default());
        }
    }
}

impl Run {
    fn weight(&self) -> u64 {
        let cells = self.columns.iter().map(|column| if column.wide { 16 } else { 8 });
        let row = 8 + cells.sum::<usize>() + if self.lines { 4 } else { 0 };
        (row * self.rows) as u64
    }

    fn unpack(&self, bytes: &[u8]) -> Option<RawBars> {
        let mut from = bytes;
        let stamps = if self.intraday {
            let at = numbers(&mut from, self.rows)?;
            Stamps::Instants(at.into_iter().map(Timestamp::from_nanos).collect())
        } else {
            let days = numbers(&mut from, self.rows)?;
            let day = |day| i32::try_from(day).ok().map(Session::from_days);
            Stamps::Sessions(days.into_iter().map(day).collect::<Option<_>>()?)
        };
        let mut columns = Vec::with_capacity(self.columns.len());
        for &SpilledColumn { field, scale, wide } in &self.columns {
            let low = numbers(&mut from, self.rows)?;
            let column = if wide {
                let high = numbers(&mut from, self.rows)?;
                let whole =
                    |(low, high): (i64, i64)| i128::from(high) << 64 | i128::from(low as u64);
                ExactColumn::from_wide(scale, low.into_iter().zip(high).map(whole).collect())
            } else {
                ExactColumn::from_mantissas(scale, low)
            };
            columns.push((field, column?));
        }
        let lines = numbers(&mut from, if self.lines { self.rows } else { 0 })?;
        let lines = lines.into_iter().map(|line| u32::try_from(line).ok());
        let lines = lines.collect::<Option<_>>()?;
        from.is_empty().then_some(RawBars { stamps, columns, lines })
    }
}

/// The rows of each year, in stretches.
fn by_year(stamps: &Stamps) -> BTreeMap<i32, Vec<Range<usize>>> {
    match stamps {
        Stamps::Sessions(days) => stretches(days, |day| day.date().year()),
        Stamps::Instants(at) => stretches(at, |at| at.date().date().year()),
    }
}

fn stretches<T: Copy + Ord>(
    stamps: &[T],
    year_of: impl Fn(T) -> i32,
) -> BTreeMap<i32, Vec<Range<usize>>> {
    let mut years: BTreeMap<i32, Vec<Range<usize>>> = BTreeMap::new();
    // Two stamps of a year have no other year between them, so that most rows need no calendar.
    let mut known: Option<(i32, T, T)> = None;
    let mut from = 0;
    for (row, &stamp) in stamps.iter().enumerate() {
        if known.is_some_and(|(_, low, high)| low <= stamp && stamp <= high) {
            continue;
        }
        let year = year_of(stamp);
        known = match known {
            Some((same, low, high)) if same == year => {
                Some((year, low.min(stamp), high.max(stamp)))
            }
            before => {
                if let Some((year, ..)) = before {
                    years.entry(year).or_default().push(from..row);
                }
                from = row;
                Some((year, stamp, stamp))
            }
        };
    }
    if let Some((year, ..)) = known {
        years.entry(year).or_default().push(from..stamps.len());
    }
    years
}

fn pack(to: &mut Vec<u8>, bars: &RawBars, ranges: &[Range<usize>]) {
    fn rows<'v, T: Copy>(
        values: &'v [T],
        ranges: &'v [Range<usize>],
    ) -> impl Iterator<Item = T> + 'v {
        let range = |range: &Range<usize>| values.get(range.clone()).unwrap_or_default();
        ranges.iter().flat_map(move |rows| range(rows).iter().copied())
    }
    match &bars.stamps {
        Stamps::Sessions(days) => add_numbers(to, rows(days, ranges).map(|day| day.days().into())),
        Stamps::Instants(at) => add_numbers(to, rows(at, ranges).map(Timestamp::nanos)),
    }
    for (_, column) in &bars.columns {
        match column.mantissas() {
            Mantissas::Narrow(values) => add_numbers(to, rows(values, ranges)),
            Mantissas::Wide(values) => {
                add_numbers(to, rows(values, ranges).map(|value| value as i64));
                add_numbers(to, rows(values, ranges).map(|value| (value >> 64) as i64));
            }
        }
    }
    if bars.lines.len() == bars.len() {
        add_numbers(to, rows(&bars.lines, ranges).map(i64::from));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn years_hold_all_rows_in_order(days in proptest::collection::vec(-800..800_i32, 0..40)) {
            let stamps: Vec<Session> = days.iter().map(|&day| Session::from_days(day)).collect();
            let mut expected: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
            for (row, day) in stamps.iter().enumerate() {
                expected.entry(day.date().year()).or_default().push(row);
            }
            let found: BTreeMap<i32, Vec<usize>> = by_year(&Stamps::Sessions(stamps))
                .into_iter()
                .map(|(year, ranges)| (year, ranges.into_iter().flatten().collect()))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
