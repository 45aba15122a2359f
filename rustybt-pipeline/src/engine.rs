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

use rustybt_calendars::{Calendar, Session};
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
use crate::{Error, Loader, Pipeline, PipelineOutput};
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
    /// Sessions computed at a time; where not given, as many as are computed fast. Fewer need less
    /// memory.
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
    graph: Graph,
    plan: Plan,
    rows: Range<usize>,
    chunk: usize,
    /// Assets alive somewhere in the range.
    assets: usize,
    /// Assets that take part wherever they live.
    pinned: Vec<Sid>,
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
        let starts = run.plan.starts(&run.graph, self.loader.calendar(), run.rows.start);
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
        let rows = session_rows(self.loader.calendar(), start, end)?;
        let graph = Graph::new(pipeline);
        let plan = Plan::new(&graph);
        check::terms(&graph)?;
        self.check_columns(&graph)?;
        self.check_symbols(&graph, &rows, start, end)?;
        let starts = plan.starts(&graph, self.loader.calendar(), rows.start);
        let extra = starts.most_extra_rows();
        self.check_look_back(&graph, &starts, &rows, start)?;
        let assets = self.universe(extra, &rows, &[]).len();
        if assets == 0 {
            let first = rows.start - extra;
            let start = self.loader.calendar().session_at(first).unwrap_or(start);
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
        let pinned = self.pinned(&graph, &rows)?;
        Ok(Prepared { graph, plan, rows, chunk, assets, pinned })
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
        let Prepared { graph, plan, pinned, .. } = run;
        let starts = plan.starts(graph, self.loader.calendar(), rows.start);
        let universe = self.universe(starts.most_extra_rows(), &rows, pinned);
        if universe.len() == 0 {
            return Ok(());
        }
        let scope = Scope { loader: &*self.loader, universe: &universe };
        let mut workspace = Workspace::new(plan.consumers());
        let mut cells: Option<Vec<Cell>> = None;
        let mut columns: Vec<Option<Column>> = graph.columns().iter().map(|_| None).collect();
        for (position, &number) in plan.order().iter().enumerate() {
            if watch.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let term_rows = starts.of(number)..rows.end;
            let label = graph.label(number);
            let step = self.step(run, &rows, position, &label, (term_rows.len(), universe.len()));
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
        let sessions = self.loader.calendar().sessions();
        let cells = cells.unwrap_or_default();
        let named = cells.iter().filter_map(|(row, asset)| {
            Some((*sessions.get(*row)?, *universe.sids().get(*asset as usize)?))
        });
        output.extend(named, columns.into_iter().flatten());
        Ok(())
    }

    /// What somebody who looks on is told.
    fn step<'a>(
        &self,
        run: &Prepared,
        rows: &Range<usize>,
        number: usize,
        term: &'a str,
        (term_rows, assets): (usize, usize),
    ) -> Step<'a> {
        let session =
            |row: usize| self.loader.calendar().session_at(row).unwrap_or(Session::from_days(0));
        let (steps, chunk) = (run.plan.order().len() as f64, rows.len() as f64);
        let before = (rows.start - run.rows.start) as f64;
        let done = (before + chunk * number as f64 / steps) / run.rows.len() as f64;
        let sessions = session(rows.start)..=session(rows.end.saturating_sub(1));
        Step { term, number, sessions, rows: term_rows, assets, done }
    }

    fn universe(&self, extra: usize, rows: &Range<usize>, pinned: &[Sid]) -> Universe {
        let rows = rows.start - extra..rows.end;
        Universe::new(self.loader.finder().assets(), self.loader.calendar(), &rows, pinned)
    }

    /// The assets whose own numbers are asked for: they take part in every chunk.
    fn pinned(&self, graph: &Graph, rows: &Range<usize>) -> Result<Vec<Sid>, Error> {
        let mut pinned = Vec::new();
        let sessions = self.loader.calendar().sessions().get(rows.clone()).unwrap_or_default();
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
        rows: &Range<usize>,
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
            for &session in self.loader.calendar().sessions().get(rows.clone()).unwrap_or_default()
            {
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
                let earliest = self.loader.calendar().session_at(first + extra);
                return Err(Error::LookBack { start, needed: extra + 1, available, earliest });
            }
        }
        Ok(())
    }
}

/// The positions of the sessions from `start` to `end`.
fn session_rows(calendar: &Calendar, start: Session, end: Session) -> Result<Range<usize>, Error> {
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    let row = |date: Session| {
        calendar.session_index(date).ok_or_else(|| Error::NotASession {
            date,
            calendar: calendar.name().to_owned(),
            previous: calendar.index_at_or_before(date).and_then(|row| calendar.session_at(row)),
            next: calendar.index_at_or_after(date).and_then(|row| calendar.session_at(row)),
        })
    };
    Ok(row(start)?..row(end)? + 1)
}
