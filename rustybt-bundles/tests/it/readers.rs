//! The readers against the contract, and against the same market in memory.

use std::sync::Arc;

use rustybt_bundles::{At, Bundle, IngestOptions};
use rustybt_data::{
    BarReader, BarReaderExt, Field, Quote, Selection, Sid, Synthetic, SyntheticConfig, conformance,
};

use crate::fixture::{Listed, Shop, at, day, name};

fn market(assets: usize, minute_assets: usize) -> Synthetic {
    Synthetic::new(SyntheticConfig {
        assets,
        start: day("2018-06-01"),
        end: day("2020-03-31"),
        minute_assets,
        minute_days: 3,
        ..SyntheticConfig::default()
    })
    .unwrap()
}

fn ingest(shop: &Shop, market: &Synthetic) -> Bundle {
    let calendar = market.calendar().clone();
    let selection = Selection { symbols: None, start: None, end: None, frequency: None, calendar };
    let options = IngestOptions::new(selection, at("2021-01-01T00:00Z"));
    shop.store.ingest(&name("us"), market, &options, &|_| {}).unwrap();
    shop.store.bundle(&name("us"), At::Latest).unwrap()
}

#[test]
fn the_contracts_hold() {
    let shop = Shop::new();
    let bundle = ingest(&shop, &market(4, 2));
    conformance::reader(bundle.daily().unwrap().as_ref());
    conformance::reader(bundle.minute().unwrap().as_ref());
    conformance::finder(bundle.finder().as_ref());
}

#[test]
fn answers_are_those_of_the_market_in_memory() {
    let shop = Shop::new();
    let market = market(6, 2);
    let bundle = ingest(&shop, &market);
    let memory = market.parts().unwrap();
    same_bars(bundle.daily(), memory.daily);
    same_bars(bundle.minute(), memory.minute);
    for asset in memory.finder.assets() {
        assert_eq!(
            bundle.adjustments().adjustments(asset.sid),
            memory.adjustments.adjustments(asset.sid)
        );
        let found = bundle.finder().asset(asset.sid).cloned().unwrap();
        assert_eq!((found.start, found.end), (asset.start, asset.end));
    }
    // And through the portal, adjusted.
    let (ours, theirs) = (bundle.portal().unwrap(), market.portal().unwrap());
    let session = day("2019-12-31");
    for sid in memory.finder.assets().iter().map(|asset| asset.sid) {
        for quote in [Quote::Price, Quote::Field(Field::Volume)] {
            let ask = |portal: &rustybt_data::DataPortal| {
                portal.at_session(session).unwrap().current(sid, quote).unwrap().to_bits()
            };
            assert_eq!(ask(&ours), ask(&theirs));
        }
    }
}

/// Every label that both have gives the same bits.
fn same_bars(ours: Option<Arc<dyn BarReader>>, theirs: Option<Arc<dyn BarReader>>) {
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
    assert_eq!(ours.sids(), theirs.sids());
    let mut compared = 0;
    for row in 0..ours.timeline().len() {
        let label = ours.timeline().label(row).unwrap();
        let other = theirs.timeline().row_of(label).unwrap();
        for &sid in ours.sids() {
            for field in Field::OHLCV {
                let value = ours.value(field, sid, row).unwrap();
                assert_eq!(value.to_bits(), theirs.value(field, sid, other).unwrap().to_bits());
                compared += usize::from(value > 0.0);
            }
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn minutes_across_a_turn_of_the_year_lie_in_two_tiles() {
    let shop = Shop::new();
    let source = Listed::default()
        .minute("A", "2019-12-31T20:58Z", &["1 1 1 1 1", "2 2 2 2 2"])
        .minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3"])
        .minute("B", "2020-01-02T14:31Z", &["4 4 4 4 4"]);
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!(report.rows_stored, 4);
    let bundle = shop.latest();
    assert!(bundle.daily().is_none());
    let minute = bundle.minute().unwrap();
    // Two sessions, all of their minutes.
    assert_eq!(minute.timeline().len(), 780);
    let run = minute.run(Field::Close, Sid(0), 389).unwrap();
    assert_eq!((run.first, run.values), (388, [1.0, 2.0].as_slice()));
    let run = minute.run(Field::Close, Sid(0), 390).unwrap();
    assert_eq!((run.first, run.values), (390, [3.0].as_slice()));
    assert!(minute.run(Field::Close, Sid(1), 389).unwrap().values.is_empty());
    assert_eq!(minute.run(Field::Volume, Sid(1), 391).unwrap().values, [4.0]);
    let exact = minute.exact(Field::Close, Sid(0), 380..400).unwrap();
    assert_eq!(exact.get(8).unwrap().mantissa(), 1);
    assert_eq!(exact.get(10).unwrap().mantissa(), 3);
    assert_eq!(exact.get(11), None);
    // Only what was asked for was built: two years of A, one of B.
    assert_eq!(shop.tiles().len(), 3);
}

#[test]
fn minutes_outside_regular_hours_are_stored_but_not_on_the_timeline() {
    let shop = Shop::new();
    let source = Listed::default()
        .minute("A", "2020-01-02T14:29Z", &["1 1 1 1 1", "2 2 2 2 2"])
        .minute("A", "2020-01-02T20:59Z", &["3 3 3 3 3", "4 4 4 4 4"]);
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.outside_hours), (4, 2));
    let minute = shop.latest().minute().unwrap();
    assert_eq!(minute.timeline().len(), 390);
    let run = minute.run(Field::Close, Sid(0), 0).unwrap();
    assert_eq!((run.first, run.values.len()), (0, 390));
    assert_eq!((run.values[0], run.values[389]), (2.0, 3.0));
    assert!(run.values[1..389].iter().all(|value| value.is_nan()));
}

#[test]
fn questions_without_an_answer_are_refused() {
    let shop = Shop::new();
    let bundle = ingest(&shop, &market(2, 0));
    let daily = bundle.daily().unwrap();
    let rows = daily.timeline().len();
    let text = |error: rustybt_data::Error| error.to_string();
    assert!(text(daily.run(Field::Close, Sid(9), 0).unwrap_err()).contains("no asset has sid 9"));
    assert!(
        text(daily.run(Field::Close, Sid(0), rows).unwrap_err()).contains("leave the 1d table")
    );
    assert!(daily.exact(Field::Close, Sid(0), 0..rows + 1).is_err());
    assert!(daily.exact(Field::Close, Sid(0), 0..0).unwrap().is_empty());
}
