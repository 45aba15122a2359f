//! The names that a pipeline file knows from the start, under zipline's names and defaults.

mod assets;
mod factors;
mod filters;
mod indicators;
mod pipeline;
mod statistics;

pub(super) use pipeline::with_column;

use super::arguments::{Arguments, Given};
use super::error::Fault;
use super::syntax::Span;
use super::value::Value;
use crate::{CustomFactor, Domain, EquityPricing, Error, Factor};

/// Something that can be called by its name.
#[derive(Debug)]
pub(super) struct Builtin {
    pub(super) name: &'static str,
    /// What it takes, in order.
    parameters: &'static [&'static str],
    call: fn(&mut Arguments) -> Result<Value, Fault>,
}

/// Data sets that every loader of bars has.
const DATASETS: [&str; 2] = ["EquityPricing", "USEquityPricing"];

impl Builtin {
    /// Calls it.
    pub(super) fn call(&self, at: Span, given: Vec<Given>) -> Result<Value, Fault> {
        if self.name == assets::SYMBOLS {
            return assets::symbols(given);
        }
        let mut arguments = Arguments::new(self.name, at, given, self.parameters)?;
        (self.call)(&mut arguments)
    }

    /// Another way to make the same thing, as in `EWMA.from_span`.
    pub(super) fn variant(&self, name: &str) -> Option<&'static Self> {
        find(&format!("{}.{name}", self.name))
    }
}

fn all() -> impl Iterator<Item = &'static Builtin> {
    factors::ALL
        .iter()
        .chain(statistics::ALL)
        .chain(indicators::ALL)
        .chain(filters::ALL)
        .chain(assets::ALL)
        .chain(pipeline::ALL)
}

fn find(name: &str) -> Option<&'static Builtin> {
    all().find(|builtin| builtin.name == name)
}

/// What a name means where nothing was assigned to it.
pub(super) fn lookup(name: &str) -> Option<Value> {
    if DATASETS.contains(&name) {
        return Some(Value::Dataset(EquityPricing::NAME.to_owned()));
    }
    if name == "GENERIC" {
        return Some(Value::Domain(None));
    }
    let domain = || Domain::named(name).map(|domain| Value::Domain(Some(domain)));
    find(name).map(Value::Builtin).or_else(domain)
}

/// The market that a data set is of by its name.
pub(super) fn market_of(name: &str) -> Option<Domain> {
    if name == "USEquityPricing" { Domain::named("US_EQUITIES") } else { None }
}

/// Every name that is known from the start.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let plain = |name: &&str| !name.contains('.');
    DATASETS.into_iter().chain(all().map(|builtin| builtin.name).filter(plain))
}

/// Puts a formula over its inputs and under its mask.
fn finish<C: CustomFactor>(
    arguments: &mut Arguments,
    custom: Result<C, Error>,
) -> Result<Value, Fault> {
    let inputs = arguments.inputs()?;
    let factor = custom.and_then(|custom| match inputs {
        Some(inputs) => custom.on(inputs),
        None => custom.factor(),
    });
    masked(arguments, factor)
}

/// Puts a factor under its mask.
fn masked(arguments: &mut Arguments, factor: Result<Factor, Error>) -> Result<Value, Fault> {
    let mask = arguments.filter("mask")?;
    match factor {
        Ok(factor) => Ok(Value::Factor(mask.map_or(factor.clone(), |mask| factor.masked(&mask)))),
        Err(Error::Inputs { term, found: 0, .. }) => {
            Fault::new(arguments.at, format!("`{term}` needs `inputs=[…]`"))
        }
        Err(error) => Fault::new(arguments.at, error.to_string()),
    }
}

/// A formula whose window must be given.
fn windowed<C: CustomFactor>(
    arguments: &mut Arguments,
    new: impl Fn(usize) -> Result<C, Error>,
) -> Result<Value, Fault> {
    let window = arguments.window()?;
    finish(arguments, new(window))
}

/// What the result of a call is, or why not.
fn or_fault<T>(arguments: &Arguments, result: Result<T, Error>) -> Result<T, Fault> {
    result.or_else(|error| Fault::new(arguments.at, error.to_string()))
}
