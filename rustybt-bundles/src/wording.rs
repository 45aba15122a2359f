//! Words of error messages: lists, counts, and what may be missing.

use crate::BundleName;

pub(crate) fn known_bundles(known: &[BundleName]) -> String {
    if known.is_empty() {
        return "there is none at all yet".to_owned();
    }
    let names: Vec<&str> = known.iter().map(BundleName::as_str).collect();
    format!("there are: {}", names.join(", "))
}

pub(crate) fn space(needed: Option<u64>, free: Option<u64>) -> String {
    match (needed, free) {
        (Some(needed), Some(free)) => format!(", {needed} bytes are needed and {free} are free"),
        (Some(needed), None) => format!(", {needed} bytes are needed"),
        _ => String::new(),
    }
}

pub(crate) fn first_of(first: Option<&str>) -> String {
    first.map(|text| format!(", the first: {text}")).unwrap_or_default()
}

pub(crate) fn version(version: Option<u64>) -> String {
    version.map_or_else(|| "no version".to_owned(), |version| format!("version {version}"))
}

#[cfg(test)]
mod tests {
    use crate::Error;

    #[test]
    fn a_conflict_is_told_in_words() {
        let conflict = |base, head| {
            let name = "us".parse().unwrap();
            Error::Conflict { name, base, head }.to_string()
        };
        let end = "during the ingest; run it again";
        assert_eq!(
            conflict(Some(1), Some(3)),
            format!("`us` moved from version 1 to version 3 {end}")
        );
        assert_eq!(
            conflict(None, Some(1)),
            format!("`us` moved from no version to version 1 {end}")
        );
    }
}
