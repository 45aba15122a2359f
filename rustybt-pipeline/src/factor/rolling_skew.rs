//! Skew of a window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Skew of a window.
///
/// The third power of the distances from the mean over the cube of the deviation (of the population); missing values are skipped.
///
/// * **Input** any column. **Output** a number without a unit; safe to window again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingSkew {
    window: usize,
}

impl RollingSkew {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RollingSkew", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for RollingSkew {
    const NAME: &'static str = "RollingSkew";
    const SAFE: bool = true;

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
        *out = kernel::skew(values);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut found = vec![[f64::NAN; 2]; out.len()];
        kernel::rolling_shape(block.series(0), block.origin(), self.window, &mut found);
        for (out, [skew, _]) in out.iter_mut().zip(found) {
            *out = skew;
        }
    }
}

one_asset!(RollingSkew);
