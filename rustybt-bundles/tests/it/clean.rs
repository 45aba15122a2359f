//! Cleaning: what goes, what stays, and what lies on disk afterwards.

use std::path::PathBuf;
use std::time::Duration;

use rustybt_bundles::{At, CleanOptions, CleanReport, Error, Keeping, Old, Pin, Recipe, Store};
use rustybt_data::Field;

use crate::fixture::{Listed, Shop, at, dump, name};

pub(crate) fn source(close: u32) -> Listed {
    let row = format!("5 9999 1 {close} 1");
    Listed::default().daily("A", "2020-01-02", &[row.as_str()])
}

/// Version `n` is of February `n`, with the close 10 + n.
pub(crate) fn versions(count: u32) -> Shop {
    let shop = Shop::new();
    for n in 1..=count {
        shop.ingest(&source(10 + n), &format!("2020-02-{n:02}T00:00Z")).unwrap();
    }
    shop
}

pub(crate) fn keep_last(keep: u64) -> Old {
    Old { keep_last: Some(keep), ..Old::default() }
}

pub(crate) fn now(old: Old) -> CleanOptions {
    CleanOptions { grace: Duration::ZERO, ..CleanOptions::new(old, at("2020-03-01T00:00Z")) }
}

fn clean(shop: &Shop, options: &CleanOptions) -> CleanReport {
    shop.store.clean(Some(&name("us")), options).unwrap()
}

fn there(shop: &Shop) -> Vec<u64> {
    shop.store.versions(&name("us")).unwrap().iter().map(|version| version.version).collect()
}

/// The files of bars, which differ from version to version.
fn bars(shop: &Shop) -> Vec<PathBuf> {
    shop.files().into_iter().filter(|file| file.to_str().unwrap().contains("bars_1d")).collect()
}

fn close(store: &Store, version: u64) -> f64 {
    let bundle = store.bundle(&name("us"), At::Version(version)).unwrap();
    bundle.daily().unwrap().run(Field::Close, rustybt_data::Sid(0), 0).unwrap().values[0]
}

#[test]
fn old_versions_go_and_so_do_their_files() {
    let shop = versions(5);
    assert_eq!(bars(&shop).len(), 5);
    let report = clean(&shop, &now(keep_last(2)));
    let dropped: Vec<_> = report.dropped.iter().map(|it| (it.version, it.snapshot)).collect();
    assert_eq!(dropped, [(1, 1), (2, 2), (3, 3)]);
    assert_eq!((report.freed_files, report.deleted.len(), report.waiting_files), (3, 3, 0));
    assert!(report.deleted.iter().all(|path| !path.exists()));
    assert_eq!(there(&shop), [4, 5]);
    assert_eq!(bars(&shop).len(), 2);
    assert_eq!((close(&shop.store, 4), close(&shop.store, 5)), (14.0, 15.0));
    let verified = shop.store.verify(None).unwrap();
    assert!(verified.is_sound() && verified.orphans.is_empty(), "{verified:?}");
    // Again: nothing.
    assert_eq!(clean(&shop, &now(keep_last(2))), CleanReport::default());
    // The next version counts on.
    shop.ingest(&source(16), "2020-04-01T00:00Z").unwrap();
    assert_eq!(there(&shop), [4, 5, 6]);
}

#[test]
fn what_was_dropped_is_said_by_number_and_by_time() {
    let shop = versions(5);
    shop.store
        .clean(
            None,
            &now(Old {
                before: Some(at("2020-02-05T00:00Z")),
                after: Some(at("2020-02-01T12:00Z")),
                ..Old::default()
            }),
        )
        .unwrap();
    assert_eq!(there(&shop), [1, 5]);
    let error = |at| shop.store.bundle(&name("us"), at).unwrap_err();
    let gone = error(At::Version(3));
    assert!(matches!(gone, Error::NoVersion { version: 3, .. }), "{gone}");
    assert_eq!(gone.to_string(), "the bundle `us` has no version 3 any more; it has 1 and 5");
    // The version of that moment is not the one before it.
    assert_eq!(
        error(At::AsOf(at("2020-02-03T12:00Z"))).to_string(),
        "the bundle `us` has no version 3 any more; it has 1 and 5"
    );
    let found =
        |when| shop.store.bundle(&name("us"), At::AsOf(at(when))).unwrap().version().version;
    assert_eq!((found("2020-02-01T12:00Z"), found("2020-02-05T00:00Z")), (1, 5));
    assert_eq!(
        error(At::Version(6)).to_string(),
        "the bundle `us` has no version 6; its newest is 5"
    );
}

