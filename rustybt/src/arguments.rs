//! The command line as a whole: global flags and the list of commands.

use std::path::PathBuf;

use clap::{ArgAction, Parser};
use rustybt_bundles::CatalogUrl;

use crate::command::Command;
use crate::progress::ProgressMode;

/// Versioned market-data bundles, point-in-time history, pipelines and strategies
#[derive(Debug, Parser)]
#[command(name = "rustybt", version, max_term_width = 100, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags that every command knows.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// Keep and look for bundles in this folder [default: ~/.rustybt]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Keep the catalog there: a file, or `postgres://USER@HOST/DATABASE` [default: in the data folder]
    #[arg(long, global = true, value_name = "URL", help_heading = "Global")]
    pub(crate) catalog: Option<CatalogUrl>,
    /// Read settings from this file [default: config.yaml in the data folder]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global")]
    pub(crate) config: Option<PathBuf>,
    /// How progress is shown on stderr [default: a bar on a terminal]
    #[arg(long, global = true, value_name = "MODE", help_heading = "Global")]
    pub(crate) progress: Option<ProgressMode>,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global")]
    pub(crate) verbose: u8,
    /// Say nothing but results and errors
    #[arg(long, global = true, conflicts_with = "verbose", help_heading = "Global")]
    pub(crate) quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  rustybt demo
  rustybt ingest us --source csvdir --opt path=prices --calendar XNYS
  rustybt history us AAPL --at 2014-06-10 --bars 5
  rustybt pipeline us momentum.pipe --start 2015-01-02 --end 2020-12-31 --out scores.parquet

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but something is in quarantine, 130 interrupted";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_calls_an_argument_as_all_commands_call_another() {
        // Such a pair would be found only when the command is run.
        fn walk(command: &clap::Command, global: &[clap::Id]) {
            for argument in command.get_arguments().filter(|argument| !argument.is_global_set()) {
                let (name, id) = (command.get_name(), argument.get_id());
                assert!(!global.contains(id), "`{name}` has an argument of its own called `{id}`");
            }
            for below in command.get_subcommands() {
                walk(below, global);
            }
        }
        let program = Arguments::command();
        let global = program.get_arguments().filter(|argument| argument.is_global_set());
        let global: Vec<_> = global.map(|argument| argument.get_id().clone()).collect();
        assert!(global.len() > 4);
        for command in program.get_subcommands() {
            walk(command, &global);
        }
    }
}
