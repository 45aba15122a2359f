//! The commands: what each takes, what each does.

mod backup;
mod bundle;
mod cache;
mod calendar;
mod clean;
mod compact;
mod config;
mod copies;
mod demo;
mod doctor;
mod freeze;
mod history;
mod ingest;
mod jobs;
mod list;
mod pin;
mod pipeline;
mod place;
mod query;
mod register;
mod restore;
mod retain;
mod selection;
mod sources;
mod stats;
mod table;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;

use self::backup::BackupArgs;
use self::cache::CacheCommand;
use self::calendar::CalendarCommand;
use self::clean::CleanArgs;
use self::compact::CompactArgs;
use self::config::ConfigCommand;
use self::demo::DemoArgs;
use self::doctor::DoctorArgs;
use self::freeze::FreezeArgs;
use self::history::HistoryArgs;
use self::ingest::IngestArgs;
use self::jobs::JobsArgs;
use self::list::{AssetsArgs, BundlesArgs, VersionsArgs};
use self::pin::PinArgs;
use self::pipeline::PipelineArgs;
use self::query::QueryArgs;
use self::register::RegisterArgs;
use self::restore::RestoreArgs;
use self::retain::RetainArgs;
use self::sources::SourcesArgs;
use self::stats::StatsArgs;
use self::table::TableArgs;
use self::verify::VerifyArgs;
use crate::arguments::Arguments;
use crate::calendars;
use crate::error::Error;
use crate::output::{self, OutputArgs, Table};
use crate::preset::Presets;
use crate::progress::Meter;
use crate::settings::{Flags, Settings};

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything once, offline, on a synthetic market: ingest, history, pipeline, strategy, report
    #[command(after_help = "Example:\n  rustybt demo --out tour")]
    Demo(DemoArgs),
    /// The adapters that bring data in
    #[command(after_help = "Examples:\n  rustybt sources\n  rustybt sources csvdir")]
    Sources(SourcesArgs),
    /// Keep how a bundle is made, so that `ingest BUNDLE` is enough from then on
    #[command(
        after_help = "Example:\n  rustybt register us --source csvdir --opt path=prices --calendar XNYS"
    )]
    Register(RegisterArgs),
    /// Take data into a bundle: one ingest, one new version, none if nothing changed
    #[command(
        after_help = "Examples:\n  rustybt ingest us --source csvdir --opt path=prices --calendar XNYS\n  \
                            rustybt ingest us\n  \
                            rustybt ingest us --resume"
    )]
    Ingest(IngestArgs),
    /// Ingests that run, ran or were stopped: list, show, cancel, resume, clean
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Examples:\n  rustybt jobs\n  rustybt jobs show 12\n  rustybt jobs resume 12\n  \
                      rustybt jobs clean --max-age 24h"
    )]
    Jobs(JobsArgs),
    /// List the bundles and the newest version of each
    #[command(after_help = "Example:\n  rustybt bundles --format json")]
    Bundles(BundlesArgs),
    /// List the versions of a bundle, oldest first
    #[command(after_help = "Example:\n  rustybt versions us")]
    Versions(VersionsArgs),
    /// Give a version a name, which keeps it; or list the names
    #[command(after_help = "Examples:\n  rustybt pin us 12 prod --note \"after the audit\"\n  \
                            rustybt pin us latest prod --move\n  rustybt pin us --remove prod\n  \
                            rustybt history us AAPL --version prod --at 2014-06-10 --bars 5")]
    Pin(PinArgs),
    /// Drop versions, then delete the files that nobody has any more
    #[command(
        after_help = "Every condition given must hold. The newest version, pinned ones and those that somebody\n\
                      reads stay. Without a condition only files that wait are deleted.\n\n\
                      Examples:\n  rustybt clean us --keep-last 10 --dry-run\n  \
                      rustybt clean --before 2024-01-01 --keep-last 3\n  rustybt clean us --grace 0"
    )]
    Clean(CleanArgs),
    /// What takes how much space
    #[command(
        after_help = "The size as CSV is reckoned from the rows of up to eight files of a table.\n\n\
                            Examples:\n  rustybt stats\n  rustybt stats us --format json"
    )]
    Stats(StatsArgs),
    /// Copy the catalog as it is now, for DuckDB and for publishing
    #[command(after_help = "Examples:\n  rustybt freeze us.ducklake\n  \
                            rustybt freeze lake/us.ducklake --with-data lake/data --data-path https://example.com/data/")]
    Freeze(FreezeArgs),
    /// Copy everything somewhere else, while ingests may go on; again, only what is new
    #[command(after_help = "Example:\n  rustybt backup /mnt/backup/rustybt")]
    Backup(BackupArgs),
    /// Make a store from a backup, and compare every file with its hash
    #[command(
        after_help = "Examples:\n  rustybt --data-dir ~/restored restore /mnt/backup/rustybt\n  \
                            rustybt --data-dir s3://bucket/market --catalog 'postgres://ann@db.example/market' restore /mnt/backup/rustybt"
    )]
    Restore(RestoreArgs),
    /// Let old periods leave a bundle in a new version, and keep them in an archive
    #[command(after_help = "Examples:\n  \
                            rustybt retain us --dataset bars_1m --older-than 2y --archive /mnt/archive --dry-run\n  \
                            rustybt retain us --dataset bars_1m --older-than 2y --set\n  rustybt retain us")]
    Retain(RetainArgs),
    /// List the assets of a bundle
    #[command(after_help = "Example:\n  rustybt assets us --as-of 2014-06-10")]
    Assets(AssetsArgs),
    /// Make one file a year of what appends left, in a new version with the same rows
    #[command(after_help = "Example:\n  rustybt compact us")]
    Compact(CompactArgs),
    /// Hash every file again and compare with the catalog
    #[command(after_help = "Examples:\n  rustybt verify\n  rustybt verify us")]
    Verify(VerifyArgs),
    /// Find and explain whatever is inconsistent in the store, and repair what is safe
    #[command(after_help = "Examples:\n  rustybt doctor\n  rustybt doctor --repair")]
    Doctor(DoctorArgs),
    /// Look back from a moment, as a table
    #[command(after_help = "Examples:\n  rustybt history us AAPL IBM --at 2014-06-10 --bars 5\n  \
                            rustybt history us AAPL --at 2014-06-10 --bars 5 --adjust none --exact\n  \
                            rustybt history us AAPL --at 2014-06-09T15:30Z --bars 30 --frequency 1m --field open --field volume")]
    History(HistoryArgs),
    /// List the tables of a bundle, or give the rows of one: trades, funding, fundamentals, yours
    #[command(after_help = "Examples:\n  rustybt table us\n  \
                      rustybt table us trades --symbols IBM --start 2013-10-07T13:30Z --limit 20 --exact\n  \
                      rustybt table us fundamentals --known-at 2020-01-31 --columns date,eps --out eps.parquet")]
    Table(TableArgs),
    /// Answer questions: JSON lines in on stdin, JSON lines out on stdout, in order
    #[command(
        after_help = "Example:\n  echo '{\"op\":\"current\",\"assets\":[\"AAPL\"],\"fields\":[\"price\"],\"at\":\"2014-06-10\"}' | rustybt query us"
    )]
    Query(QueryArgs),
    /// Run a pipeline file, draw the graph of its terms, or report what its factors foretold
    #[command(
        after_help = "Examples:\n  rustybt pipeline us momentum.pipe --start 2015-01-02 --end 2020-12-31 --out scores.parquet\n  \
                            rustybt pipeline us revisions.pipe --start 2020-01-02 --end 2020-12-31 --estimates Eps=estimates.csv\n  \
                            rustybt pipeline graph momentum.pipe --svg momentum.svg\n  \
                            rustybt pipeline report us momentum.pipe --start 2015-01-02 --end 2020-12-31 --html momentum.html"
    )]
    Pipeline(Box<PipelineArgs>),
    /// Trading calendars: list, sessions, why, next, month, export
    #[command(
        subcommand,
        after_help = "Examples:\n  rustybt calendar sessions XNYS --start 2020-03-09 --end 2020-03-13\n  \
                      rustybt calendar why XNYS 2012-10-29"
    )]
    Calendar(CalendarCommand),
    /// What is kept to be read quicker: stats, clear
    #[command(
        subcommand,
        after_help = "Examples:\n  rustybt cache stats\n  rustybt cache clear --dry-run"
    )]
    Cache(CacheCommand),
    /// Settings and where they come from
    #[command(subcommand, after_help = "Example:\n  rustybt config show")]
    Config(ConfigCommand),
}

