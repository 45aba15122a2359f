//! Copies of a store whose data lie in an object store, and everything else that moves files there.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use rustybt_bundles::vfs::{ObjectFs, OsFs, Vfs};
use rustybt_bundles::{
    At, BackupOptions, CleanOptions, DoctorOptions, Error, FreezeOptions, RestoreOptions,
    RetainOptions, RetainPolicy, Store, StoreOptions,
};
use tempfile::TempDir;

use crate::clean::keep_last;
use crate::fixture::{Listed, at, dump, name, options};

const NOW: &str = "2024-03-01T00:00Z";

/// Minutes of two years and days of three.
fn source(close: u32) -> Listed {
    let row = format!("5 9999 1 {close} 10");
    Listed::default()
        .daily("BTC/USDT", "2020-01-02", &[&row])
        .daily("BTC/USDT", "2021-01-04", &[&row])
        .minute("BTC/USDT", "2020-01-02T14:30Z", &["3 3 3 3 3"])
        .minute("BTC/USDT", "2022-01-03T14:30Z", &["4 4 4 4 4"])
}

/// How a machine with a folder sees the store.
fn machine(far: &Arc<dyn ObjectStore>, folder: &Path) -> StoreOptions {
    let vfs = ObjectFs::with(Arc::clone(far), "memory://market", "a/b", folder).unwrap();
    StoreOptions::new().vfs(Arc::new(vfs))
}

fn ingest(store: &Store, source: &Listed, now: &str) {
    store.ingest(&name("us"), source, &options(now), &|_| {}).unwrap();
}

fn dumps(store: &Store) -> Vec<String> {
    let versions = store.versions(&name("us")).unwrap();
    let version = |number| dump(&store.bundle(&name("us"), At::Version(number)).unwrap());
    versions.iter().map(|info| version(info.version)).collect()
}

fn files(folder: &Path) -> usize {
    OsFs.list(folder).unwrap().len()
}

/// What every store of this kind can do; `place` tells how one is opened at a folder, each time with a
/// place of its own for its data and its catalog.
fn everything_works(place: impl Fn(&Path) -> StoreOptions) {
    let folders = [(); 5].map(|()| TempDir::new().unwrap());
    let [root, copies, other, disk, archive] = folders.each_ref().map(TempDir::path);
    let store = place(root).create(true).open(root).unwrap();
    for (close, now) in [(5, "2024-02-03T00:00Z"), (6, "2024-02-04T00:00Z")] {
        ingest(&store, &source(close), now);
    }

    // A backup fetches what it copies and leaves nothing of it behind.
    std::fs::remove_dir_all(root.join("data")).unwrap();
    let backup = BackupOptions { link: true, ..BackupOptions::new(at(NOW)) };
    let report = store.backup(copies, &backup, &|_| {}).unwrap();
    assert_eq!((report.versions, report.files), (2, files(&copies.join("data")) as u64));
    assert_eq!(files(&root.join("data")), 0);
    assert_eq!(store.backup(copies, &backup, &|_| {}).unwrap().files_new, 0);

    // It is restored onto a disk, and to where it came from the like of.
    let restore = RestoreOptions { force: false };
    Store::restore(copies, disk, restore, &|_| {}).unwrap();
    assert_eq!(dumps(&Store::open(disk).unwrap()), dumps(&store));
    let second = place(other);
    let restored = second.restore(copies, other, restore, &|_| {}).unwrap();
    assert_eq!(restored.files_new, report.files);
    assert_eq!((files(&other.join("data")), files(&other.join("staging"))), (0, 0));
    let refused = second.restore(copies, other, restore, &|_| {}).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
    let second_store = second.clone().open(other).unwrap();
    assert_eq!(dumps(&second_store), dumps(&store));
    ingest(&second_store, &source(7), "2024-02-05T00:00Z");
    assert_eq!(second_store.versions(&name("us")).unwrap().len(), 3);

    // A frozen catalog says where the data are, or brings them.
    let frozen = archive.join("us.ducklake");
    let freeze = FreezeOptions::new(at(NOW));
    let report = store.freeze(&frozen, &freeze, &|_| {}).unwrap();
    assert!(report.data_path.contains("://") && report.data_path.ends_with("/data/"), "{report:?}");
    let freeze = FreezeOptions { with_data: Some(archive.join("lake")), ..freeze };
    let report = store.freeze(&frozen, &freeze, &|_| {}).unwrap();
    assert_eq!(report.files_brought, report.files);

    // What is old leaves, the archive keeps it, and a clean-up deletes it far away.
    let mut policy = RetainPolicy {
        dataset: "bars_1d".into(),
        older_than: "3y".parse().unwrap(),
        archive: Some("s3://bucket/archive".into()),
    };
    let retain = RetainOptions { now: at(NOW), dry_run: false };
    let refused = store.retain(&name("us"), &[policy.clone()], retain, &|_| {}).unwrap_err();
    assert!(matches!(refused, Error::NotHere { .. }), "{refused}");
    policy.archive = Some(archive.join("old"));
    let report = store.retain(&name("us"), &[policy], retain, &|_| {}).unwrap();
    assert_eq!((report.version, report.archived_files), (Some(3), 1));
    ingest(&store, &Listed::default().daily("X", "2024-01-02", &["1 1 1 1 1"]), NOW);
    let before = dumps(&store).pop().unwrap();
    store.compact(&name("us"), at(NOW)).unwrap();
    let clean = CleanOptions::new(keep_last(1), at(NOW));
    let waits = store.clean(None, &clean).unwrap();
    let stats = store.stats(None).unwrap();
    assert!(waits.waiting_files > 0 && stats.catalog_bytes > 0, "{waits:?}");
    assert_eq!(
        (stats.waiting_files, stats.waiting_bytes),
        (waits.waiting_files, waits.waiting_bytes)
    );
    let cleaned = store.clean(None, &CleanOptions { grace: Duration::ZERO, ..clean }).unwrap();
    assert_eq!(cleaned.deleted.len() as u64, waits.waiting_files);
    assert_eq!(dumps(&store), [before]);

    // Looking at everything fetches it once more, and keeps none of it.
    let copies_kept = files(&root.join("data"));
    let verified = store.verify(None).unwrap();
    assert!(verified.is_sound() && verified.orphans.is_empty(), "{verified:?}");
    drop(store);
    let doctor = DoctorOptions { repair: true, now: at(NOW) };
    assert_eq!(second.doctor(other, doctor).unwrap().findings, []);
    assert_eq!(files(&root.join("data")), copies_kept);
}

