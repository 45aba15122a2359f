//! Copies of a catalog in PostgreSQL, copies put back there, and its doctor.

use std::path::Path;

use rustybt_bundles::{
    Ailment, At, BackupOptions, CatalogUrl, DoctorOptions, Error, FreezeOptions, Remedy,
    RestoreOptions, RestoreReport, Store, StoreOptions, doctor,
};
use serde_json::json;
use tempfile::TempDir;

use super::{Server, day, ingest, shared, store};
use crate::fixture::{at, dump, name, options};
use crate::python;

const NOW: &str = "2020-03-01T00:00Z";

/// A store on the server with two versions of `us`, and a name for the first.
fn two_versions(folder: &Path, catalog: &str) -> Store {
    let store = store(folder, catalog);
    for (close, now) in [(5, "2020-02-03T00:00Z"), (6, "2020-02-04T00:00Z")] {
        ingest(&store, "us", &day(close), now).unwrap();
    }
    store.pin(&name("us"), &pin()).unwrap();
    store
}

fn pin() -> rustybt_bundles::Pin {
    rustybt_bundles::Pin {
        name: "prod".parse().unwrap(),
        version: 1,
        note: Some("it's \"so\"".into()),
        created: at(NOW),
    }
}

fn dumps(store: &Store) -> Vec<String> {
    let versions = store.versions(&name("us")).unwrap();
    let version = |number| dump(&store.bundle(&name("us"), At::Version(number)).unwrap());
    versions.iter().map(|info| version(info.version)).collect()
}

fn backup(store: &Store, out: &Path) {
    let report = store.backup(out, &BackupOptions::new(at(NOW)), &|_| {}).unwrap();
    assert!(report.files > 0 && report.files_new == report.files);
}

fn restore(catalog: &str, from: &Path, root: &Path, force: bool) -> Result<RestoreReport, Error> {
    let options = StoreOptions::new().catalog(catalog);
    options.restore(from, root, RestoreOptions { force }, &|_| {})
}

/// Runs statements on a catalog behind the program's back.
fn run(catalog: &str, sql: &str) {
    let CatalogUrl::Postgres(url) = CatalogUrl::from(catalog) else { unreachable!() };
    let address = catalog.replace(&format!("&schema={}", url.schema()), "");
    let mut client = postgres::Client::connect(&address, postgres::NoTls).unwrap();
    client.batch_execute(&format!("SET search_path = \"{}\"; {sql}", url.schema())).unwrap();
}

#[test]
fn a_backup_goes_from_server_to_file_and_from_file_to_server() {
    let Some(server) = shared() else { return };
    let folders = [(); 5].map(|()| TempDir::new().unwrap());
    let [first, on_disk, again, copies, more] = folders.each_ref().map(TempDir::path);
    let origin = two_versions(first, &server.catalog());
    backup(&origin, copies);

    // To a file, as the backup of any store.
    let restored =
        Store::restore(copies, on_disk, RestoreOptions { force: false }, &|_| {}).unwrap();
    assert!(restored.verified.is_sound());
    let local = Store::open(on_disk).unwrap();
    assert_eq!(dumps(&local), dumps(&origin));
    assert_eq!(local.pins(&name("us")).unwrap(), origin.pins(&name("us")).unwrap());
    ingest(&local, "us", &day(7), "2020-02-05T00:00Z").unwrap();

    // And from there to another schema.
    backup(&local, more);
    let catalog = server.catalog();
    restore(&catalog, more, again, false).unwrap();
    let far = StoreOptions::new().catalog(catalog.as_str()).open(again).unwrap();
    assert_eq!(dumps(&far), dumps(&local));
    assert_eq!(far.pins(&name("us")).unwrap(), local.pins(&name("us")).unwrap());
    assert_eq!(ingest(&far, "us", &day(8), "2020-02-06T00:00Z").unwrap(), 4);
    let stats = far.stats(None).unwrap();
    assert!(stats.catalog_bytes > 100_000, "{stats:?}");
    assert!(far.verify(None).unwrap().is_sound());

    // It says where its data lie now, to those who read the catalog alone.
    let out = again.join("frozen.ducklake");
    let frozen = far.freeze(&out, &FreezeOptions::new(at(NOW)), &|_| {}).unwrap();
    let data = again.join("data").canonicalize().unwrap();
    assert_eq!(Path::new(frozen.data_path.trim_start_matches("file://")), data);
    let Some(python) = python::interpreter() else { return };
    let answer = python::ask(python, "duckdb_frozen.py", &[out.to_str().unwrap()]);
    assert_eq!(answer["snapshots"], json!([0, 1, 2, 3, 4]));
    assert_eq!(answer["closes"], json!({"1": ["5"], "2": ["6"], "3": ["7"], "4": ["8"]}));
}

