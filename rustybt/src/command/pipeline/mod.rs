//! `rustybt pipeline`: runs a pipeline file, or draws the graph of its terms.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use rustybt_bundles::BundleName;
use rustybt_calendars::{Calendar, Session};
use rustybt_data::{AssetFinder, DataPortal, Frequency, Sid};
use rustybt_pipeline::{
    BoundColumn, Column, Engine, EquityLoader, Explanation, Frame, FrameLoader, IntradayLoader,
    Loader, Pipeline, PipelineOutput, Planned, RunOptions, parse,
};

mod arrow;
mod dataset;
mod graph;
mod report;
mod sheet;
mod size;
mod tables;
mod watch;

use graph::PipelineGraph;
use report::PipelineReport;
use size::Bytes;
use tables::TableArgs;
use watch::Looking;

use super::Context;
use super::bundle::VersionArgs;
use crate::error::Error;
use crate::output::{OutputArgs, Table, Values};
use crate::settings::{Sessions, Threads};

/// See [`super::Command::Pipeline`].
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct PipelineArgs {
    #[command(subcommand)]
    action: Option<PipelineAction>,
    #[command(flatten)]
    pub(crate) run: PipelineRun,
}

#[derive(Debug, Subcommand)]
enum PipelineAction {
    /// Draw the graph of a pipeline's terms
    #[command(
        after_help = "Examples:\n  rustybt pipeline graph momentum.pipe | dot -Tpng -o momentum.png\n  \
                            rustybt pipeline graph momentum.pipe --svg momentum.svg\n  \
                            rustybt pipeline graph news.pipe --dataset News=news.csv --format json > news.json"
    )]
    Graph(Box<PipelineGraph>),
    /// What the factors of a pipeline foretold: information, returns by quantile, turnover
    #[command(
        after_help = "Forward returns run from the open of a row's session to the open so many sessions later, with\n\
                      prices adjusted as they are seen from there. They are for the report alone.\n\n\
                      Examples:\n  rustybt pipeline report us momentum.pipe --start 2015-01-02 --end 2020-12-31 --html momentum.html\n  \
                      rustybt pipeline report us momentum.pipe --start 2015-01-02 --end 2020-12-31 --factor rank --periods 1,21 --quantiles 10\n  \
                      rustybt pipeline report us momentum.pipe --start 2015-01-02 --end 2020-12-31 --group sector --group-neutral --format json"
    )]
    Report(Box<PipelineReport>),
}

/// What a run needs. The parser insists on it, unless there is a subcommand.
#[derive(Debug, Args)]
pub(crate) struct PipelineRun {
    /// The bundle
    #[arg(value_name = "BUNDLE", required = true)]
    bundle: Option<BundleName>,
    #[command(flatten)]
    version: VersionArgs,
    /// The pipeline file, or its form in JSON where the name ends in `.json`
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    /// First session; a day that is none stands for the next one
    #[arg(long, value_name = "DATE", required = true)]
    start: Option<Session>,
    /// Last session, included; a day that is none stands for the one before
    #[arg(long, value_name = "DATE", required = true)]
    end: Option<Session>,
    /// What a row is: a session, or a bar of this frequency, such as 1h, that opens when the row is asked
    #[arg(long, value_name = "FREQUENCY", default_value_t = Frequency::DAILY)]
    frequency: Frequency,
    #[command(flatten)]
    tables: TableArgs,
    /// Compute this many sessions at a time: less memory, the same bits [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) chunk: Option<Sessions>,
    /// Compute on this many threads: the same bits [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<Threads>,
    /// Compute in chunks so short that their results need no more than this, such as 800MB
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<Bytes>,
    /// Show the terms in order instead of the answer: their rows and bytes and, unless it is `plan`, the
    /// milliseconds each took
    #[arg(long, value_enum, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "run")]
    explain: Option<Explain>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How a pipeline is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Explain {
    /// Compute it, and time each term
    Run,
    /// Compute nothing
    Plan,
}

impl PipelineArgs {
    /// What is run, by itself or for a report.
    pub(crate) fn selected(&self) -> &PipelineRun {
        match &self.action {
            Some(PipelineAction::Report(report)) => &report.run,
            _ => &self.run,
        }
    }
}

impl PipelineRun {
    fn bundle_name(&self) -> String {
        self.bundle.as_ref().map_or_else(String::new, ToString::to_string)
    }

