//! The newest value of a column.

use ndarray::ArrayViewMut1;

use super::{Block, BlockForm, CustomFactor, Windows};

/// The value of the session before, adjusted as of the session computed: zipline's `.latest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Latest;

impl CustomFactor for Latest {
    fn name(&self) -> &'static str {
        "latest"
    }

    fn window_length(&self) -> usize {
        1
    }

    fn arity(&self) -> Option<usize> {
        Some(1)
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        for (value, latest) in windows.iter().flatten().zip(&mut out) {
            *latest = *value;
        }
    }

    fn block_form(&self) -> Option<&dyn BlockForm> {
        Some(self)
    }
}

impl BlockForm for Latest {
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]) {
        for (value, latest) in block.series(0).iter().zip(out) {
            *latest = *value;
        }
    }
}
