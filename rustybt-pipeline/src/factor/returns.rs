//! Change over a window, as a fraction.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error};

/// Returns: the change from the first value of a window to the last, as a fraction of the first.
///
/// * **Input** `close` unless told otherwise; a window of 2 is the return of one session.
/// * **Output** a fraction (0.01 is one percent); `NaN` where either end is missing. Safe to
///   window again: it does not move with splits.
///
/// # Example
///
/// ```
/// use rustybt_pipeline::Returns;
///
/// assert_eq!(Returns::new(3)?.of(&[10.0, 99.0, 12.5]), 0.25);
/// assert_eq!(Returns::daily().of(&[10.0, 9.0]), -0.1);
/// # Ok::<(), rustybt_pipeline::Error>(())
/// ```
///
/// # Source
///
/// zipline's `Returns`: `(last - first) / first`; `DailyReturns` is the window of 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Returns {
    window: usize,
}

impl Returns {
    /// Over `window` rows, that is `window − 1` changes.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than two rows.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("Returns", window, 2)?;
        Ok(Self { window })
    }

    /// Over one session: zipline's `DailyReturns`.
    pub const fn daily() -> Self {
        Self { window: 2 }
    }

    /// The return of one window of values.
    pub fn of(&self, values: &[f64]) -> f64 {
        match (values.first(), values.last()) {
            (Some(first), Some(last)) => (last - first) / first,
            _ => f64::NAN,
        }
    }
}

impl OneAsset for Returns {
    const NAME: &'static str = "Returns";
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
        let values = block.series(0);
        let lasts = values.iter().skip(self.window - 1);
        for ((first, last), change) in values.iter().zip(lasts).zip(out) {
            *change = (last - first) / first;
        }
    }
}

one_asset!(Returns);
