//! Indicators over slices and rolling kernels: nanoseconds per value are the time shown over a hundred thousand,
//! except in `twenty_indicators_of_500_symbols`.
//!
//! `talib_times.py` beside this file times TA-Lib's functions on the same series.

use std::fmt;

use divan::{Bencher, black_box};
use rustybt_pipeline::indicator::{Kind, run};
use rustybt_pipeline::{Scalar, kernel};

const VALUES: usize = 100_000;

fn main() {
    divan::main();
}

/// High, low, close, volume, and a second close.
struct Bars([Vec<f64>; 5]);

impl Bars {
    /// A walk of a seeded generator, the same in `talib_times.py`.
    fn new(rows: usize, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(2) + 1;
        let mut next = || {
            // A congruential generator, of whose bits the high ones are used.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut bars: [Vec<f64>; 5] = Default::default();
        let (mut close, mut other) = (100.0, 50.0);
        for _ in 0..rows {
            close *= 1.0 + 0.02 * (next() - 0.5);
            other *= 1.0 + 0.02 * (next() - 0.5);
            let row = [
                close * (1.0 + 0.01 * next()),
                close * (1.0 - 0.01 * next()),
                close,
                1000.0 + (next() * 9000.0).floor(),
                other,
            ];
            for (column, value) in bars.iter_mut().zip(row) {
                column.push(value);
            }
        }
        Self(bars)
    }

    fn inputs(&self, kind: Kind) -> Vec<&[f64]> {
        let [high, low, close, volume, other] = &self.0;
        let of = |name: &str| match name {
            "high" => high,
            "low" => low,
            "volume" => volume,
            _ => close,
        };
        let inputs = kind.columns().iter().map(|column| of(column.name()).as_slice()).collect();
        match kind {
            Kind::Correl { .. } | Kind::Beta { .. } => vec![close, other],
            _ => inputs,
        }
    }
}

/// An indicator whose label is its name and parameters.
#[derive(Debug, Clone, Copy)]
struct Named(Kind);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// Every indicator, with TA-Lib's defaults.
fn all() -> Vec<Named> {
    let (k, n) = (Scalar(2.0), 14);
    let kinds = [
        Kind::Sma { period: 30 },
        Kind::Ema { period: 30 },
        Kind::Rma { period: n },
        Kind::Wma { period: 30 },
        Kind::Dema { period: 30 },
        Kind::Tema { period: 30 },
        Kind::Hma { period: 20 },
        Kind::Zlema { period: 30 },
        Kind::Kama { period: 30 },
        Kind::Vwma { period: 30 },
        Kind::Trix { period: 30 },
        Kind::Rsi { period: n },
        Kind::Cmo { period: n },
        Kind::Macd { fast: 12, slow: 26, signal: 9 },
        Kind::Ppo { fast: 12, slow: 26 },
        Kind::StochRsi { period: n, k: 5, d: 3 },
        Kind::Stoch { fast: 5, k: 3, d: 3 },
        Kind::Kdj { fast: 9, k: 3, d: 3 },
        Kind::Willr { period: n },
        Kind::Cci { period: n },
        Kind::Mfi { period: n },
        Kind::Ultosc { short: 7, middle: 14, long: 28 },
        Kind::Roc { period: 10 },
        Kind::Mom { period: 10 },
        Kind::Aroon { period: n },
        Kind::Adx { period: n },
        Kind::Adxr { period: n },
        Kind::Vortex { period: n },
        Kind::Sar { acceleration: Scalar(0.02), maximum: Scalar(0.2) },
        Kind::Supertrend { period: 10, multiplier: Scalar(3.0) },
        Kind::Kc { period: 20, range: 10, deviations: k },
        Kind::Trange,
        Kind::Atr { period: n },
        Kind::Natr { period: n },
        Kind::Bbands { period: 20, deviations: k },
        Kind::Donchian { period: 20 },
        Kind::Stddev { period: 20 },
        Kind::Var { period: 20 },
        Kind::Max { period: 30 },
        Kind::Min { period: 30 },
        Kind::Linearreg { period: n },
        Kind::LinearregSlope { period: n },
        Kind::Correl { period: 30 },
        Kind::Beta { period: 5 },
        Kind::Obv,
        Kind::Pvt,
        Kind::CumulativeVwap,
        Kind::Ad,
        Kind::Adosc { fast: 3, slow: 10 },
        Kind::Cmf { period: 20 },
    ];
    kinds.map(Named).to_vec()
}

/// One indicator over a whole series, outputs in place.
#[divan::bench(args = all())]
fn indicator(bencher: Bencher<'_, '_>, named: Named) {
    let kind = named.0;
    let bars = Bars::new(VALUES, 1);
    let inputs = bars.inputs(kind);
    let mut outputs = vec![vec![0.0; VALUES]; kind.outputs().len().max(1)];
    bencher.bench_local(|| {
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let mut indicator = kind.start().expect("lengths that work");
        run(&mut *indicator, black_box(&inputs), &mut slices);
    });
    assert!(outputs.iter().all(|output| output.last().is_some_and(|last| last.is_finite())));
}

/// Ten years of 500 symbols and twenty indicators, on one thread: 25.2 million answers and more.
#[divan::bench(sample_count = 10)]
fn twenty_indicators_of_500_symbols(bencher: Bencher<'_, '_>) {
    const ROWS: usize = 2520;
    let names = [
        "SMA",
        "EMA",
        "WMA",
        "DEMA",
        "WilderRSI",
        "MACD",
        "PPO",
        "STOCH",
        "WILLR",
        "CCI",
        "ROC",
        "MOM",
        "AROON",
        "ADX",
        "ATR",
        "BBANDS",
        "STDDEV",
        "MAX",
        "MIN",
        "OBV",
    ];
    let kinds: Vec<Kind> = names
        .iter()
        .filter_map(|name| all().into_iter().find(|named| named.0.name() == *name))
        .map(|named| named.0)
        .collect();
    assert_eq!(kinds.len(), 20);
    let symbols: Vec<Bars> = (0..500).map(|seed| Bars::new(ROWS, seed)).collect();
    let mut outputs = vec![vec![0.0; ROWS]; 3];
    bencher.bench_local(|| {
        for bars in &symbols {
            for kind in &kinds {
                let count = kind.outputs().len().max(1);
                let mut slices: Vec<&mut [f64]> =
                    outputs.iter_mut().take(count).map(Vec::as_mut_slice).collect();
                let mut indicator = kind.start().expect("lengths that work");
                run(&mut *indicator, &bars.inputs(*kind), &mut slices);
                black_box(&mut slices);
            }
        }
    });
}

#[divan::bench(args = [20, 63, 252])]
fn rolling_products(bencher: Bencher<'_, '_>, window: usize) {
    let Bars([_, _, x, _, y]) = Bars::new(VALUES, 1);
    let mut out = vec![(kernel::Products::of(&[], &[]), 0); VALUES + 1 - window];
    bencher.bench_local(|| kernel::rolling_products(black_box(&x), &y, 0, window, &mut out));
    let expected = kernel::Products::of(&x[5000..5000 + window], &y[5000..5000 + window]);
    assert!((out[5000].0.xy / expected.xy - 1.0).abs() < 1e-9);
}

#[divan::bench(args = [20, 63, 252])]
fn rolling_shape(bencher: Bencher<'_, '_>, window: usize) {
    let Bars([_, _, x, ..]) = Bars::new(VALUES, 1);
    let mut out = vec![[0.0; 2]; VALUES + 1 - window];
    bencher.bench_local(|| kernel::rolling_shape(black_box(&x), 0, window, &mut out));
    assert!((out[5000][0] - kernel::skew(&x[5000..5000 + window])).abs() < 1e-9);
}

/// A kernel that gives one number a window.
type Rolling = fn(&[f64], usize, &mut [f64]);

fn one_number(
    bencher: Bencher<'_, '_>,
    window: usize,
    rolling: Rolling,
    expected: fn(&[f64]) -> f64,
) {
    let Bars([_, _, x, ..]) = Bars::new(VALUES, 1);
    let mut out = vec![0.0; VALUES + 1 - window];
    bencher.bench_local(|| rolling(black_box(&x), window, black_box(&mut out)));
    let expected = expected(&x[5000..5000 + window]);
    assert!((out[5000] - expected).abs() <= 1e-9 * expected.abs());
}

#[divan::bench(args = [20, 63, 252])]
fn rolling_rank(bencher: Bencher<'_, '_>, window: usize) {
    one_number(bencher, window, kernel::rolling_rank, kernel::rank_of_last);
}

#[divan::bench(args = [20, 63, 252])]
fn rolling_median(bencher: Bencher<'_, '_>, window: usize) {
    let rolling: Rolling = |x, window, out| kernel::rolling_quantile(x, 0.5, window, out);
    one_number(bencher, window, rolling, |x| kernel::quantile(x, 0.5));
}

#[divan::bench(args = [20, 63, 252])]
fn rolling_spearman(bencher: Bencher<'_, '_>, window: usize) {
    let Bars([_, _, x, _, y]) = Bars::new(VALUES, 1);
    let mut out = vec![0.0; VALUES + 1 - window];
    bencher.bench_local(|| kernel::rolling_spearman(black_box(&x), &y, window, &mut out));
    let expected = kernel::spearman(&x[5000..5000 + window], &y[5000..5000 + window]);
    assert!((out[5000] - expected).abs() < 1e-12);
}

#[divan::bench(args = [12, 26, 252])]
fn rolling_decayed(bencher: Bencher<'_, '_>, window: usize) {
    let rolling: Rolling = |x, window, out| kernel::rolling_decayed(x, 0.94, 0, window, out);
    one_number(bencher, window, rolling, |x| {
        let powers = (0..x.len()).rev().map(|ago| f64::powi(0.94, ago as i32));
        let pairs = x.iter().zip(powers);
        let (above, below) = pairs.fold((0.0, 0.0), |(a, b), (x, w)| (a + x * w, b + w));
        above / below
    });
}
