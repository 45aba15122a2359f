//! Fetching: parts from several threads at once, each checked as it comes, and each file written
//! as soon as the last part that belongs to it is there.
//!
//! Threads of their own fetch and check, so that a source which keeps them waiting holds up no
//! encoding; files are encoded on the pool. Daily bars wait for the other assets of their bucket,
//! minute bars for nobody. Whatever is held is counted by the [`Budget`]: a thread waits for memory
//! before it begins a part, and where memory is full of rows that wait for others, it writes them
//! to disk ([`spill`](super::spill)). From there they are read and encoded a year at a time. A part
//! too large for memory is checked only then, when all rows of a year are together.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::Scope;
use rustybt_calendars::Session;
use rustybt_data::{AssetRecord, Frequency, Part, Selection, Sid, Source};

use super::budget::{Budget, Permit, Room};
use super::check::{PartOutcome, Rules};
use super::chunk::{Bench, StagedChunk};
use super::group::{Group, Member};
use super::guard::Guard;
use super::intake::Intake;
use super::points::{self, Points};
use super::scales::TableScales;
use super::segment::{Counts, Merged};
use super::spill::Spill;
use super::tally::Tally;
use crate::Error;
use crate::catalog::TableState;
use crate::decimals::Scales;
use crate::job::Stopping;
use crate::step::Step;
use crate::table::{BUCKET, Dataset, Placement};

/// What fetching needs to know.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) selection: &'a Selection,
    pub(super) today: Session,
    pub(super) records: &'a [AssetRecord],
    /// One a record.
    pub(super) sids: &'a [Sid],
    pub(super) parts: &'a [Part],
    pub(super) head: &'a [TableState],
    pub(super) bench: Bench<'a>,
    pub(super) tally: &'a Tally<'a>,
    /// The bytes that the ingest may take.
    pub(super) memory: u64,
    pub(super) stop: Stopping<'a>,
    pub(super) points: &'a Points,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// One a part, in order.
    pub(super) outcomes: Vec<PartOutcome>,
    /// In order of table, part and period.
    pub(super) staged: Vec<StagedChunk>,
    /// The catalog's numbers of the files that these take the place of.
    pub(super) replaced: BTreeSet<i64>,
    /// Files that were damaged and are written anew.
    pub(super) repaired: Vec<PathBuf>,
    /// The scales that each table of bars needs.
    pub(super) scales: Vec<(Dataset, Scales)>,
    pub(super) counts: Counts,
}

/// Fetches every part.
///
/// # Errors
///
/// The first error of a file, and the first of a source that says that trying again may help; the
/// others of a source are rejected parts.
pub(super) fn fetch(order: Order<'_>, pool: &rayon::ThreadPool) -> Result<Fetched, Error> {
    let limit = order.source.limits().fetches.map(NonZeroUsize::get);
    let fetchers = limit.unwrap_or(pool.current_num_threads()).min(order.parts.len()).max(1);
    let fetch = Fetch::new(order, fetchers)?;
    fetch.resume();
    pool.in_place_scope(|scope| {
        std::thread::scope(|threads| {
            for number in 1..fetchers {
                let thread = std::thread::Builder::new().name(format!("fetch {number}"));
                // With fewer threads it takes longer, that is all.
                let _ = thread.spawn_scoped(threads, || fetch.work(scope));
            }
            fetch.work(scope);
        });
    });
    fetch.finish()
}

/// A fetch that is under way.
pub(super) struct Fetch<'a> {
    pub(super) order: Order<'a>,
    pub(super) groups: Vec<Group>,
    /// The group of each part.
    group_of: Vec<usize>,
    tables: [TableScales; 2],
    /// The part that is begun next.
    next: AtomicUsize,
    pub(super) budget: Budget,
    /// The rows of one part that may be in memory, in bytes.
    share: u64,
    /// The input from which one piece comes, in bytes.
    piece: u64,
    /// The most that a part took of which nobody said how large it is.
    unknown: AtomicU64,
    pub(super) outcomes: Mutex<Vec<PartOutcome>>,
    pub(super) merged: Mutex<Merged>,
    guard: Guard,
}

