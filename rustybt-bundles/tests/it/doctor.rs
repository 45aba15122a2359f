//! The doctor: every kind of damage is found and explained, and what is safe is repaired.

use std::fs;

use rustybt_bundles::{Ailment, At, Diagnosis, DoctorOptions, Error, Fault, Remedy, Store, doctor};
use rustybt_data::Action;

use crate::fixture::{Listed, Shop, at, dump, name, options};

fn shop() -> Shop {
    let shop = Shop::new();
    let first = Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3"])
        .event("A", "2020-01-02", Action::Split { new: 2, old: 1 });
    shop.ingest(&first, "2020-02-03T00:00Z").unwrap();
    // One more asset, one restated bar, days appended, more digits: files of several versions.
    for (source, now) in [
        (Listed::default().daily("B", "2019-12-30", &["1 1 1 1 1"]), "2020-02-04T00:00Z"),
        (Listed::default().daily("A", "2020-01-02", &["11 12 11 12 7"]), "2020-02-05T00:00Z"),
        (Listed::default().daily("A", "2020-01-03", &["12 12 12 12 7"]), "2020-02-06T00:00Z"),
        (Listed::default().daily("B", "2020-01-03", &["1.125 2 1 1 1"]), "2020-02-07T00:00Z"),
    ] {
        shop.ingest(&source, now).unwrap();
    }
    shop
}

fn look(shop: &Shop, repair: bool) -> Diagnosis {
    shop.options.doctor(shop.folder.path(), told(repair)).unwrap()
}

fn told(repair: bool) -> DoctorOptions {
    DoctorOptions { repair, now: at("2020-03-01T00:00Z") }
}

#[test]
fn a_sound_store_is_healthy() {
    let shop = shop();
    let diagnosis = look(&shop, false);
    assert_eq!(diagnosis.findings, []);
    assert_eq!((diagnosis.bundles, diagnosis.versions), (1, 5));
    let nowhere = shop.folder.path().join("nowhere");
    let error = doctor(&nowhere, told(true)).unwrap_err();
    assert!(matches!(error, Error::NoStore { .. }), "{error}");
}

#[test]
fn a_lost_catalog_is_made_again_from_the_files() {
    for damage in ["gone", "empty", "noise", "a lost page"] {
        let Shop { folder, store, .. } = shop();
        let root = folder.path();
        let before = dump(&store.bundle(&name("us"), At::Latest).unwrap());
        drop(store);
        let catalog = root.join("catalog.sqlite");
        let whole = fs::read(&catalog).unwrap();
        match damage {
            "gone" => fs::remove_file(&catalog).unwrap(),
            "empty" => fs::write(&catalog, b"").unwrap(),
            "noise" => fs::write(&catalog, vec![7; 9000]).unwrap(),
            _ => {
                let mut bytes = whole.clone();
                let page = bytes.len() / 2 / 4096 * 4096;
                bytes[page..page + 4096].fill(0);
                fs::write(&catalog, bytes).unwrap();
            }
        }
        let found = doctor(root, told(false)).unwrap();
        assert!(!found.is_healthy(), "{damage}");
        assert!(matches!(found.findings[0].remedy, Remedy::Repair(_)), "{damage}: {found:?}");

        let repaired = doctor(root, told(true)).unwrap();
        assert!(repaired.is_healthy(), "{damage}: {repaired:?}");
        let store = Store::open(root).unwrap();
        assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), before, "{damage}");
        let versions = store.versions(&name("us")).unwrap();
        assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), [5], "{damage}");
        let aside = root.join("catalog.sqlite.damaged-1");
        assert_eq!(aside.exists(), damage != "gone", "the old catalog is kept");
        // The store goes on.
        let more = Listed::default().daily("A", "2020-01-06", &["12 12 12 12 7"]);
        let options = options("2020-04-01T00:00Z");
        let report = store.ingest(&name("us"), &more, &options, &|_| {}).unwrap();
        assert_eq!(report.outcome.version(), 6);
        assert!(doctor(root, told(false)).unwrap().is_healthy());
    }
}

#[test]
fn a_damaged_file_is_named_and_left_to_people() {
    let shop = shop();
    let file = shop.files().into_iter().find(|f| f.to_str().unwrap().contains("bars_1m")).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[10] ^= 1;
    fs::write(&file, &bytes).unwrap();
    for repair in [false, true] {
        let diagnosis = look(&shop, repair);
        assert!(!diagnosis.is_healthy());
        let [finding] = diagnosis.findings.as_slice() else { panic!("{diagnosis:?}") };
        let Ailment::FileDamaged { path, fault, .. } = &finding.ailment else {
            panic!("{diagnosis:?}")
        };
        assert_eq!((path, fault), (&file, &Fault::Hash));
        assert!(matches!(&finding.remedy, Remedy::ByHand(what) if what.contains("backup")));
    }
    assert!(file.exists());
}

#[test]
fn a_file_that_nobody_knows_is_told_and_left_alone() {
    let shop = shop();
    let stray = shop.folder.path().join("data/us/bars_1d/year=2019/stray.parquet");
    fs::write(&stray, b"x").unwrap();
    let diagnosis = look(&shop, true);
    assert!(diagnosis.is_healthy());
    assert_eq!(diagnosis.findings.len(), 1);
    assert!(matches!(diagnosis.findings[0].ailment, Ailment::Unknown { bytes: 1, .. }));
    assert!(stray.exists());
}
