//! Every term there is, written down and read back.

use std::collections::BTreeSet;

use super::*;
use crate::parse::{names, parse_with};
use crate::{AssetName, BoundColumn, ColumnKind, CustomFactor, EquityPricing, Math, Operand};

/// The columns of a table with every kind of value.
fn table() -> Vec<BoundColumn> {
    use ColumnKind::{Flag, Integer, Number, Text, Time};
    [("score", Number), ("urgent", Flag), ("code", Integer), ("sector", Text), ("when", Time)]
        .map(|(name, kind)| BoundColumn::of_kind("X", name, kind))
        .to_vec()
}

/// One call of everything that a pipeline file can call, with every parameter that it has.
const CALLS: &str = r"
close = EquityPricing.close
also = USEquityPricing.open
liquid = AverageDollarVolume(window_length=20).top(500)
r = Returns(window_length=5)
sector = X.sector.latest
code = X.code.latest
DailyReturns(mask=liquid)
Latest(inputs=[X.sector])
Clip(inputs=[r], min_bound=-1, max_bound=1)
PercentileFilter(r, 10, 20, mask=liquid)
MaximumFilter(r, groupby=sector) | NullFilter(sector) | NotNullFilter(r)
Quantiles(inputs=[r], bins=3)
StaticAssets(symbols('SPY', 'IBM'))
Returns(window_length=3, mask=liquid)
PercentChange(inputs=[close], window_length=3)
SimpleMovingAverage(inputs=[close], window_length=3)
WeightedAverageValue(inputs=[close, EquityPricing.volume], window_length=3)
VWAP(window_length=3)
AverageDollarVolume(window_length=3)
MaxDrawdown(inputs=[close], window_length=3)
LinearWeightedMovingAverage(inputs=[close], window_length=3)
RateOfChangePercentage(inputs=[close], window_length=3)
Aroon(window_length=3).up
StandardDeviation(inputs=[close], window_length=3)
RollingRank(inputs=[close], window_length=3)
RollingSkew(inputs=[close], window_length=3)
RollingKurtosis(inputs=[close], window_length=4)
RollingQuantile(inputs=[close], window_length=3, quantile=0.1)
RSI(window_length=7)
FastStochasticOscillator(window_length=3)
TrueRange()
BollingerBands(inputs=[close], window_length=3, k=1.7).lower
IchimokuKinkoHyo(window_length=20, tenkan_sen_length=3, kijun_sen_length=5, chikou_span_length=6).tenkan_sen
MovingAverageConvergenceDivergenceSignal(fast_period=3, slow_period=5, signal_period=2)
MACDSignal()
AnnualizedVolatility(window_length=10, annualization_factor=365)
BusinessDaysSincePreviousEvent(inputs=[X.when])
BusinessDaysUntilNextEvent(inputs=[X.when])
EWMA(inputs=[close], window_length=5, decay_rate=0.9)
EWMA.from_span(inputs=[close], window_length=5, span=7)
EWMA.from_halflife(inputs=[close], window_length=5, halflife=3)
EWMA.from_center_of_mass(inputs=[close], window_length=5, center_of_mass=3)
ExponentialWeightedMovingAverage(inputs=[close], window_length=5, decay_rate=0.3)
EWMSTD(inputs=[close], window_length=5, decay_rate=0.9)
ExponentialWeightedMovingStdDev(inputs=[close], window_length=5, decay_rate=0.1)
RollingPearson(base_factor=r, target=r[sid(2)], correlation_length=6)
RollingSpearman(base_factor=r, target=r[symbol('SPY')], correlation_length=6, mask=liquid)
RollingLinearRegression(dependent=r, independent=r[sid(2)], regression_length=6).beta
RollingPearsonOfReturns(target=sid(2), returns_length=3, correlation_length=6)
RollingSpearmanOfReturns(target=sid(2), returns_length=3, correlation_length=6)
RollingLinearRegressionOfReturns(target=sid(2), returns_length=3, regression_length=6).p_value
SimpleBeta(target=sid(2), regression_length=7, allowed_missing_percentage=0.3)
All(inputs=[liquid], window_length=3)
Any(inputs=[liquid], window_length=3)
AtLeastN(inputs=[liquid], window_length=3, N=2)
AllPresent(inputs=[close], window_length=3)
StaticAssets([symbol('AAPL'), sid(3)])
StaticSids([1, 2])
SingleAsset(symbol('AAPL'))
Everything(mask=liquid)
PeerCount(inputs=[sector], mask=liquid)
EMA(timeperiod=3)
RMA(timeperiod=3)
WMA(timeperiod=3)
DEMA(timeperiod=3)
TEMA(timeperiod=3)
HMA(timeperiod=3)
KAMA(timeperiod=3)
VWMA(timeperiod=3)
TRIX(timeperiod=3)
WilderRSI(timeperiod=3)
CMO(timeperiod=3)
WILLR(timeperiod=3)
CCI(timeperiod=3)
MFI(timeperiod=3)
ROC(timeperiod=3)
MOM(timeperiod=3, window_length=9)
AROON(timeperiod=3).down
ADX(timeperiod=3).adx
ATR(timeperiod=3)
NATR(timeperiod=3)
DONCHIAN(timeperiod=3).upper
STDDEV(timeperiod=3)
VAR(timeperiod=3)
MAX(timeperiod=3, mask=liquid)
MIN(timeperiod=3)
LINEARREG(timeperiod=3)
CORREL(timeperiod=3)
Lag(inputs=[close], lag=4)
DayOfWeek()
DayOfMonth(mask=liquid)
DayOfYear()
MonthOfYear()
QuarterOfYear()
Year()
LINEARREG_SLOPE(timeperiod=3)
BETA(timeperiod=3)
ZLEMA(timeperiod=3)
ADXR(timeperiod=3)
VORTEX(timeperiod=3).plus
PVT(window_length=5)
CumulativeVWAP(window_length=5)
SAR(acceleration=0.03)
SUPERTREND(timeperiod=3, multiplier=2.5).trend
KC(timeperiod=5, atrperiod=3, nbdev=1.5).upper
ICHIMOKU(tenkan=3, kijun=5, span=7).span_a
KDJ(fastk_period=3).j
CMF(timeperiod=3)
TRANGE()
OBV()
AD(window_length=5)
MACD(fastperiod=3, slowperiod=5, signalperiod=2).hist
PPO(fastperiod=3, slowperiod=5)
ADOSC(fastperiod=3, slowperiod=5)
STOCH(fastk_period=3).k
STOCHRSI(timeperiod=3).d
ULTOSC(timeperiod1=3)
BBANDS(timeperiod=3, deviations=1.1).upper
X.score.latest
X.urgent.latest
X.when.latest
code
sector
close.latest
r.rank(method='dense', ascending=False, mask=liquid, groupby=sector)
r.zscore(mask=liquid)
r.demean(groupby=code)
r.winsorize(min_percentile=0.1, max_percentile=0.9)
r.quantiles(bins=7, mask=liquid)
r.quartiles(groupby=sector)
r.top(3, groupby=sector)
r.bottom(3, mask=liquid)
r.percentile_between(10, 90)
r.isnull() | r.notnull() & ~r.isfinite()
r.fillna(0.1)
r.fillna(close.latest)
r.clip(-0.1, 0.3)
r.eq(0.25)
r.neutralize([close.latest, r], groupby=sector, mask=liquid)
r.neutralize([close.latest])
r.downsample('week_start')
liquid.downsample('month_start')
sector.downsample('year_start')
r.alias('mine')
liquid.alias('yours')
sector.alias('ours')
r - r.mean() + r.stddev(mask=liquid) * r.max() / r.min() % r.median() ** r.sum() + r.notnull_count()
2 - r
2 ** r
-r + 0.1
(r < 1) & (r <= 2) | (r > -1) & (r >= -2) | (r != 3)
r < close.latest
liquid.if_else(r, -r)
liquid.if_else(liquid, ~liquid)
liquid.if_else(sector, sector.fillna('none'))
code.fillna(7)
code.eq(3)
sector != 'bank'
sector.startswith('b') | sector.endswith('k') | sector.has_substring('an') | sector.matches('b(an|oo)k')
sector.element_of(['bank', 'oil'])
code.element_of([1, 2])
sector.isnull() | code.notnull()
sector.relabel({'bank': 'finance', 'oil': 'energy'})
sector.peer_count(mask=liquid)
";

