//! One table: its parts fetched by several threads, its groups written as they are whole.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rayon::Scope;
use rustybt_data::{Filing, Sid, Stamp, TablePart};

use super::super::budget::{Budget, Permit, Room};
use super::super::fetch::lock;
use super::super::guard::Guard;
use super::group::{Group, PartRows, Place, Written};
use super::intake::{Intake, Taken};
use super::place::PlaceRows;
use super::rows::Run;
use super::{RecordOrder, Records, TakenTable};
use crate::Error;
use crate::catalog::TableState;
use crate::error::chain;
use crate::records::{FULL, RecordSet, Shape};
use crate::step::Step;

/// A table that is being taken in.
pub(super) struct Table<'a> {
    pub(super) order: RecordOrder<'a>,
    pub(super) set: RecordSet,
    pub(super) head: Option<&'a TableState>,
    /// Its columns before anything came.
    initial: Shape,
    /// Its columns by now.
    shape: Mutex<Shape>,
    pub(super) groups: Vec<Group>,
    /// The parts, each with the place of its group.
    queue: Vec<(usize, usize)>,
    /// The one that is begun next.
    next: AtomicUsize,
    pub(super) budget: &'a Budget,
    guard: Guard,
    /// The rows of one part that may be in memory, in bytes.
    share: u64,
    /// The input from which one piece comes, in bytes.
    piece: u64,
    /// The rows that are read at once to write a place of which rows are on disk, in bytes.
    pub(super) slice: u64,
    fetchers: usize,
    /// The most that a part took of which nobody said how large it is.
    unknown: AtomicU64,
    pub(super) outcomes: Mutex<BTreeMap<usize, Taken>>,
    pub(super) written: Mutex<Written>,
}

/// A row as text, as it was delivered, and as the table has it.
const COPIES: u64 = 5;

impl<'a> Table<'a> {
    pub(super) fn new(
        order: RecordOrder<'a>,
        set: RecordSet,
        head: Option<&'a TableState>,
        shape: Shape,
        parts: &[usize],
        budget: &'a Budget,
        pool: &rayon::ThreadPool,
    ) -> Result<Self, Error> {
        let by_asset = matches!(set.filing, Filing::Months | Filing::Days);
        let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for &at in parts {
            let Some(part) = order.parts.get(at) else { continue };
            let sid = part.asset.and_then(|asset| order.sids.get(asset));
            let key = match sid.filter(|_| by_asset) {
                Some(sid) => sid.0.into(),
                None if by_asset => return Err(order.bad(part, "belongs to no one asset")),
                None => 0,
            };
            groups.entry(key).or_default().push(at);
        }
        let group = |(number, parts): (i64, Vec<usize>)| {
            let first = parts.first().and_then(|&at| order.parts.get(at));
            let symbol = first.and_then(|part| order.assets.get(part.asset?));
            let symbol = symbol.map(|asset| asset.symbol.clone()).filter(|_| by_asset);
            let told = order.told(&parts, by_asset);
            Group::new(number, parts, symbol.unwrap_or_default(), told)
        };
        let groups: Vec<Group> = groups.into_iter().map(group).collect();
        let queue: Vec<(usize, usize)> = (0..)
            .zip(&groups)
            .flat_map(|(place, group)| group.parts.iter().map(move |&at| (place, at)))
            .collect();
        let limit = order.source.limits().fetches.map(NonZeroUsize::get);
        let threads = limit.unwrap_or(pool.current_num_threads());
        let fetchers = threads.min(queue.len()).max(1);
        let each = budget.capacity() / fetchers as u64;
        Ok(Self {
            order,
            set,
            head,
            initial: shape.clone(),
            shape: Mutex::new(shape),
            groups,
            queue,
            next: AtomicUsize::new(0),
            budget,
            guard: Guard::default(),
            // They are sorted before they are put aside, which takes as much again.
            share: each / 5,
            piece: (each / 16).clamp(64 << 10, 8 << 20),
            slice: (budget.capacity() / 10).clamp(4 << 10, FULL / 2),
            fetchers,
            unknown: AtomicU64::new(1 << 20),
            outcomes: Mutex::default(),
            written: Mutex::default(),
        })
    }

    /// Takes in every part.
    pub(super) fn run(self, pool: &rayon::ThreadPool, records: &mut Records) -> Result<(), Error> {
        self.resume();
        pool.in_place_scope(|scope| {
            std::thread::scope(|threads| {
                for number in 1..self.fetchers {
                    let thread = std::thread::Builder::new().name(format!("fetch rows {number}"));
                    // With fewer threads it takes longer, that is all.
                    let _ = thread.spawn_scoped(threads, || self.work(scope));
                }
                self.work(scope);
            });
        });
        self.finish(records)
    }

