//! The results that are still needed.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::loader::Series;
use crate::panel::Panel;
use crate::words::Words;

/// What a term has come to.
#[derive(Debug)]
pub(crate) enum Value<'l> {
    /// A loaded column: raw values of these rows, asset by asset.
    Column(Range<usize>, Vec<Series<'l>>),
    /// Numbers.
    Number(Panel<f64>),
    /// Flags, always session by session.
    Flag(Panel<bool>),
    /// Labels, and the texts they stand for where they are texts.
    Label(Panel<f64>, Option<Words>),
    /// The outputs of a formula that has several.
    Parts(Vec<Panel<f64>>),
}

impl Value<'_> {
    /// The value where it borrows nothing from a loader; itself where it does.
    pub(crate) fn owned(self) -> Result<Value<'static>, Self> {
        match self {
            Self::Column(..) => Err(self),
            Self::Number(panel) => Ok(Value::Number(panel)),
            Self::Flag(panel) => Ok(Value::Flag(panel)),
            Self::Label(panel, words) => Ok(Value::Label(panel, words)),
            Self::Parts(parts) => Ok(Value::Parts(parts)),
        }
    }

    /// Bytes that it takes; what a loader lends takes none.
    pub(crate) fn bytes(&self) -> u64 {
        let count = match self {
            Self::Column(_, series) => {
                let own = series.iter().filter(|series| matches!(series.values, Cow::Owned(_)));
                own.map(|series| 8 * series.values.len()).sum()
            }
            Self::Number(panel) | Self::Label(panel, _) => 8 * panel.values.len(),
            Self::Flag(panel) => panel.values.len(),
            Self::Parts(parts) => parts.iter().map(|panel| 8 * panel.values.len()).sum(),
        };
        count as u64
    }
}

/// A result that nobody else has, or one that a cache has too.
#[derive(Debug)]
enum Held<'l> {
    Own(Value<'l>),
    Shared(Arc<Value<'static>>),
}

/// Results by term, each dropped when the last that needs it has taken it.
#[derive(Debug)]
pub(crate) struct Workspace<'l> {
    values: Vec<Option<Held<'l>>>,
    wanted: Vec<usize>,
}

impl<'l> Workspace<'l> {
    /// An empty workspace; `consumers` says how often each term will be asked for.
    pub(crate) fn new(consumers: &[usize]) -> Self {
        Self { values: consumers.iter().map(|_| None).collect(), wanted: consumers.to_vec() }
    }

    pub(crate) fn insert(&mut self, number: usize, value: Value<'l>) {
        if self.wanted[number] > 0 {
            self.values[number] = Some(Held::Own(value));
        }
    }

    pub(crate) fn insert_shared(&mut self, number: usize, value: Arc<Value<'static>>) {
        if self.wanted[number] > 0 {
            self.values[number] = Some(Held::Shared(value));
        }
    }

    /// Whether the term is wanted and not there.
    pub(crate) fn lacks(&self, number: usize) -> bool {
        self.wanted[number] > 0 && self.values[number].is_none()
    }

    /// Whether the term has been computed and is still wanted.
    pub(crate) fn has(&self, number: usize) -> bool {
        self.values[number].is_some()
    }

    pub(crate) fn value(&self, number: usize) -> &Value<'l> {
        match &self.values[number] {
            Some(Held::Own(value)) => value,
            Some(Held::Shared(value)) => value,
            None => unreachable!("the plan computes a term before those that need it"),
        }
    }

    pub(crate) fn flags(&self, number: usize) -> &Panel<bool> {
        match self.value(number) {
            Value::Flag(panel) => panel,
            _ => unreachable!("filters are built from filters where the types ask for them"),
        }
    }

    pub(crate) fn numbers(&self, number: usize) -> &Panel<f64> {
        match self.value(number) {
            Value::Number(panel) | Value::Label(panel, _) => panel,
            _ => unreachable!("factors are built from factors where the types ask for them"),
        }
    }

    /// The texts that labels stand for; `None` where they are numbers.
    pub(crate) fn words(&self, number: usize) -> Option<&Words> {
        match self.value(number) {
            Value::Label(_, words) => words.as_ref(),
            _ => None,
        }
    }

    /// Says that one of those that need the term is done with it.
    pub(crate) fn release(&mut self, number: usize) {
        self.wanted[number] -= 1;
        if self.wanted[number] == 0 {
            self.values[number] = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Layout;

    #[test]
    fn results_live_as_long_as_they_are_wanted() {
        let mut workspace = Workspace::new(&[2, 0]);
        let panel =
            || Panel { rows: 0..1, assets: 1, layout: Layout::BySession, values: vec![1.0] };
        workspace.insert(0, Value::Number(panel()));
        workspace.insert(1, Value::Number(panel()));
        assert!(workspace.values[1].is_none());
        workspace.release(0);
        assert_eq!(workspace.numbers(0).values, [1.0]);
        workspace.release(0);
        assert!(workspace.values[0].is_none());
    }
}
