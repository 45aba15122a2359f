//! `rustybt freeze`: a copy of the catalog that never changes, for DuckDB and for publishing.

use std::path::PathBuf;

use clap::Args;
use rustybt_bundles::FreezeOptions;
use serde_json::json;

use super::Context;
use super::copies::{ReportArgs, copying};
use super::ingest::{count, counted};
use crate::environment;
use crate::error::Error;

/// See [`super::Command::Freeze`].
#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// The file to write
    #[arg(value_name = "OUT")]
    frozen: PathBuf,
    /// Bring the data files into this folder, too
    #[arg(long, value_name = "DIR")]
    with_data: Option<PathBuf>,
    /// Write into the copy that the data lie here: a folder or an address [default: where they lie]
    #[arg(long, value_name = "PATH")]
    data_path: Option<String>,
    /// Copy the data files even where a second name for them would do
    #[arg(long, requires = "with_data")]
    copy: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Freezes, and says where the copy takes its data from.
pub(super) fn run(args: &FreezeArgs, context: &Context) -> Result<(), Error> {
    let options = FreezeOptions {
        with_data: args.with_data.clone(),
        data_path: args.data_path.clone(),
        copy: args.copy,
        ..FreezeOptions::new(environment::now())
    };
    let report = copying(context, "freeze", |progress| {
        Ok(context.store()?.freeze(&args.frozen, &options, progress)?)
    })?;
    args.report.give(
        context,
        || {
            format!(
                "{}: {} of {}, data in {}\n{} ({} bytes), {} brought",
                report.catalog.display(),
                counted(report.versions, "version"),
                counted(report.bundles, "bundle"),
                report.data_path,
                counted(report.files, "file"),
                count(report.bytes),
                count(report.files_brought),
            )
        },
        || {
            json!({
                "catalog": report.catalog, "data_path": report.data_path,
                "bundles": report.bundles, "versions": report.versions,
                "files": report.files, "bytes": report.bytes,
                "files_brought": report.files_brought,
            })
        },
    )
}
