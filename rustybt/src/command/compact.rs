//! `rustybt compact`: the segments that appends left become one file a period.

use clap::Args;
use rustybt_bundles::{BundleName, CompactReport, Outcome};
use serde_json::{Value, json};

use super::Context;
use super::ingest::{count, counted};
use crate::environment;
use crate::error::Error;
use crate::output::{self, OutputArgs};

/// See [`super::Command::Compact`].
#[derive(Debug, Args)]
pub(crate) struct CompactArgs {
    /// The bundle
    #[arg(value_name = "BUNDLE")]
    bundle: BundleName,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Compacts, and says what became fewer.
pub(super) fn run(args: &CompactArgs, context: &Context) -> Result<(), Error> {
    let report = context.store()?.compact(&args.bundle, environment::now())?;
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&args.bundle, &report),
        || object(&args.bundle, &report),
        context.quiet,
    )
}

fn text(bundle: &BundleName, report: &CompactReport) -> String {
    if let Outcome::Unchanged { version } = report.outcome {
        return format!("{bundle}: unchanged, the files of version {version} are as few as can be");
    }
    format!(
        "{bundle}: version {}, {} where there were {}, {} bytes where there were {}",
        report.outcome.version(),
        counted(report.files, "file"),
        count(report.files_before),
        count(report.bytes),
        count(report.bytes_before),
    )
}

fn object(bundle: &BundleName, report: &CompactReport) -> Value {
    json!({
        "bundle": bundle,
        "version": report.outcome.version(),
        "unchanged": matches!(report.outcome, Outcome::Unchanged { .. }),
        "files_before": report.files_before,
        "files": report.files,
        "bytes_before": report.bytes_before,
        "bytes": report.bytes,
        "bytes_written": report.bytes_written,
    })
}
