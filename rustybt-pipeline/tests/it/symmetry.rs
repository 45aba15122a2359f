//! Laws of every factor: prices in other units, prices moved up, assets in another order.
//!
//! One table says of each factor what its outputs do: times which power of the price's unit and of the volume's,
//! and how much is added where a constant is added to all prices. A power of two as a unit changes no digit, so
//! the first law holds to the bit.

use std::sync::Arc;

use rustybt_data::Sid;
use rustybt_pipeline::indicator::Kind;
use rustybt_pipeline::{
    AnnualizedVolatility, Aroon, AssetName, AverageDollarVolume, BollingerBands, CustomFactor,
    Engine, EquityLoader, EquityPricing, Error, ExponentialWeightedMovingAverage,
    ExponentialWeightedMovingStdDev, Factor, FastStochasticOscillator, IchimokuKinkoHyo, Lag,
    LinearWeightedMovingAverage, MacdSignal, MaxDrawdown, PercentChange, Pipeline, PipelineOutput,
    Rank, RankMethod, RateOfChangePercentage, Returns, RollingKurtosis, RollingLinearRegression,
    RollingPearson, RollingQuantile, RollingRank, RollingSkew, RollingSpearman, Rsi, RunOptions,
    Scalar, SimpleBeta, SimpleMovingAverage, StandardDeviation, TrueRange, Vwap,
    WeightedAverageValue,
};

use crate::market::Market;

const FIRST: usize = 75;

/// A factor, and for each of its outputs: the powers of the units of price and volume, and what is added to it
/// for each that is added to prices; `None` where it changes in another way.
struct Law {
    name: String,
    factor: Factor,
    outputs: Vec<(i32, i32, Option<f64>)>,
}

