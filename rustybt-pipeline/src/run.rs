//! A run: pipelines, a range of sessions, and how their terms are computed, chunk by chunk.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use rustybt_calendars::Session;
use rustybt_data::Sid;

use crate::cache::{Place, Results};
use crate::check;
use crate::compute::{Scope, resolve};
use crate::engine::Kept;
use crate::explain::held_bytes;
use crate::filter::AssetName;
use crate::graph::Graph;
use crate::output::{Cell, Column, shown};
use crate::plan::{Plan, Starts};
use crate::term::Op;
use crate::universe::Universe;
use crate::workspace::{Value, Workspace};
use crate::{
    Axis, Domain, Error, Explanation, Loader, Pipeline, PipelineOutput, RunOptions, Step, Watch,
};

/// Numbers of a term computed at a time where the caller does not say: a megabyte.
const NUMBERS_AT_A_TIME: usize = 1 << 17;

/// A run before its first term.
#[derive(Debug)]
pub(crate) struct Run<'l> {
    loader: &'l dyn Loader,
    cache: Option<&'l Kept>,
    axis: Axis,
    graph: Graph,
    plan: Plan,
    rows: Range<usize>,
    chunk: usize,
    /// Assets alive somewhere in the range.
    assets: usize,
    /// Assets that take part wherever they live.
    pinned: Vec<Sid>,
    /// The assets of the pipelines' domain; `None` where all are.
    members: Option<Vec<Sid>>,
}

/// What terms took, by number, over all chunks.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) rows: Vec<u64>,
    /// The most bytes that the result of a chunk took.
    pub(crate) bytes: Vec<u64>,
    /// `None` where nobody has a clock.
    pub(crate) took: Vec<Option<Duration>>,
}

impl Measured {
    pub(crate) fn new(terms: usize) -> Self {
        Self { rows: vec![0; terms], bytes: vec![0; terms], took: vec![None; terms] }
    }

    fn add(&mut self, number: usize, rows: usize, bytes: u64, took: Option<Duration>) {
        self.rows[number] += rows as u64;
        self.bytes[number] = self.bytes[number].max(bytes);
        self.took[number] = match (self.took[number], took) {
            (Some(before), Some(more)) => Some(before + more),
            (before, more) => before.or(more),
        };
    }
}

/// A chunk at work.
struct Chunk<'c> {
    scope: Scope<'c>,
    rows: Range<usize>,
    starts: Starts,
    results: Option<Results<'c>>,
}

/// What a chunk has given out for one pipeline.
#[derive(Default)]
struct Shown {
    /// The cells that its screen lets through, once it is computed.
    cells: Option<Vec<Cell>>,
    columns: Vec<Option<Column>>,
}

impl<'l> Run<'l> {
    /// Everything that can be known before a term is computed.
    pub(crate) fn new(
        loader: &'l dyn Loader,
        cache: Option<&'l Kept>,
        pipelines: &[&Pipeline],
        start: Session,
        end: Session,
        options: &RunOptions,
    ) -> Result<Self, Error> {
        let axis = loader.axis();
        let domain = pipelines.first().and_then(|pipeline| pipeline.domain());
        let members = domain.map(|domain| members(loader, domain)).transpose()?;
        let rows = check::session_rows(&axis, start, end)?;
        let graph = Graph::of(pipelines);
        // With a limit to memory, terms are computed one after the other: the plan is then sure.
        let abreast = match options.max_memory {
            Some(_) => 1,
            None => options.threads.unwrap_or_else(rayon::current_num_threads),
        };
        let plan = Plan::new(&graph, abreast);
        check::terms(&graph)?;
        check::columns(loader, &graph)?;
        check::symbols(loader, &graph, axis.sessions_over(&rows), start, end)?;
        let starts = plan.starts(&graph, &axis, rows.start);
        check::look_back(loader, &axis, &graph, &starts, &rows, start)?;
        let pinned = pinned(loader, &graph, axis.sessions_over(&rows))?;
        let mut run =
            Self { loader, cache, axis, graph, plan, rows, chunk: 1, assets: 0, pinned, members };
        let extra = starts.most_extra_rows();
        run.assets = run.universe(extra, &run.rows, &[]).len();
        if run.assets == 0 {
            let start = run.axis.session(run.rows.start - extra).unwrap_or(start);
            return Err(Error::NoAssets { start, end });
        }
        run.chunk = run.chunk(&starts, options)?;
        Ok(run)
    }

