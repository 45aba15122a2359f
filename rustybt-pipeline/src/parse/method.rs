//! The attributes and methods of columns, factors and filters.

use super::arguments::{Arguments, Given};
use super::error::Fault;
use super::suggest;
use super::syntax::Span;
use super::value::Value;
use crate::{EquityPricing, Error, Factor, Math, Operand, Rank, RankMethod};

/// Methods of a factor that are no function of [`Math`].
const FACTOR: [&str; 14] = [
    "rank",
    "zscore",
    "demean",
    "top",
    "bottom",
    "percentile_between",
    "isnull",
    "notnull",
    "isnan",
    "notnan",
    "isfinite",
    "fillna",
    "eq",
    "latest",
];

/// What `.name` of a value is.
pub(super) fn attribute(of: Value, name: &str, at: Span) -> Result<Value, Fault> {
    let unknown = |what: &str, kind: &str, known: &[&str]| {
        Fault::new(at, format!("unknown {what} `{name}` of {kind}{}", suggest::hint(name, known)))
    };
    match &of {
        Value::Dataset => {
            let columns = EquityPricing::ALL;
            if let Some(column) = columns.iter().find(|column| column.name() == name) {
                return Ok(Value::Column(column.clone()));
            }
            let known: Vec<&str> = columns.iter().map(crate::BoundColumn::name).collect();
            unknown("column", EquityPricing::NAME, &known)
        }
        Value::Column(column) if name == "latest" => Ok(Value::Factor(column.latest())),
        Value::Column(_) if FACTOR.contains(&name) => {
            Fault::new(at, format!("a column has no `{name}`; write `.latest.{name}`"))
        }
        Value::Column(_) => unknown("attribute", "a column", &["latest"]),
        Value::Factor(_) if name == "latest" => {
            Fault::new(at, "a factor has no `latest`: it is a value of each session already")
        }
        Value::Factor(_) if FACTOR.contains(&name) || math(name).is_some() => {
            Ok(Value::Method(Box::new(of), name.to_owned()))
        }
        Value::Factor(_) => {
            let named = Math::NAMED.iter().map(|math| math.name());
            let known: Vec<&str> =
                FACTOR.into_iter().filter(|name| *name != "latest").chain(named).collect();
            unknown("method", "a factor", &known)
        }
        Value::Filter(_) => Fault::new(
            at,
            format!("a filter has no `{name}`; filters are joined by `&`, `|` and `~`"),
        ),
        other => Fault::new(at, format!("{} has no `{name}`", other.kind())),
    }
}

fn math(name: &str) -> Option<Math> {
    Math::NAMED.into_iter().find(|math| math.name() == name)
}

/// Calls a method of a factor.
pub(super) fn call(of: &Value, name: &str, at: Span, given: Vec<Given>) -> Result<Value, Fault> {
    let Value::Factor(factor) = of else {
        return Fault::new(at, format!("{} has no methods", of.kind()));
    };
    let parameters: &[&'static str] = match name {
        "rank" => &["method", "ascending", "mask", "groupby"],
        "zscore" | "demean" => &["mask", "groupby"],
        "top" | "bottom" => &["N", "mask", "groupby"],
        "percentile_between" => &["min_percentile", "max_percentile", "mask"],
        "fillna" => &["fill_value"],
        "eq" => &["other"],
        _ => &[],
    };
    let mut arguments = Arguments::new(name, at, given, parameters)?;
    arguments.refuse("groupby")?;
    let mask = arguments.filter("mask")?;
    let mask = mask.as_ref();
    Ok(match name {
        "rank" => Value::Factor(factor.rank(rank(&mut arguments)?, mask)),
        "zscore" => Value::Factor(factor.zscore(mask)),
        "demean" => Value::Factor(factor.demean(mask)),
        "top" | "bottom" => {
            let given = arguments.need("N")?;
            let n = arguments.count("N", given)?;
            Value::Filter(if name == "top" { factor.top(n, mask) } else { factor.bottom(n, mask) })
        }
        "percentile_between" => {
            let (low, high) =
                (arguments.need("min_percentile")?, arguments.need("max_percentile")?);
            let low = arguments.number("min_percentile", low)?;
            let high = arguments.number("max_percentile", high)?;
            let chosen = factor.percentile_between(low, high, mask);
            Value::Filter(chosen.or_else(|error: Error| Fault::new(at, error.to_string()))?)
        }
        "isnull" | "isnan" => Value::Filter(factor.isnull()),
        "notnull" | "notnan" => Value::Filter(factor.notnull()),
        "isfinite" => Value::Filter(factor.isfinite()),
        "fillna" => {
            let given = arguments.need("fill_value")?;
            Value::Factor(factor.fillna(arguments.number("fill_value", given)?))
        }
        "eq" => {
            let given = arguments.need("other")?;
            Value::Filter(factor.equals(operand(given)?))
        }
        _ => match math(name) {
            Some(math) => Value::Factor(factor.math(math)),
            None => return Fault::new(at, format!("a factor has no `{name}`")),
        },
    })
}

fn operand((value, at): (Value, Span)) -> Result<Operand, Fault> {
    match value {
        Value::Number(number) => Ok(number.into()),
        Value::Factor(factor) => Ok(Factor::into(factor)),
        other => Fault::new(at, format!("a factor cannot be compared with {}", other.kind())),
    }
}

fn rank(arguments: &mut Arguments) -> Result<Rank, Fault> {
    let ascending = arguments.bool_or("ascending", true)?;
    let rank = if ascending { Rank::ascending() } else { Rank::descending() };
    let Some(given) = arguments.take("method") else { return Ok(rank) };
    let at = given.1;
    let name = arguments.text("method", given)?;
    if let Some(method) = RankMethod::ALL.into_iter().find(|method| method.name() == name) {
        return Ok(rank.method(method));
    }
    let known: Vec<&str> = RankMethod::ALL.iter().map(|method| method.name()).collect();
    Fault::new(at, format!("`{name}` is no method of ranking{}", suggest::hint(&name, &known)))
}
