//! Backup and restore.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustybt_bundles::{
    At, BackupOptions, BackupReport, Error, RestoreOptions, RestoreReport, Store, StoreOptions,
};

use crate::clean::{keep_last, now, source, versions};
use crate::fixture::{Shop, at, dump, name, options, place};

fn backup(store: &Store, out: &Path) -> Result<BackupReport, Error> {
    store.backup(out, &BackupOptions::new(at("2020-03-01T00:00Z")), &|_| {})
}

/// A place for a store that is to come from a backup.
struct Target {
    root: PathBuf,
    options: StoreOptions,
}

impl Target {
    fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), options: place() }
    }

    fn restore(&self, from: &Path, force: bool) -> Result<RestoreReport, Error> {
        self.options.restore(from, &self.root, RestoreOptions { force }, &|_| {})
    }

    fn open(&self) -> Result<Store, Error> {
        self.options.clone().open(&self.root)
    }
}

fn dumps(store: &Store) -> Vec<String> {
    let versions = store.versions(&name("us")).unwrap();
    let dumped = |number| dump(&store.bundle(&name("us"), At::Version(number)).unwrap());
    versions.iter().map(|version| dumped(version.version)).collect()
}

fn parquet_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(parquet_below(&path));
        } else if path.extension().is_some_and(|it| it == "parquet") {
            files.push(path);
        }
    }
    files
}

#[test]
fn what_was_backed_up_comes_back() {
    let shop = versions(3);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    let target = Target::new(folder.path().join("restored"));
    let report = backup(&shop.store, &out).unwrap();
    assert_eq!((report.bundles, report.versions), (1, 3));
    assert_eq!((report.files, report.files_new), (shop.files().len() as u64, report.files));
    let restored = target.restore(&out, false).unwrap();
    assert_eq!(restored.files_new, report.files);
    assert!(restored.verified.is_sound() && restored.replaced.is_none());
    let store = target.open().unwrap();
    assert_eq!(dumps(&store), dumps(&shop.store));
    // It is a store like any other.
    store.ingest(&name("us"), &source(77), &options("2020-05-01T00:00Z"), &|_| {}).unwrap();
    assert_eq!(store.versions(&name("us")).unwrap().len(), 4);
}

#[test]
fn a_second_backup_copies_only_what_is_new() {
    let shop = versions(2);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    backup(&shop.store, &out).unwrap();
    assert_eq!(backup(&shop.store, &out).unwrap().files_new, 0);
    shop.ingest(&source(50), "2020-02-20T00:00Z").unwrap();
    let report = backup(&shop.store, &out).unwrap();
    assert_eq!((report.files_new, report.versions), (1, 3));
    assert_eq!(report.files, shop.files().len() as u64);
    // One catalog, one note, the data.
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 3);
    let target = Target::new(folder.path().join("restored"));
    target.restore(&out, false).unwrap();
    assert_eq!(dumps(&target.open().unwrap()), dumps(&shop.store));
    // What the store drops, the backup keeps until somebody deletes it.
    shop.store.clean(None, &now(keep_last(1))).unwrap();
    backup(&shop.store, &out).unwrap();
    assert!(parquet_below(&out).len() > shop.files().len());
}

#[test]
fn a_backup_during_ingests_is_consistent() {
    let shop = versions(1);
    let folder = tempfile::tempdir().unwrap();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let store = shop.open();
            let mut n = 1;
            while !stop.load(Ordering::Relaxed) && n < 500 {
                n += 1;
                store
                    .ingest(&name("us"), &source(n), &options("2020-03-01T00:00Z"), &|_| {})
                    .unwrap();
                store.clean(None, &now(keep_last(2))).unwrap();
            }
        });
        for n in 0..5 {
            let out = folder.path().join("backup");
            let target = Target::new(folder.path().join(format!("restored-{n}")));
            let report = backup(&shop.store, &out).unwrap();
            let restored = target.restore(&out, false).unwrap();
            assert_eq!(restored.verified.versions, report.versions);
            assert_eq!(dumps(&target.open().unwrap()).len() as u64, report.versions);
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let shop = versions(2);
    for damage in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("backup");
        let target = Target::new(folder.path().join("restored"));
        backup(&shop.store, &out).unwrap();
        let entry = |extension: &str| {
            let mut entries = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
            entries.find(|path| path.extension().is_some_and(|it| it == extension)).unwrap()
        };
        let file = match damage {
            0 => parquet_below(&out)[0].clone(),
            1 => entry("backup"),
            2 => entry("json"),
            _ => {
                std::fs::remove_file(&parquet_below(&out)[1]).unwrap();
                entry("json")
            }
        };
        if damage < 3 {
            let mut bytes = std::fs::read(&file).unwrap();
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
            std::fs::write(&file, bytes).unwrap();
        }
        let refused = target.restore(&out, false).unwrap_err();
        assert!(matches!(refused, Error::Corrupt { .. }), "{damage}: {refused}");
        assert!(target.open().is_err() && !target.root.join("catalog.sqlite").exists(), "{damage}");
    }
    let nothing = tempfile::tempdir().unwrap();
    let refused = Target::new(nothing.path().join("x")).restore(nothing.path(), false).unwrap_err();
    assert!(matches!(refused, Error::NoBackup { .. }), "{refused}");
}

