//! What is wrong with a written term.

use crate::Error;
use crate::parse::suggest;

/// What is wrong with a written term.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// No term has this name.
    #[error("there is no such term{}", suggest::hint(name, known))]
    UnknownTerm {
        /// The name.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A field that the term needs is not there.
    #[error("the field `{field}` is missing: {expected}")]
    MissingField {
        /// The field.
        field: &'static str,
        /// What it holds.
        expected: &'static str,
    },
    /// A field that the term does not have.
    #[error("there is no field `{field}`{}", suggest::hint(field, known))]
    UnknownField {
        /// The field.
        field: String,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// A field that holds something else than it should.
    #[error("the field `{field}` is {expected}, not {found}")]
    BadField {
        /// The field.
        field: &'static str,
        /// What it should hold.
        expected: &'static str,
        /// What it holds.
        found: String,
    },
    /// Parameters that an indicator does not take.
    #[error("the indicator cannot be read: {reason}")]
    Indicator {
        /// Which, and why not.
        reason: String,
    },
    /// A position at which there is no term yet.
    #[error("there is no term {position} before it")]
    UnknownInput {
        /// The position.
        position: usize,
    },
    /// Too many or too few inputs.
    #[error("it takes {expected} input(s), not {found}")]
    Inputs {
        /// Inputs given.
        found: usize,
        /// Inputs it takes.
        expected: usize,
    },
    /// An input that gives something else.
    #[error("input {position} gives {found}, not {expected}")]
    Input {
        /// Its place among the inputs, from 0.
        position: usize,
        /// What it gives.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// A term that gives something else than its place asks for.
    #[error("it gives {found}, not {expected}")]
    Kind {
        /// What it gives.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// A name that was given before.
    #[error("the name comes twice")]
    Twice,
    /// A form of a later version.
    #[error("it has version {found}, and versions up to {newest} can be read")]
    Version {
        /// Its version.
        found: u32,
        /// The newest that can be read.
        newest: u32,
    },
    /// What the term itself refuses.
    #[error(transparent)]
    Refused(Box<Error>),
}

impl FormError {
    /// With its place.
    pub(super) fn at(self, place: String) -> Error {
        Error::Form { place, problem: Box::new(self) }
    }
}

impl From<Error> for FormError {
    fn from(error: Error) -> Self {
        match error {
            Error::Form { problem, .. } => *problem,
            other => Self::Refused(Box::new(other)),
        }
    }
}
