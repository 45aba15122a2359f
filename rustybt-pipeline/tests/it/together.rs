//! Pipelines that are run at once, and what a run tells of itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustybt_pipeline::{
    AverageDollarVolume, CustomFactor, Domain, Engine, EquityLoader, EquityPricing, Pipeline, Rank,
    Returns, RunOptions, Step, TermCache, Watch,
};

use crate::laws::{FIRST, assert_same_bits, everything, everything_else};
use crate::market::Market;

fn engine(market: &Market) -> Engine {
    let (calendar, finder, adjustments, daily) = market.parts();
    Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()))
}

#[test]
fn pipelines_run_at_once_have_the_numbers_that_each_has_alone() {
    let market = Market::small();
    let engine = engine(&market);
    let (start, end) = (market.session(FIRST), market.session(market.sessions - 1));
    let momentum = Returns::new(30).unwrap().factor().unwrap();
    let pipelines = [
        everything().screen(EquityPricing::CLOSE.latest().gt(1.0)),
        everything_else(),
        Pipeline::new().with("returns", momentum.clone()).screen(momentum.top(3, None)),
        Pipeline::new(),
        Pipeline::new().with("z", momentum.zscore(None)).of(Domain::named("US_EQUITIES").unwrap()),
    ];
    let all: Vec<&Pipeline> = pipelines.iter().collect();
    for (chunk, threads) in [(None, None), (Some(13), Some(1)), (Some(40), Some(2))] {
        let options = RunOptions { chunk, threads, ..RunOptions::default() };
        let together = engine.run_together(&all, start, end, &options).unwrap();
        assert_eq!(together.len(), all.len());
        for (pipeline, output) in all.iter().zip(&together) {
            let alone = engine.run(pipeline, start, end, &RunOptions::default()).unwrap();
            assert_same_bits(output, &alone, &format!("{options:?}"));
        }
    }
    assert!(engine.run_together(&[], start, end, &RunOptions::default()).unwrap().is_empty());
}

/// Counts how often each term is computed, and has a clock that ticks when it is looked at.
#[derive(Default)]
struct Counting {
    terms: Mutex<BTreeMap<String, usize>>,
    ticks: AtomicU64,
}

impl Watch for Counting {
    fn now(&self) -> Option<Duration> {
        Some(Duration::from_secs(self.ticks.fetch_add(1, Ordering::Relaxed)))
    }

    fn begins(&self, step: &Step<'_>) {
        *self.terms.lock().unwrap().entry(step.term.to_owned()).or_default() += 1;
    }
}

#[test]
fn a_run_tells_what_its_terms_took() {
    let market = Market::small();
    let engine = engine(&market);
    let (start, end) = (market.session(FIRST), market.session(FIRST + 19));
    let adv = AverageDollarVolume::new(10).unwrap().factor().unwrap();
    let pipeline = Pipeline::new().with("adv", adv.clone()).screen(adv.top(3, None));
    let counting = Counting::default();
    let options = RunOptions { chunk: Some(5), threads: Some(1), ..RunOptions::default() };
    let (output, explanation) =
        engine.run_measured(&pipeline, start, end, &options, &counting).unwrap();
    assert_eq!(output, engine.run(&pipeline, start, end, &options).unwrap());
    // Each of the four chunks computes each term once: two ticks of the clock lie a second apart.
    assert!(counting.terms.lock().unwrap().values().all(|count| *count == 4));
    assert!(explanation.terms.iter().any(|term| term.term.starts_with("AverageDollarVolume")));
    for term in &explanation.terms {
        let taken = term.taken.unwrap();
        assert_eq!(taken.time, Some(Duration::from_secs(4)), "{}", term.term);
        assert_eq!(taken.rows, 4 * (5 + term.extra_rows as u64), "{}", term.term);
        assert!(taken.bytes <= term.bytes, "{}: {} {}", term.term, taken.bytes, term.bytes);
    }
    let planned = engine.explain(&pipeline, start, end, &options).unwrap();
    assert!(planned.terms.iter().all(|term| term.taken.is_none()));
    // Without a clock there are rows and bytes all the same.
    let (_, untimed) = engine.run_measured(&pipeline, start, end, &options, &()).unwrap();
    assert!(untimed.terms.iter().all(|term| term.taken.unwrap().time.is_none()));
}

