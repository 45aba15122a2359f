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
use crate::filter::AssetName;
use crate::graph::Graph;
use crate::output::{Cell, Column, shown};
use crate::plan::{Plan, Starts};
use crate::term::Op;
use crate::universe::Universe;
use crate::workspace::Workspace;
use crate::{Error, Loader, Pipeline, PipelineOutput};

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
        if options.chunk == Some(0) {
            return Err(Error::Zero { option: "chunk" });
        }
        match options.threads {
            None => self.run_in_chunks(pipeline, start, end, options.chunk),
            Some(0) => Err(Error::Zero { option: "threads" }),
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .map_err(|error| Error::Threads { threads, reason: error.to_string() })?
                .install(|| self.run_in_chunks(pipeline, start, end, options.chunk)),
        }
    }

    fn run_in_chunks(
        &self,
        pipeline: &Pipeline,
        start: Session,
        end: Session,
        chunk: Option<usize>,
    ) -> Result<PipelineOutput, Error> {
        let rows = session_rows(self.loader.calendar(), start, end)?;
        let graph = Graph::new(pipeline);
        let plan = Plan::new(&graph);
        check::terms(&graph)?;
        self.check_columns(&graph)?;
        self.check_symbols(&graph, &rows, start, end)?;
        let starts = plan.starts(&graph, self.loader.calendar(), rows.start);
        let extra = starts.most_extra_rows();
        self.check_look_back(&graph, &starts, &rows, start)?;
        let whole = self.universe(extra, &rows, &[]);
        if whole.len() == 0 {
            let first = rows.start - extra;
            let start = self.loader.calendar().session_at(first).unwrap_or(start);
            return Err(Error::NoAssets { start, end });
        }
        let empty = graph
            .columns()
            .iter()
            .map(|(name, number)| (name.clone(), Column::empty(graph.term(*number).dtype())));
        let mut output = PipelineOutput::empty(empty);
        let chunk = chunk.unwrap_or_else(|| {
            // A chunk whose arrays stay in a near cache, but not so short that most of the work
            // goes into what comes before it.
            (NUMBERS_AT_A_TIME / whole.len()).max(4 * starts.most_computed_extra_rows()).max(1)
        });
        let pinned = self.pinned(&graph, &rows)?;
        for first in rows.clone().step_by(chunk) {
            let rows = first..rows.end.min(first.saturating_add(chunk));
            self.run_chunk(&graph, &plan, rows, &pinned, &mut output)?;
        }
        Ok(output)
    }

    fn run_chunk(
        &self,
        graph: &Graph,
        plan: &Plan,
        rows: Range<usize>,
        pinned: &[Sid],
        output: &mut PipelineOutput,
    ) -> Result<(), Error> {
        let starts = plan.starts(graph, self.loader.calendar(), rows.start);
        let universe = self.universe(starts.most_extra_rows(), &rows, pinned);
        if universe.len() == 0 {
            return Ok(());
        }
        let scope = Scope { loader: &*self.loader, universe: &universe };
        let mut workspace = Workspace::new(plan.consumers());
        let mut cells: Option<Vec<Cell>> = None;
        let mut columns: Vec<Option<Column>> = graph.columns().iter().map(|_| None).collect();
        for &number in plan.order() {
            let term_rows = starts.of(number)..rows.end;
            let value = scope.compute(graph, number, term_rows, &workspace)?;
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
                && !known.contains(column)
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
