//! The ingest: from a source to a published version.
//!
//! 1. **Survey**: ask the source what there is; give every asset its sid.
//! 2. **Fetch**: fetch parts from several threads, check every row, cut the rows into files, and
//!    write those whose content is new. Files are synced while others are still being encoded. What
//!    does not fit the memory allowed waits on disk.
//! 3. **Finish**: write the assets, corporate actions and the quarantine where they changed; write
//!    files again whose table needs more digits than before.
//! 4. **Publish**: move the files into place, and make them a version in one transaction.
//!
//! Whatever fails before the last transaction leaves the bundle as it was.

mod budget;
mod change;
mod check;
mod chunk;
mod compact;
mod cut;
mod describe;
mod effect;
mod events;
mod fetch;
mod group;
mod guard;
mod identity;
mod intake;
mod pack;
mod points;
mod publish;
mod records;
mod refused;
mod resumed;
mod scales;
mod scratch;
mod segment;
mod spill;
mod stage;
mod taken;
mod tally;
mod watch;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Action, Adjustment, AssetFinder, Selection, Sid, Source, Survey};

use self::change::Changes;
use self::chunk::{Bench, Origin};
pub(crate) use self::compact::Compaction;
use self::effect::Look;
use self::fetch::{Fetched, Order, fetch};
pub(crate) use self::points::Points;
use self::publish::{About, Publisher};
use self::records::{RecordOrder, Records, record_changes, take_in};
use self::refused::Quarantine;
use self::stage::Staging;
use self::taken::Taken;
use self::tally::Tally;
use self::watch::Watch;
use crate::bundle::Tables;
use crate::catalog::{Begun, BundleRow, Catalog, TableState};
use crate::job::{Stop, Stopping};
use crate::layout::Layout;
use crate::report::{EventCounts, IngestReport, Outcome, Phase, Progress, RejectedKind};
use crate::step::Step;
use crate::table::Dataset;
use crate::verified::Verified;
use crate::writer::{self, SmallTable};
use crate::{Error, Locking, VersionInfo};

/// The memory that an ingest takes if nothing else is said: 512 MiB.
pub const DEFAULT_MEMORY: u64 = 512 << 20;

/// How to ingest.
#[derive(Clone)]
pub struct IngestOptions<'a> {
    /// What is wanted of the source, and the calendar of the bundle.
    pub selection: Selection,
    /// Threads that fetch, check and write; 0 for one a core.
    pub workers: usize,
    /// The memory it may take, in bytes, however much there is to ingest: what does not fit waits
    /// on disk. Rows get five eighths of it; the rest is for the program itself.
    pub memory: u64,
    /// The moment of the ingest: the time of the version it makes.
    pub now: Timestamp,
    /// Today, in UTC: bars of later days are refused.
    pub today: Session,
    /// What it does where another ingest writes the same bundle.
    pub locking: Locking,
    /// The options that the source was opened with: kept with the job, without secrets.
    pub settings: BTreeMap<String, String>,
    /// A flag that stops it.
    pub stop: Option<&'a Stop>,
    /// A clock to time the phases with: any moment's distance from a fixed one.
    pub clock: Option<&'a (dyn Fn() -> Duration + Sync)>,
}

impl IngestOptions<'_> {
    /// An ingest of `selection` at `now`, with one thread a core and without a clock.
    pub fn new(selection: Selection, now: Timestamp) -> Self {
        Self {
            selection,
            workers: 0,
            memory: DEFAULT_MEMORY,
            now,
            today: now.date(),
            locking: Locking::default(),
            settings: BTreeMap::new(),
            stop: None,
            clock: None,
        }
    }
}

impl std::fmt::Debug for IngestOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IngestOptions")
            .field("selection", &self.selection)
            .field("workers", &self.workers)
            .field("memory", &self.memory)
            .field("now", &self.now)
            .field("today", &self.today)
            .field("locking", &self.locking)
            .finish_non_exhaustive()
    }
}

