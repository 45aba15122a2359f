//! What each indicator is made of.

use super::average::{Average, Ema, Hma, Kama, Sma, Wma};
use super::block::{Block, Fold};
use super::channel::{Ichimoku, Keltner};
use super::directional::{Directional, Rated, Vortex};
use super::oscillator::{Oscillator, Strength};
use super::range::Bars;
use super::stop::{Parabolic, SuperTrend};
use super::volume::Flow;
use super::window::{Folded, What, Windowed};
use super::{Indicator, Kind};
use crate::Error;

impl Kind {
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
            Self::Zlema { period } => Box::new(Average::zlema(period)),
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
            Self::Kdj { fast, k, d } => {
                let (high, low) = Bars::extremes(fast);
                Box::new(Bars::Kdj { high, low, k: Ema::wilder(k), d: Ema::wilder(d) })
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
            Self::Adxr { period } => Box::new(Rated::new(period)),
            Self::Vortex { period } => Box::new(Vortex::new(period)),
            Self::Sar { acceleration, maximum } => {
                Box::new(Parabolic::new(acceleration.0, maximum.0))
            }
            Self::Supertrend { period, multiplier } => {
                Box::new(SuperTrend::new(period, multiplier.0))
            }
            Self::Kc { period, range, deviations } => {
                Box::new(Keltner::new(period, range, deviations.0))
            }
            Self::Ichimoku { tenkan, kijun, span } => {
                Box::new(Ichimoku::new([tenkan, kijun, span]))
            }
            Self::Cci { period } => Box::new(Windowed::new(What::Cci, period)),
            Self::Roc { period } => Box::new(Windowed::new(What::Roc, period)),
            Self::Mom { period } => Box::new(Windowed::new(What::Momentum, period)),
            Self::Aroon { period } => Box::new(Windowed::new(What::Aroon, period)),
            Self::Linearreg { period } => Box::new(Windowed::new(What::LinearRegression, period)),
            Self::LinearregSlope { period } => Box::new(Windowed::new(What::Slope, period)),
            Self::Beta { period } => Box::new(Windowed::new(What::Beta, period)),
            Self::Correl { period } => Box::new(Windowed::new(What::Correlation, period)),
            Self::Stddev { period } => Box::new(Folded::Deviation(Folded::moments(period), period)),
            Self::Var { period } => Box::new(Folded::Variance(Folded::moments(period), period)),
            Self::Bbands { period, deviations } => {
                Box::new(Folded::Bands(Folded::moments(period), period, deviations.0))
            }
            Self::Max { period } => Box::new(Folded::Extreme(Block::new(Fold::Max, period))),
            Self::Min { period } => Box::new(Folded::Extreme(Block::new(Fold::Min, period))),
            Self::Obv => Box::new(Flow::Obv { before: f64::NAN, total: 0.0 }),
            Self::Pvt => Box::new(Flow::Pvt { before: f64::NAN, total: 0.0 }),
            Self::CumulativeVwap => Box::new(Flow::vwap()),
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
