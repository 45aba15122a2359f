//! `rustybt backup`: everything, somewhere else, as it was at one moment.

use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::BackupOptions;
use serde_json::json;

use super::Context;
use super::copies::{ReportArgs, copying};
use super::ingest::{count, counted};
use crate::environment;
use crate::error::Error;

/// See [`super::Command::Backup`].
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// The folder of the backup: a new one, or that of an earlier backup
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// Give the data files a second name instead of copying them, on the same disk
    #[arg(long)]
    link: bool,
    /// Hash again what an earlier backup brought
    #[arg(long)]
    recheck: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Backs up, and says how much was new.
pub(super) fn run(args: &BackupArgs, context: &Context) -> Result<(), Error> {
    let options = BackupOptions {
        link: args.link,
        recheck: args.recheck,
        ..BackupOptions::new(environment::now())
    };
    let report = copying(context, "backup", |progress| {
        Ok(context.store()?.backup(&args.folder, &options, progress)?)
    })?;
    args.report.give(
        context,
        || {
            format!(
                "{}: {} of {}, {} ({} bytes), of these {} ({} bytes) new",
                report.folder.display(),
                counted(report.versions, "version"),
                counted(report.bundles, "bundle"),
                counted(report.files, "file"),
                count(report.bytes),
                count(report.files_new),
                count(report.bytes_new),
            )
        },
        || {
            json!({
                "folder": report.folder, "bundles": report.bundles, "versions": report.versions,
                "files": report.files, "bytes": report.bytes,
                "files_new": report.files_new, "bytes_new": report.bytes_new,
            })
        },
    )
}
