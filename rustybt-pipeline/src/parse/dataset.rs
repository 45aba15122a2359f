//! The columns of data sets, and the announcements of those that have estimates.

use super::arguments::{Arguments, Given};
use super::error::Fault;
use super::syntax::Span;
use super::value::Value;
use crate::frame_loader::MOST_ANNOUNCEMENTS;
use crate::{BoundColumn, EquityPricing};

/// Which announcement a session counts from.
const SIDES: [&str; 2] = ["next", "previous"];

/// Whether there is a data set of this name.
pub(super) fn is_known(name: &str, columns: &[BoundColumn]) -> bool {
    let announced = |column: &BoundColumn| SIDES.iter().any(|side| is_of(column, name, side));
    columns.iter().any(|column| column.dataset() == name || announced(column))
}

/// What `.name` of a data set is; the names there are, where it is nothing.
pub(super) fn part(
    dataset: &str,
    name: &str,
    columns: &[BoundColumn],
) -> Result<Value, Vec<String>> {
    let own = EquityPricing::columns();
    let all = || own.iter().chain(columns);
    let of = |dataset: &str, name: &str| {
        let found = all().find(|column| column.dataset() == dataset && column.name() == name);
        found.map(|column| Value::Column(column.clone()))
    };
    if let Some(column) = of(dataset, name) {
        return Ok(column);
    }
    if SIDES.contains(&name) && columns.iter().any(|column| is_of(column, dataset, name)) {
        return Ok(Value::Method(Box::new(Value::Dataset(dataset.to_owned())), name.to_owned()));
    }
    let mut known: Vec<String> = all()
        .filter(|column| column.dataset() == dataset)
        .map(|column| column.name().to_owned())
        .collect();
    for side in SIDES {
        let first = format!("{dataset}.{side}(1)");
        if let Some(column) = name.strip_prefix(side).and_then(|rest| rest.strip_prefix('_'))
            && let Some(column) = of(&first, column)
        {
            return Ok(column);
        }
        let of_first = columns.iter().filter(|column| column.dataset() == first);
        known.extend(of_first.map(|column| format!("{side}_{}", column.name())));
    }
    Err(known)
}

/// `X.next(2)`: the data set of an announcement.
pub(super) fn announcement(
    dataset: &str,
    side: &str,
    at: Span,
    given: Vec<Given>,
) -> Result<Value, Fault> {
    let mut arguments = Arguments::new(side, at, given, &["num_announcements"])?;
    let n = match arguments.take("num_announcements") {
        Some((Value::Number(n), _)) => n,
        None => 1.0,
        Some(given) => return arguments.wrong("num_announcements", &given, "a whole number"),
    };
    if n.fract() == 0.0 && (0.0..=MOST_ANNOUNCEMENTS as f64).contains(&n) {
        return Ok(Value::Dataset(format!("{dataset}.{side}({n})")));
    }
    Fault::new(
        at,
        format!("announcements are counted from 0 to {MOST_ANNOUNCEMENTS}; there is no {n}"),
    )
}

/// Whether a column is of an announcement of a data set.
fn is_of(column: &BoundColumn, dataset: &str, side: &str) -> bool {
    let rest = column.dataset().strip_prefix(dataset).and_then(|rest| rest.strip_prefix('.'));
    rest.and_then(|rest| rest.strip_prefix(side)).is_some_and(|rest| rest.starts_with('('))
}
