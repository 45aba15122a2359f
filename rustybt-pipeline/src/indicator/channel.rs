//! Channels around prices: Keltner's, and the lines of Ichimoku.

use super::average::Ema;
use super::block::{Block, Fold};
use super::range::true_range;
use super::{Cell, Indicator};

/// Keltner's channel: an exponential mean of the typical price, and so many of Wilder's mean ranges around
/// it: `upper`, `middle`, `lower`.
///
/// As TA-Lib has it, both means are worked out from the same bar on: the first that the longer one needs.
#[derive(Debug, Clone)]
pub(super) struct Keltner {
    middle: Ema,
    range: Ema,
    multiplier: f64,
    /// Bars before the first that each takes.
    skip: [usize; 2],
    before: f64,
    seen: usize,
}

impl Keltner {
    pub(super) fn new(period: usize, range: usize, multiplier: f64) -> Self {
        let lookback = range.max(period - 1);
        Self {
            middle: Ema::new(period),
            range: Ema::wilder(range),
            multiplier,
            skip: [lookback + 1 - period, lookback + 1 - range],
            before: f64::NAN,
            seen: 0,
        }
    }
}

impl Indicator for Keltner {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, close, ..], [upper, middle, lower, ..]) = (inputs, out) else { return };
        let typical = (high + low + close) / 3.0;
        let range = true_range(high, low, self.before);
        self.before = close;
        self.seen = if typical.is_nan() { 0 } else { self.seen + 1 };
        let [skip_middle, skip_range] = self.skip;
        let take = |skip: usize, value: f64| {
            if self.seen > skip { value } else { f64::NAN }
        };
        let (typical, range) = (take(skip_middle, typical), take(skip_range, range));
        *middle = self.middle.next(typical);
        let apart = self.multiplier * self.range.next(range);
        (*upper, *lower) = (*middle + apart, *middle - apart);
        if upper.is_nan() {
            *middle = f64::NAN;
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.middle.cells(show);
        self.range.cells(show);
        show(Cell::Number(&mut self.before));
        show(Cell::Count(&mut self.seen));
    }
}

/// G. Hosoda's lines: the middle of the highest high and the lowest low over three lengths, and the mean of
/// the first two: `tenkan`, `kijun`, `span_a`, `span_b`. Those of a bar, drawn where one likes.
#[derive(Debug, Clone)]
pub(super) struct Ichimoku {
    /// Highest and lowest of each length.
    extremes: [[Block; 2]; 3],
}

impl Ichimoku {
    pub(super) fn new(lengths: [usize; 3]) -> Self {
        let both = |length| [Block::new(Fold::Max, length), Block::new(Fold::Min, length)];
        Self { extremes: lengths.map(both) }
    }
}

impl Indicator for Ichimoku {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, ..], [tenkan, kijun, span_a, span_b, ..]) = (inputs, out) else {
            return;
        };
        let middles = self.extremes.each_mut().map(|[highest, lowest]| {
            match (highest.push(high), lowest.push(low)) {
                (Some(([high, _], _)), Some(([low, _], _))) => f64::midpoint(high, low),
                _ => f64::NAN,
            }
        });
        let [short, middle, long] = middles;
        // All begin together.
        let all = if (short + middle + long).is_nan() { f64::NAN } else { 0.0 };
        (*tenkan, *kijun, *span_b) = (short + all, middle + all, long + all);
        *span_a = f64::midpoint(short, middle) + all;
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.extremes.iter_mut().flatten().for_each(|block| block.cells(show));
    }
}
