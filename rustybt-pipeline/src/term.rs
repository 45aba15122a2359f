//! Terms: the immutable, hashable nodes of a pipeline.
//!
//! A term is a value: two terms built from equal parts are equal, however and wherever they were
//! built, and a pipeline computes equal terms once.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::classifier::{LabelTest, Relabel};
use crate::dataset::{BoundColumn, ColumnKind};
use crate::expression::{Arithmetic, Comparison, Logic, Math, Operands, Scalar, Test};
use crate::factor::Formula;
use crate::filter::{AssetName, Pick, Streak};
use crate::graph::Interner;
use crate::period::Period;
use crate::transform::{Summary, Transform};

/// What a term gives for an asset on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// A number, `NaN` where it is missing.
    Number,
    /// Yes or no.
    Flag,
    /// A label that is a whole number.
    Integer,
    /// A label that is a text.
    Text,
    /// An instant.
    Time,
}

impl Dtype {
    /// Its name, for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "numbers",
            Self::Flag => "flags",
            Self::Integer => "integers",
            Self::Text => "texts",
            Self::Time => "times",
        }
    }
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
    /// The label, or that of a text where it is missing.
    FillText(String),
    /// Whether the asset is one of these.
    Assets(Vec<AssetName>),
    /// Whether it is this one, which must live on every session.
    Single(AssetName),
    /// The same number everywhere.
    Constant(Scalar),
    /// One output of a formula that has several.
    Part(usize),
    /// The newest value of a column that does not hold numbers.
    Latest(ColumnKind, BoundColumn),
    /// A flag or a label made of the numbers of a formula.
    Cast(Dtype),
    /// Numbers of a session into the number of the bin of each, from 0.
    Quantiles(usize),
    /// One label for all.
    Everything,
    /// Something true of a label.
    Label(LabelTest),
    /// Texts into other texts.
    Relabel(Relabel),
    /// How many assets have the same label.
    PeerCount,
    /// Numbers of a session into one, the same for every asset.
    Summary(Summary),
    /// The number of one asset, the same for every asset.
    Slice(AssetName),
    /// The number, no less and no more than these.
    Clip(Scalar, Scalar),
    /// The second input where the first holds, else the third.
    IfElse,
    /// A flag over a window of flags.
    Streak(Streak, usize),
    /// The value of the first session of each period, all through it.
    Downsample(Period),
    /// The residual of a regression over the assets of a session: the first input on the others.
    Neutral(usize),
    /// The same under another name.
    Alias(String),
}

#[derive(Debug)]
pub(crate) struct Node {
    op: Op,
    inputs: Vec<Term>,
    mask: Option<Term>,
    window_safe: bool,
    per_asset: bool,
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
        // One value a session: summaries, slices, and what is made of them alone.
        let per_asset = match &op {
            Op::Summary(_) | Op::Slice(_) => false,
            Op::Math(_)
            | Op::Arithmetic(..)
            | Op::Compare(..)
            | Op::Fill(_)
            | Op::Clip(..)
            | Op::Test(_)
            | Op::Alias(_)
            | Op::Downsample(_) => inputs.iter().any(Self::is_per_asset),
            _ => true,
        };
        let fingerprint = hasher.finish();
        Self(Arc::new(Node { op, inputs, mask, window_safe, per_asset, depth, fingerprint }))
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

    /// What it gives.
    pub fn dtype(&self) -> Dtype {
        let mut term = self;
        loop {
            return match &term.0.op {
                Op::Exists
                | Op::Pick(_)
                | Op::Compare(..)
                | Op::Test(_)
                | Op::Logic(_)
                | Op::Assets(_)
                | Op::Single(_)
                | Op::Label(_)
                | Op::Streak(..) => Dtype::Flag,
                Op::Column(column) => column.kind().dtype(),
                Op::Latest(kind, _) => kind.dtype(),
                Op::Cast(dtype) => *dtype,
                Op::Quantiles(_) | Op::Everything => Dtype::Integer,
                Op::Relabel(_) | Op::FillText(_) => Dtype::Text,
                Op::Alias(_) | Op::Fill(_) | Op::Downsample(_) | Op::Where | Op::Slice(_) => {
                    match term.0.inputs.first() {
                        Some(input) => {
                            term = input;
                            continue;
                        }
                        None => Dtype::Number,
                    }
                }
                Op::IfElse => match term.0.inputs.get(1) {
                    Some(input) => {
                        term = input;
                        continue;
                    }
                    None => Dtype::Number,
                },
                _ => Dtype::Number,
            };
        }
    }

    /// Whether it has one value for each asset; a summary or a slice has one for all.
    pub fn is_per_asset(&self) -> bool {
        self.0.per_asset
    }

    /// Rows of its inputs that one row of it sees; 1 where it looks at nothing but today.
    pub fn window_length(&self) -> usize {
        match &self.0.op {
            Op::Window(formula) => formula.window_length(),
            Op::Streak(_, window) => *window,
            _ => 1,
        }
    }

    /// What stands for a missing label of whole numbers: bins say −1, all others nothing.
    pub(crate) fn missing_label(&self) -> Option<i64> {
        let mut term = self;
        loop {
            match (&term.0.op, term.0.inputs.as_slice()) {
                (Op::Quantiles(_) | Op::Everything, _) => return Some(-1),
                (Op::Alias(_) | Op::Downsample(_) | Op::Where, [input]) => term = input,
                (Op::IfElse, [_, then, _]) => term = then,
                _ => return None,
            }
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
            Op::FillText(text) => format!("fillna(\"{text}\")"),
            Op::Fill(value) => format!("fillna({value})"),
            Op::Assets(names) => {
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                format!("assets({})", names.join(", "))
            }
            Op::Single(name) => format!("only({name})"),
            Op::Constant(value) => value.to_string(),
            Op::Part(part) => match self.0.inputs.first().map(Self::op) {
                Some(Op::Window(formula)) => formula
                    .outputs()
                    .get(*part)
                    .map_or_else(|| part.to_string(), |name| format!(".{name}")),
                _ => part.to_string(),
            },
            Op::Latest(..) => "latest".to_owned(),
            Op::Cast(dtype) => format!("as {}", dtype.name()),
            Op::Quantiles(bins) => format!("quantiles({bins})"),
            Op::Everything => "everything".to_owned(),
            Op::Label(test) => test.to_string(),
            Op::Relabel(_) => "relabel".to_owned(),
            Op::PeerCount => "peer_count".to_owned(),
            Op::Summary(summary) => summary.name().to_owned(),
            Op::Slice(name) => format!("[{name}]"),
            Op::Clip(low, high) => format!("clip({low}, {high})"),
            Op::IfElse => "if_else".to_owned(),
            Op::Streak(streak, window) => streak.label(*window),
            Op::Downsample(period) => format!("downsample({})", period.name()),
            Op::Neutral(_) => "neutralize".to_owned(),
            Op::Alias(name) => name.clone(),
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
