//! `Pipeline(...)`.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::syntax::Span;
use super::super::value::Value;
use super::Builtin;
use crate::{Domain, Dtype, Pipeline};

pub(super) static ALL: &[Builtin] = &[
    Builtin { name: "Pipeline", parameters: &["columns", "screen", "domain"], call: pipeline },
    Builtin {
        name: "EquityCalendarDomain",
        parameters: &["country_code", "calendar_name"],
        call: domain,
    },
];

/// A market of its own.
fn domain(arguments: &mut Arguments) -> Result<Value, Fault> {
    let country = arguments.need("country_code")?;
    let country = arguments.text("country_code", country)?;
    let (name, at) = arguments.need("calendar_name")?;
    let name = arguments.text("calendar_name", (name, at))?;
    match rustybt_calendars::calendar(&name) {
        Ok(calendar) => {
            let domain = Domain::equities(country, calendar.name().to_owned());
            Ok(Value::Domain(Some(domain)))
        }
        Err(error) => Fault::new(at, error.to_string()),
    }
}

fn pipeline(arguments: &mut Arguments) -> Result<Value, Fault> {
    let mut pipeline = Pipeline::new();
    match arguments.take("domain") {
        None | Some((Value::None | Value::Domain(None), _)) => {}
        Some((Value::Domain(Some(domain)), _)) => pipeline = pipeline.of(domain),
        Some((other, at)) => {
            let kind = other.kind();
            return Fault::new(
                at,
                format!("`domain` is a domain, as in `US_EQUITIES`, not {kind}"),
            );
        }
    }
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
