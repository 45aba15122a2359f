//! Least-squares line of one input on another over a window.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Least-squares line of one input on another over a window.
///
/// `dependent = alpha + beta · independent`. All five outputs are missing where a value of either is missing, or
/// the independent one does not move.
///
/// * **Inputs** the dependent and the independent one, which may be a slice.
/// * **Outputs** `alpha`, `beta`, `r_value`, `p_value` (of no slope, on both sides), `stderr` (of the slope).
///
/// # Source
///
/// zipline's `RollingLinearRegression`, that is scipy's `linregress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingLinearRegression {
    window: usize,
}

impl RollingLinearRegression {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RollingLinearRegression", window, 2)?;
        Ok(Self { window })
    }
}

impl OneAsset for RollingLinearRegression {
    const NAME: &'static str = "RollingLinearRegression";
    const OUTPUTS: &'static [&'static str] = &["alpha", "beta", "r_value", "p_value", "stderr"];

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        2
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([y, x], [alpha, beta, r, p, stderr]) = (inputs, out) else { return };
        let line = kernel::Line::through(x, y);
        (*alpha, *beta, *r, *p, *stderr) = (line.alpha, line.beta, line.r, line.p, line.stderr);
    }
}

one_asset!(RollingLinearRegression);
