//! The program and the workspace as a whole.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod appends;
mod architecture;
mod broken;
mod caches;
mod calendar;
mod cli;
mod futures;
mod golden;
mod interrupt;
mod jobs;
mod memory;
mod no_bundle;
mod pipeline_tables;
mod program;
mod query;
mod real;
mod real_markets;
mod retention;
mod settings;
mod tables;
mod tidy;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
mod trades;
