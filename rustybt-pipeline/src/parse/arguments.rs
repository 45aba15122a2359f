//! The arguments of a call, matched with the names of what is called.

use super::error::Fault;
use super::suggest;
use super::syntax::Span;
use super::value::Value;
use crate::{AssetName, Classifier, Factor, Filter, Input};

/// An evaluated argument, perhaps by name.
pub(super) struct Given {
    pub(super) name: Option<(String, Span)>,
    pub(super) value: Value,
    pub(super) at: Span,
}

/// Arguments by name, each taken once.
pub(super) struct Arguments {
    what: String,
    /// The place of the call.
    pub(super) at: Span,
    taken: Vec<(&'static str, Option<(Value, Span)>)>,
}

impl Arguments {
    /// Matches what was given with `names`, in whose order arguments without names count.
    pub(super) fn new(
        what: &str,
        at: Span,
        given: Vec<Given>,
        names: &[&'static str],
    ) -> Result<Self, Fault> {
        let mut taken: Vec<(&'static str, Option<(Value, Span)>)> =
            names.iter().map(|name| (*name, None)).collect();
        for (position, Given { name, value, at }) in given.into_iter().enumerate() {
            let (slot, at_name) = if let Some((name, name_at)) = &name {
                let Some(slot) = taken.iter_mut().find(|(known, _)| known == name) else {
                    let hint = suggest::hint(name, names);
                    return Fault::new(
                        *name_at,
                        format!("`{what}` takes no argument `{name}`{hint}"),
                    );
                };
                (slot, *name_at)
            } else {
                let Some(slot) = taken.get_mut(position) else {
                    let most = names.len();
                    return Fault::new(at, format!("`{what}` takes at most {most} argument(s)"));
                };
                (slot, at)
            };
            if slot.1.is_some() {
                return Fault::new(at_name, format!("`{}` is given twice", slot.0));
            }
            slot.1 = Some((value, at));
        }
        Ok(Self { what: what.to_owned(), at, taken })
    }

    /// Takes an argument; `None` where it was not given, or given as `None`.
    pub(super) fn take(&mut self, name: &str) -> Option<(Value, Span)> {
        let slot = self.taken.iter_mut().find(|(known, _)| *known == name)?;
        slot.1.take().filter(|(value, _)| !matches!(value, Value::None))
    }

    /// Takes an argument that must be there.
    pub(super) fn need(&mut self, name: &str) -> Result<(Value, Span), Fault> {
        match self.take(name) {
            Some(found) => Ok(found),
            None => Fault::new(self.at, format!("`{}` needs `{name}=`", self.what)),
        }
    }

    pub(super) fn wrong<T>(
        &self,
        name: &str,
        (value, at): &(Value, Span),
        expected: &str,
    ) -> Result<T, Fault> {
        let message = format!("`{name}` of `{}` is {expected}, not {}", self.what, value.kind());
        Fault::new(*at, message)
    }

    pub(super) fn number(&self, name: &str, given: (Value, Span)) -> Result<f64, Fault> {
        match given {
            (Value::Number(number), _) => Ok(number),
            other => self.wrong(name, &other, "a number"),
        }
    }

    /// A whole number, not negative.
    pub(super) fn count(&self, name: &str, given: (Value, Span)) -> Result<usize, Fault> {
        match given {
            (Value::Number(number), _)
                if number >= 0.0 && number.fract() == 0.0 && number <= 1e9 =>
            {
                Ok(number as usize)
            }
            (Value::Number(number), at) => Fault::new(
                at,
                format!("`{name}` of `{}` is a whole number from 0 on, not {number}", self.what),
            ),
            other => self.wrong(name, &other, "a whole number"),
        }
    }

    /// A window length that must be there.
    pub(super) fn window(&mut self) -> Result<usize, Fault> {
        let given = self.need("window_length")?;
        self.count("window_length", given)
    }

    /// A whole number, or the default.
    pub(super) fn count_or(&mut self, name: &str, default: usize) -> Result<usize, Fault> {
        match self.take(name) {
            Some(given) => self.count(name, given),
            None => Ok(default),
        }
    }

    /// A number, or the default.
    pub(super) fn number_or(&mut self, name: &str, default: f64) -> Result<f64, Fault> {
        match self.take(name) {
            Some(given) => self.number(name, given),
            None => Ok(default),
        }
    }

    /// A number that must be there.
    pub(super) fn need_number(&mut self, name: &str) -> Result<f64, Fault> {
        let given = self.need(name)?;
        self.number(name, given)
    }

    /// A whole number that must be there.
    pub(super) fn need_count(&mut self, name: &str) -> Result<usize, Fault> {
        let given = self.need(name)?;
        self.count(name, given)
    }

    /// A factor that must be there.
    pub(super) fn need_factor(&mut self, name: &str) -> Result<Factor, Fault> {
        match self.need(name)? {
            (Value::Factor(factor), _) => Ok(factor),
            other => self.wrong(name, &other, "a factor"),
        }
    }

    /// An asset that must be there.
    pub(super) fn need_asset(&mut self, name: &str) -> Result<AssetName, Fault> {
        match self.need(name)? {
            (Value::Asset(asset), _) => Ok(asset),
            other => self.wrong(name, &other, "an asset, as in `symbol('AAPL')` or `sid(2)`"),
        }
    }

    /// Groups, where they are given.
    pub(super) fn groups(&mut self) -> Result<Option<Classifier>, Fault> {
        match self.take("groupby") {
            None => Ok(None),
            Some((Value::Classifier(groups), _)) => Ok(Some(groups)),
            Some(other) => self.wrong("groupby", &other, "a classifier"),
        }
    }

    pub(super) fn bool_or(&mut self, name: &str, default: bool) -> Result<bool, Fault> {
        match self.take(name) {
            None => Ok(default),
            Some((Value::Bool(value), _)) => Ok(value),
            Some(other) => self.wrong(name, &other, "True or False"),
        }
    }

    pub(super) fn text(&self, name: &str, given: (Value, Span)) -> Result<String, Fault> {
        match given {
            (Value::Text(text), _) => Ok(text),
            other => self.wrong(name, &other, "a string"),
        }
    }

    pub(super) fn filter(&mut self, name: &str) -> Result<Option<Filter>, Fault> {
        match self.take(name) {
            None => Ok(None),
            Some((Value::Filter(filter), _)) => Ok(Some(filter)),
            Some(other) => self.wrong(name, &other, "a filter"),
        }
    }

    /// The inputs of a factor: a list of columns and factors.
    pub(super) fn inputs(&mut self) -> Result<Option<Vec<Input>>, Fault> {
        let Some(given) = self.take("inputs") else { return Ok(None) };
        let (Value::List(items), at) = &given else {
            return self.wrong("inputs", &given, "a list of columns or factors, as in `[close]`");
        };
        let input = |item: &Value| match item {
            Value::Column(column) => Ok(Input::from(column)),
            Value::Factor(factor) => Ok(Input::from(factor)),
            Value::Filter(filter) => Ok(Input::from(filter)),
            Value::Classifier(classifier) => Ok(Input::from(classifier)),
            other => self.wrong("inputs", &(other.clone(), *at), "a list of columns or factors"),
        };
        items.iter().map(input).collect::<Result<_, _>>().map(Some)
    }
}
