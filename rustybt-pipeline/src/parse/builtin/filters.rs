//! The filters and classifiers that are called by name.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::method::latest;
use super::super::value::Value;
use super::{Builtin, or_fault};
use crate::{Classifier, Factor, Filter, Input};

pub(super) static ALL: &[Builtin] = &[
    Builtin {
        name: "All",
        parameters: &["inputs", "window_length", "mask"],
        call: |a| over_flags(a, |_, filter, window| filter.all(window)),
    },
    Builtin {
        name: "Any",
        parameters: &["inputs", "window_length", "mask"],
        call: |a| over_flags(a, |_, filter, window| filter.any(window)),
    },
    Builtin {
        name: "AtLeastN",
        parameters: &["inputs", "window_length", "N", "mask"],
        call: |a| {
            let n = a.need_count("N")?;
            over_flags(a, move |_, filter, window| filter.at_least(n, window))
        },
    },
    Builtin {
        name: "AllPresent",
        parameters: &["inputs", "window_length", "mask"],
        call: |a| {
            let window = a.window()?;
            let inputs = a.inputs()?.unwrap_or_default();
            let Ok([input]) = <[Input; 1]>::try_from(inputs) else {
                return Fault::new(a.at, "`AllPresent` takes one input, as in `inputs=[close]`");
            };
            let filter = or_fault(a, Filter::all_present(input, window))?;
            restricted(a, filter)
        },
    },
    Builtin {
        name: "PercentileFilter",
        parameters: &["factor", "min_percentile", "max_percentile", "mask"],
        call: |a| {
            let factor = a.need_factor("factor")?;
            let (low, high) = (a.need_number("min_percentile")?, a.need_number("max_percentile")?);
            let mask = a.filter("mask")?;
            let chosen = or_fault(a, factor.percentile_between(low, high, mask.as_ref()))?;
            Ok(Value::Filter(chosen))
        },
    },
    Builtin {
        name: "MaximumFilter",
        parameters: &["factor", "groupby", "mask"],
        call: |a| {
            let factor = a.need_factor("factor")?;
            let (groups, mask) = (a.groups()?, a.filter("mask")?);
            Ok(Value::Filter(match groups {
                Some(groups) => factor.within(&groups).top(1, mask.as_ref()),
                None => factor.top(1, mask.as_ref()),
            }))
        },
    },
    Builtin { name: "NullFilter", parameters: &["term"], call: |a| presence(a, false) },
    Builtin { name: "NotNullFilter", parameters: &["term"], call: |a| presence(a, true) },
    Builtin {
        name: "Quantiles",
        parameters: &["inputs", "bins", "mask"],
        call: |a| {
            let bins = a.need_count("bins")?;
            let mask = a.filter("mask")?;
            let factor = one_factor(a)?;
            Ok(Value::Classifier(or_fault(a, factor.quantiles(bins, mask.as_ref()))?))
        },
    },
    Builtin {
        name: "Clip",
        parameters: &["inputs", "min_bound", "max_bound", "mask"],
        call: |a| {
            let (low, high) = (a.need_number("min_bound")?, a.need_number("max_bound")?);
            let factor = one_factor(a)?;
            let mask = a.filter("mask")?;
            let clipped = or_fault(a, factor.clip(low, high))?;
            Ok(Value::Factor(mask.map_or(clipped.clone(), |mask| clipped.masked(&mask))))
        },
    },
    Builtin {
        name: "Latest",
        parameters: &["inputs"],
        call: |a| match a.need("inputs")? {
            (Value::List(items), at) => match items.as_slice() {
                [Value::Column(column)] => latest(column, at),
                _ => Fault::new(at, "`Latest` takes one column, as in `[EquityPricing.close]`"),
            },
            (_, at) => Fault::new(at, "`Latest` takes one column, as in `[EquityPricing.close]`"),
        },
    },
    Builtin {
        name: "Everything",
        parameters: &["mask"],
        call: |a| {
            let everything = Classifier::everything();
            let mask = a.filter("mask")?;
            Ok(Value::Classifier(match mask {
                Some(mask) => everything.masked(&mask),
                None => everything,
            }))
        },
    },
    Builtin {
        name: "PeerCount",
        parameters: &["inputs", "mask"],
        call: |a| match a.need("inputs")? {
            (Value::List(items), at) => match items.as_slice() {
                [Value::Classifier(labels)] => {
                    let mask = a.filter("mask")?;
                    Ok(Value::Factor(labels.peer_count(mask.as_ref())))
                }
                _ => Fault::new(at, "`PeerCount` takes one classifier, as in `[sector]`"),
            },
            (_, at) => Fault::new(at, "`PeerCount` takes one classifier, as in `[sector]`"),
        },
    },
];

/// Where a term has a value, or has none.
fn presence(a: &mut Arguments, there: bool) -> Result<Value, Fault> {
    let filter = match a.need("term")? {
        (Value::Factor(factor), _) => {
            if there {
                factor.notnull()
            } else {
                factor.isnull()
            }
        }
        (Value::Classifier(labels), _) => {
            if there {
                labels.notnull()
            } else {
                labels.isnull()
            }
        }
        other => return a.wrong("term", &other, "a factor or a classifier"),
    };
    Ok(Value::Filter(filter))
}

/// The one factor of `inputs=[…]`.
fn one_factor(a: &mut Arguments) -> Result<Factor, Fault> {
    match a.need("inputs")? {
        (Value::List(items), at) => match <[Value; 1]>::try_from(items) {
            Ok([Value::Factor(factor)]) => Ok(factor),
            _ => {
                Fault::new(at, "one factor was expected, as in `inputs=[Returns(window_length=5)]`")
            }
        },
        other => a.wrong("inputs", &other, "a list of one factor"),
    }
}

type OverFlags = dyn Fn(&Arguments, &Filter, usize) -> Result<Filter, crate::Error>;

fn over_flags(
    a: &mut Arguments,
    build: impl Fn(&Arguments, &Filter, usize) -> Result<Filter, crate::Error> + 'static,
) -> Result<Value, Fault> {
    let build: &OverFlags = &build;
    let window = a.window()?;
    let (filter, at) = match a.need("inputs")? {
        (Value::List(items), at) => match items.as_slice() {
            [Value::Filter(filter)] => (filter.clone(), at),
            _ => return Fault::new(at, "one filter was expected, as in `inputs=[liquid]`"),
        },
        (_, at) => return Fault::new(at, "one filter was expected, as in `inputs=[liquid]`"),
    };
    match build(a, &filter, window) {
        Ok(filter) => restricted(a, filter),
        Err(error) => Fault::new(at, error.to_string()),
    }
}

fn restricted(a: &mut Arguments, filter: Filter) -> Result<Value, Fault> {
    Ok(Value::Filter(match a.filter("mask")? {
        Some(mask) => filter & mask,
        None => filter,
    }))
}
