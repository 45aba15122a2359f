//! The ingest: from a source to a published version.
//!
//! 1. **Survey**: ask the source what there is; give every asset its sid.
//! 2. **Fetch**: fetch parts from several threads, check every row, cut the rows into files, and
//!    write those whose content is new. Files are synced while others are still being encoded.
//! 3. **Finish**: write the assets, corporate actions and the quarantine where they changed; write
//!    files again whose table needs more digits than before.
//! 4. **Publish**: move the files into place, and make them a version in one transaction.
//!
//! Whatever fails before the last transaction leaves the bundle as it was.

mod chunk;
mod describe;
mod events;
mod fetch;
mod identity;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rayon::prelude::*;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{
    Adjustment, AdjustmentTable, Asset, AssetFinder, Reason, Rejected, Selection, Sid, Source,
    Survey,
};

use self::chunk::{Bench, Cut, StagedChunk, table_hash};
use self::fetch::{Fetched, Order, fetch};
use self::stage::{Placed, Staging};
use crate::bundle::Tables;
use crate::catalog::{BundleRow, Catalog, Commit, TableChange, TableState};
use crate::chunk::Chunk;
use crate::layout::Layout;
use crate::report::{Gaps, IngestReport, Outcome, Phase, Progress, RejectedKind};
use crate::table::{Dataset, Scales};
use crate::verified::Verified;
use crate::writer::{self, SmallTable, quarantine};
use crate::{Error, VersionInfo};

/// How to ingest.
#[derive(Clone)]
pub struct IngestOptions<'a> {
    /// What is wanted of the source, and the calendar of the bundle.
    pub selection: Selection,
    /// Threads that fetch, check and write; 0 for one a core.
    pub workers: usize,
    /// The moment of the ingest: the time of the version it makes.
    pub now: Timestamp,
    /// Today, in UTC: bars of later days are refused.
    pub today: Session,
    /// A clock to time the phases with: any moment's distance from a fixed one.
    pub clock: Option<&'a (dyn Fn() -> Duration + Sync)>,
}

impl IngestOptions<'_> {
    /// An ingest of `selection` at `now`, with one thread a core and without a clock.
    pub fn new(selection: Selection, now: Timestamp) -> Self {
        Self { selection, workers: 0, now, today: now.date(), clock: None }
    }
}

impl std::fmt::Debug for IngestOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestOptions")
            .field("selection", &self.selection)
            .field("workers", &self.workers)
            .field("now", &self.now)
            .field("today", &self.today)
            .finish_non_exhaustive()
    }
}

/// One ingest, of one source into one bundle.
pub(crate) struct Ingest<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) catalog: &'a Mutex<Catalog>,
    pub(crate) files: &'a Verified,
    pub(crate) bundle: BundleRow,
    /// The version it starts from, and what that holds.
    pub(crate) head: Option<VersionInfo>,
    pub(crate) tables: Vec<TableState>,
    pub(crate) source: &'a dyn Source,
    pub(crate) options: &'a IngestOptions<'a>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
}

