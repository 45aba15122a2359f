//! Terms: the immutable, hashable nodes of a pipeline.
//!
//! A term is a value: two terms built from equal parts are equal, however and wherever they were
//! built, and a pipeline computes equal terms once.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::dataset::BoundColumn;
use crate::expression::{Arithmetic, Comparison, Logic, Math, Operands, Scalar, Test};
use crate::factor::Formula;
use crate::filter::{AssetName, Pick};
use crate::graph::Interner;
use crate::transform::Transform;

/// What a term gives for an asset on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// A number, `NaN` where it is missing.
    Number,
    /// Yes or no.
    Flag,
}

/// A node of a pipeline: what is computed, from what, and for which assets.
///
/// Users hold typed handles, [`Factor`](crate::Factor) and [`Filter`](crate::Filter); a term is
/// either of them, or the column they are computed from.
#[derive(Clone)]
pub struct Term(Arc<Node>);

/// How a term comes about. The one place that lists every kind.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// Loaded from a data set.
    Column(BoundColumn),
    /// Whether the asset lives: `start < session <= end`.
    Exists,
    /// A formula over windows, asset by asset.
    Window(Formula),
    /// Numbers of a session into numbers of the session.
    Transform(Transform),
    /// Numbers of a session into a choice among its assets.
    Pick(Pick),
    /// A function of each number.
    Math(Math),
    /// Two numbers into one.
    Arithmetic(Arithmetic, Operands),
    /// Two numbers into a flag.
    Compare(Comparison, Operands),
    /// A number into a flag.
    Test(Test),
    /// Flags into a flag.
    Logic(Logic),
    /// The number where the mask holds, missing elsewhere.
    Where,
    /// The number, or a constant where it is missing.
    Fill(Scalar),
    /// Whether the asset is one of these.
    Assets(Vec<AssetName>),
}

#[derive(Debug)]
pub(crate) struct Node {
    op: Op,
    inputs: Vec<Term>,
    mask: Option<Term>,
    window_safe: bool,
    depth: usize,
    fingerprint: u64,
}

impl Term {
    pub(crate) fn new(op: Op, inputs: Vec<Term>, mask: Option<Term>, window_safe: bool) -> Self {
        let mut hasher = DefaultHasher::new();
        op.hash(&mut hasher);
        for input in &inputs {
            input.0.fingerprint.hash(&mut hasher);
        }
        mask.as_ref().map(|mask| mask.0.fingerprint).hash(&mut hasher);
        let depth = inputs.iter().chain(&mask).map(Self::depth).max().map_or(0, |depth| depth + 1);
        Self(Arc::new(Node { op, inputs, mask, window_safe, depth, fingerprint: hasher.finish() }))
    }

    /// The term that says which assets live.
    pub(crate) fn exists() -> Self {
        Self::new(Op::Exists, Vec::new(), None, true)
    }

    pub(crate) fn op(&self) -> &Op {
        &self.0.op
    }

    pub(crate) fn inputs(&self) -> &[Term] {
        &self.0.inputs
    }

    /// The filter outside which the term is missing (or false); `None` where nothing is masked.
    pub(crate) fn mask(&self) -> Option<&Term> {
        self.0.mask.as_ref()
    }

    /// Everything that must be computed before it.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &Term> {
        self.0.inputs.iter().chain(&self.0.mask)
    }

    /// Terms on the longest way down to a column.
    pub(crate) fn depth(&self) -> usize {
        self.0.depth
    }

    /// The address of the node: equal addresses are equal terms, but not the other way round.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// Whether it gives numbers or flags.
    pub fn dtype(&self) -> Dtype {
        match self.0.op {
            Op::Exists
            | Op::Pick(_)
            | Op::Compare(..)
            | Op::Test(_)
            | Op::Logic(_)
            | Op::Assets(_) => Dtype::Flag,
            _ => Dtype::Number,
        }
    }

    /// Rows of its inputs that one row of it sees; 1 where it looks at nothing but today.
    pub fn window_length(&self) -> usize {
        match &self.0.op {
            Op::Window(formula) => formula.window_length(),
            _ => 1,
        }
    }

    /// Whether its past values stay comparable when prices are restated, so that a window may be
    /// cut from it.
    pub fn is_window_safe(&self) -> bool {
        self.0.window_safe
    }

    /// What it is, in a few words, without its inputs.
    pub fn label(&self) -> String {
        match &self.0.op {
            Op::Column(column) => column.to_string(),
            Op::Exists => "exists".to_owned(),
            Op::Window(formula) => formula.label(),
            Op::Transform(transform) => transform.to_string(),
            Op::Pick(pick) => pick.to_string(),
            Op::Math(math) => math.name().to_owned(),
            Op::Arithmetic(arithmetic, operands) => operands.label(arithmetic.sign()),
            Op::Compare(comparison, operands) => operands.label(comparison.sign()),
            Op::Test(test) => test.name().to_owned(),
            Op::Logic(logic) => logic.sign().to_owned(),
            Op::Where => "where".to_owned(),
            Op::Fill(value) => format!("fillna({value})"),
            Op::Assets(names) => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                format!("assets({})", names.join(", "))
            }
        }
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        if self.0.fingerprint != other.0.fingerprint {
            return false;
        }
        let mut interner = Interner::default();
        interner.intern(self) == interner.intern(other)
    }
}

impl Eq for Term {}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.fingerprint.hash(state);
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Term({})", self.label())
    }
}

/// Long chains are taken apart in a loop: a recursive drop would need a stack as deep as they are.
impl Drop for Node {
    fn drop(&mut self) {
        let mut pending: Vec<Term> = std::mem::take(&mut self.inputs);
        pending.extend(self.mask.take());
        while let Some(term) = pending.pop() {
            if let Some(mut node) = Arc::into_inner(term.0) {
                pending.append(&mut node.inputs);
                pending.extend(node.mask.take());
            }
        }
    }
}
