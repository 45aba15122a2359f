//! The program and the workspace as a whole.

mod architecture;
mod calendar;
mod program;
mod settings;
mod tidy;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
