//! Aroon.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, kernel};

/// Aroon: how lately the highest high and the lowest low were.
///
/// `100 · i / (n − 1)` of the row `i` of the first highest high (`up`) and the first lowest low (`down`) of the
/// window; missing values are skipped, and a window of nothing else is missing.
///
/// * **Inputs** low and high. **Outputs** `down`, `up`, points from 0 to 100.
///
/// # Source
///
/// T. Chande, 1995; zipline's `Aroon`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aroon {
    window: usize,
}

impl Aroon {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("Aroon", window, 2)?;
        Ok(Self { window })
    }
}

impl OneAsset for Aroon {
    const NAME: &'static str = "Aroon";
    const OUTPUTS: &'static [&'static str] = &["down", "up"];

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::LOW, EquityPricing::HIGH]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([low, high], [down, up]) = (inputs, out) else { return };
        let points = |values: &[f64], best: f64| {
            let row = values.iter().position(|value| *value == best);
            row.map_or(f64::NAN, |row| 100.0 * row as f64 / (values.len() - 1) as f64)
        };
        (*down, *up) = (points(low, kernel::min(low)), points(high, kernel::max(high)));
    }
}

one_asset!(Aroon);
