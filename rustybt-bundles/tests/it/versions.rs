//! Versions: their numbers, "as of", and readers that do not move.

use rustybt_bundles::{At, Error, Recipe, Store};
use rustybt_calendars::Session;
use rustybt_data::{Field, Sid};

use crate::fixture::{Listed, Shop, at, day, dump, name};

pub(crate) fn source(close: &str) -> Listed {
    let row = format!("5 9 1 {close} 1");
    Listed::default().daily("A", "2020-01-02", &[row.as_str()])
}

/// Versions with these closes, of the 3rd, the 4th and the 5th of February.
pub(crate) fn three(closes: [&str; 3]) -> Shop {
    let shop = Shop::new();
    for (close, day) in closes.into_iter().zip(3..) {
        shop.ingest(&source(close), &format!("2020-02-{day:02}T00:00Z")).unwrap();
    }
    shop
}

fn close(shop: &Shop, at: At) -> f64 {
    let bundle = shop.store.bundle(&name("us"), at).unwrap();
    bundle.daily().unwrap().run(Field::Close, Sid(0), 0).unwrap().values[0]
}

#[test]
fn every_version_keeps_its_answers() {
    let shop = three(["5", "6", "5"]);
    assert_eq!(close(&shop, At::Version(1)), 5.0);
    assert_eq!(close(&shop, At::Version(2)), 6.0);
    assert_eq!(close(&shop, At::Version(3)), 5.0);
    assert_eq!(close(&shop, At::Latest), 5.0);
    // Going back to old content is a new file: a path is never used twice.
    assert_eq!(shop.files().iter().filter(|f| f.to_str().unwrap().contains("bars_1d")).count(), 3);

    let versions = shop.store.versions(&name("us")).unwrap();
    let told: Vec<_> =
        versions.iter().map(|v| (v.version, v.parent, v.snapshot, v.rows, v.files_new)).collect();
    assert_eq!(told, [(1, None, 1, 1, 3), (2, Some(1), 2, 1, 1), (3, Some(2), 3, 1, 1)]);
    assert_eq!(versions[0].source, "listed");
    assert_eq!(
        (versions[2].first, versions[2].last),
        (Some(day("2020-01-02")), Some(day("2020-01-02")))
    );
    assert_eq!(versions[2].files, 3);
    assert_eq!(versions[2].assets, 1);
}

#[test]
fn as_of_is_the_version_that_was_the_newest_then() {
    let shop = three(["5", "6", "5"]);
    assert_eq!(close(&shop, At::AsOf(at("2020-02-03T00:00Z"))), 5.0);
    assert_eq!(close(&shop, At::AsOf(at("2020-02-04T23:59Z"))), 6.0);
    assert_eq!(close(&shop, At::AsOf(at("2030-01-01T00:00Z"))), 5.0);
    let early = shop.store.bundle(&name("us"), At::AsOf(at("2020-02-02T23:59Z"))).unwrap_err();
    assert_eq!(
        early.to_string(),
        "the bundle `us` has no version as of 2020-02-02T23:59Z; its oldest is of 2020-02-03T00:00Z"
    );
}

#[test]
fn a_clock_that_goes_back_does_not_reorder_versions() {
    let shop = Shop::new();
    shop.ingest(&source("5"), "2020-02-03T00:00Z").unwrap();
    shop.ingest(&source("6"), "2020-01-10T00:00Z").unwrap();
    let versions = shop.store.versions(&name("us")).unwrap();
    assert!(versions[0].created < versions[1].created);
    assert_eq!(close(&shop, At::AsOf(versions[0].created)), 5.0);
    assert_eq!(close(&shop, At::AsOf(versions[1].created)), 6.0);
}

#[test]
fn what_is_not_there_is_said() {
    let shop = three(["5", "6", "5"]);
    let error = |name_: &str, at| shop.store.bundle(&name(name_), at).unwrap_err().to_string();
    assert_eq!(error("us", At::Version(4)), "the bundle `us` has no version 4; its newest is 3");
    assert_eq!(error("us", At::Version(u64::MAX)).split(';').count(), 2);
    assert_eq!(error("eu", At::Latest), "there is no bundle `eu`; there are: us");
    let missing = Store::open(&shop.folder.path().join("nowhere")).unwrap_err();
    assert!(matches!(missing, Error::NoStore { .. }), "{missing}");
}

#[test]
fn a_reader_that_is_open_keeps_its_answers() {
    let shop = Shop::new();
    shop.ingest(&source("5"), "2020-02-03T00:00Z").unwrap();
    let unread = shop.latest();
    let read = shop.latest();
    let before = dump(&read);
    shop.ingest(&source("6").daily("B", "2019-12-30", &["1 1 1 1 1.5"]), "2020-02-04T00:00Z")
        .unwrap();
    assert_eq!(dump(&read), before);
    assert_eq!(dump(&unread), before);
    assert_eq!(read.daily().unwrap().timeline().len(), 1);
    assert_ne!(dump(&shop.latest()), before);
}