#[test]
fn the_newest_version_stays_whatever_is_asked() {
    let shop = versions(3);
    let head = dump(&shop.latest());
    let report = clean(&shop, &now(keep_last(0)));
    assert_eq!(report.kept.len(), 1);
    assert_eq!((report.kept[0].version, &report.kept[0].why), (3, &Keeping::Newest));
    assert_eq!(there(&shop), [3]);
    let all = Old { before: Some(at("2100-01-01T00:00Z")), ..Old::default() };
    let report = clean(&shop, &now(all));
    assert!(report.dropped.is_empty() && report.deleted.is_empty());
    assert_eq!(dump(&shop.latest()), head);
}

#[test]
fn a_dry_run_says_the_same_and_changes_nothing() {
    let shop = versions(4);
    let catalog = |shop: &Shop| {
        let connection =
            rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
        let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        (
            count("SELECT count(*) FROM ducklake_snapshot"),
            count("SELECT count(*) FROM rbt_chunk"),
            count("SELECT count(*) FROM ducklake_files_scheduled_for_deletion"),
            count("SELECT count(*) FROM rbt_bundle_version WHERE state = 'committed'"),
        )
    };
    let (files, rows) = (shop.files(), catalog(&shop));
    let dry = clean(&shop, &CleanOptions { dry_run: true, ..now(keep_last(1)) });
    assert_eq!((shop.files(), catalog(&shop)), (files, rows));
    let mut done = clean(&shop, &now(keep_last(1)));
    done.dry_run = true;
    assert_eq!(done, dry);
    assert_eq!(dry.dropped.len(), 3);
    let nothing = Shop::new();
    let none = nothing.store.clean(None, &CleanOptions { dry_run: true, ..now(keep_last(0)) });
    assert!(none.unwrap().dropped.is_empty());
}

#[test]
fn files_wait_for_the_end_of_the_grace_period() {
    let shop = versions(3);
    let later = |now: &str| CleanOptions::new(keep_last(1), at(now));
    let report = clean(&shop, &later("2020-03-01T00:00Z"));
    assert_eq!((report.dropped.len(), report.deleted.len(), report.waiting_files), (2, 0, 2));
    assert!(report.waiting_bytes > 0 && report.waiting_bytes == report.freed_bytes);
    assert_eq!(bars(&shop).len(), 3);
    // A file that waits is nobody's orphan.
    assert!(shop.store.verify(None).unwrap().orphans.is_empty());
    let report = clean(&shop, &later("2020-03-01T23:59Z"));
    assert_eq!((report.deleted.len(), report.waiting_files), (0, 2));
    // A clock that was set back lets them wait.
    let report = clean(&shop, &later("2019-01-01T00:00Z"));
    assert_eq!((report.deleted.len(), report.waiting_files), (0, 2));
    let report = clean(&shop, &later("2020-03-02T00:00Z"));
    assert_eq!((report.deleted.len(), report.waiting_files), (2, 0));
    assert_eq!(bars(&shop).len(), 1);
}

#[test]
fn an_open_version_stays_until_nobody_reads_it() {
    let shop = versions(3);
    let reader = shop.store.bundle(&name("us"), At::Version(1)).unwrap();
    let other = shop.open();
    let report = other.clean(None, &now(keep_last(1))).unwrap();
    assert_eq!(report.kept.len(), 1);
    assert_eq!((report.kept[0].version, &report.kept[0].why), (1, &Keeping::Read));
    assert_eq!(there(&shop), [1, 3]);
    assert!(dump(&reader).contains(" 11 "));
    drop(reader);
    assert_eq!(other.clean(None, &now(keep_last(1))).unwrap().dropped.len(), 1);
    assert_eq!(there(&shop), [3]);
}

