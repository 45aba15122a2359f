//! `rustybt clean`: drops versions, then deletes the files that nobody has any more.

use clap::Args;
use rustybt_bundles::{BundleName, CleanOptions, CleanReport, Old};
use rustybt_calendars::Timestamp;
use serde_json::{Value, json};

use super::Context;
use super::ingest::{count, counted};
use crate::environment;
use crate::error::Error;
use crate::moment::{Moment, Span};
use crate::output::{self, OutputArgs};

/// See [`super::Command::Clean`].
#[derive(Debug, Args)]
pub(crate) struct CleanArgs {
    /// Only this bundle
    #[arg(value_name = "BUNDLE")]
    bundle: Option<BundleName>,
    /// Drop versions that are not among so many newest ones
    #[arg(long, value_name = "N")]
    keep_last: Option<u64>,
    /// Drop versions made before this moment, or before this date
    #[arg(long, value_name = "MOMENT")]
    before: Option<Moment>,
    /// Drop versions made after this moment, or after this date
    #[arg(long, value_name = "MOMENT")]
    after: Option<Moment>,
    /// Keep the files of dropped versions for so long: 0, 30m, 24h, 7d
    #[arg(long, value_name = "TIME", default_value = "24h")]
    grace: Span,
    /// Say what would go, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Cleans, and says everything that went.
pub(super) fn run(args: &CleanArgs, context: &Context) -> Result<(), Error> {
    let old = Old {
        keep_last: args.keep_last,
        before: args.before.map(first),
        after: args.after.map(last),
    };
    let options = CleanOptions {
        grace: args.grace.get(),
        dry_run: args.dry_run,
        tiles_max_bytes: context.settings.tiles_max_bytes.value.map(|bytes| bytes.get() as u64),
        ..CleanOptions::new(old, environment::now())
    };
    let report = match (context.store_if_any()?, &args.bundle) {
        (Some(store), bundle) => store.clean(bundle.as_ref(), &options)?,
        (None, None) => CleanReport::default(),
        // Asked for by name, a bundle must be there: opening the store says why it is not.
        (None, Some(name)) => context.store()?.clean(Some(name), &options)?,
    };
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&report, context.verbose),
        || object(&report),
        context.quiet,
    )
}

/// The first moment of a date.
fn first(moment: Moment) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Session(date) => date.midnight(),
    }
}

/// The last moment of a date.
pub(super) fn last(moment: Moment) -> Timestamp {
    match moment {
        Moment::Instant(at) => at,
        Moment::Session(date) => date.plus_days(1).midnight().plus_nanos(-1),
    }
}

fn text(report: &CleanReport, all: bool) -> String {
    let mut lines = Vec::new();
    let would = if report.dry_run { "would be " } else { "" };
    for it in &report.dropped {
        lines.push(format!(
            "{would}dropped: {} version {} of {} (snapshot {})",
            it.bundle, it.version, it.created, it.snapshot
        ));
    }
    for it in &report.kept {
        lines.push(format!("kept: {} version {}: {}", it.bundle, it.version, it.why));
    }
    if report.dropped.is_empty() {
        lines.push(format!("no version {}dropped", if report.dry_run { "would be " } else { "" }));
    }
    lines.push(format!(
        "{} ({} bytes) {would}no longer needed; {} ({} bytes) {would}deleted, \
         {} ({} bytes) wait",
        counted(report.freed_files, "file"),
        count(report.freed_bytes),
        counted(report.deleted.len() as u64, "file"),
        count(report.deleted_bytes),
        counted(report.waiting_files, "file"),
        count(report.waiting_bytes),
    ));
    if report.recovered.files > 0 {
        lines.push(format!(
            "{} ({} bytes) of killed ingests deleted",
            counted(report.recovered.files, "file"),
            count(report.recovered.bytes),
        ));
    }
    if report.tiles > 0 {
        let (tiles, bytes) = (counted(report.tiles, "tile"), count(report.tiles_bytes));
        lines.push(format!("{tiles} ({bytes} bytes) {would}deleted"));
    }
    if all {
        lines.extend(
            report.deleted.iter().map(|path| format!("{would}deleted: {}", path.display())),
        );
    }
    lines.join("\n")
}

fn object(report: &CleanReport) -> Value {
    let dropped: Vec<Value> = report
        .dropped
        .iter()
        .map(|it| {
            json!({
                "bundle": it.bundle, "version": it.version, "snapshot": it.snapshot,
                "created": it.created.to_string(),
            })
        })
        .collect();
    let kept: Vec<Value> = report
        .kept
        .iter()
        .map(|it| json!({ "bundle": it.bundle, "version": it.version, "why": it.why.to_string() }))
        .collect();
    json!({
        "dry_run": report.dry_run,
        "dropped": dropped,
        "kept": kept,
        "freed_files": report.freed_files,
        "freed_bytes": report.freed_bytes,
        "deleted": report.deleted,
        "deleted_bytes": report.deleted_bytes,
        "waiting_files": report.waiting_files,
        "waiting_bytes": report.waiting_bytes,
        "recovered_files": report.recovered.files,
        "recovered_bytes": report.recovered.bytes,
        "tiles": report.tiles,
        "tiles_bytes": report.tiles_bytes,
    })
}
