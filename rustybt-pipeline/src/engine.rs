//! The engine: from a pipeline and a range of sessions to rows.
//!
//! 1. **Range.** Both ends must be sessions of the loader's calendar, in order.
//! 2. **Graph.** The terms of the pipeline become one graph in which equal terms are one node; without
//!    a screen, every asset that lives is shown.
//! 3. **Plan.** Terms are put in an order in which each comes after what it needs. From the outputs
//!    back, a window of `w` rows asks its inputs for `w − 1` rows more than it has itself. How often
//!    each result will be asked for is counted.
//! 4. **Universe.** The assets that live somewhere in the range, look-back included, are the columns
//!    of every array, in ascending order of sid. An asset lives on session N if `start < N <= end`.
//! 5. **Terms.** In order, columns are loaded and terms computed; row N sees the data of sessions
//!    up to N − 1, adjusted as of N. A result is dropped when the last that needs it has taken it.
//! 6. **Screen.** It is computed first. The cells at which it holds are the rows, session by session,
//!    each by sid.
//! 7. **Columns.** The values of every output at those cells are collected as soon as it is computed.
//!    A run in chunks is these last four steps for each chunk, and the rows one after the other.
//!
//! Assets run in parallel where a term looks back over each alone, sessions where it looks across
//! them. Nothing computed depends on where a chunk or a task begins: the answer is the same, bit for
//! bit, in any chunks and on any number of threads.

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::Session;
use rustybt_data::Sid;

use crate::check;
use crate::compute::{Scope, resolve};
use crate::explain::held_bytes;
use crate::filter::AssetName;
use crate::graph::Graph;
use crate::output::{Cell, Column, shown};
use crate::plan::{Plan, Starts};
use crate::term::Op;
use crate::universe::Universe;
use crate::workspace::Workspace;
use crate::{Axis, Domain, Error, Loader, Pipeline, PipelineOutput};
use crate::{Explanation, Step, Watch};

/// Numbers of a term computed at a time where the caller does not say: a megabyte.
const NUMBERS_AT_A_TIME: usize = 1 << 17;

/// Runs pipelines over the columns of a loader.
#[derive(Debug, Clone)]
pub struct Engine {
    loader: Arc<dyn Loader>,
}

/// How a run is carried out; nothing here changes what it computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// Rows (sessions, or the bars within them) computed at a time; where not given, as many as are
    /// computed fast. Fewer need less memory.
    pub chunk: Option<usize>,
    /// Threads; those of the current rayon pool where not given.
    pub threads: Option<usize>,
    /// Bytes that the results held at once may take; chunks are made short enough. The outputs
    /// themselves come on top, and so does what the loader holds.
    pub max_memory: Option<u64>,
}

/// A run before its first term.
#[derive(Debug)]
struct Prepared {
    axis: Axis,
    graph: Graph,
    plan: Plan,
    rows: Range<usize>,
    chunk: usize,
    /// Assets alive somewhere in the range.
    assets: usize,
    /// Assets that take part wherever they live.
    pinned: Vec<Sid>,
    /// The assets of the pipeline's domain; `None` where all are.
    members: Option<Vec<Sid>>,
}

impl Engine {
    /// An engine over the columns of `loader`.
    pub fn new(loader: Arc<dyn Loader>) -> Self {
        Self { loader }
    }

    /// Computes a pipeline for every session from `start` to `end`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::NotASession`], [`Error::Backwards`], [`Error::LookBack`] where the data begin too
    /// late for the longest window, [`Error::NoAssets`], [`Error::UnknownColumn`],
    /// [`Error::UnknownSymbol`], [`Error::Zero`] for options of zero, [`Error::Data`] where the
    /// data cannot be read.
    pub fn run(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<PipelineOutput, Error> {
        self.run_watched(pipeline, start, end, options, &())
    }

    /// The same, while somebody looks on, who may tell it to stop.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); [`Error::Cancelled`] where it was told to stop.
    pub fn run_watched(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
        watch: &dyn Watch,
    ) -> Result<PipelineOutput, Error> {
        if options.chunk == Some(0) {
            return Err(Error::Zero { option: "chunk" });
        }
        let planned = || self.prepare(pipeline, start, end, options);
        match options.threads {
            None => self.run_in_chunks(&planned()?, watch),
            Some(0) => Err(Error::Zero { option: "threads" }),
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| Error::Threads { threads, reason: error.to_string() })?
                .install(|| self.run_in_chunks(&planned()?, watch)),
        }
    }