#[test]
fn files_that_a_kept_version_shares_stay() {
    let shop = Shop::new();
    let first = Listed::default()
        .daily("A", "2019-12-30", &["1 1 1 1 1", "1 1 1 1 1", "1 1 1 1 1"])
        .daily("B", "2020-01-02", &["1 1 1 1 1"]);
    shop.ingest(&first, "2020-02-01T00:00Z").unwrap();
    let restated = Listed::default().daily("B", "2020-01-02", &["2 2 2 2 2"]);
    shop.ingest(&restated, "2020-02-02T00:00Z").unwrap();
    let head = dump(&shop.latest());
    let before = shop.files().len();
    let report = clean(&shop, &now(keep_last(1)));
    // Of the first version only the file of 2020 went; that of 2019 belongs to both.
    assert_eq!(report.deleted.len(), 1);
    assert_eq!(shop.files().len(), before - 1);
    assert_eq!(dump(&shop.open().bundle(&name("us"), At::Latest).unwrap()), head);
}

#[test]
fn one_bundle_is_cleaned_and_the_other_left_alone() {
    let shop = versions(3);
    for n in 1..=3 {
        let options = crate::fixture::options(&format!("2020-02-{n:02}T12:00Z"));
        shop.store.ingest(&name("eu"), &source(20 + n), &options, &|_| {}).unwrap();
    }
    clean(&shop, &now(keep_last(1)));
    let eu: Vec<u64> =
        shop.store.versions(&name("eu")).unwrap().iter().map(|version| version.version).collect();
    assert_eq!((there(&shop), eu), (vec![3], vec![1, 2, 3]));
    assert!(shop.store.verify(None).unwrap().is_sound());
    let report = shop.store.clean(None, &now(keep_last(1))).unwrap();
    assert!(report.dropped.iter().all(|it| it.bundle == name("eu")));
    assert_eq!(report.dropped.len(), 2);
    let missing = shop.store.clean(Some(&name("no")), &now(keep_last(1))).unwrap_err();
    assert!(matches!(missing, Error::UnknownBundle { .. }));
}

