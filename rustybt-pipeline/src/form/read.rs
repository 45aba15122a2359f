//! The written form into terms: every term is built by the method that users call, which checks it.

use super::across::{ACROSS, OF_LABELS, across, of_labels};
use super::node::{Node, term};
use super::{FormError, Parameters, Vocabulary, WrittenTerm, formula};
use crate::check;
use crate::dataset::checked_inputs;
use crate::expression::{Arithmetic, Comparison, Math, Operand};
use crate::factor::Formula;
use crate::term::{Dtype, Op, Term};
use crate::{BoundColumn, Classifier, ColumnKind, Error, Factor, Filter, Input, Period};

/// The terms of a list, in its order.
pub(super) fn terms(
    written: Vec<WrittenTerm>,
    vocabulary: &Vocabulary,
) -> Result<Vec<Term>, Error> {
    let mut terms: Vec<Term> = Vec::with_capacity(written.len());
    for (position, written) in written.into_iter().enumerate() {
        let place = format!("term {position}, `{}`", written.term);
        let read = one(written, &terms, vocabulary);
        terms.push(read.map_err(|problem| problem.at(place))?);
    }
    Ok(terms)
}

/// The term at a position, which must be one that a pipeline can give out.
pub(super) fn output(terms: &[Term], position: usize) -> Result<Term, FormError> {
    let Some(term) = terms.get(position) else { return Err(FormError::UnknownInput { position }) };
    if matches!(term.op(), Op::Column(_)) {
        return Err(FormError::Kind { found: "a column", expected: "a term over it" });
    }
    check::whole(term)?;
    Ok(term.clone())
}

fn one(written: WrittenTerm, terms: &[Term], vocabulary: &Vocabulary) -> Result<Term, FormError> {
    let find = |position: &usize| {
        let found = terms.get(*position).cloned();
        found.ok_or(FormError::UnknownInput { position: *position })
    };
    let inputs = written.inputs.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let mask = written.mask.as_ref().map(find).transpose()?;
    let mut node = Node::new(Parameters::of(written.parameters), inputs, mask);
    let name = written.term.as_str();
    let read = match built(name, &mut node)? {
        Some(read) => read,
        None => match vocabulary.read(name, &mut node.parameters)? {
            Some(formula) => windowed(formula, &mut node)?,
            None => return Err(unknown(name)),
        },
    };
    node.finish()?;
    check::term(&read)?;
    Ok(read)
}

fn unknown(name: &str) -> FormError {
    let mut known: Vec<&'static str> = formula::ALL.iter().map(|(name, _)| *name).collect();
    known.extend(crate::parse::names());
    known.extend(NAMES.iter().chain(&ACROSS).chain(&OF_LABELS));
    FormError::UnknownTerm { name: name.to_owned(), known }
}

/// A formula over its inputs.
fn windowed(formula: Formula, node: &mut Node) -> Result<Term, FormError> {
    let inputs = checked_inputs(&*formula, node.inputs.iter().cloned().map(Input))?;
    let mask = Filter::mask_or_exists(node.mask()?.as_ref());
    let window_safe = formula.window_safe();
    Ok(Term::new(Op::Window(formula), inputs, Some(mask), window_safe))
}

/// Names of terms that are neither formulas nor functions, nor look across assets or at labels.
const NAMES: [&str; 30] = [
    "column",
    "exists",
    "latest",
    "latest_number",
    "negate",
    "isnull",
    "notnull",
    "isfinite",
    "where",
    "fillna",
    "StaticAssets",
    "SingleAsset",
    "constant",
    "output",
    "is_true",
    "as_label",
    "Everything",
    "slice",
    "clip",
    "if_else",
    "All",
    "Any",
    "AtLeastN",
    "downsample",
    "neutralize",
    "alias",
    "&",
    "|",
    "~",
    "+",
];

