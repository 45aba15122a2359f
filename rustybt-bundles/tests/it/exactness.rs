//! Prices and volumes of every size, digit for digit; tables that get more digits than they had.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustybt_bundles::{At, Error};
use rustybt_data::{AssetClass, Field, Sid};
use serde_json::json;

use crate::fixture::{Listed, Shop, dump, name};
use crate::python;

/// A coin of many zeros, a share of many, oil in April 2020, a token of a decentralised exchange,
/// and bitcoin in dong. All prices together need 10 digits before the point and 18 behind it.
const ROWS: [(&str, [&str; 2]); 5] = [
    ("SHIB", ["0.00000812 0.00000831 0.00000807 0.00000815 1000000000000000", "1 1 1 1 1e15"]),
    ("BRK.A", ["600000.01 633000 599999.99 612345.67 1234", "1 1 1 1 0.000001"]),
    ("CL", ["17.73 17.85 -40.32 -37.63 247947", "1 1 1 1 1"]),
    (
        "DEX",
        [
            "1234567890.123456789012345678 9999999999.999999999999999999 \
             0.000000000000000001 0.1 999999999999999",
            "1 1 1 1 1",
        ],
    ),
    ("BTC-VND", ["3000000000 3100000000.5 2999999999 3012345678.25 0.12345678", "1 1 1 1 1"]),
];

