//! The plain mean of a window.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, Error, kernel};

/// Simple moving average: the mean of the values of a window.
///
/// * **Input** any one column or window-safe factor; missing values are skipped.
/// * **Output** in the unit of the input; `NaN` only where every value of the window is missing.
///   An asset listed for five sessions has the mean of five, as in zipline.
///
/// # Example
///
/// ```
/// use rustybt_pipeline::SimpleMovingAverage;
///
/// assert_eq!(SimpleMovingAverage::new(4)?.of(&[1.0, f64::NAN, 2.0, 6.0]), 3.0);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
///
/// # Source
///
/// zipline's `SimpleMovingAverage`: `nanmean` over the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimpleMovingAverage {
    window: usize,
}

impl SimpleMovingAverage {
    /// Over `window` rows.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no rows.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("SimpleMovingAverage", window, 1)?;
        Ok(Self { window })
    }

    /// The average of one window of values.
    pub fn of(&self, values: &[f64]) -> f64 {
        kernel::mean(values)
    }
}

impl OneAsset for SimpleMovingAverage {
    const NAME: &'static str = "SimpleMovingAverage";

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
        if let ([values], [out]) = (inputs, out) {
            *out = self.of(values);
        }
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_mean(block.series(0), self.window, out);
    }
}

one_asset!(SimpleMovingAverage);
