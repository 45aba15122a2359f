//! From a name, an alias or a market code to its [`Calendar`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use crate::Error;
use crate::calendar::Calendar;
use crate::near::near;
use crate::session::Session;
use crate::shipped::CALENDARS;
use crate::source::{File, Source, base_of, head_value};

/// What each shipped calendar was built into, when it was first asked for; in the order of [`CALENDARS`].
static BUILT: [OnceLock<Result<Arc<Calendar>, Error>>; CALENDARS.len()] =
    [const { OnceLock::new() }; CALENDARS.len()];

/// The calendars that were registered, which are found before the shipped ones.
static REGISTERED: RwLock<Vec<Registered>> = RwLock::new(Vec::new());

/// Calendars that were asked for more years than they begin with, each with the most so far.
static WIDENED: Mutex<Option<HashMap<String, Arc<Calendar>>>> = Mutex::new(None);

struct Registered {
    calendar: Arc<Calendar>,
    /// Names it was given besides those in its file.
    aliases: Vec<String>,
}

impl Registered {
    fn is_called(&self, name: &str) -> bool {
        let names = self.calendar.aliases().iter().chain(&self.aliases).map(String::as_str);
        names.chain([self.calendar.name()]).any(|known| known.eq_ignore_ascii_case(name))
    }
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
    if let Some(calendar) = registered(name) {
        return Ok(calendar);
    }
    let is_called = |known: &str| known.eq_ignore_ascii_case(name);
    let found = std::iter::zip(CALENDARS, &BUILT).find(|(shipped, _)| {
        is_called(shipped.name) || shipped.aliases.iter().any(|alias| is_called(alias))
    });
    match found {
        Some((shipped, built)) => built
            .get_or_init(|| {
                let files = files(shipped.file.into(), shipped.text.into())?;
                Calendar::from_files(files).map(Arc::new)
            })
            .clone(),
        None => Err(Error::UnknownCalendar { name: name.into(), near: alike(name) }),
    }
}

/// The calendar called `name`, worked out from `start` to `end` at least, whatever the years.
///
/// What lies outside the calendar's verified range is a projection, as [`Calendar::covering`] says.
///
/// # Errors
///
/// As [`calendar`] and [`Calendar::covering`].
pub fn calendar_covering(name: &str, start: Session, end: Session) -> Result<Arc<Calendar>, Error> {
    let found = calendar(name)?;
    let covers = |calendar: &Calendar| {
        let (first, last) = calendar.built();
        first <= start.min(end) && start.max(end) <= last
    };
    if covers(&found) {
        return Ok(found);
    }
    let mut widened = WIDENED.lock().unwrap_or_else(PoisonError::into_inner);
    let widened = widened.get_or_insert_default();
    if let Some(wide) = widened.get(found.name()).filter(|wide| covers(wide)) {
        return Ok(Arc::clone(wide));
    }
    let (first, last) =
        widened.get(found.name()).map_or_else(|| found.built(), |wide| wide.built());
    let wide = found.covering(first.min(start.min(end)), last.max(start.max(end)))?;
    let wide = Arc::new(wide);
    widened.insert(found.name().to_owned(), Arc::clone(&wide));
    Ok(wide)
}

/// Makes `calendar` known under its names; it comes before a shipped one of the same name.
///
/// # Errors
///
/// [`Error::NameTaken`] if another calendar has one of its names or aliases already.
///
/// # Example
///
/// ```
/// use rustybt_calendars::{Calendar, calendar, deregister, register};
///
/// let fair = Calendar::from_toml("fair.toml", r#"
///     name = "FAIR"
///     extend = "XNYS"
///     [[dates]]
///     label = "Founder's day"
///     on = ["2024-03-05"]
/// "#)?;
/// register(fair)?;
/// assert_eq!(calendar("fair")?.why("2024-03-05".parse()?), Some("Founder's day"));
/// assert_eq!(calendar("fair")?.why("2024-12-25".parse()?), Some("Christmas Day"));
/// assert!(deregister("FAIR"));
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
pub fn register(new: Calendar) -> Result<Arc<Calendar>, Error> {
    for name in std::iter::once(new.name()).chain(new.aliases().iter().map(String::as_str)) {
        if let Some(by) = resolve_alias(name).filter(|by| !by.eq_ignore_ascii_case(new.name())) {
            return Err(Error::NameTaken { name: name.to_owned(), by });
        }
    }
    let new = Arc::new(new);
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    registered.retain(|known| !known.calendar.name().eq_ignore_ascii_case(new.name()));
    registered.push(Registered { calendar: Arc::clone(&new), aliases: Vec::new() });
    forget_widened(new.name());
    Ok(new)
}

/// Makes the calendar called `name` known as `alias` too.
///
/// # Errors
///
/// [`Error::UnknownCalendar`]; [`Error::NameTaken`] if another calendar is called so.
pub fn register_alias(alias: &str, name: &str) -> Result<(), Error> {
    let calendar = calendar(name)?;
    if let Some(by) = resolve_alias(alias) {
        if by == calendar.name() {
            return Ok(());
        }
        return Err(Error::NameTaken { name: alias.to_owned(), by });
    }
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    match registered.iter_mut().find(|known| known.calendar.name() == calendar.name()) {
        Some(known) => known.aliases.push(alias.to_owned()),
        None => registered.push(Registered { calendar, aliases: vec![alias.to_owned()] }),
    }
    Ok(())
}

