//! Laws that every term obeys: no look-ahead, the same bits however it is run, order of assets.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use ndarray::{ArrayViewMut1, Axis};
use rustybt_calendars::Timestamp;
use rustybt_data::Sid;
use rustybt_pipeline::{
    AnnualizedVolatility, Aroon, AssetName, AverageDollarVolume, Block, BlockForm, BollingerBands,
    Classifier, Column, CustomFactor, Engine, EquityLoader, EquityPricing, Error,
    ExponentialWeightedMovingAverage, ExponentialWeightedMovingStdDev, Factor,
    FastStochasticOscillator, Filter, IchimokuKinkoHyo, LinearWeightedMovingAverage, MacdSignal,
    Math, MaxDrawdown, PercentChange, Period, Pipeline, PipelineOutput, Rank, RankMethod,
    RateOfChangePercentage, Returns, RollingKurtosis, RollingQuantile, RollingRank, RollingSkew,
    Rsi, RunOptions, SimpleBeta, SimpleMovingAverage, StandardDeviation, Step, TrueRange, Vwap,
    Watch, WeightedAverageValue, Windows,
};

use crate::market::Market;

pub(crate) const FIRST: usize = 70;

fn run(
    market: &Market,
    pipeline: &Pipeline,
    first: usize,
    last: usize,
    options: &RunOptions,
) -> PipelineOutput {
    let (calendar, finder, adjustments, daily) = market.parts();
    let loader = EquityLoader::new(calendar, finder, adjustments, daily).unwrap();
    let engine = Engine::new(Arc::new(loader));
    engine.run(pipeline, market.session(first), market.session(last), options).unwrap()
}

/// A factor of a user: the mean over a window, weighted by how much its assets trade together.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Crowd(usize);

impl CustomFactor for Crowd {
    fn name(&self) -> &'static str {
        "Crowd"
    }
    fn window_length(&self) -> usize {
        self.0
    }
    fn inputs(&self) -> Vec<rustybt_pipeline::BoundColumn> {
        vec![EquityPricing::CLOSE, EquityPricing::VOLUME]
    }
    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        let all = windows[1].sum() + windows.sids().len() as f64;
        out.assign(&((&windows[0] * &windows[1]).sum_axis(Axis(0)) / all));
    }
}

/// A built-in without its block form: the same numbers by the way of windows.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ByWindows<C>(C);

impl<C: CustomFactor + Eq + std::hash::Hash> CustomFactor for ByWindows<C> {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn window_length(&self) -> usize {
        self.0.window_length()
    }
    fn inputs(&self) -> Vec<rustybt_pipeline::BoundColumn> {
        self.0.inputs()
    }
    fn window_safe(&self) -> bool {
        self.0.window_safe()
    }
    fn compute(&self, windows: &Windows<'_>, out: ArrayViewMut1<'_, f64>) {
        self.0.compute(windows, out);
    }
}