    /// What a thread that fetches does: one part after another.
    fn work<'s>(&'s self, scope: &Scope<'s>) {
        while !self.guard.is_stopped() && !self.order.stop.is_raised() {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(&(group, at)) = self.queue.get(next) else { return };
            self.guarded(|| self.part(group, at, scope));
        }
    }

    pub(super) fn guarded(&self, work: impl FnOnce() -> Result<(), Error>) {
        self.guard.run(self.budget, work);
    }

    /// Fetches one part; writes its group where it was the last that was missing.
    fn part<'s>(&'s self, group: usize, at: usize, scope: &Scope<'s>) -> Result<(), Error> {
        let found = self.groups.get(group).zip(self.order.parts.get(at));
        let Some((group, part)) = found.filter(|(group, _)| !group.is_taken()) else {
            return Ok(());
        };
        let estimate = match part.bytes {
            0 => self.unknown.load(Ordering::Relaxed),
            bytes => bytes.min(self.piece).saturating_mul(COPIES),
        };
        let Some(permit) = self.room(estimate, scope)? else { return Ok(()) };
        let (taken, rows) = self.fetch(at, part, permit)?;
        let count = taken.rows;
        lock(&self.outcomes).insert(at, taken);
        group.gather(rows);
        self.order.tally.add(1, part.bytes, count);
        match group.done() {
            Some(rows) => self.write(group, rows, scope),
            None => Ok(()),
        }
    }

    fn fetch(
        &self,
        at: usize,
        part: &TablePart,
        permit: Permit,
    ) -> Result<(Taken, PartRows), Error> {
        let RecordOrder { source, selection, bench, stop, .. } = self.order;
        let beside = part.bytes.min(self.piece).saturating_mul(COPIES - 2);
        let rows = PartRows {
            at,
            specs: Vec::new(),
            memory: BTreeMap::new(),
            disk: Vec::new(),
            files: Vec::new(),
            permit,
        };
        let mut intake = Intake {
            order: self.order,
            set: self.set,
            part,
            shape: self.initial.clone(),
            taken: Taken::default(),
            rows,
            beside,
            share: self.share,
            count: 0,
            misfit: None,
        };
        bench.staging.reached(Step::FetchPage);
        let (mut failed, mut pieces) = (None, 0);
        let piece = usize::try_from(self.piece).unwrap_or(usize::MAX);
        let fetched = source.fetch_table_in_pieces(part, selection, piece, &mut |delivery| {
            pieces += 1;
            // What is to stop ends with the piece it has: only if another comes is that not all.
            let going_on = || if pieces > 1 { stop.check() } else { Ok(()) };
            failed = going_on().and_then(|()| intake.take(delivery)).err();
            if self.guard.is_stopped() {
                // Somebody else has told why; this is not all of the part.
                failed = failed.take().or(Some(stop.interrupted()));
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match (failed, fetched) {
            (Some(error), _) => Err(error),
            (None, Ok(())) => {
                if part.bytes == 0 {
                    self.unknown.fetch_max(intake.rows.memory(), Ordering::Relaxed);
                }
                Ok(intake.finish(&mut self.shape()))
            }
            (None, Err(error)) if error.is_transient() => {
                Err(Error::Fetch { part: part.name.clone(), source: error })
            }
            (None, Err(error)) => Ok(intake.refused(chain(&error))),
        }
    }

    /// Writes the files of a group, its places side by side.
    fn write<'s>(
        &'s self,
        group: &'s Group,
        mut rows: Vec<PartRows>,
        scope: &Scope<'s>,
    ) -> Result<(), Error> {
        let staging = self.order.bench.staging;
        let aside = rows.iter().any(|rows| !rows.disk.is_empty());
        let mut places: BTreeMap<Place, PlaceRows> = BTreeMap::new();
        let (mut permits, mut files) = (Vec::new(), Vec::new());
        for mut rows in rows.drain(..) {
            if aside {
                rows.put_aside(staging, self.set)?;
                rows.permit.set(0);
            }
            files.append(&mut rows.files);
            let memory = rows.memory.into_iter().flat_map(|(place, rows)| {
                rows.into_iter().map(move |rows| (place, Run::Memory(rows)))
            });
            for (place, run) in rows.disk.into_iter().chain(memory) {
                places.entry(place).or_default().add(rows.at, run);
            }
            permits.push(rows.permit);
        }
        if places.is_empty() {
            // None of its parts has a row.
            group.begin_writing(0, files);
            self.done(group, Written::default());
            return Ok(());
        }
        group.begin_writing(places.len(), files);
        let permits = Arc::new(permits);
        for (place, rows) in places {
            let permit = if aside {
                self.order.stop.check()?;
                let bytes = rows.memory(self.set);
                // A slice and what is sorted of it, a file's rows and what is made of them. Who
                // waits for memory holds none.
                let bytes = bytes.min(self.slice) * 2 + bytes.min(FULL) * 2;
                let Some(permit) = self.room(bytes, scope)? else { return Ok(()) };
                Some(permit)
            } else {
                None
            };
            let permits = Arc::clone(&permits);
            scope.spawn(move |_| {
                self.guarded(|| {
                    let _making = match permit {
                        Some(permit) => permit,
                        None => self.budget.take(rows.memory(self.set).min(FULL) * 2),
                    };
                    let written = self.place(group, place, rows)?;
                    drop(permits);
                    self.done(group, written);
                    Ok(())
                });
            });
        }
        Ok(())
    }

    /// A place of a group is written, or a group that has none; leaves a point where it was the
    /// last.
    fn done(&self, group: &Group, written: Written) {
        let Some((written, files)) = group.written(written) else { return };
        self.leave(group, &written);
        lock(&self.written).add(written);
        for path in files {
            // What stays goes with the folder.
            let _ = self.order.bench.staging.remove(&path);
        }
    }

    /// Waits for memory; writes to disk what waits for others if that is in the way.
    ///
    /// Nobody who holds memory may call it. `None` where the ingest has failed.
    fn room<'s>(&'s self, bytes: u64, scope: &Scope<'s>) -> Result<Option<Permit>, Error> {
        loop {
            match self.budget.acquire(bytes) {
                Room::Granted(permit) => return Ok(Some(permit)),
                Room::Closed => return Ok(None),
                Room::Crowded => {
                    let largest = self.groups.iter().max_by_key(|group| group.gathered_bytes());
                    if let Some(group) = largest
                        && let Some(rows) = group.spill(self.order.bench.staging, self.set)?
                    {
                        self.write(group, rows, scope)?;
                    }
                }
            }
        }
    }

    pub(super) fn shape(&self) -> MutexGuard<'_, Shape> {
        // A shape grows in one step, or not at all.
        lock(&self.shape)
    }

    fn finish(self, records: &mut Records) -> Result<(), Error> {
        self.order.stop.check()?;
        if let Some(error) = self.guard.into_failed() {
            return Err(error);
        }
        let seen = match self.set.stamp {
            Stamp::Instant | Stamp::Nanos => &mut records.seen,
            Stamp::Date | Stamp::None => &mut records.dated,
        };
        // The columns stand in the order of the parts, whichever came first.
        let mut shape = self.initial;
        for (_, mut taken) in std::mem::take(&mut *lock(&self.outcomes)) {
            records.rows += taken.rows;
            records.superseded += taken.kept;
            records.equal_duplicates += taken.equal;
            records.rejected.add(taken.rejected);
            taken.contradicting.sort_by_key(|(number, _)| *number);
            records.rejected.extend(taken.contradicting.into_iter().map(|(_, row)| row));
            records.rejected.add(taken.more_contradicting);
            records.notes.append(&mut taken.notes);
            for (asset, (first, last)) in taken.days {
                let span = seen.entry(asset).or_insert((first, last));
                *span = (span.0.min(first), span.1.max(last));
            }
            if let Some(needs) = taken.needs {
                // They were joined before, in another order.
                let _ = shape.join(&needs);
            }
        }
        let mut written = std::mem::take(&mut *lock(&self.written));
        written.staged.sort_by_key(|rows| {
            let chunk = &rows.staged.chunk;
            (chunk.part, chunk.period, chunk.segment)
        });
        written.repaired.sort();
        records.counts.new += written.counts.new;
        records.counts.changed += written.counts.changed;
        records.counts.unchanged += written.counts.unchanged;
        records.notes.extend(written.repaired.iter().map(|path| {
            let path = path.display();
            format!("`{path}` was damaged; its rows came again, and it is written anew")
        }));
        let Written { staged, replaced, .. } = written;
        records.tables.push(TakenTable { shape, staged, replaced });
        Ok(())
    }

    /// The symbol of an asset.
    pub(super) fn symbol(&self, sid: i64) -> String {
        let at = self.order.sids.iter().position(|own: &Sid| i64::from(own.0) == sid);
        let asset = at.and_then(|at| self.order.assets.get(at));
        asset.map(|asset| asset.symbol.clone()).unwrap_or_default()
    }
}
