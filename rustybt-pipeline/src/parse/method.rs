//! The attributes of what a file can hold, and the methods of factors.

use super::arguments::{Arguments, Given};
use super::dataset;
use super::error::Fault;
use super::label_method::{self, CLASSIFIER, FILTER, PIPELINE};
use super::suggest;
use super::syntax::Span;
use super::value::Value;
use crate::transform::Summary;
use crate::{
    BoundColumn, Classifier, ColumnKind, Error, Factor, Filter, Math, Operand, Period, Rank,
    RankMethod,
};

/// Methods of a factor that are no function of [`Math`] and no summary.
const FACTOR: [&str; 26] = [
    "rank",
    "zscore",
    "demean",
    "winsorize",
    "quantiles",
    "quartiles",
    "quintiles",
    "deciles",
    "top",
    "bottom",
    "percentile_between",
    "isnull",
    "notnull",
    "isnan",
    "notnan",
    "isfinite",
    "fillna",
    "clip",
    "eq",
    "pearsonr",
    "spearmanr",
    "linear_regression",
    "neutralize",
    "downsample",
    "alias",
    "latest",
];

/// What `.name` of a value is.
pub(super) fn attribute(
    of: Value,
    name: &str,
    at: Span,
    columns: &[BoundColumn],
) -> Result<Value, Fault> {
    let unknown = |what: &str, kind: &str, known: &[&str]| {
        Fault::new(at, format!("unknown {what} `{name}` of {kind}{}", suggest::hint(name, known)))
    };
    let method = |of: Value| Ok(Value::Method(Box::new(of), name.to_owned()));
    match &of {
        Value::Dataset(_) | Value::Column(_) if name == "specialize" => method(of),
        Value::Dataset(dataset) => match dataset::part(dataset, name, columns) {
            Ok(part) => Ok(part),
            Err(known) => {
                unknown("column", dataset, &known.iter().map(String::as_str).collect::<Vec<_>>())
            }
        },
        Value::Column(column) if name == "latest" => latest(column, at),
        Value::Column(_) if name == "fx" => method(of),
        Value::Column(_)
            if FACTOR.contains(&name) || math(name).is_some() || summary(name).is_some() =>
        {
            Fault::new(at, format!("a column has no `{name}`; write `.latest.{name}`"))
        }
        Value::Column(_) => unknown("attribute", "a column", &["latest", "fx"]),
        Value::Factor(factor) if !factor.outputs().is_empty() => {
            if let Ok(part) = factor.output(name) {
                return Ok(Value::Factor(part));
            }
            let outputs = factor.outputs();
            let known: Vec<&str> = outputs.iter().map(|(name, _)| *name).collect();
            unknown("output", "a factor with several", &known)
        }
        Value::Factor(_) if name == "latest" => {
            Fault::new(at, "a factor has no `latest`: it is a value of each session already")
        }
        Value::Factor(_)
            if FACTOR.contains(&name) || math(name).is_some() || summary(name).is_some() =>
        {
            method(of)
        }
        Value::Factor(_) => {
            let named = Math::NAMED.iter().map(|math| math.name());
            let summaries = Summary::ALL.iter().map(|summary| summary.name());
            let known = FACTOR.into_iter().filter(|name| *name != "latest");
            unknown("method", "a factor", &known.chain(named).chain(summaries).collect::<Vec<_>>())
        }
        Value::Filter(_) if FILTER.contains(&name) => method(of),
        Value::Filter(_) => Fault::new(
            at,
            format!("a filter has no `{name}`; filters are joined by `&`, `|` and `~`"),
        ),
        Value::Classifier(_) if CLASSIFIER.contains(&name) => method(of),
        Value::Classifier(_) => unknown("method", "a classifier", &CLASSIFIER),
        Value::Pipeline(_) if PIPELINE.contains(&name) => method(of),
        Value::Pipeline(_) => unknown("method", "a pipeline", &PIPELINE),
        Value::Builtin(builtin) => match builtin.variant(name) {
            Some(variant) => Ok(Value::Builtin(variant)),
            None => Fault::new(at, format!("`{}` has no `{name}`", builtin.name)),
        },
        other => Fault::new(at, format!("{} has no `{name}`", other.kind())),
    }
}

