//! Largest fall from a peak.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, Error};

/// Largest fall from a peak.
///
/// The fall is found as the largest distance below the peak so far, and given as a share **of the
/// trough**, as in zipline: `(peak − trough) / trough`. The usual drawdown, as a share of the peak `p`,
/// is `d / (1 + d)` of it. It is 0 where nothing ever fell; missing values are skipped.
///
/// * **Input** any column. **Output** a fraction, not negative for prices.
///
/// # Source
///
/// zipline's `MaxDrawdown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MaxDrawdown {
    window: usize,
}

impl MaxDrawdown {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("MaxDrawdown", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for MaxDrawdown {
    const NAME: &'static str = "MaxDrawdown";

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
        let (mut peak, mut most) = (f64::NAN, f64::NEG_INFINITY);
        for value in values.iter().filter(|value| !value.is_nan()) {
            if value > &peak || peak.is_nan() {
                peak = *value;
            }
            if peak - value > most {
                most = peak - value;
                *out = (peak - value) / value;
            }
        }
    }
}

one_asset!(MaxDrawdown);