/// The pipelines of [`CALLS`], one a call.
fn calls() -> Vec<(String, Pipeline)> {
    let lines: Vec<&str> = CALLS.trim().lines().collect();
    let is_named = |line: &&&str| line.split(' ').nth(1) == Some("=");
    let named: Vec<&str> = lines.iter().filter(is_named).copied().collect();
    let head = named.join("\n");
    lines
        .iter()
        .filter(|line| !is_named(line))
        .map(|call| {
            let place = if CALLS.contains(&format!("screen {call}")) { "" } else { call };
            let text = format!("{head}\nPipeline({{'x': {place}}})");
            (
                (*call).to_owned(),
                parse_with(&text, "x.pipe", &table()).unwrap_or_else(|e| panic!("{e}")),
            )
        })
        .collect()
}

#[test]
fn every_builtin_of_pipeline_files_is_among_the_calls() {
    let called = |name: &&str| {
        let words = CALLS.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.into_iter().any(|word| word == *name)
    };
    let left: BTreeSet<&str> = names()
        .filter(|name| !called(name) && !name.contains("Domain") && *name != "Pipeline")
        .collect();
    assert_eq!(left, BTreeSet::new());
}

#[test]
fn every_call_is_the_same_after_it_was_written_down() {
    for (call, pipeline) in calls() {
        let json = pipeline.to_json().unwrap_or_else(|e| panic!("{call}: {e}"));
        let read = Pipeline::from_json(&json).unwrap_or_else(|e| panic!("{call}: {e}\n{json}"));
        assert_eq!(read, pipeline, "{call}");
        assert_eq!(read.to_json().unwrap(), json, "{call}");
        // By any serializer, and through a value that sorts its keys.
        let value = serde_json::to_value(&pipeline).unwrap();
        assert_eq!(serde_json::from_value::<Pipeline>(value).unwrap(), pipeline, "{call}");
        let term = pipeline.columns().next().unwrap().1;
        let alone = serde_json::to_string(term).unwrap();
        assert_eq!(&serde_json::from_str::<Term>(&alone).unwrap(), term, "{call}");
    }
}

