//! Tables beyond bars: in, out, again, grown, as known at an instant.

use std::fmt::Write as _;

use proptest::prelude::*;
use rustybt_bundles::{At, Outcome, to_record_batch};
use rustybt_data::{Sid, Stamp, TableQuery, TableRows, TableSchema};

use crate::fixture::{Shop, at, day, name};
use crate::told_tables::Tables;

/// Rows as text, `sid` first where they have one.
pub(crate) fn shown(rows: &TableRows) -> Vec<String> {
    (0..rows.rows)
        .map(|row| {
            let sid = rows.sids.get(row).map(ToString::to_string);
            let cells = rows.columns.iter().map(|(_, values)| values.text(row));
            sid.into_iter().chain(cells).collect::<Vec<_>>().join(",")
        })
        .collect()
}

fn scan(shop: &Shop, table: &str, query: &TableQuery) -> Vec<String> {
    shown(&shop.latest().table(table).unwrap().scan(query).unwrap())
}

const TRADES: &str = "ts,price,size,side,id
    2013-10-07T13:30:00.000000001Z,181.52,283,buy,1
    2013-10-07T13:30:00.000000001Z,181.5,100,sell,2
    2013-11-01T13:30Z,0.00000812,1000000000000000,,3";

#[test]
fn trades_are_kept_exactly_and_an_append_writes_only_what_is_new() {
    let shop = Shop::new();
    let first = Tables::default().with(&TableSchema::trades(), Some("IBM"), TRADES);
    let report = shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rows_new, report.assets), (3, 3, 1));
    assert_eq!(
        scan(&shop, "trades", &TableQuery::new()),
        [
            "0,2013-10-07T13:30:00.000000001Z,181.52000000,283,buy,1",
            "0,2013-10-07T13:30:00.000000001Z,181.50000000,100,sell,2",
            "0,2013-11-01T13:30Z,0.00000812,1000000000000000,,3",
        ]
    );
    let files = shop.files();
    let trades = || shop.files().into_iter().filter(|f| f.to_string_lossy().contains("trades"));
    assert!(
        trades().next().unwrap().to_string_lossy().contains("instrument=IBM~0/year=2013/month=10/")
    );
    assert_eq!(trades().count(), 2);

    // The same again is nothing.
    let again = shop.ingest(&first, "2020-02-04T00:00Z").unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });
    assert_eq!((again.rows_unchanged, shop.files().len()), (3, files.len()));

    // A day later in November: one file more. A trade that is told anew replaces the one it was.
    let more = "ts,price,size,side,id
        2013-11-01T13:30Z,0.00000812,1000000000000000,,3
        2013-11-02T13:30Z,0.5,1,buy,4";
    let second = Tables::default().with(&TableSchema::trades(), Some("IBM"), more);
    let report = shop.ingest(&second, "2020-02-05T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_unchanged, trades().count()), (1, 1, 3));
    let restated = "ts,price,size,side,id\n2013-10-07T13:30:00.000000001Z,181.5,99,sell,2";
    let third = Tables::default().with(&TableSchema::trades(), Some("IBM"), restated);
    let report = shop.ingest(&third, "2020-02-06T00:00Z").unwrap();
    assert_eq!((report.rows_changed, report.rows_new), (1, 0));

    let october = TableQuery::new().between(at("2013-10-07T00:00Z"), at("2013-10-08T00:00Z"));
    assert_eq!(
        scan(&shop, "trades", &october.clone().columns(&["size", "ts"])),
        ["0,283,2013-10-07T13:30:00.000000001Z", "0,99,2013-10-07T13:30:00.000000001Z"]
    );
    assert_eq!(scan(&shop, "trades", &october.limit(1)).len(), 1);
    // Version 1 is as it was.
    let before = shop.store.bundle(&name("us"), At::Version(1)).unwrap();
    let rows = before.table("trades").unwrap().scan(&TableQuery::new()).unwrap();
    assert_eq!(rows.rows, 3);
    assert!(before.finder().assets()[0].end == day("2013-11-01"));
}

