//! What can be asked of a label.

use std::fmt;
use std::hash::{Hash, Hasher};

use regex::Regex;

use crate::Error;
use crate::words::Words;

/// A label to compare with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Label {
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
}

impl From<i64> for Label {
    fn from(label: i64) -> Self {
        Self::Integer(label)
    }
}

impl From<&str> for Label {
    fn from(label: &str) -> Self {
        Self::Text(label.to_owned())
    }
}

impl From<String> for Label {
    fn from(label: String) -> Self {
        Self::Text(label)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(label) => label.fmt(f),
            Self::Text(label) => write!(f, "\"{label}\""),
        }
    }
}

/// A regular expression that must match from the start; compared by its text.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    pub(crate) fn new(pattern: &str) -> Result<Self, Error> {
        let anchored = Regex::new(&format!("^(?:{pattern})"));
        anchored.map(Self).map_err(|error| Error::Pattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })
    }
}

impl Pattern {
    /// The pattern as it was given.
    pub(crate) fn text(&self) -> &str {
        let anchored = self.0.as_str();
        anchored.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(')')).unwrap_or(anchored)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

/// Something true or false of a label; false of a missing one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LabelTest {
    Is(Label),
    Differs(Label),
    OneOf(Vec<Label>),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
    Matches(Pattern),
}

impl LabelTest {
    /// Refuses to compare numbers with texts.
    pub(crate) fn check(&self, texts: bool) -> Result<(), Error> {
        let kind = |label: &Label| matches!(label, Label::Text(_)) == texts;
        let fits = match self {
            Self::Is(label) | Self::Differs(label) => kind(label),
            Self::OneOf(labels) => labels.iter().all(kind),
            _ => texts,
        };
        if fits {
            return Ok(());
        }
        let labels = if texts { "texts" } else { "integers" };
        Err(Error::LabelKind { what: self.to_string(), labels })
    }

    /// Whether it holds of a whole number.
    pub(crate) fn of_integer(&self, label: f64) -> bool {
        let same = |other: &Label| matches!(other, Label::Integer(other) if *other as f64 == label);
        match self {
            Self::Is(other) => same(other),
            Self::Differs(other) => !label.is_nan() && !same(other),
            Self::OneOf(others) => others.iter().any(same),
            _ => false,
        }
    }

    fn of_text(&self, text: &str) -> bool {
        let same = |other: &Label| matches!(other, Label::Text(other) if other == text);
        match self {
            Self::Is(other) => same(other),
            Self::Differs(other) => !same(other),
            Self::OneOf(others) => others.iter().any(same),
            Self::StartsWith(start) => text.starts_with(start.as_str()),
            Self::EndsWith(end) => text.ends_with(end.as_str()),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::Matches(pattern) => pattern.0.is_match(text),
        }
    }

    /// Whether it holds of each text, by label: each is asked once.
    pub(crate) fn of_words(&self, words: &Words) -> Vec<bool> {
        words.iter().map(|word| self.of_text(word)).collect()
    }
}

impl fmt::Display for LabelTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(label) => write!(f, "== {label}"),
            Self::Differs(label) => write!(f, "!= {label}"),
            Self::OneOf(labels) => {
                let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
                write!(f, "element_of({})", labels.join(", "))
            }
            Self::StartsWith(text) => write!(f, "startswith(\"{text}\")"),
            Self::EndsWith(text) => write!(f, "endswith(\"{text}\")"),
            Self::Contains(text) => write!(f, "has_substring(\"{text}\")"),
            Self::Matches(pattern) => write!(f, "matches(\"{}\")", pattern.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers_are_not_mixed() {
        assert!(LabelTest::Is("x".into()).check(true).is_ok());
        let refused = LabelTest::Is(3.into()).check(true).unwrap_err().to_string();
        assert_eq!(refused, "`== 3` cannot be asked of labels that are texts");
        assert!(LabelTest::StartsWith("x".into()).check(false).is_err());
    }

    #[test]
    fn patterns_match_from_the_start() {
        let test = LabelTest::Matches(Pattern::new("a|b").unwrap());
        let words = Words::new(["apple", "crab", "bee"]);
        assert_eq!(test.of_words(&words), [true, true, false]);
        assert!(Pattern::new("(").unwrap_err().to_string().contains("no regular expression"));
    }

    #[test]
    fn a_missing_label_neither_is_nor_differs() {
        assert!(!LabelTest::Is(3.into()).of_integer(f64::NAN));
        assert!(!LabelTest::Differs(3.into()).of_integer(f64::NAN));
        assert!(LabelTest::Differs(3.into()).of_integer(4.0));
    }
}