#[test]
fn a_recipe_is_kept_until_another_takes_its_place() {
    let shop = Shop::new();
    let mut recipe = Recipe {
        source: "csvdir".into(),
        options: [("path".to_owned(), "data".to_owned())].into(),
        symbols: Some(vec!["AAPL".into()]),
        start: Some(day("2005-01-03")),
        end: None::<Session>,
        frequency: Some("1d".parse().unwrap()),
        calendar: "NYSE".into(),
    };
    shop.store.register(&name("us"), &recipe).unwrap();
    assert_eq!(shop.store.bundles().unwrap(), [name("us")]);
    assert_eq!(shop.store.recipe(&name("us")).unwrap(), Some(recipe.clone()));
    assert_eq!(shop.store.calendar(&name("us")).unwrap(), "XNYS");
    assert!(shop.store.versions(&name("us")).unwrap().is_empty());
    assert!(matches!(shop.store.bundle(&name("us"), At::Latest), Err(Error::NotIngested { .. })));
    recipe.symbols = None;
    shop.store.register(&name("us"), &recipe).unwrap();
    shop.ingest(&source("5"), "2020-02-03T00:00Z").unwrap();
    assert_eq!(shop.store.recipe(&name("us")).unwrap(), Some(recipe.clone()));
    recipe.calendar = "24/7".into();
    assert!(matches!(shop.store.register(&name("us"), &recipe), Err(Error::OtherCalendar { .. })));
    assert!(matches!(shop.store.recipe(&name("eu")), Err(Error::UnknownBundle { .. })));
}

#[test]
fn an_ingest_that_another_overtakes_starts_again_from_what_that_published() {
    use std::sync::Mutex;

    // How often the other is faster, and what becomes of the one.
    for (times, published) in [(1, Some(3)), (4, Some(6)), (5, None)] {
        let shop = Shop::new();
        shop.ingest(&source("5"), "2020-02-03T00:00Z").unwrap();
        let other = shop.open();
        // The others publish while the first is between its survey and its end.
        let inner = Mutex::new(0);
        let outer = shop.store.ingest(
            &name("us"),
            &source("6"),
            &crate::fixture::unlocked("2020-02-04T00:00Z"),
            &|progress| {
                let mut inner = inner.lock().unwrap();
                let finishes = progress.phase == rustybt_bundles::Phase::Finish;
                if finishes && progress.done == 0 && *inner < times {
                    *inner += 1;
                    let options = crate::fixture::unlocked("2020-02-05T00:00Z");
                    let price = format!("7.{}", *inner);
                    other.ingest(&name("us"), &source(&price), &options, &|_| {}).unwrap();
                }
            },
        );
        match (outer, published) {
            (Ok(report), Some(version)) => {
                assert_eq!(report.outcome.version(), version);
                assert_eq!((report.rows_new, report.rows_changed), (0, 1));
                assert!((close(&shop, At::Latest) - 6.0).abs() < f64::EPSILON);
            }
            (Err(error), None) => {
                let five = matches!(error, Error::Conflict { base: Some(5), head: Some(6), .. });
                assert!(five && error.is_transient(), "{error}");
                assert!((close(&shop, At::Latest) - 7.5).abs() < f64::EPSILON);
            }
            (outer, _) => panic!("{outer:?}"),
        }
        assert!(shop.store.verify(None).unwrap().orphans.is_empty());
    }
}

#[test]
fn two_first_ingests_of_one_bundle_both_end_well_whatever_fails_in_one_of_them() {
    use std::sync::Barrier;

    for broken in [false, true] {
        for round in 0..8 {
            let shop = Shop::new();
            let barrier = Barrier::new(2);
            let run = |at: usize| {
                let store = shop.open();
                let mut source = source(&(at + 5).to_string());
                source.broken = (broken && at == 0).then_some((0, round % 2 == 0));
                let options = crate::fixture::unlocked("2020-02-04T00:00Z");
                barrier.wait();
                store.ingest(&name("us"), &source, &options, &|_| {})
            };
            let [first, second] = std::thread::scope(|scope| {
                [0, 1].map(|at| scope.spawn(move || run(at))).map(|thread| thread.join().unwrap())
            });
            assert_eq!(first.is_ok(), !broken, "{first:?}");
            assert!(second.is_ok(), "{second:?}");
            let versions = shop.store.versions(&name("us")).unwrap();
            assert_eq!(versions.len(), if broken { 1 } else { 2 });
            let report = shop.store.verify(None).unwrap();
            assert!(report.is_sound() && report.orphans.is_empty(), "{report:?}");
        }
    }
}

#[test]
fn a_store_of_another_format_is_refused() {
    let shop = three(["5", "6", "5"]);
    let path = shop.folder.path().join("catalog.sqlite");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute("UPDATE ducklake_metadata SET value = '9.0' WHERE key = 'version'", [])
        .unwrap();
    drop(connection);
    let error = Store::open(shop.folder.path()).unwrap_err().to_string();
    assert!(error.contains("has DuckLake version 9.0, and this version reads 1.0"), "{error}");
}