pub(super) fn latest(column: &BoundColumn, at: Span) -> Result<Value, Fault> {
    let value = match column.kind() {
        ColumnKind::Number | ColumnKind::Time => Ok(Value::Factor(column.latest())),
        ColumnKind::Flag => column.latest_flag().map(Value::Filter),
        ColumnKind::Integer | ColumnKind::Text => column.latest_label().map(Value::Classifier),
    };
    value.or_else(|error| Fault::new(at, error.to_string()))
}

/// `column.fx('EUR')`.
fn converted(
    column: &BoundColumn,
    name: &str,
    at: Span,
    given: Vec<Given>,
) -> Result<Value, Fault> {
    let mut a = Arguments::new(name, at, given, &["currency"])?;
    let currency = a.need("currency")?;
    let currency = a.text("currency", currency)?;
    column.fx(currency).map(Value::Column).or_else(|error| Fault::new(at, error.to_string()))
}

fn math(name: &str) -> Option<Math> {
    Math::NAMED.into_iter().find(|math| math.name() == name)
}

fn summary(name: &str) -> Option<Summary> {
    Summary::ALL.into_iter().find(|summary| summary.name() == name)
}

/// Calls a method.
pub(super) fn call(of: &Value, name: &str, at: Span, given: Vec<Given>) -> Result<Value, Fault> {
    match of {
        Value::Factor(factor) => of_factor(factor, name, at, given),
        Value::Filter(filter) => label_method::of_filter(filter, name, at, given),
        Value::Classifier(labels) => label_method::of_classifier(labels, name, at, given),
        Value::Pipeline(pipeline) => label_method::of_pipeline(pipeline, name, at, given),
        Value::Column(column) => converted(column, name, at, given),
        Value::Dataset(dataset) => dataset::announcement(dataset, name, at, given),
        other => Fault::new(at, format!("{} has no methods", other.kind())),
    }
}

fn of_factor(factor: &Factor, name: &str, at: Span, given: Vec<Given>) -> Result<Value, Fault> {
    let parameters: &[&'static str] = match name {
        "rank" => &["method", "ascending", "mask", "groupby"],
        "winsorize" => &["min_percentile", "max_percentile", "mask", "groupby"],
        "quantiles" => &["bins", "mask", "groupby"],
        "zscore" | "demean" | "quartiles" | "quintiles" | "deciles" => &["mask", "groupby"],
        "top" | "bottom" => &["N", "mask", "groupby"],
        "percentile_between" => &["min_percentile", "max_percentile", "mask"],
        "fillna" => &["fill_value"],
        "clip" => &["min_bound", "max_bound", "mask"],
        "eq" => &["other"],
        "pearsonr" | "spearmanr" => &["target", "correlation_length", "mask"],
        "linear_regression" => &["target", "regression_length", "mask"],
        "neutralize" => &["exposures", "groupby", "mask"],
        "downsample" => &["frequency"],
        "alias" => &["name"],
        name if summary(name).is_some() => &["mask"],
        _ => &[],
    };
    let mut a = Arguments::new(name, at, given, parameters)?;
    let (mask, groups) = (a.filter("mask")?, a.groups()?);
    let across = Across { factor, mask: mask.as_ref(), groups: groups.as_ref(), at };
    if let Some(value) = across.call(name, &mut a)? {
        return Ok(value);
    }
    let mask = mask.as_ref();
    let joined = |result: Result<Factor, Error>| match result {
        Ok(factor) => Ok(Value::Factor(factor)),
        Err(error) => Fault::new(at, error.to_string()),
    };
    match name {
        "isnull" | "isnan" => Ok(Value::Filter(factor.isnull())),
        "notnull" | "notnan" => Ok(Value::Filter(factor.notnull())),
        "isfinite" => Ok(Value::Filter(factor.isfinite())),
        "fillna" => Ok(Value::Factor(match a.need("fill_value")? {
            (Value::Factor(other), _) => factor.fill_with(&other),
            given => factor.fillna(a.number("fill_value", given)?),
        })),
        "clip" => joined(factor.clip(a.need_number("min_bound")?, a.need_number("max_bound")?)),
        "eq" => {
            let given = a.need("other")?;
            Ok(Value::Filter(factor.equals(operand(given)?)))
        }
        "pearsonr" | "spearmanr" => {
            let (target, window) = (a.need_factor("target")?, a.need_count("correlation_length")?);
            joined(match name {
                "pearsonr" => factor.pearsonr(&target, window, mask),
                _ => factor.spearmanr(&target, window, mask),
            })
        }
        "linear_regression" => {
            let (target, window) = (a.need_factor("target")?, a.need_count("regression_length")?);
            joined(factor.linear_regression(&target, window, mask))
        }
        "downsample" => Ok(Value::Factor(factor.downsample(period(&mut a)?))),
        "alias" => {
            let given = a.need("name")?;
            Ok(Value::Factor(factor.alias(a.text("name", given)?)))
        }
        _ => match (math(name), summary(name)) {
            (Some(math), _) => Ok(Value::Factor(factor.math(math))),
            (_, Some(summary)) => Ok(Value::Factor(factor.summary(summary, mask))),
            _ => Fault::new(at, format!("a factor has no `{name}`")),
        },
    }
}

