//! Indicators of volume.

use super::block::Sum;
use super::{Cell, Indicator};

/// An indicator of high, low, close and volume; on-balance volume and the weighted mean take close and volume.
#[derive(Debug, Clone)]
pub(super) enum Flow {
    Obv {
        before: f64,
        total: f64,
    },
    Ad {
        total: f64,
    },
    /// The sum of volumes, each times the change of the price.
    Pvt {
        before: f64,
        total: f64,
    },
    /// What was paid for all so far, and all; of one session where a number tells sessions apart.
    Vwap {
        money: f64,
        volume: f64,
        session: f64,
    },
    /// The distance of two exponential means of the line, both begun with its first value.
    AdOsc {
        total: f64,
        fast: f64,
        slow: f64,
        alphas: [f64; 2],
        seen: usize,
        lookback: usize,
    },
    Mfi {
        before: f64,
        up: Sum,
        down: Sum,
    },
    Cmf {
        flow: Sum,
        volume: Sum,
    },
    Vwma {
        money: Sum,
        volume: Sum,
    },
}

impl Flow {
    pub(super) fn vwap() -> Self {
        Self::Vwap { money: 0.0, volume: 0.0, session: f64::NAN }
    }

    pub(super) fn ad_osc(fast: usize, slow: usize) -> Self {
        let alphas = [fast, slow].map(|period| 2.0 / (period as f64 + 1.0));
        let lookback = fast.max(slow) - 1;
        Self::AdOsc { total: 0.0, fast: f64::NAN, slow: f64::NAN, alphas, seen: 0, lookback }
    }

    pub(super) fn sums(period: usize) -> (Sum, Sum) {
        (Sum::new(period), Sum::new(period))
    }
}

/// The share of the range by which the close leans, times the volume; nothing without a range.
fn leaning(high: f64, low: f64, close: f64, volume: f64) -> f64 {
    if high == low { 0.0 } else { ((close - low) - (high - close)) / (high - low) * volume }
}

impl Indicator for Flow {
    fn update(&mut self, inputs: &[f64], out: &mut [f64]) {
        let [out, ..] = out else { return };
        match (self, inputs) {
            (Self::Obv { before, total }, &[close, volume, ..]) => {
                if before.is_nan() {
                    *total = volume;
                } else if close > *before {
                    *total += volume;
                } else if close < *before {
                    *total -= volume;
                }
                *before = close;
                *out = if close.is_nan() { f64::NAN } else { *total };
            }
            (Self::Pvt { before, total }, &[close, volume, ..]) => {
                let change = (close - *before) / *before * volume;
                if before.is_nan() {
                    *total = 0.0;
                } else if *before != 0.0 {
                    *total += change;
                }
                let missing = (close + volume).is_nan();
                *before = if missing { f64::NAN } else { close };
                *out = if missing { f64::NAN } else { *total };
            }
            (
                Self::Vwap { money, volume: sum, session: known },
                &[high, low, close, volume, ref session @ ..],
            ) => {
                if let [session, ..] = session
                    && session != known
                {
                    (*money, *sum, *known) = (0.0, 0.0, *session);
                }
                let typical = (high + low + close) / 3.0;
                *out = f64::NAN;
                if !(typical * volume).is_nan() {
                    *money += typical * volume;
                    *sum += volume;
                    *out = *money / *sum;
                }
            }
            (Self::Vwma { money, volume: volumes }, &[close, volume, ..]) => {
                let (above, below) = (money.push(close * volume), volumes.push(volume));
                *out = match (above, below) {
                    (Some(above), Some(below)) => above / below,
                    _ => f64::NAN,
                };
            }
            (Self::Ad { total }, &[high, low, close, volume, ..]) => {
                let flow = leaning(high, low, close, volume);
                if !flow.is_nan() {
                    *total += flow;
                }
                *out = if flow.is_nan() { f64::NAN } else { *total };
            }
            (
                Self::AdOsc { total, fast, slow, alphas, seen, lookback },
                &[high, low, close, volume, ..],
            ) => {
                let flow = leaning(high, low, close, volume);
                if flow.is_nan() {
                    *out = f64::NAN;
                    return;
                }
                *total += flow;
                for (mean, alpha) in [&mut *fast, &mut *slow].into_iter().zip(*alphas) {
                    *mean =
                        if *seen == 0 { *total } else { alpha * *total + (1.0 - alpha) * *mean };
                }
                *out = if *seen < *lookback { f64::NAN } else { *fast - *slow };
                *seen += 1;
            }
            (Self::Mfi { before, up, down }, &[high, low, close, volume, ..]) => {
                let typical = (high + low + close) / 3.0;
                let (money, change) = (typical * volume, typical - *before);
                let first = before.is_nan();
                *before = typical;
                *out = f64::NAN;
                if first {
                    return;
                }
                let rise = if change > 0.0 { money } else { 0.0 * money };
                let fall = if change < 0.0 { money } else { 0.0 * money };
                if let (Some(up), Some(down)) = (up.push(rise), down.push(fall)) {
                    let both = up + down;
                    *out = if both < 1.0 { 0.0 } else { 100.0 * (up / both) };
                }
            }
            (Self::Cmf { flow, volume: volumes }, &[high, low, close, volume, ..]) => {
                let above = flow.push(leaning(high, low, close, volume));
                *out = match (above, volumes.push(volume)) {
                    (Some(above), Some(below)) => above / below,
                    _ => f64::NAN,
                };
            }
            _ => {}
        }
    }

    fn cells(&mut self, show: &mut dyn FnMut(Cell<'_>)) {
        match self {
            Self::Obv { before, total } | Self::Pvt { before, total } => {
                show(Cell::Number(before));
                show(Cell::Number(total));
            }
            Self::Ad { total } => show(Cell::Number(total)),
            Self::Vwap { money, volume, session } => {
                for number in [money, volume, session] {
                    show(Cell::Number(number));
                }
            }
            Self::AdOsc { total, fast, slow, seen, .. } => {
                for number in [total, fast, slow] {
                    show(Cell::Number(number));
                }
                show(Cell::Count(seen));
            }
            Self::Mfi { before, up, down } => {
                show(Cell::Number(before));
                up.cells(show);
                down.cells(show);
            }
            Self::Cmf { flow: one, volume: other } | Self::Vwma { money: one, volume: other } => {
                one.cells(show);
                other.cells(show);
            }
        }
    }
}