/// Every kind of term, by name.
pub(crate) fn everything() -> Pipeline {
    let close = EquityPricing::CLOSE;
    let latest = close.latest();
    let returns = Returns::new(21).unwrap().factor().unwrap();
    let adv = AverageDollarVolume::new(10).unwrap().factor().unwrap();
    let liquid = adv.top(6, None);
    let mut pipeline = Pipeline::new();
    for column in EquityPricing::ALL {
        pipeline = pipeline.with(column.name().to_owned(), column.latest());
    }
    for method in RankMethod::ALL {
        for (rank, way) in [(Rank::ascending(), "up"), (Rank::descending(), "down")] {
            let name = format!("rank {} {way}", method.name());
            pipeline = pipeline.with(name, latest.rank(rank.method(method), Some(&liquid)));
        }
    }
    for math in Math::NAMED {
        pipeline = pipeline.with(math.name(), returns.math(math));
    }
    pipeline
        .with("sma", SimpleMovingAverage::new(20).unwrap().on([&close]).unwrap())
        .with(
            "sma of volume",
            SimpleMovingAverage::new(7).unwrap().on([EquityPricing::VOLUME]).unwrap(),
        )
        .with("sma of returns", SimpleMovingAverage::new(5).unwrap().on([&returns]).unwrap())
        .with(
            "sma of ranks",
            SimpleMovingAverage::new(5).unwrap().on([latest.rank(Rank::default(), None)]).unwrap(),
        )
        .with("rsi", Rsi::default().factor().unwrap())
        .with("returns", returns.clone())
        .with("daily", Returns::daily().factor().unwrap())
        .with("adv", adv)
        .with("crowd", Crowd(9).factor().unwrap())
        .with("crowd of the liquid", Crowd(9).factor().unwrap().masked(&liquid))
        .with("zscore", returns.zscore(None))
        .with("zscore of the liquid", returns.zscore(Some(&liquid)))
        .with("demean", latest.demean(None))
        .with("top", returns.top(3, None))
        .with("top one", (-&latest).top(1, None))
        .with("bottom", returns.bottom(4, Some(&liquid)))
        .with("between", returns.percentile_between(25.0, 75.0, None).unwrap())
        .with("arithmetic", (2.0 * &latest - &returns) / (&latest % 3.0) + latest.pow(0.5))
        .with("where", latest.masked(&liquid))
        .with("filled", returns.fillna(-1.0))
        .with("logic", (&liquid | returns.gt(0.0)) & !latest.lt(&returns))
        .with("missing", returns.isnull())
        .with("present", returns.notnull())
        .with("finite", (&returns / &latest).isfinite())
        .with("equal", latest.equals(15.25))
        .with("different", returns.differs(0.0))
        .with("exists", Filter::exists())
        .with("named", Filter::assets([AssetName::Sid(Sid(1)), AssetName::Symbol("S4".into())]))
}

