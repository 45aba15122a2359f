//! Rank of the last value among those of its window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Rank of the last value among those of its window.
///
/// From 1; equal ones share the mean of their ranks; missing values are skipped.
///
/// * **Input** any column. **Output** from 1 to the number of values; safe to window again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingRank {
    window: usize,
}

impl RollingRank {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RollingRank", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for RollingRank {
    const NAME: &'static str = "RollingRank";
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
        *out = kernel::rank_of_last(values);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_rank(block.series(0), self.window, out);
    }
}

one_asset!(RollingRank);