/// Forgets the calendar registered under `name`; a shipped one it stood for is found again. Whether there
/// was one.
pub fn deregister(name: &str) -> bool {
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    let before = registered.len();
    registered.retain(|known| !known.is_called(name));
    forget_widened(name);
    registered.len() < before
}

/// Registers the calendars of many files, given as name and text, in whatever order they extend one another.
///
/// # Errors
///
/// [`Error::InvalidFile`] for the first that does not hold together, and as [`register`]. Nothing after it
/// is registered.
pub fn register_files(
    files: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<Arc<Calendar>>, Error> {
    let mut waiting: Vec<(String, String)> = files.into_iter().collect();
    // Overlays come before what extends the calendar they are for.
    waiting.sort_by_key(|(name, text)| (!is_overlay(text), name.clone()));
    let mut known = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .position(|(_, text)| {
                base_of(text).is_none_or(|base| {
                    let is_base = |(_, other): &(String, String)| {
                        own_name(other).is_some_and(|name| name.eq_ignore_ascii_case(base))
                    };
                    !waiting.iter().any(is_base)
                })
            })
            // None is ready when some extend one another in a circle: the first says so.
            .unwrap_or_default();
        let (name, text) = waiting.remove(ready);
        known.push(register(Calendar::from_toml(&name, &text)?)?);
    }
    Ok(known)
}

/// The names of the calendars that are compiled in, sorted.
pub fn names() -> Vec<&'static str> {
    CALENDARS.iter().map(|shipped| shipped.name).collect()
}

/// The names of all calendars, those [registered](register) too, sorted.
pub fn all_names() -> Vec<String> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    let registered = registered.iter().map(|known| known.calendar.name().to_owned());
    let mut names: Vec<String> = names().into_iter().map(str::to_owned).chain(registered).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Every alias of a compiled-in calendar with the name it stands for, sorted by alias.
pub fn aliases() -> Vec<(&'static str, &'static str)> {
    let mut aliases: Vec<_> = CALENDARS
        .iter()
        .flat_map(|shipped| shipped.aliases.iter().map(|&alias| (alias, shipped.name)))
        .collect();
    aliases.sort_unstable();
    aliases
}

/// The name of the calendar that is called so, in any case; `None` if none is.
pub fn resolve_alias(name: &str) -> Option<String> {
    if let Some(calendar) = registered(name) {
        return Some(calendar.name().to_owned());
    }
    let is_called = |known: &str| known.eq_ignore_ascii_case(name);
    let found = CALENDARS.iter().find(|shipped| {
        is_called(shipped.name) || shipped.aliases.iter().any(|alias| is_called(alias))
    });
    found.map(|shipped| shipped.name.to_owned())
}

/// A file after those it extends or overlays.
pub(crate) fn files(
    name: std::borrow::Cow<'static, str>,
    text: std::borrow::Cow<'static, str>,
) -> Result<Vec<File>, Error> {
    let file = File { name, text };
    let Some(base) = base_of(&file.text).map(str::to_owned) else { return Ok(vec![file]) };
    let refuse = |file: File, problem: String| {
        let line = file.text.lines().position(|line| base_of(line).is_some()).unwrap_or_default();
        Source { files: &[file], current: 0 }.error(line + 1, problem)
    };
    if own_name(&file.text).is_some_and(|own| own.eq_ignore_ascii_case(&base)) {
        return Err(refuse(file, format!("`{base}` extends itself; an overlay says `overlay`")));
    }
    match calendar(&base) {
        Ok(found) => {
            let mut files = found.origin.files().to_vec();
            files.push(file);
            Ok(files)
        }
        Err(error) => Err(refuse(file, error.to_string())),
    }
}

/// The name that the head of a file gives its calendar.
fn own_name(text: &str) -> Option<&str> {
    head_value(text, "name")
}

fn is_overlay(text: &str) -> bool {
    head_value(text, "overlay").is_some()
}

fn registered(name: &str) -> Option<Arc<Calendar>> {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    registered.iter().find(|known| known.is_called(name)).map(|known| Arc::clone(&known.calendar))
}

fn forget_widened(name: &str) {
    let mut widened = WIDENED.lock().unwrap_or_else(PoisonError::into_inner);
    widened.get_or_insert_default().retain(|known, _| !known.eq_ignore_ascii_case(name));
}

/// The names and aliases most like `name`, nearest first; all names if none is alike.
fn alike(name: &str) -> Vec<String> {
    let all = all_names();
    let aliases = aliases().into_iter().map(|(alias, _)| alias);
    let near = near(name, all.iter().map(String::as_str).chain(aliases));
    if near.is_empty() { all } else { near.into_iter().map(str::to_owned).collect() }
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
        assert_eq!(alike("XNSY").first().map(String::as_str), Some("XNYS"));
        assert_eq!(alike("nasdq"), ["NASDAQ"]);
        assert_eq!(alike("hkexx"), ["HKEX"]);
        assert_eq!(alike("Frankfurt"), names());
    }
}