/// Every factor, and every kind of term that looks across assets or sessions.
pub(crate) fn everything_else() -> Pipeline {
    let (close, volume) = (EquityPricing::CLOSE, EquityPricing::VOLUME);
    let latest = close.latest();
    let returns = Returns::new(6).unwrap().factor().unwrap();
    let daily = Returns::daily().factor().unwrap();
    let adv = AverageDollarVolume::new(10).unwrap().factor().unwrap();
    let liquid = adv.top(6, None);
    let groups = adv.quantiles(3, None).unwrap();
    let market = || AssetName::Sid(Sid(1));
    let mut pipeline = Pipeline::new();
    let mut add = |name: &str, factor: Result<Factor, Error>| {
        let factor = factor.unwrap();
        let parts = factor.outputs();
        for (part, factor) in &parts {
            pipeline = std::mem::take(&mut pipeline).with(format!("{name}.{part}"), factor.clone());
        }
        if parts.is_empty() {
            pipeline = std::mem::take(&mut pipeline).with(name, factor);
        }
    };
    add("pct", PercentChange::new(5).and_then(|f| f.on([&close])));
    add("wav", WeightedAverageValue::new(5).and_then(|f| f.on([&close, &volume])));
    add("vwap", Vwap::new(7).and_then(CustomFactor::factor));
    add("drawdown", MaxDrawdown::new(20).and_then(|f| f.on([&close])));
    add("lwma", LinearWeightedMovingAverage::new(9).and_then(|f| f.on([&close])));
    add("roc", RateOfChangePercentage::new(9).and_then(|f| f.on([&close])));
    add("range", TrueRange::new().factor());
    add("bands", BollingerBands::new(12, 2.0).and_then(CustomFactor::factor));
    add(
        "volatility",
        AnnualizedVolatility::new(15, 252.0).and_then(AnnualizedVolatility::of_returns),
    );
    add("aroon", Aroon::new(10).and_then(CustomFactor::factor));
    add("stochastic", FastStochasticOscillator::default().factor());
    add("clouds", IchimokuKinkoHyo::new(30, 5, 12, 20).and_then(CustomFactor::factor));
    add("macd", MacdSignal::new(3, 8, 4).and_then(CustomFactor::factor));
    add("ewma", ExponentialWeightedMovingAverage::new(11, 0.9).and_then(|f| f.on([&close])));
    add("ewmstd", ExponentialWeightedMovingStdDev::new(11, 0.9).and_then(|f| f.on([&close])));
    add("deviation", StandardDeviation::new(13).and_then(|f| f.on([&close])));
    add("rolling rank", RollingRank::new(13).and_then(|f| f.on([&close])));
    add("rolling quantile", RollingQuantile::new(13, 0.3).and_then(|f| f.on([&close])));
    add("rolling skew", RollingSkew::new(13).and_then(|f| f.on([&close])));
    add("rolling kurtosis", RollingKurtosis::new(13).and_then(|f| f.on([&close])));
    add("beta", SimpleBeta::new(15, 0.3).and_then(|f| f.to(market())));
    add("pearson", returns.pearsonr(&returns.slice(market()), 9, Some(&liquid)));
    add("spearman", returns.spearmanr(&daily, 9, None));
    add("line", returns.linear_regression(&daily.slice(market()), 12, None));
    add("clip", returns.clip(-0.02, 0.02));
    add("winsorize", returns.within(&groups).winsorize(0.2, 0.8, None));
    for (name, summary) in [
        ("mean", returns.mean(None)),
        ("stddev", returns.stddev(Some(&liquid))),
        ("max", returns.max(None)),
        ("min", returns.min(None)),
        ("median", returns.median(Some(&liquid))),
        ("sum", returns.sum(None)),
        ("count", returns.notnull_count(None)),
    ] {
        add(name, Ok(&returns - summary));
    }
    // The market begins in March: there is no first session of its first year.
    for period in [Period::Quarter, Period::Month, Period::Week] {
        add(period.name(), Ok(returns.downsample(period)));
    }
    pipeline
        .with("grouped zscore", returns.within(&groups).zscore(None))
        .with("grouped demean", latest.within(&groups).demean(Some(&liquid)))
        .with("grouped rank", latest.within(&groups).rank(Rank::descending(), None))
        .with("grouped top", returns.within(&groups).top(1, None))
        .with("neutral", returns.neutralize(std::slice::from_ref(&adv), Some(&groups), None))
        .with("groups", groups.clone())
        .with("bins within", returns.within(&groups).quantiles(2, None).unwrap())
        .with("peers", groups.peer_count(Some(&liquid)))
        .with("group", groups.equals(1).unwrap())
        .with("everything", Classifier::everything())
        .with("chosen", liquid.if_else(&returns, &-&latest))
        .with("filled", returns.fill_with(&latest))
        .with(
            "streak",
            liquid.all(4).unwrap() | !liquid.any(3).unwrap() | liquid.at_least(2, 5).unwrap(),
        )
        .with("present", Filter::all_present(&close, 6).unwrap())
        .with("monthly flag", liquid.downsample(Period::Month))
        .with("monthly label", groups.downsample(Period::Month))
}

fn bits(column: &Column) -> Vec<u64> {
    match column {
        Column::Numbers(numbers) => numbers.iter().map(|number| number.to_bits()).collect(),
        Column::Flags(flags) => flags.iter().map(|flag| u64::from(*flag)).collect(),
        Column::Integers(labels) => {
            labels.iter().map(|label| label.unwrap_or(i64::MIN).cast_unsigned()).collect()
        }
        Column::Times(times) => times
            .iter()
            .map(|time| time.map_or(i64::MIN, Timestamp::micros).cast_unsigned())
            .collect(),
        Column::Texts(texts) => {
            let bits = |text: &Option<Arc<str>>| {
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                hasher.finish()
            };
            texts.iter().map(bits).collect()
        }
    }
}

