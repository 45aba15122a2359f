//! `rustybt restore`: a store from a backup.

use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::RestoreOptions;
use serde_json::json;

use super::Context;
use super::copies::{ReportArgs, copying};
use super::ingest::{count, counted};
use crate::error::Error;

/// See [`super::Command::Restore`].
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The folder of the backup; it goes to where --data-dir and --catalog say
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// Replace the store that is there; its catalog and its files stay beside the new ones
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Restores, and says what every file was compared with.
pub(super) fn run(args: &RestoreArgs, context: &Context) -> Result<(), Error> {
    let options = RestoreOptions { force: args.force };
    let (root, place) = context.place()?;
    let report = copying(context, "restore", |progress| {
        Ok(place.restore(&args.from, &root, options, progress)?)
    })?;
    args.report.give(
        context,
        || {
            let mut text = format!(
                "{}: {} of {}; {} ({} bytes) brought, all {} hashed and \
                 as the catalog says",
                report.root.display(),
                counted(report.verified.versions, "version"),
                counted(report.verified.bundles, "bundle"),
                counted(report.files_new, "file"),
                count(report.bytes_new),
                count(report.verified.files),
            );
            if let Some(catalog) = &report.replaced {
                text += "\nthe catalog that was there is now ";
                text += &catalog.to_string();
            }
            text
        },
        || {
            json!({
                "root": report.root, "bundles": report.verified.bundles,
                "versions": report.verified.versions, "files": report.verified.files,
                "bytes": report.verified.bytes, "files_new": report.files_new,
                "bytes_new": report.bytes_new, "replaced": report.replaced.as_ref().map(ToString::to_string),
            })
        },
    )
}
