//! Columns that only some bars have: kept where they come, missing everywhere else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rustybt_bundles::{At, Bundle};
use rustybt_data::{BarReaderExt, Error, ExactColumn, Field, Sid};
use serde_json::{Value, json};

use crate::fixture::{Listed, Shop, dump, name};
use crate::python;

/// Gives the table that was added last an optional column, `-` where a bar has none.
fn with(mut source: Listed, field: Field, values: &[&str]) -> Listed {
    let mut column = ExactColumn::default();
    for text in values {
        let value = if *text == "-" { None } else { Some(text.parse().unwrap()) };
        column.push(value).unwrap();
    }
    source.tables.last_mut().unwrap().bars.columns.push((field, column));
    source
}

const ROW: &str = "10 11 9 10.5 100";

fn bytes(shop: &Shop) -> BTreeMap<PathBuf, Vec<u8>> {
    shop.files().into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn cells(bundle: &Bundle, field: Field, sid: u32) -> Vec<String> {
    let daily = bundle.daily().unwrap();
    let column = daily.exact(field, Sid(sid), 0..daily.timeline().len()).unwrap();
    let text = |row| column.get(row).map_or("-".to_owned(), |v| v.normalized().to_string());
    (0..column.len()).map(text).collect()
}

#[test]
fn optional_columns_are_kept_and_read_back() {
    let shop = Shop::new();
    let source = Listed::default().daily("A", "2020-01-02", &[ROW, ROW, ROW]);
    let source = with(source, Field::QuoteVolume, &["12345678901234567890.12", "-", "0.5"]);
    let source = with(source, Field::Vwap, &["10.12345678901234567891", "10.5", "-"]);
    let source = with(source, Field::Trades, &["7", "-", "123456789"]);
    // Of another asset without them nothing is known.
    let source = source.daily("B", "2020-01-03", &[ROW]);
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    let bundle = shop.latest();
    assert_eq!(cells(&bundle, Field::QuoteVolume, 0), ["12345678901234567890.12", "-", "0.5"]);
    assert_eq!(cells(&bundle, Field::Vwap, 0), ["10.12345678901234567891", "10.5", "-"]);
    assert_eq!(cells(&bundle, Field::Trades, 0), ["7", "-", "123456789"]);
    assert_eq!(cells(&bundle, Field::Vwap, 1), ["-", "-", "-"]);
    let daily = bundle.daily().unwrap();
    assert_eq!(daily.fields(), Field::ALL);
    let value = |field, row| daily.value(field, Sid(0), row).unwrap();
    assert_eq!(value(Field::Vwap, 0).to_bits(), 10.123_456_789_012_346_f64.to_bits());
    assert_eq!(value(Field::QuoteVolume, 0).to_bits(), 12_345_678_901_234_567_890.12_f64.to_bits());
    assert!((value(Field::Trades, 0), value(Field::Volume, 1)) == (7.0, 100.0));
    assert!(value(Field::Vwap, 2).is_nan() && value(Field::Trades, 1).is_nan());
    rustybt_data::conformance::reader(daily.as_ref());
    assert!(shop.store.verify(None).unwrap().is_sound());
    // The same again is the same.
    let files = bytes(&shop);
    shop.ingest(&source, "2020-02-04T00:00Z").unwrap();
    assert_eq!(bytes(&shop), files);
}

#[test]
fn a_column_that_comes_later_leaves_older_versions_and_files_alone() {
    let shop = Shop::new();
    let first = Listed::default().daily("A", "2019-12-30", &[ROW, ROW, ROW]);
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let (before, files) = (dump(&shop.latest()), bytes(&shop));
    let later = Listed::default().daily("A", "2020-01-03", &[ROW, ROW]);
    let report =
        shop.ingest(&with(later, Field::Vwap, &["10.25", "-"]), "2020-02-04T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (2, 0));
    for (path, content) in &files {
        assert_eq!(&std::fs::read(path).unwrap(), content, "{}", path.display());
    }
    assert_eq!(cells(&shop.latest(), Field::Vwap, 0), ["-", "-", "-", "10.25", "-"]);
    let old = shop.store.bundle(&name("us"), At::Version(1)).unwrap();
    assert_eq!(dump(&old), before);
    let refused = old.daily().unwrap().exact(Field::Vwap, Sid(0), 0..1).unwrap_err();
    assert!(matches!(refused, Error::NoField { field: Field::Vwap, .. }), "{refused}");
    // And another one, in front of which it would stand in any order but that of their coming.
    let trades = Listed::default().daily("A", "2020-01-07", &[ROW]);
    shop.ingest(&with(trades, Field::Trades, &["3"]), "2020-02-05T00:00Z").unwrap();
    let bundle = shop.latest();
    assert_eq!(cells(&bundle, Field::Vwap, 0), ["-", "-", "-", "10.25", "-", "-"]);
    assert_eq!(cells(&bundle, Field::Trades, 0), ["-", "-", "-", "-", "-", "3"]);
    // What is ingested again without them keeps what was there, and changes nothing.
    let all = Listed::default().daily("A", "2019-12-30", &[ROW; 6]);
    let report = shop.ingest(&all, "2020-02-06T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed, report.files_written), (0, 0, 0));
    // More digits write the table anew, all of its columns with it.
    let fine = Listed::default().daily("A", "2020-01-08", &["0.000001 1e9 1e-18 1 1e15"]);
    shop.ingest(&fine, "2020-02-07T00:00Z").unwrap();
    let bundle = shop.latest();
    assert_eq!(cells(&bundle, Field::Vwap, 0)[3..], ["10.25", "-", "-", "-"]);
    assert_eq!(cells(&bundle, Field::Trades, 0)[4..], ["-", "3", "-"]);
    assert_eq!(dump(&shop.store.bundle(&name("us"), At::Version(1)).unwrap()), before);
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn duckdb_sees_each_version_with_the_columns_it_had() {
    let Some(python) = python::interpreter() else { return };
    let shop = Shop::new();
    shop.ingest(&Listed::default().daily("A", "2020-01-02", &[ROW]), "2020-02-03T00:00Z").unwrap();
    let more = Listed::default().daily("A", "2020-01-03", &[ROW, ROW]);
    let more = with(more, Field::Vwap, &["10.25", "-"]);
    let more = with(more, Field::QuoteVolume, &["1025.5", "-"]);
    shop.ingest(&more, "2020-02-04T00:00Z").unwrap();
    let trades = with(Listed::default().daily("A", "2020-01-07", &[ROW]), Field::Trades, &["3"]);
    shop.ingest(&trades, "2020-02-05T00:00Z").unwrap();
    let answer = python::ask(python, "duckdb_reads.py", &[&shop.root(), "us"]);
    let row = |day: &str, extras: Value| -> Value {
        let mut row = json!(["0", day, "10.0", "11.0", "9.0", "10.5", "100"]);
        row.as_array_mut().unwrap().extend(extras.as_array().unwrap().iter().cloned());
        row
    };
    assert_eq!(answer["versions"]["1"], json!([row("2020-01-02", json!([]))]));
    let second = [
        row("2020-01-02", json!([null, null])),
        row("2020-01-03", json!(["10.25", "1025.5"])),
        row("2020-01-06", json!([null, null])),
    ];
    assert_eq!(answer["versions"]["2"], json!(second));
    assert_eq!(answer["versions"]["3"][1], row("2020-01-03", json!(["10.25", "1025.5", null])));
    assert_eq!(answer["versions"]["3"][3], row("2020-01-07", json!([null, null, "3"])));
    let types: Vec<&Value> = answer["types"].as_array().unwrap().iter().skip(7).collect();
    let expected = [
        json!(["vwap", "DECIMAL(18,2)"]),
        json!(["quote_volume", "DECIMAL(18,1)"]),
        json!(["trades", "BIGINT"]),
    ];
    assert_eq!(types, expected.iter().collect::<Vec<_>>());
}