impl Ingest<'_> {
    pub(crate) fn run(self) -> Result<IngestReport, Error> {
        let mut watch = Watch::new(self.options.clock);
        self.tell(Phase::Survey, 0, 1);
        let known = Tables { files: self.files, states: &self.tables };
        let (known_assets, known_events) = (known.assets()?, known.events()?);
        let survey = self.source.survey(&self.options.selection).map_err(|source| {
            Error::Survey { source_name: self.source.name().to_owned(), source }
        })?;
        let sids = identity::assign(known_assets.assets(), &survey.assets)?;
        self.tell(Phase::Survey, 1, 1);
        watch.lap(Phase::Survey);

        let workers = self.options.workers;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .build()
            .map_err(|source| Error::Workers { workers, source })?;
        let mut staging = Staging::begin(self.layout)?;
        let bench = Bench { staging: &staging, files: self.files };
        let fetched = fetch(
            Order {
                source: self.source,
                selection: &self.options.selection,
                today: self.options.today,
                records: &survey.assets,
                sids: &sids,
                parts: &survey.parts,
                head: &self.tables,
                bench,
                progress: self.progress,
            },
            &pool,
        )?;
        watch.lap(Phase::Fetch);

        self.tell(Phase::Finish, 0, 1);
        let mut taken = Taken::new(&survey, &sids, &fetched, known_assets.assets());
        let events = taken.events(self.source.name(), &survey, &fetched, &known_events);
        if fetched.outcomes.iter().all(|outcome| outcome.stored == 0) {
            return Err(self.nothing(&survey, &taken.rejected));
        }
        let changes = pool.install(|| self.changes(bench, fetched, &taken, &events.merged))?;
        self.tell(Phase::Finish, 1, 1);
        watch.lap(Phase::Finish);

        self.tell(Phase::Publish, 0, 1);
        staging.synced()?;
        let outcome = self.publish(&changes, &taken)?;
        drop(staging);
        self.tell(Phase::Publish, 1, 1);
        watch.lap(Phase::Publish);
        Ok(self.report(outcome, &changes, taken, events.count, watch))
    }

    /// What changes in every table.
    fn changes(
        &self,
        bench: Bench<'_>,
        fetched: Fetched,
        taken: &Taken,
        events: &[Adjustment],
    ) -> Result<Changes<'_>, Error> {
        let mut changes = Changes::default();
        let mut staged = fetched.staged;
        for (dataset, scales) in fetched.scales {
            let (own, others) = staged.into_iter().partition(|chunk| chunk.dataset == dataset);
            staged = others;
            let symbol_of = |part: i64| match dataset {
                Dataset::MINUTE => taken.symbol(Sid(part as u32)),
                _ => String::new(),
            };
            let head = self.tables.iter().find(|table| table.dataset == dataset);
            changes.bars(bench, dataset, scales, own, head, &symbol_of)?;
        }
        let mut small: Vec<SmallTable> = writer::assets::tables(&taken.assets).into();
        small.extend(writer::adjustments::tables(events)?);
        small.push(quarantine::table(&taken.rejected));
        for table in small {
            let head = self.tables.iter().find(|state| state.dataset == table.dataset);
            changes.small(bench, &table, head)?;
        }
        Ok(changes)
    }

    fn publish(&self, changes: &Changes<'_>, taken: &Taken) -> Result<Outcome, Error> {
        if let Some(head) = self.head.as_ref().filter(|_| changes.is_empty()) {
            return Ok(Outcome::Unchanged { version: head.version });
        }
        let files = changes.tables.iter().flat_map(|table| {
            table.added.iter().map(|staged| {
                let to = self.layout.file(&self.bundle.name, table.dataset, &staged.chunk.path);
                (staged.staged.as_path(), to)
            })
        });
        let placed = Placed::place(self.layout.root(), files)?;
        let source = serde_json::json!({
            "source": self.source.name(),
            "symbols": self.options.selection.symbols,
            "start": self.options.selection.start,
            "end": self.options.selection.end,
            "rejected": taken.rejected.len(),
        });
        let head = self.head.as_ref();
        let commit = Commit {
            bundle: self.bundle.id,
            name: &self.bundle.name,
            base: head.map(|head| head.version),
            now: self.options.now,
            source: source.to_string(),
            first: head.and_then(|head| head.first).into_iter().chain(taken.first).min(),
            last: head.and_then(|head| head.last).into_iter().chain(taken.last).max(),
            assets: taken.assets.len() as u64,
            tables: changes.tables.iter().map(Change::to_commit).collect(),
        };
        let published = {
            let mut catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
            catalog.publish(&commit)
        };
        match published {
            Ok(published) => {
                placed.keep();
                let (version, snapshot, created) =
                    (published.version, published.snapshot, published.created);
                Ok(Outcome::Published { version, snapshot, created })
            }
            Err(conflict @ Error::Conflict { .. }) => Err(conflict),
            Err(error) => {
                // The catalog may have taken it all the same: files are not removed on suspicion.
                placed.keep();
                Err(error)
            }
        }
    }

    fn report(
        &self,
        outcome: Outcome,
        changes: &Changes<'_>,
        taken: Taken,
        events: u64,
        watch: Watch<'_>,
    ) -> IngestReport {
        let known: u64 = self.head.as_ref().map_or(0, |head| head.assets);
        let added = || changes.tables.iter().flat_map(|table| &table.added);
        let ended = || changes.tables.iter().flat_map(|table| &table.ended);
        let before = || self.tables.iter().flat_map(|table| &table.chunks);
        let bytes_written: u64 = added().map(|staged| staged.chunk.bytes).sum();
        let bytes_before: u64 = before().map(|chunk| chunk.bytes).sum();
        let bytes_ended: u64 = ended().map(|chunk| chunk.bytes).sum();
        IngestReport {
            outcome,
            assets: taken.assets.len() as u64,
            assets_new: (taken.assets.len() as u64).saturating_sub(known),
            rows_read: taken.rows_read,
            rows_stored: taken.rows_stored,
            rows_new: taken.rows_new,
            rows_changed: taken.rows_changed,
            events,
            rejected: taken.rejected.len() as u64,
            rejected_kinds: kinds(&taken.rejected),
            gaps: taken.gaps,
            outside_hours: taken.outside_hours,
            equal_duplicates: taken.equal_duplicates,
            without_trades: taken.without_trades,
            notes: taken.notes,
            files_written: added().count() as u64,
            files_kept: (before().count() - ended().count()) as u64,
            bytes_written,
            bytes: bytes_before - bytes_ended + bytes_written,
            seconds: watch.laps,
        }
    }

    fn nothing(&self, survey: &Survey, rejected: &[Rejected]) -> Error {
        let first = rejected.first().map(|row| {
            let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}", row.origin, row.reason)
        });
        Error::NothingIngested {
            source_name: self.source.name().to_owned(),
            parts: survey.parts.len(),
            rejected: rejected.len(),
            first,
        }
    }

    fn tell(&self, phase: Phase, done: u64, total: u64) {
        (self.progress)(Progress { phase, done, total, bytes: 0, bytes_total: 0 });
    }
}

