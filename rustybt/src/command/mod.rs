//! The commands: what each takes, what each does.

mod calendar;
mod config;

use std::process::ExitCode;

use clap::Subcommand;

use self::calendar::CalendarCommand;
use self::config::ConfigCommand;
use crate::arguments::Arguments;
use crate::error::Error;
use crate::output::{self, OutputArgs, Table};
use crate::progress::Meter;
use crate::settings::{Flags, Settings};

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Trading calendars: list, sessions, why, next
    #[command(subcommand)]
    Calendar(CalendarCommand),
    /// Settings and where they come from
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What every command is handed.
#[derive(Debug)]
struct Context {
    settings: Settings,
    quiet: bool,
    verbose: bool,
}

impl Context {
    /// Gives rows in the form that flags and settings ask for.
    fn give(&self, table: &Table, output: &OutputArgs) -> Result<(), Error> {
        output::give(table, output.out.as_deref(), self.settings.format.value)
    }

    /// A meter for long work.
    fn meter(&self) -> Meter {
        Meter::new(self.settings.progress.value, self.quiet)
    }
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    let Arguments { global, command } = arguments;
    let mut flags = Flags {
        config: global.config,
        data_dir: global.data_dir,
        progress: global.progress,
        ..Flags::default()
    };
    command.set(&mut flags);
    let context =
        Context { settings: Settings::resolve(flags)?, quiet: global.quiet, verbose: global.verbose > 0 };
    match command {
        Command::Calendar(CalendarCommand::List(args)) => calendar::list(&args, &context)?,
        Command::Calendar(CalendarCommand::Sessions(args)) => calendar::sessions(&args, &context)?,
        Command::Calendar(CalendarCommand::Why(args)) => calendar::why(&args)?,
        Command::Calendar(CalendarCommand::Next(args)) => calendar::next(&args, &context)?,
        Command::Config(ConfigCommand::Show(args)) => config::show(&args, &context)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Command {
    /// Adds the flags of a command that are settings.
    fn set(&self, flags: &mut Flags) {
        flags.format = self.output().and_then(|output| output.format);
    }

    fn output(&self) -> Option<&OutputArgs> {
        match self {
            Self::Calendar(CalendarCommand::List(args)) => Some(&args.output),
            Self::Calendar(CalendarCommand::Sessions(args)) => Some(&args.output),
            Self::Calendar(CalendarCommand::Next(args)) => Some(&args.output),
            Self::Calendar(CalendarCommand::Why(_)) => None,
            Self::Config(ConfigCommand::Show(args)) => Some(&args.output),
        }
    }
}
