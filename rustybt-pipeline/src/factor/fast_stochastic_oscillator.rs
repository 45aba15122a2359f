//! Fast stochastic oscillator.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, kernel};

/// Fast stochastic oscillator: where the close lies in the range of the window.
///
/// `%K = (close − lowest low) / (highest high − lowest low) · 100`; missing lows and highs are skipped, and where
/// nothing moved it is `NaN`.
///
/// * **Inputs** close, low, high. **Output** points, from 0 to 100; safe to window again.
///
/// # Source
///
/// G. Lane; zipline's `FastStochasticOscillator`, a window of 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FastStochasticOscillator {
    window: usize,
}

impl FastStochasticOscillator {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("FastStochasticOscillator", window, 1)?;
        Ok(Self { window })
    }
}

impl Default for FastStochasticOscillator {
    /// Over fourteen sessions.
    fn default() -> Self {
        Self { window: 14 }
    }
}

impl OneAsset for FastStochasticOscillator {
    const NAME: &'static str = "FastStochasticOscillator";
    const SAFE: bool = true;

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE, EquityPricing::LOW, EquityPricing::HIGH]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([close, low, high], [out]) = (inputs, out) else { return };
        let (Some(close), low) = (close.last(), kernel::min(low)) else { return };
        *out = (close - low) / (kernel::max(high) - low) * 100.0;
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let window = self.window;
        let mut low = vec![f64::NAN; out.len()];
        kernel::rolling_min(block.series(1), window, &mut low);
        kernel::rolling_max(block.series(2), window, out);
        let lasts = block.series(0).iter().skip(window - 1);
        for ((out, low), close) in out.iter_mut().zip(low).zip(lasts) {
            *out = (close - low) / (*out - low) * 100.0;
        }
    }
}

one_asset!(FastStochasticOscillator);