#[test]
fn what_only_rust_can_say_is_written_down_too() {
    let close = EquityPricing::CLOSE.latest();
    let code = BoundColumn::of_kind("X", "code", ColumnKind::Integer);
    let liquid = close.top(3, None);
    let pipeline = Pipeline::new()
        .with("exists", Filter::exists())
        .with("nothing", Factor::constant(f64::NAN) + Factor::constant(f64::NEG_INFINITY))
        .with("tiny", &close * 5e-324 + 0.1 + 1.0 / 3.0 + -0.0)
        .with("euros", EquityPricing::CLOSE.fx("EUR").unwrap().latest())
        .with("number", code.latest())
        .with("masked number", code.latest().masked(&liquid))
        .with("true", code.latest().is_true())
        .with("label", close.as_label())
        .with("one", liquid.as_number())
        .with("where", close.math(Math::Log).masked(&liquid))
        .with("everywhere", close.math(Math::Log).masked(&Filter::exists()))
        .with("label where", close.as_label().masked(&liquid))
        .with("differs", close.differs(Operand::from(&close)))
        .with("slice", &close - close.slice(AssetName::Symbol("S".into())))
        .screen(liquid)
        .of(crate::Domain::equities("DE", "XETR"));
    let read = Pipeline::from_json(&pipeline.to_json().unwrap()).unwrap();
    assert_eq!(read, pipeline);
    // Equal terms are written once, however often they are met.
    let mut bushy = close.clone();
    for _ in 0..64 {
        bushy = &bushy + &bushy;
    }
    let written = Pipeline::new().with("bushy", bushy).to_json().unwrap();
    assert_eq!(written.matches("\"term\":\"").count(), 64 + 2, "{written}");
}

#[test]
fn handles_are_read_as_what_they_are() {
    let close = EquityPricing::CLOSE.latest();
    let json = serde_json::to_string(&close.top(3, None)).unwrap();
    assert!(serde_json::from_str::<Filter>(&json).is_ok());
    let refused = serde_json::from_str::<Factor>(&json).unwrap_err().to_string();
    assert!(refused.starts_with("it gives flags, not numbers"), "{refused}");
    let label = serde_json::to_string(&close.as_label()).unwrap();
    assert!(serde_json::from_str::<Classifier>(&label).is_ok());
}

#[test]
fn a_closure_says_that_it_cannot_be_written_down() {
    let closure = Factor::from_fn("mine", 2, [EquityPricing::CLOSE], |_, _| {}).unwrap();
    let refused = Pipeline::new().with("x", closure).to_json().unwrap_err().to_string();
    assert_eq!(
        refused,
        "`mine` cannot be written down: it is a closure, or a formula that does not say its \
         parameters; make it a struct with `CustomFactor::parameters`"
    );
    let sector = BoundColumn::of_kind("X", "sector", ColumnKind::Text).latest_label().unwrap();
    let closure = sector.relabel(|text| Some(text.to_lowercase())).unwrap();
    assert!(Pipeline::new().with("x", closure).to_json().is_err());
}

