//! `rustybt pipeline`: runs a pipeline file, or draws the graph of its terms.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use rustybt_bundles::BundleName;
use rustybt_calendars::{Calendar, Session};
use rustybt_data::{AssetFinder, DataPortal, Sid};
use rustybt_pipeline::{Column, Engine, EquityLoader, Pipeline, PipelineOutput, RunOptions, parse};

use super::Context;
use super::bundle::VersionArgs;
use crate::error::Error;
use crate::output::{OutputArgs, Table, Values, say};
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
                            rustybt pipeline graph momentum.pipe --svg momentum.svg"
    )]
    Graph(PipelineGraph),
}

/// What a run needs. The parser insists on it, unless there is a subcommand.
#[derive(Debug, Args)]
pub(crate) struct PipelineRun {
    /// The bundle
    #[arg(value_name = "BUNDLE", required = true)]
    bundle: Option<BundleName>,
    #[command(flatten)]
    version: VersionArgs,
    /// The pipeline file
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
    /// First session; a day that is none stands for the next one
    #[arg(long, value_name = "DATE", required = true)]
    start: Option<Session>,
    /// Last session, included; a day that is none stands for the one before
    #[arg(long, value_name = "DATE", required = true)]
    end: Option<Session>,
    /// Compute this many sessions at a time: less memory, the same bits [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) chunk: Option<Sessions>,
    /// Compute on this many threads: the same bits [default: one a core]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<Threads>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

#[derive(Debug, Args)]
struct PipelineGraph {
    /// The pipeline file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write a drawing into this file, instead of DOT to stdout
    #[arg(long, value_name = "OUT")]
    svg: Option<PathBuf>,
}

/// Columns: `date`, `sid`, `symbol` as of the date, and those of the pipeline; by date, then sid.
pub(super) fn run(args: &PipelineArgs, context: &Context) -> Result<(), Error> {
    if let Some(PipelineAction::Graph(graph)) = &args.action {
        return draw(graph);
    }
    let run = &args.run;
    let (Some(bundle), Some(file), Some(start), Some(end)) =
        (&run.bundle, &run.file, run.start, run.end)
    else {
        return Ok(());
    };
    let pipeline = read(file)?;
    if let Some((name, _)) = pipeline.columns().find(|(name, _)| OWN.contains(name)) {
        return Err(Error::ColumnTaken { name: name.to_owned() });
    }
    let opened = run.version.open(bundle, context)?;
    let options = RunOptions {
        chunk: context.settings.chunk.value.map(Sessions::get),
        threads: Some(context.settings.threads.value.get()),
    };
    let (start, end) = span(opened.portal.calendar(), start, end)?;
    let output = compute(&opened.portal, &pipeline, start, end, &options)?;
    context.give(&table(&output, opened.portal.finder().as_ref()), &run.output)
}

/// The columns that every pipeline's rows have.
const OWN: [&str; 3] = ["date", "sid", "symbol"];

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
    let mut table = Table::new()
        .with("date", Values::Date(output.sessions().iter().copied().map(Some).collect()))
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

fn draw(args: &PipelineGraph) -> Result<(), Error> {
    let pipeline = read(&args.file)?;
    let Some(path) = &args.svg else { return say(pipeline.graph_dot().trim_end()) };
    let refused = |source| Error::Io { action: "write", path: path.clone(), source };
    fs::write(path, pipeline.graph_svg()).map_err(refused)
}

fn read(path: &Path) -> Result<Pipeline, Error> {
    let refused =
        |source| Error::Io { action: "read the pipeline file", path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(refused)?;
    Ok(parse::parse(&text, &path.display().to_string())?)
}