/// A term that is no formula; `None` where the name is of none.
fn built(name: &str, node: &mut Node) -> Result<Option<Term>, FormError> {
    if let Some(read) = joined(name, node)? {
        return Ok(Some(read));
    }
    if let Some(read) = across(name, node)? {
        return Ok(Some(read));
    }
    if let Some(read) = of_labels(name, node)? {
        return Ok(Some(read));
    }
    Ok(Some(match name {
        "column" => {
            let (dataset, own) = (node.text("dataset")?, node.text("name")?);
            node.takes(0)?;
            let kind = match node.parameters.take("kind") {
                None => ColumnKind::Number,
                Some(kind) => kind_of(&kind)?,
            };
            let column = BoundColumn::of_kind(dataset, own, kind);
            match node.parameters.take("currency") {
                None => column.term(),
                Some(currency) => {
                    let Some(code) = currency.as_str() else {
                        return Err(FormError::BadField {
                            field: "currency",
                            expected: "a currency such as `EUR`",
                            found: currency.to_string(),
                        });
                    };
                    column.converted(code.to_owned()).term()
                }
            }
        }
        "exists" => node.takes(0).map(|()| Term::exists())?,
        "latest" => {
            let column = node.column()?;
            match column.kind() {
                ColumnKind::Number => latest(&column.latest(), node)?,
                ColumnKind::Time => column.latest().into(),
                ColumnKind::Flag => term(column.latest_flag())?,
                ColumnKind::Integer | ColumnKind::Text => term(column.latest_label())?,
            }
        }
        "latest_number" => latest(&node.column()?.latest(), node)?,
        "constant" => {
            node.takes(0)?;
            Factor::constant(node.number("value")?).into()
        }
        "StaticAssets" => {
            node.takes(0)?;
            Filter::assets(node.assets()?).into()
        }
        "SingleAsset" => {
            node.takes(0)?;
            Filter::single_asset(node.asset()?).into()
        }
        "output" => {
            node.takes(1)?;
            let part = node.text("name")?;
            term(node.factor(0)?.output(&part))?
        }
        "All" | "Any" | "AtLeastN" => {
            node.takes(1)?;
            let (filter, window) = (node.filter(0)?, node.count("window_length")?);
            term(match name {
                "All" => filter.all(window),
                "Any" => filter.any(window),
                _ => filter.at_least(node.count("N")?, window),
            })?
        }
        "if_else" => {
            node.takes(3)?;
            let condition = node.filter(0)?;
            match node.inputs.get(1).map(Term::dtype) {
                Some(Dtype::Flag) => {
                    condition.if_else_filter(&node.filter(1)?, &node.filter(2)?).into()
                }
                Some(Dtype::Integer | Dtype::Text) => {
                    term(condition.if_else_label(&node.labels(1)?, &node.labels(2)?))?
                }
                _ => condition.if_else(&node.factor(1)?, &node.factor(2)?).into(),
            }
        }
        "downsample" => {
            node.takes(1)?;
            let period =
                node.named("frequency", "a start of periods", Period::ALL, Period::name)?;
            either(
                node,
                |factor| factor.downsample(period).into(),
                |filter| filter.downsample(period).into(),
                |labels| labels.downsample(period).into(),
            )?
        }
        "alias" => {
            node.takes(1)?;
            let own = node.text("name")?;
            either(
                node,
                |factor| factor.alias(own.as_str()).into(),
                |filter| filter.alias(own.as_str()).into(),
                |labels| labels.alias(own.as_str()).into(),
            )?
        }
        "where" => {
            node.takes(1)?;
            let Some(mask) = node.mask()? else {
                let (field, expected) = ("mask", "the position of a filter");
                return Err(FormError::MissingField { field, expected });
            };
            match node.inputs.first().map(Term::dtype) {
                Some(Dtype::Integer | Dtype::Text) => node.labels(0)?.masked(&mask).into(),
                _ => node.factor(0)?.masked(&mask).into(),
            }
        }
        _ => return Ok(None),
    }))
}

/// What holds of a factor, a filter or a classifier alike.
fn either(
    node: &Node,
    factor: impl FnOnce(Factor) -> Term,
    filter: impl FnOnce(Filter) -> Term,
    labels: impl FnOnce(Classifier) -> Term,
) -> Result<Term, FormError> {
    Ok(match node.inputs.first().map(Term::dtype) {
        Some(Dtype::Flag) => filter(node.filter(0)?),
        Some(Dtype::Integer | Dtype::Text) => labels(node.labels(0)?),
        _ => factor(node.factor(0)?),
    })
}