pub(crate) fn assert_same_bits(found: &PipelineOutput, expected: &PipelineOutput, what: &str) {
    assert_eq!(found.sessions(), expected.sessions(), "{what}");
    assert_eq!(found.sids(), expected.sids(), "{what}");
    for ((name, column), (_, other)) in found.columns().zip(expected.columns()) {
        assert_eq!(bits(column), bits(other), "{name}: {what}");
    }
}

#[test]
fn chunks_and_threads_do_not_change_a_bit() {
    let market = Market::small();
    let last = market.sessions - 1;
    let pipeline = everything().screen(EquityPricing::CLOSE.latest().gt(1.0));
    let whole = run(&market, &pipeline, FIRST, last, &RunOptions::default());
    assert!(whole.len() > 500);
    for chunk in [None, Some(1), Some(13), Some(252)] {
        for threads in [None, Some(1), Some(2)] {
            let options = RunOptions { chunk, threads, ..RunOptions::default() };
            let found = run(&market, &pipeline, FIRST, last, &options);
            assert_same_bits(&found, &whole, &format!("{options:?}"));
        }
    }
    // A run that starts later is the end of a run that starts earlier.
    let later = run(&market, &pipeline, 111, last, &RunOptions::default());
    for session in 111..=last {
        let session = market.session(session);
        assert_same_bits(&later.on(session), &whole.on(session), &session.to_string());
    }
}

#[test]
fn no_chunks_and_no_later_data_change_a_bit_of_the_other_terms() {
    let market = Market::small();
    let last = market.sessions - 1;
    let pipeline = everything_else();
    let whole = run(&market, &pipeline, FIRST, last, &RunOptions::default());
    for (chunk, threads, max_memory) in
        [(Some(1), Some(2), None), (Some(13), Some(1), None), (None, None, Some(400_000))]
    {
        let options = RunOptions { chunk, threads, max_memory };
        let found = run(&market, &pipeline, FIRST, last, &options);
        assert_same_bits(&found, &whole, &format!("{options:?}"));
    }
    for rows in [FIRST + 1, 97, 105, 134, 160] {
        let cut = run(&market.cut(rows), &pipeline, FIRST, rows, &RunOptions::default());
        for row in FIRST..=rows {
            let session = market.session(row);
            let what = format!("{session} of the first {rows}");
            assert_same_bits(&cut.on(session), &whole.on(session), &what);
        }
    }
}

#[test]
fn a_run_that_is_told_to_stop_stops() {
    #[derive(Default)]
    struct Stop(std::sync::atomic::AtomicUsize);
    impl Watch for Stop {
        fn begins(&self, step: &Step<'_>) {
            assert!((0.0..1.0).contains(&step.done), "{step:?}");
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        fn is_cancelled(&self) -> bool {
            self.0.load(std::sync::atomic::Ordering::Relaxed) >= 5
        }
    }
    let market = Market::small();
    let (calendar, finder, adjustments, daily) = market.parts();
    let engine =
        Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()));
    let (stop, pipeline) = (Stop::default(), everything());
    let (start, end) = (market.session(FIRST), market.session(90));
    let options = RunOptions { chunk: Some(5), ..RunOptions::default() };
    let stopped = engine.run_watched(&pipeline, start, end, &options, &stop);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(stop.0.into_inner(), 5);
    let plan = engine.explain(&pipeline, start, end, &options).unwrap();
    assert_eq!((plan.chunk, plan.chunks), (5, 5));
    assert!(plan.terms.iter().all(|term| term.uses > 0 && term.held >= term.bytes));
}

#[test]
fn what_comes_later_does_not_change_a_bit() {
    let market = Market::small();
    let pipeline = everything();
    let whole = run(&market, &pipeline, FIRST, market.sessions - 1, &RunOptions::default());
    for rows in [FIRST + 1, 72, 97, 101, 105, 106, 120, 134, 150, 160] {
        // The row of session N is answered by the sessions before it.
        let cut = run(&market.cut(rows), &pipeline, FIRST, rows, &RunOptions::default());
        for row in FIRST..=rows {
            let session = market.session(row);
            assert_same_bits(
                &cut.on(session),
                &whole.on(session),
                &format!("{session} of the first {rows}"),
            );
        }
    }
}

