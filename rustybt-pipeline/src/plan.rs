//! The plan of a run: in which order terms are computed, over how many rows, and how long each is kept.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Axis;
use crate::graph::Graph;
use crate::term::Op;

/// What the engine follows.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Terms computed at once, wave after wave.
    waves: Vec<Vec<usize>>,
    order: Vec<usize>,
    consumers: Vec<usize>,
}

/// The first row of each term for a run that begins at some row.
#[derive(Debug)]
pub(crate) struct Starts {
    /// Positions on the axis; negative where the calendar begins too late.
    first: Vec<i64>,
    start: i64,
    computed: i64,
}

impl Plan {
    /// The plan of a graph of which up to `abreast` terms are computed at once.
    pub(crate) fn new(graph: &Graph, abreast: usize) -> Self {
        let mut consumers = vec![0; graph.len()];
        let outputs = graph.columns().iter().map(|(_, number)| *number).chain(graph.screens());
        outputs.for_each(|number| consumers[number] += 1);
        let waves = waves(graph, abreast.max(1));
        let order: Vec<usize> = waves.iter().flatten().copied().collect();
        for &number in &order {
            let needs = graph.needs(number);
            needs.inputs.iter().chain(&needs.mask).for_each(|need| consumers[*need] += 1);
        }
        Self { waves, order, consumers }
    }

    /// Terms that do not need one another, wave after wave, dependencies first.
    pub(crate) fn waves(&self) -> &[Vec<usize>] {
        &self.waves
    }

    /// Every term, dependencies first.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// How often each term is asked for, outputs included.
    pub(crate) fn consumers(&self) -> &[usize] {
        &self.consumers
    }

    /// Where each term begins when the output begins at `start`.
    ///
    /// Outputs ask for no earlier row. A window of w rows asks its inputs for `w − 1` more than it
    /// has itself; what is computed once a period asks for the first session of the period it is
    /// in. A term begins where the first that asks for it does.
    pub(crate) fn starts(&self, graph: &Graph, axis: &Axis, start: usize) -> Starts {
        let start = start as i64;
        let mut first = vec![start; graph.len()];
        for &number in self.order.iter().rev() {
            let term = graph.term(number);
            let own = first[number];
            let asked = match term.op() {
                Op::Downsample(period) => {
                    usize::try_from(own).map_or(own, |row| period.first_row(axis, row) as i64)
                }
                _ => own - (term.window_length() - 1) as i64,
            };
            let needs = graph.needs(number);
            for &input in &needs.inputs {
                first[input] = first[input].min(asked);
            }
            if let Some(mask) = needs.mask {
                first[mask] = first[mask].min(own);
            }
        }
        let is_computed = |number: &&usize| !matches!(graph.term(**number).op(), Op::Column(_));
        let computed = self.order.iter().filter(is_computed).map(|number| first[*number]).min();
        Starts { first, start, computed: computed.unwrap_or(start) }
    }
}

/// The order of the graph, in waves: of the terms whose needs are computed, the first few of the order. With
/// one at a time it is the order itself.
fn waves(graph: &Graph, abreast: usize) -> Vec<Vec<usize>> {
    let order = graph.order();
    let mut places = vec![0; graph.len()];
    order.iter().enumerate().for_each(|(place, number)| places[*number] = place);
    let mut missing = vec![0_usize; graph.len()];
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); graph.len()];
    for &number in &order {
        let needs = graph.needs(number);
        for &need in needs.inputs.iter().chain(&needs.mask) {
            missing[number] += 1;
            needed_by[need].push(number);
        }
    }
    let is_ready = |number: &&usize| missing[**number] == 0;
    let mut ready: BinaryHeap<Reverse<usize>> =
        order.iter().filter(is_ready).map(|number| Reverse(places[*number])).collect();
    let mut waves = Vec::new();
    while !ready.is_empty() {
        let first = std::iter::from_fn(|| ready.pop()).take(abreast);
        let wave: Vec<usize> =
            first.filter_map(|Reverse(place)| order.get(place)).copied().collect();
        for &number in &wave {
            for &next in &needed_by[number] {
                missing[next] -= 1;
                if missing[next] == 0 {
                    ready.push(Reverse(places[next]));
                }
            }
        }
        waves.push(wave);
    }
    waves
}

impl Starts {
    /// The first row of a term. That the calendar has it was checked for the start of the run.
    pub(crate) fn of(&self, number: usize) -> usize {
        usize::try_from(self.first[number]).unwrap_or(0)
    }

    /// Rows before the output that a term needs.
    pub(crate) fn extra_rows(&self, number: usize) -> usize {
        usize::try_from(self.start - self.first[number]).unwrap_or(0)
    }

    /// Rows before the output that some term needs.
    pub(crate) fn most_extra_rows(&self) -> usize {
        let first = self.first.iter().copied().min().unwrap_or(self.start);
        usize::try_from(self.start - first).unwrap_or(0)
    }

    /// The same of the terms that are computed: columns are merely lent.
    pub(crate) fn most_computed_extra_rows(&self) -> usize {
        usize::try_from(self.start - self.computed).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomFactor, EquityPricing, Pipeline, Returns, SimpleMovingAverage};

    #[test]
    fn windows_add_up() {
        let returns = Returns::new(6).unwrap().factor().unwrap();
        let smooth = SimpleMovingAverage::new(4).unwrap().on([&returns]).unwrap();
        let pipeline =
            Pipeline::new().with("smooth", smooth).with("close", EquityPricing::CLOSE.latest());
        let graph = Graph::new(&pipeline);
        let plan = Plan::new(&graph, 1);
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let starts = plan.starts(&graph, &Axis::sessions(calendar), 100);
        assert_eq!(starts.most_extra_rows(), 3 + 5);
        for number in 0..graph.len() {
            let expected = match graph.term(number).op() {
                Op::Column(_) => 8,
                Op::Window(formula) if formula.name() == "Returns" => 3,
                // Returns are masked by it, on as many rows as they have.
                Op::Exists => 3,
                _ => 0,
            };
            assert_eq!(100 - starts.of(number), expected, "{:?}", graph.term(number));
        }
        // The close feeds the returns and the latest value.
        let close =
            (0..graph.len()).find(|n| matches!(graph.term(*n).op(), Op::Column(_))).unwrap();
        assert_eq!(plan.consumers()[close], 2);
    }

    #[test]
    fn waves_hold_what_does_not_need_one_another() {
        let returns = Returns::new(6).unwrap().factor().unwrap();
        let close = EquityPricing::CLOSE.latest();
        let pipeline = Pipeline::new()
            .with("a", &returns + &close)
            .with("b", returns.rank(crate::Rank::default(), None))
            .screen(close.gt(5.0));
        let graph = Graph::new(&pipeline);
        assert_eq!(Plan::new(&graph, 1).order(), graph.order());
        for abreast in 1..5 {
            let plan = Plan::new(&graph, abreast);
            let mut done: Vec<usize> = Vec::new();
            for wave in plan.waves() {
                assert!(wave.len() <= abreast);
                for number in wave {
                    let needs = graph.needs(*number);
                    assert!(needs.inputs.iter().chain(&needs.mask).all(|need| done.contains(need)));
                }
                done.extend(wave);
            }
            assert_eq!(done.len(), graph.len());
        }
        assert!(Plan::new(&graph, 4).waves().len() < graph.len());
    }
}