#[test]
fn tables_that_no_version_has_any_more_leave_the_catalog() {
    let shop = versions(1);
    // More digits make another table of the same name.
    let finer = Listed::default().daily("A", "2020-01-03", &["1.25 1.25 1.25 1.25 1"]);
    shop.ingest(&finer, "2020-02-02T00:00Z").unwrap();
    let count = |sql: &str| {
        let connection =
            rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let bars = "SELECT count(*) FROM ducklake_table WHERE table_name = 'bars_1d'";
    assert_eq!(count(bars), 2);
    clean(&shop, &now(keep_last(1)));
    assert_eq!(count(bars), 1);
    for table in
        ["ducklake_column", "ducklake_table_stats", "ducklake_table_column_stats", "rbt_table"]
    {
        let lost = format!(
            "SELECT count(*) FROM {table} WHERE table_id NOT IN (SELECT table_id FROM ducklake_table)"
        );
        assert_eq!(count(&lost), 0, "{table}");
    }
    let stats = "SELECT count(*) FROM ducklake_file_column_stats WHERE data_file_id NOT IN \
                 (SELECT data_file_id FROM ducklake_data_file)";
    assert_eq!(count(stats), 0);
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn nothing_that_the_catalog_does_not_name_is_deleted() {
    let shop = versions(3);
    let own = shop.folder.path().join("data/us/bars_1d/year=2020/mine.parquet");
    std::fs::write(&own, b"mine").unwrap();
    std::fs::write(shop.folder.path().join("data/note.txt"), b"mine").unwrap();
    clean(&shop, &now(keep_last(1)));
    assert!(own.exists() && shop.folder.path().join("data/note.txt").exists());
    // Not even where somebody scheduled a path that leads elsewhere.
    let outside = shop.folder.path().join("outside.parquet");
    std::fs::write(&outside, b"mine").unwrap();
    let connection = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    for path in ["us/../../outside.parquet", "../outside.parquet", outside.to_str().unwrap()] {
        connection
            .execute(
                "INSERT INTO ducklake_files_scheduled_for_deletion VALUES (99, ?1, 1, '2000-01-01 00:00:00+00')",
                [path],
            )
            .unwrap();
    }
    clean(&shop, &now(keep_last(1)));
    assert!(outside.exists());
}

#[test]
fn a_file_that_is_gone_already_is_forgotten() {
    let shop = versions(3);
    clean(&shop, &CleanOptions::new(keep_last(1), at("2020-03-01T00:00Z")));
    // As after a kill between unlinking and forgetting.
    for file in &bars(&shop)[..] {
        let kept = shop.store.bundle(&name("us"), At::Latest).unwrap();
        drop(kept);
        let used = file_of_head(&shop);
        if *file != used {
            std::fs::remove_file(file).unwrap();
        }
    }
    let report = clean(&shop, &now(Old::default()));
    assert_eq!((report.deleted.len(), report.waiting_files), (0, 0));
    assert!(shop.store.verify(None).unwrap().is_sound());
    let connection = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let sql = "SELECT count(*) FROM ducklake_files_scheduled_for_deletion";
    assert_eq!(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

/// The file of bars that the newest version has.
fn file_of_head(shop: &Shop) -> PathBuf {
    let connection = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let sql = "SELECT f.path FROM ducklake_data_file f JOIN ducklake_table t USING (table_id) \
               WHERE t.table_name = 'bars_1d' AND f.end_snapshot IS NULL";
    let path: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    shop.folder.path().join("data/us/bars_1d").join(path)
}

#[test]
fn tiles_of_dropped_versions_go_and_the_others_stay_within_their_limit() {
    let shop = versions(3);
    for version in 1..=3 {
        close(&shop.store, version);
    }
    assert_eq!(shop.tiles().len(), 3);
    let report = clean(&shop, &now(keep_last(2)));
    assert_eq!((report.tiles, shop.tiles().len()), (1, 2));
    assert!(report.tiles_bytes > 0);
    let report = clean(&shop, &CleanOptions { tiles_max_bytes: Some(1), ..now(Old::default()) });
    assert_eq!((report.tiles, shop.tiles().len()), (2, 0));
    assert_eq!(close(&shop.store, 3), 13.0);
    let roomy = CleanOptions { tiles_max_bytes: Some(u64::MAX), ..now(Old::default()) };
    assert_eq!((clean(&shop, &roomy).tiles, shop.tiles().len()), (0, 1));
}

#[test]
fn bundles_without_versions_are_no_trouble() {
    let shop = Shop::new();
    let recipe = Recipe {
        source: "csvdir".into(),
        options: [].into(),
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: "XNYS".into(),
    };
    shop.store.register(&name("us"), &recipe).unwrap();
    assert_eq!(clean(&shop, &now(keep_last(0))), CleanReport::default());
    let broken = Listed { broken: Some((0, false)), ..source(1) };
    shop.ingest(&broken, "2020-02-01T00:00Z").unwrap_err();
    assert_eq!(clean(&shop, &now(keep_last(0))), CleanReport::default());
    assert!(shop.store.recipe(&name("us")).unwrap().is_some());
}

#[test]
fn pins_and_conditions_meet() {
    let shop = versions(6);
    let pin = |text: &str, version| Pin {
        name: text.parse().unwrap(),
        version,
        note: None,
        created: at("2020-02-20T00:00Z"),
    };
    shop.store.pin(&name("us"), &pin("old", 2)).unwrap();
    shop.store.pin(&name("us"), &pin("older", 2)).unwrap();
    let report = clean(&shop, &now(keep_last(3)));
    assert_eq!(there(&shop), [2, 4, 5, 6]);
    assert_eq!(report.kept[0].why.to_string(), "pinned as old, older");
    shop.store.unpin(&name("us"), &"old".parse().unwrap()).unwrap();
    clean(&shop, &now(keep_last(3)));
    assert_eq!(there(&shop), [2, 4, 5, 6]);
    shop.store.unpin(&name("us"), &"older".parse().unwrap()).unwrap();
    clean(&shop, &now(keep_last(3)));
    assert_eq!(there(&shop), [4, 5, 6]);
}