#[test]
fn data_in_memory() {
    // A store of its own for each folder.
    everything_works(|folder| {
        machine(&(Arc::new(InMemory::new()) as Arc<dyn ObjectStore>), folder)
    });
}

#[cfg(feature = "s3")]
#[test]
fn data_in_s3() {
    let Some(s3) = crate::s3::server() else { return };
    everything_works(|folder| s3.place(folder));
}

#[cfg(all(feature = "s3", feature = "postgres"))]
#[test]
fn data_in_s3_and_the_catalog_in_postgres() {
    let Some(s3) = crate::s3::server() else { return };
    let Some(server) = crate::postgres::shared() else { return };
    everything_works(|folder| s3.place(folder).catalog(server.catalog()));
}

#[test]
fn a_catalog_that_was_lost_is_made_again_from_files_far_away() {
    let far = Arc::new(InMemory::new()) as Arc<dyn ObjectStore>;
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let store = machine(&far, first.path()).create(true).open(first.path()).unwrap();
    ingest(&store, &source(5), "2024-02-03T00:00Z");
    // Another machine, without the folder of the first.
    let options = machine(&far, second.path());
    let lost = options.clone().create(true).open(second.path()).unwrap_err();
    assert!(matches!(lost, Error::CatalogLost { .. }), "{lost}");
    let doctor = DoctorOptions { repair: true, now: at(NOW) };
    let diagnosis = options.doctor(second.path(), doctor).unwrap();
    assert!(diagnosis.is_healthy() && diagnosis.findings.len() == 1, "{diagnosis:?}");
    assert_eq!(dumps(&options.open(second.path()).unwrap()), dumps(&store));
}

#[test]
fn a_damaged_file_far_away_is_mended_by_a_restore() {
    let far = Arc::new(InMemory::new()) as Arc<dyn ObjectStore>;
    let folders = [(); 2].map(|()| TempDir::new().unwrap());
    let [root, copies] = folders.each_ref().map(TempDir::path);
    let options = machine(&far, root);
    let store = options.clone().create(true).open(root).unwrap();
    ingest(&store, &source(5), "2024-02-03T00:00Z");
    let before = dumps(&store);
    store.backup(copies, &BackupOptions::new(at(NOW)), &|_| {}).unwrap();
    drop(store);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let path = OsFs.list(&root.join("data")).unwrap().pop().unwrap();
    let below = path.path.strip_prefix(root).unwrap().to_str().unwrap();
    let key = object_store::path::Path::parse(format!("a/b/{below}")).unwrap();
    let noise = vec![7_u8; usize::try_from(path.bytes).unwrap()];
    runtime.block_on(far.put(&key, noise.into())).unwrap();
    let report = options.restore(copies, root, RestoreOptions { force: true }, &|_| {}).unwrap();
    assert_eq!(report.files_new, 1);
    assert_eq!(dumps(&options.open(root).unwrap()), before);
}