    /// What a run would do, without doing it.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn explain(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<Explanation, Error> {
        let run = self.prepare(pipeline, start, end, options)?;
        let starts = run.plan.starts(&run.graph, &run.axis, run.rows.start);
        let shape = (run.rows.len(), run.chunk, run.assets);
        Ok(Explanation::new(&run.graph, &run.plan, &starts, shape))
    }

    /// Everything that can be known before a term is computed.
    fn prepare(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<Prepared, Error> {
        let axis = self.loader.axis();
        let members = pipeline.domain().map(|domain| self.members(domain)).transpose()?;
        let rows = session_rows(&axis, start, end)?;
        let graph = Graph::new(pipeline);
        let plan = Plan::new(&graph);
        check::terms(&graph)?;
        self.check_columns(&graph)?;
        self.check_symbols(&graph, axis.sessions_over(&rows), start, end)?;
        let starts = plan.starts(&graph, &axis, rows.start);
        let extra = starts.most_extra_rows();
        self.check_look_back(&axis, &graph, &starts, &rows, start)?;
        let assets = self.universe(&axis, extra, &rows, &[], members.as_deref()).len();
        if assets == 0 {
            let first = rows.start - extra;
            let start = axis.session(first).unwrap_or(start);
            return Err(Error::NoAssets { start, end });
        }
        let mut chunk = options.chunk.unwrap_or_else(|| {
            // A chunk whose arrays stay in a near cache, but not so short that most of the work
            // goes into what comes before it.
            (NUMBERS_AT_A_TIME / assets).max(4 * starts.most_computed_extra_rows()).max(1)
        });
        if let Some(most) = options.max_memory {
            for (row, fixed) in held_bytes(&graph, &plan, &starts) {
                let (row, fixed) = (row * assets as u64, fixed * assets as u64);
                let fits = most.saturating_sub(fixed) / row.max(1);
                if fits == 0 {
                    return Err(Error::Memory { given: most, needed: fixed + row });
                }
                chunk = chunk.min(usize::try_from(fits).unwrap_or(usize::MAX));
            }
        }
        let pinned = self.pinned(&graph, axis.sessions_over(&rows))?;
        Ok(Prepared { axis, graph, plan, rows, chunk, assets, pinned, members })
    }

    fn run_in_chunks(&self, run: &Prepared, watch: &dyn Watch) -> Result<PipelineOutput, Error> {
        let empty =
            run.graph.columns().iter().map(|(name, number)| {
                (name.clone(), Column::empty(run.graph.term(*number).dtype()))
            });
        let mut output = PipelineOutput::empty(empty);
        for first in run.rows.clone().step_by(run.chunk) {
            let rows = first..run.rows.end.min(first.saturating_add(run.chunk));
            self.run_chunk(run, rows, watch, &mut output)?;
        }
        Ok(output)
    }

    fn run_chunk(
        &self,
        run: &Prepared,
        rows: Range<usize>,
        watch: &dyn Watch,
        output: &mut PipelineOutput,
    ) -> Result<(), Error> {
        let Prepared { axis, graph, plan, pinned, members, .. } = run;
        let starts = plan.starts(graph, axis, rows.start);
        let extra = starts.most_extra_rows();
        let universe = self.universe(axis, extra, &rows, pinned, members.as_deref());
        if universe.len() == 0 {
            return Ok(());
        }
        let scope = Scope { loader: &*self.loader, axis, universe: &universe };
        let mut workspace = Workspace::new(plan.consumers());
        let mut cells: Option<Vec<Cell>> = None;
        let mut columns: Vec<Option<Column>> = graph.columns().iter().map(|_| None).collect();
        for (position, &number) in plan.order().iter().enumerate() {
            if watch.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let term_rows = starts.of(number)..rows.end;
            let label = graph.label(number);
            let step = Self::step(run, &rows, position, &label, (term_rows.len(), universe.len()));
            watch.begins(&step);
            let value = scope.compute(graph, number, term_rows, &workspace)?;
            watch.ends(&step);
            workspace.insert(number, value);
            let needs = graph.needs(number);
            needs.inputs.iter().chain(&needs.mask).for_each(|need| workspace.release(*need));
            if number == graph.screen() {
                cells = Some(shown(workspace.flags(number), &rows));
                workspace.release(number);
            }
            // All that the screen needs comes first, so outputs seldom have to wait for it.
            let Some(cells) = &cells else { continue };
            for ((_, output), column) in graph.columns().iter().zip(&mut columns) {
                if column.is_none() && workspace.has(*output) {
                    *column =
                        Some(Column::of(graph.term(*output), workspace.value(*output), cells));
                    workspace.release(*output);
                }
            }
        }
        let sessions = axis.sessions_of(rows.clone());
        let instants = axis.instants_of(rows.clone());
        let cells = cells.unwrap_or_default();
        let named = cells.iter().filter_map(|(row, asset)| {
            let row = row - rows.start;
            let at = instants.as_ref().and_then(|instants| instants.get(row)).copied();
            Some((*sessions.get(row)?, at, *universe.sids().get(*asset as usize)?))
        });
        output.extend(named, columns.into_iter().flatten());
        Ok(())
    }

    /// What somebody who looks on is told.
    fn step<'a>(
        run: &Prepared,
        rows: &Range<usize>,
        number: usize,
        term: &'a str,
        (term_rows, assets): (usize, usize),
    ) -> Step<'a> {
        let session = |row: usize| run.axis.session(row).unwrap_or(Session::from_days(0));
        let (steps, chunk) = (run.plan.order().len() as f64, rows.len() as f64);
        let before = (rows.start - run.rows.start) as f64;
        let done = (before + chunk * number as f64 / steps) / run.rows.len() as f64;
        let sessions = session(rows.start)..=session(rows.end.saturating_sub(1));
        Step { term, number, sessions, rows: term_rows, assets, done }
    }

    fn universe(
        &self,
        axis: &Axis,
        extra: usize,
        rows: &Range<usize>,
        pinned: &[Sid],
        members: Option<&[Sid]>,
    ) -> Universe {
        let rows = rows.start - extra..rows.end;
        Universe::new(self.loader.finder().assets(), axis, &rows, pinned, members)
    }

    /// The assets of a domain, which must be on the calendar of the data.
    fn members(&self, domain: &Domain) -> Result<Vec<Sid>, Error> {
        domain.check(self.loader.calendar().name())?;
        let assets = self.loader.finder().assets().iter();
        let mut members: Vec<Sid> =
            assets.filter(|asset| domain.has(asset)).map(|asset| asset.sid).collect();
        members.sort_unstable();
        Ok(members)
    }

    /// The assets whose own numbers are asked for: they take part in every chunk.
    fn pinned(&self, graph: &Graph, sessions: &[Session]) -> Result<Vec<Sid>, Error> {
        let mut pinned = Vec::new();
        for number in 0..graph.len() {
            match graph.term(number).op() {
                Op::Slice(AssetName::Sid(sid)) => pinned.push(*sid),
                Op::Slice(name) => {
                    for &session in sessions {
                        pinned.extend(resolve(self.loader.finder(), name, session)?);
                    }
                }
                _ => {}
            }
        }
        pinned.sort_unstable();
        pinned.dedup();
        Ok(pinned)
    }

    fn check_columns(&self, graph: &Graph) -> Result<(), Error> {
        let known = self.loader.columns();
        for number in 0..graph.len() {
            if let Op::Column(column) = graph.term(number).op()
                && !known.contains(&column.unconverted())
            {
                let known = known.iter().map(ToString::to_string).collect();
                return Err(Error::UnknownColumn { column: column.to_string(), known });
            }
        }
        Ok(())
    }

    /// A symbol that nobody ever had in the whole range is a mistake, not an empty answer.
    fn check_symbols(
        &self,
        graph: &Graph,
        sessions: &[Session],
        start: Session,
        end: Session,
    ) -> Result<(), Error> {
        let names = (0..graph.len()).filter_map(|number| match graph.term(number).op() {
            Op::Assets(names) => Some(names.as_slice()),
            Op::Single(name) | Op::Slice(name) => Some(std::slice::from_ref(name)),
            _ => None,
        });
        for name in names.flatten() {
            let AssetName::Symbol(symbol) = name else { continue };
            let mut held = false;
            for &session in sessions {
                held = resolve(self.loader.finder(), name, session)?.is_some();
                if held {
                    break;
                }
            }
            if !held {
                return Err(Error::UnknownSymbol { symbol: symbol.clone(), start, end });
            }
        }
        Ok(())
    }

    fn check_look_back(
        &self,
        axis: &Axis,
        graph: &Graph,
        starts: &Starts,
        rows: &Range<usize>,
        start: Session,
    ) -> Result<(), Error> {
        for number in 0..graph.len() {
            let first = match graph.term(number).op() {
                Op::Column(column) => self.loader.first_row_of(column),
                _ => 0,
            };
            let extra = starts.extra_rows(number);
            if rows.start < first + extra {
                // The first row that holds data shows one session of it.
                let available = (rows.start + 1).saturating_sub(first);
                let earliest = axis.session_index(first + extra).and_then(|index| {
                    // A run begins with a session.
                    let within = axis.first_of(index) < first + extra;
                    axis.calendar().session_at(index + usize::from(within))
                });
                let rows = if axis.is_within_sessions() { "bars" } else { "sessions" };
                return Err(Error::LookBack {
                    start,
                    rows,
                    needed: extra + 1,
                    available,
                    earliest,
                });
            }
        }
        Ok(())
    }
}

/// The rows of the sessions from `start` to `end`.
fn session_rows(axis: &Axis, start: Session, end: Session) -> Result<Range<usize>, Error> {
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    let calendar = axis.calendar();
    let rows = |date: Session| {
        axis.rows_of(date).ok_or_else(|| Error::NotASession {
            date,
            calendar: calendar.name().to_owned(),
            previous: calendar.index_at_or_before(date).and_then(|row| calendar.session_at(row)),
            next: calendar.index_at_or_after(date).and_then(|row| calendar.session_at(row)),
        })
    };
    Ok(rows(start)?.start..rows(end)?.end)
}