#[test]
fn a_column_that_comes_later_is_missing_before_and_unseen_in_old_versions() {
    let shop = Shop::new();
    let news = TableSchema::user("news", Stamp::Date, true).unwrap();
    let first = Tables::default().with(
        &news,
        None,
        "date,symbol,score:int,text:text
        2020-01-02,A,1,up
        2020-01-02,A,2,down
        2020-01-03,B,,sideways",
    );
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let second = Tables::default().with(
        &news,
        None,
        "date,symbol,score:int,weight,sure:bool
        2021-01-04,A,3,0.25,true
        2020-01-03,B,7,12.5,",
    );
    let report = shop.ingest(&second, "2020-02-04T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (1, 1), "{report:?}");
    assert_eq!(
        scan(&shop, "news", &TableQuery::new()),
        [
            "0,2020-01-02,1,up,,",
            "0,2020-01-02,2,down,,",
            "0,2021-01-04,3,,0.25,true",
            "1,2020-01-03,7,,12.50,",
        ]
    );
    let old = shop.store.bundle(&name("us"), At::Version(1)).unwrap().table("news").unwrap();
    let names: Vec<&str> = old.schema().columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["date", "score", "text"]);
    let only = old.scan(&TableQuery::new().sids(&[Sid(1)])).unwrap();
    assert_eq!(shown(&only), ["1,2020-01-03,,sideways"]);
    assert!(old.scan(&TableQuery::new().columns(&["weight"])).is_err());

    // Whole numbers become decimals where decimals come: in a new table, with every file.
    let third = Tables::default().with(&news, None, "date,symbol,score\n2022-01-04,A,0.5");
    shop.ingest(&third, "2020-02-05T00:00Z").unwrap();
    let scores = scan(&shop, "news", &TableQuery::new().columns(&["score"]));
    assert_eq!(scores, ["0,1.0", "0,2.0", "0,3.0", "0,0.5", "1,7.0"]);
    // What cannot become a number is refused as a whole, and the rest goes on.
    let fourth = Tables::default()
        .with(&news, None, "date,symbol,score:text\n2022-01-04,A,high")
        .with(&TableSchema::trades(), Some("A"), TRADES);
    let report = shop.ingest(&fourth, "2020-02-06T00:00Z").unwrap();
    assert_eq!(report.rejected, 1);
    let reason = report.rejected_kinds[0].rows[0].reason.to_string();
    assert_eq!(
        reason,
        "its column `score` holds text where the table has decimal(18,1); declare its type"
    );
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn decimals_of_28_digits_get_a_wider_column() {
    let shop = Shop::new();
    let table = TableSchema::user("wei", Stamp::Instant, true).unwrap();
    let first = Tables::default().with(&table, Some("ETH"), "ts,paid\n2020-01-02T00:00Z,1.5");
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let second = Tables::default().with(
        &table,
        Some("ETH"),
        "ts,paid\n2020-01-03T00:00Z,1234567890.123456789012345678",
    );
    shop.ingest(&second, "2020-02-04T00:00Z").unwrap();
    assert_eq!(
        scan(&shop, "wei", &TableQuery::new().columns(&["paid"])),
        ["0,1.500000000000000000", "0,1234567890.123456789012345678"]
    );
    let third = Tables::default().with(
        &table,
        Some("ETH"),
        "ts,paid\n2020-01-04T00:00Z,1234567890123456789",
    );
    let refused = shop.ingest(&third, "2020-02-05T00:00Z").unwrap_err();
    assert!(refused.to_string().contains("no usable"), "{refused}");
}

#[test]
fn fundamentals_are_read_as_they_were_known() {
    let shop = Shop::new();
    let fundamentals = TableSchema::known("fundamentals").unwrap();
    let told = Tables::default().with(
        &fundamentals,
        None,
        "date,symbol,known_at,eps
        2019-12-31,A,2020-02-10T21:00Z,1.25
        2019-12-31,B,,0.5",
    );
    shop.ingest(&told, "2020-03-01T00:00Z").unwrap();
    // A restatement is a row of its own: what was known before stays.
    let restated = Tables::default().with(
        &fundamentals,
        None,
        "date,symbol,known_at,eps\n2019-12-31,A,2020-05-01T12:00Z,1.20",
    );
    let report = shop.ingest(&restated, "2020-06-01T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (1, 0));
    let eps = |known: &str| {
        scan(&shop, "fundamentals", &TableQuery::new().known_at(at(known)).columns(&["eps"]))
    };
    assert_eq!(eps("2020-01-31T00:00Z"), ["1,0.50"]);
    assert_eq!(eps("2020-02-10T21:00Z"), ["0,1.25", "1,0.50"]);
    assert_eq!(eps("2020-05-02T00:00Z"), ["0,1.25", "0,1.20", "1,0.50"]);
}

#[test]
fn every_known_table_goes_in_and_comes_out() {
    let shop = Shop::new();
    let schema = |name: &str| TableSchema::known(name).unwrap();
    let source = Tables::default()
        .with(
            &schema("quotes"),
            Some("A"),
            "ts,bid,bid_size,ask,ask_size,seq
            2020-01-02T14:30Z,10,5,10.01,7,
            2020-01-02T14:30Z,10,5,10.01,7,",
        )
        .with(
            &schema("book_deltas"),
            Some("A"),
            "ts,seq,side,action,price,size
            2020-01-02T14:30Z,2,ask,delete,10.01,
            2020-01-02T14:30Z,1,bid,add,10,5",
        )
        .with(
            &schema("book_snap_2"),
            Some("A"),
            "ts,seq,bid_px_0,bid_sz_0,ask_px_0,ask_sz_0,bid_px_1,bid_sz_1
            2020-01-02T14:30Z,,10,5,10.01,7,9.99,1",
        )
        .with(
            &schema("funding_rates"),
            Some("A"),
            "ts,rate,predicted,next_time
            2020-01-02T16:00Z,0.0001,-0.00012,2020-01-03T00:00Z",
        )
        .with(
            &schema("events"),
            None,
            "date,symbol,known_at,kind:text\n2020-03-02,A,2020-01-02T12:00Z,earnings",
        )
        .with(
            &schema("estimates"),
            None,
            "date,symbol,known_at,fiscal_year,fiscal_quarter,eps
            2020-03-02,A,2020-01-02T12:00Z,2020,1,1.1",
        )
        .with(
            &schema("fx_rates"),
            None,
            "date,base,quote,rate,value\n2020-01-02,EUR,USD,mid,1.1193",
        )
        .with(
            &schema("futures_contracts"),
            None,
            "symbol,root_symbol,expiration_date,multiplier,tick_size
            ESH20,ES,2020-03-20,50,0.25",
        );
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rejected), (10, 0), "{report:?}");
    let all = |name: &str| scan(&shop, name, &TableQuery::new());
    assert_eq!(
        all("quotes"),
        ["0,2020-01-02T14:30Z,10.00,5,10.01,7,"; 2]
            .map(str::to_owned)
            .map(|r| r.replace("10.00", "10"))
    );
    assert_eq!(
        all("book_deltas"),
        ["0,2020-01-02T14:30Z,1,bid,add,10.00,5", "0,2020-01-02T14:30Z,2,ask,delete,10.01,"]
    );
    assert_eq!(all("book_snap_2"), ["0,2020-01-02T14:30Z,,10,5,10.01,7,9.99,1,,"]);
    assert_eq!(all("funding_rates"), ["0,2020-01-02T16:00Z,0.0001,-0.00012,2020-01-03T00:00Z"]);
    assert_eq!(all("events"), ["0,2020-03-02,2020-01-02T12:00Z,earnings"]);
    assert_eq!(all("estimates"), ["0,2020-03-02,2020-01-02T12:00Z,2020,1,1.1"]);
    assert_eq!(all("fx_rates"), ["2020-01-02,EUR,USD,mid,1.1193"]);
    assert_eq!(all("futures_contracts"), ["1,ES,,,,,2020-03-20,,50,0.25,,"]);
    let again = shop.ingest(&source, "2020-02-04T00:00Z").unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });

    let bundle = shop.latest();
    let quotes = bundle.tables().into_iter().find(|table| table.name == "quotes").unwrap();
    assert_eq!((quotes.rows, quotes.columns), (2, 7));
    assert_eq!(quotes.first, Some(at("2020-01-02T14:30Z")));
    let batch = to_record_batch(
        &bundle.table("quotes").unwrap().scan(&TableQuery::new().columns(&["ts", "ask"])).unwrap(),
    );
    let batch = batch.unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (2, 3));
    // The tables that every bundle has are read the same way.
    let assets = bundle.table("assets").unwrap().scan(&TableQuery::new().columns(&["symbol"]));
    assert_eq!(shown(&assets.unwrap()), ["0,A", "1,ESH20"]);
    assert!(bundle.table("trade").unwrap_err().to_string().contains("it has assets, book_deltas"));
}

