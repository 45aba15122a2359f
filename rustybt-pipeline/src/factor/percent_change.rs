//! Change over a window, as a share of where it began.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, Error};

/// Change over a window, as a share of where it began.
///
/// `(last − first) / |first|`: unlike returns, it is positive where a negative number rises. From zero
/// it is infinite, or `NaN` where nothing changed.
///
/// * **Input** any column or factor. **Output** a fraction; safe to window again.
///
/// # Source
///
/// zipline's `PercentChange`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PercentChange {
    window: usize,
}

impl PercentChange {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 2.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("PercentChange", window, 2)?;
        Ok(Self { window })
    }
}

impl OneAsset for PercentChange {
    const NAME: &'static str = "PercentChange";
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
        if let [first, .., last] = values {
            *out = (last - first) / first.abs();
        }
    }
}

one_asset!(PercentChange);
