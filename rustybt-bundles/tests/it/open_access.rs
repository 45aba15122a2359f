//! A store is open to everyone: Polars, pandas, and a reader written from the format's page alone.

use serde_json::{Value, json};

use crate::fixture::{Listed, Shop};
use crate::python;

/// Four programs, each of which must give every version's rows, digit for digit.
const PROGRAMS: [&str; 4] =
    ["polars with ducklake-sdk", "polars over the files", "pandas", "own reader"];

#[test]
fn polars_pandas_and_a_reader_of_one_page_read_every_version() {
    let Some(python) = python::interpreter() else { return };
    let shop = Shop::new();
    let first = Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3", "4 4 4 4 4"]);
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    let restated = Listed::default().daily("A", "2020-01-02", &["11 11.5 11 11 7"]);
    shop.ingest(&restated, "2020-02-04T00:00Z").unwrap();
    // Four digits behind the point where there were two: the table is another one from here on.
    let finer = Listed::default().daily("B", "2020-01-02", &["0.0001 0.0001 0.0001 0.0001 1.5"]);
    shop.ingest(&finer, "2020-02-05T00:00Z").unwrap();

    let answer = python::ask(python, "open_access.py", &[&shop.root(), "us"]);
    let a = [
        json!(["0", "2019-12-30", "10", "11", "9", "10.5", "100"]),
        json!(["0", "2019-12-31", "10.5", "12", "10", "11.25", "200"]),
        json!(["0", "2020-01-02", "11", "11", "11", "11", "0"]),
        json!(["0", "2020-01-02", "11", "11.5", "11", "11", "7"]),
        json!(["1", "2020-01-02", "0.0001", "0.0001", "0.0001", "0.0001", "1.5"]),
    ];
    let pick = |rows: &[usize]| -> Value { rows.iter().map(|&row| a[row].clone()).collect() };
    for program in PROGRAMS {
        assert_eq!(answer[program]["1"], pick(&[0, 1, 2]), "{program}");
        assert_eq!(answer[program]["2"], pick(&[0, 1, 3]), "{program}");
        assert_eq!(answer[program]["3"], pick(&[0, 1, 3, 4]), "{program}");
    }
    assert_eq!(answer["sid 0 in 2020"], pick(&[3]));
    assert_eq!(answer["files of 2020"], json!(["year=2020"]));
    assert_eq!(answer["tables"]["bars_1m"], json!(2));
    assert_eq!(answer["tables"]["assets"], json!(2));
}