/// What was taken in, beside the bars.
#[derive(Debug, Default)]
struct Taken {
    /// Every asset of the bundle, by sid.
    assets: Vec<Asset>,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    gaps: Vec<Gaps>,
    sids: Vec<Option<Sid>>,
    first: Option<Session>,
    last: Option<Session>,
    rows_read: u64,
    rows_stored: u64,
    rows_new: u64,
    rows_changed: u64,
    outside_hours: u64,
    equal_duplicates: u64,
    without_trades: u64,
}

/// The bundle's events, and how many the source brought.
struct Events {
    merged: Vec<Adjustment>,
    count: u64,
}

impl Taken {
    fn new(survey: &Survey, sids: &[Sid], fetched: &Fetched, known: &[Asset]) -> Self {
        let mut taken = Self {
            rejected: survey.rejected.clone(),
            notes: survey.notes.clone(),
            rows_new: fetched.rows_new,
            rows_changed: fetched.rows_changed,
            ..Self::default()
        };
        let mut seen: BTreeMap<usize, (Session, Session)> = BTreeMap::new();
        let mut gaps: BTreeMap<usize, u64> = BTreeMap::new();
        for (part, outcome) in survey.parts.iter().zip(&fetched.outcomes) {
            taken.rows_read += outcome.rows;
            taken.rows_stored += outcome.stored;
            taken.outside_hours += outcome.outside_hours;
            taken.equal_duplicates += outcome.equal_duplicates;
            taken.without_trades += outcome.without_trades;
            taken.rejected.extend(outcome.rejected.iter().cloned());
            taken.notes.extend(outcome.notes.iter().cloned());
            *gaps.entry(part.asset).or_default() += outcome.missing_sessions;
            if let Some((first, last)) = outcome.seen {
                let span = seen.entry(part.asset).or_insert((first, last));
                *span = (span.0.min(first), span.1.max(last));
            }
        }
        taken.first = seen.values().map(|span| span.0).min();
        taken.last = seen.values().map(|span| span.1).max();

        let mut assets: BTreeMap<Sid, Asset> =
            known.iter().map(|asset| (asset.sid, asset.clone())).collect();
        for (at, (record, &sid)) in survey.assets.iter().zip(sids).enumerate() {
            let span = seen.get(&at).copied();
            let asset = describe::describe(record, sid, assets.get(&sid), span);
            taken.sids.push(asset.as_ref().map(|_| sid));
            let Some(asset) = asset else {
                let symbol = record.symbol.clone();
                taken.rejected.push(Rejected {
                    origin: "assets".to_owned(),
                    line: None,
                    symbol: symbol.clone(),
                    reason: Reason::NoBars { symbol },
                    text: String::new(),
                });
                continue;
            };
            if let Some(&sessions) = gaps.get(&at).filter(|&&sessions| sessions > 0) {
                let symbol = asset.symbol.clone();
                taken.gaps.push(Gaps { sid, symbol, sessions });
            }
            assets.insert(sid, asset);
        }
        taken.assets = assets.into_values().collect();
        taken
    }

