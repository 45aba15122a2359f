//! The names that a pipeline file knows from the start, under zipline's names and defaults.

use super::arguments::{Arguments, Given};
use super::error::Fault;
use super::syntax::Span;
use super::value::Value;
use crate::{
    AssetName, AverageDollarVolume, CustomFactor, Error, Factor, Filter, Pipeline, Returns, Rsi,
    SimpleMovingAverage,
};

/// Something that can be called by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builtin {
    AverageDollarVolume,
    DailyReturns,
    Pipeline,
    Returns,
    Rsi,
    SimpleMovingAverage,
    StaticAssets,
    StaticSids,
    Sid,
    Symbol,
}

/// Data sets.
const DATASETS: [&str; 2] = ["EquityPricing", "USEquityPricing"];

impl Builtin {
    const ALL: [Self; 10] = [
        Self::AverageDollarVolume,
        Self::DailyReturns,
        Self::Pipeline,
        Self::Returns,
        Self::Rsi,
        Self::SimpleMovingAverage,
        Self::StaticAssets,
        Self::StaticSids,
        Self::Sid,
        Self::Symbol,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::AverageDollarVolume => "AverageDollarVolume",
            Self::DailyReturns => "DailyReturns",
            Self::Pipeline => "Pipeline",
            Self::Returns => "Returns",
            Self::Rsi => "RSI",
            Self::SimpleMovingAverage => "SimpleMovingAverage",
            Self::StaticAssets => "StaticAssets",
            Self::StaticSids => "StaticSids",
            Self::Sid => "sid",
            Self::Symbol => "symbol",
        }
    }

    /// What it takes, in order.
    const fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::AverageDollarVolume | Self::Returns | Self::Rsi | Self::SimpleMovingAverage => {
                &["inputs", "window_length", "mask"]
            }
            Self::DailyReturns => &["inputs", "mask"],
            Self::Pipeline => &["columns", "screen", "domain"],
            Self::StaticAssets => &["assets"],
            Self::StaticSids => &["sids"],
            Self::Sid => &["sid"],
            Self::Symbol => &["symbol"],
        }
    }

    /// Calls it.
    pub(super) fn call(self, at: Span, given: Vec<Given>) -> Result<Value, Fault> {
        let mut arguments = Arguments::new(self.name(), at, given, self.parameters())?;
        let factor = match self {
            Self::AverageDollarVolume => build(&mut arguments, AverageDollarVolume::new)?,
            Self::Returns => build(&mut arguments, Returns::new)?,
            Self::SimpleMovingAverage => build(&mut arguments, SimpleMovingAverage::new)?,
            Self::Rsi => {
                let window = match arguments.take("window_length") {
                    Some(given) => arguments.count("window_length", given)?,
                    None => 15,
                };
                finish(&mut arguments, Rsi::new(window))?
            }
            Self::DailyReturns => finish(&mut arguments, Ok(Returns::daily()))?,
            Self::Pipeline => return pipeline(&mut arguments),
            Self::StaticAssets => return assets(&mut arguments, "assets"),
            Self::StaticSids => return assets(&mut arguments, "sids"),
            Self::Sid => {
                let given = arguments.need("sid")?;
                return Ok(Value::Asset(sid(arguments.count("sid", given)?)));
            }
            Self::Symbol => {
                let given = arguments.need("symbol")?;
                return Ok(Value::Asset(AssetName::Symbol(arguments.text("symbol", given)?)));
            }
        };
        Ok(Value::Factor(factor))
    }
}

/// What a name means where nothing was assigned to it.
pub(super) fn lookup(name: &str) -> Option<Value> {
    if DATASETS.contains(&name) {
        return Some(Value::Dataset);
    }
    Builtin::ALL.into_iter().find(|builtin| builtin.name() == name).map(Value::Builtin)
}

/// Every name that is known from the start.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    DATASETS.into_iter().chain(Builtin::ALL.into_iter().map(Builtin::name))
}

/// A factor whose window must be given.
fn build<C: CustomFactor>(
    arguments: &mut Arguments,
    new: impl Fn(usize) -> Result<C, Error>,
) -> Result<Factor, Fault> {
    let window = arguments.window()?;
    finish(arguments, new(window))
}

/// Puts a formula over its inputs and under its mask.
fn finish<C: CustomFactor>(
    arguments: &mut Arguments,
    custom: Result<C, Error>,
) -> Result<Factor, Fault> {
    let (inputs, mask) = (arguments.inputs()?, arguments.filter("mask")?);
    let factor = custom.and_then(|custom| match inputs {
        Some(inputs) => custom.on(inputs),
        None => custom.factor(),
    });
    match factor {
        Ok(factor) => Ok(mask.map_or(factor.clone(), |mask| factor.masked(&mask))),
        Err(Error::Inputs { term, found: 0, .. }) => {
            Fault::new(arguments.at, format!("`{term}` needs `inputs=[…]`"))
        }
        Err(error) => Fault::new(arguments.at, error.to_string()),
    }
}

fn pipeline(arguments: &mut Arguments) -> Result<Value, Fault> {
    arguments.refuse("domain")?;
    let mut pipeline = Pipeline::new();
    match arguments.take("columns") {
        None => {}
        Some((Value::Dictionary(columns), at)) => {
            for (name, value) in columns {
                pipeline = match value {
                    Value::Factor(factor) => pipeline.with(name, factor),
                    Value::Filter(filter) => pipeline.with(name, filter),
                    Value::Column(column) => {
                        let message =
                            format!("the column `{name}` is `{column}`; write `{column}.latest`");
                        return Fault::new(at, message);
                    }
                    other => {
                        let kind = other.kind();
                        return Fault::new(
                            at,
                            format!("the column `{name}` is {kind}, not a factor or filter"),
                        );
                    }
                };
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

fn sid(number: usize) -> AssetName {
    // Counts are at most a thousand million, which fits.
    AssetName::Sid(rustybt_data::Sid(number as u32))
}

fn assets(arguments: &mut Arguments, name: &str) -> Result<Value, Fault> {
    let (Value::List(items), at) = arguments.need(name)? else {
        return Fault::new(
            arguments.at,
            format!("`{name}` is a list, as in `[symbol('AAPL'), sid(2)]`"),
        );
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        names.push(match item {
            Value::Asset(asset) => asset,
            Value::Number(_) if name == "sids" => sid(arguments.count(name, (item, at))?),
            other => {
                let kind = other.kind();
                return Fault::new(
                    at,
                    format!("`{name}` holds {kind}; write `symbol('AAPL')` or `sid(2)`"),
                );
            }
        });
    }
    Ok(Value::Filter(Filter::assets(names)))
}
