//! Indicators of high, low and close: ranges, channels, stochastics.

use super::average::{Ema, Sma};
use super::block::{Block, Fold, Sum};
use super::snapshot::one_by_one;
use super::{Cell, Indicator};

/// The largest of the range of a bar and of the gaps to the close before; missing for the first.
pub(super) fn true_range(high: f64, low: f64, before: f64) -> f64 {
    if (high + low + before).is_nan() {
        return f64::NAN;
    }
    (high - low).max((high - before).abs()).max((low - before).abs())
}

/// An indicator of high, low and close.
#[expect(clippy::large_enum_variant, reason = "there is one a series, on the heap")]
#[derive(Debug, Clone)]
pub(super) enum Bars {
    TrueRange {
        before: f64,
    },
    /// Wilder's mean of the true range; of the close's percent where asked.
    Atr {
        before: f64,
        mean: Ema,
        percent: bool,
    },
    Willr {
        high: Block,
        low: Block,
    },
    Stoch {
        high: Block,
        low: Block,
        k: Sma,
        d: Sma,
    },
    /// The slow stochastic with Wilder's means, and how far `k` runs ahead of `d`.
    Kdj {
        high: Block,
        low: Block,
        k: Ema,
        d: Ema,
    },
    Donchian {
        high: Block,
        low: Block,
    },
    /// Buying pressure and true range over three lengths.
    Ultimate {
        before: f64,
        sums: [[Sum; 2]; 3],
    },
}

impl Bars {
    pub(super) fn extremes(period: usize) -> (Block, Block) {
        (Block::new(Fold::Max, period), Block::new(Fold::Min, period))
    }

    pub(super) fn ultimate(periods: [usize; 3]) -> Self {
        let sums = periods.map(|period| [0, 1].map(|_| Sum::new(period)));
        Self::Ultimate { before: f64::NAN, sums }
    }
}

/// Highest and lowest; missing where a value is.
fn extremes(high: &mut Block, low: &mut Block, bar: (f64, f64)) -> Option<(f64, f64)> {
    let (high, low) = (high.push(bar.0), low.push(bar.1));
    Some((high?.0[0], low?.0[0]))
}

impl Indicator for Bars {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let &[high, low, close, ..] = inputs else { return };
        match (self, out) {
            (Self::TrueRange { before }, [out, ..]) => {
                *out = true_range(high, low, *before);
                *before = close;
            }
            (Self::Atr { before, mean, percent }, [out, ..]) => {
                let range = mean.next(true_range(high, low, *before));
                *before = close;
                *out = if *percent { range / close * 100.0 } else { range };
            }
            (Self::Willr { high: highs, low: lows }, [out, ..]) => {
                *out = extremes(highs, lows, (high, low)).map_or(f64::NAN, |(high, low)| {
                    if high == low { 0.0 } else { (high - close) / (high - low) * -100.0 }
                });
            }
            (Self::Stoch { high: highs, low: lows, k, d }, [slow_k, slow_d, ..]) => {
                let fast = extremes(highs, lows, (high, low)).map(|(high, low)| {
                    if high == low { 0.0 } else { (close - low) / (high - low) * 100.0 }
                });
                *slow_k = fast.map_or(f64::NAN, |fast| k.next(fast));
                *slow_d = if slow_k.is_nan() { f64::NAN } else { d.next(*slow_k) };
                if slow_d.is_nan() {
                    *slow_k = f64::NAN;
                }
            }
            (Self::Kdj { high: highs, low: lows, k, d }, [out_k, out_d, out_j, ..]) => {
                let fast = extremes(highs, lows, (high, low)).map(|(high, low)| {
                    if high == low { 0.0 } else { (close - low) / (high - low) * 100.0 }
                });
                *out_k = k.next(fast.unwrap_or(f64::NAN));
                *out_d = d.next(*out_k);
                if out_d.is_nan() {
                    *out_k = f64::NAN;
                }
                *out_j = 3.0 * *out_k - 2.0 * *out_d;
            }
            (Self::Donchian { high: highs, low: lows }, [upper, middle, lower, ..]) => {
                let found = extremes(highs, lows, (high, low));
                (*upper, *lower) = found.unwrap_or((f64::NAN, f64::NAN));
                *middle = f64::midpoint(*upper, *lower);
            }
            (Self::Ultimate { before, sums }, [out, ..]) => {
                let range = true_range(high, low, *before);
                let pressure = close - low.min(*before);
                let first = before.is_nan();
                *before = close;
                *out = f64::NAN;
                if first {
                    return;
                }
                let mut shares = [f64::NAN; 3];
                for (share, [pressures, ranges]) in shares.iter_mut().zip(sums) {
                    if let (Some(above), Some(below)) =
                        (pressures.push(pressure), ranges.push(range))
                    {
                        *share = if below == 0.0 { 0.0 } else { above / below };
                    }
                }
                let [short, middle, long] = shares;
                *out = 100.0 * (4.0 * short + 2.0 * middle + long) / 7.0;
            }
            _ => {}
        }
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) {
        let (Self::Atr { before, mean, percent: false }, [high, low, close], [out]) =
            (&mut *self, inputs, &mut *out)
        else {
            return one_by_one(self, inputs, out);
        };
        // A mean of its own stays in registers.
        let (mut running, mut last) = (mean.clone(), *before);
        for (((high, low), close), out) in high.iter().zip(*low).zip(*close).zip(out.iter_mut()) {
            *out = running.next(true_range(*high, *low, last));
            last = *close;
        }
        (*mean, *before) = (running, last);
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        match self {
            Self::TrueRange { before } => show(Cell::Number(before)),
            Self::Atr { before, mean, .. } => {
                show(Cell::Number(before));
                mean.cells(show);
            }
            Self::Willr { high, low } | Self::Donchian { high, low } => {
                high.cells(show);
                low.cells(show);
            }
            Self::Stoch { high, low, k, d } => {
                high.cells(show);
                low.cells(show);
                k.cells(show);
                d.cells(show);
            }
            Self::Kdj { high, low, k, d } => {
                high.cells(show);
                low.cells(show);
                k.cells(show);
                d.cells(show);
            }
            Self::Ultimate { before, sums } => {
                show(Cell::Number(before));
                sums.iter_mut().flatten().for_each(|block| block.cells(show));
            }
        }
    }
}
