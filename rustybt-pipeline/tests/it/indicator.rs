//! Indicators: TA-Lib's answers, value by value as at once, and as factors.

use std::sync::Arc;

use rustybt_pipeline::indicator::{Kind, over, run};
use rustybt_pipeline::{Engine, EquityLoader, Pipeline, RunOptions, Scalar};

use crate::market::Market;

const ALL: [Kind; 54] = [
    Kind::Zlema { period: 8 },
    Kind::Kdj { fast: 9, k: 3, d: 4 },
    Kind::Adxr { period: 7 },
    Kind::Vortex { period: 9 },
    Kind::Sar { acceleration: Scalar(0.03), maximum: Scalar(0.15) },
    Kind::Supertrend { period: 5, multiplier: Scalar(1.5) },
    Kind::Kc { period: 9, range: 5, deviations: Scalar(1.5) },
    Kind::Kc { period: 5, range: 9, deviations: Scalar(2.0) },
    Kind::Ichimoku { tenkan: 5, kijun: 9, span: 20 },
    Kind::LinearregSlope { period: 9 },
    Kind::Beta { period: 15 },
    Kind::Pvt,
    Kind::CumulativeVwap,
    Kind::Sma { period: 7 },
    Kind::Ema { period: 7 },
    Kind::Rma { period: 7 },
    Kind::Wma { period: 7 },
    Kind::Dema { period: 7 },
    Kind::Tema { period: 7 },
    Kind::Hma { period: 9 },
    Kind::Kama { period: 7 },
    Kind::Vwma { period: 7 },
    Kind::Trix { period: 5 },
    Kind::Rsi { period: 14 },
    Kind::Cmo { period: 14 },
    Kind::Macd { fast: 5, slow: 12, signal: 4 },
    Kind::Ppo { fast: 5, slow: 12 },
    Kind::StochRsi { period: 14, k: 5, d: 3 },
    Kind::Stoch { fast: 5, k: 3, d: 3 },
    Kind::Willr { period: 14 },
    Kind::Cci { period: 14 },
    Kind::Mfi { period: 14 },
    Kind::Ultosc { short: 7, middle: 14, long: 28 },
    Kind::Roc { period: 10 },
    Kind::Mom { period: 10 },
    Kind::Aroon { period: 14 },
    Kind::Adx { period: 14 },
    Kind::Trange,
    Kind::Atr { period: 14 },
    Kind::Natr { period: 14 },
    Kind::Bbands { period: 10, deviations: Scalar(2.0) },
    Kind::Donchian { period: 9 },
    Kind::Stddev { period: 8 },
    Kind::Var { period: 8 },
    Kind::Max { period: 9 },
    Kind::Min { period: 9 },
    Kind::Linearreg { period: 9 },
    Kind::Correl { period: 15 },
    Kind::Obv,
    Kind::Ad,
    Kind::Adosc { fast: 3, slow: 10 },
    Kind::Cmf { period: 9 },
    Kind::Sma { period: 1 },
    Kind::Max { period: 1 },
];

/// The columns of TA-Lib's answers for the outputs of an indicator.
fn named(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Rsi { .. } => vec!["RSI"],
        Kind::Macd { .. } => vec!["MACD", "MACD_SIGNAL", "MACD_HIST"],
        Kind::StochRsi { .. } => vec!["STOCHRSI_K", "STOCHRSI_D"],
        Kind::Stoch { .. } => vec!["STOCH_K", "STOCH_D"],
        Kind::Aroon { .. } => vec!["AROON_DOWN", "AROON_UP"],
        Kind::Adx { .. } => vec!["PLUS_DI", "MINUS_DI", "ADX"],
        Kind::Bbands { .. } => vec!["BB_UPPER", "BB_MIDDLE", "BB_LOWER"],
        Kind::Donchian { .. } => vec!["DC_UPPER", "DC_MIDDLE", "DC_LOWER"],
        Kind::Kc { period: 9, .. } => vec!["KC_UPPER", "KC_MIDDLE", "KC_LOWER"],
        Kind::Kc { .. } => vec!["KC2_UPPER", "KC2_MIDDLE", "KC2_LOWER"],
        Kind::Kdj { .. } => vec!["KDJ_K", "KDJ_D", "KDJ_J"],
        Kind::Vortex { .. } => vec!["VORTEX_PLUS", "VORTEX_MINUS"],
        Kind::Supertrend { .. } => vec!["SUPERTREND", "TREND"],
        Kind::Ichimoku { .. } => vec!["TENKAN", "KIJUN", "SPAN_A", "SPAN_B"],
        Kind::Sma { period: 1 } | Kind::Max { period: 1 } => vec![],
        other => vec![other.name()],
    }
}

