//! `rustybt jobs`: ingests that run, ran or were stopped.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rustybt_bundles::{BundleName, JobFilter, JobInfo, JobState};
use serde_json::json;

use super::Context;
use super::ingest::count;
use super::ingest::resume::{ResumeArgs, resume};
use crate::environment;
use crate::error::Error;
use crate::output::{self, OutputArgs, Table, Values, say};
use crate::span::Span;

/// See [`super::Command::Jobs`].
#[derive(Debug, Args)]
pub(crate) struct JobsArgs {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the jobs, oldest first
    #[command(after_help = "Example:\n  rustybt jobs list --state interrupted --format json")]
    List(ListArgs),
    /// Tell all about one job
    #[command(
        after_help = "Examples:\n  rustybt jobs show 12\n  rustybt jobs show 12-3fa9 --format json"
    )]
    Show(ShowArgs),
    /// Call a job off: a running one ends within about a second, and nothing of it is kept
    #[command(after_help = "Example:\n  rustybt jobs cancel 12")]
    Cancel(CancelArgs),
    /// Go on with a job that was interrupted or failed, without fetching again what it has
    #[command(after_help = "Example:\n  rustybt jobs resume 12")]
    Resume(ResumeArgs),
    /// Forget jobs that ended some time ago, and free what they had
    #[command(after_help = "Example:\n  rustybt jobs clean --max-age 24h")]
    Clean(CleanArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only the jobs of this bundle
    #[arg(long, value_name = "BUNDLE")]
    bundle: Option<BundleName>,
    /// Only the jobs in this state: running, interrupted, failed, cancelled, rejected or done
    #[arg(long, value_name = "STATE")]
    state: Option<JobState>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The job: its name, the beginning of its name, or its number
    #[arg(value_name = "ID")]
    job: String,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CancelArgs {
    /// The job: its name, the beginning of its name, or its number
    #[arg(value_name = "ID")]
    job: String,
}

#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    /// Forget those that ended at least this long ago
    #[arg(long, value_name = "SPAN", default_value = "24h")]
    max_age: Span,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

impl JobsArgs {
    pub(crate) fn output(&self) -> Option<&OutputArgs> {
        match &self.what {
            None => Some(&self.list.output),
            Some(What::List(args)) => Some(&args.output),
            Some(What::Show(args)) => Some(&args.output),
            Some(What::Resume(args)) => Some(&args.output),
            Some(What::Clean(args)) => Some(&args.output),
            Some(What::Cancel(_)) => None,
        }
    }

    pub(crate) fn resumed(&self) -> Option<&ResumeArgs> {
        if let Some(What::Resume(args)) = &self.what { Some(args) } else { None }
    }
}

/// Does what is asked for; without more words, lists.
pub(super) fn run(args: &JobsArgs, context: &Context) -> Result<ExitCode, Error> {
    match args.what.as_ref() {
        None => list(&args.list, context)?,
        Some(What::List(args)) => list(args, context)?,
        Some(What::Show(args)) => show(args, context)?,
        Some(What::Cancel(args)) => cancel(args, context)?,
        Some(What::Clean(args)) => clean(args, context)?,
        Some(What::Resume(args)) => return resume(args, context),
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &ListArgs, context: &Context) -> Result<(), Error> {
    let filter = JobFilter { bundle: args.bundle.clone(), state: args.state };
    let jobs = match context.store_if_any()? {
        Some(store) => store.jobs(&filter)?,
        None => Vec::new(),
    };
    context.give(&table(&jobs), &args.output)
}

/// Columns: `job`, `bundle`, `state`, `percent`, `rows`, `eta_seconds`, `created`, `version`.
fn table(jobs: &[JobInfo]) -> Table {
    let running = |job: &JobInfo| job.state == JobState::Running;
    let percent = |job: &JobInfo| (job.progress.percent * 10.0).round() / 10.0;
    let eta = |job: &JobInfo| job.progress.eta_seconds.filter(|_| running(job)).map(f64::ceil);
    let version = |job: &JobInfo| job.report.as_ref().and_then(|it| it.get("version")?.as_i64());
    Table::new()
        .with_text("job", jobs.iter().map(|job| job.id.to_string()))
        .with_text("bundle", jobs.iter().map(|job| job.bundle.as_str()))
        .with_text("state", jobs.iter().map(|job| job.state.name()))
        .with("percent", Values::Number(jobs.iter().map(percent).collect()))
        .with(
            "rows",
            Values::Integer(jobs.iter().map(|job| i64::try_from(job.progress.rows).ok()).collect()),
        )
        .with(
            "eta_seconds",
            Values::Integer(jobs.iter().map(|job| eta(job).map(|eta| eta as i64)).collect()),
        )
        .with("created", Values::Instant(jobs.iter().map(|job| Some(whole(job.created))).collect()))
        .with("version", Values::Integer(jobs.iter().map(version).collect()))
}

/// An instant without its fraction of a second.
fn whole(at: rustybt_calendars::Timestamp) -> rustybt_calendars::Timestamp {
    const SECOND: i64 = 1_000_000_000;
    rustybt_calendars::Timestamp::from_nanos(at.nanos() - at.nanos().rem_euclid(SECOND))
}

fn show(args: &ShowArgs, context: &Context) -> Result<(), Error> {
    let job = context.store()?.job(&args.job)?;
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&job),
        || json!(job),
        context.quiet,
    )
}

