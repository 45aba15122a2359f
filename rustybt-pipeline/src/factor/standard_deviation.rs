//! Standard deviation of a window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Standard deviation of a window.
///
/// Of the population (ddof 0); missing values are skipped.
///
/// * **Input** any column. **Output** in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StandardDeviation {
    window: usize,
}

impl StandardDeviation {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("StandardDeviation", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for StandardDeviation {
    const NAME: &'static str = "StandardDeviation";

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
        *out = kernel::mean_and_deviation(values)[1];
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut found = vec![[f64::NAN; 2]; out.len()];
        kernel::rolling_deviation(block.series(0), block.origin(), self.window, &mut found);
        for (out, [_, deviation]) in out.iter_mut().zip(found) {
            *out = deviation;
        }
    }
}

one_asset!(StandardDeviation);