/// A factor across the assets of a mask, perhaps group by group.
struct Across<'a> {
    factor: &'a Factor,
    mask: Option<&'a Filter>,
    groups: Option<&'a Classifier>,
    at: Span,
}

impl Across<'_> {
    /// Calls a method that looks across assets; `None` where it is no such method.
    fn call(&self, name: &str, a: &mut Arguments) -> Result<Option<Value>, Fault> {
        let Self { factor, mask, groups, at } = *self;
        Ok(Some(match name {
            "rank" => {
                let rank = rank(a)?;
                Value::Factor(match groups {
                    Some(groups) => factor.within(groups).rank(rank, mask),
                    None => factor.rank(rank, mask),
                })
            }
            "zscore" => Value::Factor(match groups {
                Some(groups) => factor.within(groups).zscore(mask),
                None => factor.zscore(mask),
            }),
            "demean" => Value::Factor(match groups {
                Some(groups) => factor.within(groups).demean(mask),
                None => factor.demean(mask),
            }),
            "winsorize" => {
                let low = a.need_number("min_percentile")?;
                let high = a.need_number("max_percentile")?;
                let drawn = match groups {
                    Some(groups) => factor.within(groups).winsorize(low, high, mask),
                    None => factor.winsorize(low, high, mask),
                };
                Value::Factor(drawn.or_else(|error| Fault::new(at, error.to_string()))?)
            }
            "quantiles" | "quartiles" | "quintiles" | "deciles" => {
                let bins = match name {
                    "quartiles" => 4,
                    "quintiles" => 5,
                    "deciles" => 10,
                    _ => a.need_count("bins")?,
                };
                let dealt = match groups {
                    Some(groups) => factor.within(groups).quantiles(bins, mask),
                    None => factor.quantiles(bins, mask),
                };
                Value::Classifier(dealt.or_else(|error| Fault::new(at, error.to_string()))?)
            }
            "top" | "bottom" => {
                let n = a.need_count("N")?;
                Value::Filter(match (groups, name) {
                    (Some(groups), "top") => factor.within(groups).top(n, mask),
                    (Some(groups), _) => factor.within(groups).bottom(n, mask),
                    (None, "top") => factor.top(n, mask),
                    (None, _) => factor.bottom(n, mask),
                })
            }
            "percentile_between" => {
                let low = a.need_number("min_percentile")?;
                let high = a.need_number("max_percentile")?;
                let chosen = factor.percentile_between(low, high, mask);
                Value::Filter(chosen.or_else(|error| Fault::new(at, error.to_string()))?)
            }
            "neutralize" => {
                let given = a.need("exposures")?;
                let (Value::List(items), _) = &given else {
                    return a.wrong("exposures", &given, "a list of factors");
                };
                let mut exposures = Vec::with_capacity(items.len());
                for item in items {
                    match item {
                        Value::Factor(factor) => exposures.push(factor.clone()),
                        other => {
                            let other = (other.clone(), given.1);
                            return a.wrong("exposures", &other, "a list of factors");
                        }
                    }
                }
                Value::Factor(factor.neutralize(&exposures, groups, mask))
            }
            _ => return Ok(None),
        }))
    }
}

/// The period of `downsample`.
pub(super) fn period(a: &mut Arguments) -> Result<Period, Fault> {
    let given = a.need("frequency")?;
    let at = given.1;
    let name = a.text("frequency", given)?;
    if let Some(period) = Period::ALL.into_iter().find(|period| period.name() == name) {
        return Ok(period);
    }
    let hint = suggest::hint(&name, &Period::ALL.map(Period::name));
    Fault::new(at, format!("`{name}` is no frequency of downsampling{hint}"))
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
