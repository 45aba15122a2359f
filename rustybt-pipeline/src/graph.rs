//! The graph of a pipeline: equal terms merged, every term before those that need it.

use std::collections::HashMap;
use std::fmt::Write;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{DfsPostOrder, Reversed};

use crate::term::{Dtype, Op, Term};
use crate::{Filter, Pipeline};

/// Gives equal terms the same number, and dependencies lower numbers than what needs them.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    terms: Vec<Term>,
    numbers: HashMap<Key, usize>,
    /// Nodes seen before, by address: shared parts are walked once. The terms that were walked are
    /// kept, so that no address is used twice.
    seen: HashMap<usize, usize>,
    walked: Vec<Term>,
    /// Other names that terms were given.
    names: HashMap<usize, String>,
    /// Whether a term under another name is a term of its own.
    keeps_names: bool,
}

/// A term by its own nature and the numbers of what it depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    op: Op,
    inputs: Vec<usize>,
    mask: Option<usize>,
}

impl Interner {
    /// One for which a term under another name is a term of its own.
    pub(crate) fn keeping_names() -> Self {
        Self { keeps_names: true, ..Self::default() }
    }

    /// Every term that has a number, in order.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The number of a term; its dependencies are numbered first. Walks without recursion.
    pub(crate) fn intern(&mut self, term: &Term) -> usize {
        let mut pending = vec![term.clone()];
        let mut number = 0;
        while let Some(next) = pending.pop() {
            if let Some(known) = self.seen.get(&next.address()) {
                number = *known;
                continue;
            }
            if let (Op::Alias(name), [input], false) = (next.op(), next.inputs(), self.keeps_names)
            {
                // Another name is the same term; the first name it was given is shown.
                if let Some(known) = self.seen.get(&input.address()) {
                    number = *known;
                    self.names.entry(number).or_insert_with(|| name.clone());
                    self.seen.insert(next.address(), number);
                    self.walked.push(next);
                    continue;
                }
            }
            let before = pending.len();
            let unseen = |term: &&Term| !self.seen.contains_key(&term.address());
            let missing: Vec<Term> = next.dependencies().filter(unseen).cloned().collect();
            if !missing.is_empty() {
                pending.push(next);
                pending.extend(missing);
                debug_assert!(pending.len() > before, "every round goes deeper");
                continue;
            }
            number = self.number(next);
        }
        number
    }

    /// The number of a term whose dependencies have theirs.
    fn number(&mut self, term: Term) -> usize {
        let seen = |term: &Term| self.seen.get(&term.address()).copied();
        let inputs: Vec<usize> = term.inputs().iter().filter_map(seen).collect();
        let key = Key { op: term.op().clone(), inputs, mask: term.mask().and_then(seen) };
        let next = self.terms.len();
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.terms.push(term.clone());
        }
        self.seen.insert(term.address(), number);
        self.walked.push(term);
        number
    }

    /// The number of a term that has been seen.
    pub(crate) fn of(&self, term: &Term) -> Option<usize> {
        self.seen.get(&term.address()).copied()
    }
}

/// The terms of a pipeline, each once, with an edge from every term to those that need it.
#[derive(Debug)]
pub(crate) struct Graph {
    terms: DiGraph<Term, Role>,
    /// The inputs and the mask of each term, in order.
    needs: Vec<Needs>,
    names: HashMap<usize, String>,
    /// The named outputs of all pipelines, one pipeline after the other.
    columns: Vec<(String, usize)>,
    /// For each pipeline, where its columns end, and its screen.
    pipelines: Vec<(usize, usize)>,
}

/// What a term needs, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    pub(crate) inputs: Vec<usize>,
    pub(crate) mask: Option<usize>,
}

/// What a term is to one that needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Input,
    Mask,
}

impl Graph {
    pub(crate) fn new(pipeline: &Pipeline) -> Self {
        Self::of(&[pipeline])
    }

    /// The terms of several pipelines: equal ones are one, whoever asks for them.
    pub(crate) fn of(all: &[&Pipeline]) -> Self {
        let mut interner = Interner::default();
        let (mut columns, mut pipelines) = (Vec::new(), Vec::new());
        for pipeline in all {
            let named = pipeline.columns();
            columns.extend(named.map(|(name, term)| (name.to_owned(), interner.intern(term))));
            let screen = pipeline.screen_filter().cloned().unwrap_or_else(Filter::exists);
            pipelines.push((columns.len(), interner.intern(&screen.into())));
        }

        let mut graph = DiGraph::new();
        let nodes: Vec<NodeIndex> =
            interner.terms.iter().map(|term| graph.add_node(term.clone())).collect();
        let mut needs = Vec::with_capacity(nodes.len());
        for (term, &node) in interner.terms.iter().zip(&nodes) {
            let found = Needs {
                inputs: term.inputs().iter().filter_map(|input| interner.of(input)).collect(),
                mask: term.mask().and_then(|mask| interner.of(mask)),
            };
            let inputs = found.inputs.iter().map(|input| (*input, Role::Input));
            for (from, role) in inputs.chain(found.mask.map(|mask| (mask, Role::Mask))) {
                graph.add_edge(NodeIndex::new(from), node, role);
            }
            needs.push(found);
        }
        Self { terms: graph, needs, names: interner.names, columns, pipelines }
    }