#[test]
fn bad_rows_are_in_the_quarantine() {
    let shop = Shop::new();
    let source = Tables::default().with(
        &TableSchema::trades(),
        Some("A"),
        "ts,price,size,side,id
        2020-01-02T14:30Z,10,5,buy,1
        ,10,5,buy,2
        2020-01-02T14:30Z,10,-5,buy,3
        2020-01-02T14:30Z,11,5,buy,1
        2020-01-02T14:30Z,10,5,buy,1",
    );
    let report = shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rejected, report.equal_duplicates), (1, 3, 1));
    let query = TableQuery::new().columns(&["symbol", "kind", "reason"]);
    assert_eq!(
        scan(&shop, "quarantine", &query),
        [
            "A,bad-row,it has no `ts`",
            "A,bad-row,size -5 is below zero",
            "A,duplicate,another bar of 2020-01-02T14:30Z came first",
        ]
    );
}

/// One asset's rows: the day, the id, the size.
type Told = Vec<(i64, u8, i64)>;

fn trades(rows: &Told) -> Tables {
    let mut text = String::from("ts,price,size,side,id\n");
    for (day, id, size) in rows {
        let (month, day) = (1 + day / 28, 1 + day % 28);
        writeln!(text, "2020-{month:02}-{day:02}T14:30Z,10.5,{size},,{id}").unwrap();
    }
    Tables::default().with(&TableSchema::trades(), Some("A"), text.leak())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn parts_in_any_order_give_the_same_rows(rows in proptest::collection::vec((0_i64..60, 0_u8..3), 1..40), turn in 0_usize..40) {
        // Each (day, id) always says the same, so that no order is newer.
        let rows: Told = rows.into_iter().map(|(day, id)| (day, id, day * 10 + i64::from(id))).collect();
        let mut once: Vec<_> = rows.clone();
        once.sort_unstable();
        once.dedup();
        let (one, other) = (Shop::new(), Shop::new());
        one.ingest(&trades(&once), "2021-02-03T00:00Z").unwrap();
        let cut = turn % rows.len();
        for (number, piece) in [&rows[cut..], &rows[..cut], &rows[..]].into_iter().enumerate() {
            if !piece.is_empty() {
                other.ingest(&trades(&piece.to_vec()), &format!("2021-02-0{}T00:00Z", number + 3)).unwrap();
            }
        }
        let dump = |shop: &Shop| {
            let mut rows = scan(shop, "trades", &TableQuery::new());
            rows.sort();
            rows
        };
        prop_assert_eq!(dump(&one), dump(&other));
    }
}