fn latest(factor: &Factor, node: &mut Node) -> Result<Term, FormError> {
    let mask = node.mask()?;
    Ok(mask.map_or(factor.clone(), |mask| factor.masked(&mask)).into())
}

fn kind_of(value: &serde_json::Value) -> Result<ColumnKind, FormError> {
    use ColumnKind::{Flag, Integer, Number, Text, Time};
    let all = [Number, Flag, Integer, Text, Time];
    let known = value.as_str().and_then(|word| all.into_iter().find(|k| k.dtype().name() == word));
    known.ok_or_else(|| FormError::BadField {
        field: "kind",
        expected: "`numbers`, `flags`, `integers`, `texts` or `times`",
        found: value.to_string(),
    })
}

/// Operators, functions of one number, and tests.
fn joined(name: &str, node: &mut Node) -> Result<Option<Term>, FormError> {
    use Arithmetic::{Add, Divide, Multiply, Power, Remainder, Subtract};
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    let arithmetic = [Add, Subtract, Multiply, Divide, Remainder, Power];
    if let Some(op) = arithmetic.into_iter().find(|op| op.sign() == name) {
        if let Some(left) = left(node)? {
            return Ok(Some(Factor::arithmetic_left(op, left, &node.factor(0)?).into()));
        }
        let (left, right) = sides(node)?;
        return Ok(Some(left.arithmetic(op, right).into()));
    }
    let comparison = [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual];
    if let Some(op) = comparison.into_iter().find(|op| op.sign() == name) {
        let (left, right) = sides(node)?;
        return Ok(Some(left.comparison(op, right).into()));
    }
    if let Some(math) = Math::NAMED.into_iter().find(|math| math.name() == name) {
        node.takes(1)?;
        return Ok(Some(node.factor(0)?.math(math).into()));
    }
    Ok(Some(match name {
        "negate" => {
            node.takes(1)?;
            node.factor(0)?.math(Math::Negate).into()
        }
        "&" | "|" => {
            node.takes(2)?;
            let (a, b) = (node.filter(0)?, node.filter(1)?);
            if name == "&" { (a & b).into() } else { (a | b).into() }
        }
        "~" => {
            node.takes(1)?;
            (!node.filter(0)?).into()
        }
        "isnull" | "notnull" => {
            node.takes(1)?;
            let labels =
                matches!(node.inputs.first().map(Term::dtype), Some(Dtype::Integer | Dtype::Text));
            match (labels, name) {
                (true, "isnull") => node.labels(0)?.isnull().into(),
                (true, _) => node.labels(0)?.notnull().into(),
                (false, "isnull") => node.factor(0)?.isnull().into(),
                (false, _) => node.factor(0)?.notnull().into(),
            }
        }
        "isfinite" => {
            node.takes(1)?;
            node.factor(0)?.isfinite().into()
        }
        "is_true" => {
            node.takes(1)?;
            node.factor(0)?.is_true().into()
        }
        "as_label" => {
            node.takes(1)?;
            node.factor(0)?.as_label().into()
        }
        "clip" => {
            node.takes(1)?;
            let (low, high) = (node.number("min_bound")?, node.number("max_bound")?);
            term(node.factor(0)?.clip(low, high))?
        }
        _ => return Ok(None),
    }))
}

/// The constant in front of an operator, if there is one.
fn left(node: &mut Node) -> Result<Option<f64>, FormError> {
    let Some(value) = node.parameters.take("left") else { return Ok(None) };
    node.takes(1)?;
    let mut one = Parameters::new().with("left", value);
    Ok(Some(one.scalar("left")?.0))
}

/// The sides of an operator without a constant in front.
fn sides(node: &mut Node) -> Result<(Factor, Operand), FormError> {
    if let Some(value) = node.parameters.take("right") {
        node.takes(1)?;
        let mut one = Parameters::new().with("right", value);
        return Ok((node.factor(0)?, one.scalar("right")?.0.into()));
    }
    node.takes(2)?;
    Ok((node.factor(0)?, node.factor(1)?.into()))
}
