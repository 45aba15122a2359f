//! How much an indicator needs before it says something, and how long it remembers.

use super::Kind;
use crate::Error;

impl Kind {
    /// Values it takes before the first that it gives.
    pub fn lookback(self) -> usize {
        match self {
            Self::Dema { period } => 2 * (period - 1),
            Self::Tema { period } => 3 * (period - 1),
            Self::Trix { period } => 3 * (period - 1) + 1,
            Self::Hma { period } => period + ((period as f64).sqrt() as usize).max(1) - 2,
            Self::Macd { slow, signal, .. } => slow + signal - 2,
            Self::Ppo { fast, slow } | Self::Adosc { fast, slow } => fast.max(slow) - 1,
            Self::StochRsi { period, k, d } => period + k + d - 2,
            Self::Stoch { fast, k, d } | Self::Kdj { fast, k, d } => fast + k + d - 3,
            Self::Ultosc { short, middle, long } => short.max(middle).max(long),
            Self::Adx { period } => 2 * period - 1,
            Self::Adxr { period } => 3 * period - 2,
            Self::Zlema { period } => period - 1 + (period - 1) / 2,
            Self::Kc { period, range, .. } => range.max(period - 1),
            Self::Ichimoku { tenkan, kijun, span } => tenkan.max(kijun).max(span) - 1,
            Self::Trange | Self::Sar { .. } => 1,
            Self::Obv | Self::Ad | Self::Pvt | Self::CumulativeVwap => 0,
            Self::Rsi { period }
            | Self::Cmo { period }
            | Self::Kama { period }
            | Self::Mfi { period }
            | Self::Roc { period }
            | Self::Mom { period }
            | Self::Aroon { period }
            | Self::Atr { period }
            | Self::Natr { period }
            | Self::Vortex { period }
            | Self::Supertrend { period, .. }
            | Self::Beta { period } => period,
            _ => self.period().map_or(0, |period| period - 1),
        }
    }

    /// The one length that it has, where it has one.
    const fn period(self) -> Option<usize> {
        match self {
            Self::Sma { period }
            | Self::Ema { period }
            | Self::Rma { period }
            | Self::Wma { period }
            | Self::Dema { period }
            | Self::Tema { period }
            | Self::Hma { period }
            | Self::Kama { period }
            | Self::Vwma { period }
            | Self::Trix { period }
            | Self::Rsi { period }
            | Self::Cmo { period }
            | Self::Willr { period }
            | Self::Cci { period }
            | Self::Mfi { period }
            | Self::Roc { period }
            | Self::Mom { period }
            | Self::Aroon { period }
            | Self::Adx { period }
            | Self::Atr { period }
            | Self::Natr { period }
            | Self::Bbands { period, .. }
            | Self::Donchian { period }
            | Self::Stddev { period }
            | Self::Var { period }
            | Self::Max { period }
            | Self::Min { period }
            | Self::Linearreg { period }
            | Self::LinearregSlope { period }
            | Self::Correl { period }
            | Self::Beta { period }
            | Self::Zlema { period }
            | Self::Adxr { period }
            | Self::Vortex { period }
            | Self::Supertrend { period, .. }
            | Self::Cmf { period } => Some(period),
            _ => None,
        }
    }

    /// The weight of the newest value in the slowest of its exponential means; 0 where it has none.
    pub(super) fn slowest(self) -> f64 {
        let ema = |period: usize| 2.0 / (period as f64 + 1.0);
        match self {
            Self::Ema { period }
            | Self::Dema { period }
            | Self::Tema { period }
            | Self::Zlema { period }
            | Self::Trix { period } => ema(period),
            Self::Kc { period, range, .. } => ema(period).min(1.0 / range as f64),
            Self::Kdj { k, d, .. } => 1.0 / k.max(d) as f64,
            Self::Macd { slow, signal, .. } => ema(slow.max(signal)),
            Self::Adosc { fast, slow } | Self::Ppo { fast, slow } => ema(fast.max(slow)),
            Self::Rma { period }
            | Self::Rsi { period }
            | Self::Cmo { period }
            | Self::Atr { period }
            | Self::Natr { period }
            | Self::Adx { period }
            | Self::Adxr { period }
            | Self::StochRsi { period, .. } => 1.0 / period as f64,
            // Between the factors of 2 and 30 bars, squared.
            Self::Kama { .. } => 0.02,
            _ => 0.0,
        }
    }

    /// Refuses lengths of nothing, and what goes the wrong way round.
    pub(super) fn check(self) -> Result<(), Error> {
        let wrong = |expected: &'static str, found: String| {
            Err(Error::Parameter { term: self.name().to_owned(), expected, found })
        };
        let one = self.period();
        let lengths: &[usize] = match &self {
            Self::Macd { fast, slow, signal } if fast >= slow => {
                return wrong(
                    "a slow period longer than the fast one",
                    format!("{fast}, {slow}, {signal}"),
                );
            }
            Self::Macd { fast, slow, signal } => &[*fast, *slow, *signal],
            Self::Ppo { fast, slow } | Self::Adosc { fast, slow } => &[*fast, *slow],
            Self::StochRsi { period, k, d } => &[*period, *k, *d],
            Self::Stoch { fast, k, d } | Self::Kdj { fast, k, d } => &[*fast, *k, *d],
            Self::Kc { period, range, .. } => &[*period, *range],
            Self::Ichimoku { tenkan, kijun, span } => &[*tenkan, *kijun, *span],
            Self::Sar { acceleration, maximum } if !(acceleration.0 >= 0.0 && maximum.0 >= 0.0) => {
                return wrong(
                    "an acceleration and a maximum of nothing or more",
                    format!("{acceleration}, {maximum}"),
                );
            }
            Self::Ultosc { short, middle, long } => &[*short, *middle, *long],
            _ => one.as_slice(),
        };
        let longest = 1 << 20;
        match lengths.iter().find(|length| **length < 1 || **length > longest) {
            Some(length) => wrong("lengths from 1 to 1048576", length.to_string()),
            None => Ok(()),
        }
    }
}
