//! Beta to another asset.

use super::{Block, OneAsset, one_asset};
use crate::factor::{CustomFactor, Returns};
use crate::{AssetName, Factor, Parameters};
use crate::{BoundColumn, Error, kernel};

/// Beta to another asset.
///
/// The slope of the asset's returns on those of the target, over the rows on which both are there; missing
/// where more than `allowed` rows of the window are not.
///
/// * **Inputs** the returns of the asset and, as a slice, of the target. **Output** a slope; safe to window again.
///
/// # Source
///
/// zipline's `SimpleBeta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SimpleBeta {
    window: usize,
    allowed: usize,
}

impl SimpleBeta {
    /// Over `window` rows, of which this share may be missing; zipline's default is a quarter.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 3 rows; [`Error::Parameter`] for a share that is none.
    pub fn new(window: usize, allowed_missing: f64) -> Result<Self, Error> {
        Error::least_window("SimpleBeta", window, 3)?;
        if !(0.0..=1.0).contains(&allowed_missing) {
            return Err(Error::Parameter {
                term: "SimpleBeta".to_owned(),
                expected: "a share of missing rows from 0 to 1",
                found: allowed_missing.to_string(),
            });
        }
        Ok(Self { window, allowed: (allowed_missing * window as f64) as usize })
    }

    /// Over `window` rows, of which so many may be missing.
    pub(crate) fn allowing(window: usize, allowed: usize) -> Result<Self, Error> {
        Error::least_window("SimpleBeta", window, 3)?;
        Ok(Self { window, allowed })
    }

    /// The beta of daily returns to those of an asset.
    ///
    /// # Errors
    ///
    /// None for a formula that was made.
    pub fn to(self, target: AssetName) -> Result<Factor, Error> {
        let returns = Returns::daily().factor()?;
        let market = returns.slice(target);
        self.on([returns, market])
    }
}

impl OneAsset for SimpleBeta {
    const NAME: &'static str = "SimpleBeta";
    const SAFE: bool = true;

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        Vec::new()
    }

    fn inputs(&self) -> usize {
        2
    }

    fn parameters(&self) -> Parameters {
        Parameters::new()
            .with("window_length", self.window)
            .with("allowed_missing_count", self.allowed)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([own, market], [out]) = (inputs, out) else { return };
        *out = kernel::beta(own, market, self.allowed);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let mut found = vec![(kernel::Products::of(&[], &[]), 0); out.len()];
        let (own, market) = (block.series(0), block.series(1));
        kernel::rolling_products(market, own, block.origin(), self.window, &mut found);
        for (out, (sums, count)) in out.iter_mut().zip(found) {
            let missing = self.window - count;
            *out = if missing > self.allowed { f64::NAN } else { sums.xy / sums.xx };
        }
    }
}

one_asset!(SimpleBeta);