    pub(crate) fn len(&self) -> usize {
        self.needs.len()
    }

    pub(crate) fn term(&self, number: usize) -> &Term {
        &self.terms[NodeIndex::new(number)]
    }

    /// What a term is called in pictures: the other name it was given, else what it is.
    pub(crate) fn label(&self, number: usize) -> String {
        self.names.get(&number).cloned().unwrap_or_else(|| self.term(number).label())
    }

    pub(crate) fn needs(&self, number: usize) -> &Needs {
        &self.needs[number]
    }

    /// The named outputs of all pipelines.
    pub(crate) fn columns(&self) -> &[(String, usize)] {
        &self.columns
    }

    /// The named outputs and the screen of each pipeline.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = (&[(String, usize)], usize)> {
        let starts = std::iter::once(0).chain(self.pipelines.iter().map(|(end, _)| *end));
        starts.zip(&self.pipelines).map(|(start, (end, screen))| {
            (self.columns.get(start..*end).unwrap_or_default(), *screen)
        })
    }

    /// The screen of each pipeline.
    pub(crate) fn screens(&self) -> impl Iterator<Item = usize> {
        self.pipelines.iter().map(|(_, screen)| *screen)
    }

    /// Every term, dependencies first: all that screens need, then column by column, so that
    /// what only one output needs is done with before the next one begins.
    pub(crate) fn order(&self) -> Vec<usize> {
        let needs_first = Reversed(&self.terms);
        let mut walk = DfsPostOrder::empty(needs_first);
        let mut order = Vec::with_capacity(self.len());
        for output in self.screens().chain(self.columns.iter().map(|(_, number)| *number)) {
            walk.move_to(NodeIndex::new(output));
            while let Some(node) = walk.next(needs_first) {
                order.push(node.index());
            }
        }
        order
    }

    /// The graph in the language of Graphviz.
    pub(crate) fn dot(&self) -> String {
        let mut dot =
            String::from("digraph pipeline {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n");
        for number in 0..self.len() {
            let term = self.term(number);
            let shape = match (term.op(), term.dtype()) {
                (Op::Column(_), _) => "cylinder",
                (_, Dtype::Number | Dtype::Time) => "box",
                (_, Dtype::Flag) => "diamond",
                (_, Dtype::Integer | Dtype::Text) => "ellipse",
            };
            let label = escape(&self.label(number));
            let _ = writeln!(dot, "  t{number} [shape={shape}, label=\"{label}\"];");
        }
        for edge in self.terms.raw_edges() {
            let (from, to) = (edge.source().index(), edge.target().index());
            let style = if edge.weight == Role::Mask { " [style=dashed]" } else { "" };
            let _ = writeln!(dot, "  t{from} -> t{to}{style};");
        }
        for (i, (name, number)) in self.columns.iter().enumerate() {
            let name = escape(name);
            let _ =
                writeln!(dot, "  c{i} [shape=plaintext, label=\"{name}\"];\n  t{number} -> c{i};");
        }
        for screen in self.screens() {
            let _ =
                writeln!(dot, "  screen [shape=plaintext];\n  t{screen} -> screen [style=dashed];");
        }
        dot.push_str("}\n");
        dot
    }
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomFactor, EquityPricing, Factor, Returns};

    #[test]
    fn equal_terms_are_one() {
        let build = || Returns::new(5).unwrap().factor().unwrap().zscore(None);
        assert_eq!(build(), build());
        assert_ne!(build(), Returns::new(6).unwrap().factor().unwrap().zscore(None));
        let pipeline = Pipeline::new()
            .with("a", build())
            .with("b", build())
            .with("c", build() + 1.0)
            .screen(build().top(3, None));
        // exists, close, returns, zscore, + 1, top.
        assert_eq!(Graph::new(&pipeline).len(), 6);
    }

    #[test]
    fn order_puts_what_is_needed_first() {
        let close = EquityPricing::CLOSE.latest();
        let pipeline = Pipeline::new().with("x", &close * 2.0 + &close).screen(close.gt(5.0));
        let graph = Graph::new(&pipeline);
        let order = graph.order();
        let position = |n: usize| order.iter().position(|x| *x == n).unwrap();
        for number in 0..graph.len() {
            let needs = graph.needs(number);
            for need in needs.inputs.iter().chain(&needs.mask) {
                assert!(position(*need) < position(number));
            }
        }
    }

    #[test]
    fn deep_and_bushy_terms_cost_what_they_have() {
        let doubled = |mut factor: Factor| {
            for _ in 0..64 {
                factor = &factor + &factor;
            }
            factor
        };
        let (a, b) =
            (doubled(EquityPricing::CLOSE.latest()), doubled(EquityPricing::CLOSE.latest()));
        assert_eq!(a, b);
        let mut chain = EquityPricing::CLOSE.latest();
        for _ in 0..200_000 {
            chain = chain + 1.0;
        }
        assert_eq!(Graph::new(&Pipeline::new().with("deep", chain)).len(), 200_003);
    }

    #[test]
    fn dot_escapes_names() {
        let pipeline = Pipeline::new().with("a \"quoted\" name", EquityPricing::CLOSE.latest());
        let dot = Graph::new(&pipeline).dot();
        assert!(dot.contains("label=\"a \\\"quoted\\\" name\""), "{dot}");
        assert!(dot.contains("EquityPricing.close"));
    }
}