/// Every factor that looks at each asset alone, or beside `market`.
fn laws(market: Sid) -> Vec<Law> {
    let (close, high) = (EquityPricing::CLOSE, EquityPricing::HIGH);
    let mut laws = Vec::new();
    let mut law =
        |name: &str, factor: Result<Factor, Error>, outputs: &[(i32, i32, Option<f64>)]| {
            let factor = factor.unwrap();
            laws.push(Law { name: name.to_owned(), factor, outputs: outputs.to_vec() });
        };
    // A price, a distance of prices, a ratio, what a shift leaves as it is.
    let (price, distance, ratio, place) =
        ((1, 0, Some(1.0)), (1, 0, Some(0.0)), (0, 0, None), (0, 0, Some(0.0)));
    law("sma", SimpleMovingAverage::new(9).and_then(|f| f.on([&close])), &[price]);
    law("lag", Lag::new(4).and_then(|f| f.on([&close])), &[price]);
    law("returns", Returns::new(9).and_then(CustomFactor::factor), &[ratio]);
    law("change", PercentChange::new(5).and_then(|f| f.on([&close])), &[ratio]);
    law("roc", RateOfChangePercentage::new(5).and_then(|f| f.on([&close])), &[ratio]);
    law("rsi", Rsi::new(9).and_then(CustomFactor::factor), &[place]);
    let wav = WeightedAverageValue::new(5).and_then(|f| f.on([&close, &EquityPricing::VOLUME]));
    law("weighted", wav, &[price]);
    law("vwap", Vwap::new(7).and_then(CustomFactor::factor), &[price]);
    law("adv", AverageDollarVolume::new(7).and_then(CustomFactor::factor), &[(1, 1, None)]);
    law("drawdown", MaxDrawdown::new(9).and_then(|f| f.on([&close])), &[ratio]);
    law("lwma", LinearWeightedMovingAverage::new(9).and_then(|f| f.on([&close])), &[(1, 0, None)]);
    law("range", TrueRange::new().factor(), &[distance]);
    let bands = BollingerBands::new(9, 2.0).and_then(CustomFactor::factor);
    law("bands", bands, &[price, price, price]);
    let risk = AnnualizedVolatility::new(9, 252.0).and_then(AnnualizedVolatility::of_returns);
    law("risk", risk, &[ratio]);
    law("aroon", Aroon::new(9).and_then(CustomFactor::factor), &[place, place]);
    law("stochastic", FastStochasticOscillator::new(9).and_then(CustomFactor::factor), &[place]);
    let clouds = IchimokuKinkoHyo::new(30, 5, 12, 20).and_then(CustomFactor::factor);
    law("clouds", clouds, &[price; 5]);
    law("macd signal", MacdSignal::new(3, 8, 4).and_then(CustomFactor::factor), &[distance]);
    let ewma = ExponentialWeightedMovingAverage::new(9, 0.9).and_then(|f| f.on([&close]));
    law("ewma", ewma, &[price]);
    let ewmstd = ExponentialWeightedMovingStdDev::new(9, 0.9).and_then(|f| f.on([&close]));
    law("ewmstd", ewmstd, &[distance]);
    law("deviation", StandardDeviation::new(9).and_then(|f| f.on([&close])), &[distance]);
    law("rank", RollingRank::new(9).and_then(|f| f.on([&close])), &[place]);
    law("quantile", RollingQuantile::new(9, 0.3).and_then(|f| f.on([&close])), &[price]);
    law("skew", RollingSkew::new(9).and_then(|f| f.on([&close])), &[place]);
    law("kurtosis", RollingKurtosis::new(9).and_then(|f| f.on([&close])), &[place]);
    law("pearson", RollingPearson::new(9).and_then(|f| f.on([&close, &high])), &[place]);
    law("spearman", RollingSpearman::new(9).and_then(|f| f.on([&close, &high])), &[place]);
    let line = RollingLinearRegression::new(9).and_then(|f| f.on([&high, &close]));
    law("line", line, &[(1, 0, None), place, place, place, place]);
    law("beta", SimpleBeta::new(9, 0.3).and_then(|f| f.to(AssetName::Sid(market))), &[ratio]);
    let returns = Returns::new(4).and_then(CustomFactor::factor).unwrap();
    let beside = returns.pearsonr(&returns.slice(AssetName::Sid(market)), 9, None);
    law("beside the market", beside, &[ratio]);
    let (n, k) = (7, Scalar(1.5));
    for (kind, outputs) in [
        (Kind::Sma { period: n }, vec![price]),
        (Kind::Ema { period: n }, vec![price]),
        (Kind::Rma { period: n }, vec![price]),
        (Kind::Wma { period: n }, vec![price]),
        (Kind::Dema { period: n }, vec![price]),
        (Kind::Tema { period: n }, vec![price]),
        (Kind::Hma { period: n }, vec![price]),
        (Kind::Kama { period: n }, vec![price]),
        (Kind::Zlema { period: n }, vec![price]),
        (Kind::Vwma { period: n }, vec![price]),
        (Kind::Trix { period: n }, vec![ratio]),
        (Kind::Rsi { period: n }, vec![place]),
        (Kind::Cmo { period: n }, vec![place]),
        (Kind::Macd { fast: 3, slow: 8, signal: 4 }, vec![distance; 3]),
        (Kind::Ppo { fast: 3, slow: 8 }, vec![ratio]),
        (Kind::StochRsi { period: n, k: 5, d: 3 }, vec![ratio; 2]),
        (Kind::Stoch { fast: n, k: 3, d: 3 }, vec![place; 2]),
        (Kind::Kdj { fast: n, k: 3, d: 3 }, vec![place; 3]),
        (Kind::Willr { period: n }, vec![place]),
        (Kind::Cci { period: n }, vec![ratio]),
        (Kind::Mfi { period: n }, vec![ratio]),
        (Kind::Ultosc { short: 3, middle: 6, long: 9 }, vec![place]),
        (Kind::Roc { period: n }, vec![ratio]),
        (Kind::Mom { period: n }, vec![distance]),
        (Kind::Aroon { period: n }, vec![place; 2]),
        (Kind::Adx { period: n }, vec![place; 3]),
        (Kind::Adxr { period: n }, vec![place]),
        (Kind::Vortex { period: n }, vec![place; 2]),
        (Kind::Sar { acceleration: Scalar(0.03), maximum: Scalar(0.2) }, vec![price]),
        (Kind::Supertrend { period: n, multiplier: k }, vec![price, place]),
        (Kind::Kc { period: n, range: 5, deviations: k }, vec![price; 3]),
        (Kind::Ichimoku { tenkan: 4, kijun: 7, span: 11 }, vec![price; 4]),
        (Kind::Trange, vec![distance]),
        (Kind::Atr { period: n }, vec![distance]),
        (Kind::Natr { period: n }, vec![ratio]),
        (Kind::Bbands { period: n, deviations: k }, vec![price; 3]),
        (Kind::Donchian { period: n }, vec![price; 3]),
        (Kind::Stddev { period: n }, vec![distance]),
        (Kind::Var { period: n }, vec![(2, 0, Some(0.0))]),
        (Kind::Max { period: n }, vec![price]),
        (Kind::Min { period: n }, vec![price]),
        (Kind::Linearreg { period: n }, vec![price]),
        (Kind::LinearregSlope { period: n }, vec![distance]),
        (Kind::Correl { period: n }, vec![place]),
        (Kind::Beta { period: n }, vec![ratio]),
        (Kind::Obv, vec![(0, 1, Some(0.0))]),
        (Kind::Pvt, vec![(0, 1, None)]),
        (Kind::CumulativeVwap, vec![price]),
        (Kind::Ad, vec![(0, 1, Some(0.0))]),
        (Kind::Adosc { fast: 3, slow: 8 }, vec![(0, 1, Some(0.0))]),
        (Kind::Cmf { period: n }, vec![place]),
    ] {
        law(kind.name(), kind.factor(Some(kind.lookback() + 11)), &outputs);
    }
    laws
}

