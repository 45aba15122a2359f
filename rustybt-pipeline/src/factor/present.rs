//! Whether every value of a window is there.

use ndarray::ArrayViewMut1;

use super::{Block, BlockForm, CustomFactor, Windows};
use crate::{Error, Parameters};

/// 1 where every value of a window is there, else 0: behind zipline's `AllPresent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Present {
    window: usize,
}

impl Present {
    pub(crate) fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("AllPresent", window, 1)?;
        Ok(Self { window })
    }
}

impl CustomFactor for Present {
    fn name(&self) -> &'static str {
        "AllPresent"
    }

    fn window_length(&self) -> usize {
        self.window
    }

    fn arity(&self) -> Option<usize> {
        Some(1)
    }

    fn window_safe(&self) -> bool {
        true
    }

    fn parameters(&self) -> Option<Parameters> {
        Some(Parameters::new().with("window_length", self.window))
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        for (values, out) in windows.iter().flat_map(|window| window.columns()).zip(&mut out) {
            *out = if values.iter().any(|value| value.is_nan()) { 0.0 } else { 1.0 };
        }
    }

    fn block_form(&self) -> Option<&dyn BlockForm> {
        Some(self)
    }
}

impl BlockForm for Present {
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]) {
        for (values, out) in block.series(0).windows(self.window).zip(out) {
            *out = if values.iter().any(|value| value.is_nan()) { 0.0 } else { 1.0 };
        }
    }
}