#[test]
fn mistakes_are_named() {
    let list = |terms: &str| {
        let json = format!(
            r#"{{"pipeline": 1, "terms": [{{"term": "column", "dataset": "E", "name": "c"}}, {{"term": "latest", "inputs": [0]}}, {terms}], "columns": [{{"name": "x", "term": 2}}]}}"#
        );
        Pipeline::from_json(&json).map_or_else(|e| e.to_string(), |_| String::new())
    };
    for (terms, expected) in [
        (
            r#"{"term": "Retruns"}"#,
            "term 2, `Retruns`: there is no such term; did you mean `Returns`?",
        ),
        (
            r#"{"term": "Returns", "inputs": [0]}"#,
            "term 2, `Returns`: the field `window_length` is missing: a whole number from 0 on",
        ),
        (
            r#"{"term": "Returns", "window_length": 2, "windw": 3, "inputs": [0]}"#,
            "term 2, `Returns`: there is no field `windw`; known are `window_length`",
        ),
        (
            r#"{"term": "Returns", "window_length": -2, "inputs": [0]}"#,
            "term 2, `Returns`: the field `window_length` is a whole number from 0 on, not -2",
        ),
        (
            r#"{"term": "Returns", "window_length": 1, "inputs": [0]}"#,
            "term 2, `Returns`: `Returns` needs a window of at least 2 rows, not 1",
        ),
        (
            r#"{"term": "Returns", "window_length": 2}"#,
            "term 2, `Returns`: `Returns` takes 1 input(s), not 0",
        ),
        (
            r#"{"term": "Returns", "window_length": 2, "inputs": [2]}"#,
            "term 2, `Returns`: there is no term 2 before it",
        ),
        (
            r#"{"term": "SimpleMovingAverage", "window_length": 2, "inputs": [1]}"#,
            "term 2, `SimpleMovingAverage`: `SimpleMovingAverage` looks back over `latest`, whose past values \
             are not restated after a split; use returns, a rank, a z-score or a column instead, or mark the \
             factor window safe",
        ),
        (
            r#"{"term": "&", "inputs": [1, 1]}"#,
            "term 2, `&`: input 0 gives numbers, not flags of a filter",
        ),
        (
            r#"{"term": "+", "inputs": [0, 1]}"#,
            "term 2, `+`: input 0 gives a column, not numbers of a factor",
        ),
        (r#"{"term": "abs", "inputs": [1, 1]}"#, "term 2, `abs`: it takes 1 input(s), not 2"),
        (
            r#"{"term": "+", "right": 1, "inputs": [1], "mask": 1}"#,
            "term 2, `+`: there is no field `mask`",
        ),
        (
            r#"{"term": "zscore", "inputs": [1], "mask": 1}"#,
            "term 2, `zscore`: it gives numbers, not flags as a mask",
        ),
        (
            r#"{"term": "EMA", "window_length": 9, "perod": 3, "inputs": [0]}"#,
            "term 2, `EMA`: the indicator cannot be read: unknown field `perod`, expected `period`",
        ),
        (
            r#"{"term": "BBANDS", "window_length": 9, "period": 3, "deviations": 2, "inputs": [0]}"#,
            "the column `x`: `BBANDS(9)` has several outputs (upper, middle, lower); take one of them",
        ),
        (
            r#"{"term": "downsample", "frequency": "month", "inputs": [1]}"#,
            "term 2, `downsample`: the field `frequency` is a start of periods, not \"month\"",
        ),
    ] {
        assert_eq!(list(terms), expected, "{terms}");
    }
    for (json, expected) in [
        ("", "line 1, column 0: EOF while parsing a value"),
        (
            r#"{"pipeline": 1, "terms": [], "columns": [], "screens": 0}"#,
            "line 1, column 53: unknown field `screens`, expected one of `pipeline`, `terms`, `columns`, `screen`, `domain`",
        ),
        (
            r#"{"pipeline": 2, "terms": [], "columns": []}"#,
            "the form: it has version 2, and versions up to 1 can be read",
        ),
        (
            r#"{"pipeline": 1, "terms": [], "columns": [{"name": "x", "term": 0}]}"#,
            "the column `x`: there is no term 0 before it",
        ),
        (
            r#"{"pipeline": 1, "terms": [{"term": "exists"}], "columns": [{"name": "x", "term": 0}, {"name": "x", "term": 0}]}"#,
            "the column `x`: the name comes twice",
        ),
    ] {
        assert_eq!(Pipeline::from_json(json).unwrap_err().to_string(), expected, "{json}");
    }
}

#[test]
fn a_long_chain_is_written_and_read_without_a_deep_stack() {
    let mut chain = crate::Returns::new(2).unwrap().factor().unwrap();
    for _ in 0..50_000 {
        chain = chain + 1.0;
    }
    let pipeline = Pipeline::new().with("deep", chain);
    assert_eq!(Pipeline::from_json(&pipeline.to_json().unwrap()).unwrap(), pipeline);
}
