//! Range of a session with the gap before it.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, kernel};

/// Range of a session with the gap before it.
///
/// The largest of `high − low`, `|high − close before|` and `|low − close before|`; what is missing is skipped.
///
/// * **Inputs** high, low, close, over two rows. **Output** in the unit of the price.
///
/// # Source
///
/// J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978; zipline's `TrueRange`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TrueRange {
    window: usize,
}

impl TrueRange {
    /// Of each session and the one before it.
    pub const fn new() -> Self {
        Self { window: 2 }
    }

    /// Over a longer window: the range of its second row with the gap after its first.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2 rows.
    pub fn over(window: usize) -> Result<Self, Error> {
        Error::least_window("TrueRange", window, 2)?;
        Ok(Self { window })
    }
}

impl Default for TrueRange {
    fn default() -> Self {
        Self::new()
    }
}

impl OneAsset for TrueRange {
    const NAME: &'static str = "TrueRange";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::HIGH, EquityPricing::LOW, EquityPricing::CLOSE]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([high, low, close], [out]) = (inputs, out) else { return };
        if let ([_, high, ..], [_, low, ..], [before, ..]) = (high, low, close) {
            *out = kernel::max(&[high - low, (high - before).abs(), (low - before).abs()]);
        }
    }
}

one_asset!(TrueRange);
