//! Moving averages.

use super::ring::Ring;
use super::snapshot::one_by_one;
use super::{Cell, Indicator};
use crate::kernel;

/// The plain mean of the last `n` values.
#[derive(Debug, Clone)]
pub(super) struct Sma {
    ring: Ring,
    period: usize,
}

impl Sma {
    pub(super) fn new(period: usize) -> Self {
        Self { ring: Ring::new(period), period }
    }

    pub(super) fn next(&mut self, value: f64) -> f64 {
        self.ring.push(value);
        let mean = |window| kernel::sum_of_window(window) / self.period as f64;
        self.ring.window().map_or(f64::NAN, mean)
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.ring.cells(show);
    }

    /// The means of a whole series from its beginning.
    fn run(&mut self, values: &[f64], out: &mut [f64]) {
        let (before, means) = out.split_at_mut((self.period - 1).min(out.len()));
        before.fill(f64::NAN);
        kernel::rolling_quotient(values, self.period, means);
        let last = values.len().saturating_sub(self.period);
        for value in values.iter().skip(last) {
            self.ring.push(*value);
        }
    }
}

/// A mean that remembers everything, less and less: begun with the plain mean of its first values.
#[derive(Debug, Clone)]
pub(super) struct Ema {
    period: usize,
    alpha: f64,
    sum: f64,
    count: usize,
    mean: f64,
}

impl Ema {
    /// With a factor of `2 / (n + 1)`.
    pub(super) fn new(period: usize) -> Self {
        Self::of(period, 2.0 / (period as f64 + 1.0))
    }

    /// Wilder's, with a factor of `1 / n`.
    pub(super) fn wilder(period: usize) -> Self {
        Self::of(period, 1.0 / period as f64)
    }

    fn of(period: usize, alpha: f64) -> Self {
        Self { period, alpha, sum: 0.0, count: 0, mean: f64::NAN }
    }

    /// Takes a value. A missing one makes it forget everything.
    pub(super) fn next(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            (self.sum, self.count, self.mean) = (0.0, 0, f64::NAN);
        } else if self.count < self.period {
            self.count += 1;
            self.sum += value;
            if self.count == self.period {
                self.mean = self.sum / self.period as f64;
            }
        } else {
            self.mean = self.blended(value);
        }
        self.mean
    }

    /// One multiplication and one addition that wait for the mean before.
    #[inline]
    const fn blended(&self, value: f64) -> f64 {
        self.alpha * value + (1.0 - self.alpha) * self.mean
    }

    /// The means of many values.
    pub(super) fn run(&mut self, values: &[f64], out: &mut [f64]) {
        // A mean of its own stays in registers.
        let mut running = self.clone();
        let mut pairs = values.iter().zip(out);
        while let Some((value, out)) = pairs.next() {
            *out = running.next(*value);
            if running.count < running.period {
                continue;
            }
            // Once begun, nothing but a missing value interrupts it.
            for (value, out) in pairs.by_ref() {
                let mean = running.blended(*value);
                if mean.is_nan() {
                    *out = running.next(*value);
                    break;
                }
                running.mean = mean;
                *out = mean;
            }
        }
        *self = running;
    }

    /// The same, of a value that is not there yet while its own indicator warms up.
    pub(super) fn after(&mut self, value: f64) -> f64 {
        self.next(value)
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        show(Cell::Number(&mut self.sum));
        show(Cell::Number(&mut self.mean));
        show(Cell::Count(&mut self.count));
    }
}

/// The mean with weights that grow by one.
#[derive(Debug, Clone)]
pub(super) struct Wma {
    ring: Ring,
    weights: Vec<f64>,
    sum: f64,
}

impl Wma {
    pub(super) fn new(period: usize) -> Self {
        let weights: Vec<f64> = (1..=period).map(|weight| weight as f64).collect();
        let sum = weights.iter().sum();
        Self { ring: Ring::new(period), weights, sum }
    }

    pub(super) fn next(&mut self, value: f64) -> f64 {
        self.ring.push(value);
        let mean = |window| kernel::weighted_sum(window, &self.weights) / self.sum;
        self.ring.window().map_or(f64::NAN, mean)
    }

    pub(super) fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.ring.cells(show);
    }
}

/// Hull's mean: `WMA(2·WMA(n/2) − WMA(n), √n)`.
#[derive(Debug, Clone)]
pub(super) struct Hma {
    half: Wma,
    whole: Wma,
    root: Wma,
}

