//! What a run would do: its terms in order, and the rows and bytes of each.

use std::fmt;
use std::time::Duration;

use crate::graph::Graph;
use crate::plan::{Plan, Starts};
use crate::run::Measured;
use crate::term::{Dtype, Op};

/// One term of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What is computed, in a few words.
    pub term: String,
    /// What it gives.
    pub dtype: Dtype,
    /// Rows before those of the chunk.
    pub extra_rows: usize,
    /// How many terms and outputs use it.
    pub uses: usize,
    /// Bytes of its result over a chunk.
    pub bytes: u64,
    /// Bytes of all results held while it is computed, its own included.
    pub held: u64,
    /// What it took, where it was computed.
    pub taken: Option<Taken>,
}

/// What a term took over all chunks of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Rows computed, those before each chunk included.
    pub rows: u64,
    /// The most bytes that its result of a chunk took; what a loader merely lends takes none.
    pub bytes: u64,
    /// The time it took, where somebody had a clock.
    pub time: Option<Duration>,
}

/// The plan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The terms, in the order in which they are computed.
    pub terms: Vec<Planned>,
    /// Sessions computed at a time.
    pub chunk: usize,
    /// Chunks of the run.
    pub chunks: usize,
    /// Assets that take part in it.
    pub assets: usize,
}

impl Explanation {
    /// The most bytes of results held at once, outputs not counted.
    pub fn peak_bytes(&self) -> u64 {
        self.terms.iter().map(|term| term.held).max().unwrap_or(0)
    }

    pub(crate) fn new(
        graph: &Graph,
        plan: &Plan,
        starts: &Starts,
        (rows, chunk, assets): (usize, usize, usize),
        measured: Option<&Measured>,
    ) -> Self {
        let taken = |number: usize, measured: &Measured| Taken {
            rows: measured.rows[number],
            bytes: measured.bytes[number],
            time: measured.took[number],
        };
        let held = held_bytes(graph, plan, starts);
        let chunk = chunk.min(rows);
        let bytes = |(row, fixed): (u64, u64)| (row * chunk as u64 + fixed) * assets as u64;
        let terms = plan
            .order()
            .iter()
            .zip(held)
            .map(|(&number, held)| Planned {
                term: graph.label(number),
                dtype: graph.term(number).dtype(),
                extra_rows: starts.extra_rows(number),
                uses: plan.consumers()[number],
                bytes: bytes(size(graph, starts, number)),
                held: bytes(held),
                taken: measured.map(|measured| taken(number, measured)),
            })
            .collect();
        Self { terms, chunk, chunks: rows.div_ceil(chunk.max(1)), assets }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} chunks of {} sessions, {} assets", self.chunks, self.chunk, self.assets)?;
        for term in &self.terms {
            writeln!(
                f,
                "{:<40} {:>8} extra rows {:>12} bytes {:>12} held",
                term.term, term.extra_rows, term.bytes, term.held
            )?;
        }
        Ok(())
    }
}

/// Bytes of a term's result for each asset: for each row of the chunk, and beside those.
fn size(graph: &Graph, starts: &Starts, number: usize) -> (u64, u64) {
    let term = graph.term(number);
    let outputs = match term.op() {
        Op::Window(formula) => formula.outputs().len().max(1) as u64,
        _ => 1,
    };
    let width =
        if term.dtype() == Dtype::Flag && !matches!(term.op(), Op::Column(_)) { 1 } else { 8 };
    let row = width * outputs;
    (row, row * starts.extra_rows(number) as u64)
}

/// Bytes held for each asset while each term of the order is computed.
pub(crate) fn held_bytes(graph: &Graph, plan: &Plan, starts: &Starts) -> Vec<(u64, u64)> {
    let mut wanted = plan.consumers().to_vec();
    let (mut row, mut fixed) = (0, 0);
    let mut held = Vec::with_capacity(plan.order().len());
    for wave in plan.waves() {
        for &number in wave {
            let own = size(graph, starts, number);
            (row, fixed) = (row + own.0, fixed + own.1);
        }
        held.extend(wave.iter().map(|_| (row, fixed)));
        let mut let_go = |number: usize| {
            let own = size(graph, starts, number);
            (row, fixed) = (row - own.0, fixed - own.1);
        };
        for &number in wave {
            // Outputs are collected as soon as they are there.
            let outputs = graph.columns().iter().map(|(_, output)| *output).chain(graph.screens());
            wanted[number] -= outputs.filter(|output| *output == number).count();
            if wanted[number] == 0 {
                let_go(number);
            }
            let needs = graph.needs(number);
            for &need in needs.inputs.iter().chain(&needs.mask) {
                wanted[need] -= 1;
                if wanted[need] == 0 {
                    let_go(need);
                }
            }
        }
    }
    held
}
