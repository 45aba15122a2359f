//! The plan of a run: in which order terms are computed, over how many rows, and how long each is kept.

use crate::graph::Graph;
use crate::term::Op;

/// What the engine follows.
#[derive(Debug)]
pub(crate) struct Plan {
    order: Vec<usize>,
    extra: Vec<usize>,
    consumers: Vec<usize>,
    most_computed: usize,
}

impl Plan {
    pub(crate) fn new(graph: &Graph) -> Self {
        let order = graph.order();
        let mut extra = vec![0; graph.len()];
        let mut consumers = vec![0; graph.len()];
        for number in graph.columns().iter().map(|(_, number)| *number).chain([graph.screen()]) {
            consumers[number] += 1;
        }
        // Outputs ask for no extra row. A window of w rows asks its inputs for w − 1 more than it
        // has itself; a term gets the most that anybody asks of it.
        for &number in order.iter().rev() {
            let look_back = graph.term(number).window_length() - 1;
            let needs = graph.needs(number);
            for &input in &needs.inputs {
                extra[input] = extra[input].max(extra[number] + look_back);
                consumers[input] += 1;
            }
            if let Some(mask) = needs.mask {
                extra[mask] = extra[mask].max(extra[number]);
                consumers[mask] += 1;
            }
        }
        let computed =
            order.iter().filter(|number| !matches!(graph.term(**number).op(), Op::Column(_)));
        let most_computed = computed.map(|number| extra[*number]).max().unwrap_or(0);
        Self { order, extra, consumers, most_computed }
    }

    /// Every term, dependencies first.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// Rows that a term must have before the first row of the output.
    pub(crate) fn extra_rows(&self, number: usize) -> usize {
        self.extra[number]
    }

    /// The most rows that any term must have before the first row of the output.
    pub(crate) fn most_extra_rows(&self) -> usize {
        self.extra.iter().copied().max().unwrap_or(0)
    }

    /// The same of the terms that are computed: columns are merely lent.
    pub(crate) fn most_computed_extra_rows(&self) -> usize {
        self.most_computed
    }

    /// How often each term is asked for, outputs included.
    pub(crate) fn consumers(&self) -> &[usize] {
        &self.consumers
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
        let plan = Plan::new(&graph);
        assert_eq!(plan.most_extra_rows(), 3 + 5);
        for number in 0..graph.len() {
            let expected = match graph.term(number).op() {
                Op::Column(_) => 8,
                Op::Window(formula) if formula.name() == "Returns" => 3,
                // Returns are masked by it, on as many rows as they have.
                Op::Exists => 3,
                _ => 0,
            };
            assert_eq!(plan.extra_rows(number), expected, "{:?}", graph.term(number));
        }
        // The close feeds the returns and the latest value.
        let close =
            (0..graph.len()).find(|n| matches!(graph.term(*n).op(), Op::Column(_))).unwrap();
        assert_eq!(plan.consumers()[close], 2);
    }
}
