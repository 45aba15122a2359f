//! Statements into a pipeline.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::arguments::{Arguments, Given};
use super::error::Fault;
use super::syntax::{Expression, Node, Span, Statement};
use super::value::Value;
use super::{builtin, dataset, method, suggest};
use crate::check;
use crate::expression::{Arithmetic, Comparison};
use crate::{BoundColumn, Domain, Factor, Label, Pipeline};

/// Longer chains of terms are refused: they are no pipeline that anybody means.
const LONGEST_CHAIN: usize = 10_000;

/// Evaluates a file; its pipeline is the last one it makes.
pub(super) fn pipeline(program: &[Statement], columns: &[BoundColumn]) -> Result<Pipeline, Fault> {
    let markets = RefCell::new(Vec::new());
    let mut names = Names { given: BTreeMap::new(), columns, markets: &markets };
    let mut made = None;
    let mut end = Span { line: 1, column: 1, width: 1 };
    for Statement { names: targets, value: expression } in program {
        let value = evaluate(expression, &names)?;
        if value.depth() > LONGEST_CHAIN {
            return Fault::new(expression.at, "this is built on too many steps");
        }
        end = expression.at;
        // `pipe.add(…)` and `pipe.set_screen(…)` change the pipeline that stands before the point.
        let changed = match &expression.node {
            Node::Call { what, .. } => match &what.node {
                Node::Attribute { of, .. } => match &of.node {
                    Node::Name(name) => Some(name.clone()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if let Value::Pipeline(pipeline) = &value {
            made = Some(pipeline.clone());
            if let Some(name) = changed {
                names.given.insert(name, value.clone());
            }
        }
        match targets.as_slice() {
            [] => {}
            [name] => {
                names.given.insert(name.clone(), value);
            }
            several => {
                for (name, part) in several.iter().zip(parts(value, several.len(), end)?) {
                    names.given.insert(name.clone(), part);
                }
            }
        }
    }
    match made {
        Some(pipeline) => of_one_market(pipeline, &markets.borrow()),
        None => Fault::new(
            end,
            "the file makes no pipeline; end it with `Pipeline(columns={…}, screen=…)`",
        ),
    }
}

/// What names mean: those assigned to, and the data sets there are.
pub(super) struct Names<'a> {
    given: BTreeMap<String, Value>,
    pub(super) columns: &'a [BoundColumn],
    /// The markets of the data sets that were named.
    markets: &'a RefCell<Vec<Market>>,
}

/// A market that a data set is of, and where the file says so.
#[derive(Debug)]
struct Market {
    domain: Domain,
    at: Span,
}

/// The pipeline with the market of its data sets, which must be one, and the pipeline's own where it has one.
fn of_one_market(pipeline: Pipeline, markets: &[Market]) -> Result<Pipeline, Fault> {
    let Some(first) = markets.first() else { return Ok(pipeline) };
    if let Some(other) = markets.iter().find(|market| market.domain != first.domain) {
        let (domain, line, first) = (&other.domain, first.at.line, &first.domain);
        return Fault::new(
            other.at,
            format!(
                "this is of {domain}, and the data of line {line} are of {first}: a pipeline has one market"
            ),
        );
    }
    match pipeline.domain() {
        Some(own) if *own != first.domain => {
            Fault::new(first.at, format!("this is of {}, and the pipeline of {own}", first.domain))
        }
        _ => Ok(pipeline.of(first.domain.clone())),
    }
}

/// The parts of a list, or of a factor with several outputs.
fn parts(value: Value, count: usize, at: Span) -> Result<Vec<Value>, Fault> {
    let kind = value.kind();
    let parts = match value {
        Value::List(items) => items,
        Value::Factor(factor) => {
            factor.outputs().into_iter().map(|(_, part)| Value::Factor(part)).collect()
        }
        _ => Vec::new(),
    };
    if parts.len() == count {
        return Ok(parts);
    }
    let found = if parts.is_empty() { kind.to_owned() } else { format!("{} parts", parts.len()) };
    Fault::new(at, format!("{count} names are assigned to, and this is {found}"))
}

/// Refuses a term that works on something else than it is given.
fn checked(value: Value, at: Span) -> Result<Value, Fault> {
    match value.term().map(|term| check::term(&term)) {
        Some(Err(error)) => Fault::new(at, error.to_string()),
        _ => Ok(value),
    }
}

fn evaluate(expression: &Expression, names: &Names<'_>) -> Result<Value, Fault> {
    let at = expression.at;
    match &expression.node {
        Node::Number(number) => Ok(Value::Number(*number)),
        Node::Text(text) => Ok(Value::Text(text.clone())),
        Node::Bool(value) => Ok(Value::Bool(*value)),
        Node::None => Ok(Value::None),
        Node::Name(name) => name_value(name, at, names),
        Node::List(items) => items
            .iter()
            .map(|item| evaluate(item, names))
            .collect::<Result<_, _>>()
            .map(Value::List),
        Node::Dictionary(items) => {
            let mut values: Vec<(String, Value)> = Vec::with_capacity(items.len());
            for (key, value) in items {
                let name = match evaluate(key, names)? {
                    Value::Text(name) => name,
                    other => {
                        return Fault::new(
                            key.at,
                            format!("a name in quotes was expected, not {}", other.kind()),
                        );
                    }
                };
                if values.iter().any(|(known, _)| *known == name) {
                    return Fault::new(key.at, format!("the name \"{name}\" comes twice"));
                }
                values.push((name, evaluate(value, names)?));
            }
            Ok(Value::Dictionary(values))
        }
        Node::Attribute { of, name, name_at } => {
            method::attribute(evaluate(of, names)?, name, *name_at, names.columns)
        }
        Node::Index { of, index } => match (evaluate(of, names)?, evaluate(index, names)?) {
            (Value::Factor(factor), Value::Asset(asset)) => Ok(Value::Factor(factor.slice(asset))),
            (Value::Factor(_), other) => Fault::new(
                index.at,
                format!("an asset was expected, as in `[symbol('AAPL')]`, not {}", other.kind()),
            ),
            (other, _) => Fault::new(of.at, format!("{} has no parts to take", other.kind())),
        },
        Node::Call { what, arguments } => {
            let called = evaluate(what, names)?;
            let given = arguments.iter().map(|argument| {
                let (value, at) = (evaluate(&argument.value, names)?, argument.value.at);
                Ok(Given { name: argument.name.clone(), value, at })
            });
            let given = given.collect::<Result<Vec<_>, Fault>>()?;
            let value = match called {
                Value::Builtin(builtin) => builtin.call(at, given),
                Value::Method(of, name) if name == "specialize" => {
                    let mut a = Arguments::new(&name, at, given, &["domain"])?;
                    if let (Value::Domain(domain), _) = a.need("domain")? {
                        let markets = domain.map(|domain| Market { domain, at });
                        names.markets.borrow_mut().extend(markets);
                        return Ok(*of);
                    }
                    return Fault::new(at, "`specialize` takes a domain, as in `US_EQUITIES`");
                }
                Value::Method(of, name) => {
                    // The place of a method's mistakes is the method, not all that stands before it.
                    let at = match &what.node {
                        Node::Attribute { name_at, .. } => *name_at,
                        _ => at,
                    };
                    method::call(&of, &name, at, given)
                }
                other => Fault::new(what.at, format!("{} cannot be called", other.kind())),
            }?;
            checked(value, at)
        }
        Node::Unary { sign, of } => unary(sign, evaluate(of, names)?, at),
        Node::Binary { sign, sign_at, left, right } => {
            let joined = binary(sign, *sign_at, &evaluate(left, names)?, &evaluate(right, names)?)?;
            checked(joined, *sign_at)
        }
    }
}

fn name_value(name: &str, at: Span, names: &Names<'_>) -> Result<Value, Fault> {
    if let Some(domain) = builtin::market_of(name).filter(|_| !names.given.contains_key(name)) {
        names.markets.borrow_mut().push(Market { domain, at });
    }
    if let Some(value) = names.given.get(name).cloned().or_else(|| builtin::lookup(name)) {
        return Ok(value);
    }
    if dataset::is_known(name, names.columns) {
        return Ok(Value::Dataset(name.to_owned()));
    }
    let mut known: Vec<&str> = names.given.keys().map(String::as_str).collect();
    let datasets = names.columns.iter().map(BoundColumn::dataset);
    known.extend(datasets.map(|name| name.split('.').next().unwrap_or(name)));
    known.extend(builtin::names().map(|name| -> &str { name }));
    Fault::new(at, format!("unknown name `{name}`{}", suggest::hint(name, &known)))
}

fn unary(sign: &str, of: Value, at: Span) -> Result<Value, Fault> {
    match (sign, of) {
        ("-", Value::Number(number)) => Ok(Value::Number(-number)),
        ("-", Value::Factor(factor)) => Ok(Value::Factor(-factor)),
        ("+", Value::Number(number)) => Ok(Value::Number(number)),
        ("~", Value::Filter(filter)) => Ok(Value::Filter(!filter)),
        (_, Value::Column(column)) => Fault::new(
            at,
            format!("`{sign}` cannot stand before a column; write `{column}.latest`"),
        ),
        (_, other) => Fault::new(at, format!("`{sign}` cannot stand before {}", other.kind())),
    }
}

fn binary(sign: &str, at: Span, left: &Value, right: &Value) -> Result<Value, Fault> {
    if let Some(op) = arithmetic_of(sign) {
        match (left, right) {
            (Value::Number(a), Value::Number(b)) => return Ok(Value::Number(op.apply(*a, *b))),
            (Value::Factor(a), Value::Factor(b)) => return Ok(Value::Factor(a.arithmetic(op, b))),
            (Value::Factor(a), Value::Number(b)) => return Ok(Value::Factor(a.arithmetic(op, *b))),
            (Value::Number(a), Value::Factor(b)) => {
                return Ok(Value::Factor(Factor::arithmetic_left(op, *a, b)));
            }
            _ => {}
        }
    } else if let Some(op) = comparison_of(sign) {
        match (left, right) {
            (Value::Classifier(labels), other) if matches!(sign, "==" | "!=") => {
                let label = label(other, at)?;
                let compared =
                    if sign == "==" { labels.equals(label) } else { labels.differs(label) };
                return match compared {
                    Ok(filter) => Ok(Value::Filter(filter)),
                    Err(error) => Fault::new(at, error.to_string()),
                };
            }
            (Value::Number(a), Value::Number(b)) => return Ok(Value::Bool(op.apply(*a, *b))),
            (Value::Factor(a), Value::Factor(b)) => return Ok(Value::Filter(a.comparison(op, b))),
            (Value::Factor(a), Value::Number(b)) => return Ok(Value::Filter(a.comparison(op, *b))),
            (Value::Number(a), Value::Factor(b)) => {
                return Ok(Value::Filter(b.comparison(op.mirrored(), *a)));
            }
            _ => {}
        }
    } else {
        match (sign, left, right) {
            ("&", Value::Filter(a), Value::Filter(b)) => return Ok(Value::Filter(a & b)),
            ("|", Value::Filter(a), Value::Filter(b)) => return Ok(Value::Filter(a | b)),
            // `a > 1 & b > 2` is read as `a > (1 & b) > 2`: the trap of everybody's first pipeline.
            ("&" | "|", Value::Number(_), _) | ("&" | "|", _, Value::Number(_)) => {
                return Fault::new(
                    at,
                    format!(
                        "`{sign}` binds tighter than comparisons; put each in brackets, as in `(a > 1) {sign} (b > 2)`"
                    ),
                );
            }
            _ => {}
        }
    }
    let column = [left, right].into_iter().find_map(|value| match value {
        Value::Column(column) => Some(column),
        _ => None,
    });
    let hint = column.map_or(String::new(), |column| format!("; write `{column}.latest`"));
    Fault::new(at, format!("`{sign}` cannot join {} and {}{hint}", left.kind(), right.kind()))
}

/// A label to compare with.
pub(super) fn label(value: &Value, at: Span) -> Result<Label, Fault> {
    match value {
        Value::Text(text) => Ok(Label::from(text.as_str())),
        Value::Number(number) if number.fract() == 0.0 => Ok(Label::Integer(*number as i64)),
        other => {
            Fault::new(at, format!("a label is a string or a whole number, not {}", other.kind()))
        }
    }
}

fn arithmetic_of(sign: &str) -> Option<Arithmetic> {
    use Arithmetic::{Add, Divide, Multiply, Power, Remainder, Subtract};
    [Add, Subtract, Multiply, Divide, Remainder, Power].into_iter().find(|op| op.sign() == sign)
}

fn comparison_of(sign: &str) -> Option<Comparison> {
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
    [Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual]
        .into_iter()
        .find(|op| op.sign() == sign)
}