    fn file_name(&self) -> String {
        let name = self.file.as_deref().and_then(Path::file_name);
        name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}

/// Columns: `date` (an instant where rows are bars within sessions), `sid`, `symbol` as of the date, and those of
/// the pipeline; by date, then sid.
pub(super) fn run(args: &PipelineArgs, context: &Context) -> Result<(), Error> {
    match &args.action {
        Some(PipelineAction::Graph(graph)) => return graph::draw(graph, context),
        Some(PipelineAction::Report(args)) => return report::run(args, context),
        None => {}
    }
    let ready = prepare(&args.run, context)?;
    let Ready { engine, pipeline, start, end, options, .. } = &ready;
    if args.run.explain == Some(Explain::Plan) {
        let plan = engine.explain(pipeline, *start, *end, options)?;
        return context.give(&plan_table(&plan), &args.run.output);
    }
    let looking = Looking::new(context);
    let (output, plan) = engine.run_measured(pipeline, *start, *end, options, &looking)?;
    drop(looking);
    if args.run.explain.is_some() {
        return context.give(&plan_table(&plan), &args.run.output);
    }
    context.give(&table(&output, ready.loader.finder()), &args.run.output)
}

/// A pipeline that can be run.
struct Ready {
    loader: Arc<dyn Loader>,
    engine: Engine,
    pipeline: Pipeline,
    start: Session,
    end: Session,
    options: RunOptions,
}

/// Opens the bundle, reads the tables and the file.
fn prepare(run: &PipelineRun, context: &Context) -> Result<Ready, Error> {
    let (Some(bundle), Some(file), Some(start), Some(end)) =
        (&run.bundle, &run.file, run.start, run.end)
    else {
        return Err(Error::NoPipeline);
    };
    let bundle = run.version.bundle(bundle, context)?;
    let portal = bundle.portal()?;
    let mut frames = run.tables.frames(Some(&portal))?;
    let mut columns: Vec<BoundColumn> = frames.iter().flat_map(Frame::columns).collect();
    columns.extend(run.tables.columns(&bundle)?);
    let pipeline = read(file, &columns)?;
    if let Some((name, _)) = pipeline.columns().find(|(name, _)| OWN.contains(name)) {
        return Err(Error::ColumnTaken { name: name.to_owned() });
    }
    let stored = run.tables.stored(&bundle, &portal, &pipeline, &frames)?;
    frames.extend(stored);
    let options = RunOptions {
        chunk: context.settings.chunk.value.map(Sessions::get),
        threads: Some(context.settings.threads.value.get()),
        max_memory: run.max_memory.map(|size| size.0),
    };
    let (start, end) = span(portal.calendar(), start, end)?;
    let daily = Arc::new(FrameLoader::new(Arc::new(EquityLoader::of(&portal)?), &frames));
    let loader: Arc<dyn Loader> = if run.frequency == Frequency::DAILY {
        daily
    } else {
        Arc::new(IntradayLoader::new(EquityLoader::within(&portal, run.frequency)?, daily))
    };
    let engine = Engine::new(Arc::clone(&loader));
    Ok(Ready { loader, engine, pipeline, start, end, options })
}

/// The columns that every pipeline's rows have.
const OWN: [&str; 3] = ["date", "sid", "symbol"];

/// The terms of a plan, one a row; with the time each took where they were computed.
fn plan_table(plan: &Explanation) -> Table {
    let time = |term: &Planned| term.taken.and_then(|taken| taken.time);
    let took = |term: &Planned| time(term).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3);
    let is_timed = plan.terms.iter().any(|term| time(term).is_some());
    let numbers = |of: fn(&Planned) -> u64| {
        let number = |term: &Planned| i64::try_from(of(term)).ok();
        Values::Integer(plan.terms.iter().map(number).collect())
    };
    let rows = |term: &Planned| i64::try_from(plan.chunk + term.extra_rows).ok();
    let table = Table::new()
        .with(
            "term",
            Values::Text(plan.terms.iter().map(|t| Some(t.term.as_str().into())).collect()),
        )
        .with(
            "gives",
            Values::Text(plan.terms.iter().map(|t| Some(t.dtype.name().into())).collect()),
        )
        .with("rows", Values::Integer(plan.terms.iter().map(rows).collect()))
        .with("uses", numbers(|term| term.uses as u64))
        .with("bytes", numbers(|term| term.bytes))
        .with("held", numbers(|term| term.held));
    if !is_timed {
        return table;
    }
    // Microseconds are as fine as a clock is.
    let took = plan.terms.iter().map(|term| (took(term) * 1e3).round() / 1e3).collect();
    table.with("ms", Values::Number(took))
}

/// Runs a pipeline on the daily bars of a portal.
pub(super) fn compute(
    portal: &DataPortal,
    pipeline: &Pipeline,
    start: Session,
    end: Session,
    options: &RunOptions,
) -> Result<PipelineOutput, Error> {
    let loader = EquityLoader::of(portal)?;
    Ok(Engine::new(Arc::new(loader)).run(pipeline, start, end, options)?)
}

/// The rows of a pipeline with the symbols that the assets had on their days.
pub(super) fn table(output: &PipelineOutput, finder: &dyn AssetFinder) -> Table {
    let mut names = Names { finder, known: HashMap::new() };
    let rows = output.sessions().iter().zip(output.sids());
    let symbols = rows.map(|(&session, &sid)| names.of(sid, session)).collect();
    let dates = match output.instants() {
        None => Values::Date(output.sessions().iter().copied().map(Some).collect()),
        Some(instants) => Values::Instant(instants.iter().copied().map(Some).collect()),
    };
    let mut table = Table::new()
        .with("date", dates)
        .with(
            "sid",
            Values::Integer(output.sids().iter().map(|sid| Some(i64::from(sid.0))).collect()),
        )
        .with("symbol", Values::Text(symbols));
    for (name, column) in output.columns() {
        table = table.with(
            name,
            match column {
                Column::Numbers(numbers) => Values::Number(numbers.clone()),
                Column::Flags(flags) => Values::Flag(flags.iter().copied().map(Some).collect()),
                Column::Integers(labels) => Values::Integer(labels.clone()),
                Column::Texts(labels) => Values::Text(labels.clone()),
                Column::Times(times) => Values::Instant(times.clone()),
            },
        );
    }
    table
}

/// Symbols, each text made once.
struct Names<'a> {
    finder: &'a dyn AssetFinder,
    known: HashMap<(Sid, &'a str), Arc<str>>,
}

impl Names<'_> {
    fn of(&mut self, sid: Sid, session: Session) -> Option<Arc<str>> {
        let symbol = self.finder.asset(sid)?.symbol_at(session);
        Some(Arc::clone(self.known.entry((sid, symbol)).or_insert_with(|| Arc::from(symbol))))
    }
}

/// The first and last of the sessions that a range of dates means.
fn span(calendar: &Calendar, start: Session, end: Session) -> Result<(Session, Session), Error> {
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    match calendar.sessions_in_range(start, end) {
        [first, .., last] => Ok((*first, *last)),
        [only] => Ok((*only, *only)),
        [] => {
            let calendar = calendar.name().to_owned();
            Err(rustybt_calendars::Error::NoSessions { calendar, start, end }.into())
        }
    }
}

/// Reads a pipeline file, or the written form of a pipeline.
fn read(path: &Path, columns: &[BoundColumn]) -> Result<Pipeline, Error> {
    let refused =
        |source| Error::Io { action: "read the pipeline file", path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(refused)?;
    let is_json = |ending: &OsStr| ending.eq_ignore_ascii_case("json");
    if path.extension().is_some_and(is_json) {
        let refused = |source| Error::BadPipelineForm { path: path.to_owned(), source };
        return Pipeline::from_json(&text).map_err(refused);
    }
    Ok(parse::parse_with(&text, &path.display().to_string(), columns)?)
}
