//! The methods of filters, classifiers and pipelines.

use super::arguments::{Arguments, Given};
use super::builtin::with_column;
use super::error::Fault;
use super::evaluate::label;
use super::method::period;
use super::syntax::Span;
use super::value::Value;
use crate::{Classifier, Filter, Label, Pipeline};

/// Methods of a filter.
pub(super) const FILTER: [&str; 5] = ["if_else", "downsample", "alias", "isnull", "notnull"];

/// Methods of a classifier.
pub(super) const CLASSIFIER: [&str; 13] = [
    "eq",
    "startswith",
    "endswith",
    "has_substring",
    "matches",
    "element_of",
    "isnull",
    "notnull",
    "relabel",
    "peer_count",
    "fillna",
    "downsample",
    "alias",
];

/// Methods of a pipeline.
pub(super) const PIPELINE: [&str; 3] = ["add", "set_screen", "remove"];

/// Calls a method of a filter.
pub(super) fn of_filter(
    filter: &Filter,
    name: &str,
    at: Span,
    given: Vec<Given>,
) -> Result<Value, Fault> {
    let parameters: &[&'static str] = match name {
        "if_else" => &["if_true", "if_false"],
        "downsample" => &["frequency"],
        "alias" => &["name"],
        _ => &[],
    };
    let mut a = Arguments::new(name, at, given, parameters)?;
    Ok(match name {
        "downsample" => Value::Filter(filter.downsample(period(&mut a)?)),
        "alias" => {
            let given = a.need("name")?;
            Value::Filter(filter.alias(a.text("name", given)?))
        }
        // A flag is never missing.
        "isnull" => Value::Filter(filter & !filter),
        "notnull" => Value::Filter(filter | !filter),
        _ => match (a.need("if_true")?.0, a.need("if_false")?.0) {
            (Value::Factor(then), Value::Factor(other)) => {
                Value::Factor(filter.if_else(&then, &other))
            }
            (Value::Filter(then), Value::Filter(other)) => {
                Value::Filter(filter.if_else_filter(&then, &other))
            }
            (Value::Classifier(then), Value::Classifier(other)) => {
                match filter.if_else_label(&then, &other) {
                    Ok(label) => Value::Classifier(label),
                    Err(error) => return Fault::new(at, error.to_string()),
                }
            }
            (then, other) => {
                let (then, other) = (then.kind(), other.kind());
                return Fault::new(
                    at,
                    format!("`if_else` takes two terms of one kind, not {then} and {other}"),
                );
            }
        },
    })
}

/// Calls a method of a classifier.
pub(super) fn of_classifier(
    labels: &Classifier,
    name: &str,
    at: Span,
    given: Vec<Given>,
) -> Result<Value, Fault> {
    let parameters: &[&'static str] = match name {
        "eq" => &["other"],
        "startswith" => &["prefix"],
        "endswith" => &["suffix"],
        "has_substring" => &["substring"],
        "matches" => &["pattern"],
        "element_of" => &["choices"],
        "relabel" => &["relabeler"],
        "peer_count" => &["mask"],
        "fillna" => &["fill_value"],
        "downsample" => &["frequency"],
        "alias" => &["name"],
        _ => &[],
    };
    let mut a = Arguments::new(name, at, given, parameters)?;
    let filter = match name {
        "isnull" => Ok(labels.isnull()),
        "notnull" => Ok(labels.notnull()),
        "eq" => {
            let (value, at) = a.need("other")?;
            labels.equals(label(&value, at)?)
        }
        "element_of" => match a.need("choices")? {
            (Value::List(items), at) => {
                let choices: Result<Vec<Label>, Fault> =
                    items.iter().map(|item| label(item, at)).collect();
                labels.element_of(choices?)
            }
            other => return a.wrong("choices", &other, "a list of labels"),
        },
        "startswith" | "endswith" | "has_substring" | "matches" => {
            let given = a.need(parameters.first().copied().unwrap_or_default())?;
            let text = a.text(parameters.first().copied().unwrap_or_default(), given)?;
            match name {
                "startswith" => labels.starts_with(text),
                "endswith" => labels.ends_with(text),
                "has_substring" => labels.has_substring(text),
                _ => labels.matches(&text),
            }
        }
        _ => return relabelled(labels, name, &mut a),
    };
    match filter {
        Ok(filter) => Ok(Value::Filter(filter)),
        Err(error) => Fault::new(at, error.to_string()),
    }
}

/// The methods that give no filter.
fn relabelled(labels: &Classifier, name: &str, a: &mut Arguments) -> Result<Value, Fault> {
    Ok(match name {
        "peer_count" => {
            let mask = a.filter("mask")?;
            Value::Factor(labels.peer_count(mask.as_ref()))
        }
        "downsample" => Value::Classifier(labels.downsample(period(a)?)),
        "alias" => {
            let given = a.need("name")?;
            Value::Classifier(labels.alias(a.text("name", given)?))
        }
        "fillna" => {
            let (value, at) = a.need("fill_value")?;
            match labels.fillna(label(&value, at)?) {
                Ok(filled) => Value::Classifier(filled),
                Err(error) => return Fault::new(at, error.to_string()),
            }
        }
        _ => match a.need("relabeler")? {
            (Value::Dictionary(pairs), at) => {
                let mut table = Vec::with_capacity(pairs.len());
                for (from, to) in pairs {
                    match to {
                        Value::Text(to) => table.push((from, to)),
                        other => {
                            let kind = other.kind();
                            return Fault::new(at, format!("a label is a string, not {kind}"));
                        }
                    }
                }
                match labels.relabel_with(table) {
                    Ok(labels) => Value::Classifier(labels),
                    Err(error) => return Fault::new(at, error.to_string()),
                }
            }
            other => {
                return a.wrong("relabeler", &other, "a dictionary of old and new labels");
            }
        },
    })
}

/// Calls a method of a pipeline, which gives the changed pipeline.
pub(super) fn of_pipeline(
    pipeline: &Pipeline,
    name: &str,
    at: Span,
    given: Vec<Given>,
) -> Result<Value, Fault> {
    let parameters: &[&'static str] = match name {
        "add" => &["term", "name", "overwrite"],
        "remove" => &["name"],
        _ => &["screen", "overwrite"],
    };
    let mut a = Arguments::new(name, at, given, parameters)?;
    let overwrite = name != "remove" && a.bool_or("overwrite", false)?;
    Ok(Value::Pipeline(match name {
        "add" => {
            let (term, term_at) = a.need("term")?;
            let given = a.need("name")?;
            let column = a.text("name", given)?;
            if !overwrite && pipeline.columns().any(|(known, _)| known == column) {
                return Fault::new(at, format!("there is a column `{column}` already"));
            }
            with_column(pipeline.clone(), column, &term, term_at)?
        }
        "remove" => {
            let given = a.need("name")?;
            let column = a.text("name", given)?;
            match pipeline.clone().without(&column) {
                Some(pipeline) => pipeline,
                None => return Fault::new(at, format!("there is no column `{column}`")),
            }
        }
        _ => match a.filter("screen")? {
            Some(_) if !overwrite && pipeline.screen_filter().is_some() => {
                return Fault::new(at, "there is a screen already; say `overwrite=True`");
            }
            Some(screen) => pipeline.clone().screen(screen),
            None => return Fault::new(at, "`set_screen` needs `screen=`"),
        },
    }))
}
