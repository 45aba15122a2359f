//! MACD signal.

use super::ewma::Decay;
use super::{Block, OneAsset, one_asset};
use crate::{BoundColumn, EquityPricing, Error, Parameters, kernel};

/// MACD signal: the mean of how far two exponential means lie apart.
///
/// On each of the last `signal` rows, the exponential mean of `fast` rows less that of `slow` rows; of these
/// distances, the exponential mean. Each mean looks at as many rows as it is long and no further, with a
/// decay of `1 − 2 / (1 + length)`, as in zipline; charts remember the whole past.
///
/// * **Input** close. **Output** in the unit of the price.
///
/// # Source
///
/// G. Appel; zipline's `MovingAverageConvergenceDivergenceSignal`, with 12, 26 and 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MacdSignal {
    window: usize,
    fast: usize,
    slow: usize,
    signal: usize,
}

impl MacdSignal {
    /// With means of these lengths.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless `0 < fast < slow` and `0 < signal`.
    pub fn new(fast: usize, slow: usize, signal: usize) -> Result<Self, Error> {
        if fast < 1 || slow <= fast || signal < 1 {
            return Err(Error::Parameter {
                term: "MovingAverageConvergenceDivergenceSignal".to_owned(),
                expected: "a slow period longer than the fast one, and both and the signal's at least 1",
                found: format!("{slow}, {fast} and {signal}"),
            });
        }
        Ok(Self { window: slow + signal - 1, fast, slow, signal })
    }

    /// The line on the last row of `values`, which are as many as the slow mean is long.
    fn line(&self, values: &[f64], fast: &Decay, slow: &Decay) -> f64 {
        let recent = values.get(self.slow - self.fast..).unwrap_or_default();
        fast.mean(recent) - slow.mean(values)
    }

    fn decays(&self) -> [Decay; 3] {
        [self.fast, self.slow, self.signal].map(|length| Decay::new(length, Self::decay(length)))
    }

    fn decay(length: usize) -> f64 {
        1.0 - 2.0 / (1.0 + length as f64)
    }
}

impl Default for MacdSignal {
    /// With means of 12, 26 and 9 rows.
    fn default() -> Self {
        Self { window: 34, fast: 12, slow: 26, signal: 9 }
    }
}

impl OneAsset for MacdSignal {
    const NAME: &'static str = "MovingAverageConvergenceDivergenceSignal";

    fn window(&self) -> usize {
        self.window
    }

    fn columns(&self) -> Vec<BoundColumn> {
        vec![EquityPricing::CLOSE]
    }

    fn parameters(&self) -> Parameters {
        Parameters::new()
            .with("fast_period", self.fast)
            .with("slow_period", self.slow)
            .with("signal_period", self.signal)
    }

    fn of_window(&self, inputs: &[&[f64]], out: &mut [f64]) {
        let ([values], [out]) = (inputs, out) else { return };
        let [fast, slow, signal] = self.decays();
        let lines: Vec<f64> =
            values.windows(self.slow).map(|part| self.line(part, &fast, &slow)).collect();
        *out = signal.mean(&lines);
    }

    fn of_block(&self, block: &Block<'_>, out: &mut [f64]) {
        let (values, origin) = (block.series(0), block.origin());
        let skip = self.slow - self.fast;
        let recent = values.get(skip..).unwrap_or_default();
        let mean = |values: &[f64], length: usize, origin: usize, out: &mut [f64]| {
            kernel::rolling_decayed(values, Self::decay(length), origin, length, out);
        };
        let count = out.len() + self.signal - 1;
        let (mut lines, mut slow) = (vec![f64::NAN; count], vec![f64::NAN; count]);
        mean(recent, self.fast, origin + skip, &mut lines);
        mean(values, self.slow, origin, &mut slow);
        for (line, slow) in lines.iter_mut().zip(slow) {
            *line -= slow;
        }
        mean(&lines, self.signal, origin, out);
    }
}

one_asset!(MacdSignal);