    /// Rows computed at a time.
    fn chunk(&self, starts: &Starts, options: &RunOptions) -> Result<usize, Error> {
        let assets = self.assets;
        let mut chunk = options.chunk.unwrap_or_else(|| {
            // A chunk whose arrays stay in a near cache, but not so short that most of the work
            // goes into what comes before it.
            (NUMBERS_AT_A_TIME / assets).max(4 * starts.most_computed_extra_rows()).max(1)
        });
        let Some(most) = options.max_memory else { return Ok(chunk) };
        for (row, fixed) in held_bytes(&self.graph, &self.plan, starts) {
            let (row, fixed) = (row * assets as u64, fixed * assets as u64);
            let fits = most.saturating_sub(fixed) / row.max(1);
            if fits == 0 {
                return Err(Error::Memory { given: most, needed: fixed + row });
            }
            chunk = chunk.min(usize::try_from(fits).unwrap_or(usize::MAX));
        }
        Ok(chunk)
    }

    /// How many terms there are.
    pub(crate) fn terms(&self) -> usize {
        self.graph.len()
    }

    /// The plan, with what its terms took where they were computed.
    pub(crate) fn explain(&self, measured: Option<&Measured>) -> Explanation {
        let starts = self.plan.starts(&self.graph, &self.axis, self.rows.start);
        let shape = (self.rows.len(), self.chunk, self.assets);
        Explanation::new(&self.graph, &self.plan, &starts, shape, measured)
    }

    /// Computes every chunk, and gives an output for each pipeline.
    pub(crate) fn carry_out(
        &self,
        watch: &dyn Watch,
        measured: &mut Measured,
    ) -> Result<Vec<PipelineOutput>, Error> {
        let empty = |(name, number): &(String, usize)| {
            (name.clone(), Column::empty(self.graph.term(*number).dtype()))
        };
        let mut outputs: Vec<PipelineOutput> = self
            .graph
            .outputs()
            .map(|(columns, _)| PipelineOutput::empty(columns.iter().map(empty)))
            .collect();
        for first in self.rows.clone().step_by(self.chunk) {
            let rows = first..self.rows.end.min(first.saturating_add(self.chunk));
            self.carry_out_chunk(rows, watch, measured, &mut outputs)?;
        }
        Ok(outputs)
    }

