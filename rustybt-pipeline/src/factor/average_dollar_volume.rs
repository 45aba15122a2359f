//! Mean money traded.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, kernel};

/// Average dollar volume: the mean of close times volume, in the asset's quote currency.
///
/// * **Inputs** close and volume; a session without a close adds nothing, but still counts: the
///   sum is divided by the length of the window, as in zipline.
/// * **Output** money a session; `0` where nothing traded in the whole window.
///
/// A split leaves it as it is: it divides the price and multiplies the volume.
///
/// # Example
///
/// ```
/// use rustybt_pipeline::AverageDollarVolume;
///
/// // 10 × 300 and a session without a bar, over a window of two.
/// assert_eq!(AverageDollarVolume::new(2)?.of(&[10.0, f64::NAN], &[300.0, 0.0]), 1500.0);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
///
/// # Source
///
/// zipline's `AverageDollarVolume`: `nansum(close * volume) / window_length`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AverageDollarVolume {
    window: usize,
}

impl AverageDollarVolume {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no rows.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("AverageDollarVolume", window, 1)?;
        Ok(Self { window })
    }

    /// The average of one window of closes and volumes.
    pub fn of(&self, close: &[f64], volume: &[f64]) -> f64 {
        let traded = close.iter().zip(volume).map(|(close, volume)| close * volume);
        traded.filter(|money| !money.is_nan()).sum::<f64>() / self.window as f64
    }
}

impl OneAsset for AverageDollarVolume {
    const NAME: &'static str = "AverageDollarVolume";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE, EquityPricing::VOLUME]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        if let ([close, volume], [out]) = (inputs, out) {
            *out = self.of(close, volume);
        }
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let traded: Vec<f64> = block
            .series(0)
            .iter()
            .zip(block.series(1))
            .map(|(close, volume)| close * volume)
            .map(|money| if money.is_nan() { 0.0 } else { money })
            .collect();
        kernel::rolling_sum(&traded, self.window, out);
        let length = self.window as f64;
        for money in out {
            *money /= length;
        }
    }
}

one_asset!(AverageDollarVolume);
