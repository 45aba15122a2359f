//! Indicators as factors.

use ndarray::ArrayViewMut1;
use serde_json::Value;

use super::{Kind, run};
use crate::factor::{Block, BlockForm, CustomFactor, Formula, Windows};
use crate::{BoundColumn, Error, Factor, Parameters};

/// What an indicator comes to at the end of a window that it sees from its first row on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct AtTheEnd {
    kind: Kind,
    window: usize,
}

/// A part in a thousand of the first value is left in an exponential mean when it is forgotten.
const FORGOTTEN: f64 = 1e-3;

impl Kind {
    /// The indicator as a factor: at each session, what it comes to over a window that ends there.
    ///
    /// What remembers the whole past remembers a window of it: without a `window`, as many rows as it
    /// needs to give something, and as many again as its slowest mean needs to forget all but a
    /// thousandth. So a row does not depend on where the data begin. What adds up from the start of
    /// time (OBV, AD, PVT, a cumulative VWAP) or follows a path (SAR, SUPERTREND) does so over a year of 252 rows.
    ///
    /// ```
    /// use rustybt_pipeline::indicator::Kind;
    ///
    /// let rsi = Kind::Rsi { period: 14 }.factor(None)?;
    /// let strong = rsi.gt(70.0);
    /// let macd = Kind::Macd { fast: 12, slow: 26, signal: 9 }.factor(None)?;
    /// let rising = macd.output("hist")?.gt(0.0);
    /// # Ok::<(), rustybt_pipeline::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`], [`Error::WindowLength`] for a window that gives nothing.
    pub fn factor(self, window: Option<usize>) -> Result<Factor, Error> {
        self.formula(window)?.factor()
    }

    /// The same, of other inputs than the bars.
    ///
    /// # Errors
    ///
    /// As [`factor`](Self::factor); [`Error::Inputs`], [`Error::NotWindowSafe`].
    pub fn on<I: Into<crate::Input>>(
        self,
        inputs: impl IntoIterator<Item = I>,
        window: Option<usize>,
    ) -> Result<Factor, Error> {
        self.formula(window)?.on(inputs)
    }

    fn formula(self, window: Option<usize>) -> Result<AtTheEnd, Error> {
        self.start()?;
        let least = self.lookback() + 1;
        let memory = match self.slowest() {
            alpha if alpha >= 1.0 => 0,
            alpha if alpha > 0.0 => (FORGOTTEN.ln() / (1.0 - alpha).ln()).ceil() as usize,
            _ => 0,
        };
        let all = match self {
            Self::Obv
            | Self::Ad
            | Self::Pvt
            | Self::CumulativeVwap
            | Self::Sar { .. }
            | Self::Supertrend { .. } => least.max(252),
            _ => least + memory,
        };
        let window = window.unwrap_or(all);
        Error::least_window(self.name(), window, least)?;
        Ok(AtTheEnd { kind: self, window })
    }
}

impl Kind {
    /// The formula over a window that was worked out before.
    pub(crate) fn windowed(self, window: usize) -> Result<Formula, Error> {
        self.formula(Some(window)).map(Formula::new)
    }
}

impl AtTheEnd {
    fn of_window(&self, inputs: &[&[f64]], found: &mut [f64]) {
        let Ok(mut indicator) = self.kind.start() else { return };
        let mut values = vec![f64::NAN; inputs.len()];
        for row in 0..self.window {
            for (value, input) in values.iter_mut().zip(inputs) {
                *value = input.get(row).copied().unwrap_or(f64::NAN);
            }
            indicator.update(&values, found);
        }
    }
}

impl CustomFactor for AtTheEnd {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    fn window_length(&self) -> usize {
        self.window
    }

    fn inputs(&self) -> Vec<BoundColumn> {
        self.kind.columns()
    }

    fn outputs(&self) -> &[&'static str] {
        self.kind.outputs()
    }

    fn parameters(&self) -> Option<Parameters> {
        let written = serde_json::to_value(self.kind).ok()?;
        let fields = written.get(self.kind.name()).and_then(Value::as_object);
        let mut parameters = Parameters::new().with("window_length", self.window);
        for (name, value) in fields.into_iter().flatten() {
            parameters = parameters.with(name, value.clone());
        }
        Some(parameters)
    }

    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        let assets = windows.sids().len();
        let mut found = vec![f64::NAN; self.outputs().len().max(1)];
        for asset in 0..assets {
            let columns: Vec<Vec<f64>> =
                windows.iter().map(|window| window.column(asset).to_vec()).collect();
            let inputs: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            self.of_window(&inputs, &mut found);
            for (part, found) in found.iter().enumerate() {
                if let Some(place) = out.get_mut(part * assets + asset) {
                    *place = *found;
                }
            }
        }
    }

    fn block_form(&self) -> Option<&dyn BlockForm> {
        Some(self)
    }
}

impl BlockForm for AtTheEnd {
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let outputs = self.outputs().len().max(1);
        let rows = out.len() / outputs;
        let series: Vec<&[f64]> =
            (0..self.kind.columns().len()).map(|input| block.series(input)).collect();
        let mut found = vec![f64::NAN; outputs];
        for row in 0..rows {
            let inputs: Vec<&[f64]> = series
                .iter()
                .map(|series| series.get(row..row + self.window).unwrap_or_default())
                .collect();
            self.of_window(&inputs, &mut found);
            for (out, found) in out.iter_mut().skip(row).step_by(rows.max(1)).zip(&found) {
                *out = *found;
            }
        }
    }
}

/// The whole of an indicator's outputs over slices, one after the other; for tests and plain use.
///
/// # Errors
///
/// [`Error::Parameter`].
pub fn over(kind: Kind, inputs: &[&[f64]]) -> Result<Vec<Vec<f64>>, Error> {
    let mut indicator = kind.start()?;
    let count = inputs.iter().map(|input| input.len()).min().unwrap_or(0);
    let mut outputs = vec![vec![f64::NAN; count]; kind.outputs().len().max(1)];
    let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    run(&mut *indicator, inputs, &mut slices);
    Ok(outputs)
}
