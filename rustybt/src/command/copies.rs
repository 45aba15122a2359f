//! What every command that copies a store has: a meter of bytes, and a report on stdout.

use std::sync::Mutex;

use clap::Args;
use rustybt_bundles::Copying;
use serde_json::Value;

use super::Context;
use crate::error::Error;
use crate::output::{self, Format, OutputArgs};

/// In which form a command reports that writes a file or a folder of another kind.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// The form of the report: text, or json
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub(crate) format: Option<Format>,
}

impl ReportArgs {
    /// Gives the report.
    pub(super) fn give(
        &self,
        context: &Context,
        text: impl FnOnce() -> String,
        object: impl FnOnce() -> Value,
    ) -> Result<(), Error> {
        let output = OutputArgs { format: self.format, out: None };
        output::report(&output, context.settings.format.value, text, object, context.quiet)
    }
}

/// Copies files with a meter that counts bytes.
pub(super) fn copying<T>(
    context: &Context,
    stage: &'static str,
    work: impl FnOnce(&(dyn Fn(Copying) + Sync)) -> Result<T, Error>,
) -> Result<T, Error> {
    let meter = Mutex::new(context.meter());
    work(&|copying| {
        if let Ok(mut meter) = meter.lock() {
            meter.set(stage, copying.bytes, copying.bytes_total);
        }
    })
}
