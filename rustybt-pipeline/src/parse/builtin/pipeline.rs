//! `Pipeline(...)`.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::syntax::Span;
use super::super::value::Value;
use super::Builtin;
use crate::{Dtype, Pipeline};

pub(super) static ALL: &[Builtin] =
    &[Builtin { name: "Pipeline", parameters: &["columns", "screen", "domain"], call: pipeline }];

fn pipeline(arguments: &mut Arguments) -> Result<Value, Fault> {
    if let Some((_, at)) = arguments.take("domain") {
        return Fault::new(
            at,
            "leave `domain` out: a pipeline runs on the calendar and the assets of its bundle",
        );
    }
    let mut pipeline = Pipeline::new();
    match arguments.take("columns") {
        None => {}
        Some((Value::Dictionary(columns), at)) => {
            for (name, value) in columns {
                pipeline = with_column(pipeline, name, &value, at)?;
            }
        }
        Some((other, at)) => {
            let kind = other.kind();
            return Fault::new(
                at,
                format!("`columns` is a dictionary of names and terms, not {kind}"),
            );
        }
    }
    if let Some(screen) = arguments.filter("screen")? {
        pipeline = pipeline.screen(screen);
    }
    Ok(Value::Pipeline(pipeline))
}

/// The pipeline with one more column.
pub(in super::super) fn with_column(
    pipeline: Pipeline,
    name: String,
    value: &Value,
    at: Span,
) -> Result<Pipeline, Fault> {
    if let Value::Column(column) = value {
        let message = format!("the column `{name}` is `{column}`; write `{column}.latest`");
        return Fault::new(at, message);
    }
    let Some(term) = value.term() else {
        let kind = value.kind();
        return Fault::new(at, format!("the column `{name}` is {kind}, not a factor or filter"));
    };
    if let Value::Factor(factor) = value
        && let [(first, _), ..] = factor.outputs().as_slice()
    {
        let message = format!(
            "the column `{name}` is a factor with several outputs; take one, as in `.{first}`"
        );
        return Fault::new(at, message);
    }
    if !term.is_per_asset() && term.dtype() != Dtype::Flag {
        let message = format!(
            "the column `{name}` has one value a session, not one an asset; use it in an \
             expression with a factor instead"
        );
        return Fault::new(at, message);
    }
    Ok(pipeline.with(name, term))
}
