//! Exponentially weighted mean of a window.

use super::{Block, OneAsset, one_asset};
use crate::expression::Scalar;
use crate::{BoundColumn, Error, Parameters, kernel};

/// Exponentially weighted mean of a window.
///
/// Each row has `decay` times the weight of the next; the window ends the memory. One missing value makes
/// the mean missing, as in zipline.
///
/// * **Input** any column. **Output** in its unit.
///
/// # Source
///
/// zipline's `ExponentialWeightedMovingAverage` (`EWMA`): weights `decay^(n+1) … decay^2`, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExponentialWeightedMovingAverage {
    window: usize,
    decay: Scalar,
}

impl ExponentialWeightedMovingAverage {
    /// Over `window` rows, each with `decay` times the weight of the next.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no rows; [`Error::Parameter`] unless `0 < decay <= 1`.
    pub fn new(window: usize, decay: f64) -> Result<Self, Error> {
        Error::least_window("ExponentialWeightedMovingAverage", window, 1)?;
        if !(0.0 < decay && decay <= 1.0) {
            let (term, found) = ("ExponentialWeightedMovingAverage".to_owned(), decay.to_string());
            return Err(Error::Parameter { term, expected: "a decay above 0 and up to 1", found });
        }
        Ok(Self { window, decay: Scalar(decay) })
    }

    /// With the decay of a span above 1: `1 − 2 / (1 + span)`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_span(window: usize, span: f64) -> Result<Self, Error> {
        Self::new(window, 1.0 - 2.0 / (1.0 + span))
    }

    /// With the decay that halves a weight in so many rows: `exp(ln ½ / halflife)`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); [`Error::Parameter`] for a half-life of nothing.
    pub fn from_halflife(window: usize, halflife: f64) -> Result<Self, Error> {
        if halflife.is_nan() || halflife <= 0.0 {
            let (term, found) =
                ("ExponentialWeightedMovingAverage".to_owned(), halflife.to_string());
            return Err(Error::Parameter { term, expected: "a half-life above 0", found });
        }
        Self::new(window, (0.5_f64.ln() / halflife).exp())
    }

    /// With the decay of a centre of mass: `1 − 1 / (1 + centre)`.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_center_of_mass(window: usize, center: f64) -> Result<Self, Error> {
        Self::new(window, 1.0 - 1.0 / (1.0 + center))
    }

    fn weights(&self) -> Decay {
        Decay::new(self.window, self.decay.0)
    }
}

/// Weights that fall by a factor from each row to the one before it.
pub(super) struct Decay {
    weights: Vec<f64>,
    sum: f64,
    squares: f64,
}

impl Decay {
    pub(super) fn new(window: usize, decay: f64) -> Self {
        let power = |row: usize| decay.powf((window + 1 - row) as f64);
        let weights: Vec<f64> = (0..window).map(power).collect();
        let sum = weights.iter().sum();
        let squares = weights.iter().map(|weight| weight * weight).sum();
        Self { weights, sum, squares }
    }

    pub(super) fn mean(&self, values: &[f64]) -> f64 {
        kernel::weighted_sum(values, &self.weights) / self.sum
    }

    /// The weighted deviation, corrected for the weights as a sample's is for its count.
    pub(super) fn deviation(&self, values: &[f64]) -> f64 {
        let mean = self.mean(values);
        let squares: Vec<f64> =
            values.iter().map(|value| (value - mean) * (value - mean)).collect();
        let whole = self.sum * self.sum;
        (self.mean(&squares) * (whole / (whole - self.squares))).sqrt()
    }
}

impl OneAsset for ExponentialWeightedMovingAverage {
    const NAME: &'static str = "ExponentialWeightedMovingAverage";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        1
    }

    fn parameters(&self) -> Parameters {
        Parameters::new().with("window_length", self.window).with("decay_rate", self.decay)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [out]) = (inputs, out) else { return };
        *out = self.weights().mean(values);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_decayed(block.series(0), self.decay.0, block.origin(), self.window, out);
    }
}

one_asset!(ExponentialWeightedMovingAverage);