fn run(market: &Market, laws: &[Law]) -> PipelineOutput {
    let mut pipeline = Pipeline::new();
    for law in laws {
        let parts = law.factor.outputs();
        assert_eq!(parts.len().max(1), law.outputs.len(), "{}", law.name);
        if parts.is_empty() {
            pipeline = pipeline.with(format!("{} 0", law.name), law.factor.clone());
        }
        for (part, (_, factor)) in parts.into_iter().enumerate() {
            pipeline = pipeline.with(format!("{} {part}", law.name), factor);
        }
    }
    run_pipeline(market, &pipeline)
}

fn run_pipeline(market: &Market, pipeline: &Pipeline) -> PipelineOutput {
    let (calendar, finder, adjustments, daily) = market.parts();
    let loader = EquityLoader::new(calendar, finder, adjustments, daily).unwrap();
    let (first, last) = (market.session(FIRST), market.session(market.sessions - 1));
    Engine::new(Arc::new(loader)).run(pipeline, first, last, &RunOptions::default()).unwrap()
}

/// The small market in 64ths, so that a shift rounds nothing; without dividends, whose share of a price a shift
/// would change. Splits stay where asked for.
fn market(splits: bool) -> Market {
    let mut market = Market::small();
    for stock in &mut market.stocks {
        stock
            .events
            .retain(|event| splits && matches!(event.action, rustybt_data::Action::Split { .. }));
        for bar in &mut stock.bars {
            bar[..4].iter_mut().for_each(|price| *price = (*price * 64.0).round() / 64.0);
        }
    }
    market
}

fn changed(market: &Market, change: impl Fn(&mut [f64; 5])) -> Market {
    let mut market = market.clone();
    market.stocks.iter_mut().flat_map(|stock| &mut stock.bars).for_each(change);
    market
}

#[test]
fn other_units_change_no_digit() {
    let market = market(true);
    let laws = laws(Sid(1));
    let plain = run(&market, &laws);
    for (price, volume) in [(4.0, 1.0), (1.0, 8.0), (0.125, 2.0)] {
        let other = changed(&market, |bar| {
            bar[..4].iter_mut().for_each(|value| *value *= price);
            bar[4] *= volume;
        });
        let other = run(&other, &laws);
        for law in &laws {
            for (part, (of_price, of_volume, _)) in law.outputs.iter().enumerate() {
                let name = format!("{} {part}", law.name);
                let unit = f64::powi(price, *of_price) * f64::powi(volume, *of_volume);
                let pairs = plain.numbers(&name).unwrap().iter().zip(other.numbers(&name).unwrap());
                let mut present = 0;
                for (row, (before, after)) in pairs.enumerate() {
                    let same = after.to_bits() == (before * unit).to_bits()
                        || after.is_nan() && before.is_nan();
                    assert!(same, "{name} of row {row}: {after} is not {before} times {unit}");
                    present += usize::from(!after.is_nan());
                }
                assert!(present > 100, "{name}: only {present} numbers");
            }
        }
    }
}

