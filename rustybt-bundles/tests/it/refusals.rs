//! Catalogs that are not what they should be: what can be recovered is, anything else is refused
//! with a typed error that says what would help, and never taken for an empty store.

use std::fs;
use std::path::{Path, PathBuf};

use rustybt_bundles::{At, Error, Store};
use tempfile::TempDir;

use crate::fixture::{Listed, dump, name, options};

/// A root with two versions, and with the second still in the log: the catalog, the log and the
/// shared memory of a process that has not come to its end.
fn with_log() -> (TempDir, PathBuf, [String; 2]) {
    let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open_or_create(root.path()).unwrap();
    let mut dumps = Vec::new();
    for (close, now) in [("5", "2020-02-03T00:00Z"), ("6", "2020-02-04T00:00Z")] {
        let source = Listed::default().daily("A", "2020-01-02", &[&format!("5 9 4 {close} 10")]);
        store.ingest(&name("us"), &source, &options(now), &|_| {}).unwrap();
        dumps.push(dump(&store.bundle(&name("us"), At::Latest).unwrap()));
    }
    let copied = folder.path().join("root");
    copy(root.path(), &copied);
    assert!(copied.join("catalog.sqlite-wal").metadata().unwrap().len() > 0);
    drop(store);
    (folder, copied, dumps.try_into().unwrap())
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_catalog_that_is_no_database_is_refused() {
    for content in
        [&b"this is no database, but text: long enough to be told from one"[..], &[7; 9000]]
    {
        let (_folder, root, _) = with_log();
        fs::remove_file(root.join("catalog.sqlite-wal")).unwrap();
        fs::write(root.join("catalog.sqlite"), content).unwrap();
        for open in [Store::open, Store::open_or_create] {
            let error = open(&root).unwrap_err();
            assert!(matches!(error, Error::Corrupt { .. }), "{error:?}");
            assert!(error.hint().unwrap().contains("doctor --repair"), "{:?}", error.hint());
        }
        assert_eq!(fs::read(root.join("catalog.sqlite")).unwrap(), content, "it is left alone");
    }
}

#[test]
fn a_log_that_is_cut_off_gives_the_old_version_or_the_new_one() {
    let (_folder, root, dumps) = with_log();
    let wal = fs::read(root.join("catalog.sqlite-wal")).unwrap();
    let mut seen = [0; 3];
    for cut in (0..=16).map(|sixteenth| wal.len() * sixteenth / 16) {
        let (folder, again) = (tempfile::tempdir().unwrap(), "root");
        let again = folder.path().join(again);
        copy(&root, &again);
        fs::write(again.join("catalog.sqlite-wal"), &wal[..cut]).unwrap();
        match Store::open(&again).and_then(|store| {
            let bundle = store.bundle(&name("us"), At::Latest)?;
            Ok((bundle.version().version, dump(&bundle)))
        }) {
            Ok((version, bars)) => {
                assert_eq!(bars, dumps[version as usize - 1]);
                seen[version as usize] += 1;
            }
            // All of it was in the log: there is no bundle, or no catalog beside the files.
            Err(error) => {
                assert!(
                    error.hint().is_some()
                        || matches!(error, Error::UnknownBundle { .. } | Error::NotIngested { .. }),
                    "{error:?}"
                );
                seen[0] += 1;
            }
        }
    }
    assert!(seen[2] > 0, "{seen:?}");
}

#[test]
fn shared_memory_that_is_stale_is_made_anew() {
    for stale in [vec![0xFF; 32768], vec![0; 32768], b"x".to_vec(), Vec::new()] {
        let (_folder, root, dumps) = with_log();
        fs::write(root.join("catalog.sqlite-shm"), stale).unwrap();
        let store = Store::open(&root).unwrap();
        assert_eq!(dump(&store.bundle(&name("us"), At::Latest).unwrap()), dumps[1]);
    }
}

#[test]
fn a_flipped_page_is_noticed_or_harmless() {
    let (_folder, root, dumps) = with_log();
    // Everything into the one file.
    drop(Store::open(&root).unwrap());
    let catalog = fs::read(root.join("catalog.sqlite")).unwrap();
    for page in 0..catalog.len() / 4096 {
        let mut broken = catalog.clone();
        broken[page * 4096..(page + 1) * 4096].iter_mut().for_each(|byte| *byte ^= 0x55);
        fs::write(root.join("catalog.sqlite"), &broken).unwrap();
        let _ = fs::remove_file(root.join("catalog.sqlite-wal"));
        let _ = fs::remove_file(root.join("catalog.sqlite-shm"));
        let read = Store::open(&root)
            .and_then(|store| store.bundle(&name("us"), At::Latest).map(|bundle| dump(&bundle)));
        if let Ok(bars) = read {
            assert_eq!(bars, dumps[1], "page {page}");
        }
    }
}
