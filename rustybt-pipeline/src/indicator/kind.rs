//! The indicators there are, with their parameters.

use serde::{Deserialize, Serialize};

use super::Indicator;
use super::average::{Average, Ema, Hma, Kama, Sma, Wma};
use super::block::{Block, Fold};
use super::directional::Directional;
use super::oscillator::{Oscillator, Strength};
use super::range::Bars;
use super::volume::Flow;
use super::window::{Folded, What, Windowed};
use crate::expression::Scalar;
use crate::{BoundColumn, EquityPricing, Error};

/// An indicator and its parameters, lengths in bars.
///
/// Formulas, names and beginnings are TA-Lib's (C 0.8.1); see [the module](super) for what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE", rename_all_fields = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the names of the parameters say what they are")]
pub enum Kind {
    /// Plain mean.
    Sma { period: usize },
    /// Exponential mean, `α = 2 / (n + 1)`.
    Ema { period: usize },
    /// Wilder's mean, `α = 1 / n`.
    Rma { period: usize },
    /// Mean with weights that grow by one.
    Wma { period: usize },
    /// Double exponential mean.
    Dema { period: usize },
    /// Triple exponential mean.
    Tema { period: usize },
    /// Hull's mean.
    Hma { period: usize },
    /// Kaufman's adaptive mean.
    Kama { period: usize },
    /// Mean weighted by volume; inputs close and volume.
    Vwma { period: usize },
    /// Change of a triple exponential mean, in percent.
    Trix { period: usize },
    /// Wilder's relative strength, 0 to 100; 0 where nothing moves.
    #[serde(rename = "WilderRSI")]
    Rsi { period: usize },
    /// Chande's momentum, −100 to 100.
    Cmo { period: usize },
    /// Distance of two exponential means, its mean, and theirs: `macd`, `signal`, `hist`.
    Macd { fast: usize, slow: usize, signal: usize },
    /// Distance of two exponential means in percent of the slow one.
    Ppo { fast: usize, slow: usize },
    /// Where the index of relative strength lies in its own range: `k`, `d`.
    StochRsi { period: usize, k: usize, d: usize },
    /// Slow stochastic: `k`, `d`; inputs high, low, close.
    Stoch { fast: usize, k: usize, d: usize },
    /// Williams' %R, −100 to 0; inputs high, low, close.
    Willr { period: usize },
    /// Commodity channel; inputs high, low, close.
    Cci { period: usize },
    /// Money flow, 0 to 100; inputs high, low, close, volume.
    Mfi { period: usize },
    /// Ultimate oscillator; inputs high, low, close.
    Ultosc { short: usize, middle: usize, long: usize },
    /// Change, in percent.
    Roc { period: usize },
    /// Change.
    Mom { period: usize },
    /// Aroon: `down`, `up`; inputs high, low.
    Aroon { period: usize },
    /// Directional movement: `plus_di`, `minus_di`, `adx`; inputs high, low, close.
    Adx { period: usize },
    /// True range; inputs high, low, close.
    Trange,
    /// Wilder's mean of the true range; inputs high, low, close.
    Atr { period: usize },
    /// The same in percent of the close.
    Natr { period: usize },
    /// Bollinger's bands: `upper`, `middle`, `lower`.
    Bbands { period: usize, deviations: Scalar },
    /// Highest high, its middle with the lowest low, and that: `upper`, `middle`, `lower`; inputs high, low, close.
    Donchian { period: usize },
    /// Standard deviation (of the population).
    Stddev { period: usize },
    /// Variance (of the population).
    Var { period: usize },
    /// Largest value.
    Max { period: usize },
    /// Smallest value.
    Min { period: usize },
    /// End of the least-squares line.
    Linearreg { period: usize },
    /// Pearson's correlation of two inputs.
    Correl { period: usize },
    /// On-balance volume; inputs close and volume.
    Obv,
    /// Accumulation and distribution; inputs high, low, close, volume.
    Ad,
    /// Chaikin's oscillator; inputs high, low, close, volume.
    Adosc { fast: usize, slow: usize },
    /// Chaikin's money flow; inputs high, low, close, volume.
    Cmf { period: usize },
}

