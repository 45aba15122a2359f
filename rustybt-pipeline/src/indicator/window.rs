//! Indicators of the last values alone.

use super::block::{Block, Fold};
use super::ring::Ring;
use super::snapshot::one_by_one;
use super::{Cell, Indicator};
use crate::kernel::{self, Line, Products};

/// What a window comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The change since the first value, in percent.
    Roc,
    /// The change since the first value.
    Momentum,
    /// The end of the least-squares line.
    LinearRegression,
    /// The slope of that line.
    Slope,
    /// The correlation of two inputs.
    Correlation,
    /// The slope of the changes of the second input on those of the first.
    Beta,
    /// How lately the highest high and the lowest low were.
    Aroon,
    /// How far the typical price lies from its mean, in mean distances.
    Cci,
}

/// A formula over the last values of one, two or three inputs.
#[derive(Debug, Clone)]
pub(super) struct Windowed {
    what: What,
    rings: Vec<Ring>,
    /// The places of a window, for the line.
    places: Vec<f64>,
    /// The values before, where changes are taken.
    before: [f64; 2],
    /// Whether there are any.
    seen: usize,
}

impl Windowed {
    pub(super) fn new(what: What, period: usize) -> Self {
        let (inputs, length) = match what {
            What::Roc | What::Momentum => (1, period + 1),
            What::Aroon => (2, period + 1),
            What::Correlation | What::Beta => (2, period),
            What::LinearRegression | What::Slope | What::Cci => (1, period),
        };
        let places = (0..length).map(|place| place as f64).collect();
        Self {
            what,
            rings: vec![Ring::new(length); inputs],
            places,
            before: [f64::NAN; 2],
            seen: 0,
        }
    }

    fn value(&self, out: &mut [f64]) -> Option<()> {
        let mut windows = self.rings.iter().map(Ring::window);
        let first = windows.next()??;
        let [out, more @ ..] = out else { return None };
        let missing = |values: &[f64]| values.iter().any(|value| value.is_nan());
        match (self.what, first) {
            (What::Roc, [from, .., to]) => *out = (to / from - 1.0) * 100.0,
            (What::Momentum, [from, .., to]) => *out = to - from,
            (What::LinearRegression, values) => {
                let line = Line::through(&self.places, values);
                *out = line.alpha + line.beta * (values.len() - 1) as f64;
            }
            (What::Slope, values) => *out = Line::through(&self.places, values).beta,
            (What::Beta, x) => {
                let sums = Products::of(x, windows.next()??);
                *out = sums.xy / sums.xx;
            }
            (What::Correlation, x) => *out = Products::of(x, windows.next()??).correlation(),
            (What::Aroon, high) => {
                let (low, [up, ..]) = (windows.next()??, more) else { return None };
                if missing(high) || missing(low) {
                    return None;
                }
                let points = |values: &[f64], best: f64| {
                    let row = values.iter().rposition(|value| *value == best)?;
                    Some(100.0 * row as f64 / (values.len() - 1) as f64)
                };
                *out = points(low, kernel::min(low))?;
                *up = points(high, kernel::max(high))?;
            }
            (What::Cci, [.., last]) => {
                let count = first.len() as f64;
                let mean = first.iter().sum::<f64>() / count;
                let apart = first.iter().map(|value| (value - mean).abs()).sum::<f64>() / count;
                let distance = last - mean;
                *out =
                    if distance == 0.0 || apart == 0.0 { 0.0 } else { distance / (0.015 * apart) };
            }
            _ => return None,
        }
        Some(())
    }
}

impl Indicator for Windowed {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
        if self.what == What::Cci {
            let typical = inputs.iter().sum::<f64>() / 3.0;
            self.rings.iter_mut().for_each(|ring| ring.push(typical));
        } else if let (What::Beta, &[x, y, ..]) = (self.what, inputs) {
            let [x_before, y_before] = std::mem::replace(&mut self.before, [x, y]);
            let seen = std::mem::replace(&mut self.seen, 1);
            if seen == 1 {
                let changes = [x / x_before - 1.0, y / y_before - 1.0];
                self.rings.iter_mut().zip(changes).for_each(|(ring, change)| ring.push(change));
            }
        } else {
            self.rings.iter_mut().zip(inputs).for_each(|(ring, value)| ring.push(*value));
        }
        if self.value(out).is_none() {
            out.fill(f64::NAN);
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.rings.iter_mut().for_each(|ring| ring.cells(show));
        self.before.iter_mut().for_each(|value| show(Cell::Number(value)));
        show(Cell::Count(&mut self.seen));
    }
}

/// What is folded over the last values of one input.
#[derive(Debug, Clone)]
pub(super) enum Folded {
    Extreme(Block),
    Deviation(Block, usize),
    Variance(Block, usize),
    /// The mean and so many deviations around it: upper, middle, lower.
    Bands(Block, usize, f64),
}

impl Folded {
    pub(super) fn moments(period: usize) -> Block {
        Block::new(Fold::Moments, period)
    }
}

/// Mean and variance of what was folded.
fn moments([sum, squares]: [f64; 2], pivot: f64, count: usize) -> (f64, f64) {
    let share = 1.0 / count as f64;
    let mean = sum * share;
    // A missing number must stay one: the larger of it and zero would be zero.
    let variance = squares * share - mean * mean;
    (pivot + mean, if variance < 0.0 { 0.0 } else { variance })
}

impl Indicator for Folded {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        out.fill(f64::NAN);
        let Some(&value) = inputs.first() else { return };
        match (self, out) {
            (Self::Extreme(block), [out, ..]) => {
                if let Some(([best, _], _)) = block.push(value) {
                    *out = best;
                }
            }
            (Self::Deviation(block, count), [out, ..]) => {
                if let Some((folded, pivot)) = block.push(value) {
                    *out = moments(folded, pivot, *count).1.sqrt();
                }
            }
            (Self::Variance(block, count), [out, ..]) => {
                if let Some((folded, pivot)) = block.push(value) {
                    *out = moments(folded, pivot, *count).1;
                }
            }
            (Self::Bands(block, count, deviations), [upper, middle, lower, ..]) => {
                if let Some((folded, pivot)) = block.push(value) {
                    let (mean, variance) = moments(folded, pivot, *count);
                    let apart = *deviations * variance.sqrt();
                    (*upper, *middle, *lower) = (mean + apart, mean, mean - apart);
                }
            }
            _ => {}
        }
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
        let whole = |block: &Block, values: &[f64], out: &[f64]| {
            block.is_new()
                && values.len() == out.len()
                && values.iter().filter(|value| value.is_nan()).count() == 0
        };
        match (&mut *self, inputs, &mut *out) {
            (Self::Extreme(block), [values], [out]) if whole(block, values, out) => {
                block.extremes(values, out);
            }
            (Self::Deviation(block, _), [values], [out]) if whole(block, values, out) => {
                block.deviations(values, out);
            }
            _ => one_by_one(self, inputs, out),
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        match self {
            Self::Extreme(block)
            | Self::Deviation(block, _)
            | Self::Variance(block, _)
            | Self::Bands(block, ..) => block.cells(show),
        }
    }
}
