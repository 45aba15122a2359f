//! Parts of sentences that errors are made of.

use crate::{BundleName, PinName};

pub(super) fn known_bundles(known: &[BundleName]) -> String {
    if known.is_empty() {
        return "there is none at all yet".to_owned();
    }
    let names: Vec<&str> = known.iter().map(BundleName::as_str).collect();
    format!("there are: {}", names.join(", "))
}

pub(super) fn space(needed: Option<u64>, free: Option<u64>) -> String {
    match (needed, free) {
        (Some(needed), Some(free)) => format!(", {needed} bytes are needed and {free} are free"),
        (Some(needed), None) => format!(", {needed} bytes are needed"),
        _ => String::new(),
    }
}

pub(super) fn known_pins(known: &[PinName]) -> String {
    if known.is_empty() {
        return "it has none".to_owned();
    }
    let names: Vec<&str> = known.iter().map(PinName::as_str).collect();
    format!("there are: {}", names.join(", "))
}

/// What there is instead of a version: `; its newest is 5`, or ` any more; it has 1 and 3 to 5`.
pub(super) fn there_is(version: u64, known: &[u64]) -> String {
    let Some(&newest) = known.last() else { return String::new() };
    if version > newest || version == 0 {
        return format!("; its newest is {newest}");
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &number in known {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => runs.push((number, number)),
        }
    }
    let run = |&(first, last): &(u64, u64)| match last - first {
        0 => first.to_string(),
        _ => format!("{first} to {last}"),
    };
    let (newest, others) =
        runs.split_last().map_or((String::new(), &[][..]), |(it, others)| (run(it), others));
    let others: Vec<String> = others.iter().map(run).collect();
    let and = if others.is_empty() { "" } else { " and " };
    format!(" any more; it has {}{and}{newest}", others.join(", "))
}

pub(super) fn first_of(first: Option<&str>) -> String {
    first.map(|text| format!(", the first: {text}")).unwrap_or_default()
}

pub(super) fn version(version: Option<u64>) -> String {
    version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"))
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // A wrapper that passes its cause's words on would say everything twice.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_instead_is_told_in_runs() {
        assert_eq!(there_is(9, &[1, 2]), "; its newest is 2");
        assert_eq!(there_is(0, &[1, 2]), "; its newest is 2");
        assert_eq!(there_is(2, &[3]), " any more; it has 3");
        assert_eq!(there_is(2, &[1, 3, 4]), " any more; it has 1 and 3 to 4");
        assert_eq!(there_is(2, &[1, 3, 5, 6, 7]), " any more; it has 1, 3 and 5 to 7");
        assert_eq!(there_is(2, &[]), "");
    }
}
