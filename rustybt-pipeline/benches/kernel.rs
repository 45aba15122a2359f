//! Kernels on one series: nanoseconds per value are the time shown over a hundred thousand.

use divan::{Bencher, black_box};
use rustybt_pipeline::indicator::{Kind, run};
use rustybt_pipeline::kernel;

const VALUES: usize = 100_000;

fn main() {
    divan::main();
}

fn series() -> Vec<f64> {
    (0..VALUES).map(|i| 100.0 + ((i * 7919) % 10_007) as f64 / 100.0).collect()
}

#[divan::bench(args = [20, 252])]
fn rolling_mean(bencher: Bencher<'_, '_>, window: usize) {
    let values = series();
    let mut out = vec![0.0; VALUES + 1 - window];
    bencher.bench_local(|| kernel::rolling_mean(black_box(&values), window, black_box(&mut out)));
    let expected = kernel::mean(&values[5000..5000 + window]);
    assert!((out[5000] / expected - 1.0).abs() < 1e-13);
}

#[divan::bench(args = [15, 252])]
fn rolling_moves(bencher: Bencher<'_, '_>, window: usize) {
    let values = series();
    let mut out = vec![[0.0; 2]; VALUES + 1 - window];
    bencher
        .bench_local(|| kernel::rolling_moves(black_box(&values), 0, window, black_box(&mut out)));
    let (rise, fall) = kernel::moves(&values[5000..5000 + window]);
    assert!((out[5000][0] - rise).abs() < 1e-9 && (out[5000][1] - fall).abs() < 1e-9);
}

#[divan::bench(args = [20, 200])]
fn rolling_deviation(bencher: Bencher<'_, '_>, window: usize) {
    let values = series();
    let mut out = vec![[0.0; 2]; VALUES + 1 - window];
    bencher.bench_local(|| {
        kernel::rolling_deviation(black_box(&values), 0, window, black_box(&mut out));
    });
    let [_, expected] = kernel::mean_and_deviation(&values[5000..5000 + window]);
    assert!((out[5000][1] / expected - 1.0).abs() < 1e-12);
}

#[divan::bench(args = [20, 200])]
fn rolling_max(bencher: Bencher<'_, '_>, window: usize) {
    let values = series();
    let mut out = vec![0.0; VALUES + 1 - window];
    bencher.bench_local(|| kernel::rolling_max(black_box(&values), window, black_box(&mut out)));
    assert!((out[5000] - kernel::max(&values[5000..5000 + window])).abs() < f64::EPSILON);
}

#[divan::bench(args = [30, 252])]
fn line(bencher: Bencher<'_, '_>, window: usize) {
    let values = series();
    let places: Vec<f64> = (0..window).map(|place| place as f64).collect();
    bencher.bench_local(|| {
        let lines =
            values.windows(window).step_by(50).map(|part| kernel::Line::through(&places, part));
        lines.map(|line| line.beta).sum::<f64>()
    });
}

/// One indicator over the whole series, value by value.
#[divan::bench(args = [
    Kind::Sma { period: 20 },
    Kind::Ema { period: 20 },
    Kind::Rsi { period: 14 },
    Kind::Stddev { period: 20 },
    Kind::Max { period: 20 },
    Kind::Atr { period: 14 },
    Kind::Macd { fast: 12, slow: 26, signal: 9 },
])]
fn indicator(bencher: Bencher<'_, '_>, kind: Kind) {
    let values = series();
    let mut outputs = vec![vec![0.0; VALUES]; kind.outputs().len().max(1)];
    bencher.bench_local(|| {
        let mut slices: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        let mut indicator = kind.start().expect("lengths that work");
        let inputs = vec![black_box(&values[..]); kind.columns().len()];
        run(&mut *indicator, &inputs, &mut slices);
    });
}
