//! Retention by age: periods that leave, and the archive that keeps them.

use rustybt_bundles::{At, Error, RetainOptions, RetainPolicy, RetainReport};
use rustybt_data::Frequency;

use crate::fixture::{Listed, Shop, at, day, dump, name};

/// Bars around the turns of three years, daily and by the minute.
fn years() -> Shop {
    let shop = Shop::new();
    let rows = ["1 1 1 1 1"; 5];
    let source = Listed::default()
        .daily("A", "2018-12-28", &rows)
        .daily("A", "2019-12-30", &rows)
        .daily("A", "2020-12-30", &rows)
        .minute("A", "2019-12-31T15:00Z", &rows)
        .minute("A", "2021-01-04T15:00Z", &rows);
    shop.ingest(&source, "2021-02-01T00:00Z").unwrap();
    shop
}

fn policy(dataset: &str, age: &str) -> RetainPolicy {
    RetainPolicy { dataset: dataset.into(), older_than: age.parse().unwrap(), archive: None }
}

fn retain(shop: &Shop, policies: &[RetainPolicy], dry_run: bool) -> Result<RetainReport, Error> {
    let options = RetainOptions { now: at("2021-06-15T00:00Z"), dry_run };
    shop.store.retain(&name("us"), policies, options, &|_| {})
}

fn years_of(shop: &Shop, at: At) -> Vec<i32> {
    use chrono::Datelike;
    let bundle = shop.store.bundle(&name("us"), at).unwrap();
    let reader = bundle.daily().unwrap();
    let mut years: Vec<i32> =
        reader.timeline().sessions().iter().map(|day| day.date().year()).collect();
    years.dedup();
    years
}

#[test]
fn whole_periods_leave_in_a_new_version() {
    let shop = years();
    let before = dump(&shop.latest());
    let dry = retain(&shop, &[policy("bars_1d", "1y")], true).unwrap();
    assert_eq!(shop.store.versions(&name("us")).unwrap().len(), 1);
    // A year before June 2021 is June 2020: 2018 and 2019 are over by then, 2020 is not.
    let told: Vec<_> = dry.periods.iter().map(|it| (it.period, it.rows)).collect();
    assert_eq!(told, [(2018, 2), (2019, 5)]);
    let done = retain(&shop, &[policy("bars_1d", "1y")], false).unwrap();
    assert_eq!((done.version, &done.periods), (Some(2), &dry.periods));
    assert_eq!(years_of(&shop, At::Latest), [2020, 2021]);
    assert_eq!(years_of(&shop, At::Version(1)), [2018, 2019, 2020, 2021]);
    assert_eq!(dump(&shop.store.bundle(&name("us"), At::Version(1)).unwrap()), before);
    let head = shop.latest();
    // The minutes stay, and they begin earlier.
    assert_eq!(head.version().first, Some(day("2019-12-31")));
    assert_eq!(head.version().source, "retain");
    assert!(shop.store.verify(None).unwrap().is_sound());
    // Again: nothing is left to leave.
    let again = retain(&shop, &[policy("bars_1d", "1y")], false).unwrap();
    assert_eq!((again.version, again.periods.len()), (None, 0));
    // And an ingest goes on from there.
    let more = Listed::default().daily("A", "2021-03-01", &["2 2 2 2 2"]);
    shop.ingest(&more, "2021-07-01T00:00Z").unwrap();
    assert_eq!(years_of(&shop, At::Latest), [2020, 2021]);
}

#[test]
fn what_leaves_is_archived_as_plain_parquet_first() {
    let shop = years();
    let archive = tempfile::tempdir().unwrap();
    let policies = ["bars_1d", "bars_1m"].map(|dataset| RetainPolicy {
        archive: Some(archive.path().to_owned()),
        ..policy(dataset, "1y")
    });
    let done = retain(&shop, &policies, false).unwrap();
    assert_eq!(done.archived_files, done.periods.iter().map(|it| it.files).sum::<u64>());
    let mut found = Vec::new();
    let mut folders = vec![archive.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    assert_eq!(found.len() as u64, done.archived_files);
    for path in &found {
        let relative = path.strip_prefix(archive.path()).unwrap();
        let own = shop.folder.path().join("data").join(relative);
        assert_eq!(std::fs::read(path).unwrap(), std::fs::read(own).unwrap());
        assert!(relative.to_str().unwrap().contains("year=201"), "{relative:?}");
    }
    let connection = rusqlite::Connection::open(shop.folder.path().join("catalog.sqlite")).unwrap();
    let sql = "SELECT count(*), sum(rows) FROM rbt_archive";
    let noted: (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let rows: u64 = done.periods.iter().map(|it| it.rows).sum();
    assert_eq!(noted, (found.len() as i64, rows as i64));
}

#[test]
fn nothing_leaves_when_the_archive_cannot_be_written() {
    let shop = years();
    let file = shop.folder.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let policies = [RetainPolicy { archive: Some(file.join("x")), ..policy("bars_1d", "1y") }];
    assert!(retain(&shop, &policies, false).is_err());
    assert_eq!(shop.store.versions(&name("us")).unwrap().len(), 1);
    // Nor when a file is damaged.
    let damaged =
        shop.files().into_iter().find(|it| it.to_str().unwrap().contains("year=2019")).unwrap();
    let mut bytes = std::fs::read(&damaged).unwrap();
    bytes[9] ^= 4;
    std::fs::write(&damaged, bytes).unwrap();
    let archive = tempfile::tempdir().unwrap();
    let policies = ["bars_1d", "bars_1m"].map(|dataset| RetainPolicy {
        archive: Some(archive.path().to_owned()),
        ..policy(dataset, "1y")
    });
    let refused = retain(&shop, &policies, false).unwrap_err();
    assert!(matches!(refused, Error::Corrupt { .. }), "{refused}");
    assert_eq!(shop.store.versions(&name("us")).unwrap().len(), 1);
}

#[test]
fn policies_are_kept_per_bundle() {
    let shop = years();
    let us = name("us");
    assert!(shop.store.policies(&us).unwrap().is_empty());
    let policies = [policy("bars_1d", "18mo"), policy("bars_1m", "90d")];
    shop.store.set_policies(&us, &policies).unwrap();
    let store = shop.open();
    assert_eq!(store.policies(&us).unwrap(), policies);
    store.set_policies(&us, &[]).unwrap();
    assert!(store.policies(&us).unwrap().is_empty());
}

#[test]
fn what_cannot_be_retained_is_said() {
    let shop = years();
    let refused = |dataset: &str| retain(&shop, &[policy(dataset, "1y")], true).unwrap_err();
    assert!(matches!(refused("trades"), Error::NoDataset { .. }));
    assert!(refused("trades").to_string().contains("bars_1d"), "{}", refused("trades"));
    assert!(matches!(refused("assets"), Error::NoPeriods { .. }));
    let nothing = retain(&shop, &[policy("bars_1d", "100y")], false).unwrap();
    assert_eq!(nothing.version, None);
    // Everything may leave; the bundle is still there.
    retain(&shop, &[policy("bars_1d", "0d"), policy("bars_1m", "0d")], false).unwrap();
    let _ = Frequency::DAILY;
    assert_eq!(years_of(&shop, At::Latest), [2021]);
}
