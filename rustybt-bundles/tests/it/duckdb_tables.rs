//! Tables beyond bars as DuckDB sees them: their types, their rows, and what they were before.

use rustybt_data::{Stamp, TableSchema};
use serde_json::json;

use crate::fixture::Shop;
use crate::python;
use crate::told_tables::Tables;

#[test]
fn duckdb_reads_every_table_at_every_version() {
    let Some(python) = python::interpreter() else { return };
    let shop = Shop::new();
    let schema = |name: &str| TableSchema::known(name).unwrap();
    let news = TableSchema::user("news", Stamp::Date, true).unwrap();
    let first = Tables::default()
        .with(
            &schema("trades"),
            Some("A"),
            "ts,price,size,side,id
            2013-10-07T13:30:00.000000001Z,181.52,283,buy,1
            2013-11-01T13:30Z,0.00000812,1000000000000000,,2",
        )
        .with(&schema("quotes"), Some("A"), "ts,bid,bid_size\n2013-10-07T13:30Z,10,5")
        .with(
            &schema("book_deltas"),
            Some("A"),
            "ts,seq,side,action,price,size\n2013-10-07T13:30Z,1,bid,add,10,5",
        )
        .with(&schema("book_snap_1"), Some("A"), "ts,bid_px_0,bid_sz_0\n2013-10-07T13:30Z,10,5")
        .with(&schema("funding_rates"), Some("A"), "ts,rate\n2013-10-07T16:00Z,-0.0001")
        .with(
            &schema("fundamentals"),
            None,
            "date,symbol,known_at,eps\n2013-06-30,A,2013-07-17T20:05Z,3.22",
        )
        .with(
            &schema("fx_rates"),
            None,
            "date,base,quote,rate,value\n2013-10-07,EUR,USD,mid,1.1193",
        )
        .with(&schema("futures_contracts"), None, "symbol,root_symbol,multiplier\nESH20,ES,50")
        .with(&news, None, "date,symbol,score:int\n2013-10-07,A,1");
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    // A column more, and one that whole numbers do not hold.
    let second = Tables::default()
        .with(
            &news,
            None,
            "date,symbol,score,sure:bool,wide\n2013-10-08,A,0.5,true,1234567890.123456789012345678",
        )
        .with(
            &schema("quotes"),
            Some("A"),
            "ts,ask,venue:text,mid:float\n2013-10-08T13:30Z,11,X,10.5",
        );
    shop.ingest(&second, "2020-02-04T00:00Z").unwrap();

    let names = [
        "trades",
        "quotes",
        "book_deltas",
        "book_snap_1",
        "funding_rates",
        "fundamentals",
        "fx_rates",
        "futures_contracts",
        "news",
    ];
    let root = shop.root();
    let arguments: Vec<&str> = [root.as_str(), "us"].into_iter().chain(names).collect();
    let answer = python::ask(python, "duckdb_tables.py", &arguments);
    assert_eq!(
        answer["types"]["trades"],
        json!([
            ["sid", "BIGINT"],
            ["ts", "TIMESTAMP_NS"],
            ["price", "DECIMAL(18,8)"],
            ["size", "DECIMAL(18,0)"],
            ["side", "VARCHAR"],
            ["id", "VARCHAR"],
        ])
    );
    assert_eq!(
        answer["types"]["news"],
        json!([
            ["sid", "BIGINT"],
            ["date", "DATE"],
            ["score", "DECIMAL(18,1)"],
            ["sure", "BOOLEAN"],
            ["wide", "DECIMAL(28,18)"],
        ])
    );
    let (before, after) = (&answer["rows"]["1"], &answer["rows"]["2"]);
    assert_eq!(
        before["trades"],
        json!([
            ["0", "2013-10-07 13:30:00.000000001", "181.52000000", "283", "buy", "1"],
            ["0", "2013-11-01 13:30:00", "0.00000812", "1000000000000000", null, "2"],
        ])
    );
    assert_eq!(before["trades"], after["trades"]);
    assert_eq!(answer["pruned"], json!([["1", "0.00000812", "0.00000812", "2013-11-01 13:30:00"]]));
    assert_eq!(
        before["quotes"],
        json!([["0", "2013-10-07 13:30:00", "10", "5", null, null, null]])
    );
    // Files from before a column came have none of it.
    assert_eq!(
        after["quotes"],
        json!([
            ["0", "2013-10-07 13:30:00", "10", "5", null, null, null, null, null],
            ["0", "2013-10-08 13:30:00", null, null, "11", null, null, "X", "10.5"],
        ])
    );
    assert_eq!(
        before["book_deltas"],
        json!([["0", "2013-10-07 13:30:00", "1", "bid", "add", "10", "5"]])
    );
    assert_eq!(
        before["book_snap_1"],
        json!([["0", "2013-10-07 13:30:00", null, "10", "5", null, null]])
    );
    assert_eq!(
        before["funding_rates"],
        json!([["0", "2013-10-07 16:00:00+00", "-0.0001", null, null]])
    );
    assert_eq!(
        before["fundamentals"],
        json!([["0", "2013-06-30", "2013-07-17 20:05:00+00", "3.22"]])
    );
    assert_eq!(before["fx_rates"], json!([["2013-10-07", "EUR", "USD", "mid", "1.1193"]]));
    assert_eq!(
        before["futures_contracts"][0].as_array().unwrap()[..3],
        [json!("1"), json!("ES"), json!(null)]
    );
    assert_eq!(before["news"], json!([["0", "2013-10-07", "1"]]));
    assert_eq!(
        after["news"],
        json!([
            ["0", "2013-10-07", "1.0", null, null],
            ["0", "2013-10-08", "0.5", "true", "1234567890.123456789012345678"],
        ])
    );
}
