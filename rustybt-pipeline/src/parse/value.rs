//! What an expression of a pipeline file can be.

use super::builtin::Builtin;
use crate::term::Term;
use crate::{AssetName, BoundColumn, Classifier, Domain, Factor, Filter, Pipeline};

#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(f64),
    Bool(bool),
    Text(String),
    None,
    List(Vec<Value>),
    Dictionary(Vec<(String, Value)>),
    Dataset(String),
    Column(BoundColumn),
    Factor(Factor),
    Filter(Filter),
    Classifier(Classifier),
    Asset(AssetName),
    Pipeline(Pipeline),
    /// A market; `None` is any.
    Domain(Option<Domain>),
    Builtin(&'static Builtin),
    /// A method and what it belongs to.
    Method(Box<Value>, String),
}

impl Value {
    /// Its kind, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Bool(_) => "True or False",
            Self::Text(_) => "a string",
            Self::None => "None",
            Self::List(_) => "a list",
            Self::Dictionary(_) => "a dictionary",
            Self::Dataset(_) => "a data set",
            Self::Column(_) => "a column",
            Self::Factor(_) => "a factor",
            Self::Filter(_) => "a filter",
            Self::Classifier(_) => "a classifier",
            Self::Asset(_) => "an asset",
            Self::Pipeline(_) => "a pipeline",
            Self::Domain(_) => "a domain",
            Self::Builtin(_) => "a function that was not called",
            Self::Method(..) => "a method that was not called",
        }
    }

    /// The term behind it.
    pub(super) fn term(&self) -> Option<Term> {
        match self {
            Self::Factor(factor) => Some(factor.clone().into()),
            Self::Filter(filter) => Some(filter.clone().into()),
            Self::Classifier(classifier) => Some(classifier.clone().into()),
            _ => None,
        }
    }

    /// How deep a chain of terms hangs on it.
    pub(super) fn depth(&self) -> usize {
        self.term().map_or(0, |term| term.depth())
    }
}
