//! The store as DuckDB sees it, with its own DuckLake extension and without our code.

use rustybt_data::Action;
use serde_json::json;

use crate::fixture::{Listed, Shop};
use crate::python;

#[test]
fn duckdb_reads_every_version_and_prunes_files() {
    let Some(python) = python::interpreter() else { return };
    let shop = Shop::new();
    let first = Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3"])
        .event("A", "2020-01-02", Action::Split { new: 2, old: 1 })
        .event(
            "A",
            "2019-12-31",
            Action::Dividend {
                amount: "0.505".parse().unwrap(),
                currency: None,
                declared: None,
                record: None,
                pay: None,
            },
        );
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let restated = Listed::default().daily("A", "2020-01-02", &["11 11.5 11 11 7", "6 5 7 6 1"]);
    shop.ingest(&restated, "2020-02-04T00:00Z").unwrap();
    let finer = Listed::default().daily("B", "2020-01-02", &["0.0001 0.0001 0.0001 0.0001 1.5"]);
    shop.ingest(&finer, "2020-02-05T00:00Z").unwrap();

    let answer = python::ask(python, "duckdb_reads.py", &[&shop.root(), "us"]);
    assert_eq!(answer["snapshots"], json!([0, 1, 2, 3]));
    assert_eq!(
        answer["versions"]["1"],
        json!([
            ["0", "2019-12-30", "10.00", "11.00", "9.00", "10.50", "100"],
            ["0", "2019-12-31", "10.50", "12.00", "10.00", "11.25", "200"],
            ["0", "2020-01-02", "11.00", "11.00", "11.00", "11.00", "0"],
        ])
    );
    assert_eq!(
        answer["versions"]["2"][2],
        json!(["0", "2020-01-02", "11.00", "11.50", "11.00", "11.00", "7"])
    );
    assert_eq!(
        answer["versions"]["3"][3],
        json!(["1", "2020-01-02", "0.0001", "0.0001", "0.0001", "0.0001", "1.5"])
    );
    assert_eq!(answer["versions"]["3"][0][2], json!("10.0000"));
    assert_eq!(
        answer["types"],
        json!([
            ["sid", "BIGINT"],
            ["session", "DATE"],
            ["open", "DECIMAL(18,4)"],
            ["high", "DECIMAL(18,4)"],
            ["low", "DECIMAL(18,4)"],
            ["close", "DECIMAL(18,4)"],
            ["volume", "DECIMAL(18,1)"],
        ])
    );
    assert_eq!(
        answer["counts"],
        json!([["4", "2019-12-30", "2020-01-02", "0.0001", "11.2500", "200.0"]])
    );
    assert_eq!(answer["files_read"], json!(["1"]), "2019 is not read");
    let tables = &answer["tables"];
    assert_eq!(
        tables["bars_1m"],
        json!([["0", "2020-01-02 14:30:00+00", "3", "3", "3", "3", "3"]])
    );
    assert_eq!(tables["splits"], json!([["0", "2020-01-02", null, "2", "1"]]));
    assert_eq!(
        tables["dividends"],
        json!([["0", "2019-12-31", null, "0.505", null, null, null, null]])
    );
    assert_eq!(tables["mergers"], json!([]));
    assert_eq!(tables["stock_dividends"], json!([]));
    // The bad bar belonged to the second version, and the third had none.
    assert_eq!(tables["quarantine"], json!([]));
    assert_eq!(tables["symbols"][1], json!(["1", "B", "2020-01-02", "2020-01-02"]));
    assert_eq!(
        tables["assets"][0],
        json!(["0", "A", null, null, "equity", "USD", "2019-12-30", "2020-01-02", null])
    );
}