    /// The bundle's events with those of the source; what cannot be one is rejected.
    fn events(
        &mut self,
        source: &str,
        survey: &Survey,
        fetched: &Fetched,
        known: &AdjustmentTable,
    ) -> Events {
        let symbol = |asset: usize| {
            survey.assets.get(asset).map(|record| record.symbol.clone()).unwrap_or_default()
        };
        let sids = std::mem::take(&mut self.sids);
        let sid = |asset: usize| sids.get(asset).copied().flatten();
        let mut new =
            events::resolve(survey.events.clone(), source, sid, symbol, &mut self.rejected);
        for (part, outcome) in survey.parts.iter().zip(&fetched.outcomes) {
            let events = outcome.events.clone();
            new.extend(events::resolve(events, &part.name, sid, symbol, &mut self.rejected));
        }
        let count = new.len() as u64;
        Events { merged: events::merge(known.iter().cloned().collect(), new), count }
    }

    fn symbol(&self, sid: Sid) -> String {
        let at = self.assets.binary_search_by_key(&sid, |asset| asset.sid).ok();
        at.and_then(|at| self.assets.get(at)).map(|asset| asset.symbol.clone()).unwrap_or_default()
    }
}

/// What changes, table by table.
#[derive(Debug, Default)]
struct Changes<'a> {
    tables: Vec<Change<'a>>,
}

#[derive(Debug)]
struct Change<'a> {
    dataset: Dataset,
    scales: Scales,
    table: Option<i64>,
    dropped: Option<i64>,
    ended: Vec<&'a Chunk>,
    added: Vec<StagedChunk>,
}

impl<'a> Changes<'a> {
    fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// A table of bars: its staged chunks, and where its numbers got more digits, all the others.
    fn bars(
        &mut self,
        bench: Bench<'_>,
        dataset: Dataset,
        scales: Scales,
        staged: Vec<StagedChunk>,
        head: Option<&'a TableState>,
        symbol_of: &(dyn Fn(i64) -> String + Sync),
    ) -> Result<(), Error> {
        let grown = head.filter(|head| head.scales != scales);
        if staged.is_empty() && grown.is_none() {
            return Ok(());
        }
        let places: BTreeSet<(i64, i64)> =
            staged.iter().map(|staged| (staged.chunk.part, staged.chunk.period)).collect();
        let mut added: Vec<StagedChunk> = staged
            .into_par_iter()
            .map(|staged| {
                if staged.scales == scales {
                    return Ok(staged);
                }
                let symbol = symbol_of(staged.chunk.part);
                bench.rescale_staged(&staged, scales, &symbol).map(|cut| cut.or(staged))
            })
            .collect::<Result<_, Error>>()?;
        let Some(head) = head else {
            self.tables.push(Change {
                dataset,
                scales,
                table: None,
                dropped: None,
                ended: Vec::new(),
                added,
            });
            return Ok(());
        };
        if grown.is_none() {
            let ended =
                head.chunks.iter().filter(|chunk| places.contains(&(chunk.part, chunk.period)));
            let (table, ended) = (Some(head.id), ended.collect());
            self.tables.push(Change { dataset, scales, table, dropped: None, ended, added });
            return Ok(());
        }
        let untouched = head
            .chunks
            .par_iter()
            .filter(|chunk| !places.contains(&(chunk.part, chunk.period)))
            .map(|chunk| bench.rescale(dataset, chunk, head.scales, scales, &symbol_of(chunk.part)))
            .collect::<Result<Vec<Cut>, Error>>()?;
        added.extend(untouched.into_iter().filter_map(Cut::staged));
        let ended = head.chunks.iter().collect();
        let dropped = Some(head.id);
        self.tables.push(Change { dataset, scales, table: None, dropped, ended, added });
        Ok(())
    }

