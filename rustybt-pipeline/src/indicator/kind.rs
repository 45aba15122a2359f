//! The indicators there are, with their parameters.
//!
//! What each needs before it says something is in `lengths`, what it is made of in `start`.

use serde::{Deserialize, Serialize};

use crate::expression::Scalar;
use crate::{BoundColumn, EquityPricing};

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
    /// Exponential mean of the value carried forward by its last change.
    Zlema { period: usize },
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
    /// Slow stochastic with Wilder's means, and how far it runs ahead: `k`, `d`, `j`; inputs high, low, close.
    Kdj { fast: usize, k: usize, d: usize },
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
    /// Mean of the strength of the trend and what it was; inputs high, low, close.
    Adxr { period: usize },
    /// Vortex: `plus`, `minus`; inputs high, low, close.
    Vortex { period: usize },
    /// Wilder's parabolic stop; inputs high, low.
    Sar { acceleration: Scalar, maximum: Scalar },
    /// A trailing band and its direction: `supertrend`, `trend`; inputs high, low, close.
    Supertrend { period: usize, multiplier: Scalar },
    /// Keltner's channel: `upper`, `middle`, `lower`; inputs high, low, close.
    Kc { period: usize, range: usize, deviations: Scalar },
    /// Ichimoku's lines of a bar: `tenkan`, `kijun`, `span_a`, `span_b`; inputs high, low.
    Ichimoku { tenkan: usize, kijun: usize, span: usize },
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
    /// Slope of the least-squares line, a bar.
    #[serde(rename = "LINEARREG_SLOPE")]
    LinearregSlope { period: usize },
    /// Pearson's correlation of two inputs.
    Correl { period: usize },
    /// Slope of the changes of the second input on those of the first.
    Beta { period: usize },
    /// On-balance volume; inputs close and volume.
    Obv,
    /// Price and volume: volumes times the change of the close, added up; inputs close and volume.
    Pvt,
    /// Mean of typical prices weighted by volume, since the start; inputs high, low, close, volume. Over slices, a
    /// fifth input that is the number of the session makes it begin anew with each.
    #[serde(rename = "CumulativeVWAP")]
    CumulativeVwap,
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
            Self::Zlema { .. } => "ZLEMA",
            Self::Kdj { .. } => "KDJ",
            Self::Adxr { .. } => "ADXR",
            Self::Vortex { .. } => "VORTEX",
            Self::Sar { .. } => "SAR",
            Self::Supertrend { .. } => "SUPERTREND",
            Self::Kc { .. } => "KC",
            Self::Ichimoku { .. } => "ICHIMOKU",
            Self::LinearregSlope { .. } => "LINEARREG_SLOPE",
            Self::Beta { .. } => "BETA",
            Self::Pvt => "PVT",
            Self::CumulativeVwap => "CumulativeVWAP",
        }
    }

    /// The names of its outputs, where it has several.
    pub const fn outputs(self) -> &'static [&'static str] {
        match self {
            Self::Macd { .. } => &["macd", "signal", "hist"],
            Self::StochRsi { .. } | Self::Stoch { .. } => &["k", "d"],
            Self::Aroon { .. } => &["down", "up"],
            Self::Adx { .. } => &["plus_di", "minus_di", "adx"],
            Self::Bbands { .. } | Self::Donchian { .. } | Self::Kc { .. } => {
                &["upper", "middle", "lower"]
            }
            Self::Kdj { .. } => &["k", "d", "j"],
            Self::Vortex { .. } => &["plus", "minus"],
            Self::Supertrend { .. } => &["supertrend", "trend"],
            Self::Ichimoku { .. } => &["tenkan", "kijun", "span_a", "span_b"],
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
            | Self::Kdj { .. }
            | Self::Adxr { .. }
            | Self::Vortex { .. }
            | Self::Supertrend { .. }
            | Self::Kc { .. }
            | Self::Donchian { .. } => vec![HIGH, LOW, CLOSE],
            Self::Mfi { .. }
            | Self::Ad
            | Self::Adosc { .. }
            | Self::Cmf { .. }
            | Self::CumulativeVwap => vec![HIGH, LOW, CLOSE, VOLUME],
            Self::Aroon { .. } | Self::Sar { .. } | Self::Ichimoku { .. } => vec![HIGH, LOW],
            Self::Obv | Self::Pvt | Self::Vwma { .. } | Self::Correl { .. } | Self::Beta { .. } => {
                vec![CLOSE, VOLUME]
            }
            _ => vec![CLOSE],
        }
    }
}