#[test]
fn the_order_of_assets_only_decides_ties() {
    let market = Market::small();
    let last = market.sessions - 1;
    let mut permuted = market.clone();
    let most = permuted.stocks.iter().map(|stock| stock.sid.0).max().unwrap();
    for stock in &mut permuted.stocks {
        stock.sid = Sid(most - stock.sid.0 + 1);
        let sid = stock.sid;
        stock.events.iter_mut().for_each(|event| event.sid = sid);
    }
    let close = EquityPricing::CLOSE;
    let returns = Returns::new(21).unwrap().factor().unwrap();
    let pipeline = Pipeline::new()
        .with("sma", SimpleMovingAverage::new(20).unwrap().on([&close]).unwrap())
        .with("rsi", Rsi::default().factor().unwrap())
        .with("average", close.latest().rank(Rank::ascending().method(RankMethod::Average), None))
        .with("top", returns.top(4, None))
        .with("zscore", returns.zscore(None));
    let (one, other) = (
        run(&market, &pipeline, FIRST, last, &RunOptions::default()),
        run(&permuted, &pipeline, FIRST, last, &RunOptions::default()),
    );
    for row in FIRST..=last {
        let (one, other) = (one.on(market.session(row)), other.on(market.session(row)));
        assert_eq!(one.len(), other.len());
        for i in 0..one.len() {
            let j =
                other.sids().iter().position(|sid| sid.0 == most - one.sids()[i].0 + 1).unwrap();
            for name in ["sma", "rsi", "average", "zscore"] {
                let (a, b) = (one.numbers(name).unwrap()[i], other.numbers(name).unwrap()[j]);
                assert!(
                    a == b || a.is_nan() && b.is_nan() || (a - b).abs() < 1e-12,
                    "{name}: {a} {b}"
                );
            }
            assert_eq!(one.flags("top").unwrap()[i], other.flags("top").unwrap()[j]);
        }
    }
}

#[test]
fn the_block_form_is_the_window_form() {
    let market = Market::small();
    let pair = |pipeline: Pipeline, name: &str, block: Factor, windows: Factor| {
        pipeline.with(format!("{name} block"), block).with(format!("{name} windows"), windows)
    };
    let (sma, rsi, returns, adv) = (
        SimpleMovingAverage::new(20).unwrap(),
        Rsi::default(),
        Returns::new(40).unwrap(),
        AverageDollarVolume::new(10).unwrap(),
    );
    let close = EquityPricing::CLOSE;
    let mut pipeline = Pipeline::new();
    pipeline =
        pair(pipeline, "sma", sma.on([&close]).unwrap(), ByWindows(sma).on([&close]).unwrap());
    pipeline = pair(pipeline, "rsi", rsi.factor().unwrap(), ByWindows(rsi).factor().unwrap());
    pipeline =
        pair(pipeline, "returns", returns.factor().unwrap(), ByWindows(returns).factor().unwrap());
    pipeline = pair(pipeline, "adv", adv.factor().unwrap(), ByWindows(adv).factor().unwrap());
    let output = run(&market, &pipeline, FIRST, market.sessions - 1, &RunOptions::default());
    for name in ["sma", "rsi", "returns", "adv"] {
        let block = output.numbers(&format!("{name} block")).unwrap();
        let windows = output.numbers(&format!("{name} windows")).unwrap();
        for (i, (a, b)) in block.iter().zip(windows).enumerate() {
            let same =
                a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= 1e-12 * b.abs().max(1.0);
            assert!(same, "{name} on {}: {a} is not {b}", output.sessions()[i]);
        }
    }
}