    /// A small table: written whole where its content is another one.
    fn small(
        &mut self,
        bench: Bench<'_>,
        table: &SmallTable,
        head: Option<&'a TableState>,
    ) -> Result<(), Error> {
        let &SmallTable { dataset, scales, ref columns } = table;
        let rows = columns.first().map_or(0, crate::format::Column::len);
        let hash = table_hash(dataset, scales, columns);
        let before = head.map(|head| head.chunks.as_slice()).unwrap_or_default();
        let same_type = head.is_some_and(|head| head.scales == scales);
        let same = match before {
            [] => rows == 0 && head.is_some(),
            [chunk] => chunk.content_hash == hash && same_type,
            _ => false,
        };
        if same {
            return Ok(());
        }
        let mut added = Vec::new();
        if rows > 0 {
            let place = (0, 0, "");
            added.push(bench.stage_columns(dataset, scales, place, columns, hash, Vec::new())?);
        }
        let kept = head.filter(|_| same_type).map(|head| head.id);
        self.tables.push(Change {
            dataset,
            scales,
            table: kept,
            dropped: head.filter(|_| !same_type).map(|head| head.id),
            ended: before.iter().collect(),
            added,
        });
        Ok(())
    }
}

impl Change<'_> {
    fn to_commit(&self) -> TableChange<'_> {
        TableChange {
            dataset: self.dataset,
            scales: self.scales,
            table: self.table,
            dropped: self.dropped,
            // A dropped table takes its files with it.
            ended: if self.dropped.is_some() { Vec::new() } else { self.ended.clone() },
            added: self.added.iter().map(|staged| &staged.chunk).collect(),
        }
    }
}

/// What was rejected, counted by kind, the most frequent first, with the first three of each.
fn kinds(rejected: &[Rejected]) -> Vec<RejectedKind> {
    let mut kinds: BTreeMap<&'static str, RejectedKind> = BTreeMap::new();
    for row in rejected {
        let kind = quarantine::kind(&row.reason);
        let entry = kinds.entry(kind).or_insert_with(|| RejectedKind {
            kind,
            count: 0,
            examples: Vec::new(),
        });
        entry.count += 1;
        if entry.examples.len() < 3 {
            entry.examples.push(row.clone());
        }
    }
    let mut kinds: Vec<RejectedKind> = kinds.into_values().collect();
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
    kinds
}

/// Times phases by the caller's clock.
struct Watch<'a> {
    clock: Option<&'a (dyn Fn() -> Duration + Sync)>,
    started: Duration,
    laps: Vec<(Phase, Duration)>,
}

impl<'a> Watch<'a> {
    fn new(clock: Option<&'a (dyn Fn() -> Duration + Sync)>) -> Self {
        let started = clock.map(|clock| clock()).unwrap_or_default();
        Self { clock, started, laps: Vec::new() }
    }

    fn lap(&mut self, phase: Phase) {
        if let Some(clock) = self.clock {
            let now = clock();
            self.laps.push((phase, now.saturating_sub(self.started)));
            self.started = now;
        }
    }
}