impl Hma {
    pub(super) fn new(period: usize) -> Self {
        let root = (period as f64).sqrt() as usize;
        Self {
            half: Wma::new((period / 2).max(1)),
            whole: Wma::new(period),
            root: Wma::new(root.max(1)),
        }
    }
}

/// Kaufman's adaptive mean.
#[derive(Debug, Clone)]
pub(super) struct Kama {
    ring: Ring,
    mean: f64,
}

impl Kama {
    pub(super) fn new(period: usize) -> Self {
        Self { ring: Ring::new(period + 1), mean: f64::NAN }
    }

    fn next(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            self.ring.clear();
            self.mean = f64::NAN;
            return f64::NAN;
        }
        self.ring.push(value);
        let Some(window) = self.ring.window() else { return f64::NAN };
        let [first, .., before, last] = window else { return f64::NAN };
        let path: f64 = window.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
        let way = (last - first).abs();
        let share = if way >= path || path == 0.0 { 1.0 } else { way / path };
        let (fast, slow) = (2.0 / 3.0, 2.0 / 31.0);
        let alpha = share * (fast - slow) + slow;
        let from = if self.mean.is_nan() { *before } else { self.mean };
        self.mean = from + alpha * alpha * (last - from);
        self.mean
    }
}

impl Average {
    pub(super) fn zlema(period: usize) -> Self {
        Self::Zlema(Ring::new((period - 1) / 2 + 1), Ema::new(period))
    }
}

/// Any of the averages of one input.
#[derive(Debug, Clone)]
pub(super) enum Average {
    Sma(Sma),
    Ema(Ema),
    Wma(Wma),
    Hma(Hma),
    Kama(Kama),
    /// The exponential mean of a value carried forward by its change since `(n − 1) / 2` values ago.
    Zlema(Ring, Ema),
    /// Twice the exponential mean, less the mean of the mean.
    Dema([Ema; 2]),
    /// The same thrice.
    Tema([Ema; 3]),
    /// The change of a mean of a mean of a mean, in percent.
    Trix([Ema; 3], f64),
}

impl Indicator for Average {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let ([value, ..], [out, ..]) = (inputs, out) else { return };
        *out = match self {
            Self::Sma(mean) => mean.next(*value),
            Self::Ema(mean) => mean.next(*value),
            Self::Wma(mean) => mean.next(*value),
            Self::Kama(mean) => mean.next(*value),
            Self::Hma(hull) => {
                let (half, whole) = (hull.half.next(*value), hull.whole.next(*value));
                hull.root.next(2.0 * half - whole)
            }
            Self::Zlema(ring, mean) => {
                ring.push(*value);
                let carried = |window: &[f64]| window.first().map(|first| 2.0 * value - first);
                mean.next(ring.window().and_then(carried).unwrap_or(f64::NAN))
            }
            Self::Dema([first, second]) => {
                let one = first.next(*value);
                2.0 * one - second.after(one)
            }
            Self::Tema([first, second, third]) => {
                let one = first.next(*value);
                let two = second.after(one);
                3.0 * one - 3.0 * two + third.after(two)
            }
            Self::Trix([first, second, third], before) => {
                let one = first.next(*value);
                let two = second.after(one);
                let three = third.after(two);
                let change = (three / *before - 1.0) * 100.0;
                *before = three;
                change
            }
        };
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
        match (&mut *self, inputs, &mut *out) {
            (Self::Sma(mean), [values], [out])
                if mean.ring.is_empty() && values.len() == out.len() =>
            {
                mean.run(values, out);
            }
            (Self::Ema(mean), [values], [out]) => {
                mean.run(values, out);
            }
            _ => one_by_one(self, inputs, out),
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        match self {
            Self::Sma(mean) => mean.cells(show),
            Self::Ema(mean) => mean.cells(show),
            Self::Wma(mean) => mean.cells(show),
            Self::Hma(hull) => {
                for mean in [&mut hull.half, &mut hull.whole, &mut hull.root] {
                    mean.cells(show);
                }
            }
            Self::Kama(mean) => {
                mean.ring.cells(show);
                show(Cell::Number(&mut mean.mean));
            }
            Self::Zlema(ring, mean) => {
                ring.cells(show);
                mean.cells(show);
            }
            Self::Dema(means) => means.iter_mut().for_each(|mean| mean.cells(show)),
            Self::Tema(means) => means.iter_mut().for_each(|mean| mean.cells(show)),
            Self::Trix(means, before) => {
                for mean in means {
                    mean.cells(show);
                }
                show(Cell::Number(before));
            }
        }
    }
}
