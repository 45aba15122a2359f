//! The pipeline that other programs were measured with: a moving average, relative strength, a
//! 252-row return scored and ranked, and the fifty best shown, over 500 assets and 2,266 sessions.

use std::sync::Arc;

use divan::Bencher;
use rustybt_data::{Synthetic, SyntheticConfig};
use rustybt_pipeline::{
    AverageDollarVolume, CustomFactor, Engine, EquityLoader, EquityPricing, Pipeline, Rank,
    Returns, Rsi, RunOptions, SimpleMovingAverage,
};

const SESSIONS: usize = 2266;

fn main() {
    divan::main();
}

/// The seeded market of 500 assets and ten years, with its splits and quarterly dividends.
fn market() -> (Synthetic, Engine) {
    let market = Synthetic::new(SyntheticConfig::default()).expect("a calendar that ships");
    let portal = market.portal().expect("a market that was built");
    let loader = EquityLoader::of(&portal).expect("one calendar");
    (market, Engine::new(Arc::new(loader)))
}

fn pipeline(screen_by_volume: bool) -> Pipeline {
    let sma = SimpleMovingAverage::new(20).and_then(|sma| sma.on([EquityPricing::CLOSE]));
    let rsi = Rsi::new(14).and_then(CustomFactor::factor).expect("a window");
    let score = Returns::new(252).and_then(CustomFactor::factor).expect("a window").zscore(None);
    let adv = AverageDollarVolume::new(20).and_then(CustomFactor::factor).expect("a window");
    let screen = if screen_by_volume { adv.top(50, None) } else { score.top(50, None) };
    Pipeline::new()
        .with("sma", sma.expect("a window"))
        .with("rsi", rsi)
        .with("z", score.clone())
        .with("rank", score.rank(Rank::descending(), None))
        .screen(screen)
}

fn run(bencher: Bencher<'_, '_>, pipeline: &Pipeline, options: RunOptions) {
    let (market, engine) = market();
    let days = market.sessions();
    let (start, end) = (days[days.len() - SESSIONS], days[days.len() - 1]);
    bencher.bench_local(|| {
        let output = engine.run(pipeline, start, end, &options).expect("a run");
        assert_eq!(output.len(), 50 * SESSIONS);
        output
    });
}

#[divan::bench(args = [1, 2])]
fn screen_by_score(bencher: Bencher<'_, '_>, threads: usize) {
    run(bencher, &pipeline(false), RunOptions { threads: Some(threads), ..RunOptions::default() });
}

#[divan::bench(args = [1, 2])]
fn screen_by_volume(bencher: Bencher<'_, '_>, threads: usize) {
    run(bencher, &pipeline(true), RunOptions { threads: Some(threads), ..RunOptions::default() });
}

#[divan::bench]
fn in_chunks_of_a_year(bencher: Bencher<'_, '_>) {
    run(
        bencher,
        &pipeline(false),
        RunOptions { threads: Some(2), chunk: Some(252), ..RunOptions::default() },
    );
}
