//! What a store does with jobs: runs, lists, resumes, cancels and forgets them.

use std::cell::Cell;
use std::time::Duration;

use rustybt_calendars::Timestamp;
use rustybt_data::{Selection, Source};

use super::run::Run;
use super::secrets::redacted;
use super::{JobFilter, JobId, JobInfo, JobState, Owner};
use crate::catalog::{Begun, NewJob};
use crate::ingest::IngestOptions;
use crate::lock::{StagingLock, WriteLock, host};
use crate::report::{IngestReport, Progress};
use crate::store::again;
use crate::vfs::Step;
use crate::{BundleName, Error, Holder, JobError, Recipe, Store};

impl Store {
    /// Ingests a source into a bundle: everything it brings becomes one new version, or nothing
    /// does.
    ///
    /// Bars are added to those the bundle has; where both have a bar of an asset at a stamp, the
    /// new one counts. A source that brings nothing new makes no version and writes no file.
    /// `progress` is called from several threads.
    ///
    /// The ingest is a job from its first moment on: [`jobs`](Self::jobs) shows it, and if it is
    /// stopped or fails, [`resume`](Self::resume) goes on with what it had.
    ///
    /// # Errors
    ///
    /// [`Error::Survey`] and [`Error::Fetch`] where the source fails, [`Error::NothingIngested`]
    /// where it has no good bar, [`Error::SidTaken`] and [`Error::SidChanged`] where its assets
    /// contradict those of the bundle, [`Error::TooManyDigits`] where numbers do not fit,
    /// [`Error::Busy`] where another ingest of the bundle is at work and does not end within
    /// [`IngestOptions::locking`] allows, [`Error::OtherCalendar`], [`JobError::Interrupted`] and
    /// [`JobError::Cancelled`] where it was stopped, [`JobError::Panicked`] where the source panicked.
    pub fn ingest(
        &self,
        name: &BundleName,
        source: &dyn Source,
        options: &IngestOptions<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<IngestReport, Error> {
        self.at_work(name, None, source, options, progress)
    }

    /// Goes on with a job that was interrupted or failed.
    ///
    /// `source` and `options` are those of the job; secrets are given again, for they are not
    /// written down. The source is surveyed again. What the job had of a part that is as it was is
    /// not fetched again, and the version is the one that the job would have made without the
    /// interruption. Where the bundle has a newer version by now, the result is as if the job had
    /// begun after it.
    ///
    /// # Errors
    ///
    /// [`JobError::UnknownJob`], [`JobError::NotResumable`] where it has ended or is running,
    /// [`JobError::OtherRecipe`] where source or options are not the job's; and as
    /// [`ingest`](Self::ingest).
    pub fn resume(
        &self,
        job: JobId,
        source: &dyn Source,
        options: &IngestOptions<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<IngestReport, Error> {
        let found = self.found_job(job)?;
        if !found.state.is_resumable() {
            return Err(Error::Job(JobError::NotResumable { job, state: found.state }));
        }
        if let Some(what) = difference(&found.recipe, &recipe(source, options)) {
            return Err(Error::Job(JobError::OtherRecipe { job, what }));
        }
        self.at_work(&found.bundle, Some(job), source, options, progress)
    }

    /// The jobs there are, in the order in which they were created.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`].
    pub fn jobs(&self, filter: &JobFilter) -> Result<Vec<JobInfo>, Error> {
        let mut jobs = self.catalog().jobs()?;
        let dead: Vec<&JobInfo> = jobs.iter().filter(|job| self.is_dead(job)).collect();
        if !dead.is_empty() {
            for job in dead {
                // Its process was killed, or the machine stopped; unless it ended just now.
                self.catalog().job_is_dead(job)?;
            }
            jobs = self.catalog().jobs()?;
        }
        jobs.retain(|job| filter.takes(job));
        Ok(jobs)
    }

    /// One job, by its name, by its number, or by the beginning of its name.
    ///
    /// # Errors
    ///
    /// [`JobError::UnknownJob`], and [`JobError::AmbiguousJob`] where several begin like that.
    pub fn job(&self, text: &str) -> Result<JobInfo, Error> {
        let mut meant = self.jobs(&JobFilter::default())?;
        meant.retain(|job| job.id.is_meant_by(text));
        match meant.pop() {
            None => Err(Error::Job(JobError::UnknownJob { text: text.to_owned() })),
            Some(job) if meant.is_empty() => Ok(job),
            Some(job) => {
                let known = meant.into_iter().chain([job]).map(|job| job.id).collect();
                Err(Error::Job(JobError::AmbiguousJob { text: text.to_owned(), known }))
            }
        }
    }

    /// The last job of a bundle, if it can go on.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`].
    pub fn unfinished_job(&self, bundle: &BundleName) -> Result<Option<JobInfo>, Error> {
        let filter = JobFilter { bundle: Some(bundle.clone()), state: None };
        let jobs = self.jobs(&filter)?;
        // What came before the last version that was made is made of older data.
        let mut since = jobs.into_iter().rev().take_while(|job| job.state != JobState::Done);
        Ok(since.find(|job| job.state.is_resumable()))
    }

    /// Calls a job off. A running one notices within about a second, and ends; what it had is
    /// freed. `now` is when.
    ///
    /// # Errors
    ///
    /// [`JobError::UnknownJob`], [`JobError::NotCancellable`] where it has ended already.
    pub fn cancel(&self, job: JobId, now: Timestamp) -> Result<(), Error> {
        let found = self.found_job(job)?;
        if !self.catalog().cancel_job(job, now)? {
            return Err(Error::Job(JobError::NotCancellable { job, state: found.state }));
        }
        // A running one frees what it has itself.
        if found.state != JobState::Running {
            self.free_job(job)?;
        }
        Ok(())
    }

    /// Forgets the jobs that ended longer than `max_age` ago, and frees what they had. Those that
    /// were interrupted count from when they were last heard of. A job that ended after `now`, by
    /// some other clock, is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`], [`Error::Io`].
    pub fn clean_jobs(&self, max_age: Duration, now: Timestamp) -> Result<Vec<JobInfo>, Error> {
        let mut cleaned = Vec::new();
        for job in self.jobs(&JobFilter::default())? {
            let ended = job.finished.unwrap_or(job.updated);
            let age = i128::from(now.nanos()) - i128::from(ended.nanos());
            let old = age >= 0 && age.unsigned_abs() >= max_age.as_nanos();
            if job.state != JobState::Running && old {
                self.free_job(job.id)?;
                self.catalog().forget_job(job.id)?;
                cleaned.push(job);
            }
        }
        Ok(cleaned)
    }

    /// Runs a job, a new one or one that goes on, while nobody else writes the bundle.
    fn at_work(
        &self,
        name: &BundleName,
        resumed: Option<JobId>,
        source: &dyn Source,
        options: &IngestOptions<'_>,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<IngestReport, Error> {
        let calendar = options.selection.calendar.name();
        let known = Cell::new(resumed);
        again(|| {
            let made = self.catalog().make_bundle(name, calendar)?;
            let holder = Holder::this(options.now, None);
            let owner = Owner { pid: holder.pid, host: holder.host.clone() };
            let locked = (name, made.id);
            let (layout, locking) = (&self.layout, options.locking);
            let lock = WriteLock::take(layout, locked, locking, &holder, options.stop)?;
            // While it waited, another ingest may have published, or failed and taken it away.
            let bundle = self.catalog().make_bundle(name, calendar)?;
            if bundle.id != made.id {
                let (name, base, head) = (name.clone(), made.head, bundle.head);
                return Err(Error::Conflict { name, base, head });
            }
            let fence = lock.as_ref().map(|_| self.catalog().draw_fence(bundle.id)).transpose()?;
            // What dead ingests left takes space; that it cannot be removed now harms nobody else.
            let _ = self.recover();
            let recipe = recipe(source, options);
            let (base, now) = (bundle.head, options.now);
            let new = NewJob { bundle: bundle.id, name, recipe: &recipe, base, fence, owner, now };
            layout.vfs().reached(Step::JobCreate);
            let (begun, _at_work) = self.begin(known.get(), &new)?;
            known.set(Some(begun.id));
            let first = bundle.head.is_none();
            let id = bundle.id;
            let (layout, catalog, files) = (&self.layout, &self.catalog, &self.files);
            let run =
                Run { layout, catalog, files, bundle, begun, fence, source, options, progress };
            let result = run.run();
            if result.is_err() && first {
                self.catalog().drop_empty_bundle(id)?;
            }
            result
        })
    }

    /// Writes down that a job begins, or goes on. Its lock is taken before: a job that is running
    /// always holds it.
    fn begin(&self, known: Option<JobId>, new: &NewJob<'_>) -> Result<(Begun, StagingLock), Error> {
        if let Some(job) = known {
            let lock = StagingLock::take(&self.layout, &job.to_string())?;
            return Ok((self.catalog().reopen_job(job, new)?, lock));
        }
        loop {
            let job = JobId::new(self.catalog().last_job()? + 1);
            let lock = StagingLock::take(&self.layout, &job.to_string())?;
            if let Some(begun) = self.catalog().create_job(job, new)? {
                return Ok((begun, lock));
            }
        }
    }

    /// Removes what a job that is not running has staged.
    fn free_job(&self, job: JobId) -> Result<(), Error> {
        let id = job.to_string();
        // Somebody may just be going on with it.
        let Some(_dead) = StagingLock::of_dead(&self.layout, &id)? else { return Ok(()) };
        let folder = self.layout.job(&id);
        self.layout.vfs().remove_folder(&folder).map_err(Error::io("remove", &folder))?;
        self.catalog().forget_points(job)
    }

    /// Whether a job says that it is running, and is not. Those of other machines are believed.
    fn is_dead(&self, job: &JobInfo) -> bool {
        job.state == JobState::Running
            && (job.owner.host.is_empty() || job.owner.host == host())
            && !StagingLock::is_held(&self.layout, &job.id.to_string())
    }

    fn found_job(&self, job: JobId) -> Result<JobInfo, Error> {
        let mut jobs = self.jobs(&JobFilter::default())?;
        jobs.retain(|found| found.id == job);
        jobs.pop().ok_or_else(|| Error::Job(JobError::UnknownJob { text: job.to_string() }))
    }
}

/// What a job is told to do, as it may be written down.
fn recipe(source: &dyn Source, options: &IngestOptions<'_>) -> Recipe {
    let Selection { symbols, start, end, frequency, calendar } = options.selection.clone();
    Recipe {
        source: source.name().to_owned(),
        options: redacted(&options.settings),
        symbols,
        start,
        end,
        frequency,
        calendar: calendar.name().to_owned(),
    }
}

/// What differs between what a job was told to do and what it is told now.
fn difference(job: &Recipe, given: &Recipe) -> Option<&'static str> {
    let Recipe { source, options, symbols, start, end, frequency, calendar } = job;
    [
        ("source", *source == given.source),
        ("options", *options == given.options),
        ("symbols", *symbols == given.symbols),
        ("start", *start == given.start),
        ("end", *end == given.end),
        ("frequency", *frequency == given.frequency),
        ("calendar", *calendar == given.calendar),
    ]
    .into_iter()
    .find(|(_, same)| !same)
    .map(|(what, _)| what)
}
