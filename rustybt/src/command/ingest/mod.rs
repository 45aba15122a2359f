//! `rustybt ingest`: one ingest, one new version, and a report of what was taken in and what was not.

mod report;

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;
use rustybt_bundles::{
    At, BundleName, IngestOptions, IngestReport, Locking, Progress, Recipe, Store,
};
use rustybt_calendars::calendar;
use rustybt_data::{Field, Selection, Source};

pub(super) use self::report::count;
use super::Context;
use super::register::{follow, new};
use super::selection::{SelectionArgs, WorkArgs};
use crate::environment;
use crate::error::Error;
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
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Ingests, reports, and says by its code whether something is in quarantine.
pub(super) fn run(args: &IngestArgs, context: &Context) -> Result<ExitCode, Error> {
    let recipe = recipe(args, context)?;
    let source = rustybt_adapters::open(&recipe.source, &recipe.options)?;
    let store = context.store_or_new()?;
    let report =
        ingest(&store, &args.bundle, source.as_ref(), &recipe, args.work.locking(), context)?;
    report::give(&args.bundle, &report, &args.output, context)?;
    if report.files_written > 0 {
        lay_out(&store, &args.bundle)?;
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

/// Ingests what a recipe says, with progress.
pub(super) fn ingest(
    store: &Store,
    bundle: &BundleName,
    source: &dyn Source,
    recipe: &Recipe,
    locking: Locking,
    context: &Context,
) -> Result<IngestReport, Error> {
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
            meter.set(progress.phase.name(), progress.done, progress.total);
        }
    };
    let began = Instant::now();
    let clock = || began.elapsed();
    let options = IngestOptions {
        workers: context.settings.workers.value.get(),
        memory: context.settings.memory.value.bytes(),
        locking,
        clock: Some(&clock),
        ..IngestOptions::new(selection, environment::now())
    };
    Ok(store.ingest(bundle, source, &options, &progress)?)
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
        return follow(&args.selection, registered.ok_or_else(unknown)?);
    };
    let mut recipe = new(source, context)?;
    if context.settings.calendar.origin == Origin::Default
        && let Some(Ok(calendar)) = store.map(|store| store.calendar(&args.bundle))
    {
        // A bundle keeps its calendar; nobody has to say it again.
        recipe.calendar = calendar;
    }
    follow(&args.selection, recipe)
}
