//! Frozen catalogs: what DuckDB reads while ingests go on.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustybt_bundles::{At, Error, FreezeOptions, Locking, Store};
use serde_json::{Value, json};

use crate::clean::{keep_last, now, source, versions};
use crate::fixture::{Shop, at, dump, name, options};
use crate::python;

fn freeze(shop: &Shop, out: &Path) -> rustybt_bundles::FreezeReport {
    shop.store.freeze(out, &FreezeOptions::new(at("2020-03-01T00:00Z")), &|_| {}).unwrap()
}

fn ask(python: &Path, catalog: &Path, data: Option<&Path>) -> Value {
    let mut arguments = vec![catalog.to_str().unwrap()];
    arguments.extend(data.map(|data| data.to_str().unwrap()));
    python::ask(python, "duckdb_frozen.py", &arguments)
}

#[test]
fn a_frozen_catalog_is_one_file_that_says_where_the_data_are() {
    let shop = versions(3);
    let out = shop.folder.path().join("frozen/us.ducklake");
    let report = freeze(&shop, &out);
    assert_eq!((report.bundles, report.versions, report.files), (1, 3, shop.files().len() as u64));
    let beside: Vec<_> = std::fs::read_dir(out.parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1);
    let connection = rusqlite::Connection::open(&out).unwrap();
    let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(text("PRAGMA journal_mode"), "delete");
    let said = text("SELECT value FROM ducklake_metadata WHERE key = 'data_path'");
    assert_eq!(said, report.data_path);
    let data = shop.folder.path().join("data").canonicalize().unwrap();
    assert_eq!(Path::new(said.trim_start_matches("file://")), data);
    drop(connection);

    // It may be frozen again, in place; anything else is left alone.
    shop.ingest(&source(99), "2020-04-01T00:00Z").unwrap();
    assert_eq!(freeze(&shop, &out).versions, 4);
    for other in [shop.folder.path().join("catalog.sqlite"), shop.folder.path().join("mine.txt")] {
        if !other.exists() {
            std::fs::write(&other, b"mine").unwrap();
        }
        let before = std::fs::read(&other).unwrap();
        let options = FreezeOptions::new(at("2020-03-01T00:00Z"));
        let refused = shop.store.freeze(&other, &options, &|_| {}).unwrap_err();
        assert!(matches!(refused, Error::Taken { .. }), "{refused}");
        assert_eq!(std::fs::read(&other).unwrap(), before);
    }
}

#[test]
fn with_its_data_it_stands_alone() {
    let shop = versions(4);
    shop.store.clean(None, &now(keep_last(2))).unwrap();
    for copy in [false, true] {
        let lake = tempfile::tempdir().unwrap();
        let (out, data) = (lake.path().join("us.ducklake"), lake.path().join("data"));
        let options = FreezeOptions {
            with_data: Some(data.clone()),
            data_path: Some("https://example.com/data/".into()),
            copy,
            ..FreezeOptions::new(at("2020-03-01T00:00Z"))
        };
        let report = shop.store.freeze(&out, &options, &|_| {}).unwrap();
        assert_eq!((report.files, report.files_brought), (4, 4));
        assert_eq!(report.data_path, "https://example.com/data/");
        let again = shop.store.freeze(&out, &options, &|_| {}).unwrap();
        assert_eq!(again.files_brought, 0);
        let Some(python) = python::interpreter() else { continue };
        let answer = ask(python, &out, Some(&data));
        assert_eq!(answer["closes"], json!({"3": ["13"], "4": ["14"]}));
        assert_eq!(answer["latest"], json!(["14"]));
    }
}

#[test]
fn a_damaged_file_is_not_published() {
    let shop = versions(1);
    let file = &shop.files()[0];
    let mut bytes = std::fs::read(file).unwrap();
    bytes[20] ^= 1;
    std::fs::write(file, bytes).unwrap();
    let lake = tempfile::tempdir().unwrap();
    let options = FreezeOptions {
        with_data: Some(lake.path().join("data")),
        copy: true,
        ..FreezeOptions::new(at("2020-03-01T00:00Z"))
    };
    let out = lake.path().join("us.ducklake");
    let refused = shop.store.freeze(&out, &options, &|_| {}).unwrap_err();
    assert!(matches!(refused, Error::Corrupt { .. }), "{refused}");
    assert!(!out.exists());
}

