//! `rustybt verify`: hashes every file again and compares with the catalog.

use std::process::ExitCode;

use clap::Args;
use rustybt_bundles::{BundleName, VerifyReport};
use serde_json::{Value, json};

use super::Context;
use super::ingest::{count, counted};
use crate::error::Error;
use crate::output::{self, OutputArgs};

/// See [`super::Command::Verify`].
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Only the files of this bundle
    #[arg(value_name = "BUNDLE")]
    bundle: Option<BundleName>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Says which files are damaged; the code is that of a failure where some are.
pub(super) fn run(args: &VerifyArgs, context: &Context) -> Result<ExitCode, Error> {
    let report = match (context.store_if_any()?, &args.bundle) {
        (Some(store), bundle) => store.verify(bundle.as_ref())?,
        (None, None) => VerifyReport::default(),
        // Asked for by name, a bundle must be there: opening the store says why it is not.
        (None, Some(name)) => context.store()?.verify(Some(name))?,
    };
    output::report(
        &args.output,
        context.settings.format.value,
        || text(&report),
        || object(&report),
        context.quiet && report.is_sound(),
    )?;
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn text(report: &VerifyReport) -> String {
    let mut lines = vec![format!(
        "{} of {} of {} hashed, {} bytes: {}",
        counted(report.files, "file"),
        counted(report.versions, "version"),
        counted(report.bundles, "bundle"),
        count(report.bytes),
        if report.is_sound() { "all as the catalog says" } else { "some are damaged" },
    )];
    for damage in &report.damaged {
        lines.push(format!(
            "damaged: {} ({}): {}",
            damage.path.display(),
            damage.bundle,
            damage.fault
        ));
    }
    for path in &report.orphans {
        lines.push(format!("known to no version: {}", path.display()));
    }
    lines.join("\n")
}

fn object(report: &VerifyReport) -> Value {
    let damaged: Vec<Value> = report
        .damaged
        .iter()
        .map(|damage| {
            json!({ "bundle": damage.bundle, "path": damage.path, "fault": damage.fault.to_string() })
        })
        .collect();
    json!({
        "sound": report.is_sound(),
        "bundles": report.bundles,
        "versions": report.versions,
        "files": report.files,
        "bytes": report.bytes,
        "damaged": damaged,
        "orphans": report.orphans,
    })
}
