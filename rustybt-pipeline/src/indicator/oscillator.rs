//! Oscillators of the close: relative strength, momentum, convergence.

use super::average::{Ema, Sma};
use super::block::{Block, Fold};
use super::snapshot::one_by_one;
use super::{Cell, Indicator};

/// Mean rises and falls by Wilder's means.
#[derive(Debug, Clone)]
pub(super) struct Strength {
    before: f64,
    rise: Ema,
    fall: Ema,
}

impl Strength {
    pub(super) fn new(period: usize) -> Self {
        Self { before: f64::NAN, rise: Ema::wilder(period), fall: Ema::wilder(period) }
    }

    fn next(&mut self, value: f64) -> (f64, f64) {
        let change = value - self.before;
        self.before = value;
        // The larger of a missing change and zero would be zero.
        let part = |change: f64| if change.is_nan() { change } else { change.max(0.0) };
        (self.rise.next(part(change)), self.fall.next(part(-change)))
    }

    fn points(rise: f64, fall: f64) -> f64 {
        let both = rise + fall;
        if both == 0.0 { 0.0 } else { 100.0 * rise / both }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        show(Cell::Number(&mut self.before));
        self.rise.cells(show);
        self.fall.cells(show);
    }
}

/// An oscillator of one input.
#[derive(Debug, Clone)]
pub(super) enum Oscillator {
    Rsi(Strength),
    Cmo(Strength),
    /// The distance of two exponential means, its own mean, and how far apart those lie.
    Macd {
        fast: Ema,
        slow: Ema,
        signal: Ema,
        skip: usize,
        seen: usize,
    },
    /// The distance of two exponential means, in percent of the slow one.
    Ppo {
        fast: Ema,
        slow: Ema,
    },
    /// Where Wilder's index lies in its own range, and the mean of that.
    StochRsi {
        strength: Strength,
        /// Highest and lowest.
        extremes: Box<[Block; 2]>,
        mean: Sma,
    },
}

impl Oscillator {
    pub(super) fn macd(fast: usize, slow: usize, signal: usize) -> Self {
        // Both means begin on the same value: the first of the slow one.
        let skip = slow - fast;
        let [fast, slow, signal] = [fast, slow, signal].map(Ema::new);
        Self::Macd { fast, slow, signal, skip, seen: 0 }
    }

    pub(super) fn stoch_rsi(period: usize, k: usize, d: usize) -> Self {
        Self::StochRsi {
            strength: Strength::new(period),
            extremes: Box::new([Block::new(Fold::Max, k), Block::new(Fold::Min, k)]),
            mean: Sma::new(d),
        }
    }
}

impl Indicator for Oscillator {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let Some(&value) = inputs.first() else { return };
        match (self, out) {
            (Self::Rsi(strength), [out, ..]) => {
                let (rise, fall) = strength.next(value);
                *out = Strength::points(rise, fall);
            }
            (Self::Cmo(strength), [out, ..]) => {
                let (rise, fall) = strength.next(value);
                let both = rise + fall;
                *out = if both == 0.0 { 0.0 } else { 100.0 * (rise - fall) / both };
            }
            (Self::Macd { fast, slow, signal, skip, seen }, [line, mean, apart, ..]) => {
                *seen = if value.is_nan() { 0 } else { *seen + 1 };
                let quick = if *seen > *skip || *seen == 0 { fast.next(value) } else { f64::NAN };
                *line = quick - slow.next(value);
                *mean = signal.next(*line);
                *apart = *line - *mean;
                // All three begin together.
                if mean.is_nan() {
                    *line = f64::NAN;
                }
            }
            (Self::Ppo { fast, slow }, [out, ..]) => {
                let (fast, slow) = (fast.next(value), slow.next(value));
                *out = if slow == 0.0 { 0.0 } else { (fast - slow) / slow * 100.0 };
            }
            (Self::StochRsi { strength, extremes, mean }, [k, d, ..]) => {
                let (rise, fall) = strength.next(value);
                let points = Strength::points(rise, fall);
                let [high, low] = &mut **extremes;
                *k = f64::NAN;
                if !points.is_nan()
                    && let (Some(([high, _], _)), Some(([low, _], _))) =
                        (high.push(points), low.push(points))
                {
                    *k = if high == low { 0.0 } else { 100.0 * (points - low) / (high - low) };
                }
                *d = if k.is_nan() { f64::NAN } else { mean.next(*k) };
                if d.is_nan() {
                    *k = f64::NAN;
                }
            }
            _ => {}
        }
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
        let (Self::Rsi(strength), [values], [out]) = (&mut *self, inputs, &mut *out) else {
            return one_by_one(self, inputs, out);
        };
        // Means of its own stay in registers.
        let mut running = strength.clone();
        for (value, out) in values.iter().zip(out.iter_mut()) {
            let (rise, fall) = running.next(*value);
            *out = Strength::points(rise, fall);
        }
        *strength = running;
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        match self {
            Self::Rsi(strength) | Self::Cmo(strength) => strength.cells(show),
            Self::Macd { fast, slow, signal, seen, .. } => {
                for mean in [fast, slow, signal] {
                    mean.cells(show);
                }
                show(Cell::Count(seen));
            }
            Self::Ppo { fast, slow } => [fast, slow].into_iter().for_each(|mean| mean.cells(show)),
            Self::StochRsi { strength, extremes, mean } => {
                strength.cells(show);
                for block in &mut **extremes {
                    block.cells(show);
                }
                mean.cells(show);
            }
        }
    }
}
