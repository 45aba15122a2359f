//! What holds for any ingests in any order: the laws of merging, on random ones.
//!
//! Ingests bring parts of a small market: three assets, the first of them in a bucket of its own,
//! over days at the end of one year and the beginning of the next, and minutes of one of them. The
//! model of a bundle is a map from asset and stamp to a price.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rustybt_bundles::{At, IngestReport};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ExactColumn, Field, Frequency, RawBars, Sid, Stamps};

use crate::fixture::{Listed, Shop, Table, at, dump, name, xnys};

const SYMBOLS: [&str; 3] = ["FAR", "A", "B"];
const SIDS: [u32; 3] = [5000, 0, 1];
/// The first sessions are of 2019, the others of 2020.
const DAYS: usize = 12;
const NOW: &str = "2020-03-02T00:00Z";

/// A bar: the asset, the day, whether it is a minute of that day, and its price.
type Row = (usize, usize, bool, i64);
type Key = (usize, usize, bool);
type Model = BTreeMap<Key, i64>;

fn sessions() -> Vec<Session> {
    let calendar = xnys();
    let from = calendar.index_at_or_after("2019-12-24".parse().unwrap()).unwrap();
    calendar.sessions()[from..from + DAYS].to_vec()
}

fn source(rows: &Model) -> Listed {
    let days = sessions();
    let mut source = Listed::default();
    for (asset, symbol) in SYMBOLS.into_iter().enumerate() {
        source = source.daily(symbol, "2020-01-02", &[]);
        source.tables.pop();
        source.records[asset].sid = Some(Sid(SIDS[asset]));
        // What the catalog says of an asset must not depend on who was ingested first.
        source.records[asset].start = days.first().copied();
        source.records[asset].end = days.last().copied();
        for minute in [false, true] {
            let own: Vec<(usize, i64)> = rows
                .iter()
                .filter(|((of, _, is_minute), _)| *of == asset && *is_minute == minute)
                .map(|((_, day, _), price)| (*day, *price))
                .collect();
            if own.is_empty() {
                continue;
            }
            let sessions = own.iter().map(|(day, _)| days[*day]);
            let open = |day: Session| -> Timestamp { format!("{day}T15:00Z").parse().unwrap() };
            let stamps = if minute {
                Stamps::Instants(sessions.map(open).collect())
            } else {
                Stamps::Sessions(sessions.collect())
            };
            let mut columns = Field::OHLCV.map(|field| (field, ExactColumn::default()));
            for (_, price) in &own {
                for (_, column) in &mut columns {
                    // Every price has two digits behind the point: no table ever needs another scale.
                    let price = rustybt_data::Exact::new(i128::from(10 * *price + 1), 2);
                    column.push(price).unwrap();
                }
            }
            let frequency = if minute { Frequency::MINUTE } else { Frequency::DAILY };
            let bars = RawBars { stamps, columns: columns.into(), lines: Vec::new() };
            source.tables.push(Table { symbol, frequency, bars });
        }
    }
    source
}

fn ingest(shop: &Shop, rows: &Model) -> IngestReport {
    shop.ingest(&source(rows), NOW).unwrap()
}

/// What the store holds, row by row, and what it says of the assets.
fn content(shop: &Shop) -> String {
    dump(&shop.latest())
}

