//! From a name, an alias or a market code to its [`Calendar`].

use std::sync::{Arc, OnceLock};

use serde::Deserialize;

use crate::Error;
use crate::calendar::Calendar;

/// The calendar files shipped with the crate. Adding an exchange is adding its file and its line here.
const FILES: &[(&str, &str)] = &[
    ("24-5.toml", include_str!("../data/exchange/24-5.toml")),
    ("24-7.toml", include_str!("../data/exchange/24-7.toml")),
    ("cmes.toml", include_str!("../data/exchange/cmes.toml")),
    ("xhkg.toml", include_str!("../data/exchange/xhkg.toml")),
    ("xlon.toml", include_str!("../data/exchange/xlon.toml")),
    ("xnys.toml", include_str!("../data/exchange/xnys.toml")),
];

/// A shipped calendar: its names are known at once, the rest when it is first asked for.
struct Entry {
    file: &'static str,
    text: &'static str,
    head: Head,
    built: OnceLock<Result<Arc<Calendar>, Error>>,
}

/// The keys at the head of a file that are needed to find it.
#[derive(Deserialize)]
struct Head {
    name: String,
    #[serde(default)]
    aliases: Vec<String>,
}

/// The calendar called `name`: a name, an alias or a market code, in any case.
///
/// It is built at the first call, in less than a millisecond, and shared afterwards.
///
/// # Errors
///
/// [`Error::UnknownCalendar`], which lists the names most like it.
///
/// # Example
///
/// ```
/// use rustybt_calendars::calendar;
///
/// assert_eq!(calendar("nasdaq")?.name(), "XNYS");
/// let error = calendar("XNSY").unwrap_err().to_string();
/// assert!(error.contains("did you mean XNYS"), "{error}");
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
pub fn calendar(name: &str) -> Result<Arc<Calendar>, Error> {
    let is_called = |known: &str| known.eq_ignore_ascii_case(name);
    let entry = entries().iter().find(|entry| {
        is_called(&entry.head.name) || entry.head.aliases.iter().any(|alias| is_called(alias))
    });
    match entry {
        Some(entry) => entry
            .built
            .get_or_init(|| Calendar::from_toml(entry.file, entry.text).map(Arc::new))
            .clone(),
        None => Err(Error::UnknownCalendar { name: name.into(), near: near(name) }),
    }
}

/// The names of all calendars, sorted.
pub fn names() -> Vec<&'static str> {
    entries().iter().map(|entry| entry.head.name.as_str()).collect()
}

/// Every alias with the name it stands for, sorted by alias.
pub fn aliases() -> Vec<(&'static str, &'static str)> {
    let mut aliases: Vec<_> = entries()
        .iter()
        .flat_map(|entry| {
            entry.head.aliases.iter().map(|alias| (alias.as_str(), entry.head.name.as_str()))
        })
        .collect();
    aliases.sort_unstable();
    aliases
}

fn entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| {
        FILES
            .iter()
            .filter_map(|&(file, text)| {
                let head = text.split("\n[[").next()?;
                let head = toml::from_str(head).ok()?;
                Some(Entry { file, text, head, built: OnceLock::new() })
            })
            .collect()
    })
}

/// The names and aliases within two edits of `name`, nearest first; all names if there are none.
fn near(name: &str) -> Vec<&'static str> {
    let wanted = name.to_ascii_uppercase();
    let known = names().into_iter().chain(aliases().into_iter().map(|(alias, _)| alias));
    let mut near: Vec<(usize, &str)> = known
        .map(|known| (edits(&wanted, known), known))
        .filter(|(edits, _)| *edits <= 2)
        .collect();
    near.sort_unstable();
    if near.is_empty() {
        return names();
    }
    near.into_iter().take(5).map(|(_, known)| known).collect()
}

/// How many letters must be added, removed, replaced or swapped with a neighbour to make `a` into `b`.
fn edits(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut row = vec![i + 1];
        for j in 0..b.len() {
            let mut cost =
                (last[j] + usize::from(a[i] != b[j])).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_found_by_the_names_it_gives() {
        assert_eq!(entries().len(), FILES.len());
        assert!(names().is_sorted());
        for entry in entries() {
            let by_name = calendar(&entry.head.name).unwrap();
            assert_eq!(by_name.name(), entry.head.name);
            assert_eq!(by_name.aliases(), entry.head.aliases);
            assert_eq!(
                entry.file,
                format!("{}.toml", by_name.name().to_lowercase().replace('/', "-"))
            );
            for alias in by_name.aliases() {
                assert!(Arc::ptr_eq(&by_name, &calendar(&alias.to_lowercase()).unwrap()));
            }
        }
    }

    #[test]
    fn no_name_or_alias_is_given_twice() {
        let mut all = names();
        all.extend(aliases().into_iter().map(|(alias, _)| alias));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn an_unknown_name_lists_what_is_alike() {
        assert_eq!(near("XNSY").first(), Some(&"XNYS"));
        assert_eq!(near("nasdq"), ["NASDAQ"]);
        assert_eq!(near("hkexx"), ["HKEX"]);
        assert_eq!(near("Frankfurt"), names());
        assert_eq!(edits("XNYS", "XNYS"), 0);
        assert_eq!(edits("", "XNYS"), 4);
    }
}
