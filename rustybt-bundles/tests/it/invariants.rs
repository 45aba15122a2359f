//! What must be true of a store at any moment, whatever happened to it before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags};
use rustybt_bundles::vfs::{OsFs, Vfs};
use rustybt_bundles::{At, JobFilter, Store, StoreOptions};

use crate::fixture::dump;

/// What a store holds: by bundle, every version's number and all that it says.
pub(crate) type Held = BTreeMap<String, Vec<(u64, String)>>;

/// Checks the store at `root`, which lies alone in its folder, after what dead ingests left there
/// was removed; gives what it holds.
pub(crate) fn check_invariants(root: &Path) -> Held {
    check_invariants_on(root, &(Arc::new(OsFs) as Arc<dyn Vfs>))
}

/// The same where the data files lie elsewhere.
pub(crate) fn check_invariants_on(root: &Path, vfs: &Arc<dyn Vfs>) -> Held {
    if !root.join("catalog.sqlite").exists() {
        // Nothing was ever acknowledged.
        assert!(vfs.list(&root.join("data")).unwrap().is_empty());
        return Held::new();
    }
    let store = open(root, vfs);
    store.recover().unwrap();
    catalog_is_whole(root);

    // The files on disk are those that the catalog names, byte for byte, and nothing else.
    let report = store.verify(None).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let on_disk: BTreeSet<_> =
        vfs.list(&root.join("data")).unwrap().into_iter().map(|entry| entry.path).collect();
    let (named, waiting) = (referenced(root), waiting(root));
    assert!(on_disk.is_superset(&named), "files on disk, files referenced");
    let strangers: Vec<_> =
        on_disk.difference(&named).filter(|it| !waiting.contains(*it)).collect();
    assert!(strangers.is_empty(), "files that nobody knows: {strangers:?}");
    // What is staged belongs to jobs that can be resumed.
    let jobs = store.jobs(&JobFilter::default()).unwrap();
    let resumable = jobs.iter().filter(|job| job.state.is_resumable());
    let theirs: BTreeSet<_> =
        resumable.map(|job| root.join("staging").join(job.id.to_string())).collect();
    let staged = vfs.folders(&root.join("staging")).unwrap();
    assert!(staged.iter().all(|folder| theirs.contains(folder)), "{staged:?} of {jobs:?}");
    let staged = vfs.list(&root.join("staging")).unwrap();
    assert!(staged.iter().all(|file| theirs.iter().any(|folder| file.path.starts_with(folder))));

    // Nothing outside of the root was touched.
    let beside: Vec<_> = std::fs::read_dir(root.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path != root)
        .collect();
    assert!(beside.is_empty(), "{beside:?}");

    held(&store)
}

pub(crate) fn open(root: &Path, vfs: &Arc<dyn Vfs>) -> Store {
    StoreOptions::new().create(true).vfs(Arc::clone(vfs)).open(root).unwrap()
}

/// Every version of every bundle, opened and read whole.
pub(crate) fn held(store: &Store) -> Held {
    let mut held = Held::new();
    for name in store.bundles().unwrap() {
        let mut versions = Vec::new();
        for info in store.versions(&name).unwrap() {
            let bundle = store.bundle(&name, At::Version(info.version)).unwrap();
            assert_eq!(bundle.version(), &info);
            bundle.portal().unwrap();
            versions.push((info.version, dump(&bundle)));
        }
        let newest = store.bundle(&name, At::Latest).ok().map(|bundle| bundle.version().version);
        assert_eq!(newest, versions.last().map(|(version, _)| *version));
        assert!(versions.windows(2).all(|pair| pair[0].0 < pair[1].0));
        held.insert(name.to_string(), versions);
    }
    held
}

fn catalog(root: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(root.join("catalog.sqlite"), flags).unwrap()
}

fn catalog_is_whole(root: &Path) {
    let catalog = catalog(root);
    let text = |sql: &str| -> String { catalog.query_row(sql, [], |row| row.get(0)).unwrap() };
    let count = |sql: &str| -> i64 { catalog.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(text("PRAGMA quick_check"), "ok");
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let headless = "SELECT count(*) FROM rbt_bundle b WHERE head_version IS NOT \
                    (SELECT max(version) FROM rbt_bundle_version v WHERE v.bundle_id = b.bundle_id)";
    assert_eq!(count(headless), 0, "the head is the newest version");
    assert_eq!(count("SELECT count(*) FROM rbt_staged"), 0, "nothing is under way");
    let strangers = "SELECT count(*) FROM rbt_chunk WHERE data_file_id NOT IN \
                     (SELECT data_file_id FROM ducklake_data_file)";
    assert_eq!(count(strangers), 0);
}

/// The data files that the catalog names.
fn referenced(root: &Path) -> BTreeSet<std::path::PathBuf> {
    let catalog = catalog(root);
    let sql = "SELECT s.path || t.path || f.path FROM ducklake_data_file f \
               JOIN ducklake_table t ON t.table_id = f.table_id \
               JOIN ducklake_schema s ON s.schema_id = t.schema_id";
    let mut all = catalog.prepare(sql).unwrap();
    let paths = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
    paths.map(|path| root.join("data").join(path.unwrap())).collect()
}

/// Files that no version has any more, and that a clean-up has yet to delete.
fn waiting(root: &Path) -> BTreeSet<std::path::PathBuf> {
    let catalog = catalog(root);
    let sql = "SELECT path FROM ducklake_files_scheduled_for_deletion";
    let mut all = catalog.prepare(sql).unwrap();
    let paths = all.query_map([], |row| row.get::<_, String>(0)).unwrap();
    paths.map(|path| root.join("data").join(path.unwrap())).collect()
}

/// The hashes of the files of the newest version, content and bytes: what two stores that were
/// filled alike have in common.
pub(crate) fn hashes(root: &Path) -> BTreeSet<(i64, i64, String, String)> {
    let catalog = catalog(root);
    let sql = "SELECT part, period, hex(content_hash), hex(file_hash) FROM rbt_chunk \
               WHERE end_snapshot IS NULL AND rows > 0";
    let mut all = catalog.prepare(sql).unwrap();
    let rows =
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}