/// High, low, close, volume.
type Bars = [Vec<f64>; 4];

fn inputs(kind: Kind, [high, low, close, volume]: &Bars) -> Vec<Vec<f64>> {
    let of = |column: &rustybt_pipeline::BoundColumn| match column.name() {
        "high" => high.clone(),
        "low" => low.clone(),
        "volume" => volume.clone(),
        _ => close.clone(),
    };
    kind.columns().iter().map(of).collect()
}

fn outputs(kind: Kind, bars: &Bars) -> Vec<Vec<f64>> {
    let inputs = inputs(kind, bars);
    over(kind, &inputs.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
}

#[test]
fn talib_gives_the_same_answers() {
    let mut rows = include_str!("golden/talib.csv").lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = rows.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let mut wrong = Vec::new();
    for series in ["walk", "flat", "rising", "ticks"] {
        let rows: Vec<&Vec<&str>> = rows.iter().filter(|row| row[0] == series).collect();
        let column = |slot: usize| -> Vec<f64> {
            rows.iter().map(|row| row[slot].parse().unwrap_or(f64::NAN)).collect()
        };
        let bars = [1, 2, 3, 4].map(column);
        for kind in ALL {
            // Of what does not move there is no correlation; TA-Lib says 0.
            if series == "flat" && matches!(kind, Kind::Correl { .. } | Kind::Beta { .. }) {
                continue;
            }
            for (name, found) in named(kind).into_iter().zip(outputs(kind, &bars)) {
                let slot = names.iter().position(|known| *known == name).unwrap();
                let scale = bars[2][0].abs();
                for (i, (found, expected)) in found.iter().zip(column(slot)).enumerate() {
                    let same = found.is_nan() && expected.is_nan()
                        || (found - expected).abs() <= 1e-9 * expected.abs().max(scale * 1e-2);
                    if !same {
                        wrong.push(format!("{name} of {series} at {i}: {found} is not {expected}"));
                        break;
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn walk(rows: usize) -> Bars {
    let mut close = 50.0;
    let mut bars: Bars = Default::default();
    for i in 0..rows {
        close *= 1.0 + (f64::from(u32::try_from((i * 7919) % 1009).unwrap()) / 1009.0 - 0.5) * 0.05;
        bars[0].push(close * 1.01);
        bars[1].push(close * 0.992);
        bars[2].push(close);
        bars[3].push(1000.0 + ((i * 31) % 17) as f64 * 100.0);
    }
    bars
}

#[test]
fn a_state_put_away_goes_on_with_the_same_bits() {
    let mut bars = walk(150);
    for column in &mut bars {
        column[60] = f64::NAN;
    }
    for kind in ALL {
        let inputs = inputs(kind, &bars);
        let whole = outputs(kind, &bars);
        let mut first = kind.start().unwrap();
        let count = kind.outputs().len().max(1);
        for cut in [0, 1, 33, 75, 149] {
            let mut second = kind.start().unwrap();
            let mut lead = vec![vec![0.0; cut]; count];
            let parts: Vec<&[f64]> = inputs.iter().map(|input| &input[..cut]).collect();
            let mut outs: Vec<&mut [f64]> = lead.iter_mut().map(Vec::as_mut_slice).collect();
            let mut fresh = kind.start().unwrap();
            run(&mut *fresh, &parts, &mut outs);
            second.restore(&fresh.snapshot()).unwrap();
            let mut rest = vec![vec![0.0; 150 - cut]; count];
            let parts: Vec<&[f64]> = inputs.iter().map(|input| &input[cut..]).collect();
            let mut outs: Vec<&mut [f64]> = rest.iter_mut().map(Vec::as_mut_slice).collect();
            run(&mut *second, &parts, &mut outs);
            for ((lead, rest), whole) in lead.iter().zip(&rest).zip(&whole) {
                let found: Vec<u64> =
                    lead.iter().chain(rest).map(|value| value.to_bits()).collect();
                let expected: Vec<u64> = whole.iter().map(|value| value.to_bits()).collect();
                assert_eq!(found, expected, "{kind:?} cut at {cut}");
            }
        }
        assert!(first.restore(&[1, 2]).is_err() || first.snapshot().len() == 2, "{kind:?}");
    }
}

#[test]
fn outputs_begin_when_they_are_said_to() {
    let bars = walk(120);
    for kind in ALL {
        for output in outputs(kind, &bars) {
            let first = output.iter().position(|value| !value.is_nan());
            if !matches!(kind, Kind::Adx { .. }) {
                assert_eq!(first, Some(kind.lookback()), "{kind:?}");
            }
        }
    }
}

#[test]
fn what_is_missing_leaves() {
    let mut bars = walk(300);
    let clean: Vec<Vec<Vec<f64>>> = ALL.iter().map(|kind| outputs(*kind, &bars)).collect();
    for column in &mut bars {
        column[20] = f64::NAN;
    }
    for (kind, clean) in ALL.iter().zip(clean) {
        if matches!(kind, Kind::Obv | Kind::Ad | Kind::Pvt | Kind::CumulativeVwap) {
            continue;
        }
        for (found, clean) in outputs(*kind, &bars).iter().zip(clean) {
            for (i, (found, clean)) in found.iter().zip(clean).enumerate().skip(280) {
                assert!(
                    (found - clean).abs() <= 1e-4 * clean.abs().max(1.0),
                    "{kind:?} at {i}: {found} {clean}"
                );
            }
        }
    }
}

#[test]
fn a_vwap_begins_anew_with_each_session() {
    let bars = walk(40);
    let [high, low, close, volume] = &bars;
    let session: Vec<f64> = (0..40).map(|row| f64::from(row / 13)).collect();
    let inputs: [&[f64]; 5] = [high, low, close, volume, &session];
    let found = over(Kind::CumulativeVwap, &inputs).unwrap().remove(0);
    for start in [0, 13, 26, 39] {
        let end = 40.min(start + 13);
        let parts: Vec<&[f64]> = inputs[..4].iter().map(|input| &input[start..end]).collect();
        let alone = over(Kind::CumulativeVwap, &parts).unwrap().remove(0);
        assert_eq!(found[start..end], alone, "from {start}");
    }
}

#[test]
fn no_values_and_no_lengths_do_harm() {
    assert!(Kind::Sma { period: 0 }.start().is_err());
    assert!(Kind::Macd { fast: 9, slow: 9, signal: 2 }.start().is_err());
    assert!(Kind::Ema { period: 20 }.factor(Some(3)).is_err());
    let odd = [f64::INFINITY, -0.0, f64::MAX, f64::MIN, f64::NAN, 0.0, 1e300];
    let bars: Bars =
        std::array::from_fn(|i| odd.iter().cycle().skip(i).take(80).copied().collect());
    for kind in ALL {
        assert_eq!(outputs(kind, &bars)[0].len(), 80);
        assert_eq!(outputs(kind, &Default::default())[0].len(), 0);
    }
}

#[test]
fn a_factor_is_the_indicator_of_its_window() {
    let market = Market::small();
    let (calendar, finder, adjustments, daily) = market.parts();
    let engine =
        Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()));
    let mut pipeline = Pipeline::new();
    for (i, kind) in ALL.iter().enumerate() {
        let window = Some(kind.lookback() + 9);
        let factor = kind.factor(window).unwrap();
        let parts = factor.outputs();
        if parts.is_empty() {
            pipeline = pipeline.with(format!("{i}"), factor.clone());
        }
        for (name, part) in parts {
            pipeline = pipeline.with(format!("{i} {name}"), part);
        }
    }
    let (start, end) = (market.session(70), market.session(130));
    let whole = engine.run(&pipeline, start, end, &RunOptions::default()).unwrap();
    let options = RunOptions { chunk: Some(7), threads: Some(2), ..RunOptions::default() };
    let chunks = engine.run(&pipeline, start, end, &options).unwrap();
    // A stock that nothing ever happened to: its windows are its bars.
    let stock = market.stocks.iter().find(|stock| stock.events.is_empty() && stock.start == 0);
    let stock = stock.unwrap();
    let mut checked = 0;
    for (name, column) in whole.columns() {
        let numbers = whole.numbers(name).unwrap();
        let other = chunks.numbers(name).unwrap();
        assert!(numbers.iter().zip(other).all(|(a, b)| a.to_bits() == b.to_bits()), "{name}");
        let kind = ALL[name.split(' ').next().unwrap().parse::<usize>().unwrap()];
        let part = name
            .split(' ')
            .nth(1)
            .map_or(0, |part| kind.outputs().iter().position(|known| *known == part).unwrap());
        let window = kind.lookback() + 9;
        for i in (0..column.len()).filter(|i| whole.sids()[*i] == stock.sid) {
            let row = (0..market.sessions).find(|row| market.session(*row) == whole.sessions()[i]);
            let row = row.unwrap();
            let field = |field: usize| -> Vec<f64> {
                stock.bars[row - window..row].iter().map(|bar| bar[field]).collect()
            };
            let bars = [field(1), field(2), field(3), field(4)];
            let expected = outputs(kind, &bars)[part][window - 1];
            assert_eq!(numbers[i].to_bits(), expected.to_bits(), "{name} at {row}");
            checked += 1;
        }
    }
    assert!(checked > 1000, "only {checked} checked");
}