impl Kind {
    /// The name that TA-Lib uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sma { .. } => "SMA",
            Self::Ema { .. } => "EMA",
            Self::Rma { .. } => "RMA",
            Self::Wma { .. } => "WMA",
            Self::Dema { .. } => "DEMA",
            Self::Tema { .. } => "TEMA",
            Self::Hma { .. } => "HMA",
            Self::Kama { .. } => "KAMA",
            Self::Vwma { .. } => "VWMA",
            Self::Trix { .. } => "TRIX",
            Self::Rsi { .. } => "WilderRSI",
            Self::Cmo { .. } => "CMO",
            Self::Macd { .. } => "MACD",
            Self::Ppo { .. } => "PPO",
            Self::StochRsi { .. } => "STOCHRSI",
            Self::Stoch { .. } => "STOCH",
            Self::Willr { .. } => "WILLR",
            Self::Cci { .. } => "CCI",
            Self::Mfi { .. } => "MFI",
            Self::Ultosc { .. } => "ULTOSC",
            Self::Roc { .. } => "ROC",
            Self::Mom { .. } => "MOM",
            Self::Aroon { .. } => "AROON",
            Self::Adx { .. } => "ADX",
            Self::Trange => "TRANGE",
            Self::Atr { .. } => "ATR",
            Self::Natr { .. } => "NATR",
            Self::Bbands { .. } => "BBANDS",
            Self::Donchian { .. } => "DONCHIAN",
            Self::Stddev { .. } => "STDDEV",
            Self::Var { .. } => "VAR",
            Self::Max { .. } => "MAX",
            Self::Min { .. } => "MIN",
            Self::Linearreg { .. } => "LINEARREG",
            Self::Correl { .. } => "CORREL",
            Self::Obv => "OBV",
            Self::Ad => "AD",
            Self::Adosc { .. } => "ADOSC",
            Self::Cmf { .. } => "CMF",
        }
    }

    /// The names of its outputs, where it has several.
    pub const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::Macd { .. } => &["macd", "signal", "hist"],
            Self::StochRsi { .. } | Self::Stoch { .. } => &["k", "d"],
            Self::Aroon { .. } => &["down", "up"],
            Self::Adx { .. } => &["plus_di", "minus_di", "adx"],
            Self::Bbands { .. } | Self::Donchian { .. } => &["upper", "middle", "lower"],
            _ => &[],
        }
    }

    /// The columns it is computed from, in the order in which it takes them.
    pub fn columns(self) -> Vec<BoundColumn> {
        const HIGH: BoundColumn = EquityPricing::HIGH;
        const LOW: BoundColumn = EquityPricing::LOW;
        const CLOSE: BoundColumn = EquityPricing::CLOSE;
        const VOLUME: BoundColumn = EquityPricing::VOLUME;
        match self {
            Self::Stoch { .. }
            | Self::Willr { .. }
            | Self::Cci { .. }
            | Self::Ultosc { .. }
            | Self::Adx { .. }
            | Self::Trange
            | Self::Atr { .. }
            | Self::Natr { .. }
            | Self::Donchian { .. } => vec![HIGH, LOW, CLOSE],
            Self::Mfi { .. } | Self::Ad | Self::Adosc { .. } | Self::Cmf { .. } => {
                vec![HIGH, LOW, CLOSE, VOLUME]
            }
            Self::Aroon { .. } => vec![HIGH, LOW],
            Self::Obv | Self::Vwma { .. } | Self::Correl { .. } => vec![CLOSE, VOLUME],
            _ => vec![CLOSE],
        }
    }

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
            Self::Stoch { fast, k, d } => fast + k + d - 3,
            Self::Ultosc { short, middle, long } => short.max(middle).max(long),
            Self::Adx { period } => 2 * period - 1,
            Self::Trange => 1,
            Self::Obv | Self::Ad => 0,
            Self::Rsi { period }
            | Self::Cmo { period }
            | Self::Kama { period }
            | Self::Mfi { period }
            | Self::Roc { period }
            | Self::Mom { period }
            | Self::Aroon { period }
            | Self::Atr { period }
            | Self::Natr { period } => period,
            Self::Sma { period }
            | Self::Ema { period }
            | Self::Rma { period }
            | Self::Wma { period }
            | Self::Vwma { period }
            | Self::Willr { period }
            | Self::Cci { period }
            | Self::Bbands { period, .. }
            | Self::Donchian { period }
            | Self::Stddev { period }
            | Self::Var { period }
            | Self::Max { period }
            | Self::Min { period }
            | Self::Linearreg { period }
            | Self::Correl { period }
            | Self::Cmf { period } => period - 1,
        }
    }

    /// The weight of the newest value in the slowest of its exponential means; 0 where it has none.
    pub(super) fn slowest(self) -> f64 {
        let ema = |period: usize| 2.0 / (period as f64 + 1.0);
        match self {
            Self::Ema { period }
            | Self::Dema { period }
            | Self::Tema { period }
            | Self::Trix { period } => ema(period),
            Self::Macd { slow, signal, .. } => ema(slow.max(signal)),
            Self::Adosc { fast, slow } | Self::Ppo { fast, slow } => ema(fast.max(slow)),
            Self::Rma { period }
            | Self::Rsi { period }
            | Self::Cmo { period }
            | Self::Atr { period }
            | Self::Natr { period }
            | Self::Adx { period }
            | Self::StochRsi { period, .. } => 1.0 / period as f64,
            // Between the factors of 2 and 30 bars, squared.
            Self::Kama { .. } => 0.02,
            _ => 0.0,
        }
    }

    fn check(self) -> Result<(), Error> {
        let wrong = |expected: &'static str, found: String| {
            Err(Error::Parameter { term: self.name().to_owned(), expected, found })
        };
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
            Self::Stoch { fast, k, d } => &[*fast, *k, *d],
            Self::Ultosc { short, middle, long } => &[*short, *middle, *long],
            Self::Trange | Self::Obv | Self::Ad => &[],
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
            | Self::Correl { period }
            | Self::Cmf { period } => &[*period],
        };
        let longest = 1 << 20;
        match lengths.iter().find(|length| **length < 1 || **length > longest) {
            Some(length) => wrong("lengths from 1 to 1048576", length.to_string()),
            None => Ok(()),
        }
    }

    /// An indicator that has seen nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for a length of nothing, or a slow mean no slower than the fast one.
    pub fn start(self) -> Result<Box<dyn Indicator>, Error> {
        self.check()?;
        let ema = Ema::new;
        Ok(match self {
            Self::Sma { period } => Box::new(Average::Sma(Sma::new(period))),
            Self::Ema { period } => Box::new(Average::Ema(ema(period))),
            Self::Rma { period } => Box::new(Average::Ema(Ema::wilder(period))),
            Self::Wma { period } => Box::new(Average::Wma(Wma::new(period))),
            Self::Dema { period } => Box::new(Average::Dema([ema(period), ema(period)])),
            Self::Tema { period } => {
                Box::new(Average::Tema([ema(period), ema(period), ema(period)]))
            }
            Self::Trix { period } => {
                Box::new(Average::Trix([ema(period), ema(period), ema(period)], f64::NAN))
            }
            Self::Hma { period } => Box::new(Average::Hma(Hma::new(period))),
            Self::Kama { period } => Box::new(Average::Kama(Kama::new(period))),
            Self::Rsi { period } => Box::new(Oscillator::Rsi(Strength::new(period))),
            Self::Cmo { period } => Box::new(Oscillator::Cmo(Strength::new(period))),
            Self::Macd { fast, slow, signal } => Box::new(Oscillator::macd(fast, slow, signal)),
            Self::Ppo { fast, slow } => {
                Box::new(Oscillator::Ppo { fast: ema(fast), slow: ema(slow) })
            }
            Self::StochRsi { period, k, d } => Box::new(Oscillator::stoch_rsi(period, k, d)),
            Self::Stoch { fast, k, d } => {
                let (high, low) = Bars::extremes(fast);
                Box::new(Bars::Stoch { high, low, k: Sma::new(k), d: Sma::new(d) })
            }
            Self::Willr { period } => {
                let (high, low) = Bars::extremes(period);
                Box::new(Bars::Willr { high, low })
            }
            Self::Donchian { period } => {
                let (high, low) = Bars::extremes(period);
                Box::new(Bars::Donchian { high, low })
            }
            Self::Ultosc { short, middle, long } => Box::new(Bars::ultimate([short, middle, long])),
            Self::Trange => Box::new(Bars::TrueRange { before: f64::NAN }),
            Self::Atr { period } | Self::Natr { period } => {
                let percent = matches!(self, Self::Natr { .. });
                Box::new(Bars::Atr { before: f64::NAN, mean: Ema::wilder(period), percent })
            }
            Self::Adx { period } => Box::new(Directional::new(period)),
            Self::Cci { period } => Box::new(Windowed::new(What::Cci, period)),
            Self::Roc { period } => Box::new(Windowed::new(What::Roc, period)),
            Self::Mom { period } => Box::new(Windowed::new(What::Momentum, period)),
            Self::Aroon { period } => Box::new(Windowed::new(What::Aroon, period)),
            Self::Linearreg { period } => Box::new(Windowed::new(What::LinearRegression, period)),
            Self::Correl { period } => Box::new(Windowed::new(What::Correlation, period)),
            Self::Stddev { period } => Box::new(Folded::Deviation(Folded::moments(period), period)),
            Self::Var { period } => Box::new(Folded::Variance(Folded::moments(period), period)),
            Self::Bbands { period, deviations } => {
                Box::new(Folded::Bands(Folded::moments(period), period, deviations.0))
            }
            Self::Max { period } => Box::new(Folded::Extreme(Block::new(Fold::Max, period))),
            Self::Min { period } => Box::new(Folded::Extreme(Block::new(Fold::Min, period))),
            Self::Obv => Box::new(Flow::Obv { before: f64::NAN, total: 0.0 }),
            Self::Ad => Box::new(Flow::Ad { total: 0.0 }),
            Self::Adosc { fast, slow } => Box::new(Flow::ad_osc(fast, slow)),
            Self::Mfi { period } => {
                let (up, down) = Flow::sums(period);
                Box::new(Flow::Mfi { before: f64::NAN, up, down })
            }
            Self::Cmf { period } => {
                let (flow, volume) = Flow::sums(period);
                Box::new(Flow::Cmf { flow, volume })
            }
            Self::Vwma { period } => {
                let (money, volume) = Flow::sums(period);
                Box::new(Flow::Vwma { money, volume })
            }
        })
    }
}
