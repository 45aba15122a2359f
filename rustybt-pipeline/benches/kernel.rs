//! Kernels on one series: nanoseconds per value are the time shown over a hundred thousand.

use divan::{Bencher, black_box};
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
    bencher
        .bench_local(|| kernel::rolling_mean(black_box(&values), 0, window, black_box(&mut out)));
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
