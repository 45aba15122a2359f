//! What zipline's `clean` and `load`, and ziplime's, got wrong: each a test of what lies on disk.
//!
//! The failures are those of zipline-reloaded 943010b9, `data/bundles/core.py`, and of ziplime's
//! pull request 27.

use rustybt_bundles::{At, Error, Old, Store};

use crate::clean::{keep_last, now, source, versions};
use crate::fixture::{Listed, Shop, at, dump, name};

fn there(shop: &Shop) -> Vec<u64> {
    shop.store.versions(&name("us")).unwrap().iter().map(|version| version.version).collect()
}

fn broken() -> Listed {
    Listed { broken: Some((0, false)), ..source(99) }
}

/// zipline makes the target's folder before the fetch, so that a failed ingest is the newest.
#[test]
fn a_failed_ingest_is_no_version_and_load_does_not_see_it() {
    let shop = versions(2);
    let before = dump(&shop.latest());
    let files = shop.files();
    for _ in 0..3 {
        shop.ingest(&broken(), "2020-02-10T00:00Z").unwrap_err();
    }
    assert_eq!(there(&shop), [1, 2]);
    assert_eq!(dump(&shop.latest()), before);
    assert_eq!(shop.files(), files);
}

/// zipline's `clean(keep_last=1)` counts failed ingests, and may keep the empty one alone.
#[test]
fn failed_and_empty_ingests_are_not_among_those_that_are_kept() {
    let shop = versions(3);
    let before = dump(&shop.latest());
    shop.ingest(&broken(), "2020-02-10T00:00Z").unwrap_err();
    shop.ingest(&source(13), "2020-02-11T00:00Z").unwrap();
    shop.ingest(&broken(), "2020-02-12T00:00Z").unwrap_err();
    shop.store.clean(None, &now(keep_last(1))).unwrap();
    assert_eq!(there(&shop), [3]);
    assert_eq!(dump(&shop.latest()), before);
    assert!(shop.store.verify(None).unwrap().is_sound());
}

/// zipline's `most_recent_data` takes a moment and ignores it.
#[test]
fn as_of_is_heeded() {
    let shop = versions(3);
    let found = |when| {
        let bundle = shop.store.bundle(&name("us"), At::AsOf(at(when))).unwrap();
        dump(&bundle)
    };
    assert!(found("2020-02-01T00:00Z").contains(" 11 "));
    assert!(found("2020-02-02T23:59Z").contains(" 12 "));
    assert!(found("2030-01-01T00:00Z").contains(" 13 "));
    let early = shop.store.bundle(&name("us"), At::AsOf(at("2020-01-01T00:00Z"))).unwrap_err();
    assert!(matches!(early, Error::NoVersionAsOf { .. }), "{early}");
}

/// zipline removes trees under readers that have them open.
#[test]
fn a_reader_is_not_pulled_the_rug() {
    let shop = versions(3);
    let reader = shop.store.bundle(&name("us"), At::Version(1)).unwrap();
    shop.store.clean(None, &now(keep_last(1))).unwrap();
    assert!(dump(&reader).contains(" 11 "));
}

/// zipline's names are times; one stray entry is a `ValueError`, told as "no data for bundle".
#[test]
fn a_stray_file_is_no_trouble() {
    let shop = versions(2);
    for stray in ["data/us/2020-01-01T00;00;00", "data/us/x", "data/x", "staging/x", "tiles/x", "x"]
    {
        let path = shop.folder.path().join(stray);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, b"stray").unwrap();
    }
    std::fs::create_dir_all(shop.folder.path().join("data/us/folder/of/mine")).unwrap();
    let store = Store::open(shop.folder.path()).unwrap();
    store.clean(None, &now(keep_last(1))).unwrap();
    assert!(dump(&store.bundle(&name("us"), At::Latest).unwrap()).contains(" 12 "));
    assert!(shop.folder.path().join("data/us/x").exists());
}

/// Two ingests within one second share a folder in zipline.
#[test]
fn two_versions_of_one_moment_are_two() {
    let shop = Shop::new();
    for close in 1..=3 {
        shop.ingest(&source(close), "2020-02-01T00:00Z").unwrap();
    }
    assert_eq!(there(&shop), [1, 2, 3]);
    shop.store.clean(None, &now(keep_last(2))).unwrap();
    assert_eq!(there(&shop), [2, 3]);
    assert!(dump(&shop.store.bundle(&name("us"), At::Version(2)).unwrap()).contains(" 2 "));
}

/// ziplime's `clean` said that it succeeded, ignored what it was told and deleted nothing.
#[test]
fn what_is_said_to_be_deleted_is_gone_and_nothing_else_is() {
    for (old, left) in [
        (keep_last(1), vec![4]),
        (keep_last(3), vec![2, 3, 4]),
        (Old { before: Some(at("2020-02-03T00:00Z")), ..Old::default() }, vec![3, 4]),
        (Old { after: Some(at("2020-02-01T00:00Z")), ..Old::default() }, vec![1, 4]),
        (Old::default(), vec![1, 2, 3, 4]),
    ] {
        let shop = versions(4);
        let before = shop.files();
        let report = shop.store.clean(None, &now(old)).unwrap();
        assert_eq!(there(&shop), left, "{old:?}");
        let after = shop.files();
        let mut gone: Vec<_> =
            before.iter().filter(|file| !after.contains(file)).cloned().collect();
        gone.sort();
        let mut said = report.deleted.clone();
        said.sort();
        assert_eq!(gone, said, "{old:?}");
        assert_eq!(gone.len(), 4 - left.len(), "{old:?}");
        for version in left {
            let bundle = shop.store.bundle(&name("us"), At::Version(version)).unwrap();
            assert!(dump(&bundle).contains(&format!(" {} ", 10 + version)), "{old:?}");
        }
    }
}
