//! Pearson's correlation of two inputs over a window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Pearson's correlation of two inputs over a window.
///
/// Missing where a value of either is missing, or one of them does not move.
///
/// * **Inputs** the base and the target, which may be a slice. **Output** from −1 to 1; safe to window again.
///
/// # Source
///
/// zipline's `RollingPearson`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingPearson {
    window: usize,
}

impl RollingPearson {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RollingPearson", window, 2)?;
        Ok(Self { window })
    }
}

impl OneAsset for RollingPearson {
    const NAME: &'static str = "RollingPearson";
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
        *out = kernel::Products::of(x, y).correlation();
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut found = vec![(kernel::Products::of(&[], &[]), 0); out.len()];
        let (x, y) = (block.series(0), block.series(1));
        kernel::rolling_products(x, y, block.origin(), self.window, &mut found);
        for (out, (sums, count)) in out.iter_mut().zip(found) {
            *out = if count == self.window { sums.correlation() } else { f64::NAN };
        }
    }
}

one_asset!(RollingPearson);
