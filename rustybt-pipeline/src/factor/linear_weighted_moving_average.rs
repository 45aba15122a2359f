//! Mean with weights that grow by one each row.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Mean with weights that grow by one each row.
///
/// `Σ xᵢ·(i + 1) / (n(n + 1)/2)`, oldest first. A missing value adds nothing, but its weight still counts
/// below, as in zipline: of an all-missing window it is 0.
///
/// * **Input** any column. **Output** in its unit.
///
/// # Source
///
/// zipline's `LinearWeightedMovingAverage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinearWeightedMovingAverage {
    window: usize,
}

impl LinearWeightedMovingAverage {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("LinearWeightedMovingAverage", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for LinearWeightedMovingAverage {
    const NAME: &'static str = "LinearWeightedMovingAverage";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        1
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [out]) = (inputs, out) else { return };
        let terms = values.iter().zip(1_u32..).map(|(value, weight)| value * f64::from(weight));
        let count = values.len() as f64;
        *out = terms.filter(|term| !term.is_nan()).sum::<f64>() / (count * (count + 1.0) / 2.0);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_linear_sum(block.series(0), block.origin(), self.window, out);
        let count = self.window as f64;
        for sum in out {
            *sum /= count * (count + 1.0) / 2.0;
        }
    }
}

one_asset!(LinearWeightedMovingAverage);