/// One ingest, of one source into one bundle.
pub(crate) struct Ingest<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) catalog: &'a Mutex<Catalog>,
    pub(crate) files: &'a Arc<Verified>,
    pub(crate) bundle: BundleRow,
    /// The number it drew; `None` where it took no lock.
    pub(crate) fence: Option<u64>,
    /// The version it starts from, and what that holds.
    pub(crate) head: Option<VersionInfo>,
    pub(crate) tables: Vec<TableState>,
    pub(crate) source: &'a dyn Source,
    pub(crate) options: &'a IngestOptions<'a>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
    pub(crate) job: Begun,
    pub(crate) points: Arc<Points>,
    pub(crate) stop: Stopping<'a>,
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
        let mut staging = Staging::of_job(&self.points)?;
        staging.limit(self.options.memory);
        let origin = Origin {
            bundle: self.bundle.name.to_string(),
            calendar: self.bundle.calendar.clone(),
            version: self.head.as_ref().map_or(0, |head| head.version) + 1,
        };
        let bench = Bench { staging: &staging, files: self.files, origin: &origin };
        let tally = Tally::new(&survey, self.progress);
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
                tally: &tally,
                memory: self.options.memory,
                stop: self.stop,
                points: &self.points,
            },
            &pool,
        )?;
        let mut records = take_in(
            RecordOrder {
                source: self.source,
                selection: &self.options.selection,
                today: self.options.today,
                assets: &survey.assets,
                sids: &sids,
                parts: &survey.tables,
                head: &self.tables,
                bench,
                memory: self.options.memory,
                tally: &tally,
                stop: self.stop,
                points: &self.points,
            },
            &pool,
        )?;
        watch.lap(Phase::Fetch);

        self.stop.check()?;
        self.tell(Phase::Finish, 0, 1);
        let mut taken = Taken::new(&survey, &sids, &fetched, &mut records, known_assets.assets());
        let events = taken.events(self.source.name(), &survey, &fetched, &known_events);
        self.layout.vfs().reached(Step::Validate);
        if taken.rows_stored == 0 {
            return Err(self.nothing(&survey, &taken.rejected, &staging)?);
        }
        let (changes, kinds) =
            pool.install(|| self.changes(bench, fetched, &mut records, &taken, &events.events))?;
        self.tell(Phase::Finish, 1, 1);
        watch.lap(Phase::Finish);

        self.stop.check()?;
        self.tell(Phase::Publish, 0, 1);
        staging.synced()?;
        let outcome = self.publish(staging.id(), &changes, &taken)?;
        drop(staging);
        self.without_effect(outcome, &events.fresh, &mut taken);
        self.tell(Phase::Publish, 1, 1);
        watch.lap(Phase::Publish);
        Ok(self.report(outcome, &changes, (taken, kinds), events.counts, watch))
    }

    /// What changes in every table.
    fn changes(
        &self,
        bench: Bench<'_>,
        fetched: Fetched,
        records: &mut Records,
        taken: &Taken,
        events: &[Adjustment],
    ) -> Result<(Changes<'_>, Vec<RejectedKind>), Error> {
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
            changes.bars(bench, dataset, scales, (own, &fetched.replaced), head, &symbol_of)?;
        }
        let symbol_of = |sid: i64| taken.symbol(Sid(sid as u32));
        changes.tables.extend(record_changes(bench, records, &self.tables, &symbol_of)?);
        let mut small: Vec<SmallTable> = writer::assets::tables(&taken.assets).into();
        small.extend(writer::adjustments::tables(events)?);
        for table in small {
            let head = self.tables.iter().find(|state| state.dataset == table.dataset);
            changes.small(bench, &table, head)?;
        }
        let head = self.tables.iter().find(|state| state.dataset == Dataset::Quarantine);
        let kinds = changes.quarantine(bench, &taken.rejected, head)?;
        Ok((changes, kinds))
    }

    fn publish(&self, job: &str, changes: &Changes<'_>, taken: &Taken) -> Result<Outcome, Error> {
        let source = serde_json::json!({
            "source": self.source.name(),
            "symbols": self.options.selection.symbols,
            "start": self.options.selection.start,
            "end": self.options.selection.end,
            "rejected": taken.rejected.len(),
        });
        let publisher = Publisher {
            layout: self.layout,
            catalog: self.catalog,
            bundle: &self.bundle,
            head: self.head.as_ref(),
            now: self.options.now,
            job,
            fence: self.fence,
            done: Some(self.job),
        };
        let (first, last) = (taken.first, taken.last);
        publisher
            .publish(changes, &About { source, first, last, assets: taken.assets.len() as u64 })
    }

    fn report(
        &self,
        outcome: Outcome,
        changes: &Changes<'_>,
        (taken, kinds): (Taken, Vec<RejectedKind>),
        events: EventCounts,
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
            job: self.job.id,
            outcome,
            assets: taken.assets.len() as u64,
            assets_new: (taken.assets.len() as u64).saturating_sub(known),
            rows_read: taken.rows_read,
            rows_stored: taken.rows_stored,
            rows_new: taken.rows_new,
            rows_changed: taken.rows_changed,
            rows_unchanged: taken.rows_unchanged,
            rows_superseded: taken.rows_superseded,
            events,
            rejected: taken.rejected.len(),
            rejected_kinds: kinds,
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

    /// Notes dividends that cannot be applied to the prices before them.
    fn without_effect(&self, outcome: Outcome, fresh: &[Adjustment], taken: &mut Taken) {
        let Outcome::Published { snapshot, .. } = outcome else { return };
        let look = Look {
            layout: self.layout,
            catalog: self.catalog,
            files: self.files,
            bundle: &self.bundle,
            calendar: &self.options.selection.calendar,
        };
        // The version is published: what hinders a look at it is for its readers to meet.
        for (event, close) in look.without_effect(snapshot, fresh).unwrap_or_default() {
            let Action::Dividend { amount, .. } = &event.action else { continue };
            taken.notes.push(format!(
                "the dividend of `{}` on {} has no effect: {amount} is not below the close before it, {close}",
                taken.symbol(event.sid),
                event.effective,
            ));
        }
    }

    fn nothing(
        &self,
        survey: &Survey,
        rejected: &Quarantine,
        staging: &Staging,
    ) -> Result<Error, Error> {
        let first = rejected.first(staging)?.map(|row| {
            let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}", row.origin, row.reason)
        });
        Ok(Error::NothingIngested {
            source_name: self.source.name().to_owned(),
            parts: survey.parts.len(),
            rejected: usize::try_from(rejected.len()).unwrap_or(usize::MAX),
            first,
        })
    }

    fn tell(&self, phase: Phase, done: u64, total: u64) {
        (self.progress)(Progress { phase, done, total, ..Progress::default() });
    }
}
