//! Prices to Parquet and back: `cargo bench -p rustybt-bundles --bench decode`.

#![allow(clippy::expect_used, reason = "a bench that cannot go on stops")]

use divan::{Bencher, counter::ItemsCount};
use rustybt_bundles::bench::PriceFile;

fn main() {
    divan::main();
}

/// A year of 500 assets, in cents: steps of a few hundred, and a jump from asset to asset.
fn prices() -> Vec<i64> {
    let mut seed = 1_u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as i64
    };
    let mut prices = Vec::with_capacity(500 * 252);
    for _ in 0..500 {
        let mut price = 1_000 + next() % 100_000;
        for _ in 0..252 {
            price = (price + next() % 401 - 200).max(1);
            prices.push(price);
        }
    }
    prices
}

#[divan::bench(args = [false, true])]
fn encode(bencher: Bencher<'_, '_>, wide: bool) {
    let prices = prices();
    bencher
        .counter(ItemsCount::new(prices.len()))
        .bench_local(|| PriceFile::encode(&prices, 2, wide).expect("prices are encoded"));
}

/// The goal for narrow ones is 300 million a second.
#[divan::bench(args = [false, true])]
fn decode(bencher: Bencher<'_, '_>, wide: bool) {
    let prices = prices();
    let file = PriceFile::encode(&prices, 2, wide).expect("prices are encoded");
    bencher
        .counter(ItemsCount::new(prices.len()))
        .bench_local(|| file.decode(wide).expect("prices are decoded"));
}
