//! Mean weighted by another column.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Mean weighted by another column.
///
/// `Σ base·weight / Σ weight`. A missing product adds nothing above, but its weight still counts below,
/// as in zipline; where the weights are all zero the mean is `NaN`.
///
/// * **Inputs** the base and the weight. **Output** in the unit of the base.
///
/// # Source
///
/// zipline's `WeightedAverageValue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WeightedAverageValue {
    window: usize,
}

impl WeightedAverageValue {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("WeightedAverageValue", window, 1)?;
        Ok(Self { window })
    }
}

/// The weighted mean of every window of a block of a base and a weight.
pub(super) fn weighted_means(block: &Block<'_>, window: usize, out: &mut [f64]) {
    let present = |value: f64| if value.is_nan() { 0.0 } else { value };
    let pairs = block.series(0).iter().zip(block.series(1));
    let sums: Vec<[f64; 2]> = pairs.map(|(b, w)| [present(b * w), present(*w)]).collect();
    let mut found = vec![[f64::NAN; 2]; out.len()];
    kernel::rolling_sums(&sums, block.origin(), window, &mut found);
    for (out, [above, below]) in out.iter_mut().zip(found) {
        *out = above / below;
    }
}

impl OneAsset for WeightedAverageValue {
    const NAME: &'static str = "WeightedAverageValue";

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
        let ([base, weight], [out]) = (inputs, out) else { return };
        let present = |value: f64| if value.is_nan() { 0.0 } else { value };
        let above: f64 = base.iter().zip(*weight).map(|(b, w)| present(b * w)).sum();
        let below: f64 = weight.iter().map(|w| present(*w)).sum();
        *out = above / below;
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        weighted_means(block, self.window, out);
    }
}

one_asset!(WeightedAverageValue);
