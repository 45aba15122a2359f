//! However little memory there is, and in however many pieces rows of tables come, the store is the
//! same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::{ControlFlow, Range};

use proptest::prelude::*;
use rustybt_bundles::IngestReport;
use rustybt_data::{
    Delivery, Part, RawTable, Rejected, Selection, Source, SourceError, Stamp, Survey,
    TableDelivery, TablePart, TableQuery, TableSchema,
};

use crate::fixture::{Shop, options};
use crate::records::shown;
use crate::told_tables::Tables;

/// Tables that come in pieces of so many rows.
#[derive(Debug)]
struct Pieces {
    tables: Tables,
    rows: usize,
}

impl Source for Pieces {
    fn name(&self) -> &'static str {
        "pieces"
    }

    fn survey(&self, selection: &Selection) -> Result<Survey, SourceError> {
        self.tables.survey(selection)
    }

    fn fetch(&self, part: &Part, selection: &Selection) -> Result<Delivery, SourceError> {
        self.tables.fetch(part, selection)
    }

    fn fetch_table_in_pieces(
        &self,
        part: &TablePart,
        selection: &Selection,
        _: usize,
        take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
    ) -> Result<(), SourceError> {
        let TableDelivery { table: all, .. } = self.tables.fetch_table(part, selection)?;
        let mut from = 0_usize;
        loop {
            let to = all.len().min(from.saturating_add(self.rows));
            let table = rows_of(&all, from..to);
            let (rows, rejected, notes) = (table.len() as u64, Vec::new(), Vec::new());
            if take(TableDelivery { table, rejected, notes, rows }).is_break() {
                return Ok(());
            }
            from = to;
            if from >= all.len() {
                return Ok(());
            }
        }
    }
}

fn rows_of(table: &RawTable, rows: Range<usize>) -> RawTable {
    let others: Vec<usize> = (0..table.len()).filter(|row| !rows.contains(row)).collect();
    let mut part = table.clone();
    part.remove(&others);
    part
}

/// What ingests left behind: every row, what was told, and the files' contents.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    rows: Vec<String>,
    told: String,
    rejected: Vec<Rejected>,
    files: BTreeSet<Vec<u8>>,
}

fn told(report: &IngestReport, text: &mut String) {
    writeln!(
        text,
        "read {} stored {} new {} changed {} superseded {} twice {} written {} notes {:?}",
        report.rows_read,
        report.rows_stored,
        report.rows_new,
        report.rows_changed,
        report.rows_superseded,
        report.equal_duplicates,
        report.files_written,
        report.notes,
    )
    .unwrap();
}

/// What becomes of tables that are ingested one after the other.
fn left(tables: &[Tables], rows: usize, workers: usize, memory: u64) -> Left {
    let shop = Shop::new();
    let mut left = Left {
        rows: Vec::new(),
        told: String::new(),
        rejected: Vec::new(),
        files: BTreeSet::new(),
    };
    for (number, tables) in (1..).zip(tables) {
        let source = Pieces { tables: tables.clone(), rows };
        let mut options = options(&format!("2024-02-0{number}T00:00Z"));
        (options.workers, options.memory) = (workers, memory);
        let report = shop.ingest_with(&source, &options).unwrap();
        told(&report, &mut left.told);
        left.rejected.extend(report.rejected_kinds.into_iter().flat_map(|kind| kind.rows));
        let staging = shop.folder.path().join("staging");
        assert!(std::fs::read_dir(staging).unwrap().next().is_none(), "nothing stays behind");
    }
    for name in ["trades", "fundamentals", "news", "quotes"] {
        let rows = shop.latest().table(name).unwrap().scan(&TableQuery::new()).unwrap();
        left.rows.extend(shown(&rows));
    }
    left.files = shop.files().iter().map(|path| std::fs::read(path).unwrap()).collect();
    left
}

type Picks = Vec<(u8, u8)>;