#[test]
fn damage_is_found_and_mended_by_a_recheck() {
    let shop = versions(1);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    backup(&shop.store, &out).unwrap();
    let file = parquet_below(&out)[0].clone();
    let good = std::fs::read(&file).unwrap();
    let mut bytes = good.clone();
    bytes[10] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(backup(&shop.store, &out).unwrap().files_new, 0);
    let options = BackupOptions { recheck: true, ..BackupOptions::new(at("2020-03-01T00:00Z")) };
    assert_eq!(shop.store.backup(&out, &options, &|_| {}).unwrap().files_new, 1);
    assert_eq!(std::fs::read(&file).unwrap(), good);
}

#[test]
fn a_store_that_is_there_is_replaced_only_by_force() {
    let shop = versions(2);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    backup(&shop.store, &out).unwrap();
    let Shop { folder: other, store, options } = versions(3);
    let before = dumps(&store);
    let target = Target { root: other.path().to_owned(), options };
    let refused = target.restore(&out, false).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
    assert_eq!(dumps(&store), before);
    drop(store);
    let report = target.restore(&out, true).unwrap();
    assert_eq!(dumps(&target.open().unwrap()), dumps(&shop.store));
    // What was there before is still to be had.
    let kept = StoreOptions::new().catalog(report.replaced.unwrap()).open(other.path()).unwrap();
    assert_eq!(dumps(&kept), before);
}

#[test]
fn a_file_that_is_in_use_is_not_replaced_and_one_that_is_no_database_is() {
    let shop = versions(2);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    backup(&shop.store, &out).unwrap();
    let Shop { folder: other, store, options } = versions(3);
    let target = Target { root: other.path().to_owned(), options };
    let refused = target.restore(&out, true).unwrap_err();
    assert!(matches!(refused, Error::CatalogBusy { .. }), "{refused}");
    drop(store);
    std::fs::write(other.path().join("catalog.sqlite"), b"not a database at all").unwrap();
    target.restore(&out, true).unwrap();
    assert_eq!(dumps(&target.open().unwrap()), dumps(&shop.store));
}

#[test]
fn a_restore_that_was_killed_goes_on() {
    let shop = versions(2);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("backup");
    let target = Target::new(folder.path().join("restored"));
    backup(&shop.store, &out).unwrap();
    // As a kill leaves it: who it was, some files, no catalog.
    let file = parquet_below(&out)[0].clone();
    let (below, content) = (file.strip_prefix(&out).unwrap(), std::fs::read(&file).unwrap());
    std::fs::remove_file(&file).unwrap();
    assert!(target.restore(&out, false).is_err());
    assert!(target.root.join("restore.begun").exists());
    std::fs::write(&file, &content).unwrap();
    std::fs::remove_dir_all(target.root.join("data")).unwrap();
    let copied = target.root.join(below);
    std::fs::create_dir_all(copied.parent().unwrap()).unwrap();
    std::fs::write(&copied, &content).unwrap();
    let report = target.restore(&out, false).unwrap();
    assert_eq!(report.files_new as usize, shop.files().len() - 1);
    assert_eq!(dumps(&target.open().unwrap()), dumps(&shop.store));
    let refused = target.restore(&out, false).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
    // One that was begun for another catalog is none that goes on.
    std::fs::write(target.root.join("restore.begun"), b"/another/catalog.sqlite").unwrap();
    let refused = target.restore(&out, false).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let shop = versions(1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("holiday.jpg"), b"mine").unwrap();
    let refused = backup(&shop.store, folder.path()).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let linked = folder.path().join("linked");
    let options = BackupOptions { link: true, ..BackupOptions::new(at("2020-03-01T00:00Z")) };
    let report = shop.store.backup(&linked, &options, &|_| {}).unwrap();
    assert_eq!(report.files_new, shop.files().len() as u64);
    let target = Target::new(folder.path().join("restored"));
    target.restore(&linked, false).unwrap();
    assert_eq!(dumps(&target.open().unwrap()), dumps(&shop.store));
    let address = Path::new("s3://bucket/backup");
    let refused = backup(&shop.store, address).unwrap_err();
    assert!(matches!(refused, Error::NotHere { .. }) && refused.hint().is_some(), "{refused}");
    assert!(!Path::new("s3:").exists());
}
