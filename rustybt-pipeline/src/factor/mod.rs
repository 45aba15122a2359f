//! Factors: a number for each asset on each session.
//!
//! One factor, one file. A factor that ships with the crate is a [`CustomFactor`] like yours: it
//! has no privileges.

mod average_dollar_volume;
mod custom;
mod latest;
mod returns;
mod rsi;
mod simple_moving_average;

pub use average_dollar_volume::AverageDollarVolume;
pub(crate) use custom::Formula;
pub use custom::{Block, BlockForm, CustomFactor, Windows};
pub(crate) use latest::Latest;
pub use returns::Returns;
pub use rsi::Rsi;
pub use simple_moving_average::SimpleMovingAverage;

use ndarray::ArrayViewMut1;

use crate::dataset::checked_inputs;
use crate::filter::Pick;
use crate::term::{Op, Term};
use crate::transform::{Rank, Transform};
use crate::{Error, Filter, Input};

/// A number for each asset on each session, `NaN` where it is missing.
///
/// A factor is an immutable value, cheap to clone; equal factors are computed once. Add, subtract,
/// compare them; see [`expression`](crate::expression).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Factor(Term);

impl From<Factor> for Term {
    fn from(factor: Factor) -> Self {
        factor.0
    }
}

impl Factor {
    pub(crate) fn of_term(term: Term) -> Self {
        Self(term)
    }

    /// A windowed factor whose inputs are known to be right.
    pub(crate) fn from_window(custom: impl CustomFactor, inputs: Vec<Term>) -> Self {
        let window_safe = custom.window_safe();
        let op = Op::Window(Formula::new(custom));
        Self(Term::new(op, inputs, Some(Term::exists()), window_safe))
    }

    /// The factor of a formula over windows of `inputs`.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`], [`Error::Inputs`], or [`Error::NotWindowSafe`] where a window
    /// longer than one row looks back over values that a split makes incomparable.
    pub fn custom<I: Into<Input>>(
        custom: impl CustomFactor,
        inputs: impl IntoIterator<Item = I>,
    ) -> Result<Self, Error> {
        let inputs = checked_inputs(&custom, inputs.into_iter().map(Into::into))?;
        Ok(Self::from_window(custom, inputs))
    }

    /// The factor of a closure over windows of `inputs`: the quickest way to one of your own.
    ///
    /// The closure gets one `(window, assets)` array for each input, oldest row first, adjusted as
    /// of the session computed, and writes one number for each asset. Two calls make two different
    /// factors, even of the same closure: keep the factor and clone it.
    ///
    /// ```
    /// use rustybt_pipeline::{EquityPricing, Factor};
    ///
    /// // The mean high-low range of five sessions.
    /// let range = Factor::from_fn(
    ///     "range",
    ///     5,
    ///     [EquityPricing::HIGH, EquityPricing::LOW],
    ///     |windows, mut out| out.assign(&(&windows[0] - &windows[1]).mean_axis(ndarray::Axis(0)).unwrap()),
    /// )?;
    /// # Ok::<(), rustybt_pipeline::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`custom`](Self::custom).
    pub fn from_fn<I: Into<Input>>(
        name: impl Into<String>,
        window_length: usize,
        inputs: impl IntoIterator<Item = I>,
        compute: impl Fn(&Windows<'_>, ArrayViewMut1<'_, f64>) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::custom(custom::Closure::new(name.into(), window_length, compute), inputs)
    }

    /// The same factor, computed only for the assets of `mask` and missing for all others.
    ///
    /// A factor of yours is given the windows of those assets alone: zipline's `mask=`.
    #[must_use]
    pub fn masked(&self, mask: &Filter) -> Self {
        let term = &self.0;
        let mask = Term::from(mask.clone());
        Self(match term.op() {
            Op::Window(_) if term.mask() == Some(&Term::exists()) => Term::new(
                term.op().clone(),
                term.inputs().to_vec(),
                Some(mask),
                term.is_window_safe(),
            ),
            _ => Term::new(Op::Where, vec![term.clone()], Some(mask), term.is_window_safe()),
        })
    }

    /// Its place among the assets of `mask` (all that live, without one), from 1; ties and order
    /// as `rank` says. A missing number has no rank.
    #[must_use]
    pub fn rank(&self, rank: Rank, mask: Option<&Filter>) -> Self {
        self.transformed(Transform::Rank(rank), mask)
    }

    /// How many standard deviations it lies from the mean of the assets of `mask`.
    ///
    /// Missing numbers are skipped; the deviation is of the population (ddof 0); where all numbers
    /// are equal the score is missing.
    #[must_use]
    pub fn zscore(&self, mask: Option<&Filter>) -> Self {
        self.transformed(Transform::ZScore, mask)
    }

    /// Its distance from the mean of the assets of `mask`; missing numbers are skipped.
    #[must_use]
    pub fn demean(&self, mask: Option<&Filter>) -> Self {
        self.transformed(Transform::Demean, mask)
    }

    fn transformed(&self, transform: Transform, mask: Option<&Filter>) -> Self {
        let window_safe = transform.is_window_safe() || self.0.is_window_safe();
        let op = Op::Transform(transform);
        Self(Term::new(op, vec![self.0.clone()], Some(Filter::mask_or_exists(mask)), window_safe))
    }

    /// The `n` assets of `mask` with the largest numbers; of equal ones those with the lower sid.
    #[must_use]
    pub fn top(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.picked(Pick::Top(n), mask)
    }

    /// The `n` assets of `mask` with the smallest numbers; of equal ones those with the lower sid.
    #[must_use]
    pub fn bottom(&self, n: usize, mask: Option<&Filter>) -> Filter {
        self.picked(Pick::Bottom(n), mask)
    }

    /// The assets whose number lies between two percentiles of those of `mask`, both included.
    ///
    /// # Errors
    ///
    /// [`Error::Percentiles`] unless `0 <= low < high <= 100`.
    pub fn percentile_between(
        &self,
        low: f64,
        high: f64,
        mask: Option<&Filter>,
    ) -> Result<Filter, Error> {
        Ok(self.picked(Pick::percentiles(low, high)?, mask))
    }

    fn picked(&self, pick: Pick, mask: Option<&Filter>) -> Filter {
        let mask = Filter::mask_or_exists(mask);
        Filter::of_term(Term::new(Op::Pick(pick), vec![self.0.clone()], Some(mask), true))
    }
}
