//! Sids: the same asset is the same number for ever.

use rustybt_bundles::Error;
use rustybt_calendars::Session;
use rustybt_data::{AssetClass, AssetRecord, Sid, SymbolSpan};

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

/// What a source says of one asset, and who it then is.
struct Case {
    what: &'static str,
    record: fn(&mut AssetRecord),
    symbol: &'static str,
    is: Result<u32, &'static str>,
}

/// The assets of the bundle: two that had `T` one after the other, one of London, two that are
/// spelled alike, one of shares in classes, one that was renamed, and a future.
fn known() -> Listed {
    let mut source = Listed::default();
    let mut add = |symbol, exchange: &str, from: &str, to: &str| {
        source.records.push(AssetRecord {
            symbol: str::to_owned(symbol),
            exchange: Some(exchange.to_owned()),
            start: Some(day(from)),
            end: Some(day(to)),
            ..AssetRecord::default()
        });
    };
    add("T", "XNYS", "1995-01-03", "2005-11-18");
    add("T", "XNYS", "2005-12-01", "2020-06-30");
    add("T", "XLON", "2010-01-04", "2020-06-30");
    add("AB.C", "", "2010-01-04", "2020-06-30");
    add("AB-C", "", "2010-01-04", "2020-06-30");
    add("BRK.B", "", "2010-01-04", "2020-06-30");
    add("META", "", "2012-05-18", "2022-06-30");
    add("GOLD", "", "2010-01-04", "2020-06-30");
    source.records[0].name = Some("AT&T Corp".to_owned());
    source.records[1].name = Some("AT&T Inc".to_owned());
    let span =
        |symbol: &str, from, to| SymbolSpan { symbol: symbol.into(), from: day(from), to: day(to) };
    source.records[6].symbols =
        vec![span("FB", "2012-05-18", "2022-06-08"), span("META", "2022-06-09", "2022-06-30")];
    source.records[7].class = AssetClass::Future;
    for (sid, record) in (0..).zip(&mut source.records) {
        record.sid = Some(Sid(sid));
    }
    source.daily("A", "2020-01-02", &["5 5 5 5 1"])
}

#[test]
fn who_a_source_speaks_of() {
    let cases = [
        Case {
            what: "the last that had the symbol",
            symbol: "T",
            record: |r| {
                r.exchange = Some("XNYS".into());
            },
            is: Ok(1),
        },
        Case {
            what: "who had it on those days",
            symbol: "T",
            record: |r| {
                r.exchange = Some("XNYS".into());
                (r.start, r.end) = (Some(day("2000-01-03")), Some(day("2001-01-03")));
            },
            is: Ok(0),
        },
        Case {
            what: "another exchange",
            symbol: "T",
            record: |r| r.exchange = Some("XLON".into()),
            is: Ok(2),
        },
        Case {
            what: "an exchange that is new",
            symbol: "T",
            record: |r| r.exchange = Some("XHKG".into()),
            is: Ok(9),
        },
        Case {
            what: "two at once",
            symbol: "t",
            record: |_| {},
            is: Err(
                "`t` may be any of T (sid 2, XLON, 2010-01-04 to 2020-06-30), T (sid 1, XNYS, 2005-12-01 to 2020-06-30)",
            ),
        },
        Case {
            what: "a company that takes a symbol over",
            symbol: "T",
            record: |r| {
                r.exchange = Some("XNYS".into());
                r.name = Some("Telephones Ltd".into());
                r.start = Some(day("2020-07-01"));
            },
            is: Ok(9),
        },
        Case {
            what: "relisted under its own name",
            symbol: "T",
            record: |r| {
                r.exchange = Some("XNYS".into());
                r.name = Some("at&t inc".into());
                r.start = Some(day("2020-07-01"));
            },
            is: Ok(1),
        },
        Case {
            what: "relisted, and no name told",
            symbol: "T",
            record: |r| {
                r.exchange = Some("XNYS".into());
                r.start = Some(day("2020-07-01"));
            },
            is: Ok(1),
        },
        Case { what: "spelled exactly so", symbol: "AB.C", record: |_| {}, is: Ok(3) },
        Case { what: "spelled exactly so as well", symbol: "AB-C", record: |_| {}, is: Ok(4) },
        Case {
            what: "spelled like two",
            symbol: "ab/c",
            record: |_| {},
            is: Err(
                "`ab/c` may be any of AB-C (sid 4, 2010-01-04 to 2020-06-30), AB.C (sid 3, 2010-01-04 to 2020-06-30)",
            ),
        },
        Case {
            what: "another form of a class of shares",
            symbol: "BRK-B",
            record: |_| {},
            is: Ok(5),
        },
        Case { what: "and another", symbol: "brk/b", record: |_| {}, is: Ok(5) },
        Case {
            what: "the name from before",
            symbol: "FB",
            record: |r| {
                (r.start, r.end) = (Some(day("2015-01-02")), Some(day("2016-01-04")));
            },
            is: Ok(6),
        },
        Case { what: "the name from after", symbol: "meta", record: |_| {}, is: Ok(6) },
        Case { what: "another class of thing", symbol: "GOLD", record: |_| {}, is: Ok(9) },
        Case {
            what: "the same class",
            symbol: "GOLD",
            record: |r| r.class = AssetClass::Future,
            is: Ok(7),
        },
        Case {
            what: "a sid that the source gives",
            symbol: "NEW",
            record: |r| r.sid = Some(Sid(77)),
            is: Ok(77),
        },
        Case { what: "its own sid", symbol: "brk_b", record: |r| r.sid = Some(Sid(5)), is: Ok(5) },
        Case {
            what: "the sid of another",
            symbol: "NEW",
            record: |r| r.sid = Some(Sid(5)),
            is: Err("`NEW` wants sid 5, which `BRK.B` has"),
        },
        Case {
            what: "a second sid",
            symbol: "BRK.B",
            record: |r| r.sid = Some(Sid(50)),
            is: Err("`BRK.B` wants sid 50, but the bundle knows it as sid 5"),
        },
        Case { what: "nobody yet", symbol: "ZZZ", record: |_| {}, is: Ok(9) },
    ];
    for Case { what, record, symbol, is } in cases {
        let shop = Shop::new();
        shop.ingest(&known(), "2020-08-03T00:00Z").unwrap();
        let mut source = Listed::default().daily(symbol, "2020-01-03", &["5 5 5 5 1"]);
        record(&mut source.records[0]);
        let found = shop.ingest(&source, "2020-08-04T00:00Z");
        match (found, is) {
            (Ok(report), Ok(sid)) => {
                let new = u64::from(sid >= 9);
                assert_eq!(report.assets_new, new, "{what}");
                let bars = shop.latest().daily().unwrap();
                assert_eq!(bars.sids(), [Sid(8.min(sid)), Sid(8.max(sid))], "{what}");
            }
            (Err(error), Err(said)) => assert_eq!(error.to_string(), said, "{what}"),
            (found, _) => panic!("{what}: {found:?}"),
        }
    }
}

