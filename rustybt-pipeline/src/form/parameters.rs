//! The parameters of a written term.

use serde_json::{Map, Value};

use super::FormError;
use crate::Error;
use crate::expression::Scalar;

/// The parameters of a formula by name, as they are written down and read back.
///
/// ```
/// use rustybt_pipeline::Parameters;
///
/// let mut written = Parameters::new().with("window_length", 20).with("k", 2.5);
/// assert_eq!(written.count("window_length")?, 20);
/// assert_eq!(written.number("k")?, 2.5);
/// assert!(written.text("method").is_err());
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameters {
    values: Map<String, Value>,
    /// Every name that was asked for.
    asked: Vec<&'static str>,
}

impl Parameters {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more: a whole number, a number, a flag or a text.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn of(values: Map<String, Value>) -> Self {
        Self { values, asked: Vec::new() }
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.values
    }

    /// Takes one out, if it is there.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Value> {
        self.asked.push(name);
        self.values.remove(name)
    }

    pub(super) fn need<T>(
        &mut self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, FormError> {
        let Some(value) = self.take(name) else {
            return Err(FormError::MissingField { field: name, expected });
        };
        read(&value).ok_or_else(|| FormError::BadField {
            field: name,
            expected,
            found: value.to_string(),
        })
    }

    pub(super) fn scalar(&mut self, name: &'static str) -> Result<Scalar, FormError> {
        self.need(name, "a number", scalar)
    }

    /// Takes out a whole number from 0 on.
    ///
    /// # Errors
    ///
    /// [`Error::Form`] where it is not there or something else.
    pub fn count(&mut self, name: &'static str) -> Result<usize, Error> {
        let count = self.need(name, "a whole number from 0 on", |value| {
            value.as_u64().and_then(|count| usize::try_from(count).ok())
        });
        count.map_err(unplaced)
    }

    /// Takes out a number.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn number(&mut self, name: &'static str) -> Result<f64, Error> {
        self.scalar(name).map(|scalar| scalar.0).map_err(unplaced)
    }

    /// Takes out a flag.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn flag(&mut self, name: &'static str) -> Result<bool, Error> {
        self.need(name, "true or false", Value::as_bool).map_err(unplaced)
    }

    /// Takes out a text.
    ///
    /// # Errors
    ///
    /// As [`count`](Self::count).
    pub fn text(&mut self, name: &'static str) -> Result<String, Error> {
        self.need(name, "a string", |value| value.as_str().map(str::to_owned)).map_err(unplaced)
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<(), FormError> {
        match self.values.keys().next() {
            Some(field) => Err(FormError::UnknownField { field: field.clone(), known: self.asked }),
            None => Ok(()),
        }
    }
}

/// The place is put in front by who knows it.
fn unplaced(problem: FormError) -> Error {
    problem.at("the term".to_owned())
}

/// A number that JSON has no word for is a string.
impl From<Scalar> for Value {
    fn from(Scalar(number): Scalar) -> Self {
        if number.is_finite() {
            return Self::from(number);
        }
        Self::from(match number {
            number if number.is_nan() => "nan",
            number if number > 0.0 => "inf",
            _ => "-inf",
        })
    }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value.as_str() {
        Some("nan") => Some(Scalar(f64::NAN)),
        Some("inf") => Some(Scalar(f64::INFINITY)),
        Some("-inf") => Some(Scalar(f64::NEG_INFINITY)),
        _ => value.as_f64().map(Scalar),
    }
}

impl serde::Serialize for Scalar {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from(*self).serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Scalar {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        scalar(&value).ok_or_else(|| serde::de::Error::custom(format!("{value} is no number")))
    }
}