fn source(rows: &[(&'static str, [&str; 2])]) -> Listed {
    let mut source = Listed::default();
    for (symbol, rows) in rows {
        source = source.daily(symbol, "2020-04-20", rows);
        if *symbol == "CL" {
            source = source.class("CL", AssetClass::Future);
        }
    }
    source
}

fn cells(shop: &Shop, sid: u32, row: usize) -> Vec<String> {
    let daily = shop.latest().daily().unwrap();
    let cell = |field| daily.exact(field, Sid(sid), row..row + 1).unwrap().get(0);
    Field::OHLCV.map(|field| cell(field).unwrap().normalized().to_string()).into()
}

/// Bytes of every data file.
fn bytes(shop: &Shop) -> BTreeMap<PathBuf, Vec<u8>> {
    shop.files().into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn numbers_of_any_size_come_back_as_they_went_in() {
    let shop = Shop::new();
    let report = shop.ingest(&source(&ROWS), "2020-05-01T00:00Z").unwrap();
    assert_eq!((report.rows_stored, report.rejected), (10, 0));
    let daily = shop.latest().daily().unwrap();
    for (sid, (symbol, rows)) in (0..).zip(ROWS) {
        assert_eq!(cells(&shop, sid, 0).join(" "), rows[0], "{symbol}");
        // The nearest f64 of what was written, whatever its length.
        for (field, text) in Field::OHLCV.into_iter().zip(rows[0].split(' ')) {
            let value = daily.run(field, Sid(sid), 0).unwrap().values[0];
            let nearest: f64 = text.parse().unwrap();
            assert_eq!(value.to_bits(), nearest.to_bits(), "{symbol} {field} {text}");
        }
    }
    assert!(shop.store.verify(None).unwrap().is_sound());
    // The same again is the same.
    let files = bytes(&shop);
    let again = shop.ingest(&source(&ROWS), "2020-05-02T00:00Z").unwrap();
    assert_eq!((again.rows_changed, again.files_written), (0, 0));
    assert_eq!(bytes(&shop), files);
}

#[test]
fn a_table_that_gets_wide_leaves_older_versions_as_they_were() {
    let shop = Shop::new();
    shop.ingest(&source(&ROWS[..1]), "2020-05-01T00:00Z").unwrap();
    let (narrow, files) = (dump(&shop.latest()), bytes(&shop));
    // BRK.A needs more digits in front of the point: eighteen are enough for both.
    shop.ingest(&source(&ROWS[1..2]), "2020-05-02T00:00Z").unwrap();
    let open = shop.latest().daily().unwrap().exact(Field::Open, Sid(1), 0..1).unwrap();
    assert_eq!((open.scale(), open.narrow().is_some()), (8, true));
    let volume = shop.latest().daily().unwrap().exact(Field::Volume, Sid(0), 0..1).unwrap();
    assert_eq!((volume.scale(), volume.narrow().is_none()), (6, true), "22 digits of volume");
    shop.ingest(&source(&ROWS[3..4]), "2020-05-03T00:00Z").unwrap();
    assert_eq!(cells(&shop, 0, 0).join(" "), ROWS[0].1[0]);
    assert_eq!(cells(&shop, 2, 0).join(" "), ROWS[3].1[0]);
    let first = shop.store.bundle(&name("us"), At::Version(1)).unwrap();
    assert_eq!(dump(&first), narrow);
    for (path, content) in files {
        assert_eq!(std::fs::read(&path).unwrap(), content, "{}", path.display());
    }
    // A wide table stays wide: an append writes one file and no other again.
    let report = shop
        .ingest(&Listed::default().daily("SHIB", "2020-04-22", &["1 1 1 1 1"]), "2020-05-04T00:00Z")
        .unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (1, 0));
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn minute_files_written_before_a_wide_number_came_are_written_again() {
    let shop = Shop::new();
    let minutes = Listed::default()
        .minute("A", "2020-01-02T14:30Z", &["1 1 1 1 1"])
        .minute("B", "2020-01-02T14:30Z", &["1e10 1e10 1e-18 1 0.5"])
        .minute("C", "2020-01-02T14:30Z", &["2 2 2 2 1e27"]);
    let error = shop.ingest(&minutes, "2020-02-03T00:00Z").unwrap_err();
    // 11 digits in front of the point and 18 behind it.
    assert!(matches!(error, Error::TooManyDigits { .. }), "{error}");
    let minutes = Listed::default()
        .minute("A", "2020-01-02T14:30Z", &["1 1 1 1 1"])
        .minute("B", "2020-01-02T14:30Z", &["1e9 1e9 1e-18 1 0.5"])
        .minute("C", "2020-01-02T14:30Z", &["2 2 2 2 1e26"]);
    shop.ingest(&minutes, "2020-02-03T00:00Z").unwrap();
    let text = dump(&shop.latest());
    assert!(
        text.contains("1 2020-01-02T14:30Z 1000000000 1000000000 0.000000000000000001 1 0.5\n")
    );
    assert!(text.contains("2 2020-01-02T14:30Z 2 2 2 2 100000000000000000000000000\n"), "{text}");
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn what_no_table_holds_is_an_error_and_changes_nothing() {
    let shop = Shop::new();
    shop.ingest(&source(&ROWS), "2020-05-01T00:00Z").unwrap();
    let before = dump(&shop.latest());
    let large = Listed::default().daily("X", "2020-04-20", &["10000000000 1e10 1 1 1"]);
    let error = shop.ingest(&large, "2020-05-02T00:00Z").unwrap_err();
    let Error::TooManyDigits { ref symbol, column, scale, .. } = error else { panic!("{error}") };
    assert_eq!((symbol.as_str(), column, scale), ("X", "open", 18));
    assert_eq!(dump(&shop.latest()), before);
    // In a bundle of its own it is at home.
    Shop::new().ingest(&large, "2020-05-02T00:00Z").unwrap();
}

#[test]
fn every_program_reads_wide_decimals_and_the_narrow_versions_before() {
    let Some(python) = python::interpreter() else { return };
    let shop = Shop::new();
    let first = Listed::default().daily("A", "2020-01-02", &["10 11 9 10.5 100"]).minute(
        "A",
        "2020-01-02T14:30Z",
        &["3 3 3 3 3"],
    );
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let wide = "1234567890.123456789012345678 9999999999.999999999999999999 \
                0.000000000000000001 0.1 999999999999999999999";
    let oil = Listed::default()
        .daily("CL", "2020-01-03", &[wide, "17.73 17.85 -40.32 -37.63 247947.5"])
        .class("CL", AssetClass::Future);
    shop.ingest(&oil, "2020-02-04T00:00Z").unwrap();
    let answer = python::ask(python, "open_access.py", &[&shop.root(), "us"]);
    let a = json!(["0", "2020-01-02", "10", "11", "9", "10.5", "100"]);
    let mut expected = vec!["1", "2020-01-03"];
    expected.extend(wide.split_whitespace());
    let cl = json!(["1", "2020-01-06", "17.73", "17.85", "-40.32", "-37.63", "247947.5"]);
    for program in ["polars with ducklake-sdk", "polars over the files", "pandas", "own reader"] {
        assert_eq!(answer[program]["1"], json!([a]), "{program}");
        assert_eq!(answer[program]["2"], json!([a, expected, cl]), "{program}");
    }
    let duckdb = python::ask(python, "duckdb_reads.py", &[&shop.root(), "us"]);
    let rows = &duckdb["versions"]["2"];
    assert_eq!(rows[1][2], json!("1234567890.123456789012345678"));
    assert_eq!(rows[1][6], json!("999999999999999999999.0"));
    assert_eq!(rows[2][5], json!("-37.630000000000000000"));
    assert_eq!(duckdb["types"][2], json!(["open", "DECIMAL(28,18)"]));
    assert_eq!(duckdb["types"][6], json!(["volume", "DECIMAL(28,1)"]));
}
