//! Spearman's correlation of two inputs over a window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Spearman's correlation of two inputs over a window.
///
/// Pearson's correlation of their ranks, equal numbers sharing the mean of theirs; missing where a value
/// of either is missing, or one of them does not move.
///
/// * **Inputs** the base and the target, which may be a slice. **Output** from −1 to 1; safe to window again.
///
/// # Source
///
/// zipline's `RollingSpearman`, that is scipy's `spearmanr`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingSpearman {
    window: usize,
}

impl RollingSpearman {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RollingSpearman", window, 2)?;
        Ok(Self { window })
    }
}

impl OneAsset for RollingSpearman {
    const NAME: &'static str = "RollingSpearman";
    const SAFE: bool = true;

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
        let ([x, y], [out]) = (inputs, out) else { return };
        *out = kernel::spearman(x, y);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_spearman(block.series(0), block.series(1), self.window, out);
    }
}

one_asset!(RollingSpearman);