#[test]
fn splits_do_not_move_what_is_safe_to_window() {
    let split = Market::small();
    // The same market, told in shares that never split: raw prices divided from the start.
    let mut plain = split.clone();
    for stock in &mut plain.stocks {
        stock.events.clear();
    }
    let mut split = plain.clone();
    for stock in &mut split.stocks {
        let event = rustybt_data::Adjustment {
            sid: stock.sid,
            effective: split_session(&plain),
            known: None,
            action: rustybt_data::Action::Split { new: 4, old: 1 },
        };
        stock.events.push(event);
        let first = stock.start;
        for (i, bar) in stock.bars.iter_mut().enumerate() {
            if first + i >= 120 {
                bar[..4].iter_mut().for_each(|price| *price /= 4.0);
                bar[4] *= 4.0;
            }
        }
    }
    let pipeline = Pipeline::new()
        .with("rsi", Rsi::default().factor().unwrap())
        .with("returns", Returns::new(21).unwrap().factor().unwrap())
        .with("adv", AverageDollarVolume::new(10).unwrap().factor().unwrap());
    let last = split.sessions - 1;
    // Four is a power of two: the laws hold to the bit.
    let expected = run(&plain, &pipeline, FIRST, last, &RunOptions::default());
    assert_same_bits(
        &run(&split, &pipeline, FIRST, last, &RunOptions::default()),
        &expected,
        "split",
    );
}

fn split_session(market: &Market) -> rustybt_calendars::Session {
    market.session(120)
}

#[test]
fn an_asset_has_no_row_before_it_is_known() {
    let market = Market::small();
    let output = run(&market, &everything(), FIRST, market.sessions - 1, &RunOptions::default());
    for (session, sid) in output.sessions().iter().zip(output.sids()) {
        let stock = market.stocks.iter().find(|stock| stock.sid == *sid).unwrap();
        assert!(market.session(stock.start) < *session && *session <= market.session(stock.end));
    }
    // The filter that asks for what is missing does not bring back what does not exist.
    let missing = Pipeline::new().screen(EquityPricing::CLOSE.latest().isnull());
    let output = run(&market, &missing, FIRST, market.sessions - 1, &RunOptions::default());
    assert!(!output.is_empty());
    for (session, sid) in output.sessions().iter().zip(output.sids()) {
        let stock = market.stocks.iter().find(|stock| stock.sid == *sid).unwrap();
        assert!(*session <= market.session(stock.end));
    }
}

#[test]
fn a_closure_is_a_factor() {
    let market = Market::small();
    let range = Factor::from_fn(
        "range",
        5,
        [EquityPricing::HIGH, EquityPricing::LOW],
        |windows, mut out| {
            out.assign(&(&windows[0] - &windows[1]).mean_axis(Axis(0)).unwrap());
        },
    )
    .unwrap();
    let pipeline = Pipeline::new().with("range", range);
    let output = run(&market, &pipeline, FIRST, FIRST, &RunOptions::default());
    let stock = &market.stocks[0];
    let expected: f64 =
        (FIRST - 5..FIRST).map(|i| stock.bars[i - stock.start]).map(|b| b[1] - b[2]).sum::<f64>()
            / 5.0;
    assert!((output.numbers("range").unwrap()[0] - expected).abs() < 1e-12);
}

/// A block form of a user's own, that looks at nothing but its window.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Highest(usize);

impl CustomFactor for Highest {
    fn name(&self) -> &'static str {
        "Highest"
    }
    fn window_length(&self) -> usize {
        self.0
    }
    fn inputs(&self) -> Vec<rustybt_pipeline::BoundColumn> {
        vec![EquityPricing::HIGH]
    }
    fn compute(&self, windows: &Windows<'_>, mut out: ArrayViewMut1<'_, f64>) {
        out.assign(&windows[0].fold_axis(Axis(0), f64::NAN, |a, b| a.max(*b)));
    }
    fn block_form(&self) -> Option<&dyn BlockForm> {
        Some(self)
    }
}

