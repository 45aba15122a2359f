//! Corporate actions over several ingests: what replaces what, what goes, and what is told.

use rustybt_bundles::{At, EventCounts, Outcome};
use rustybt_data::{Action, Sid};

use crate::fixture::{Listed, Shop, day, name};

fn split(new: u64) -> Action {
    Action::Split { new, old: 1 }
}

fn dividend(amount: &str, currency: Option<&str>) -> Action {
    Action::Dividend {
        amount: amount.parse().unwrap(),
        currency: currency.map(str::to_owned),
        declared: None,
        record: None,
        pay: None,
    }
}

/// Five days of one asset, from 2020-01-02 to 2020-01-08, at ten.
fn prices() -> Listed {
    Listed::default().daily("A", "2020-01-02", &["10 10 10 10 1"; 5])
}

fn full(mut source: Listed) -> Listed {
    source.full_lists = vec!["split", "dividend"];
    source
}

/// The days of the actions of a version.
fn days(shop: &Shop, at: At) -> Vec<String> {
    let bundle = shop.store.bundle(&name("us"), at).unwrap();
    let adjustments = bundle.adjustments();
    let events = adjustments.adjustments(Sid(0)).iter();
    events.map(|event| format!("{} {}", event.action.kind(), event.effective)).collect()
}

fn counts(new: u64, changed: u64, removed: u64, unchanged: u64) -> EventCounts {
    EventCounts { new, changed, removed, unchanged }
}

#[test]
fn what_was_there_is_not_counted_again() {
    let shop = Shop::new();
    let source = || {
        prices().event("A", "2020-01-03", split(2)).event("A", "2020-01-06", dividend("0.50", None))
    };
    let report = shop.ingest(&source(), "2020-02-03T00:00Z").unwrap();
    assert_eq!(report.events, counts(2, 0, 0, 0));
    let report = shop.ingest(&source(), "2020-02-04T00:00Z").unwrap();
    assert_eq!(
        (report.events, report.outcome),
        (counts(0, 0, 0, 2), Outcome::Unchanged { version: 1 })
    );
    // The same amount with other zeros, and a smaller scale of the whole table, is the same.
    let more = source().event("A", "2020-01-07", dividend("0.125", None));
    let report = shop.ingest(&more, "2020-02-05T00:00Z").unwrap();
    assert_eq!(report.events, counts(1, 0, 0, 2));
    let changed = prices().event("A", "2020-01-03", split(3));
    let report = shop.ingest(&changed, "2020-02-06T00:00Z").unwrap();
    assert_eq!(report.events, counts(0, 1, 0, 0));
    assert_eq!(days(&shop, At::Latest).len(), 3);
}

#[test]
fn a_full_list_takes_away_what_it_no_longer_has() {
    let shop = Shop::new();
    let first = prices()
        .event("A", "2019-12-30", split(5))
        .event("A", "2020-01-03", split(2))
        .event("A", "2020-01-06", dividend("0.5", None))
        .event("A", "2020-01-20", split(7));
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    // It was redated, and the dividend was none. Days without bars are not spoken of.
    let again = full(prices().event("A", "2020-01-07", split(2)));
    let report = shop.ingest(&again, "2020-02-04T00:00Z").unwrap();
    assert_eq!(report.events, counts(1, 0, 2, 0));
    assert_eq!(
        days(&shop, At::Latest),
        ["split 2019-12-30", "split 2020-01-07", "split 2020-01-20"]
    );
    let gone: Vec<&String> = report.notes.iter().filter(|note| note.contains("is gone")).collect();
    assert_eq!(
        gone,
        [
            "the split of `A` on 2020-01-03 is gone: the source no longer has it",
            "the dividend of `A` on 2020-01-06 is gone: the source no longer has it",
        ]
    );
    assert_eq!(days(&shop, At::Version(1)).len(), 4, "the version before keeps them");
    let report = shop.ingest(&again, "2020-02-05T00:00Z").unwrap();
    assert_eq!(
        (report.events, report.outcome),
        (counts(0, 0, 0, 1), Outcome::Unchanged { version: 2 })
    );
}

#[test]
fn a_list_is_full_only_over_the_days_it_tells_of_and_where_all_of_it_is_good() {
    let shop = Shop::new();
    let first = prices().event("A", "2020-01-03", split(2)).event("A", "2020-01-08", split(3));
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    // An ingest of the last days says nothing of the days before.
    let last = full(Listed::default().daily("A", "2020-01-08", &["10 10 10 10 1"]));
    let report = shop.ingest(&last, "2020-02-04T00:00Z").unwrap();
    assert_eq!(report.events, counts(0, 0, 1, 0));
    assert_eq!(days(&shop, At::Latest), ["split 2020-01-03"]);
    // Where a row was refused, nobody knows what it would have been.
    let refused = full(prices().event("A", "2020-01-06", Action::Split { new: 0, old: 1 }));
    let report = shop.ingest(&refused, "2020-02-05T00:00Z").unwrap();
    assert_eq!((report.events, report.rejected), (counts(0, 0, 0, 0), 1));
    assert_eq!(days(&shop, At::Latest), ["split 2020-01-03"]);
    // A source without a list takes nothing away.
    let report = shop.ingest(&prices(), "2020-02-06T00:00Z").unwrap();
    assert_eq!(report.events, counts(0, 0, 0, 0));
}

#[test]
fn dividends_that_cannot_act_and_those_of_another_currency_are_told() {
    let shop = Shop::new();
    let source = prices()
        .event("A", "2020-01-03", dividend("10", None))
        .event("A", "2020-01-06", dividend("9.99", Some("EUR")))
        .event("A", "2020-01-07", dividend("0.1", Some("USD")))
        // A Saturday acts on the Monday after; before the first bar there is nothing to act on.
        .event("A", "2020-01-04", dividend("12.5", None))
        .event("A", "2020-01-02", dividend("500", None));
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!(
        report.notes,
        [
            "1 dividends of `A` are in EUR, its prices in USD: they are taken from the prices as they stand",
            "the dividend of `A` on 2020-01-03 has no effect: 10 is not below the close before it, 10",
            "the dividend of `A` on 2020-01-04 has no effect: 12.5 is not below the close before it, 10",
        ]
    );
    assert_eq!(days(&shop, At::Latest).len(), 5, "they are kept as they came");
}

#[test]
fn bars_outside_the_dates_of_their_asset_are_kept_and_told() {
    let shop = Shop::new();
    let mut source = prices().minute("A", "2020-01-08T15:00Z", &["10 10 10 10 1"; 3]);
    source.records[0].start = Some(day("2020-01-03"));
    source.records[0].end = Some(day("2020-01-07"));
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rejected), (8, 0));
    assert_eq!(
        report.notes,
        ["5 bars of `A` lie outside its dates, 2020-01-03 to 2020-01-07; they are kept"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_rejection() {
    let shop = Shop::new();
    let mut source = prices().daily("B", "2020-01-02", &["1 1 1 1 1"]);
    source.broken = Some((1, false));
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rejected, report.assets), (1, 1));
}
