//! Tables beyond bars as a view sees them: the newest rows, order books, no look-ahead.

use std::sync::Arc;

use proptest::prelude::*;
use rustybt_calendars::Timestamp;
use rustybt_data::{
    Book, DecimalColumn, Error, KnownTables, MemoryTable, Sid, Synthetic, SyntheticConfig,
    TableQuery, TableReader, TableRows, TableSchema, TableValues, parse_decimal,
};

use crate::market::at;

fn decimals<'a>(values: impl IntoIterator<Item = &'a str>) -> TableValues {
    let mut column = DecimalColumn::default();
    for text in values {
        let value = (!text.is_empty()).then(|| parse_decimal(text.as_bytes()).unwrap());
        column.push(value).unwrap();
    }
    TableValues::Decimal(column)
}

fn table(schema: TableSchema, sids: &[u32], columns: Vec<(&str, TableValues)>) -> Arc<MemoryTable> {
    let columns = columns.into_iter().map(|(name, values)| (name.to_owned(), values)).collect();
    let sids: Vec<Sid> = sids.iter().copied().map(Sid).collect();
    let rows = TableRows { rows: sids.len(), sids, columns };
    Arc::new(MemoryTable::new(schema, rows).unwrap())
}

/// Trades of two assets, with gaps of seconds, days and years.
fn trades() -> Arc<MemoryTable> {
    let stamps = [
        "2016-05-02T13:30Z",
        "2020-01-02T14:30:00.5Z",
        "2020-01-02T14:30:59.999999999Z",
        "2020-01-06T20:59Z",
        "2020-01-02T14:31Z",
    ];
    let stamps = stamps.map(|text| text.parse().ok()).to_vec();
    table(
        TableSchema::trades(),
        &[0, 0, 0, 0, 3],
        vec![
            ("ts", TableValues::Nanos(stamps)),
            ("price", decimals(["9.5", "10.25", "10.5", "11", "70"])),
            ("size", decimals(["1", "2", "3", "4", "5"])),
        ],
    )
}

fn prices(rows: &TableRows) -> Vec<String> {
    (0..rows.rows).map(|row| rows.column("price").unwrap().plain(row)).collect()
}

#[test]
fn the_newest_trades_are_those_that_have_happened() {
    let tables: [Arc<dyn TableReader>; 1] = [trades()];
    let newest = |now: &str, sid, count| {
        prices(&KnownTables::new(&tables, at(now)).trades(Sid(sid), count).unwrap())
    };
    assert_eq!(newest("2020-01-02T14:30:59.999999998Z", 0, 2), ["9.5", "10.25"]);
    assert_eq!(newest("2020-01-02T14:30:59.999999999Z", 0, 2), ["10.25", "10.5"]);
    assert_eq!(newest("2020-01-03T00:00Z", 0, 9), ["9.5", "10.25", "10.5"]);
    assert_eq!(newest("2030-01-01T00:00Z", 0, 1), ["11"]);
    assert_eq!(newest("2020-01-02T14:30:59Z", 3, 1), [""; 0]);
    assert_eq!(newest("2020-01-02T14:31Z", 3, 1), ["70"]);
    assert_eq!(newest("2020-01-06T21:00Z", 0, 0), [""; 0]);
    let known = KnownTables::new(&tables, at("2020-01-03T00:00Z"));
    let future = TableQuery::new().between(at("2020-01-02T14:31Z"), at("2021-01-01T00:00Z"));
    assert_eq!(prices(&known.scan("trades", &future).unwrap()), ["70"]);
    let error = known.quotes(Sid(0), 1).unwrap_err();
    assert_eq!(error.to_string(), "there is no table `quotes`; there are: trades");
}

#[test]
fn a_view_of_a_portal_has_its_tables() {
    let config = SyntheticConfig { assets: 1, ..SyntheticConfig::default() };
    let portal = Synthetic::new(config).unwrap().portal().unwrap();
    let portal = portal.with_tables([trades() as Arc<dyn TableReader>]);
    let data = portal.at_session("2016-05-02".parse().unwrap()).unwrap();
    assert_eq!(data.tables().names().collect::<Vec<_>>(), ["trades"]);
    assert_eq!(prices(&data.tables().trades(Sid(0), 5).unwrap()), ["9.5"]);
    let error = data.tables().book(Sid(0), 5).unwrap_err();
    assert!(matches!(error, Error::NoTable { .. }), "{error}");
}

#[test]
fn a_row_is_known_from_the_moment_it_says() {
    let days = ["2019-12-31", "2020-03-31"].map(|day| day.parse().ok()).to_vec();
    let known = [Some("2020-02-10T21:00Z"), None].map(|text| text.map(at)).to_vec();
    let reports = table(
        TableSchema::known("fundamentals").unwrap(),
        &[0, 0],
        vec![
            ("date", TableValues::Date(days)),
            ("known_at", TableValues::Instant(known)),
            ("price", decimals(["1", "2"])),
        ],
    );
    let tables: [Arc<dyn TableReader>; 1] = [reports];
    let last = |now: &str| {
        prices(&KnownTables::new(&tables, at(now)).last("fundamentals", Sid(0), 1).unwrap())
    };
    assert_eq!(last("2020-02-10T20:59Z"), [""; 0]);
    assert_eq!(last("2020-02-10T21:00Z"), ["1"]);
    assert_eq!(last("2020-03-31T00:00Z"), ["2"]);
}

/// Minute, number, side, action, price, size.
type Delta = (i64, i64, &'static str, &'static str, &'static str, &'static str);

