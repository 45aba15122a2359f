//! Least-squares line of one input on another over a window.

use super::{Block, OneAsset, one_asset};
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

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let rows = out.len() / Self::OUTPUTS.len();
        let mut found = vec![(kernel::Products::of(&[], &[]), 0); rows];
        let (y, x) = (block.series(0), block.series(1));
        kernel::rolling_products(x, y, block.origin(), self.window, &mut found);
        for (row, (sums, count)) in found.into_iter().enumerate() {
            let mut line = kernel::Line::of(sums, self.window);
            if count < self.window {
                line = kernel::Line::through(&[], &[]);
            } else if line.is_tight() {
                let part = |values: &'_ [f64]| -> Vec<f64> {
                    values.get(row..row + self.window).unwrap_or_default().to_vec()
                };
                line = kernel::Line::through(&part(x), &part(y));
            }
            let parts = [line.alpha, line.beta, line.r, line.p, line.stderr];
            for (out, part) in out.iter_mut().skip(row).step_by(rows.max(1)).zip(parts) {
                *out = part;
            }
        }
    }
}

one_asset!(RollingLinearRegression);
