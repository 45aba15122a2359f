//! Volume-weighted average price.

use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error};

/// Volume-weighted average price.
///
/// `Σ close·volume / Σ volume` over the window, of closes that are there; the volume of a session
/// without a close still counts below, as in zipline.
///
/// * **Inputs** close and volume. **Output** a price.
///
/// # Source
///
/// zipline's `VWAP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vwap {
    window: usize,
}

impl Vwap {
    /// Over `window` sessions.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] for fewer than 1.
    pub fn new(window: usize) -> Result<Self, Error> {
        Error::least_window("VWAP", window, 1)?;
        Ok(Self { window })
    }
}

impl OneAsset for Vwap {
    const NAME: &'static str = "VWAP";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE, EquityPricing::VOLUME]
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([base, weight], [out]) = (inputs, out) else { return };
        let present = |value: f64| if value.is_nan() { 0.0 } else { value };
        let above: f64 = base.iter().zip(*weight).map(|(b, w)| present(b * w)).sum();
        let below: f64 = weight.iter().map(|w| present(*w)).sum();
        *out = above / below;
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        super::weighted_average_value::weighted_means(block, self.window, out);
    }
}

one_asset!(Vwap);
