//! The filters and classifiers that are called by name.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::value::Value;
use super::{Builtin, or_fault};
use crate::{Classifier, Filter, Input};

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
