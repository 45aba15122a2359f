//! Directional movement: Wilder's, and the vortex.

use super::average::Ema;
use super::block::Sum;
use super::range::true_range;
use super::ring::Ring;
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

/// The mean of the strength of the trend and what it was `n − 1` bars before.
#[derive(Debug, Clone)]
pub(super) struct Rated {
    directional: Directional,
    strengths: Ring,
}

impl Rated {
    pub(super) fn new(period: usize) -> Self {
        Self { directional: Directional::new(period), strengths: Ring::new(period) }
    }
}

impl Indicator for Rated {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let mut found = [f64::NAN; 3];
        self.directional.update(inputs, &mut found);
        let [_, _, strength] = found;
        self.strengths.push(strength);
        let first = self.strengths.window().and_then(<[f64]>::first);
        if let [out, ..] = out {
            *out = first.map_or(f64::NAN, |first| f64::midpoint(*first, strength));
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.directional.cells(show);
        self.strengths.cells(show);
    }
}

/// E. Botes' and D. Siepman's vortex: how far highs lie above the low before, and lows below the high before,
/// in true ranges: `plus`, `minus`.
#[derive(Debug, Clone)]
pub(super) struct Vortex {
    /// High, low and close of the bar before.
    before: [f64; 3],
    /// Of the way up, the way down, the true range.
    sums: [Sum; 3],
}

impl Vortex {
    pub(super) fn new(period: usize) -> Self {
        Self { before: [f64::NAN; 3], sums: [0; 3].map(|_| Sum::new(period)) }
    }
}

impl Indicator for Vortex {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, close, ..], [plus, minus, ..]) = (inputs, out) else { return };
        let [high_before, low_before, close_before] =
            std::mem::replace(&mut self.before, [high, low, close]);
        (*plus, *minus) = (f64::NAN, f64::NAN);
        let range = true_range(high, low, close_before);
        if close_before.is_nan() {
            return;
        }
        let (up, down) = ((high - low_before).abs(), (low - high_before).abs());
        let [ups, downs, ranges] = &mut self.sums;
        if let (Some(up), Some(down), Some(range)) =
            (ups.push(up), downs.push(down), ranges.push(range))
        {
            let share = |way: f64| if range == 0.0 { 0.0 } else { way / range };
            (*plus, *minus) = (share(up), share(down));
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.before.iter_mut().for_each(|value| show(Cell::Number(value)));
        self.sums.iter_mut().for_each(|block| block.cells(show));
    }
}
