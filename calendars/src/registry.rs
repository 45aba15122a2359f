//! From a name, an alias or a market code to its [`Calendar`].

use std::sync::{Arc, OnceLock};

use crate::Error;
use crate::calendar::Calendar;
use crate::near::near;
use crate::shipped::CALENDARS;

/// What each shipped calendar was built into, when it was first asked for; in the order of [`CALENDARS`].
static BUILT: [OnceLock<Result<Arc<Calendar>, Error>>; CALENDARS.len()] =
    [const { OnceLock::new() }; CALENDARS.len()];

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
    let found = std::iter::zip(CALENDARS, &BUILT).find(|(shipped, _)| {
        is_called(shipped.name) || shipped.aliases.iter().any(|alias| is_called(alias))
    });
    match found {
        Some((shipped, built)) => built
            .get_or_init(|| Calendar::from_toml(shipped.file, shipped.text).map(Arc::new))
            .clone(),
        None => Err(Error::UnknownCalendar { name: name.into(), near: alike(name) }),
    }
}

/// The names of all calendars, sorted.
pub fn names() -> Vec<&'static str> {
    CALENDARS.iter().map(|shipped| shipped.name).collect()
}

/// Every alias with the name it stands for, sorted by alias.
pub fn aliases() -> Vec<(&'static str, &'static str)> {
    let mut aliases: Vec<_> = CALENDARS
        .iter()
        .flat_map(|shipped| shipped.aliases.iter().map(|&alias| (alias, shipped.name)))
        .collect();
    aliases.sort_unstable();
    aliases
}

/// The names and aliases most like `name`, nearest first; all names if none is alike.
fn alike(name: &str) -> Vec<&'static str> {
    let known = names().into_iter().chain(aliases().into_iter().map(|(alias, _)| alias));
    let near = near(name, known);
    if near.is_empty() { names() } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_file_is_found_by_the_names_it_gives() {
        assert!(names().is_sorted());
        for shipped in CALENDARS {
            let by_name = calendar(shipped.name).unwrap();
            assert_eq!(by_name.name(), shipped.name);
            assert_eq!(by_name.aliases(), shipped.aliases);
            assert_eq!(
                shipped.file,
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
        assert_eq!(alike("XNSY").first(), Some(&"XNYS"));
        assert_eq!(alike("nasdq"), ["NASDAQ"]);
        assert_eq!(alike("hkexx"), ["HKEX"]);
        assert_eq!(alike("Frankfurt"), names());
    }
}
