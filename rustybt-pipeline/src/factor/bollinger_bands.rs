//! Bands around a moving average.

use super::{Block, OneAsset, one_asset};
use crate::expression::Scalar;
use crate::{BoundColumn, EquityPricing, Error, Parameters, kernel};

/// Bands around a moving average.
///
/// `middle` is the mean of the window, `lower` and `upper` lie `k` standard deviations (of the
/// population) from it; missing values are skipped.
///
/// * **Input** close. **Outputs** `lower`, `middle`, `upper`, in the unit of the price.
///
/// # Source
///
/// J. Bollinger, *Bollinger on Bollinger Bands*, 2001; zipline's `BollingerBands`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BollingerBands {
    window: usize,
    k: Scalar,
}

impl BollingerBands {
    /// Over `window` sessions, `k` deviations away.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no sessions.
    pub fn new(window: usize, k: f64) -> Result<Self, Error> {
        Error::least_window("BollingerBands", window, 1)?;
        Ok(Self { window, k: Scalar(k) })
    }
}

impl OneAsset for BollingerBands {
    const NAME: &'static str = "BollingerBands";
    const OUTPUTS: &'static [&'static str] = &["lower", "middle", "upper"];

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE]
    }

    fn parameters(&self) -> Parameters {
        Parameters::new().with("window_length", self.window).with("k", self.k)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [lower, middle, upper]) = (inputs, out) else { return };
        let [mean, deviation] = kernel::mean_and_deviation(values);
        (*lower, *middle, *upper) =
            (mean - self.k.0 * deviation, mean, mean + self.k.0 * deviation);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let rows = out.len() / 3;
        let mut found = vec![[f64::NAN; 2]; rows];
        kernel::rolling_deviation(block.series(0), block.origin(), self.window, &mut found);
        let (lower, rest) = out.split_at_mut(rows);
        let (middle, upper) = rest.split_at_mut(rows);
        let bands = lower.iter_mut().zip(middle).zip(upper);
        for (((lower, middle), upper), [mean, deviation]) in bands.zip(found) {
            (*lower, *middle, *upper) =
                (mean - self.k.0 * deviation, mean, mean + self.k.0 * deviation);
        }
    }
}

one_asset!(BollingerBands);
