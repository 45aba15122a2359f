//! Relative strength.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, kernel};

/// Relative strength index: how much of recent movement was upward, in points from 0 to 100.
///
/// Over the `w − 1` changes in a window of `w` closes, with `U` the mean rise and `D` the mean fall,
/// `RSI = 100 − 100 / (1 + U / D)`. With no fall it is 100; with no movement at all it is `NaN`.
///
/// * **Input** `close`, `(w, assets)`, price adjusted as of the day computed; `NaN` changes are skipped.
/// * **Output** `(assets,)`, points; safe to window again, since it does not move with splits.
///
/// The means are plain, as zipline's are. Wilder's own index smooths them exponentially with a
/// factor of `1 / n` and so remembers the whole past; charts and TA-Lib show that one, and the two
/// differ by several points. A chart's "RSI 14" looks at 14 changes, which are 15 closes.
///
/// # Example
///
/// ```
/// use rustybt_pipeline::Rsi;
///
/// // Up 2, down 1, up 2: U = 4/3 and D = 1/3.
/// assert_eq!(Rsi::new(4)?.of(&[10.0, 12.0, 11.0, 13.0]), 80.0);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
///
/// # Source
///
/// J. W. Wilder, *New Concepts in Technical Trading Systems*, 1978; plain means, as zipline's `RSI`, not Wilder's smoothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rsi {
    window: usize,
}

impl Default for Rsi {
    /// Fifteen closes, fourteen changes.
    fn default() -> Self {
        Self { window: 15 }
    }
}

impl Rsi {
    /// Over `window` closes, that is `window − 1` changes; zipline's default is 15.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than two closes.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("RSI", window, 2)?;
        Ok(Self { window })
    }

    /// The index of one window of closes.
    pub fn of(&self, close: &[f64]) -> f64 {
        let (rise, fall) = kernel::moves(close);
        Self::points(rise, fall)
    }

    /// The number of changes is the same on both sides, so sums stand for means.
    fn points(rise: f64, fall: f64) -> f64 {
        100.0 - 100.0 / (1.0 + rise / fall)
    }
}

impl OneAsset for Rsi {
    const NAME: &'static str = "RSI";
    const SAFE: bool = true;

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        if let ([values], [out]) = (inputs, out) {
            *out = self.of(values);
        }
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut moves = vec![[f64::NAN; 2]; out.len()];
        kernel::rolling_moves(block.series(0), block.origin(), self.window, &mut moves);
        for (rsi, [rise, fall]) in out.iter_mut().zip(moves) {
            *rsi = Self::points(rise, fall);
        }
    }
}

one_asset!(Rsi);