impl<'a> Fetch<'a> {
    fn new(order: Order<'a>, fetchers: usize) -> Result<Self, Error> {
        let mut counts: BTreeMap<(&str, i64), (Dataset, Vec<usize>)> = BTreeMap::new();
        let mut keys = Vec::with_capacity(order.parts.len());
        for (at, part) in order.parts.iter().enumerate() {
            if part.frequency != Frequency::DAILY && part.frequency != Frequency::MINUTE {
                let (part, frequency) = (part.name.clone(), part.frequency);
                return Err(Error::UnkeptFrequency { part, frequency });
            }
            let dataset = Dataset::Bars(part.frequency);
            let Some(&sid) = order.sids.get(part.asset) else {
                return Err(Error::BadSurvey {
                    source_name: order.source.name().to_owned(),
                    detail: format!("`{}` belongs to no asset", part.name),
                });
            };
            let number = match dataset.placement() {
                Placement::Panel => sid.0 / BUCKET,
                Placement::Series | Placement::Whole => sid.0,
            };
            let key = (dataset.fixed_name(), i64::from(number));
            counts.entry(key).or_insert((dataset, Vec::new())).1.push(at);
            keys.push(key);
        }
        let order_of: BTreeMap<_, usize> = counts.keys().copied().zip(0..).collect();
        let group_of = keys.iter().filter_map(|key| order_of.get(key).copied()).collect();
        let groups = counts
            .into_iter()
            .map(|((_, part), (dataset, members))| {
                let parts = members.iter().filter_map(|&at| order.parts.get(at));
                let told = points::members(order.source, parts, order.records, order.sids);
                Group::new(dataset, part, members, told)
            })
            .collect();
        let mut outcomes = Vec::new();
        outcomes.resize_with(order.parts.len(), PartOutcome::default);
        let budget = Budget::of_rows(order.memory);
        let each = budget.capacity() / fetchers as u64;
        Ok(Self {
            order,
            groups,
            group_of,
            tables: [Dataset::DAILY, Dataset::MINUTE].map(|of| TableScales::new(of, order.head)),
            next: AtomicUsize::new(0),
            share: each / 2,
            piece: (each / 8).clamp(64 << 10, 32 << 20),
            unknown: AtomicU64::new(1 << 20),
            budget,
            outcomes: Mutex::new(outcomes),
            merged: Mutex::default(),
            guard: Guard::default(),
        })
    }

