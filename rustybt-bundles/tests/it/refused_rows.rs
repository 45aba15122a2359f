//! Rows that are refused are all counted and kept, however many they are and however little memory
//! there is.

use std::fmt::Write as _;

use rustybt_bundles::Outcome;
use rustybt_data::{TableQuery, TableSchema};

use crate::fixture::{Shop, options};
use crate::records::shown;
use crate::told_tables::Tables;

/// Trades of which all but the first are of a size below zero, or contradict the first.
fn trades(rows: usize) -> Tables {
    let mut text = "ts,price,size,side,id\n2020-01-02T14:30Z,10,5,,7".to_owned();
    for row in 1..rows {
        match row % 8 {
            0 => write!(text, "\n2020-01-02T14:30Z,{row},5,,7").unwrap(),
            _ => write!(text, "\n2020-01-02T14:30Z,10,-{row},,{row}").unwrap(),
        }
    }
    Tables::default().with(&TableSchema::trades(), Some("A"), text.leak())
}

#[test]
fn all_that_is_refused_is_kept_in_order_and_what_is_so_again_is_not_written_again() {
    const ROWS: usize = 80_001;
    let mut found = Vec::new();
    for memory in [1, 512 << 20] {
        let shop = Shop::new();
        let mut options = options("2024-02-01T00:00Z");
        options.memory = memory;
        let report = shop.ingest_with(&trades(ROWS), &options).unwrap();
        assert_eq!((report.rows_stored, report.rejected), (1, 80_000));
        let kinds: Vec<_> =
            report.rejected_kinds.iter().map(|kind| (kind.kind, kind.count)).collect();
        assert_eq!(kinds, [("bad-row", 70_000), ("duplicate", 10_000)]);
        assert_eq!(report.rejected_kinds[0].rows.len(), 10_000);
        let quarantine =
            || shop.files().into_iter().filter(|f| f.to_string_lossy().contains("quarantine"));
        assert_eq!(quarantine().count(), 2);
        let rows = shop.latest().table("quarantine").unwrap();
        let rows = rows.scan(&TableQuery::new().columns(&["kind", "reason", "content"])).unwrap();
        found.push((shown(&rows), report.rejected_kinds));
        let again = shop.ingest_with(&trades(ROWS), &options).unwrap();
        assert_eq!(again.outcome, Outcome::Unchanged { version: 1 });
        // Fewer of them: the first file is as it was, the second another one.
        let fewer = shop.ingest_with(&trades(76_001), &options).unwrap();
        assert_eq!((fewer.rejected, quarantine().count()), (76_000, 2 + 1));
        let fewer = shop.ingest_with(&trades(9), &options).unwrap();
        let rows = shop.latest().table("quarantine").unwrap().rows();
        assert_eq!((fewer.rejected, rows), (8, 8));
        assert!(shop.store.verify(None).unwrap().is_sound());
    }
    assert!(found[0] == found[1]);
    let (rows, _) = &found[0];
    assert_eq!(rows[0], "bad-row,size -1 is below zero,2020-01-02T14:30Z,10,-1,,1");
    assert_eq!(rows.len(), 80_000);
}