#[test]
fn a_damaged_file_is_refused_and_named() {
    let shop = Shop::new();
    shop.ingest(
        &Tables::default().with(&TableSchema::trades(), Some("IBM"), TRADES),
        "2020-02-03T00:00Z",
    )
    .unwrap();
    let file = shop.files().into_iter().find(|f| f.to_string_lossy().contains("month=10")).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = shop.latest().table("trades").unwrap().scan(&TableQuery::new()).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("month=10"), "{cause}");
    let november = TableQuery::new().between(at("2013-11-01T00:00Z"), at("2013-12-01T00:00Z"));
    assert_eq!(scan(&shop, "trades", &november).len(), 1);
}

#[test]
fn compacting_joins_what_appends_left_and_keeps_every_row_and_version() {
    let shop = Shop::new();
    let news = TableSchema::user("news", Stamp::Date, true).unwrap();
    let days = [
        ("2013-10-07T13:30Z,181.5,1,,1", "2013-10-07,A,1"),
        ("2013-10-08T13:30Z,181.5,2,,2", "2013-10-08,B,2"),
        ("2013-10-09T13:30Z,0.125,3,,3", "2013-10-09,A,0.5"),
        ("2013-11-01T13:30Z,181.5,4,,4", "2013-11-01,A,4"),
    ];
    for (trade, row) in days {
        let trades = format!("ts,price,size,side,id\n{trade}").leak();
        let rows = format!("date,symbol,score\n{row}").leak();
        let source = Tables::default()
            .with(&TableSchema::trades(), Some("B/C"), trades)
            .with(&news, None, rows);
        shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    }
    let before =
        (scan(&shop, "trades", &TableQuery::new()), scan(&shop, "news", &TableQuery::new()));
    let version = shop.latest().version().clone();
    let report = shop.store.compact(&name("us"), at("2021-02-05T00:00Z")).unwrap();
    // Three files of October became one, and four of the year; assets and symbols stay.
    assert_eq!((report.files_before, report.files), (4 + 4 + 2, 2 + 1 + 2));
    assert_eq!(scan(&shop, "trades", &TableQuery::new()), before.0);
    assert_eq!(scan(&shop, "news", &TableQuery::new()), before.1);
    assert_eq!(shop.latest().version().rows, version.rows);
    let old = shop.store.bundle(&name("us"), At::Version(version.version)).unwrap();
    assert_eq!(shown(&old.table("trades").unwrap().scan(&TableQuery::new()).unwrap()), before.0);
    assert!(shop.files().iter().any(|path| path.to_string_lossy().contains("B%2FC~0")));
    assert!(shop.store.verify(None).unwrap().is_sound());
    // Once is enough; what was joined is known again, and appends go on beside it.
    let again = shop.store.compact(&name("us"), at("2021-02-06T00:00Z")).unwrap();
    assert_eq!(again.outcome, Outcome::Unchanged { version: version.version + 1 });
    let trades = "ts,price,size,side,id\n2013-10-08T13:30Z,181.5,2,,2\n2013-10-10T13:30Z,1,1,,5";
    let more = Tables::default().with(&TableSchema::trades(), Some("B/C"), trades);
    let report = shop.ingest(&more, "2021-02-07T00:00Z").unwrap();
    assert_eq!((report.rows_unchanged, report.rows_new), (1, 1));
    assert_eq!(shop.latest().version().files, 6);
}
