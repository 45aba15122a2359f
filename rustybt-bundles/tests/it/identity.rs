//! Sids: the same asset is the same number for ever.

use rustybt_bundles::Error;
use rustybt_calendars::Session;
use rustybt_data::{Sid, SymbolSpan};

use crate::fixture::{Listed, Shop, day};

#[test]
fn sids_do_not_depend_on_the_order_of_later_sources() {
    let shop = Shop::new();
    let row: &[&str] = &["5 5 5 5 1"];
    let first = Listed::default().daily("B", "2020-01-02", row).daily("A", "2020-01-02", row);
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let second = Listed::default()
        .daily("A", "2020-01-03", row)
        .daily("C", "2020-01-03", row)
        .daily("B", "2020-01-03", row);
    shop.ingest(&second, "2020-02-04T00:00Z").unwrap();
    let bundle = shop.latest();
    let finder = bundle.finder();
    let as_of = day("2020-01-03");
    let sid = |symbol: &str| finder.lookup(symbol, as_of).unwrap();
    assert_eq!((sid("B"), sid("A"), sid("C")), (Sid(0), Sid(1), Sid(2)));
    let lives: Vec<(Session, Session)> = finder.assets().iter().map(|a| (a.start, a.end)).collect();
    assert_eq!(lives[0], (day("2020-01-02"), day("2020-01-03")));
    assert_eq!(lives[2], (day("2020-01-03"), day("2020-01-03")));
}

#[test]
fn sids_of_the_source_are_kept_and_contradictions_refused() {
    let shop = Shop::new();
    let row: &[&str] = &["5 5 5 5 1"];
    let mut source = Listed::default().daily("A", "2020-01-02", row).daily("B", "2020-01-02", row);
    source.records[0].sid = Some(Sid(5000));
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    let bundle = shop.latest();
    assert_eq!(bundle.daily().unwrap().sids(), [Sid(5000), Sid(5001)]);
    // Sid 5000 lies in another file than the first thousand assets would.
    assert!(shop.files().iter().any(|file| file.to_str().unwrap().contains("b0004-")));

    let mut other = Listed::default().daily("X", "2020-01-03", row);
    other.records[0].sid = Some(Sid(5000));
    let error = shop.ingest(&other, "2020-02-04T00:00Z").unwrap_err();
    assert_eq!(error.to_string(), "`X` wants sid 5000, which `A` has");
    let mut moved = Listed::default().daily("A", "2020-01-03", row);
    moved.records[0].sid = Some(Sid(1));
    let error = shop.ingest(&moved, "2020-02-04T00:00Z").unwrap_err();
    assert!(matches!(error, Error::SidChanged { known: Sid(5000), wanted: Sid(1), .. }), "{error}");
}

#[test]
fn a_renamed_asset_stays_itself() {
    let shop = Shop::new();
    let row: &[&str] = &["5 5 5 5 1"];
    shop.ingest(&Listed::default().daily("FB", "2022-06-08", row), "2022-07-01T00:00Z").unwrap();
    let mut renamed = Listed::default().daily("META", "2022-06-09", row);
    let span = |symbol: &str, from: &str, to: &str| SymbolSpan {
        symbol: symbol.into(),
        from: day(from),
        to: day(to),
    };
    renamed.records[0].symbols =
        vec![span("FB", "2012-05-18", "2022-06-08"), span("META", "2022-06-09", "2022-06-30")];
    shop.ingest(&renamed, "2022-07-02T00:00Z").unwrap();
    let bundle = shop.latest();
    let finder = bundle.finder();
    assert_eq!(finder.assets().len(), 1);
    assert_eq!(finder.lookup("FB", day("2022-06-08")).unwrap(), Sid(0));
    assert_eq!(finder.lookup("META", day("2022-06-09")).unwrap(), Sid(0));
    assert_eq!(finder.assets()[0].symbol, "META");
}