/// The hash of every table's content, once it is compact.
fn hashes(shop: &Shop) -> BTreeSet<(String, i64, i64, Vec<u8>)> {
    shop.store.compact(&name("us"), at(NOW)).unwrap();
    let catalog = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let mut statement = catalog
        .prepare(
            "SELECT r.dataset, c.part, c.period, c.content_hash FROM rbt_chunk c \
             JOIN rbt_table r ON r.table_id = c.table_id WHERE c.end_snapshot IS NULL",
        )
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// The paths of the files of a version of a table, with their part.
fn live(shop: &Shop) -> BTreeSet<(String, i64, i64, String)> {
    let catalog = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let mut statement = catalog
        .prepare(
            "SELECT r.dataset, c.part, c.period, f.path FROM rbt_chunk c \
             JOIN rbt_table r ON r.table_id = c.table_id \
             JOIN ducklake_data_file f ON f.data_file_id = c.data_file_id \
             WHERE c.end_snapshot IS NULL AND r.frequency IS NOT NULL",
        )
        .unwrap();
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// No two files of a part and period overlap in time, so that no row is in two of them.
fn disjoint(shop: &Shop) -> bool {
    let catalog = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let overlaps: i64 = catalog
        .query_row(
            "SELECT count(*) FROM rbt_chunk a JOIN rbt_chunk b ON a.table_id = b.table_id \
             AND a.part = b.part AND a.period = b.period AND a.data_file_id < b.data_file_id \
             AND a.ts_min_us <= b.ts_max_us AND b.ts_min_us <= a.ts_max_us \
             WHERE a.end_snapshot IS NULL AND b.end_snapshot IS NULL \
             OR a.segment = b.segment AND a.begin_snapshot = b.begin_snapshot",
            [],
            |row| row.get(0),
        )
        .unwrap();
    overlaps == 0
}

fn row() -> impl Strategy<Value = Row> {
    (0..3_usize, 0..DAYS, any::<bool>(), 10..13_i64)
}

/// Rows of one price for a key: parts of one truth.
fn truth() -> impl Strategy<Value = Model> {
    proptest::collection::vec(row(), 1..24).prop_map(|rows| {
        rows.into_iter().map(|(asset, day, minute, price)| ((asset, day, minute), price)).collect()
    })
}

/// A truth, and the ingests that bring it: who brings which row, each row at least once.
fn split() -> impl Strategy<Value = (Model, Vec<Model>)> {
    (truth(), proptest::collection::vec(proptest::collection::vec(any::<u8>(), 24), 1..5)).prop_map(
        |(truth, picks)| {
            let mut parts = vec![Model::new(); picks.len()];
            for (at, (key, price)) in truth.iter().enumerate() {
                let owner = usize::from(picks[0][at]) % parts.len();
                for (number, (part, pick)) in parts.iter_mut().zip(&picks).enumerate() {
                    if number == owner || pick[at].is_multiple_of(3) {
                        part.insert(*key, *price);
                    }
                }
            }
            parts.retain(|part| !part.is_empty());
            (truth, parts)
        },
    )
}

/// Rows at one scale: where prices need more digits than before, every file is written anew.
fn finest(rows: Model) -> Model {
    rows.into_iter().map(|(key, price)| (key, price.max(11))).collect()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn order_split_and_overlap_do_not_matter((truth, parts) in split(), turn in any::<usize>()) {
        let whole = Shop::new();
        ingest(&whole, &truth);
        let pieces = Shop::new();
        for part in (0..parts.len()).map(|at| &parts[(at + turn % parts.len()) % parts.len()]) {
            let report = ingest(&pieces, part);
            prop_assert_eq!(report.rows_changed, 0);
            prop_assert!(disjoint(&pieces));
        }
        prop_assert_eq!(content(&pieces), content(&whole));
        prop_assert_eq!(hashes(&pieces), hashes(&whole));
        prop_assert_eq!(content(&pieces), content(&whole));
        // And everything once more is nothing new.
        let files = pieces.files();
        let report = ingest(&pieces, &truth);
        prop_assert_eq!(report.rows_unchanged, truth.len() as u64);
        prop_assert_eq!(pieces.files(), files);
    }

    #[test]
    fn the_last_writer_wins_and_every_row_is_counted(
        ingests in proptest::collection::vec(truth(), 1..7),
    ) {
        let shop = Shop::new();
        let mut model = Model::new();
        for rows in &ingests {
            let (mut new, mut changed, mut unchanged) = (0, 0, 0);
            for (key, price) in rows {
                match model.insert(*key, *price) {
                    None => new += 1,
                    Some(before) if before == *price => unchanged += 1,
                    Some(_) => changed += 1,
                }
            }
            let report = ingest(&shop, rows);
            prop_assert_eq!(
                (report.rows_new, report.rows_changed, report.rows_unchanged),
                (new, changed, unchanged)
            );
            prop_assert_eq!(report.rows_stored, rows.len() as u64);
            prop_assert!(disjoint(&shop));
        }
        let once = Shop::new();
        ingest(&once, &model);
        prop_assert_eq!(content(&shop), content(&once));
        prop_assert!(shop.store.verify(None).unwrap().is_sound());
        prop_assert_eq!(hashes(&shop), hashes(&once));
    }

    #[test]
    fn an_ingest_ends_only_files_whose_rows_it_brings(base in truth(), more in truth()) {
        let (base, more) = (finest(base), finest(more));
        let shop = Shop::new();
        ingest(&shop, &base);
        let (before, files) = (live(&shop), shop.files());
        ingest(&shop, &more);
        // Nothing that was written is ever touched.
        prop_assert!(files.iter().all(|file| shop.files().contains(file)));
        let parts: BTreeSet<(&str, i64)> = more
            .keys()
            .map(|(asset, _, minute)| {
                if *minute { ("bars_1m", i64::from(SIDS[*asset])) } else { ("bars_1d", i64::from(SIDS[*asset] / 1024)) }
            })
            .collect();
        for (dataset, part, ..) in before.difference(&live(&shop)) {
            prop_assert!(parts.contains(&(dataset.as_str(), *part)), "{} {}", dataset, part);
        }
        // A version says the same whatever came after it.
        prop_assert_eq!(shop.store.bundle(&name("us"), At::Version(1)).unwrap().version().rows, base.len() as u64);
    }

    #[test]
    fn days_after_all_others_end_no_file(base in truth(), more in truth()) {
        let (base, more) = (finest(base), finest(more));
        let last: BTreeMap<(usize, bool), usize> = base.keys().fold(BTreeMap::new(), |mut last, (asset, day, minute)| {
            // The daily bars of a bucket end with its last asset.
            let bucket = if *minute || *asset == 0 { *asset } else { 1 };
            let end = last.entry((bucket, *minute)).or_insert(*day);
            *end = (*end).max(*day);
            last
        });
        let after: Model = more
            .into_iter()
            .filter(|((asset, day, minute), _)| {
                let bucket = if *minute || *asset == 0 { *asset } else { 1 };
                last.get(&(bucket, *minute)).is_none_or(|end| day > end)
            })
            .collect();
        prop_assume!(!after.is_empty());
        let shop = Shop::new();
        ingest(&shop, &base);
        let before = live(&shop);
        let report = ingest(&shop, &after);
        prop_assert_eq!(report.rows_new, after.len() as u64);
        prop_assert!(live(&shop).is_superset(&before));
    }

    #[test]
    fn going_back_writes_new_files(a in truth(), price in 20..30_i64) {
        let b: Model = a.keys().map(|key| (*key, price)).collect();
        let shop = Shop::new();
        ingest(&shop, &a);
        let first = (live(&shop), content(&shop));
        ingest(&shop, &b);
        ingest(&shop, &a);
        prop_assert_eq!(content(&shop), first.1);
        prop_assert!(live(&shop).is_disjoint(&first.0), "a path is never used twice");
        let catalog = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
        let twice: i64 = catalog
            .query_row(
                "SELECT count(*) - count(DISTINCT path) FROM ducklake_data_file",
                [],
                |row| row.get(0),
            )
            .unwrap();
        prop_assert_eq!(twice, 0);
    }
}
