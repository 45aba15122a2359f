//! Damage: every data file, every way; always an error that names the file, never a wrong number.

use std::fs;
use std::path::Path;

use rustybt_bundles::{Bundle, Error, Fault, Store};
use rustybt_data::{Action, Field};

use crate::fixture::{Listed, Shop, dump, name};

fn shop() -> Shop {
    let shop = Shop::new();
    let source = Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3"])
        .event("A", "2020-01-02", Action::Split { new: 2, old: 1 });
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    shop
}

/// Opens everything in a new store, as another process would, and reads all of it.
fn read_all(root: &Path) -> Result<String, String> {
    let store = Store::open(root).map_err(|error| error.to_string())?;
    let bundle = store.bundle(&name("us"), rustybt_bundles::At::Latest);
    let bundle = bundle.map_err(|error| chain(&error))?;
    read_tiles(&bundle)?;
    read_exact(&bundle)?;
    Ok(dump(&bundle))
}

fn read_tiles(bundle: &Bundle) -> Result<(), String> {
    for reader in [bundle.daily(), bundle.minute()].into_iter().flatten() {
        for &sid in reader.sids() {
            for row in 0..reader.timeline().len() {
                reader.run(Field::Close, sid, row).map_err(|error| chain(&error))?;
            }
        }
    }
    Ok(())
}

fn read_exact(bundle: &Bundle) -> Result<(), String> {
    for reader in [bundle.daily(), bundle.minute()].into_iter().flatten() {
        for &sid in reader.sids() {
            let rows = 0..reader.timeline().len();
            reader.exact(Field::Close, sid, rows).map_err(|error| chain(&error))?;
        }
    }
    Ok(())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[test]
fn any_flipped_byte_of_any_file_is_an_error_that_names_it() {
    let shop = shop();
    let root = shop.folder.path();
    let text = read_all(root).unwrap();
    let files = shop.files();
    // Two years of days, one of minutes, assets, symbols, splits; the quarantine is empty.
    assert_eq!(files.len(), 6);
    for file in files {
        let whole = fs::read(&file).unwrap();
        for at in (0..whole.len()).step_by(whole.len() / 9) {
            let _ = fs::remove_dir_all(root.join("tiles"));
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&file, &bytes).unwrap();
            let error = read_all(root).unwrap_err();
            assert!(error.contains(file.to_str().unwrap()), "{error}");
            assert!(error.contains("its BLAKE3 hash is not the catalog's"), "{error}");
            let report = Store::open(root).unwrap().verify(None).unwrap();
            assert_eq!(report.damaged.len(), 1);
            assert_eq!((&report.damaged[0].path, &report.damaged[0].fault), (&file, &Fault::Hash));
        }
        for length in [0, 1, whole.len() / 2, whole.len() - 1] {
            let _ = fs::remove_dir_all(root.join("tiles"));
            fs::write(&file, &whole[..length]).unwrap();
            let error = read_all(root).unwrap_err();
            assert!(error.contains(file.to_str().unwrap()), "{error}");
            assert!(error.contains(&format!("it has {length} bytes")), "{error}");
        }
        let _ = fs::remove_dir_all(root.join("tiles"));
        fs::remove_file(&file).unwrap();
        let error = read_all(root).unwrap_err();
        assert!(error.contains("the file is gone"), "{error}");
        let report = Store::open(root).unwrap().verify(Some(&name("us"))).unwrap();
        assert_eq!(report.damaged[0].fault, Fault::Missing);
        fs::write(&file, &whole).unwrap();
    }
    assert_eq!(read_all(root).unwrap(), text);
    let report = Store::open(root).unwrap().verify(None).unwrap();
    assert!(report.is_sound());
    assert_eq!((report.bundles, report.versions, report.files), (1, 1, 6));
}

#[test]
fn a_damaged_file_does_not_enter_the_next_version() {
    let shop = shop();
    let file =
        shop.files().into_iter().find(|f| f.to_str().unwrap().contains("year=2019")).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    bytes[20] ^= 1;
    fs::write(&file, bytes).unwrap();
    // Opened anew: what this process has hashed already, it trusts.
    let store = Store::open(shop.folder.path()).unwrap();
    let more = Listed::default().daily("B", "2019-12-30", &["1 1 1 1 1"]);
    let options = crate::fixture::options("2020-02-04T00:00Z");
    let error = store.ingest(&name("us"), &more, &options, &|_| {}).unwrap_err();
    assert!(matches!(&error, Error::Corrupt { path, .. } if *path == file), "{error}");
    assert!(error.hint().is_some());
    assert_eq!(store.versions(&name("us")).unwrap().len(), 1);
}

#[test]
fn files_that_nobody_knows_are_listed() {
    let shop = shop();
    let stray = shop.folder.path().join("data/us/bars_1d/year=2019/b0000-stray.parquet");
    fs::write(&stray, b"x").unwrap();
    let report = shop.store.verify(None).unwrap();
    assert!(report.is_sound());
    assert_eq!(report.orphans, [stray]);
}

#[test]
fn a_catalog_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("catalog.sqlite"), vec![7_u8; 4096]).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. } | Error::Catalog { .. }), "{error}");
}
