//! The factors of one asset's bars.

use super::super::arguments::Arguments;
use super::super::error::Fault;
use super::super::value::Value;
use super::{Builtin, finish, masked, windowed};
use crate::{
    AnnualizedVolatility, Aroon, AverageDollarVolume, BollingerBands,
    BusinessDaysSincePreviousEvent, BusinessDaysUntilNextEvent, CalendarPart, CustomFactor, Error,
    ExponentialWeightedMovingAverage as Ewma, ExponentialWeightedMovingStdDev as EwmStd, Factor,
    FastStochasticOscillator, IchimokuKinkoHyo, Input, Lag, LinearWeightedMovingAverage,
    MacdSignal, MaxDrawdown, PercentChange, RateOfChangePercentage, Returns, RollingKurtosis,
    RollingQuantile, RollingRank, RollingSkew, Rsi, SimpleMovingAverage, StandardDeviation,
    TrueRange, Vwap, WeightedAverageValue,
};

const WINDOW: &[&str] = &["inputs", "window_length", "mask"];
const DECAY: &[&str] = &["inputs", "window_length", "decay_rate", "mask"];
const SPAN: &[&str] = &["inputs", "window_length", "span", "mask"];
const HALFLIFE: &[&str] = &["inputs", "window_length", "halflife", "mask"];
const CENTER: &[&str] = &["inputs", "window_length", "center_of_mass", "mask"];
const PERIODS: &[&str] = &["inputs", "fast_period", "slow_period", "signal_period", "mask"];

type Call = fn(&mut Arguments) -> Result<Value, Fault>;

