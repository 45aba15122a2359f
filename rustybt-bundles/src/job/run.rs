//! Running an ingest as a job: written down before it begins, while it runs, and when it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustybt_calendars::Timestamp;
use rustybt_data::Source;

use super::deliveries::Deliveries;
use super::progress::Told;
use super::recorded::Recorded;
use super::secrets::Secrets;
use super::stop::Stopping;
use super::{JobState, summary};
use crate::catalog::{Begun, BundleRow, Catalog, End};
use crate::error::chain;
use crate::ingest::{Ingest, IngestOptions, Points};
use crate::layout::Layout;
use crate::report::{IngestReport, Progress};
use crate::verified::Verified;
use crate::version::At;
use crate::vfs::Step;
use crate::{Error, JobError, Stop};

/// How often a running job says how far it is, and asks whether it is still wanted.
const TICK: Duration = Duration::from_secs(1);

/// Every so many ticks what was delivered is made durable.
const FLUSH: u32 = 3;

/// A job that was written down, about to run.
pub(crate) struct Run<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) catalog: &'a Arc<Mutex<Catalog>>,
    pub(crate) files: &'a Arc<Verified>,
    pub(crate) bundle: BundleRow,
    pub(crate) begun: Begun,
    /// The number it drew; `None` where it took no lock.
    pub(crate) fence: Option<u64>,
    pub(crate) source: &'a dyn Source,
    pub(crate) options: &'a IngestOptions<'a>,
    pub(crate) progress: &'a (dyn Fn(Progress) + Sync),
}

