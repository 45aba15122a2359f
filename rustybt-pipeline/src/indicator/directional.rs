//! Wilder's directional movement.

use super::average::Ema;
use super::range::true_range;
use super::{Cell, Indicator};

/// A sum that loses an `n`th of itself with each value: of `n − 1` values to begin with.
#[derive(Debug, Clone)]
struct Fading {
    period: usize,
    sum: f64,
    count: usize,
}

impl Fading {
    const fn new(period: usize) -> Self {
        Self { period, sum: 0.0, count: 0 }
    }

    fn next(&mut self, value: f64) -> f64 {
        if value.is_nan() {
            (self.sum, self.count) = (0.0, 0);
            return f64::NAN;
        }
        if self.count + 1 < self.period {
            self.sum += value;
            self.count += 1;
            return f64::NAN;
        }
        self.count = self.period;
        self.sum += value - self.sum / self.period as f64;
        self.sum
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        show(Cell::Number(&mut self.sum));
        show(Cell::Count(&mut self.count));
    }
}

/// Directional indicators of both ways, and the mean strength of the trend: `plus_di`, `minus_di`, `adx`.
#[derive(Debug, Clone)]
pub(super) struct Directional {
    /// High, low and close of the bar before.
    before: [f64; 3],
    plus: Fading,
    minus: Fading,
    range: Fading,
    trend: Ema,
    strength: f64,
}

impl Directional {
    pub(super) fn new(period: usize) -> Self {
        Self {
            before: [f64::NAN; 3],
            plus: Fading::new(period),
            minus: Fading::new(period),
            range: Fading::new(period),
            trend: Ema::wilder(period),
            strength: 0.0,
        }
    }
}

impl Indicator for Directional {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, close, ..], [plus_di, minus_di, adx, ..]) = (inputs, out) else { return };
        let range = true_range(high, low, self.before[2]);
        let (up, down) = (high - self.before[0], self.before[1] - low);
        self.before = [high, low, close];
        let moved = |one: f64, other: f64| {
            if range.is_nan() {
                f64::NAN
            } else if one > other && one > 0.0 {
                one
            } else {
                0.0
            }
        };
        let plus = self.plus.next(moved(up, down));
        let minus = self.minus.next(moved(down, up));
        let range = self.range.next(range);
        let share = |part: f64| if range == 0.0 { 0.0 } else { 100.0 * part / range };
        (*plus_di, *minus_di) = (share(plus), share(minus));
        let both = *plus_di + *minus_di;
        if both.is_nan() {
            self.strength = 0.0;
            *adx = self.trend.next(f64::NAN);
            return;
        }
        if both != 0.0 {
            self.strength = 100.0 * ((*plus_di - *minus_di).abs() / both);
        }
        *adx = self.trend.next(self.strength);
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.before.iter_mut().for_each(|value| show(Cell::Number(value)));
        for sum in [&mut self.plus, &mut self.minus, &mut self.range] {
            sum.cells(show);
        }
        self.trend.cells(show);
        show(Cell::Number(&mut self.strength));
    }
}
