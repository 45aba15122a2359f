//! Data files in an object store: in memory always, and in a server that speaks S3 where there is one.

use std::path::Path;
use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::{ObjectStore, ObjectStoreExt};
use rustybt_bundles::vfs::{ObjectFs, Vfs};
use rustybt_bundles::{At, Error, Store, StoreOptions};
use tempfile::TempDir;

use crate::fixture::{Listed, dump, name, options};

/// Opens the store that a machine sees: data far away, everything else in its own folder.
fn machine(store: &Arc<dyn ObjectStore>, folder: &Path) -> Store {
    let vfs = ObjectFs::with(Arc::clone(store), "memory://market", "a/b", folder).unwrap();
    StoreOptions::new().create(true).vfs(Arc::new(vfs)).open(folder).unwrap()
}

pub(crate) fn source(close: u32) -> Listed {
    let row = format!("5 999 1 {close} 10");
    Listed::default().daily("BTC/USDT", "2020-01-02", &[&row]).minute(
        "BTC/USDT",
        "2020-01-02T14:30Z",
        &["3 3 3 3 3"],
    )
}

fn ingest(store: &Store, close: u32, now: &str) -> u64 {
    let report = store.ingest(&name("us"), &source(close), &options(now), &|_| {}).unwrap();
    report.outcome.version()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    rustybt_bundles::vfs::OsFs.list(folder).unwrap().into_iter().map(|entry| entry.path).collect()
}

#[test]
fn data_far_away_is_fetched_once_checked_and_fetched_again_where_the_copy_is_damaged() {
    let (far, folder) =
        (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, TempDir::new().unwrap());
    let store = machine(&far, folder.path());
    assert_eq!(ingest(&store, 5, "2020-02-03T00:00Z"), 1);
    assert_eq!(ingest(&store, 6, "2020-02-04T00:00Z"), 2);
    let bars = dump(&store.bundle(&name("us"), At::Latest).unwrap());
    assert!(bars.contains(" 5 999 1 6 10"), "{bars}");

    // The copies may go, and come again.
    let data = folder.path().join("data");
    let copies = files(&data).len();
    assert!(copies > 0);
    std::fs::remove_dir_all(&data).unwrap();
    let store = machine(&far, folder.path());
    assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), bars);
    assert!(!files(&data).is_empty());

    // A damaged copy is no damaged file.
    for copy in files(&data) {
        let mut bytes = std::fs::read(&copy).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&copy, bytes).unwrap();
    }
    let store = machine(&far, folder.path());
    assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), bars);
    let report = store.verify(None).unwrap();
    assert!(report.is_sound() && report.orphans.is_empty(), "{report:?}");
    assert!(report.files > 0);
}

#[test]
fn a_file_that_is_damaged_far_away_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (far, folder) =
        (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, TempDir::new().unwrap());
    let store = machine(&far, folder.path());
    ingest(&store, 5, "2020-02-03T00:00Z");
    let data = folder.path().join("data");
    for path in files(&data) {
        let below = path.strip_prefix(&data).unwrap().to_str().unwrap();
        assert!(!below.contains("USDT") || below.contains("instrument=BTC%2FUSDT~0/"), "{below}");
        let key = object_store::path::Path::parse(format!("a/b/data/{below}")).unwrap();
        let mut bytes = runtime
            .block_on(async { far.get(&key).await.unwrap().bytes().await })
            .unwrap()
            .to_vec();
        bytes[10] ^= 1;
        runtime.block_on(far.put(&key, bytes.into())).unwrap();
    }
    std::fs::remove_dir_all(&data).unwrap();
    let error = machine(&far, folder.path()).bundle(&name("us"), At::Latest).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let report = store.verify(None).unwrap();
    assert_eq!(report.damaged.len() as u64, report.files);
}

