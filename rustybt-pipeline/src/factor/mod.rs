//! Factors: a number for each asset on each session.
//!
//! One factor, one file. A factor that ships with the crate is a [`CustomFactor`] like yours: it
//! has no privileges.

mod annualized_volatility;
mod aroon;
mod average_dollar_volume;
mod bollinger_bands;
mod business_days;
mod calendar_part;
mod custom;
mod ewma;
mod ewmstd;
mod fast_stochastic_oscillator;
mod ichimoku;
mod lag;
mod latest;
mod linear_weighted_moving_average;
mod macd_signal;
mod max_drawdown;
mod one_asset;
mod percent_change;
mod present;
mod rate_of_change_percentage;
mod relations;
mod returns;
mod rolling_kurtosis;
mod rolling_linear_regression;
mod rolling_pearson;
mod rolling_quantile;
mod rolling_rank;
mod rolling_skew;
mod rolling_spearman;
mod rsi;
mod simple_beta;
mod simple_moving_average;
mod standard_deviation;
mod true_range;
mod vwap;
mod weighted_average_value;

pub use annualized_volatility::AnnualizedVolatility;
pub use aroon::Aroon;
pub use average_dollar_volume::AverageDollarVolume;
pub use bollinger_bands::BollingerBands;
pub use business_days::{BusinessDaysSincePreviousEvent, BusinessDaysUntilNextEvent};
pub use calendar_part::CalendarPart;
pub(crate) use custom::Formula;
pub use custom::{Block, BlockForm, CustomFactor, Windows};
pub use ewma::ExponentialWeightedMovingAverage;
pub use ewmstd::ExponentialWeightedMovingStdDev;
pub use fast_stochastic_oscillator::FastStochasticOscillator;
pub use ichimoku::IchimokuKinkoHyo;
pub use lag::Lag;
pub(crate) use latest::Latest;
pub use linear_weighted_moving_average::LinearWeightedMovingAverage;
pub use macd_signal::MacdSignal;
pub use max_drawdown::MaxDrawdown;
pub(crate) use one_asset::{OneAsset, one_asset};
pub use percent_change::PercentChange;
pub(crate) use present::Present;
pub use rate_of_change_percentage::RateOfChangePercentage;
pub use returns::Returns;
pub use rolling_kurtosis::RollingKurtosis;
pub use rolling_linear_regression::RollingLinearRegression;
pub use rolling_pearson::RollingPearson;
pub use rolling_quantile::RollingQuantile;
pub use rolling_rank::RollingRank;
pub use rolling_skew::RollingSkew;
pub use rolling_spearman::RollingSpearman;
pub use rsi::Rsi;
pub use simple_beta::SimpleBeta;
pub use simple_moving_average::SimpleMovingAverage;
pub use standard_deviation::StandardDeviation;
pub use true_range::TrueRange;
pub use vwap::Vwap;
pub use weighted_average_value::WeightedAverageValue;

use ndarray::ArrayViewMut1;

use crate::dataset::checked_inputs;
use crate::expression::Scalar;
use crate::term::{Op, Term};
use crate::{Classifier, Dtype, Error, Filter, Input, Period};

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

    /// No less than `low` and no more than `high`; missing stays missing.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless `low <= high`.
    pub fn clip(&self, low: f64, high: f64) -> Result<Self, Error> {
        if low.is_nan() || high.is_nan() || low > high {
            return Err(Error::Parameter {
                term: "clip".to_owned(),
                expected: "two bounds, the lower one first",
                found: format!("{low} and {high}"),
            });
        }
        let (op, window_safe) = (Op::Clip(Scalar(low), Scalar(high)), self.0.is_window_safe());
        Ok(Self(Term::new(op, vec![self.0.clone()], Some(Term::exists()), window_safe)))
    }

    /// With another factor's number where it is missing.
    #[must_use]
    pub fn fill_with(&self, other: &Self) -> Self {
        self.notnull().if_else(self, other)
    }

    /// The number of the first session of each period, all through it.
    #[must_use]
    pub fn downsample(&self, period: Period) -> Self {
        Self(Term::new(Op::Downsample(period), vec![self.0.clone()], None, false))
    }

    /// The same under another name, for graphs.
    #[must_use]
    pub fn alias(&self, name: impl Into<String>) -> Self {
        let window_safe = self.0.is_window_safe();
        Self(Term::new(Op::Alias(name.into()), vec![self.0.clone()], None, window_safe))
    }

    /// The same number for every asset on every session.
    pub fn constant(value: f64) -> Self {
        Self(Term::new(Op::Constant(Scalar(value)), Vec::new(), None, true))
    }

    /// Where it is neither 0 nor missing.
    #[must_use]
    pub fn is_true(&self) -> Filter {
        let (inputs, mask) = (vec![self.0.clone()], Some(Term::exists()));
        Filter::of_term(Term::new(Op::Cast(Dtype::Flag), inputs, mask, true))
    }

    /// Its whole numbers as labels, missing where it is: a classifier of your own, from a factor.
    #[must_use]
    pub fn as_label(&self) -> Classifier {
        let inputs = vec![self.0.clone()];
        Classifier::of_term(Term::new(Op::Cast(Dtype::Integer), inputs, None, true))
    }

    /// The outputs of a factor that has several, by name, in their order; none of one that has one.
    pub fn outputs(&self) -> Vec<(&str, Self)> {
        let Op::Window(formula) = self.0.op() else { return Vec::new() };
        let parts = formula.outputs().iter().enumerate();
        parts.map(|(part, name)| (*name, self.part(part))).collect()
    }

    /// One output of a factor that has several.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPart`] where there is none of that name.
    pub fn output(&self, name: &str) -> Result<Self, Error> {
        let parts = self.outputs();
        let found = parts.iter().find(|(known, _)| *known == name);
        found.map(|(_, part)| part.clone()).ok_or_else(|| Error::UnknownPart {
            term: self.0.label(),
            name: name.to_owned(),
            known: parts.iter().map(|(name, _)| (*name).to_owned()).collect(),
        })
    }

    fn part(&self, part: usize) -> Self {
        let window_safe = self.0.is_window_safe();
        Self(Term::new(Op::Part(part), vec![self.0.clone()], None, window_safe))
    }
}