#[test]
fn a_catalog_on_the_server_is_replaced_by_force_and_while_nobody_writes() {
    let Some(server) = shared() else { return };
    let folders = [(); 3].map(|()| TempDir::new().unwrap());
    let [origin, other, copies] = folders.each_ref().map(TempDir::path);
    backup(&two_versions(origin, &server.catalog()), copies);
    let catalog = server.catalog();
    let store = store(other, &catalog);
    ingest(&store, "us", &day(99), "2020-02-03T00:00Z").unwrap();
    let before = dumps(&store);
    let refused = restore(&catalog, copies, other, false).unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");

    let tried = std::sync::Mutex::new(None);
    let ingested = store.ingest(&name("us"), &day(98), &options("2020-02-04T00:00Z"), &|_| {
        let mut tried = tried.lock().unwrap();
        tried.get_or_insert_with(|| restore(&catalog, copies, other, true));
    });
    assert_eq!(ingested.unwrap().outcome.version(), 2);
    let refused = tried.into_inner().unwrap().unwrap().unwrap_err();
    assert!(matches!(refused, Error::Busy { .. }), "{refused}");
    assert_eq!(dumps(&store)[..1], before);

    // A program that has it open sees the one that took its place.
    let report = restore(&catalog, copies, other, true).unwrap();
    assert_eq!(store.pins(&name("us")).unwrap().len(), 1);
    assert_eq!(store.versions(&name("us")).unwrap().len(), 2);
    let kept = StoreOptions::new().catalog(with_password(&catalog, &report)).open(other).unwrap();
    assert_eq!(dumps(&kept)[..1], before);
}

/// The catalog that was put aside, as it can be opened.
fn with_password(catalog: &str, report: &RestoreReport) -> CatalogUrl {
    let Some(CatalogUrl::Postgres(aside)) = &report.replaced else { panic!("{report:?}") };
    let CatalogUrl::Postgres(url) = CatalogUrl::from(catalog) else { unreachable!() };
    catalog.replace(url.schema(), aside.schema()).into()
}

#[test]
fn the_doctor_makes_a_lost_catalog_again_and_leaves_a_server_alone_that_does_not_answer() {
    let Some(server) = shared() else { return };
    let folder = TempDir::new().unwrap();
    let catalog = server.catalog();
    let healthy = two_versions(folder.path(), &catalog);
    let newest = dumps(&healthy).pop().unwrap();
    drop(healthy);
    let options = StoreOptions::new().catalog(catalog.as_str());
    let look = |repair| options.doctor(folder.path(), DoctorOptions { repair, now: at(NOW) });
    assert_eq!(look(false).unwrap().findings, []);

    run(&catalog, "UPDATE rbt_chunk SET rows = rows + 1 WHERE begin_snapshot = 1");
    let damaged = look(true).unwrap();
    let ailment = &damaged.findings[0].ailment;
    assert!(matches!(ailment, Ailment::VersionDamaged { version: 1, .. }), "{damaged:?}");
    run(&catalog, "UPDATE rbt_chunk SET rows = rows - 1 WHERE begin_snapshot = 1");

    // Beside its data a catalog that is gone is not made anew by opening the store.
    run(&catalog, "DROP TABLE ducklake_metadata");
    let lost = options.clone().create(true).open(folder.path()).unwrap_err();
    assert!(matches!(lost, Error::CatalogLost { .. }), "{lost}");
    let told = look(false).unwrap();
    assert!(matches!(told.findings[0].remedy, Remedy::Repair(_)), "{told:?}");
    let repaired = look(true).unwrap();
    assert!(repaired.is_healthy(), "{repaired:?}");
    let store = options.clone().open(folder.path()).unwrap();
    assert_eq!(dumps(&store), [newest]);

    let nobody = StoreOptions::new().catalog("postgres://u@/d?host=/nonexistent");
    let options = DoctorOptions { repair: true, now: at(NOW) };
    let refused = nobody.doctor(folder.path(), options).unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    // The folder alone has no catalog: it is not taken for the store.
    let alone = doctor(folder.path(), DoctorOptions { repair: false, now: at(NOW) }).unwrap();
    assert!(matches!(alone.findings[0].ailment, Ailment::CatalogLost { .. }), "{alone:?}");
}

#[test]
fn a_copy_whose_server_goes_away_leaves_nothing() {
    let Some(mut server) = Server::start() else { return };
    let folders = [(); 3].map(|()| TempDir::new().unwrap());
    let [root, copies, to] = folders.each_ref().map(TempDir::path);
    let catalog = server.catalog();
    let store = two_versions(root, &catalog);
    backup(&store, copies);
    server.order("stop");
    let out = to.join("us.ducklake");
    for lost in [
        store.freeze(&out, &FreezeOptions::new(at(NOW)), &|_| {}).map(drop),
        store.backup(copies, &BackupOptions::new(at(NOW)), &|_| {}).map(drop),
        restore(&catalog, copies, to, true).map(drop),
    ] {
        let error = lost.unwrap_err();
        assert!(error.is_transient(), "{error}");
    }
    server.order("start");
    assert!(!out.exists());
    // The earlier backup is one still.
    restore(&server.catalog(), copies, &to.join("restored"), false).unwrap();
}