#[test]
fn assets_that_are_spelled_alike_keep_their_sids_whoever_comes_first() {
    let row: &[&str] = &["5 5 5 5 1"];
    let shop = Shop::new();
    let first = Listed::default().daily("AB.C", "2020-01-02", row).daily("x", "2020-01-02", row);
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    for symbols in [["AB.C", "AB-C", "x", "X"], ["X", "AB-C", "AB.C", "x"]] {
        let mut source = Listed::default();
        for symbol in symbols {
            source = source.daily(symbol, "2020-01-03", row);
        }
        shop.ingest(&source, "2020-02-04T00:00Z").unwrap();
        let finder = shop.latest().finder();
        let sid = |symbol| finder.lookup(symbol, day("2020-01-03")).unwrap();
        assert_eq!(["AB.C", "x", "AB-C", "X"].map(sid), [0, 1, 2, 3].map(Sid));
    }
}

#[test]
fn a_lookup_that_fails_lists_who_may_have_been_meant_with_their_dates() {
    let shop = Shop::new();
    shop.ingest(&known(), "2020-08-03T00:00Z").unwrap();
    let finder = shop.latest().finder();
    let fails = |symbol, as_of| finder.lookup(symbol, day(as_of)).unwrap_err().to_string();
    assert_eq!(
        fails("T", "2015-01-02"),
        "the symbol `T` is held by several assets as of 2015-01-02: \
         T (sid 1, XNYS, 2005-12-01 to 2020-06-30), T (sid 2, XLON, 2010-01-04 to 2020-06-30)"
    );
    assert_eq!(
        fails("T", "1990-01-02"),
        "no asset has the symbol `T` as of 1990-01-02; did you mean \
         T (sid 0, XNYS, 1995-01-03 to 2005-11-18), T (sid 1, XNYS, 2005-12-01 to 2020-06-30), \
         T (sid 2, XLON, 2010-01-04 to 2020-06-30)?"
    );
    assert_eq!(
        fails("BRK/A", "2015-01-02"),
        "no asset has the symbol `BRK/A` as of 2015-01-02; did you mean \
         BRK.B (sid 5, 2010-01-04 to 2020-06-30)?"
    );
    assert_eq!(finder.lookup("T", day("2000-01-03")).unwrap(), Sid(0));
    assert_eq!(finder.lookup("FB", day("2015-01-02")).unwrap(), Sid(6));
    assert_eq!(finder.lookup("brk-b", day("2015-01-02")).unwrap(), Sid(5));
}
