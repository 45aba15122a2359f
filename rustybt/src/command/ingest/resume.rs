//! Going on with an ingest that was stopped.

use std::process::ExitCode;

use clap::Args;
use rustybt_bundles::{BundleName, JobInfo, Recipe, Store};

use super::{Work, finish};
use crate::command::Context;
use crate::command::selection::{WorkArgs, options};
use crate::error::Error;
use crate::output::OutputArgs;

/// What stands in the recipe of a job in place of a secret.
const BLOT: &str = "***";

/// See [`crate::command::Command::Jobs`].
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The job: its name, the beginning of its name, or its number
    #[arg(value_name = "ID")]
    job: String,
    /// A secret option of the adapter, which jobs do not keep; may be given several times
    #[arg(long = "opt", value_name = "KEY=VALUE")]
    options: Vec<String>,
    #[command(flatten)]
    pub(crate) work: WorkArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Goes on with the job that is named.
pub(in crate::command) fn resume(args: &ResumeArgs, context: &Context) -> Result<ExitCode, Error> {
    let store = context.store()?;
    let job = store.job(&args.job)?;
    let recipe = recipe(&store, &job, &args.options)?;
    let source = rustybt_adapters::open(&recipe.source, &recipe.options)?;
    let work = Work { recipe: &recipe, locking: args.work.locking(), job: Some(job.id) };
    let report = super::ingest(&store, &job.bundle, source.as_ref(), &work, context)?;
    finish(&store, &job.bundle, &report, &args.output, context)
}

/// The job to go on with: the last of the bundle, where it was stopped. Says which.
pub(super) fn last(
    store: &Store,
    bundle: &BundleName,
    context: &Context,
) -> Result<Option<JobInfo>, Error> {
    let job = store.unfinished_job(bundle)?;
    if !context.quiet {
        let text = match &job {
            Some(job) => format!(
                "going on with job {}, which was {} at {:.0} %",
                job.id, job.state, job.progress.percent
            ),
            None => format!("no job of `{bundle}` was stopped: this is a plain ingest"),
        };
        crate::output::note(&text);
    }
    Ok(job)
}

/// What a job was told to do, with the secrets that it does not keep.
pub(super) fn recipe(store: &Store, job: &JobInfo, given: &[String]) -> Result<Recipe, Error> {
    let mut recipe = job.recipe.clone();
    let given = options(given)?;
    let registered = match store.recipe(&job.bundle) {
        // A bundle that has no version yet may be there only while it is ingested.
        Err(rustybt_bundles::Error::UnknownBundle { .. }) => None,
        recipe => recipe?,
    };
    for (key, value) in &mut recipe.options {
        if let Some(given) = given.get(key) {
            value.clone_from(given);
        } else if value.contains(BLOT) {
            let known = registered.as_ref().and_then(|recipe| recipe.options.get(key));
            let missing = || Error::SecretNeeded { job: job.id.to_string(), key: key.clone() };
            value.clone_from(known.ok_or_else(missing)?);
        }
    }
    for (key, value) in given {
        recipe.options.entry(key).or_insert(value);
    }
    Ok(recipe)
}
