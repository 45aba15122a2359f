//! Standard deviation of returns, in a year.

use super::{Block, OneAsset, one_asset};
use crate::Factor;
use crate::expression::Scalar;
use crate::factor::{CustomFactor, Returns};
use crate::{BoundColumn, Error, Parameters, kernel};

/// Standard deviation of returns, in a year.
///
/// The deviation (of the population) of the returns in the window, times the root of the sessions of a
/// year; missing ones are skipped.
///
/// * **Input** daily returns unless told otherwise. **Output** a fraction a year.
///
/// # Source
///
/// zipline's `AnnualizedVolatility`: a window of 252, a year of 252 sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnnualizedVolatility {
    window: usize,
    sessions: Scalar,
}

impl AnnualizedVolatility {
    /// Over `window` sessions, with a year of `sessions`.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no sessions.
    pub fn new(window: usize, sessions: f64) -> Result<Self, Error> {
        Error::least_window("AnnualizedVolatility", window, 1)?;
        Ok(Self { window, sessions: Scalar(sessions) })
    }

    /// The factor of daily returns.
    ///
    /// # Errors
    ///
    /// None for a formula that was made.
    pub fn of_returns(self) -> Result<Factor, Error> {
        self.on([Returns::daily().factor()?])
    }
}

impl Default for AnnualizedVolatility {
    /// A window of 252, a year of 252 sessions.
    fn default() -> Self {
        Self { window: 252, sessions: Scalar(252.0) }
    }
}

impl OneAsset for AnnualizedVolatility {
    const NAME: &'static str = "AnnualizedVolatility";

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
        Parameters::new()
            .with("window_length", self.window)
            .with("annualization_factor", self.sessions)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [out]) = (inputs, out) else { return };
        *out = kernel::mean_and_deviation(values)[1] * self.sessions.0.sqrt();
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut found = vec![[f64::NAN; 2]; out.len()];
        kernel::rolling_deviation(block.series(0), block.origin(), self.window, &mut found);
        for (out, [_, deviation]) in out.iter_mut().zip(found) {
            *out = deviation * self.sessions.0.sqrt();
        }
    }
}

one_asset!(AnnualizedVolatility);
