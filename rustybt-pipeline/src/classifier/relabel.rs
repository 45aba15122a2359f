//! Other texts in place of a classifier's.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::words::Words;

type Function = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A function of texts. A table equals an equal table, a closure nothing but itself.
#[derive(Clone)]
pub(crate) struct Relabel(How);

#[derive(Clone)]
enum How {
    Table(BTreeMap<String, String>),
    Closure(Arc<Function>),
}

impl Relabel {
    pub(super) fn of(function: Arc<Function>) -> Self {
        Self(How::Closure(function))
    }

    pub(super) fn table(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(How::Table(pairs.into_iter().collect()))
    }

    /// The texts and what they become; `None` of a closure.
    pub(crate) const fn pairs(&self) -> Option<&BTreeMap<String, String>> {
        match &self.0 {
            How::Table(table) => Some(table),
            How::Closure(_) => None,
        }
    }

    fn text(&self, text: &str) -> Option<String> {
        match &self.0 {
            How::Table(table) => {
                Some(table.get(text).map_or_else(|| text.to_owned(), Clone::clone))
            }
            How::Closure(function) => function(text),
        }
    }

    /// The new texts, and the label of each old one among them.
    pub(crate) fn apply(&self, words: &Words) -> (Words, Vec<f64>) {
        let texts: Vec<Option<String>> = words.iter().map(|word| self.text(word)).collect();
        let new = Words::new(texts.iter().flatten());
        let labels = texts
            .iter()
            .map(|text| text.as_ref().map_or(f64::NAN, |text| new.label(text)))
            .collect();
        (new, labels)
    }

    fn address(&self) -> usize {
        match &self.0 {
            How::Table(_) => 0,
            How::Closure(function) => Arc::as_ptr(function).cast::<()>().addr(),
        }
    }
}

impl PartialEq for Relabel {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (How::Table(a), How::Table(b)) => a == b,
            (How::Closure(a), How::Closure(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for Relabel {}

impl Hash for Relabel {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            How::Table(table) => table.hash(state),
            How::Closure(_) => self.address().hash(state),
        }
    }
}

impl fmt::Debug for Relabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Relabel")
    }
}
