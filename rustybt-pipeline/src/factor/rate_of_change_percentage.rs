//! Change over a window, in percent.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, Error};

/// Change over a window, in percent.
///
/// `(last − first) / first · 100`.
///
/// * **Input** any column. **Output** percent.
///
/// # Source
///
/// zipline's `RateOfChangePercentage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateOfChangePercentage {
    window: usize,
}

impl RateOfChangePercentage {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RateOfChangePercentage", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for RateOfChangePercentage {
    const NAME: &'static str = "RateOfChangePercentage";

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
        if let (Some(first), Some(last)) = (values.first(), values.last()) {
            *out = (last - first) / first * 100.0;
        }
    }
}

one_asset!(RateOfChangePercentage);
