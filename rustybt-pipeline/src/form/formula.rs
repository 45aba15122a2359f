//! The formulas that ship with the crate, by the names they are written under.

use serde_json::{Map, Value};

use super::{FormError, Parameters};
use crate::factor::{
    AnnualizedVolatility, Aroon, AverageDollarVolume, BollingerBands,
    BusinessDaysSincePreviousEvent, BusinessDaysUntilNextEvent, CalendarPart,
    ExponentialWeightedMovingAverage, ExponentialWeightedMovingStdDev, FastStochasticOscillator,
    Formula, IchimokuKinkoHyo, Lag, LinearWeightedMovingAverage, MacdSignal, MaxDrawdown,
    PercentChange, Present, RateOfChangePercentage, Returns, RollingKurtosis,
    RollingLinearRegression, RollingPearson, RollingQuantile, RollingRank, RollingSkew,
    RollingSpearman, Rsi, SimpleBeta, SimpleMovingAverage, StandardDeviation, TrueRange, Vwap,
    WeightedAverageValue,
};
use crate::indicator::Kind;
use crate::{CustomFactor, Error};

type Read = fn(&mut Parameters) -> Result<Formula, Error>;

fn formula<C: CustomFactor>(made: Result<C, Error>) -> Result<Formula, Error> {
    made.map(Formula::new)
}

fn window<C: CustomFactor>(
    given: &mut Parameters,
    new: fn(usize) -> Result<C, Error>,
) -> Result<Formula, Error> {
    formula(new(given.count("window_length")?))
}

fn decayed<C: CustomFactor>(
    given: &mut Parameters,
    new: fn(usize, f64) -> Result<C, Error>,
) -> Result<Formula, Error> {
    formula(new(given.count("window_length")?, given.number("decay_rate")?))
}

/// Every formula but the indicators.
pub(super) const ALL: &[(&str, Read)] = &[
    ("AllPresent", |g| window(g, Present::new)),
    ("AnnualizedVolatility", |g| {
        let window = g.count("window_length")?;
        formula(AnnualizedVolatility::new(window, g.number("annualization_factor")?))
    }),
    ("Aroon", |g| window(g, Aroon::new)),
    ("AverageDollarVolume", |g| window(g, AverageDollarVolume::new)),
    ("BollingerBands", |g| formula(BollingerBands::new(g.count("window_length")?, g.number("k")?))),
    ("BusinessDaysSincePreviousEvent", |_| Ok(Formula::new(BusinessDaysSincePreviousEvent))),
    ("BusinessDaysUntilNextEvent", |_| Ok(Formula::new(BusinessDaysUntilNextEvent))),
    ("DayOfMonth", |_| Ok(Formula::new(CalendarPart::DayOfMonth))),
    ("DayOfWeek", |_| Ok(Formula::new(CalendarPart::DayOfWeek))),
    ("DayOfYear", |_| Ok(Formula::new(CalendarPart::DayOfYear))),
    ("ExponentialWeightedMovingAverage", |g| decayed(g, ExponentialWeightedMovingAverage::new)),
    ("ExponentialWeightedMovingStdDev", |g| decayed(g, ExponentialWeightedMovingStdDev::new)),
    ("FastStochasticOscillator", |g| window(g, FastStochasticOscillator::new)),
    ("IchimokuKinkoHyo", |g| {
        formula(IchimokuKinkoHyo::new(
            g.count("window_length")?,
            g.count("tenkan_sen_length")?,
            g.count("kijun_sen_length")?,
            g.count("chikou_span_length")?,
        ))
    }),
    ("Lag", |g| formula(Lag::new(g.count("lag")?))),
    ("LinearWeightedMovingAverage", |g| window(g, LinearWeightedMovingAverage::new)),
    ("MaxDrawdown", |g| window(g, MaxDrawdown::new)),
    ("MonthOfYear", |_| Ok(Formula::new(CalendarPart::Month))),
    ("MovingAverageConvergenceDivergenceSignal", |g| {
        let (fast, slow) = (g.count("fast_period")?, g.count("slow_period")?);
        formula(MacdSignal::new(fast, slow, g.count("signal_period")?))
    }),
    ("PercentChange", |g| window(g, PercentChange::new)),
    ("QuarterOfYear", |_| Ok(Formula::new(CalendarPart::Quarter))),
    ("RSI", |g| window(g, Rsi::new)),
    ("RateOfChangePercentage", |g| window(g, RateOfChangePercentage::new)),
    ("Returns", |g| window(g, Returns::new)),
    ("RollingKurtosis", |g| window(g, RollingKurtosis::new)),
    ("RollingLinearRegression", |g| window(g, RollingLinearRegression::new)),
    ("RollingPearson", |g| window(g, RollingPearson::new)),
    ("RollingQuantile", |g| {
        formula(RollingQuantile::new(g.count("window_length")?, g.number("quantile")?))
    }),
    ("RollingRank", |g| window(g, RollingRank::new)),
    ("RollingSkew", |g| window(g, RollingSkew::new)),
    ("RollingSpearman", |g| window(g, RollingSpearman::new)),
    ("SimpleBeta", |g| {
        let window = g.count("window_length")?;
        formula(SimpleBeta::allowing(window, g.count("allowed_missing_count")?))
    }),
    ("SimpleMovingAverage", |g| window(g, SimpleMovingAverage::new)),
    ("StandardDeviation", |g| window(g, StandardDeviation::new)),
    ("TrueRange", |g| window(g, TrueRange::over)),
    ("VWAP", |g| window(g, Vwap::new)),
    ("WeightedAverageValue", |g| window(g, WeightedAverageValue::new)),
    ("Year", |_| Ok(Formula::new(CalendarPart::Year))),
];

/// The formula of a name; `None` where there is none.
pub(super) fn read(name: &str, given: &mut Parameters) -> Result<Option<Formula>, FormError> {
    match ALL.iter().find(|(known, _)| *known == name) {
        Some((_, read)) => Ok(Some(read(given)?)),
        None => indicator(name, given),
    }
}

/// An indicator: its parameters are the fields of [`Kind`], and the window that it sees.
fn indicator(name: &str, given: &mut Parameters) -> Result<Option<Formula>, FormError> {
    let mut fields = given.clone().into_map();
    fields.remove("window_length");
    let of = |written| serde_json::from_value::<Kind>(written);
    let kind = match of(Value::from(name)) {
        Ok(kind) if fields.is_empty() => kind,
        _ => match of(Value::from(Map::from_iter([(name.to_owned(), Value::from(fields))]))) {
            Ok(kind) => kind,
            Err(error) if error.to_string().starts_with("unknown variant") => return Ok(None),
            Err(error) => return Err(FormError::Indicator { reason: error.to_string() }),
        },
    };
    let window = given.count("window_length")?;
    *given = Parameters::new();
    Ok(Some(kind.windowed(window)?))
}