/// What every command is handed.
#[derive(Debug)]
pub(crate) struct Context {
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

    /// The lists of symbols that have a name.
    fn presets(&self) -> Result<Presets, Error> {
        let beside = self.settings.config.value.parent().map(Path::to_owned);
        let folders = [self.folder()?].into_iter().chain(beside);
        Ok(Presets::new(folders.map(|folder| folder.join("presets"))))
    }
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Error> {
    let Arguments { global, command } = arguments;
    let mut flags = Flags {
        config: global.config,
        data_dir: global.data_dir,
        catalog: global.catalog,
        progress: global.progress,
        ..Flags::default()
    };
    command.set(&mut flags);
    let settings = Settings::resolve(flags)?;
    // What is set is shown whatever the calendars hold.
    if !matches!(command, Command::Config(_)) {
        calendars::load(&settings)?;
    }
    let context = Context { settings, quiet: global.quiet, verbose: global.verbose > 0 };
    match command {
        Command::Demo(args) => demo::run(&args, &context)?,
        Command::Sources(args) => sources::run(&args, &context)?,
        Command::Register(args) => register::run(&args, &context)?,
        Command::Ingest(args) => return ingest::run(&args, &context),
        Command::Jobs(args) => return jobs::run(&args, &context),
        Command::Bundles(args) => list::bundles(&args, &context)?,
        Command::Versions(args) => list::versions(&args, &context)?,
        Command::Assets(args) => list::assets(&args, &context)?,
        Command::Compact(args) => compact::run(&args, &context)?,
        Command::Pin(args) => pin::run(&args, &context)?,
        Command::Clean(args) => clean::run(&args, &context)?,
        Command::Stats(args) => stats::run(&args, &context)?,
        Command::Freeze(args) => freeze::run(&args, &context)?,
        Command::Backup(args) => backup::run(&args, &context)?,
        Command::Restore(args) => restore::run(&args, &context)?,
        Command::Retain(args) => retain::run(&args, &context)?,
        Command::Verify(args) => return verify::run(&args, &context),
        Command::Doctor(args) => return doctor::run(&args, &context),
        Command::History(args) => history::run(&args, &context)?,
        Command::Table(args) => table::run(&args, &context)?,
        Command::Query(args) => query::run(&args, &context)?,
        Command::Pipeline(args) => pipeline::run(&args, &context)?,
        Command::Calendar(command) => command.run(&context)?,
        Command::Cache(command) => command.run(&context)?,
        Command::Config(ConfigCommand::Show(args)) => config::show(&args, &context)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Command {
    /// Adds the flags of a command that are settings.
    fn set(&self, flags: &mut Flags) {
        flags.format = self.output().and_then(|output| output.format);
        match self {
            Self::Register(args) => flags.calendar.clone_from(&args.selection.calendar),
            Self::Ingest(args) => {
                flags.calendar.clone_from(&args.selection.calendar);
                flags.workers = args.work.workers;
                flags.memory = args.work.memory;
            }
            Self::Jobs(args) => {
                flags.workers = args.resumed().and_then(|args| args.work.workers);
            }
            Self::Pipeline(args) => {
                let run = args.selected();
                flags.chunk = run.chunk;
                flags.threads = run.threads;
            }
            Self::Freeze(args) => flags.format = args.report.format,
            Self::Backup(args) => flags.format = args.report.format,
            Self::Restore(args) => flags.format = args.report.format,
            _ => {}
        }
    }

    fn output(&self) -> Option<&OutputArgs> {
        match self {
            Self::Sources(args) => Some(&args.output),
            Self::Ingest(args) => Some(&args.output),
            Self::Jobs(args) => args.output(),
            Self::Bundles(args) => Some(&args.output),
            Self::Versions(args) => Some(&args.output),
            Self::Assets(args) => Some(&args.output),
            Self::Compact(args) => Some(&args.output),
            Self::Pin(args) => Some(&args.output),
            Self::Clean(args) => Some(&args.output),
            Self::Stats(args) => Some(&args.output),
            Self::Retain(args) => Some(&args.output),
            Self::Verify(args) => Some(&args.output),
            Self::Doctor(args) => Some(&args.output),
            Self::History(args) => Some(&args.output),
            Self::Table(args) => Some(&args.output),
            Self::Pipeline(args) => Some(&args.selected().output),
            Self::Calendar(command) => command.output(),
            Self::Cache(command) => Some(command.output()),
            Self::Config(ConfigCommand::Show(args)) => Some(&args.output),
            Self::Demo(_)
            | Self::Freeze(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Register(_)
            | Self::Query(_) => None,
        }
    }
}
