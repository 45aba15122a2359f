//! The indicators, under the names of TA-Lib.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::value::Value;
use super::{Builtin, masked};
use crate::expression::Scalar;
use crate::indicator::Kind;

const PERIOD: &[&str] = &["inputs", "timeperiod", "window_length", "mask"];
const WHOLE: &[&str] = &["inputs", "window_length", "mask"];

type Call = fn(&mut Arguments) -> Result<Value, Fault>;

const fn of(name: &'static str, parameters: &'static [&'static str], call: Call) -> Builtin {
    Builtin { name, parameters, call }
}

/// An indicator of one length, with TA-Lib's default.
macro_rules! of_period {
    ($name:literal, $kind:ident, $default:literal) => {
        of($name, PERIOD, |a| {
            let period = a.count_or("timeperiod", $default)?;
            give(a, Kind::$kind { period })
        })
    };
}

pub(super) static ALL: &[Builtin] = &[
    of_period!("EMA", Ema, 30),
    of_period!("RMA", Rma, 14),
    of_period!("WMA", Wma, 30),
    of_period!("DEMA", Dema, 30),
    of_period!("TEMA", Tema, 30),
    of_period!("HMA", Hma, 20),
    of_period!("KAMA", Kama, 30),
    of_period!("VWMA", Vwma, 20),
    of_period!("TRIX", Trix, 30),
    of_period!("WilderRSI", Rsi, 14),
    of_period!("CMO", Cmo, 14),
    of_period!("WILLR", Willr, 14),
    of_period!("CCI", Cci, 14),
    of_period!("MFI", Mfi, 14),
    of_period!("ROC", Roc, 10),
    of_period!("MOM", Mom, 10),
    of_period!("AROON", Aroon, 14),
    of_period!("ADX", Adx, 14),
    of_period!("ATR", Atr, 14),
    of_period!("NATR", Natr, 14),
    of_period!("DONCHIAN", Donchian, 20),
    of_period!("STDDEV", Stddev, 5),
    of_period!("VAR", Var, 5),
    of_period!("MAX", Max, 30),
    of_period!("MIN", Min, 30),
    of_period!("LINEARREG", Linearreg, 14),
    of_period!("LINEARREG_SLOPE", LinearregSlope, 14),
    of_period!("CORREL", Correl, 30),
    of_period!("BETA", Beta, 5),
    of_period!("ZLEMA", Zlema, 30),
    of_period!("ADXR", Adxr, 14),
    of_period!("VORTEX", Vortex, 14),
    of_period!("CMF", Cmf, 20),
    of("TRANGE", WHOLE, |a| give(a, Kind::Trange)),
    of("OBV", WHOLE, |a| give(a, Kind::Obv)),
    of("AD", WHOLE, |a| give(a, Kind::Ad)),
    of("PVT", WHOLE, |a| give(a, Kind::Pvt)),
    of("CumulativeVWAP", WHOLE, |a| give(a, Kind::CumulativeVwap)),
    of("SAR", &["inputs", "acceleration", "maximum", "window_length", "mask"], |a| {
        let acceleration = Scalar(a.number_or("acceleration", 0.02)?);
        let maximum = Scalar(a.number_or("maximum", 0.2)?);
        give(a, Kind::Sar { acceleration, maximum })
    }),
    of("SUPERTREND", &["inputs", "timeperiod", "multiplier", "window_length", "mask"], |a| {
        let period = a.count_or("timeperiod", 10)?;
        let multiplier = Scalar(a.number_or("multiplier", 3.0)?);
        give(a, Kind::Supertrend { period, multiplier })
    }),
    of("KC", &["inputs", "timeperiod", "atrperiod", "nbdev", "window_length", "mask"], |a| {
        let (period, range) = (a.count_or("timeperiod", 20)?, a.count_or("atrperiod", 10)?);
        let deviations = Scalar(a.number_or("nbdev", 2.0)?);
        give(a, Kind::Kc { period, range, deviations })
    }),
    of("ICHIMOKU", &["inputs", "tenkan", "kijun", "span", "window_length", "mask"], |a| {
        let (tenkan, kijun) = (a.count_or("tenkan", 9)?, a.count_or("kijun", 26)?);
        let span = a.count_or("span", 52)?;
        give(a, Kind::Ichimoku { tenkan, kijun, span })
    }),
    of(
        "KDJ",
        &["inputs", "fastk_period", "slowk_period", "slowd_period", "window_length", "mask"],
        |a| {
            let fast = a.count_or("fastk_period", 9)?;
            let (k, d) = (a.count_or("slowk_period", 3)?, a.count_or("slowd_period", 3)?);
            give(a, Kind::Kdj { fast, k, d })
        },
    ),
    of(
        "MACD",
        &["inputs", "fastperiod", "slowperiod", "signalperiod", "window_length", "mask"],
        |a| {
            let fast = a.count_or("fastperiod", 12)?;
            let slow = a.count_or("slowperiod", 26)?;
            let signal = a.count_or("signalperiod", 9)?;
            give(a, Kind::Macd { fast, slow, signal })
        },
    ),
    of("PPO", &["inputs", "fastperiod", "slowperiod", "window_length", "mask"], |a| {
        let (fast, slow) = (a.count_or("fastperiod", 12)?, a.count_or("slowperiod", 26)?);
        give(a, Kind::Ppo { fast, slow })
    }),
    of("ADOSC", &["inputs", "fastperiod", "slowperiod", "window_length", "mask"], |a| {
        let (fast, slow) = (a.count_or("fastperiod", 3)?, a.count_or("slowperiod", 10)?);
        give(a, Kind::Adosc { fast, slow })
    }),
    of(
        "STOCH",
        &["inputs", "fastk_period", "slowk_period", "slowd_period", "window_length", "mask"],
        |a| {
            let fast = a.count_or("fastk_period", 5)?;
            let (k, d) = (a.count_or("slowk_period", 3)?, a.count_or("slowd_period", 3)?);
            give(a, Kind::Stoch { fast, k, d })
        },
    ),
    of(
        "STOCHRSI",
        &["inputs", "timeperiod", "fastk_period", "fastd_period", "window_length", "mask"],
        |a| {
            let period = a.count_or("timeperiod", 14)?;
            let (k, d) = (a.count_or("fastk_period", 5)?, a.count_or("fastd_period", 3)?);
            give(a, Kind::StochRsi { period, k, d })
        },
    ),
    of(
        "ULTOSC",
        &["inputs", "timeperiod1", "timeperiod2", "timeperiod3", "window_length", "mask"],
        |a| {
            let short = a.count_or("timeperiod1", 7)?;
            let (middle, long) = (a.count_or("timeperiod2", 14)?, a.count_or("timeperiod3", 28)?);
            give(a, Kind::Ultosc { short, middle, long })
        },
    ),
    of("BBANDS", &["inputs", "timeperiod", "deviations", "window_length", "mask"], |a| {
        let period = a.count_or("timeperiod", 20)?;
        let deviations = Scalar(a.number_or("deviations", 2.0)?);
        give(a, Kind::Bbands { period, deviations })
    }),
];

fn give(a: &mut Arguments, kind: Kind) -> Result<Value, Fault> {
    let window = match a.take("window_length") {
        Some(given) => Some(a.count("window_length", given)?),
        None => None,
    };
    let factor = match a.inputs()? {
        Some(inputs) => kind.on(inputs, window),
        None => kind.factor(window),
    };
    masked(a, factor)
}
