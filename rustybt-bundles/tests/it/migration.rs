//! Stores of format 1 become format 2 with all they hold; what is newer is refused.

use std::path::Path;

use rusqlite::Connection;
use rustybt_bundles::{At, Error, Store};

use crate::fixture::{Listed, Shop, dump};

/// Takes away what format 2 added: the store as the first release wrote it.
const BACK_TO_1: &str = "
    PRAGMA foreign_keys = OFF;
    DROP TABLE rbt_pin; DROP TABLE rbt_job_chunk; DROP TABLE rbt_job; DROP TABLE rbt_staged;
    DROP TABLE rbt_archive;
    ALTER TABLE rbt_bundle_version DROP COLUMN seal;
    ALTER TABLE rbt_bundle_version DROP COLUMN bar_rows;
    ALTER TABLE rbt_bundle_version DROP COLUMN files;
    ALTER TABLE rbt_bundle_version DROP COLUMN bytes;
    ALTER TABLE rbt_bundle_version DROP COLUMN files_new;
    ALTER TABLE rbt_bundle_version DROP COLUMN bytes_new;
    ALTER TABLE rbt_bundle DROP COLUMN fence;
    ALTER TABLE rbt_table DROP COLUMN columns_json;
    CREATE TABLE old(
        table_id BIGINT NOT NULL REFERENCES rbt_table(table_id),
        part BIGINT NOT NULL, period BIGINT NOT NULL, begin_snapshot BIGINT NOT NULL,
        end_snapshot BIGINT, data_file_id BIGINT NOT NULL, content_hash BLOB NOT NULL,
        file_hash BLOB NOT NULL, rows BIGINT NOT NULL, ts_min_us BIGINT, ts_max_us BIGINT,
        extents BLOB NOT NULL, PRIMARY KEY(table_id, part, period, begin_snapshot));
    INSERT INTO old SELECT table_id, part, period, begin_snapshot, end_snapshot, data_file_id,
        content_hash, file_hash, rows, ts_min_us, ts_max_us, extents FROM rbt_chunk;
    DROP TABLE rbt_chunk;
    ALTER TABLE old RENAME TO rbt_chunk;
    CREATE INDEX rbt_chunk_file ON rbt_chunk(data_file_id);
    UPDATE rbt_meta SET value = '1' WHERE key = 'store_format';";

fn catalog(root: &Path) -> Connection {
    Connection::open(root.join("catalog.sqlite")).unwrap()
}

/// Takes the seals away: what was published without one stays without.
fn unseal(root: &Path) {
    catalog(root).execute_batch("UPDATE rbt_bundle_version SET seal = NULL").unwrap();
}

/// Every table's definition and rows, as text.
fn everything(root: &Path) -> Vec<String> {
    let catalog = catalog(root);
    let mut names = catalog
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
        .unwrap();
    let tables: Vec<(String, String)> = names
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let mut lines = Vec::new();
    for (name, sql) in tables {
        lines.push(sql.split_whitespace().collect::<Vec<_>>().join(" "));
        let mut all = catalog.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).unwrap();
        let columns = all.column_count();
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<_> = (0..columns).map(|at| row.get_ref(at).unwrap()).collect();
            lines.push(format!("{name} {cells:?}"));
        }
    }
    lines
}

fn two_versions() -> Shop {
    let shop = Shop::new();
    for (close, now) in [("5", "2020-02-03T00:00Z"), ("6", "2020-02-04T00:00Z")] {
        let row = format!("5 9 4 {close} 10");
        shop.ingest(&Listed::default().daily("A", "2020-01-02", &[&row]), now).unwrap();
    }
    // Format 1 knows nothing of writers that were drawn numbers, nor of jobs.
    let forget = "UPDATE rbt_bundle SET fence = 0; DELETE FROM rbt_job";
    catalog(shop.folder.path()).execute_batch(forget).unwrap();
    shop
}

#[test]
fn a_store_of_format_1_is_brought_up_to_date_once() {
    let shop = two_versions();
    let (root, bars) = (shop.folder.path(), dump(&shop.latest()));
    unseal(root);
    let new = everything(root);
    catalog(root).execute_batch(BACK_TO_1).unwrap();
    assert_ne!(everything(root), new);

    let store = Store::open(root).unwrap();
    assert_eq!(everything(root), new, "nothing is lost, and the tables are those of a new store");
    assert_eq!(dump(&store.bundle(&crate::fixture::name("us"), At::Latest).unwrap()), bars);
    Store::open(root).unwrap();
    assert_eq!(everything(root), new, "the second time changes nothing");
    let third = Listed::default().daily("A", "2020-01-02", &["5 9 4 7 10"]);
    assert_eq!(shop.ingest(&third, "2020-02-05T00:00Z").unwrap().outcome.version(), 3);
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    let shop = two_versions();
    let root = shop.folder.path();
    catalog(root).execute_batch(BACK_TO_1).unwrap();
    // The last statement but two of the migration finds its name taken.
    catalog(root).execute_batch("CREATE TABLE rbt_chunk_2(x, y)").unwrap();
    let old = everything(root);
    let error = Store::open(root).unwrap_err();
    assert!(matches!(error, Error::Catalog { .. }), "{error}");
    assert_eq!(everything(root), old);
    catalog(root).execute_batch("DROP TABLE rbt_chunk_2").unwrap();
    Store::open(root).unwrap();
}

#[test]
fn a_store_of_a_newer_format_is_refused() {
    let shop = two_versions();
    let root = shop.folder.path();
    for found in ["3", "0", "two"] {
        let sql = "UPDATE rbt_meta SET value = ?1 WHERE key = 'store_format'";
        catalog(root).execute(sql, [found]).unwrap();
        let error = Store::open(root).unwrap_err();
        assert!(matches!(error, Error::UnknownFormat { .. }), "{error}");
        assert!(error.to_string().contains(&format!("has store format {found}")), "{error}");
        assert!(error.hint().unwrap().contains("written by a newer rustybt"));
    }
}

#[test]
fn two_programs_that_open_an_old_store_at_once_bring_it_up_to_date_once() {
    let shop = two_versions();
    let root = shop.folder.path();
    unseal(root);
    let new = everything(root);
    catalog(root).execute_batch(BACK_TO_1).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| Store::open(root).unwrap());
        }
    });
    assert_eq!(everything(root), new);
}

#[test]
fn a_catalog_that_others_keep_writing_is_busy_and_says_so() {
    let shop = two_versions();
    let writer = catalog(shop.folder.path());
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = shop
        .ingest(&Listed::default().daily("A", "2020-01-02", &["5 9 4 7 10"]), "2020-02-05T00:00Z");
    let error = error.unwrap_err();
    assert!(matches!(error, Error::CatalogBusy { seconds: 10, .. }), "{error}");
    assert!(error.is_transient());
    writer.execute_batch("ROLLBACK").unwrap();
}