    fn carry_out_chunk(
        &self,
        rows: Range<usize>,
        watch: &dyn Watch,
        measured: &mut Measured,
        outputs: &mut [PipelineOutput],
    ) -> Result<(), Error> {
        let Self { axis, graph, plan, .. } = self;
        let starts = plan.starts(graph, axis, rows.start);
        let universe = self.universe(starts.most_extra_rows(), &rows, &self.pinned);
        if universe.len() == 0 {
            return Ok(());
        }
        let scope = Scope { loader: self.loader, axis, universe: &universe };
        let results = self.cache.map(|kept| kept.cache.at(self.place(kept, &universe)));
        let chunk = Chunk { scope, rows, starts, results };
        let (wanted, mut found) = self.wanted(&chunk);
        let mut workspace = Workspace::new(&wanted);
        let none = |(columns, _): (&[(String, usize)], usize)| Shown {
            cells: None,
            columns: columns.iter().map(|_| None).collect(),
        };
        let mut shown: Vec<Shown> = graph.outputs().map(none).collect();
        let mut done = 0;
        for all in plan.waves() {
            // What a cache had, and what nobody needs any more for that, is not computed.
            for &number in all {
                if let Some(value) = found[number].take() {
                    workspace.insert_shared(number, value);
                }
            }
            let wave: Vec<usize> = all.iter().copied().filter(|n| workspace.lacks(*n)).collect();
            let labels: Vec<String> = wave.iter().map(|number| graph.label(*number)).collect();
            let steps: Vec<Step<'_>> = wave
                .iter()
                .zip(&labels)
                .enumerate()
                .map(|(place, (number, label))| self.step(&chunk, done + place, *number, label))
                .collect();
            for step in &steps {
                if watch.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                watch.begins(step);
            }
            let values = self.wave(&wave, &chunk, &workspace, watch);
            for ((&number, step), value) in wave.iter().zip(&steps).zip(values) {
                let (value, took) = value?;
                watch.ends(step);
                measured.add(number, step.rows, value.bytes(), took);
                self.put(number, value, &chunk, &mut workspace);
            }
            for &number in &wave {
                let needs = graph.needs(number);
                needs.inputs.iter().chain(&needs.mask).for_each(|need| workspace.release(*need));
            }
            self.collect(&chunk.rows, &mut workspace, &mut shown);
            done += all.len();
        }
        let sessions = axis.sessions_of(chunk.rows.clone());
        let instants = axis.instants_of(chunk.rows.clone());
        for (shown, output) in shown.into_iter().zip(outputs) {
            let cells = shown.cells.unwrap_or_default();
            let named = cells.iter().filter_map(|(row, asset)| {
                let row = row - chunk.rows.start;
                let at = instants.as_ref().and_then(|instants| instants.get(row)).copied();
                Some((*sessions.get(row)?, at, *universe.sids().get(*asset as usize)?))
            });
            output.extend(named, shown.columns.into_iter().flatten());
        }
        Ok(())
    }

    /// Where the results of a chunk are alike.
    fn place(&self, kept: &Kept, universe: &Universe) -> Place {
        Place {
            data: Arc::clone(&kept.data),
            frequency: self.axis.frequency(),
            members: self.members.clone(),
            sids: universe.sids().to_vec(),
        }
    }

    /// How often each term will be asked for, and the results that a cache has: what only those need is not
    /// asked for.
    fn wanted(&self, chunk: &Chunk<'_>) -> (Vec<usize>, Vec<Option<Arc<Value<'static>>>>) {
        let mut found: Vec<Option<Arc<Value<'static>>>> = vec![None; self.graph.len()];
        let Some(results) = &chunk.results else { return (self.plan.consumers().to_vec(), found) };
        let mut wanted = vec![0; self.graph.len()];
        let outputs = self.graph.columns().iter().map(|(_, number)| *number);
        outputs.chain(self.graph.screens()).for_each(|number| wanted[number] += 1);
        for &number in self.plan.order().iter().rev() {
            let term = self.graph.term(number);
            if wanted[number] == 0 {
                continue;
            }
            if Results::keeps(term) {
                found[number] = results.find(term, &(chunk.starts.of(number)..chunk.rows.end));
            }
            if found[number].is_none() {
                let needs = self.graph.needs(number);
                needs.inputs.iter().chain(&needs.mask).for_each(|need| wanted[*need] += 1);
            }
        }
        (wanted, found)
    }

    /// Puts a result where it is needed, and into the cache if there is one and it is worth it.
    fn put(
        &self,
        number: usize,
        value: Value<'l>,
        chunk: &Chunk<'_>,
        workspace: &mut Workspace<'l>,
    ) {
        let term = self.graph.term(number);
        let Some(results) = chunk.results.as_ref().filter(|_| Results::keeps(term)) else {
            return workspace.insert(number, value);
        };
        match value.owned() {
            Ok(value) => {
                let value = Arc::new(value);
                results.keep(term, &(chunk.starts.of(number)..chunk.rows.end), &value);
                workspace.insert_shared(number, value);
            }
            Err(lent) => workspace.insert(number, lent),
        }
    }

