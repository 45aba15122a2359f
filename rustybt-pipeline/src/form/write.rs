//! Terms into their written form.

use serde_json::{Map, Value};

use super::{Parameters, WrittenTerm};
use crate::classifier::{Label, LabelTest};
use crate::expression::{Math, Operands};
use crate::factor::{CustomFactor, Latest};
use crate::filter::{AssetName, Pick, Streak};
use crate::graph::Interner;
use crate::term::{Dtype, Op, Term};
use crate::transform::Transform;
use crate::{ColumnKind, Error};

/// Gives every term its place, those that it needs first.
#[derive(Debug)]
pub(super) struct Writer(Interner);

impl Default for Writer {
    fn default() -> Self {
        Self(Interner::keeping_names())
    }
}

impl Writer {
    /// The place of a term.
    pub(super) fn add(&mut self, term: &Term) -> usize {
        self.0.intern(term)
    }

    /// Every term, in order; `outputs` are the places that were given before.
    pub(super) fn terms(self, outputs: Vec<&mut usize>) -> Result<Vec<WrittenTerm>, Error> {
        let terms = self.0.terms();
        let mut written =
            terms.iter().map(|term| self.term(term)).collect::<Result<Vec<_>, _>>()?;
        // That assets live is the mask of nearly everything, and goes without saying.
        if let Some(lives) = terms.iter().position(|term| *term.op() == Op::Exists) {
            let named =
                |term: &WrittenTerm| term.inputs.iter().chain(&term.mask).any(|at| *at == lives);
            if !written.iter().any(named) && outputs.iter().all(|place| **place != lives) {
                written.remove(lives);
                let own = written
                    .iter_mut()
                    .flat_map(|term| term.inputs.iter_mut().chain(&mut term.mask));
                let places = own.chain(outputs);
                places.filter(|place| **place > lives).for_each(|place| *place -= 1);
            }
        }
        Ok(written)
    }

    fn term(&self, term: &Term) -> Result<WrittenTerm, Error> {
        let (name, parameters) = written(term)?;
        let told = |mask: &&Term| *term.op() == Op::Where || *mask.op() != Op::Exists;
        Ok(WrittenTerm {
            term: name,
            parameters: parameters.into_map(),
            inputs: term.inputs().iter().filter_map(|input| self.0.of(input)).collect(),
            mask: term.mask().filter(told).and_then(|mask| self.0.of(mask)),
        })
    }
}

