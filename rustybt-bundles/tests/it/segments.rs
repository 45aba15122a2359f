//! Segments: what an ingest writes where a year's files are there already.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rustybt_bundles::{At, Bundle, Error, Outcome};
use rustybt_data::{Field, Sid};

use crate::fixture::{Listed, Shop, at, dump, name};

/// The data files of the daily bars, of every version.
fn daily(shop: &Shop) -> BTreeSet<PathBuf> {
    shop.files().into_iter().filter(|path| path.to_string_lossy().contains("bars_1d")).collect()
}

fn minutes(shop: &Shop) -> BTreeSet<PathBuf> {
    shop.files().into_iter().filter(|path| path.to_string_lossy().contains("bars_1m")).collect()
}

fn closes(bundle: &Bundle, sid: u32, row: usize) -> Vec<f64> {
    let daily = bundle.daily().unwrap();
    daily.run(Field::Close, Sid(sid), row).unwrap().values.to_vec()
}

fn january() -> Listed {
    Listed::default().daily("A", "2020-01-02", &["1 1 1 1 1", "2 2 2 2 2", "3 3 3 3 3"]).daily(
        "B",
        "2020-01-02",
        &["5 5 5 5 5", "6 6 6 6 6", "7 7 7 7 7"],
    )
}

#[test]
fn an_append_writes_what_is_appended_and_nothing_else() {
    let shop = Shop::new();
    shop.ingest(&january(), "2020-02-03T00:00Z").unwrap();
    let before = daily(&shop);
    let next = Listed::default().daily("A", "2020-01-07", &["4 4 4 4 4"]).daily(
        "B",
        "2020-01-07",
        &["8 8 8 8 8"],
    );
    let report = shop.ingest(&next, "2020-02-04T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed, report.rows_unchanged), (2, 0, 0));
    let after = daily(&shop);
    assert!(after.is_superset(&before) && after.len() == 2, "{after:?}");
    let bundle = shop.latest();
    assert_eq!(closes(&bundle, 0, 0), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(closes(&bundle, 1, 2), [5.0, 6.0, 7.0, 8.0]);
    let exact = bundle.daily().unwrap().exact(Field::Close, Sid(1), 1..4).unwrap();
    assert_eq!(exact.narrow(), Some(&[6, 7, 8][..]));

    // All of it at once: every file is known again, and nothing is written.
    let whole = Listed::default()
        .daily("A", "2020-01-02", &["1 1 1 1 1", "2 2 2 2 2", "3 3 3 3 3", "4 4 4 4 4"])
        .daily("B", "2020-01-02", &["5 5 5 5 5", "6 6 6 6 6", "7 7 7 7 7", "8 8 8 8 8"]);
    let report = shop.ingest(&whole, "2020-02-05T00:00Z").unwrap();
    assert_eq!(report.outcome, Outcome::Unchanged { version: 2 });
    assert_eq!((report.rows_unchanged, report.rows_stored), (8, 8));
    assert_eq!(daily(&shop), after);
}

#[test]
fn rows_that_overlap_restate_only_the_file_that_holds_them() {
    let shop = Shop::new();
    shop.ingest(&january(), "2020-02-03T00:00Z").unwrap();
    let first = daily(&shop);
    let next = Listed::default().daily("A", "2020-01-07", &["4 4 4 4 4", "5 5 5 5 5"]);
    shop.ingest(&next, "2020-02-04T00:00Z").unwrap();
    // The end of the second file changes, the first is only looked at; a third comes after.
    let overlap = Listed::default().daily(
        "A",
        "2020-01-06",
        &["3 3 3 3 3", "4 4 4 4 4", "5.5 5.5 5.5 5.5 5", "6 6 6 6 6"],
    );
    let report = shop.ingest(&overlap, "2020-02-05T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed, report.rows_unchanged), (1, 1, 2));
    let bundle = shop.latest();
    assert_eq!(closes(&bundle, 0, 0), [1.0, 2.0, 3.0, 4.0, 5.5, 6.0]);
    let files = shop.store.versions(&name("us")).unwrap();
    assert_eq!(files.last().unwrap().rows, 9);
    assert!(first.iter().all(|path| path.exists()));
    // B gave no row after its first file: a bar that arrives late is merged where its day lies.
    let late = Listed::default().daily("B", "2020-01-07", &["8 8 8 8 8"]);
    let report = shop.ingest(&late, "2020-02-06T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.files_written), (1, 3), "bars, assets, symbols");
    assert_eq!(closes(&shop.latest(), 1, 0), [5.0, 6.0, 7.0, 8.0]);
    assert_eq!(closes(&shop.latest(), 0, 0), [1.0, 2.0, 3.0, 4.0, 5.5, 6.0]);
}

#[test]
fn days_before_and_between_the_files_become_files_of_their_own() {
    let shop = Shop::new();
    let at = |day: &str, row| Listed::default().daily("A", day, &[row]);
    for (number, (day, row)) in
        [("2020-01-10", "3 3 3 3 3"), ("2020-01-02", "1 1 1 1 1"), ("2020-01-06", "2 2 2 2 2")]
            .into_iter()
            .enumerate()
    {
        let report = shop.ingest(&at(day, row), "2020-02-03T00:00Z").unwrap();
        assert_eq!(report.rows_new, 1);
        assert_eq!(daily(&shop).len(), number + 1);
    }
    let text = dump(&shop.latest());
    let rows: Vec<&str> = text.lines().take(3).collect();
    assert_eq!(
        rows,
        [
            "0 2020-01-02T00:00Z 1 1 1 1 1",
            "0 2020-01-06T00:00Z 2 2 2 2 2",
            "0 2020-01-10T00:00Z 3 3 3 3 3",
        ]
    );
}

#[test]
fn many_appends_are_joined_and_the_versions_before_stay_as_they_were() {
    let shop = Shop::new();
    let calendar = crate::fixture::xnys();
    let first = calendar.index_at_or_after("2020-01-02".parse().unwrap()).unwrap();
    let mut texts = Vec::new();
    for (day, session) in calendar.sessions()[first..first + 20].iter().enumerate() {
        let row = format!("{0} {0} {0} {0} {0}", day + 1);
        let source = Listed::default().daily("A", &session.to_string(), &[&row]).minute(
            "A",
            &format!("{session}T15:00Z"),
            &[&row, &row],
        );
        let files = (daily(&shop), minutes(&shop));
        shop.ingest(&source, "2020-04-03T00:00Z").unwrap();
        let bundle = shop.latest();
        // Eight segments of each table at most, the assets and their symbols.
        assert!(bundle.version().files <= 2 * 8 + 2, "{:?}", bundle.version());
        assert_eq!(bundle.version().rows, 3 * (day as u64 + 1));
        assert_eq!(daily(&shop).len(), files.0.len() + 1, "one file of daily bars is written");
        assert_eq!(minutes(&shop).len(), files.1.len() + 1);
        let every: Vec<f64> = (1..=day + 1).map(|value| value as f64).collect();
        assert_eq!(closes(&bundle, 0, 0), every);
        let minute = bundle.minute().unwrap();
        let row = minute.timeline().row_of(format!("{session}T15:01Z").parse().unwrap()).unwrap();
        let run = minute.run(Field::Open, Sid(0), row).unwrap();
        assert_eq!(run.values[row - run.first], day as f64 + 1.0);
        texts.push(dump(&bundle));
    }
    for (version, text) in (1..).zip(&texts) {
        let bundle = shop.store.bundle(&name("us"), At::Version(version)).unwrap();
        assert_eq!(&dump(&bundle), text);
    }
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn more_digits_keep_the_files_as_they_are_cut() {
    let shop = Shop::new();
    shop.ingest(&january(), "2020-02-03T00:00Z").unwrap();
    let next = Listed::default().daily("A", "2020-01-07", &["4 4 4 4 4"]);
    shop.ingest(&next, "2020-02-04T00:00Z").unwrap();
    let finer = Listed::default().daily("A", "2020-01-07", &["4 4.125 4 4 4", "5 5 5 5 5"]);
    let report = shop.ingest(&finer, "2020-02-05T00:00Z").unwrap();
    assert_eq!((report.rows_new, report.rows_changed), (1, 1));
    assert_eq!(daily(&shop).len(), 2 + 3);
    let high = shop.latest().daily().unwrap().exact(Field::High, Sid(0), 0..5).unwrap();
    assert_eq!((high.scale(), high.narrow()), (3, Some(&[1000, 2000, 3000, 4125, 5000][..])));
    assert!(shop.store.verify(None).unwrap().is_sound());
}

#[test]
fn a_damaged_file_whose_rows_all_come_again_is_written_anew() {
    let shop = Shop::new();
    shop.ingest(&january(), "2020-02-03T00:00Z").unwrap();
    let next = Listed::default().daily("A", "2020-01-07", &["4 4 4 4 4"]);
    shop.ingest(&next, "2020-02-04T00:00Z").unwrap();
    let text = dump(&shop.latest());
    let damaged = daily(&shop).into_iter().max_by_key(|path| path.metadata().unwrap().len());
    let damaged = damaged.unwrap();
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[200] ^= 4;
    std::fs::write(&damaged, bytes).unwrap();
    // A part of its rows does not help, and rows of another file do not need it.
    let part = Listed::default().daily("A", "2020-01-02", &["1 1 1 1 1"]);
    let error = shop.ingest(&part, "2020-02-05T00:00Z").unwrap_err();
    assert!(matches!(&error, Error::Corrupt { path, .. } if *path == damaged), "{error}");
    assert!(error.hint().unwrap().contains("ingest every row of it"), "{:?}", error.hint());
    let more = Listed::default().daily("A", "2020-01-08", &["5 5 5 5 5"]);
    shop.ingest(&more, "2020-02-06T00:00Z").unwrap();
    let report = shop.ingest(&january(), "2020-02-07T00:00Z").unwrap();
    assert_eq!((report.outcome.version(), report.files_written), (4, 1));
    assert_eq!((report.rows_new, report.rows_changed, report.rows_unchanged), (0, 0, 6));
    assert!(report.notes.iter().any(|note| note.contains("was damaged")), "{:?}", report.notes);
    assert!(dump(&shop.latest()).starts_with(&text[..text.find("0 2020-01-07").unwrap()]));
    // The versions before still name the damaged file.
    assert_eq!(shop.store.verify(None).unwrap().damaged.len(), 1);
}

#[test]
fn compacting_makes_one_file_a_year_with_the_same_rows() {
    let shop = Shop::new();
    shop.ingest(&january(), "2020-02-03T00:00Z").unwrap();
    let nothing = shop.store.compact(&name("us"), at("2020-02-03T01:00Z")).unwrap();
    assert_eq!((nothing.outcome, nothing.bytes_written), (Outcome::Unchanged { version: 1 }, 0));
    for (day, price) in [("2020-01-07", "4"), ("2020-01-08", "5"), ("2021-01-08", "6")] {
        let row = format!("{price} {price} {price} {price} 1");
        let source = Listed::default().daily("A", day, &[&row]).minute(
            "B/C",
            &format!("{day}T15:00Z"),
            &[&row],
        );
        shop.ingest(&source, "2021-02-04T00:00Z").unwrap();
    }
    let before = shop.latest();
    let files = shop.files();
    let report = shop.store.compact(&name("us"), at("2021-02-05T00:00Z")).unwrap();
    // Three files of 2020 became one, and two of its minutes.
    assert_eq!((report.files_before, report.files), (4 + 3 + 2, 2 + 2 + 2));
    let after = shop.latest();
    assert_eq!(after.version().version, 5);
    assert_eq!(after.version().source, "compact");
    assert_eq!((after.version().files, after.version().bytes), (report.files, report.bytes));
    assert_eq!(dump(&after), dump(&before));
    assert_eq!(dump(&shop.store.bundle(&name("us"), At::Version(4)).unwrap()), dump(&before));
    assert_eq!(shop.files().len(), files.len() + 2);
    assert!(
        shop.files()
            .iter()
            .filter(|path| !files.contains(path))
            .any(|path| { path.to_string_lossy().contains("instrument=B%2FC~2") })
    );
    let version = |information: &rustybt_bundles::VersionInfo| {
        (information.first, information.last, information.assets, information.rows)
    };
    assert_eq!(version(after.version()), version(before.version()));
    assert!(shop.store.verify(None).unwrap().is_sound());
    // What was joined is known again, and appends go on beside it.
    let report = shop.ingest(&january(), "2021-02-06T00:00Z").unwrap();
    assert_eq!((report.rows_unchanged, report.rows_changed), (6, 0));
    let more = Listed::default().daily("A", "2021-01-11", &["7 7 7 7 7"]);
    shop.ingest(&more, "2021-02-07T00:00Z").unwrap();
    assert_eq!(shop.latest().version().files, 7);
}
