//! `rustybt retain`: what is too old leaves a bundle, in a new version; an archive may keep it.

use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::{Age, BundleName, RetainOptions, RetainPolicy, RetainReport, Store};
use serde_json::{Value, json};

use super::Context;
use super::copies::copying;
use super::ingest::{count, counted};
use crate::environment;
use crate::error::Error;
use crate::output::{self, OutputArgs, Table, Values, say};

/// See [`super::Command::Retain`].
#[derive(Debug, Args)]
pub(crate) struct RetainArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    /// The table, such as `bars_1m`; without it, the policies that were set are applied
    #[arg(long, value_name = "TABLE", requires = "older_than")]
    dataset: Option<String>,
    /// Whole periods that ended so long ago leave: 90d, 8w, 18mo, 2y
    #[arg(long, value_name = "AGE", requires = "dataset")]
    older_than: Option<Age>,
    /// Copy what leaves into this folder first
    #[arg(long, value_name = "DIR", requires = "dataset")]
    archive: Option<PathBuf>,
    /// Keep this as the policy of the table, and apply nothing now
    #[arg(long, requires = "dataset")]
    set: bool,
    /// Take the policy of this table away
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["dataset", "show"])]
    unset: Option<String>,
    /// Show the policies that were set
    #[arg(long, conflicts_with_all = ["dataset", "dry_run"])]
    show: bool,
    /// Say what would leave, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Sets, shows or applies policies.
pub(super) fn run(args: &RetainArgs, context: &Context) -> Result<(), Error> {
    let store = context.store()?;
    if args.show {
        return show(&store, args, context);
    }
    if let Some(dataset) = &args.unset {
        return set(&store, args, context, dataset, None);
    }
    let given = match (&args.dataset, args.older_than) {
        (Some(dataset), Some(older_than)) => Some(RetainPolicy {
            dataset: dataset.clone(),
            older_than,
            // A policy is followed from other folders, too.
            archive: args.archive.as_ref().map(absolute).transpose()?,
        }),
        _ => None,
    };
    if args.set {
        let dataset = args.dataset.as_deref().unwrap_or_default();
        return set(&store, args, context, dataset, given);
    }
    let policies = match given {
        Some(policy) => vec![policy],
        None => store.policies(&args.bundle)?,
    };
    if policies.is_empty() {
        return Err(Error::NoPolicy { bundle: args.bundle.to_string() });
    }
    let options = RetainOptions { now: environment::now(), dry_run: args.dry_run };
    let report = copying(context, "archive", |progress| {
        Ok(store.retain(&args.bundle, &policies, options, progress)?)
    })?;
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&args.bundle, &report),
        || object(&report),
        context.quiet,
    )
}

fn absolute(path: &PathBuf) -> Result<PathBuf, Error> {
    // An address is no path: the store says so.
    if path.to_str().is_some_and(|text| text.contains("://")) {
        return Ok(path.clone());
    }
    std::path::absolute(path).map_err(|source| Error::Io {
        action: "find",
        path: path.clone(),
        source,
    })
}

fn set(
    store: &Store,
    args: &RetainArgs,
    context: &Context,
    dataset: &str,
    policy: Option<RetainPolicy>,
) -> Result<(), Error> {
    let mut policies = store.policies(&args.bundle)?;
    policies.retain(|it| it.dataset != dataset);
    policies.extend(policy);
    policies.sort_by(|a, b| a.dataset.cmp(&b.dataset));
    store.set_policies(&args.bundle, &policies)?;
    if context.quiet {
        return Ok(());
    }
    say(format_args!("{} has {}", args.bundle, counted(policies.len() as u64, "policy")))
}

/// Columns: `dataset`, `older_than`, `archive`.
fn show(store: &Store, args: &RetainArgs, context: &Context) -> Result<(), Error> {
    let policies = store.policies(&args.bundle)?;
    let archive = |it: &RetainPolicy| {
        it.archive.as_ref().map(|path| path.to_string_lossy().into_owned().into())
    };
    let table = Table::new()
        .with_text("dataset", policies.iter().map(|it| it.dataset.as_str()))
        .with_text("older_than", policies.iter().map(|it| it.older_than.to_string()))
        .with("archive", Values::Text(policies.iter().map(archive).collect()));
    context.give(&table, &args.output)
}

fn text(bundle: &BundleName, report: &RetainReport) -> String {
    let mut lines: Vec<String> = report
        .periods
        .iter()
        .map(|it| {
            format!(
                "{} {}: {} in {} ({} bytes)",
                it.dataset,
                it.period,
                counted(it.rows, "row"),
                counted(it.files, "file"),
                count(it.bytes)
            )
        })
        .collect();
    lines.push(match report.version {
        Some(version) => format!(
            "{bundle}: version {version} is without them; {} ({} bytes) archived",
            counted(report.archived_files, "file"),
            count(report.archived_bytes)
        ),
        None if report.periods.is_empty() => format!("{bundle}: nothing is old enough"),
        None => format!("{bundle}: nothing was changed"),
    });
    lines.join("\n")
}

fn object(report: &RetainReport) -> Value {
    let periods: Vec<Value> = report
        .periods
        .iter()
        .map(|it| {
            json!({
                "dataset": it.dataset, "period": it.period, "files": it.files,
                "rows": it.rows, "bytes": it.bytes,
            })
        })
        .collect();
    json!({
        "dry_run": report.dry_run,
        "version": report.version,
        "periods": periods,
        "archived_files": report.archived_files,
        "archived_bytes": report.archived_bytes,
    })
}
