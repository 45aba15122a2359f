//! [`Fault`]: the kinds of mistakes that a calendar file can make.

use crate::near::did_you_mean;

/// What kind of mistake a calendar file makes; the error's message says which, and what would work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// It is not TOML, a key is missing, or a value has another type.
    Syntax,
    /// A key that such an entry does not have.
    UnknownKey,
    /// A name that nothing bears: a time zone, a table of dates, a calendar to extend, an entry to drop.
    UnknownName,
    /// Text without a meaning: an anchor, a roll, a time of day, a day of the week.
    Unreadable,
    /// A range that begins after its end.
    EmptyRange,
    /// An entry that does nothing: it closes no day, changes no hours, drops no year.
    NoEffect,
    /// A date that another entry, or the week itself, has closed or opened already.
    Clash,
    /// Other hours for a date that is no session.
    NotASession,
    /// A date outside the bounds of the file, or bounds too far away.
    OutOfBounds,
    /// A table or an anchor that is known for fewer years than the file needs.
    TableTooShort,
    /// Hours in which open, breaks and close do not follow one another, or that overlap the session before.
    DisorderedHours,
    /// A local time that the clock skips, or shows twice, when it is changed.
    UnclearTime,
}

/// A mistake, how it is told, and the key whose line it stands on; the entry's first line without one.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) fault: Fault,
    pub(crate) text: String,
    pub(crate) key: Option<&'static str>,
}

impl Fault {
    /// The problem of this kind, told as `text`.
    pub(crate) fn because(self, text: impl Into<String>) -> Problem {
        Problem { fault: self, text: text.into(), key: None }
    }
}

impl Problem {
    /// The same, found at that key of the entry.
    pub(crate) fn at(self, key: &'static str) -> Self {
        Self { key: Some(key), ..self }
    }

    /// What the reader of TOML complains about; of a key that is none it says which was meant.
    pub(crate) fn syntax(message: &str) -> Self {
        let Some(rest) = message.strip_prefix("unknown field `") else {
            return Fault::Syntax.because(message);
        };
        // "colour`, expected one of `label`, `on`": the names stand at every second place.
        let quoted: Vec<&str> = rest.split('`').step_by(2).collect();
        let near = match quoted[..] {
            [word, ref known @ ..] => did_you_mean(word, known.iter().copied()),
            [] => String::new(),
        };
        Fault::UnknownKey.because(format!("{message}{near}"))
    }
}

/// Errors at a key of an entry.
pub(crate) trait AtKey<T> {
    /// The same result, its error found at that key.
    fn at(self, key: &'static str) -> Result<T, Problem>;
}

impl<T, P: Into<Problem>> AtKey<T> for Result<T, P> {
    fn at(self, key: &'static str) -> Result<T, Problem> {
        self.map_err(|problem| problem.into().at(key))
    }
}

/// What is told without its kind is text without a meaning.
impl From<String> for Problem {
    fn from(text: String) -> Self {
        Fault::Unreadable.because(text)
    }
}

impl From<&str> for Problem {
    fn from(text: &str) -> Self {
        Fault::Unreadable.because(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_says_which_was_meant() {
        let problem =
            Problem::syntax("unknown field `lable`, expected one of `label`, `on`, `roll`");
        assert_eq!(problem.fault, Fault::UnknownKey);
        assert!(problem.text.ends_with("`roll`; did you mean `label`?"), "{}", problem.text);
        let problem = Problem::syntax("unknown field `colour`, expected `label` or `on`");
        assert!(problem.text.ends_with("`on`"), "{}", problem.text);
        assert_eq!(Problem::syntax("invalid string").fault, Fault::Syntax);
    }
}