const fn of(name: &'static str, parameters: &'static [&'static str], call: Call) -> Builtin {
    Builtin { name, parameters, call }
}

pub(super) static ALL: &[Builtin] = &[
    of("AverageDollarVolume", WINDOW, |a| windowed(a, AverageDollarVolume::new)),
    of("DailyReturns", &["inputs", "mask"], |a| finish(a, Ok(Returns::daily()))),
    of("Returns", WINDOW, |a| windowed(a, Returns::new)),
    of("PercentChange", WINDOW, |a| windowed(a, PercentChange::new)),
    of("SimpleMovingAverage", WINDOW, |a| windowed(a, SimpleMovingAverage::new)),
    of("WeightedAverageValue", WINDOW, |a| windowed(a, WeightedAverageValue::new)),
    of("VWAP", WINDOW, |a| windowed(a, Vwap::new)),
    of("MaxDrawdown", WINDOW, |a| windowed(a, MaxDrawdown::new)),
    of("LinearWeightedMovingAverage", WINDOW, |a| windowed(a, LinearWeightedMovingAverage::new)),
    of("RateOfChangePercentage", WINDOW, |a| windowed(a, RateOfChangePercentage::new)),
    of("Aroon", WINDOW, |a| windowed(a, Aroon::new)),
    of("StandardDeviation", WINDOW, |a| windowed(a, StandardDeviation::new)),
    of("RollingRank", WINDOW, |a| windowed(a, RollingRank::new)),
    of("RollingSkew", WINDOW, |a| windowed(a, RollingSkew::new)),
    of("RollingKurtosis", WINDOW, |a| windowed(a, RollingKurtosis::new)),
    of("RollingQuantile", &["inputs", "window_length", "quantile", "mask"], |a| {
        let (window, share) = (a.window()?, a.need_number("quantile")?);
        finish(a, RollingQuantile::new(window, share))
    }),
    of("Lag", &["inputs", "lag", "mask"], |a| {
        let lag = a.count_or("lag", 1)?;
        finish(a, Lag::new(lag))
    }),
    of("DayOfWeek", &["mask"], |a| masked(a, CalendarPart::DayOfWeek.factor())),
    of("DayOfMonth", &["mask"], |a| masked(a, CalendarPart::DayOfMonth.factor())),
    of("DayOfYear", &["mask"], |a| masked(a, CalendarPart::DayOfYear.factor())),
    of("MonthOfYear", &["mask"], |a| masked(a, CalendarPart::Month.factor())),
    of("QuarterOfYear", &["mask"], |a| masked(a, CalendarPart::Quarter.factor())),
    of("Year", &["mask"], |a| masked(a, CalendarPart::Year.factor())),
    of("RSI", WINDOW, |a| {
        let window = a.count_or("window_length", 15)?;
        finish(a, Rsi::new(window))
    }),
    of("FastStochasticOscillator", WINDOW, |a| {
        let window = a.count_or("window_length", 14)?;
        finish(a, FastStochasticOscillator::new(window))
    }),
    of("TrueRange", WINDOW, |a| {
        let window = a.count_or("window_length", 2)?;
        finish(a, TrueRange::over(window))
    }),
    of("BollingerBands", &["inputs", "window_length", "k", "mask"], |a| {
        let (window, k) = (a.window()?, a.need_number("k")?);
        finish(a, BollingerBands::new(window, k))
    }),
    of(
        "IchimokuKinkoHyo",
        &[
            "inputs",
            "window_length",
            "tenkan_sen_length",
            "kijun_sen_length",
            "chikou_span_length",
            "mask",
        ],
        |a| {
            let window = a.count_or("window_length", 52)?;
            let tenkan = a.count_or("tenkan_sen_length", 9)?;
            let kijun = a.count_or("kijun_sen_length", 26)?;
            let chikou = a.count_or("chikou_span_length", 26)?;
            finish(a, IchimokuKinkoHyo::new(window, tenkan, kijun, chikou))
        },
    ),
    of("MovingAverageConvergenceDivergenceSignal", PERIODS, macd),
    of("MACDSignal", PERIODS, macd),
    of("AnnualizedVolatility", &["inputs", "window_length", "annualization_factor", "mask"], |a| {
        let window = a.count_or("window_length", 252)?;
        let sessions = a.number_or("annualization_factor", 252.0)?;
        if let Some(inputs) = a.inputs()? {
            return over(a, AnnualizedVolatility::new(window, sessions), inputs);
        }
        let factor =
            AnnualizedVolatility::new(window, sessions).and_then(AnnualizedVolatility::of_returns);
        masked(a, factor)
    }),
    of("BusinessDaysSincePreviousEvent", &["inputs", "mask"], |a| {
        finish(a, Ok(BusinessDaysSincePreviousEvent))
    }),
    of("BusinessDaysUntilNextEvent", &["inputs", "mask"], |a| {
        finish(a, Ok(BusinessDaysUntilNextEvent))
    }),
    of("EWMA", DECAY, |a| decayed(a, "decay_rate", Ewma::new)),
    of("EWMA.from_span", SPAN, |a| decayed(a, "span", Ewma::from_span)),
    of("EWMA.from_halflife", HALFLIFE, |a| decayed(a, "halflife", Ewma::from_halflife)),
    of("EWMA.from_center_of_mass", CENTER, |a| {
        decayed(a, "center_of_mass", Ewma::from_center_of_mass)
    }),
    of("ExponentialWeightedMovingAverage", DECAY, |a| decayed(a, "decay_rate", Ewma::new)),
    of("ExponentialWeightedMovingAverage.from_span", SPAN, |a| decayed(a, "span", Ewma::from_span)),
    of("ExponentialWeightedMovingAverage.from_halflife", HALFLIFE, |a| {
        decayed(a, "halflife", Ewma::from_halflife)
    }),
    of("ExponentialWeightedMovingAverage.from_center_of_mass", CENTER, |a| {
        decayed(a, "center_of_mass", Ewma::from_center_of_mass)
    }),
    of("EWMSTD", DECAY, |a| decayed(a, "decay_rate", EwmStd::new)),
    of("EWMSTD.from_span", SPAN, |a| decayed(a, "span", EwmStd::from_span)),
    of("EWMSTD.from_halflife", HALFLIFE, |a| decayed(a, "halflife", EwmStd::from_halflife)),
    of("EWMSTD.from_center_of_mass", CENTER, |a| {
        decayed(a, "center_of_mass", EwmStd::from_center_of_mass)
    }),
    of("ExponentialWeightedMovingStdDev", DECAY, |a| decayed(a, "decay_rate", EwmStd::new)),
    of("ExponentialWeightedMovingStdDev.from_span", SPAN, |a| {
        decayed(a, "span", EwmStd::from_span)
    }),
    of("ExponentialWeightedMovingStdDev.from_halflife", HALFLIFE, |a| {
        decayed(a, "halflife", EwmStd::from_halflife)
    }),
    of("ExponentialWeightedMovingStdDev.from_center_of_mass", CENTER, |a| {
        decayed(a, "center_of_mass", EwmStd::from_center_of_mass)
    }),
];

fn macd(a: &mut Arguments) -> Result<Value, Fault> {
    let fast = a.count_or("fast_period", 12)?;
    let slow = a.count_or("slow_period", 26)?;
    let signal = a.count_or("signal_period", 9)?;
    finish(a, MacdSignal::new(fast, slow, signal))
}

fn decayed<C: crate::CustomFactor>(
    a: &mut Arguments,
    parameter: &str,
    new: impl Fn(usize, f64) -> Result<C, Error>,
) -> Result<Value, Fault> {
    let (window, number) = (a.window()?, a.need_number(parameter)?);
    finish(a, new(window, number))
}

fn over<C: crate::CustomFactor>(
    a: &mut Arguments,
    custom: Result<C, Error>,
    inputs: Vec<Input>,
) -> Result<Value, Fault> {
    let factor: Result<Factor, Error> = custom.and_then(|custom| custom.on(inputs));
    masked(a, factor)
}