/// Rows out of order, some given twice, some twice with other values, some that cannot be.
fn told_tables(picks: &[Picks; 5]) -> Tables {
    let [trades, again, fundamentals, news, quotes] = picks;
    let at =
        |pick: u8| format!("2020-{:02}-{:02}T14:30:0{}Z", 1 + pick % 3, 1 + pick % 5, pick % 2);
    let trade = |&(pick, kind): &(u8, u8)| {
        let price = ["10.5", "10.25", "0.00000812", ""][usize::from(kind % 4)];
        let id = if kind % 3 == 0 { String::new() } else { (kind % 5).to_string() };
        format!("{},{price},{},,{id}", at(pick), kind % 7)
    };
    let filed = |&(pick, kind): &(u8, u8)| {
        let (year, symbol) = (2015 + u32::from(pick % 3), ["A", "B", "C"][usize::from(pick % 2)]);
        format!("{year}-12-31,{symbol},{},{}", at(kind % 4), f64::from(kind) / 8.0)
    };
    let written = |&(pick, kind): &(u8, u8)| {
        let symbol = ["A", "B"][usize::from(kind % 2)];
        format!("20{:02}-01-02,{symbol},{},n{kind}", 10 + pick % 4, kind)
    };
    let quote = |&(pick, kind): &(u8, u8)| format!("{},{kind},1,{kind}.5,2", at(pick));
    let text = |head: &str, rows: Vec<String>| -> &'static str {
        format!("{head}\n{}", rows.join("\n")).leak()
    };
    let schema = |name: &str| TableSchema::known(name).unwrap();
    let rows = |picks: &Picks| picks.iter().map(trade).collect::<Vec<_>>();
    Tables::default()
        .with(&schema("trades"), Some("A"), text("ts,price,size,side,id", rows(trades)))
        .with(&schema("trades"), Some("A"), text("ts,price,size,side,id", rows(again)))
        .with(
            &schema("fundamentals"),
            None,
            text("date,symbol,known_at,eps", fundamentals.iter().map(filed).collect()),
        )
        .with(
            &TableSchema::user("news", Stamp::Date, true).unwrap(),
            None,
            text("date,symbol,score:int,words:text", news.iter().map(written).collect()),
        )
        .with(
            &schema("quotes"),
            Some("B"),
            text("ts,bid,bid_size,ask,ask_size", quotes.iter().map(quote).collect()),
        )
}

fn picks() -> impl Strategy<Value = Picks> {
    proptest::collection::vec((any::<u8>(), any::<u8>()), 1..120)
}

fn tables() -> impl Strategy<Value = [Picks; 5]> {
    [picks(), picks(), picks(), picks(), picks()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn memory_pieces_and_workers_change_nothing(
        first in tables(),
        second in tables(),
        rows in 1..60_usize,
    ) {
        let both = [told_tables(&first), told_tables(&second)];
        let whole = left(&both, usize::MAX, 1, 512 << 20);
        for (rows, workers, memory) in [(usize::MAX, 4, 1), (rows, 1, 12 << 10), (rows, 4, 1)] {
            prop_assert_eq!(&left(&both, rows, workers, memory), &whole);
        }
    }
}

#[test]
fn rows_beyond_one_file_are_cut_where_they_are_and_found_again() {
    // A note weighs so much that few rows are enough.
    let note = "x".repeat(64 << 10);
    let rows = |days: Range<u32>, note: &str| -> &'static str {
        let mut text = "date,symbol,text:text".to_owned();
        for day in days {
            let (month, day, symbol) = (1 + day / 28, 1 + day % 28, ["A", "B"][day as usize % 2]);
            for number in 0..5 {
                write!(text, "\n2020-{month:02}-{day:02},{symbol},{number}{note}").unwrap();
            }
        }
        text.leak()
    };
    let news = TableSchema::user("news", Stamp::Date, true).unwrap();
    let tables = |text| Tables::default().with(&news, None, text);
    let mut found = BTreeSet::new();
    for memory in [1, 512 << 20] {
        let shop = Shop::new();
        let mut options = options("2024-02-01T00:00Z");
        options.memory = memory;
        let source = Pieces { tables: tables(rows(0..160, &note)), rows: 400 };
        let report = shop.ingest_with(&source, &options).unwrap();
        // 52 MB of rows: two files, and the assets and symbols.
        assert_eq!((report.rows_new, report.files_written), (800, 4), "{memory}");
        let again = shop.ingest_with(&source, &options).unwrap();
        assert_eq!((again.rows_unchanged, again.files_written), (800, 0), "{memory}");
        let mut hashes = String::new();
        for path in shop.files() {
            writeln!(hashes, "{}", blake3::hash(&std::fs::read(path).unwrap())).unwrap();
        }
        let mut lines: Vec<&str> = hashes.lines().collect();
        lines.sort_unstable();
        found.insert(lines.join("\n"));
        // What is told anew is looked for in its file alone.
        let one = Pieces { tables: tables(rows(17..18, "")), rows: 100 };
        let report = shop.ingest_with(&one, &options).unwrap();
        assert_eq!((report.rows_changed, report.files_written), (5, 1));
        assert!(shop.store.verify(None).unwrap().is_sound());
    }
    assert_eq!(found.len(), 1);
}
