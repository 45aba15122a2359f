//! Ichimoku.

use super::{OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, Parameters, kernel};

/// Ichimoku: the middles of several ranges.
///
/// `tenkan_sen` and `kijun_sen` are the middles of the range of the last `tenkan` and `kijun` rows,
/// `senkou_span_a` the mean of both, `senkou_span_b` the middle of the range of the whole window.
/// `chikou_span` is the close `chikou` rows **from the start of the window**, as in zipline: the usual
/// line is the close of so many sessions ago. A missing value makes its range missing.
///
/// * **Inputs** high, low, close. **Outputs** the five lines, prices.
///
/// # Source
///
/// G. Hosoda, 1969; zipline's `IchimokuKinkoHyo`, over 52 rows with 9, 26 and 26.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IchimokuKinkoHyo {
    window: usize,
    tenkan: usize,
    kijun: usize,
    chikou: usize,
}

impl IchimokuKinkoHyo {
    /// Over `window` rows, with lines over `tenkan` and `kijun` of them, and the close `chikou` rows
    /// from the start.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLength`] where a line is longer than the window.
    pub fn new(window: usize, tenkan: usize, kijun: usize, chikou: usize) -> Result<Self, Error> {
        let longest = tenkan.max(kijun).max(chikou).max(1);
        Error::least_window("IchimokuKinkoHyo", window, longest)?;
        Ok(Self { window, tenkan, kijun, chikou })
    }
}

impl Default for IchimokuKinkoHyo {
    /// Over 52 rows, with 9, 26 and 26.
    fn default() -> Self {
        Self { window: 52, tenkan: 9, kijun: 26, chikou: 26 }
    }
}

impl OneAsset for IchimokuKinkoHyo {
    const NAME: &'static str = "IchimokuKinkoHyo";
    const OUTPUTS: &'static [&'static str] =
        &["tenkan_sen", "kijun_sen", "senkou_span_a", "senkou_span_b", "chikou_span"];

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::HIGH, EquityPricing::LOW, EquityPricing::CLOSE]
    }

    fn parameters(&self) -> Parameters {
        Parameters::new()
            .with("window_length", self.window)
            .with("tenkan_sen_length", self.tenkan)
            .with("kijun_sen_length", self.kijun)
            .with("chikou_span_length", self.chikou)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([high, low, close], [tenkan, kijun, span_a, span_b, chikou]) = (inputs, out) else {
            return;
        };
        // Any missing value makes the range missing.
        let strict = |values: &[f64], best: fn(&[f64]) -> f64| {
            if values.iter().any(|value| value.is_nan()) { f64::NAN } else { best(values) }
        };
        let middle = |rows: usize| {
            let last = |values: &'_ [f64]| values.len().saturating_sub(rows);
            let high = strict(high.get(last(high)..).unwrap_or_default(), kernel::max);
            let low = strict(low.get(last(low)..).unwrap_or_default(), kernel::min);
            f64::midpoint(high, low)
        };
        (*tenkan, *kijun, *span_b) = (middle(self.tenkan), middle(self.kijun), middle(self.window));
        *span_a = f64::midpoint(*tenkan, *kijun);
        *chikou = close.get(self.chikou).copied().unwrap_or(f64::NAN);
    }
}

one_asset!(IchimokuKinkoHyo);