    /// What a thread that fetches does: one part after another.
    fn work<'s>(&'s self, scope: &Scope<'s>) {
        while !self.guard.is_stopped() && !self.order.stop.is_raised() {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = self.order.parts.get(at) else { return };
            self.guarded(|| self.part(at, part, scope));
        }
    }

    /// Runs a piece of work unless another has failed for good; keeps the first error.
    pub(super) fn guarded(&self, work: impl FnOnce() -> Result<(), Error>) {
        self.guard.run(&self.budget, work);
    }

    /// Fetches one part; writes its group where it was the last that was missing.
    fn part<'s>(&'s self, at: usize, part: &'s Part, scope: &Scope<'s>) -> Result<(), Error> {
        let Order { records, sids, .. } = self.order;
        let group = self.group_of.get(at).and_then(|&group| self.groups.get(group));
        let of = records.get(part.asset).zip(sids.get(part.asset));
        let (Some(group), Some((record, &sid))) = (group, of) else { return Ok(()) };
        if group.is_taken() {
            return Ok(());
        }
        let estimate = match part.bytes {
            0 => self.unknown.load(Ordering::Relaxed),
            // The text, and rows of about the same size.
            bytes => bytes.min(self.piece).saturating_mul(5) / 2,
        };
        let Some(permit) = self.room(estimate, scope)? else { return Ok(()) };
        let outcome = self.fetch_part(
            group,
            part,
            Member { sid, at, symbol: record.symbol.clone() },
            permit,
        )?;
        let rows = outcome.rows;
        if let Some(place) = lock(&self.outcomes).get_mut(at) {
            *place = outcome;
        }
        self.order.tally.add(1, part.bytes, rows);
        match group.done() {
            Some(held) => self.write(group, held, scope),
            None => Ok(()),
        }
    }

    fn fetch_part(
        &self,
        group: &Group,
        part: &Part,
        member: Member,
        permit: Permit,
    ) -> Result<PartOutcome, Error> {
        let Order { source, selection, bench, .. } = self.order;
        let mut intake = Intake {
            rules: self.rules(part)?,
            member,
            group,
            source_name: source.name(),
            table: self.table(group.dataset),
            spill: Spill(bench.staging),
            beside: if part.bytes == 0 { 0 } else { part.bytes.min(self.piece) },
            permit,
            share: self.share,
            outcome: PartOutcome::default(),
            bars: None,
        };
        bench.staging.reached(Step::FetchPage);
        let (mut failed, mut pieces) = (None, 0);
        let piece = usize::try_from(self.piece).unwrap_or(usize::MAX);
        let fetched = source.fetch_in_pieces(part, selection, piece, &mut |delivery| {
            pieces += 1;
            // What is to stop ends with the piece it has: only if another comes is that not all.
            let going_on = || if pieces > 1 { self.order.stop.check() } else { Ok(()) };
            failed = going_on().and_then(|()| intake.take(delivery)).err();
            if self.guard.is_stopped() {
                // Somebody else has told why; this is not all of the part.
                failed = failed.take().or(Some(self.order.stop.interrupted()));
            }
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match (failed, fetched) {
            (Some(error), _) => Err(error),
            (None, Ok(())) => {
                if part.bytes == 0 {
                    self.unknown.fetch_max(intake.weight(), Ordering::Relaxed);
                }
                intake.finish()
            }
            (None, Err(error)) if error.is_transient() => {
                Err(Error::Fetch { part: part.name.clone(), source: error })
            }
            (None, Err(error)) => {
                group.forget(&intake.member);
                Ok(PartOutcome::refused(part, intake.rules.record, &error))
            }
        }
    }

    /// The rules for one part.
    pub(super) fn rules(&self, part: &'a Part) -> Result<Rules<'a>, Error> {
        let Order { source, records, selection, today, .. } = self.order;
        let record = records.get(part.asset).ok_or_else(|| Error::BadSurvey {
            source_name: source.name().to_owned(),
            detail: format!("`{}` belongs to no asset", part.name),
        })?;
        Ok(Rules { part, record, selection, today })
    }

    /// Waits for memory; writes to disk what waits for others if that is in the way.
    ///
    /// Nobody who holds memory may call it. `None` where the ingest has failed.
    pub(super) fn room<'s>(
        &'s self,
        bytes: u64,
        scope: &Scope<'s>,
    ) -> Result<Option<Permit>, Error> {
        loop {
            match self.budget.acquire(bytes) {
                Room::Granted(permit) => return Ok(Some(permit)),
                Room::Closed => return Ok(None),
                Room::Crowded => {
                    let largest = self.groups.iter().max_by_key(|group| group.gathered_bytes());
                    if let Some(group) = largest
                        && let Some(held) = group.spill(Spill(self.order.bench.staging))?
                    {
                        self.write(group, held, scope)?;
                    }
                }
            }
        }
    }

    pub(super) fn table(&self, dataset: Dataset) -> Option<&TableScales> {
        self.tables.iter().find(|table| table.dataset == dataset)
    }

    fn finish(self) -> Result<Fetched, Error> {
        self.order.stop.check()?;
        if let Some(error) = self.guard.into_failed() {
            return Err(error);
        }
        let merged = self.merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Merged { mut staged, ended, mut repaired, counts } = merged;
        staged.sort_by_key(|staged| {
            let chunk = &staged.chunk;
            (staged.dataset.fixed_name(), chunk.part, chunk.period, chunk.segment)
        });
        repaired.sort();
        Ok(Fetched {
            outcomes: self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner),
            staged,
            scales: self.tables.iter().map(|table| (table.dataset, table.get())).collect(),
            replaced: ended.into_iter().collect(),
            repaired,
            counts,
        })
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a thread that died has left behind is whole: it is only ever pushed to or replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