#[test]
fn a_cache_changes_no_bit_and_saves_what_it_has() {
    let market = Market::small();
    let plain = engine(&market);
    let cache = Arc::new(TermCache::new(1 << 30));
    let kept = plain.clone().with_cache(Arc::clone(&cache), "small@1");
    let (start, end) = (market.session(FIRST), market.session(market.sessions - 1));
    let us = Domain::named("US_EQUITIES").unwrap();
    let momentum = Returns::new(30).unwrap().factor().unwrap();
    let pipelines = [
        everything().screen(EquityPricing::CLOSE.latest().gt(1.0)),
        everything_else(),
        // Shares the returns and the choice, not the score.
        Pipeline::new().with("z", momentum.zscore(None)).screen(momentum.top(3, None)),
        Pipeline::new().with("z", momentum.zscore(None)).screen(momentum.top(3, None)).of(us),
        Pipeline::new()
            .with("x", momentum.rank(Rank::default(), None))
            .screen(momentum.top(3, None)),
    ];
    for (chunk, threads) in [(None, None), (Some(13), Some(1)), (Some(13), Some(2))] {
        let options = RunOptions { chunk, threads, ..RunOptions::default() };
        for pipeline in &pipelines {
            let expected = plain.run(pipeline, start, end, &options).unwrap();
            for turn in 0..2 {
                let what = format!("{options:?}, turn {turn}");
                assert_same_bits(
                    &kept.run(pipeline, start, end, &options).unwrap(),
                    &expected,
                    &what,
                );
            }
        }
    }
    // Everything is there: nothing over windows or across assets is computed again.
    let counting = Counting::default();
    let before = cache.statistics();
    kept.run_watched(&pipelines[2], start, end, &RunOptions::default(), &counting).unwrap();
    let computed = counting.terms.into_inner().unwrap();
    assert!(computed.is_empty(), "{computed:?}");
    assert_eq!(cache.statistics().misses, before.misses);
    // Of other data nothing is known.
    let other = plain.clone().with_cache(Arc::clone(&cache), "small@2");
    other.run(&pipelines[2], start, end, &RunOptions::default()).unwrap();
    assert!(cache.statistics().misses > before.misses);
    cache.clear();
    assert_eq!((cache.statistics().entries, cache.statistics().bytes), (0, 0));
}

#[test]
fn a_cache_of_new_data_does_not_see_the_old() {
    // The same name for other data would be a mistake of the caller's; a new name never is stale.
    let market = Market::small();
    let cache = Arc::new(TermCache::new(1 << 30));
    let (start, end) = (market.session(FIRST), market.session(90));
    let pipeline = Pipeline::new().with("r", Returns::new(9).unwrap().factor().unwrap());
    for rows in [100, 120, 160] {
        let plain = engine(&market.cut(rows));
        let kept = plain.clone().with_cache(Arc::clone(&cache), format!("cut at {rows}"));
        let expected = plain.run(&pipeline, start, end, &RunOptions::default()).unwrap();
        let found = kept.run(&pipeline, start, end, &RunOptions::default()).unwrap();
        assert_same_bits(&found, &expected, &rows.to_string());
    }
    assert_eq!(cache.statistics().hits, 0);
}

#[test]
fn a_cache_keeps_to_its_limit_and_lets_the_oldest_go() {
    let market = Market::small();
    let returns =
        |window: usize| Pipeline::new().with("r", Returns::new(window).unwrap().factor().unwrap());
    let day = market.session(FIRST + 30);
    let assets = engine(&market).run(&returns(2), day, day, &RunOptions::default()).unwrap().len();
    // Room for two results of one session; the look-back is another one for each window.
    let one = 8 * 12;
    assert!(assets <= 12);
    let cache = Arc::new(TermCache::new(2 * one));
    let kept = engine(&market).with_cache(Arc::clone(&cache), "small");
    let run = |window| kept.run(&returns(window), day, day, &RunOptions::default()).unwrap();
    for window in [2, 3, 2, 4] {
        run(window);
        assert!(cache.statistics().bytes <= 2 * one, "{cache:?}");
    }
    // 2 was used after 3, which is gone.
    let misses = cache.statistics().misses;
    run(2);
    assert_eq!(cache.statistics().misses, misses);
    run(3);
    assert_eq!(cache.statistics().misses, misses + 1);
    assert_eq!(cache.statistics().entries, 2);
    let none = Arc::new(TermCache::new(0));
    let kept = engine(&market).with_cache(Arc::clone(&none), "small");
    kept.run(&returns(2), day, day, &RunOptions::default()).unwrap();
    assert_eq!(none.statistics().entries, 0);
}