#[test]
fn prices_moved_up_move_what_is_a_price() {
    let market = market(false);
    let laws = laws(Sid(1));
    let plain = run(&market, &laws);
    let up = 32.0;
    let moved = changed(&market, |bar| bar[..4].iter_mut().for_each(|price| *price += up));
    let moved = run(&moved, &laws);
    for law in &laws {
        for (part, (_, of_volume, added)) in law.outputs.iter().enumerate() {
            let Some(added) = added else { continue };
            let name = format!("{} {part}", law.name);
            // Sums of volume are large and may come to nothing.
            let size: f64 = if *of_volume > 0 { 1e5 } else { 100.0 };
            let pairs = plain.numbers(&name).unwrap().iter().zip(moved.numbers(&name).unwrap());
            for (row, (before, after)) in pairs.enumerate() {
                let expected = before + added * up;
                let same = (after - expected).abs() <= 1e-10 * size.max(expected.abs())
                    || after.is_nan() && expected.is_nan();
                assert!(same, "{name} of row {row}: {after} is not {expected}");
            }
        }
    }
}

#[test]
fn the_order_of_assets_changes_no_factor() {
    let market = Market::small();
    let most = market.stocks.iter().map(|stock| stock.sid.0).max().unwrap();
    let other = |sid: Sid| Sid(most - sid.0 + 1);
    let mut turned = market.clone();
    for stock in &mut turned.stocks {
        stock.sid = other(stock.sid);
        let sid = stock.sid;
        stock.events.iter_mut().for_each(|event| event.sid = sid);
    }
    let across = |market: Sid| {
        let returns = Returns::new(6).and_then(CustomFactor::factor).unwrap();
        let adv = AverageDollarVolume::new(10).and_then(CustomFactor::factor).unwrap();
        let groups = adv.quantiles(3, None).unwrap();
        let slice = returns.slice(AssetName::Sid(market));
        let exposures = std::slice::from_ref(&adv);
        let mut across = vec![
            ("zscore", returns.zscore(None)),
            ("demean", returns.demean(Some(&adv.top(6, None)))),
            ("winsorize", returns.winsorize(0.2, 0.8, None).unwrap()),
            ("neutral", returns.neutralize(exposures, Some(&groups), None)),
            ("grouped zscore", returns.within(&groups).zscore(None)),
            ("mean", &returns - returns.mean(None)),
            ("median", &returns - returns.median(None)),
            ("market", &returns - slice),
        ];
        for method in [RankMethod::Average, RankMethod::Min, RankMethod::Max, RankMethod::Dense] {
            across.push((method.name(), returns.rank(Rank::descending().method(method), None)));
        }
        across
    };
    let pipeline = |market: Sid| {
        let mut pipeline = Pipeline::new();
        for (name, factor) in across(market) {
            pipeline = pipeline.with(name, factor);
        }
        pipeline
    };
    let target = market.stocks[0].sid;
    let pairs = [
        (run(&market, &laws(target)), run(&turned, &laws(other(target))), 0.0),
        // Sums over assets are taken in another order.
        (
            run_pipeline(&market, &pipeline(target)),
            run_pipeline(&turned, &pipeline(other(target))),
            1e-9,
        ),
    ];
    for (one, two, tolerance) in pairs {
        assert!(one.len() > 500 && one.len() == two.len());
        let place = |row: usize| {
            let rows = two.rows_of(one.sessions()[row]);
            let sid = other(one.sids()[row]);
            rows.clone().find(|row| two.sids()[*row] == sid).unwrap()
        };
        let places: Vec<usize> = (0..one.len()).map(place).collect();
        for (name, _) in one.columns() {
            let (a, b) = (one.numbers(name).unwrap(), two.numbers(name).unwrap());
            for (a, place) in a.iter().zip(&places) {
                let b = b[*place];
                let same = a.to_bits() == b.to_bits()
                    || a.is_nan() && b.is_nan()
                    || (a - b).abs() <= tolerance * a.abs().max(1.0);
                assert!(same, "{name}: {a} is not {b}");
            }
        }
    }
}
