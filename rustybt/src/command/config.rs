//! `rustybt config`: what is set, and by whom.

use clap::{Args, Subcommand};

use super::Context;
use crate::error::Error;
use crate::output::{OutputArgs, Table};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// List every setting, its value, and where the value came from
    #[command(after_help = "Example:\n  RUSTYBT_DATA_DIR=/data rustybt config show")]
    Show(ConfigShow),
}

/// See [`ConfigCommand::Show`].
#[derive(Debug, Args)]
pub(crate) struct ConfigShow {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Columns: `setting`, `value`, `origin`; later layers win: default < file < environment < flag.
pub(super) fn show(args: &ConfigShow, context: &Context) -> Result<(), Error> {
    let rows = context.settings.rows();
    let table = Table::new()
        .with_text("setting", rows.iter().map(|row| row.0))
        .with_text("value", rows.iter().map(|row| row.1.as_str()))
        .with_text("origin", rows.iter().map(|row| row.2.as_str()));
    context.give(&table, &args.output)
}