/// The name and the parameters of a term.
fn written(term: &Term) -> Result<(String, Parameters), Error> {
    let none = Parameters::new;
    let (name, parameters) = match term.op() {
        Op::Column(column) => {
            let told = none().with("dataset", column.dataset()).with("name", column.name());
            let told = match column.kind() {
                ColumnKind::Number => told,
                kind => told.with("kind", kind.dtype().name()),
            };
            (
                "column",
                match column.currency() {
                    None => told,
                    Some(currency) => told.with("currency", currency),
                },
            )
        }
        Op::Exists => ("exists", none()),
        Op::Window(formula) => {
            let custom: &dyn CustomFactor = &**formula;
            if custom.as_any().is::<Latest>() {
                let numbers = term.inputs().first().is_some_and(|of| of.dtype() == Dtype::Number);
                return Ok((if numbers { "latest" } else { "latest_number" }.to_owned(), none()));
            }
            let Some(parameters) = custom.parameters() else {
                return Err(Error::NotWritable { term: custom.name().to_owned() });
            };
            (custom.name(), parameters)
        }
        Op::Transform(Transform::Rank(rank)) => {
            let told = none().with("method", rank.how().name());
            ("rank", told.with("ascending", !rank.is_descending()))
        }
        Op::Transform(Transform::ZScore) => ("zscore", none()),
        Op::Transform(Transform::Demean) => ("demean", none()),
        Op::Transform(Transform::Winsorize(low, high)) => {
            ("winsorize", none().with("min_percentile", *low).with("max_percentile", *high))
        }
        Op::Pick(Pick::Top(n)) => ("top", none().with("N", *n)),
        Op::Pick(Pick::Bottom(n)) => ("bottom", none().with("N", *n)),
        Op::Pick(Pick::Percentiles(low, high)) => (
            "percentile_between",
            none().with("min_percentile", *low).with("max_percentile", *high),
        ),
        Op::Math(Math::Negate) => ("negate", none()),
        Op::Math(math) => (math.name(), none()),
        Op::Arithmetic(op, operands) => (op.sign(), constant(*operands)),
        Op::Compare(op, operands) => (op.sign(), constant(*operands)),
        Op::Test(test) => (test.name(), none()),
        Op::Logic(logic) => (logic.sign(), none()),
        Op::Where => ("where", none()),
        Op::Fill(value) if term.dtype() == Dtype::Integer => {
            ("fillna", none().with("fill_value", value.0 as i64))
        }
        Op::Fill(value) => ("fillna", none().with("fill_value", *value)),
        Op::FillText(text) => ("fillna", none().with("fill_value", text.as_str())),
        Op::Assets(names) => {
            let names: Vec<Value> = names.iter().map(asset).collect();
            ("StaticAssets", none().with("assets", names))
        }
        Op::Single(name) => ("SingleAsset", none().with("asset", asset(name))),
        Op::Constant(value) => ("constant", none().with("value", *value)),
        Op::Part(part) => {
            let name = match term.inputs().first().map(Term::op) {
                Some(Op::Window(formula)) => formula.outputs().get(*part).copied(),
                _ => None,
            };
            ("output", none().with("name", name.unwrap_or_default()))
        }
        Op::Latest(..) => ("latest", none()),
        Op::Cast(Dtype::Flag) => ("is_true", none()),
        Op::Cast(_) => ("as_label", none()),
        Op::Quantiles(bins) => ("quantiles", none().with("bins", *bins)),
        Op::Everything => ("Everything", none()),
        Op::Label(test) => of_label(test),
        Op::Relabel(relabel) => {
            let Some(table) = relabel.pairs() else {
                return Err(Error::NotWritable { term: "relabel".to_owned() });
            };
            let pairs = table.iter().map(|(from, to)| (from.clone(), Value::from(to.as_str())));
            ("relabel", none().with("relabeler", pairs.collect::<Map<_, _>>()))
        }
        Op::PeerCount => ("PeerCount", none()),
        Op::Summary(summary) => (summary.name(), none()),
        Op::Slice(name) => ("slice", none().with("asset", asset(name))),
        Op::Clip(low, high) => ("clip", none().with("min_bound", *low).with("max_bound", *high)),
        Op::IfElse => ("if_else", none()),
        Op::Streak(streak, window) => {
            let told = none().with("window_length", *window);
            (
                streak.name(),
                match streak {
                    Streak::AtLeast(n) => told.with("N", *n),
                    Streak::All | Streak::Any => told,
                },
            )
        }
        Op::Downsample(period) => ("downsample", none().with("frequency", period.name())),
        Op::Neutral(_) => ("neutralize", none()),
        Op::Alias(name) => ("alias", none().with("name", name.as_str())),
    };
    Ok((name.to_owned(), parameters))
}

/// The constant of an operator, if it has one.
fn constant(operands: Operands) -> Parameters {
    match operands {
        Operands::Both => Parameters::new(),
        Operands::Right(value) => Parameters::new().with("right", value),
        Operands::Left(value) => Parameters::new().with("left", value),
    }
}

fn of_label(test: &LabelTest) -> (&'static str, Parameters) {
    let none = Parameters::new;
    match test {
        LabelTest::Is(other) => ("eq", none().with("other", label(other))),
        LabelTest::Differs(other) => ("ne", none().with("other", label(other))),
        LabelTest::OneOf(labels) => {
            ("element_of", none().with("choices", labels.iter().map(label).collect::<Vec<_>>()))
        }
        LabelTest::StartsWith(text) => ("startswith", none().with("prefix", text.as_str())),
        LabelTest::EndsWith(text) => ("endswith", none().with("suffix", text.as_str())),
        LabelTest::Contains(text) => ("has_substring", none().with("substring", text.as_str())),
        LabelTest::Matches(pattern) => ("matches", none().with("pattern", pattern.text())),
    }
}

fn label(label: &Label) -> Value {
    match label {
        Label::Integer(label) => Value::from(*label),
        Label::Text(text) => Value::from(text.as_str()),
    }
}

/// A sid is a number, a symbol a string.
fn asset(name: &AssetName) -> Value {
    match name {
        AssetName::Sid(sid) => Value::from(sid.0),
        AssetName::Symbol(symbol) => Value::from(symbol.as_str()),
    }
}
