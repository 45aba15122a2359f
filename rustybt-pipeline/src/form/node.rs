//! One written term while it is read: its inputs by what they give, its parameters by name.

use super::{FormError, Parameters};
use crate::term::{Dtype, Op, Term};
use crate::{AssetName, BoundColumn, Classifier, Error, Factor, Filter, Label};

/// A written term whose inputs have been read.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) parameters: Parameters,
    pub(super) inputs: Vec<Term>,
    /// The mask, until it is taken.
    mask: Option<Term>,
}

impl Node {
    pub(super) fn new(parameters: Parameters, inputs: Vec<Term>, mask: Option<Term>) -> Self {
        Self { parameters, inputs, mask }
    }

    /// Refuses another number of inputs.
    pub(super) fn takes(&self, expected: usize) -> Result<(), FormError> {
        match self.inputs.len() {
            found if found == expected => Ok(()),
            found => Err(FormError::Inputs { found, expected }),
        }
    }

    /// Refuses what was given and not asked for.
    pub(super) fn finish(self) -> Result<(), FormError> {
        if self.mask.is_some() {
            return Err(FormError::UnknownField { field: "mask".to_owned(), known: Vec::new() });
        }
        self.parameters.finish()
    }

    fn input(&self, position: usize) -> Result<&Term, FormError> {
        let found = self.inputs.len();
        self.inputs.get(position).ok_or(FormError::Inputs { found, expected: position + 1 })
    }

    fn computed(
        &self,
        position: usize,
        kinds: &[Dtype],
        expected: &'static str,
    ) -> Result<Term, FormError> {
        let term = self.input(position)?;
        if matches!(term.op(), Op::Column(_)) {
            return Err(FormError::Input { position, found: "a column", expected });
        }
        if kinds.contains(&term.dtype()) {
            return Ok(term.clone());
        }
        Err(FormError::Input { position, found: term.dtype().name(), expected })
    }

    pub(super) fn factor(&self, position: usize) -> Result<Factor, FormError> {
        let kinds = [Dtype::Number, Dtype::Time];
        self.computed(position, &kinds, "numbers of a factor").map(Factor::of_term)
    }

    pub(super) fn filter(&self, position: usize) -> Result<Filter, FormError> {
        self.computed(position, &[Dtype::Flag], "flags of a filter").map(Filter::of_term)
    }

    pub(super) fn labels(&self, position: usize) -> Result<Classifier, FormError> {
        let kinds = [Dtype::Integer, Dtype::Text];
        self.computed(position, &kinds, "labels of a classifier").map(Classifier::of_term)
    }

    /// The labels that come behind the first input, if any.
    pub(super) fn groups(&self) -> Result<Option<Classifier>, FormError> {
        match self.inputs.len() {
            0 | 1 => Ok(None),
            _ => self.takes(2).and_then(|()| self.labels(1)).map(Some),
        }
    }

    pub(super) fn column(&self) -> Result<&BoundColumn, FormError> {
        self.takes(1)?;
        let input = self.input(0)?;
        let Op::Column(column) = input.op() else {
            let (found, expected) = (input.dtype().name(), "a column");
            return Err(FormError::Input { position: 0, found, expected });
        };
        Ok(column)
    }

    /// Takes the mask, if there is one.
    pub(super) fn mask(&mut self) -> Result<Option<Filter>, FormError> {
        let Some(mask) = self.mask.take() else { return Ok(None) };
        match (mask.op(), mask.dtype()) {
            (Op::Column(_), _) => {
                Err(FormError::Kind { found: "a column as a mask", expected: "a filter" })
            }
            (_, Dtype::Flag) => Ok(Some(Filter::of_term(mask))),
            (_, found) => Err(FormError::Kind { found: found.name(), expected: "flags as a mask" }),
        }
    }

    pub(super) fn count(&mut self, name: &'static str) -> Result<usize, FormError> {
        Ok(self.parameters.count(name)?)
    }

    pub(super) fn number(&mut self, name: &'static str) -> Result<f64, FormError> {
        self.parameters.scalar(name).map(|scalar| scalar.0)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, FormError> {
        Ok(self.parameters.text(name)?)
    }

    /// One of several things that have names.
    pub(super) fn named<T: Copy>(
        &mut self,
        field: &'static str,
        expected: &'static str,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
    ) -> Result<T, FormError> {
        let mut all = all.into_iter();
        self.parameters.need(field, expected, |value| {
            let word = value.as_str()?;
            all.find(|known| name(*known) == word)
        })
    }

    pub(super) fn asset(&mut self) -> Result<AssetName, FormError> {
        self.parameters.need("asset", "a sid or a symbol", asset)
    }

    pub(super) fn assets(&mut self) -> Result<Vec<AssetName>, FormError> {
        self.parameters.need("assets", "a list of sids and symbols", |value| {
            value.as_array()?.iter().map(asset).collect()
        })
    }

    pub(super) fn label(&mut self, name: &'static str) -> Result<Label, FormError> {
        self.parameters.need(name, "a string or a whole number", label)
    }

    pub(super) fn choices(&mut self) -> Result<Vec<Label>, FormError> {
        self.parameters.need("choices", "a list of strings or whole numbers", |value| {
            value.as_array()?.iter().map(label).collect()
        })
    }

    pub(super) fn pairs(&mut self) -> Result<Vec<(String, String)>, FormError> {
        self.parameters.need("relabeler", "an object of strings", |value| {
            let text = |(from, to): (&String, &serde_json::Value)| {
                Some((from.clone(), to.as_str()?.to_owned()))
            };
            value.as_object()?.iter().map(text).collect()
        })
    }
}

fn asset(value: &serde_json::Value) -> Option<AssetName> {
    if let Some(symbol) = value.as_str() {
        return Some(AssetName::Symbol(symbol.to_owned()));
    }
    let sid = u32::try_from(value.as_u64()?).ok()?;
    Some(AssetName::Sid(rustybt_data::Sid(sid)))
}

fn label(value: &serde_json::Value) -> Option<Label> {
    match value.as_str() {
        Some(text) => Some(Label::from(text)),
        None => value.as_i64().map(Label::from),
    }
}

/// What a factor, a filter or a classifier becomes, or why it does not.
pub(super) fn term<T: Into<Term>>(made: Result<T, Error>) -> Result<Term, FormError> {
    Ok(made?.into())
}