#[test]
fn duckdb_travels_in_copies_frozen_while_commits_go_on() {
    let Some(python) = python::interpreter() else { return };
    let shop = versions(2);
    let stop = AtomicBool::new(false);
    let out = shop.folder.path().join("frozen.ducklake");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let store = shop.open();
            let mut n = 2;
            while !stop.load(Ordering::Relaxed) && n < 200 {
                n += 1;
                // A program that is started meanwhile holds what is locked for a moment.
                let mut options = options("2020-03-01T00:00Z");
                options.locking = Locking::Wait(Duration::from_mins(1));
                store.ingest(&name("us"), &source(n), &options, &|_| {}).unwrap();
            }
            n
        });
        let mut seen = 0;
        for _ in 0..3 {
            let report = freeze(&shop, &out);
            assert!(report.versions > seen, "commits go on");
            seen = report.versions;
            let answer = ask(python, &out, None);
            let count = report.versions as usize;
            assert_eq!(answer["snapshots"].as_array().unwrap().len(), count + 1);
            assert_eq!(answer["closes"]["1"], json!(["11"]));
            assert_eq!(answer["closes"]["2"], json!(["12"]));
            for version in 3..=report.versions {
                assert_eq!(answer["closes"][version.to_string()], json!([version.to_string()]));
            }
            assert_eq!(answer["latest"], answer["closes"][count.to_string()]);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 2);
    });
}

#[test]
fn duckdb_reads_the_kept_versions_and_is_told_what_is_gone() {
    let Some(python) = python::interpreter() else { return };
    let shop = versions(2);
    // Another bundle's snapshot, which shows `us` as it is at version 2.
    shop.store.ingest(&name("eu"), &source(50), &options("2020-02-02T12:00Z"), &|_| {}).unwrap();
    shop.ingest(&source(20), "2020-02-03T00:00Z").unwrap();
    shop.ingest(&source(21), "2020-02-04T00:00Z").unwrap();
    shop.store.clean(Some(&name("us")), &now(keep_last(2))).unwrap();
    let answer = ask(python, &shop.folder.path().join("catalog.sqlite"), None);
    assert_eq!(answer["snapshots"], json!([0, 3, 4, 5]));
    // Not fewer rows in silence, but an error.
    assert_eq!(answer["closes"], json!({"4": ["20"], "5": ["21"]}));
    assert!(answer["refused"]["3"].as_str().unwrap().contains("parquet"), "{answer}");
    // When nothing shows them any more, the rows go, too.
    shop.store.ingest(&name("eu"), &source(51), &options("2020-02-05T12:00Z"), &|_| {}).unwrap();
    shop.store.clean(None, &now(keep_last(1))).unwrap();
    let answer = ask(python, &shop.folder.path().join("catalog.sqlite"), None);
    assert_eq!((&answer["refused"], &answer["latest"]), (&json!({}), &json!(["21"])));
}

#[test]
fn what_duckdb_expires_is_said_and_never_read_in_part() {
    let Some(python) = python::interpreter() else { return };
    for cleanup in [false, true] {
        let shop = versions(3);
        let head = dump(&shop.latest());
        let root = shop.root();
        let mut arguments = vec![root.as_str()];
        arguments.extend(cleanup.then_some("cleanup"));
        let answer = python::ask(python, "duckdb_expires.py", &arguments);
        assert!(answer["expired"].as_u64().unwrap() > 0, "{answer}");
        let store = Store::open(shop.folder.path()).unwrap();
        for version in [1, 2] {
            let error = store.bundle(&name("us"), At::Version(version)).unwrap_err();
            assert!(matches!(error, Error::Expired { .. }), "{error}");
        }
        assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), head);
        let verified = store.verify(None).unwrap();
        assert!(!verified.is_sound(), "{verified:?}");
        // A clean-up of our own puts it in order.
        store.clean(None, &now(keep_last(1))).unwrap();
        assert!(store.verify(None).unwrap().is_sound());
        assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), head);
        store.ingest(&name("us"), &source(77), &options("2020-05-01T00:00Z"), &|_| {}).unwrap();
    }
}