impl BlockForm for Highest {
    fn compute_block(&self, block: &Block<'_>, out: &mut [f64]) {
        for (window, highest) in block.series(0).windows(self.0).zip(out) {
            *highest = window.iter().fold(f64::NAN, |a, b| a.max(*b));
        }
    }
}

#[test]
fn a_block_form_of_ones_own_sees_restated_windows() {
    let market = Market::small();
    let pipeline = Pipeline::new()
        .with("block", Highest(30).factor().unwrap())
        .with("windows", ByWindows(Highest(30)).factor().unwrap());
    let output = run(&market, &pipeline, FIRST, market.sessions - 1, &RunOptions::default());
    let (block, windows) = (output.column("block").unwrap(), output.column("windows").unwrap());
    assert_eq!(bits(block), bits(windows));
}

#[test]
fn an_asset_without_bars_is_missing_everywhere() {
    let market = Market::small();
    let (calendar, _, adjustments, daily) = market.parts();
    let (start, end) = (market.session(0), market.session(market.sessions - 1));
    let stranger = rustybt_data::Asset::equity(Sid(2), "NEW", start, end);
    let finder = Arc::new(rustybt_data::AssetTable::new(vec![stranger]));
    let loader = EquityLoader::new(calendar, finder, adjustments, daily).unwrap();
    let pipeline = Pipeline::new()
        .with("close", EquityPricing::CLOSE.latest())
        .with("adv", AverageDollarVolume::new(3).unwrap().factor().unwrap())
        .with("rank", EquityPricing::CLOSE.latest().rank(Rank::default(), None));
    let day = market.session(FIRST);
    let output =
        Engine::new(Arc::new(loader)).run(&pipeline, day, day, &RunOptions::default()).unwrap();
    assert_eq!(output.sids(), [Sid(2)]);
    assert!(output.numbers("close").unwrap()[0].is_nan());
    assert_eq!(output.numbers("adv").unwrap(), [0.0]);
    assert!(output.numbers("rank").unwrap()[0].is_nan());
}

#[test]
fn features_of_time_and_of_the_past() {
    let market = Market::small();
    let text = "close = EquityPricing.close\n\
         pipe = Pipeline(columns={'close': close.latest, 'lag': Lag(inputs=[close], lag=5), 'day': DayOfWeek(),\n\
         'date': DayOfMonth(), 'place': DayOfYear(), 'month': MonthOfYear(), 'quarter': QuarterOfYear(),\n\
         'year': Year(), 'monday': DayOfWeek().eq(0)})";
    let pipeline = rustybt_pipeline::parse::parse(text, "features.pipe").unwrap();
    let output = run(&market, &pipeline, FIRST, FIRST + 60, &RunOptions::default());
    // An asset that nothing ever happened to, so that prices are never restated.
    let stock = market.stocks.iter().find(|stock| stock.events.is_empty() && stock.start == 0);
    let stock = stock.unwrap();
    let mut mondays = 0;
    for row in FIRST..=FIRST + 60 {
        let today = output.on(market.session(row));
        let of = |name: &str| today.numbers(name).unwrap();
        let date = market.session(row).to_string();
        let part = |range: std::ops::Range<usize>| date[range].parse::<f64>().unwrap();
        assert_eq!(
            (of("year")[0], of("month")[0], of("date")[0]),
            (part(0..4), part(5..7), part(8..10))
        );
        assert_eq!(of("quarter")[0], ((part(5..7) - 1.0) / 3.0).floor() + 1.0);
        assert_eq!(today.flags("monday").unwrap()[0], of("day")[0] == 0.0);
        mondays += usize::from(of("day")[0] == 0.0);
        let at = today.sids().iter().position(|sid| *sid == stock.sid).unwrap();
        assert_eq!(of("close")[at].to_bits(), stock.bars[row - 1][3].to_bits());
        assert_eq!(of("lag")[at].to_bits(), stock.bars[row - 6][3].to_bits());
    }
    assert!(mondays > 8);
}