#[test]
fn nothing_far_away_is_written_over_or_invented() {
    let (far, folder) =
        (Arc::new(InMemory::new()) as Arc<dyn ObjectStore>, TempDir::new().unwrap());
    let vfs = ObjectFs::with(far, "memory://market", "", folder.path()).unwrap();
    let (staged, placed) = (folder.path().join("staging/x"), folder.path().join("data/us/t/x"));
    vfs.create_folder(staged.parent().unwrap()).unwrap();
    for content in [b"one", b"two"] {
        let mut file = vfs.create(&staged).unwrap();
        file.write(content).unwrap();
        file.sync().unwrap();
        drop(file);
        let renamed = vfs.rename(&staged, &placed);
        assert_eq!(renamed.is_ok(), content == b"one");
    }
    vfs.forget_copy(&placed);
    assert_eq!(vfs.read(&placed).unwrap(), b"one");
    let data = folder.path().join("data");
    assert_eq!(vfs.list(&data).unwrap().len(), 1);
    assert_eq!(vfs.folders(&data).unwrap(), [data.join("us")]);
    assert!(vfs.create(&placed).is_err());
    vfs.remove_file(&placed).unwrap();
    for gone in [vfs.remove_file(&placed).unwrap_err(), vfs.open(&placed).unwrap_err()] {
        assert_eq!(gone.kind(), std::io::ErrorKind::NotFound);
    }
    vfs.remove_folder(&data).unwrap();
    assert!(vfs.list(&data).unwrap().is_empty());
}

#[test]
fn urls_that_cannot_be_used_are_refused_without_their_keys() {
    let folder = TempDir::new().unwrap();
    for url in ["nowhere", "ftp://host/x", "s3://key:hunter2@bucket/x"] {
        let error = ObjectFs::new(url, folder.path(), []).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput, "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

/// Two machines, each with a folder of its own; the data in S3, the catalog in PostgreSQL.
#[cfg(all(feature = "s3", feature = "postgres"))]
#[test]
fn two_machines_share_a_store_in_s3_and_postgres() {
    use rustybt_bundles::Locking;

    let (Some(s3), Some(server)) = (crate::s3::server(), crate::postgres::shared()) else { return };
    let (catalog, url) = (server.catalog(), format!("s3://market/{}", uuid::Uuid::new_v4()));
    drop(server);
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let open = |folder: &TempDir| {
        let vfs = ObjectFs::new(&url, folder.path(), s3.variables()).unwrap();
        let options = StoreOptions::new().create(true).catalog(catalog.as_str());
        options.vfs(Arc::new(vfs)).open(folder.path()).unwrap()
    };
    let machines = [open(&folders[0]), open(&folders[1])];
    // What one writes, the other reads, and goes on from there.
    assert_eq!(ingest(&machines[0], 5, "2020-02-03T00:00Z"), 1);
    let first = dump(&machines[1].bundle(&name("us"), At::Latest).unwrap());
    assert_eq!(ingest(&machines[1], 6, "2020-02-04T00:00Z"), 2);
    let second = dump(&machines[0].bundle(&name("us"), At::Latest).unwrap());
    assert!(first.contains(" 5 10") && second.contains(" 6 10"), "{first}{second}");
    assert_eq!(dump(&machines[0].bundle(&name("us"), At::Version(1)).unwrap()), first);

    // While one writes the bundle, the other is told who does.
    let busy = std::sync::Mutex::new(None);
    let report =
        machines[0].ingest(&name("us"), &source(7), &options("2020-02-05T00:00Z"), &|_| {
            let mut busy = busy.lock().unwrap();
            if busy.is_none() {
                let options = options("2020-02-06T00:00Z");
                *busy = Some(machines[1].ingest(&name("us"), &source(8), &options, &|_| {}));
            }
        });
    assert_eq!(report.unwrap().outcome.version(), 3);
    let error = busy.into_inner().unwrap().unwrap().unwrap_err();
    let Error::Busy { holder, .. } = &error else { panic!("{error}") };
    assert_eq!(holder.pid, std::process::id(), "{error}");

    // And both at once, waiting for each other.
    std::thread::scope(|scope| {
        for (at, machine) in machines.iter().enumerate() {
            scope.spawn(move || {
                for round in 0..3 {
                    let mut options = options("2020-02-07T00:00Z");
                    options.locking = Locking::Wait(std::time::Duration::from_mins(1));
                    let source = source(100 + 10 * at as u32 + round);
                    machine.ingest(&name("us"), &source, &options, &|_| {}).unwrap();
                }
            });
        }
    });
    let versions = machines[0].versions(&name("us")).unwrap();
    assert_eq!(versions.iter().map(|v| v.version).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    for machine in &machines {
        let report = machine.verify(None).unwrap();
        assert!(report.is_sound() && report.orphans.is_empty(), "{report:?}");
    }
}
