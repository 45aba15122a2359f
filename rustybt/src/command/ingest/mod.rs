//! `rustybt ingest`: one ingest, one new version, and a report of what was taken in and what was not.

mod report;
pub(super) mod resume;

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;
use rustybt_bundles::{
    At, BundleName, IngestOptions, IngestReport, JobId, Locking, Progress, Recipe, Store,
};
use rustybt_calendars::calendar;
use rustybt_data::{Field, Selection, Source};

pub(super) use self::report::{count, counted};
use super::Context;
use super::register::{follow, new};
use super::selection::{SelectionArgs, WorkArgs};
use crate::environment;
use crate::error::Error;
use crate::interrupt::Stoppable;
use crate::output::OutputArgs;
use crate::settings::Origin;

/// The code of an ingest that put something into quarantine.
const QUARANTINED: u8 = 3;

/// See [`super::Command::Ingest`].
#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// The bundle: a-z, 0-9, - and _
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    /// Go on with the last job of this bundle, if it was stopped before its end
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Ingests, reports, and says by its code whether something is in quarantine.
pub(super) fn run(args: &IngestArgs, context: &Context) -> Result<ExitCode, Error> {
    let job = match context.store_if_any()? {
        Some(store) if args.resume => {
            let job = resume::last(&store, &args.bundle, context)?;
            job.map(|job| Ok::<_, Error>((resume::recipe(&store, &job, &[])?, job))).transpose()?
        }
        _ => None,
    };
    let (recipe, job) = match job {
        // Flags that say something else than the job did are refused when it goes on.
        Some((recipe, job)) if args.selection.source.is_none() => {
            (follow(&args.selection, recipe, context)?, Some(job.id))
        }
        job => (recipe(args, context)?, job.map(|(_, job)| job.id)),
    };
    let source = rustybt_adapters::open(&recipe.source, &recipe.options)?;
    let store = context.store_or_new()?;
    let work = Work { recipe: &recipe, locking: args.work.locking(), job };
    let report = ingest(&store, &args.bundle, source.as_ref(), &work, context)?;
    finish(&store, &args.bundle, &report, &args.output, context)
}

/// What is to be ingested, and how.
pub(super) struct Work<'a> {
    pub(super) recipe: &'a Recipe,
    /// What to do where another ingest writes the bundle.
    pub(super) locking: Locking,
    /// The job to go on with.
    pub(super) job: Option<JobId>,
}

/// Gives the report; the code says whether something is in quarantine.
fn finish(
    store: &Store,
    bundle: &BundleName,
    report: &IngestReport,
    output: &OutputArgs,
    context: &Context,
) -> Result<ExitCode, Error> {
    report::give(bundle, report, output, context)?;
    if report.files_written > 0 {
        lay_out(store, bundle)?;
    }
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(QUARANTINED) })
}

/// Has the closes laid out for reading, so that the first question does not wait for it.
fn lay_out(store: &Store, bundle: &BundleName) -> Result<(), Error> {
    if let Some(daily) = store.bundle(bundle, At::Latest)?.daily()
        && let Some(&sid) = daily.sids().first()
    {
        daily.run(Field::Close, sid, 0)?;
    }
    Ok(())
}

/// Ingests what a recipe says, with progress; the first Ctrl-C stops it gently.
pub(super) fn ingest(
    store: &Store,
    bundle: &BundleName,
    source: &dyn Source,
    work: &Work<'_>,
    context: &Context,
) -> Result<IngestReport, Error> {
    let recipe = work.recipe;
    let selection = Selection {
        symbols: recipe.symbols.clone(),
        start: recipe.start,
        end: recipe.end,
        frequency: recipe.frequency,
        calendar: calendar(&recipe.calendar)?,
    };
    let meter = Mutex::new(context.meter());
    let progress = |progress: Progress| {
        if let Ok(mut meter) = meter.lock() {
            meter.ingest(&progress);
        }
    };
    let began = Instant::now();
    let clock = || began.elapsed();
    let stoppable = Stoppable::begin();
    let options = IngestOptions {
        workers: context.settings.workers.value.get(),
        memory: context.settings.memory.value.bytes(),
        locking: work.locking,
        clock: Some(&clock),
        settings: recipe.options.clone(),
        stop: Some(stoppable.stop()),
        ..IngestOptions::new(selection, environment::now())
    };
    Ok(match work.job {
        Some(job) => store.resume(job, source, &options, &progress)?,
        None => store.ingest(bundle, source, &options, &progress)?,
    })
}

/// What flags spell out, or else what was registered, changed where flags say so.
fn recipe(args: &IngestArgs, context: &Context) -> Result<Recipe, Error> {
    let store = context.store_if_any()?;
    let Some(source) = &args.selection.source else {
        let registered = match store.map(|store| store.recipe(&args.bundle)) {
            Some(Err(rustybt_bundles::Error::UnknownBundle { .. })) | None => None,
            Some(recipe) => recipe?,
        };
        let unknown = || Error::NoRecipe { bundle: args.bundle.to_string() };
        return follow(&args.selection, registered.ok_or_else(unknown)?, context);
    };
    let mut recipe = new(source, context)?;
    if context.settings.calendar.origin == Origin::Default
        && let Some(Ok(calendar)) = store.map(|store| store.calendar(&args.bundle))
    {
        // A bundle keeps its calendar; nobody has to say it again.
        recipe.calendar = calendar;
    }
    follow(&args.selection, recipe, context)
}
