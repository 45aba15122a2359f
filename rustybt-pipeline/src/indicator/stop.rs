//! Stops that trail the price and turn when it crosses them.

use super::average::Ema;
use super::range::true_range;
use super::{Cell, Indicator};

/// Wilder's parabolic: a stop that hurries after the extreme of its trend.
///
/// J. Welles Wilder, *New Concepts in Technical Trading Systems*, 1978. The first trend is down where
/// the second bar fell more than it rose.
#[derive(Debug, Clone)]
pub(super) struct Parabolic {
    acceleration: f64,
    maximum: f64,
    /// High and low of the bar before.
    before: [f64; 2],
    /// Bars since the start: 0, 1 or 2 for more.
    seen: usize,
    up: usize,
    /// The stop of the next bar.
    stop: f64,
    /// The highest high of a rise, the lowest low of a fall.
    extreme: f64,
    speed: f64,
}

impl Parabolic {
    pub(super) const fn new(acceleration: f64, maximum: f64) -> Self {
        Self {
            acceleration: acceleration.min(maximum),
            maximum,
            before: [f64::NAN; 2],
            seen: 0,
            up: 1,
            stop: f64::NAN,
            extreme: f64::NAN,
            speed: 0.0,
        }
    }

    /// Begins with the second bar.
    fn begin(&mut self, high: f64, low: f64) {
        let [first_high, first_low] = self.before;
        let (rise, fall) = (high - first_high, first_low - low);
        self.up = usize::from(!(fall > 0.0 && rise < fall));
        (self.extreme, self.stop) =
            if self.up == 1 { (high, first_low) } else { (low, first_high) };
        self.speed = self.acceleration;
        // The stop of the second bar is kept off that bar alone.
        self.before = [high, low];
    }

    /// No nearer to the price than the last two bars.
    fn kept_off(&self, stop: f64, high: f64, low: f64) -> f64 {
        let [high_before, low_before] = self.before;
        if self.up == 1 { stop.min(low_before).min(low) } else { stop.max(high_before).max(high) }
    }

    fn next(&mut self, high: f64, low: f64) -> f64 {
        let crossed = if self.up == 1 { low <= self.stop } else { high >= self.stop };
        let mut shown = self.stop;
        if crossed {
            self.up = 1 - self.up;
            shown = self.kept_off(self.extreme, high, low);
            self.stop = shown;
            self.extreme = if self.up == 1 { high } else { low };
            self.speed = self.acceleration;
        } else {
            let further = if self.up == 1 { high > self.extreme } else { low < self.extreme };
            if further {
                self.extreme = if self.up == 1 { high } else { low };
                self.speed = (self.speed + self.acceleration).min(self.maximum);
            }
        }
        let moved = self.stop + self.speed * (self.extreme - self.stop);
        self.stop = self.kept_off(moved, high, low);
        self.before = [high, low];
        shown
    }
}

impl Indicator for Parabolic {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, ..], [out, ..]) = (inputs, out) else { return };
        *out = f64::NAN;
        if (high + low).is_nan() {
            self.seen = 0;
            return;
        }
        match self.seen {
            0 => self.before = [high, low],
            1 => self.begin(high, low),
            _ => {}
        }
        if self.seen > 0 {
            *out = self.next(high, low);
        }
        self.seen = (self.seen + 1).min(2);
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        let [high, low] = &mut self.before;
        for number in [high, low, &mut self.stop, &mut self.extreme, &mut self.speed] {
            show(Cell::Number(number));
        }
        show(Cell::Count(&mut self.seen));
        show(Cell::Count(&mut self.up));
    }
}

/// O. Seban's super trend: a band of true ranges around the middle of the bar, that only comes nearer until the
/// close crosses it: `supertrend`, `trend`. It begins upwards.
#[derive(Debug, Clone)]
pub(super) struct SuperTrend {
    range: Ema,
    multiplier: f64,
    before: f64,
    upper: f64,
    lower: f64,
    /// 1 or −1; nothing before there is a range.
    trend: f64,
}

impl SuperTrend {
    pub(super) fn new(period: usize, multiplier: f64) -> Self {
        let nan = f64::NAN;
        let range = Ema::wilder(period);
        Self { range, multiplier, before: nan, upper: nan, lower: nan, trend: nan }
    }
}

impl Indicator for SuperTrend {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let (&[high, low, close, ..], [line, trend, ..]) = (inputs, out) else { return };
        let before = std::mem::replace(&mut self.before, close);
        let range = self.range.next(true_range(high, low, before));
        let middle = f64::midpoint(high, low);
        let (upper, lower) = (middle + self.multiplier * range, middle - self.multiplier * range);
        if (upper + close).is_nan() {
            (self.trend, *line, *trend) = (f64::NAN, f64::NAN, f64::NAN);
            return;
        }
        if self.trend.is_nan() {
            (self.upper, self.lower, self.trend) = (upper, lower, 1.0);
        } else {
            if upper < self.upper || before > self.upper {
                self.upper = upper;
            }
            if lower > self.lower || before < self.lower {
                self.lower = lower;
            }
            if self.trend > 0.0 && close < self.lower {
                self.trend = -1.0;
            } else if self.trend < 0.0 && close > self.upper {
                self.trend = 1.0;
            }
        }
        *line = if self.trend > 0.0 { self.lower } else { self.upper };
        *trend = self.trend;
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        self.range.cells(show);
        for number in [&mut self.before, &mut self.upper, &mut self.lower, &mut self.trend] {
            show(Cell::Number(number));
        }
    }
}
