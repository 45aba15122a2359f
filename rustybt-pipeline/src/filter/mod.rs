//! Filters: yes or no for each asset on each session.

mod pick;
mod static_assets;
mod streak;

pub(crate) use pick::Pick;
pub use static_assets::AssetName;
pub(crate) use streak::Streak;

use crate::expression::Scalar;
use crate::factor::CustomFactor;
use crate::term::{Op, Term};
use crate::{Classifier, Error, Factor, Input, Period};

/// Yes or no for each asset on each session; always no for an asset that does not live.
///
/// Join filters by `&`, `|` and `!`; use them as a mask, or as the screen of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Filter(Term);

impl From<Filter> for Term {
    fn from(filter: Filter) -> Self {
        filter.0
    }
}

impl Filter {
    pub(crate) fn of_term(term: Term) -> Self {
        Self(term)
    }

    /// The assets that live: `start < session <= end`. The screen and mask where none is given.
    pub fn exists() -> Self {
        Self(Term::exists())
    }

    /// These assets, on the sessions on which they live. A symbol names, on each session, the
    /// asset that had it then.
    pub fn assets(assets: impl IntoIterator<Item = AssetName>) -> Self {
        let op = Op::Assets(assets.into_iter().collect());
        Self(Term::new(op, Vec::new(), Some(Term::exists()), true))
    }

    /// One asset, which must live on every session of the run: zipline's `SingleAsset`.
    pub fn single_asset(asset: AssetName) -> Self {
        Self(Term::new(Op::Single(asset), Vec::new(), Some(Term::exists()), true))
    }

    /// A formula of yours as a filter: where what it gives is neither 0 nor missing.
    ///
    /// # Errors
    ///
    /// As [`Factor::custom`].
    pub fn custom<I: Into<Input>>(
        custom: impl CustomFactor,
        inputs: impl IntoIterator<Item = I>,
    ) -> Result<Self, Error> {
        Ok(Factor::custom(custom, inputs)?.is_true())
    }

    /// Where a column or factor is there on each of `window` sessions: zipline's `AllPresent`.
    ///
    /// # Errors
    ///
    /// [`Error::NotWindowSafe`], [`Error::WindowLength`].
    pub fn all_present(input: impl Into<Input>, window: usize) -> Result<Self, Error> {
        Self::custom(crate::factor::Present::new(window)?, [input.into()])
    }

    /// Where it has held on each of the last `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no sessions.
    pub fn all(&self, window: usize) -> Result<Self, Error> {
        self.streak(Streak::All, window)
    }

    /// Where it has held on one of the last `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no sessions.
    pub fn any(&self, window: usize) -> Result<Self, Error> {
        self.streak(Streak::Any, window)
    }

    /// Where it has held on `n` or more of the last `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of fewer than `n` sessions.
    pub fn at_least(&self, n: usize, window: usize) -> Result<Self, Error> {
        Error::least_window("AtLeastN", window, n)?;
        self.streak(Streak::AtLeast(n), window)
    }

    fn streak(&self, streak: Streak, window: usize) -> Result<Self, Error> {
        Error::least_window(streak.name(), window, 1)?;
        let (op, inputs) = (Op::Streak(streak, window), vec![self.0.clone()]);
        Ok(Self(Term::new(op, inputs, Some(Term::exists()), true)))
    }

    /// The first factor where it holds, else the second.
    #[must_use]
    pub fn if_else(&self, then: &Factor, otherwise: &Factor) -> Factor {
        Factor::of_term(self.choose(then.clone().into(), otherwise.clone().into()))
    }

    /// The first filter where it holds, else the second.
    #[must_use]
    pub fn if_else_filter(&self, then: &Self, otherwise: &Self) -> Self {
        Self(self.choose(then.0.clone(), otherwise.0.clone()))
    }

    /// The first label where it holds, else the second.
    ///
    /// # Errors
    ///
    /// [`Error::LabelKind`] where one gives texts and the other numbers.
    pub fn if_else_label(
        &self,
        then: &Classifier,
        otherwise: &Classifier,
    ) -> Result<Classifier, Error> {
        if then.is_text() != otherwise.is_text() {
            let labels = if then.is_text() { "texts" } else { "integers" };
            return Err(Error::LabelKind { what: "if_else".to_owned(), labels });
        }
        Ok(Classifier::of_term(self.choose(then.term().clone(), otherwise.term().clone())))
    }

    fn choose(&self, then: Term, otherwise: Term) -> Term {
        let inputs = vec![self.0.clone(), then, otherwise];
        let window_safe = inputs.iter().all(Term::is_window_safe);
        Term::new(Op::IfElse, inputs, None, window_safe)
    }

    /// 1 where it holds, else 0.
    #[must_use]
    pub fn as_number(&self) -> Factor {
        let number = |value| Term::new(Op::Constant(Scalar(value)), Vec::new(), None, true);
        Factor::of_term(self.choose(number(1.0), number(0.0)))
    }

    /// What it said on the first session of each period, all through it.
    #[must_use]
    pub fn downsample(&self, period: Period) -> Self {
        Self(Term::new(Op::Downsample(period), vec![self.0.clone()], None, false))
    }

    /// The same under another name, for graphs.
    #[must_use]
    pub fn alias(&self, name: impl Into<String>) -> Self {
        Self(Term::new(Op::Alias(name.into()), vec![self.0.clone()], None, true))
    }

    pub(crate) fn mask_or_exists(mask: Option<&Self>) -> Term {
        mask.map_or_else(Term::exists, |mask| mask.0.clone())
    }
}
