//! What the engine refuses, in its own words.

use std::sync::Arc;

use rustybt_pipeline::{
    AssetName, BoundColumn, CustomFactor, Engine, EquityLoader, EquityPricing, Error, Filter,
    Pipeline, Returns, RunOptions, SimpleMovingAverage,
};

use crate::market::Market;

fn refusal(pipeline: &Pipeline, start: &str, end: &str, options: RunOptions) -> String {
    let (calendar, finder, adjustments, daily) = Market::small().parts();
    let engine =
        Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()));
    engine
        .run(pipeline, start.parse().unwrap(), end.parse().unwrap(), &options)
        .unwrap_err()
        .to_string()
}

fn returns(window: usize) -> Pipeline {
    Pipeline::new().with("x", Returns::new(window).unwrap().factor().unwrap())
}

#[test]
fn ranges_that_cannot_be_run() {
    let plain = RunOptions::default();
    assert_eq!(
        refusal(&returns(2), "2010-07-04", "2010-07-06", plain),
        "2010-07-04 is no session of XNYS; the sessions around it are 2010-07-02 and 2010-07-06"
    );
    assert_eq!(
        refusal(&returns(2), "2010-07-06", "2010-07-02", plain),
        "the range ends at 2010-07-02, before it starts at 2010-07-06"
    );
    assert_eq!(
        refusal(&returns(30), "2010-03-08", "2010-03-09", plain),
        "the pipeline needs 30 sessions of data before 2010-03-08, and there are 5; \
         the earliest start that works is 2010-04-13"
    );
    assert_eq!(
        refusal(&returns(2), "2018-07-02", "2018-07-03", plain),
        "no asset lives anywhere from 2018-06-29 to 2018-07-03"
    );
    let refused =
        refusal(&returns(2), "2010-07-01", "2010-07-02", RunOptions { chunk: Some(0), ..plain });
    assert_eq!(refused, "`chunk` must be at least 1");
    let refused =
        refusal(&returns(2), "2010-07-01", "2010-07-02", RunOptions { threads: Some(0), ..plain });
    assert_eq!(refused, "`threads` must be at least 1");
}

#[test]
fn the_earliest_start_works() {
    let (calendar, finder, adjustments, daily) = Market::small().parts();
    let engine =
        Engine::new(Arc::new(EquityLoader::new(calendar, finder, adjustments, daily).unwrap()));
    let day = "2010-04-13".parse().unwrap();
    assert!(!engine.run(&returns(30), day, day, &RunOptions::default()).unwrap().is_empty());
}

#[test]
fn names_that_mean_nothing() {
    let column = BoundColumn::new("Fundamentals".into(), "eps".into());
    let refused = refusal(
        &Pipeline::new().with("x", column.latest()),
        "2010-07-01",
        "2010-07-02",
        RunOptions::default(),
    );
    assert_eq!(
        refused,
        "there is no column `Fundamentals.eps`; known are EquityPricing.open, EquityPricing.high, \
         EquityPricing.low, EquityPricing.close, EquityPricing.volume, EquityPricing.currency"
    );
    let named = Pipeline::new().screen(Filter::assets([AssetName::Symbol("NOPE".into())]));
    assert_eq!(
        refusal(&named, "2010-07-01", "2010-07-02", RunOptions::default()),
        "`NOPE` names no asset on any session from 2010-07-01 to 2010-07-02"
    );
}

#[test]
fn terms_that_make_no_sense() {
    let close = EquityPricing::CLOSE;
    let refused = |result: Result<_, Error>| {
        result.map(|_: rustybt_pipeline::Factor| ()).unwrap_err().to_string()
    };
    assert_eq!(
        refused(SimpleMovingAverage::new(3).and_then(|sma| sma.on([close.latest()]))),
        "`SimpleMovingAverage` looks back over `latest`, whose past values are not restated after a split; \
         use returns, a rank, a z-score or a column instead, or mark the factor window safe"
    );
    assert_eq!(
        refused(Returns::new(1).and_then(CustomFactor::factor)),
        "`Returns` needs a window of at least 2 rows, not 1"
    );
    assert_eq!(
        refused(Returns::new(2).and_then(|returns| returns.on([&close, &close]))),
        "`Returns` takes 1 input(s), not 2"
    );
    let between = close.latest().percentile_between(70.0, 30.0, None).unwrap_err().to_string();
    assert_eq!(between, "percentiles run from 0 to 100, the lower one first; found 70 and 30");
}