    /// Computes terms that do not need one another, each with the time it took.
    fn wave(
        &self,
        wave: &[usize],
        chunk: &Chunk<'l>,
        workspace: &Workspace<'l>,
        watch: &dyn Watch,
    ) -> Vec<Result<(Value<'l>, Option<Duration>), Error>> {
        let one = |number: &usize| {
            let before = watch.now();
            let rows = chunk.starts.of(*number)..chunk.rows.end;
            let value = chunk.scope.compute(&self.graph, *number, rows, workspace)?;
            let took = watch.now().zip(before).map(|(now, before)| now.saturating_sub(before));
            Ok((value, took))
        };
        match wave {
            [only] => vec![one(only)],
            several => several.par_iter().map(one).collect(),
        }
    }

    /// Takes the values of outputs at the cells of their screens, as soon as both are there. All that
    /// screens need comes first, so outputs seldom have to wait.
    fn collect(&self, rows: &Range<usize>, workspace: &mut Workspace<'_>, all: &mut [Shown]) {
        for ((columns, screen), Shown { cells, columns: found }) in self.graph.outputs().zip(all) {
            if cells.is_none() && workspace.has(screen) {
                *cells = Some(shown(workspace.flags(screen), rows));
                workspace.release(screen);
            }
            let Some(cells) = cells else { continue };
            for ((_, output), column) in columns.iter().zip(found) {
                if column.is_none() && workspace.has(*output) {
                    let (term, value) = (self.graph.term(*output), workspace.value(*output));
                    *column = Some(Column::of(term, value, cells));
                    workspace.release(*output);
                }
            }
        }
    }

    /// What somebody who looks on is told.
    fn step<'a>(&self, chunk: &Chunk<'_>, place: usize, number: usize, term: &'a str) -> Step<'a> {
        let session = |row: usize| self.axis.session(row).unwrap_or(Session::from_days(0));
        let (steps, rows) = (self.plan.order().len() as f64, &chunk.rows);
        let before = (rows.start - self.rows.start) as f64;
        let done = (before + rows.len() as f64 * place as f64 / steps) / self.rows.len() as f64;
        let sessions = session(rows.start)..=session(rows.end.saturating_sub(1));
        let assets = chunk.scope.universe.len();
        let rows = rows.end - chunk.starts.of(number);
        Step { term, number: place, sessions, rows, assets, done }
    }

    fn universe(&self, extra: usize, rows: &Range<usize>, pinned: &[Sid]) -> Universe {
        let rows = rows.start - extra..rows.end;
        let assets = self.loader.finder().assets();
        Universe::new(assets, &self.axis, &rows, pinned, self.members.as_deref())
    }
}

/// The assets of a domain, which must be on the calendar of the data.
fn members(loader: &dyn Loader, domain: &Domain) -> Result<Vec<Sid>, Error> {
    domain.check(loader.calendar().name())?;
    let assets = loader.finder().assets().iter();
    let mut members: Vec<Sid> =
        assets.filter(|asset| domain.has(asset)).map(|asset| asset.sid).collect();
    members.sort_unstable();
    Ok(members)
}

/// The assets whose own numbers are asked for: they take part in every chunk.
fn pinned(loader: &dyn Loader, graph: &Graph, sessions: &[Session]) -> Result<Vec<Sid>, Error> {
    let mut pinned = Vec::new();
    for number in 0..graph.len() {
        match graph.term(number).op() {
            Op::Slice(AssetName::Sid(sid)) => pinned.push(*sid),
            Op::Slice(name) => {
                for &session in sessions {
                    pinned.extend(resolve(loader.finder(), name, session)?);
                }
            }
            _ => {}
        }
    }
    pinned.sort_unstable();
    pinned.dedup();
    Ok(pinned)
}