fn minute(minutes: i64) -> Timestamp {
    at("2024-03-01T00:00Z").plus_minutes(minutes)
}

fn deltas(rows: &[Delta]) -> Arc<MemoryTable> {
    let text = |of: fn(&Delta) -> &'static str| {
        TableValues::Text(rows.iter().map(|row| Some(of(row).to_owned())).collect())
    };
    table(
        TableSchema::book_deltas(),
        &vec![0; rows.len()],
        vec![
            ("ts", TableValues::Nanos(rows.iter().map(|row| Some(minute(row.0))).collect())),
            ("seq", TableValues::Int(rows.iter().map(|row| Some(row.1)).collect())),
            ("side", text(|row| row.2)),
            ("action", text(|row| row.3)),
            ("price", decimals(rows.iter().map(|row| row.4))),
            ("size", decimals(rows.iter().map(|row| row.5))),
        ],
    )
}

fn shown(book: Option<Book>) -> String {
    let Some(book) = book else { return "nothing".to_owned() };
    let side = |levels: &[rustybt_data::BookLevel]| {
        let levels = levels.iter().map(|level| format!("{}x{}", level.size, level.price));
        levels.collect::<Vec<_>>().join(" ")
    };
    format!("{} | {}", side(&book.bids), side(&book.asks))
}

const DELTAS: [Delta; 13] = [
    (0, 1, "bid", "update", "99", "5"),
    (1, 2, "bid", "snapshot", "100", "1"),
    (1, 2, "bid", "snapshot", "99.5", "2"),
    (1, 2, "ask", "snapshot", "101", "3"),
    (2, 3, "ask", "add", "100.5", "1"),
    (2, 3, "bid", "update", "100", "4"),
    (3, 4, "ask", "trade", "100.5", "1"),
    (3, 5, "ask", "delete", "100.5", ""),
    (3, 5, "bid", "update", "99.5", "0"),
    (4, 6, "bid", "snapshot", "98", "1"),
    (4, 6, "ask", "snapshot", "102", "1"),
    (90_000, 7, "ask", "clear", "0", "0"),
    (90_000, 8, "ask", "add", "103", "1"),
];

#[test]
fn changes_make_a_book() {
    let tables: [Arc<dyn TableReader>; 1] = [deltas(&DELTAS)];
    let book = |now| shown(KnownTables::new(&tables, now).book(Sid(0), 2).unwrap());
    assert_eq!(book(minute(-1)), "nothing");
    assert_eq!(book(minute(0)), "5x99 | ");
    assert_eq!(book(minute(1)), "1x100 2x99.5 | 3x101");
    assert_eq!(book(minute(2)), "4x100 2x99.5 | 1x100.5 3x101");
    assert_eq!(book(minute(3)), "4x100 | 3x101");
    assert_eq!(book(minute(89_999)), "1x98 | 1x102");
    assert_eq!(book(minute(90_000)), " | 1x103");
    let known = KnownTables::new(&tables, minute(2));
    let book = known.book(Sid(0), 1).unwrap().unwrap();
    assert_eq!((book.at, book.seq, book.bids.len(), book.asks.len()), (minute(2), Some(3), 1, 1));
    assert_eq!(known.book(Sid(1), 1).unwrap(), None);
}

#[test]
fn a_snapshot_goes_on_with_the_changes_after_it() {
    let snapshots = table(
        TableSchema::book_snapshots(2).unwrap(),
        &[0, 0],
        vec![
            ("ts", TableValues::Nanos([1, 3].map(|at| Some(minute(at))).to_vec())),
            ("seq", TableValues::Int(vec![Some(2), Some(4)])),
            ("bid_px_0", decimals(["100", "100"])),
            ("bid_sz_0", decimals(["1", "4"])),
            ("bid_px_1", decimals(["99.5", ""])),
            ("bid_sz_1", decimals(["2", ""])),
            ("ask_px_0", decimals(["101", "100.5"])),
            ("ask_sz_0", decimals(["3", "1"])),
        ],
    );
    let alone: [Arc<dyn TableReader>; 1] = [snapshots.clone()];
    let both: [Arc<dyn TableReader>; 2] = [snapshots, deltas(&DELTAS)];
    let book = |tables: &[Arc<dyn TableReader>], now| {
        shown(KnownTables::new(tables, minute(now)).book(Sid(0), 9).unwrap())
    };
    assert_eq!(book(&alone, 2), "1x100 2x99.5 | 3x101");
    assert_eq!(book(&both, 2), "4x100 2x99.5 | 1x100.5 3x101");
    // Number 5 came at the instant of the snapshot, but after it.
    assert_eq!(book(&alone, 3), "4x100 | 1x100.5");
    assert_eq!(book(&both, 3), "4x100 | ");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_later_changes_an_answer(now in -1_i64..6, count in 0_usize..5) {
        let kept: Vec<Delta> = DELTAS.into_iter().filter(|delta| delta.0 <= now).collect();
        let full: [Arc<dyn TableReader>; 1] = [deltas(&DELTAS)];
        let cut: [Arc<dyn TableReader>; 1] = [deltas(&kept)];
        let answer = |tables: &[Arc<dyn TableReader>]| {
            let known = KnownTables::new(tables, minute(now));
            let rows = known.last("book_deltas", Sid(0), count).unwrap();
            (shown(known.book(Sid(0), 9).unwrap()), prices(&rows))
        };
        prop_assert_eq!(answer(&full), answer(&cut));
    }
}