impl Run<'_> {
    /// Runs it to its end, and writes down which end that was.
    pub(crate) fn run(self) -> Result<IngestReport, Error> {
        let called_off = Stop::new();
        let told = Told::default();
        let failed = Mutex::new(None);
        let secrets = Secrets::of(&self.options.settings);
        let began = self.options.clock.map(|clock| clock());
        let mut result = self.log().and_then(|log| {
            let keeper = Keeper { run: &self, log: log.as_ref(), told: &told, began };
            std::thread::scope(|scope| {
                let (ended, wait) = channel();
                let (keeper, called_off, failed) = (&keeper, &called_off, &failed);
                scope.spawn(move || keeper.keep(&wait, called_off, failed));
                let ingest = || self.ingest(log.as_ref(), &secrets, called_off, &told);
                // A panic of a source is the end of its ingest, not of the program.
                let result = catch_unwind(AssertUnwindSafe(ingest));
                drop(ended);
                let result = result.unwrap_or_else(|panic| Err(panicked(&*panic)));
                // What was fetched is kept where it did not end well; that error counts.
                if let (Err(_), Some(log)) = (&result, &log) {
                    let _ = log.flush();
                }
                result.map_err(|error| without_secrets(error, &secrets))
            })
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // It was stopped because of this.
            result = result.and(Err(error));
        }
        self.end(result, &told, began, &secrets)
    }

    /// The log of what the source delivers, where fetching is dear.
    fn log(&self) -> Result<Option<Deliveries>, Error> {
        let folder = self.folder();
        let vfs = self.layout.vfs();
        vfs.create_folder(&folder).map_err(Error::io("create", &folder))?;
        if !self.source.is_dear() {
            return Ok(None);
        }
        Deliveries::open(self.layout.vfs_shared(), &folder).map(Some)
    }

    fn ingest(
        &self,
        log: Option<&Deliveries>,
        secrets: &Secrets,
        called_off: &Stop,
        told: &Told,
    ) -> Result<IngestReport, Error> {
        let (head, tables) = match self.bundle.head {
            None => (None, Vec::new()),
            Some(head) => {
                let catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
                let head = catalog.version(&self.bundle, &At::Version(head))?;
                let tables = catalog.tables(&self.bundle, head.snapshot)?;
                (Some(head), tables)
            }
        };
        let (catalog, vfs) = (Arc::clone(self.catalog), self.layout.vfs_shared());
        let points = Points::open(self.begun.id, catalog, vfs, self.folder())?;
        let source = Recorded::new(self.source, secrets, log);
        let job = self.begun.id;
        let progress = |progress| (self.progress)(told.set(job, progress));
        let ingest = Ingest {
            layout: self.layout,
            catalog: self.catalog,
            files: self.files,
            bundle: self.bundle.clone(),
            fence: self.fence,
            head,
            tables,
            source: &source,
            options: self.options,
            progress: &progress,
            job: self.begun,
            points: Arc::new(points),
            stop: Stopping { asked: self.options.stop, called_off, job },
        };
        ingest.run()
    }

    /// Writes down how it ended, and frees what nobody needs any more.
    fn end(
        &self,
        result: Result<IngestReport, Error>,
        told: &Told,
        began: Option<Duration>,
        secrets: &Secrets,
    ) -> Result<IngestReport, Error> {
        let state = match &result {
            Ok(_) => JobState::Done,
            Err(Error::Job(JobError::Cancelled { .. })) => JobState::Cancelled,
            Err(Error::Job(JobError::Interrupted { .. })) => JobState::Interrupted,
            Err(Error::NothingIngested { .. }) => JobState::Rejected,
            // What may go well the next time is only put off.
            Err(error) if error.is_transient() => JobState::Interrupted,
            Err(_) => JobState::Failed,
        };
        let (now, elapsed) = self.now(began);
        let end = End {
            state,
            now,
            progress: &told.get(elapsed),
            report: result.as_ref().ok().map(|report| summary::of(report).to_string()),
            error: result.as_ref().err().map(|error| secrets.blot(&chain(error))),
        };
        // Where the disk is full, what was fetched gives way.
        let full = matches!(result, Err(Error::DiskFull { .. }));
        let ended = self.catalog().end_job(self.begun, &end, full);
        let state = *ended.as_ref().unwrap_or(&state);
        if !state.is_resumable() || full {
            self.free();
        }
        // Where a version is there, that its job could not be told so is no reason to say otherwise.
        result
    }

    /// Removes what was staged.
    fn free(&self) {
        self.layout.vfs().reached(Step::GcStaging);
        // What cannot be removed now is found by the next clean-up.
        let _ = self.layout.vfs().remove_folder(&self.folder());
    }

    /// The moment it is, and the time since it began, by the caller's clock.
    fn now(&self, began: Option<Duration>) -> (Timestamp, Option<Duration>) {
        let elapsed =
            self.options.clock.zip(began).map(|(clock, began)| clock().saturating_sub(began));
        let nanos = i64::try_from(elapsed.unwrap_or_default().as_nanos()).unwrap_or_default();
        (Timestamp::from_nanos(self.options.now.nanos().saturating_add(nanos)), elapsed)
    }

    fn folder(&self) -> PathBuf {
        self.layout.job(&self.begun.id.to_string())
    }

    fn catalog(&self) -> MutexGuard<'_, Catalog> {
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after a job while it runs.
struct Keeper<'a> {
    run: &'a Run<'a>,
    log: Option<&'a Deliveries>,
    told: &'a Told,
    began: Option<Duration>,
}

impl Keeper<'_> {
    fn keep(&self, ended: &Receiver<()>, called_off: &Stop, failed: &Mutex<Option<Error>>) {
        let mut ticks: u32 = 0;
        while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            ticks = ticks.wrapping_add(1);
            let log = self.log.filter(|_| ticks.is_multiple_of(FLUSH));
            if let Some(Err(error)) = log.map(Deliveries::flush) {
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                called_off.interrupt();
            }
            let (now, elapsed) = self.run.now(self.began);
            let progress = self.told.get(elapsed);
            // A catalog that is busy is asked again at the next tick.
            match self.run.catalog().tick_job(self.run.begun, &progress, now) {
                Ok(Some(JobState::Cancelled)) => called_off.cancel(),
                // Somebody else is at work on it, or it was forgotten: whatever this does is lost.
                Ok(Some(JobState::Interrupted) | None) => called_off.interrupt(),
                Ok(Some(_)) | Err(_) => {}
            }
        }
    }
}

/// What a panic is to whoever waits for the ingest.
pub(crate) fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    JobError::Panicked { message: text.unwrap_or_else(|| "no message".to_owned()) }.into()
}

/// Blots secrets out of what a panic said; errors of the source are blotted out where they arise.
fn without_secrets(error: Error, secrets: &Secrets) -> Error {
    match error {
        Error::Job(JobError::Panicked { message }) => {
            JobError::Panicked { message: secrets.blot(&message) }.into()
        }
        error => error,
    }
}
