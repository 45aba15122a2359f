//! Quantile of a window.

use super::{Block, OneAsset, one_asset};
use crate::expression::Scalar;
use crate::{BoundColumn, Error, Parameters, kernel};

/// Quantile of a window.
///
/// Between the two nearest values in proportion; missing values are skipped. The quantile of a half is
/// the median.
///
/// * **Input** any column. **Output** in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollingQuantile {
    window: usize,
    share: Scalar,
}

impl RollingQuantile {
    /// Over `window` rows, at a share from 0 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for a window of no rows; [`Error::Parameter`] for a share that is none.
    pub fn new(window: usize, share: f64) -> Result<Self, Error> {
        Error::least_window("RollingQuantile", window, 1)?;
        if !(0.0..=1.0).contains(&share) {
            let (term, found) = ("RollingQuantile".to_owned(), share.to_string());
            return Err(Error::Parameter { term, expected: "a share from 0 to 1", found });
        }
        Ok(Self { window, share: Scalar(share) })
    }
}

impl OneAsset for RollingQuantile {
    const NAME: &'static str = "RollingQuantile";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        1
    }

    fn parameters(&self) -> Parameters {
        Parameters::new().with("window_length", self.window).with("quantile", self.share)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [out]) = (inputs, out) else { return };
        *out = kernel::quantile(values, self.share.0);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        kernel::rolling_quantile(block.series(0), self.share.0, self.window, out);
    }
}

one_asset!(RollingQuantile);
