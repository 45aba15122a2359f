//! The plain mean of a window.

use ndarray::ArrayViewMut1;

use super::{Block, BlockForm, CustomFactor, Windows};
use crate::{Error, kernel};

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

impl CustomFactor for SimpleMovingAverage {
    fn name(&self) -> &'static str {
        "SimpleMovingAverage"
    }

    fn window_length(&self) -> usize {
        self.window
    }

    fn arity(&self) -> Option<usize> {
        Some(1)
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        for (values, mean) in windows.iter().flat_map(|window| window.columns()).zip(&mut out) {
            *mean = self.of(&values.to_vec());
        }
    }

    fn block_form(&self) -> Option<&dyn BlockForm> {
        Some(self)
    }
}

impl BlockForm for SimpleMovingAverage {
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_mean(block.series(0), block.origin(), self.window, out);
    }
}