fn text(job: &JobInfo) -> String {
    let mut lines = vec![format!("job {}: {}", job.id, job.state)];
    let mut fact = |name: &str, value: String| lines.push(format!("  {name:<16}{value}"));
    fact("bundle", job.bundle.to_string());
    fact("source", job.recipe.source.clone());
    for (key, value) in &job.recipe.options {
        fact("option", format!("{key}={value}"));
    }
    if let Some(symbols) = &job.recipe.symbols {
        fact("symbols", symbols.len().to_string());
    }
    for (name, day) in [("start", job.recipe.start), ("end", job.recipe.end)] {
        if let Some(day) = day {
            fact(name, day.to_string());
        }
    }
    fact("calendar", job.recipe.calendar.clone());
    fact("from version", job.base_version.map_or("none".to_owned(), |version| version.to_string()));
    let host = if job.owner.host.is_empty() { "this machine" } else { &job.owner.host };
    fact("process", format!("{} on {host}", job.owner.pid));
    fact("created", whole(job.created).to_string());
    fact("updated", whole(job.updated).to_string());
    if let Some(finished) = job.finished {
        fact("finished", whole(finished).to_string());
    }
    let progress = &job.progress;
    fact("progress", format!("{:.1} % {}", progress.percent, progress.phase));
    if progress.parts_total > 0 {
        let (done, total) = (count(progress.parts), count(progress.parts_total));
        fact("parts", format!("{done} of {total}"));
        let speed = progress.rows_per_second.map(|speed| format!(", {}/s", count(speed as u64)));
        fact("rows", format!("{}{}", count(progress.rows), speed.unwrap_or_default()));
    }
    if progress.bytes_total > 0 {
        fact("bytes", format!("{} of {}", count(progress.bytes), count(progress.bytes_total)));
    }
    if let Some(eta) = progress.eta_seconds.filter(|_| job.state == JobState::Running) {
        fact("ready in", format!("{} s", count(eta.ceil() as u64)));
    }
    if let Some(version) = job.report.as_ref().and_then(|report| report.get("version")) {
        fact("version", version.to_string());
    }
    if let Some(error) = &job.error {
        fact("error", error.clone());
    }
    if job.state.is_resumable() {
        fact("go on", format!("rustybt jobs resume {}", job.id.number()));
    }
    lines.join("\n")
}

fn cancel(args: &CancelArgs, context: &Context) -> Result<(), Error> {
    let store = context.store()?;
    let job = store.job(&args.job)?;
    store.cancel(job.id, environment::now())?;
    if context.quiet {
        return Ok(());
    }
    let ends = if job.state == JobState::Running { "; its process ends in a moment" } else { "" };
    say(format_args!("job {} is cancelled{ends}", job.id))
}

fn clean(args: &CleanArgs, context: &Context) -> Result<(), Error> {
    let cleaned = match context.store_if_any()? {
        Some(store) => store.clean_jobs(args.max_age.0, environment::now())?,
        None => Vec::new(),
    };
    context.give(&table(&cleaned), &args.output)
}
