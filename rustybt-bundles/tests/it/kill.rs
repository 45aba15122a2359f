//! A process may die at every named step: SIGKILL at each, the first and the second time it is
//! reached, in a first ingest, in one on top of another version, and in the one that clears up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rustybt_bundles::Store;
use rustybt_bundles::vfs::Step;
use tempfile::TempDir;

use crate::child::{DONE, clean, market, moment, run, tell, was_killed};
use crate::fixture::{Shop, dump, name, options};
use crate::invariants::{Held, check_invariants, hashes};

/// A root that lies alone in its folder, in memory where that can be: what a killed process wrote is
/// there too, and hundreds of stores are not synced to a disk.
pub(crate) fn root() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let root = folder.path().join("root");
    (folder, root)
}

/// What an uninterrupted run leaves after each telling: what a reader sees, and the files' hashes.
pub(crate) struct Expected {
    pub(crate) dumps: Vec<String>,
    pub(crate) hashes: Vec<BTreeSet<(i64, i64, String, String)>>,
}

pub(crate) fn expected() -> Expected {
    let shop = Shop::new();
    let (mut dumps, mut all) = (vec![String::new()], vec![BTreeSet::new()]);
    for telling in [1, 2] {
        tell(&shop.store, telling).unwrap();
        dumps.push(dump(&shop.latest()));
        all.push(hashes(shop.folder.path()));
    }
    assert_ne!(dumps[1], dumps[2]);
    assert!(market(2).tables.len() > market(1).tables.len());
    Expected { dumps, hashes: all }
}

/// Which telling the newest version holds; 0 where there is none.
pub(crate) fn newest(held: &Held, expected: &Expected) -> usize {
    let versions = held.get("us").map(Vec::as_slice).unwrap_or_default();
    for (version, dump) in versions {
        assert_eq!(dump, &expected.dumps[*version as usize], "version {version}");
    }
    versions.last().map_or(0, |(version, _)| *version as usize)
}

/// Checks a store that a death left in the middle of a telling, and has the telling done again.
pub(crate) fn goes_on(root: &Path, telling: usize, resumes: bool, expected: &Expected) -> usize {
    let held = check_invariants(root);
    let found = newest(&held, expected);
    assert!(found == telling - 1 || found == telling, "neither the old head nor the new one");
    let store = Store::open_or_create(root).unwrap();
    let unfinished = store.unfinished_job(&name("us")).ok().flatten();
    match unfinished {
        // Either the same job goes on, or a new one does it all.
        Some(job) if resumes => {
            let mut options = options(&moment(telling as u32));
            options.workers = 1;
            store.resume(job.id, &market(telling as u32), &options, &|_| {}).unwrap();
        }
        _ => {
            tell(&store, telling as u32).unwrap();
        }
    }
    drop(store);
    assert_eq!(newest(&check_invariants(root), expected), telling);
    assert_eq!(hashes(root), expected.hashes[telling], "as if nothing had happened");
    found
}

#[test]
fn a_process_may_die_at_every_step() {
    let expected = expected();
    let mut reached = BTreeSet::new();
    for &step in Step::ALL {
        for telling in [1, 2] {
            for hit in [1, 2] {
                let (_folder, root) = root();
                if telling == 2 {
                    assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
                }
                let mark = format!("kill:{}:{hit}", step.name());
                let status = run(&root, &format!("ingest:{telling}"), &mark);
                if !was_killed(status) {
                    assert_eq!(status.code(), Some(DONE), "{mark}");
                    break;
                }
                reached.insert(step);
                let found = goes_on(&root, telling, hit == 1, &expected);
                // Steps are in the order of an ingest: the head moves between two of them.
                if step < Step::CommitBefore {
                    assert_eq!(found, telling - 1, "{mark}");
                }
                if step == Step::CommitAfter || step == Step::GcStaging {
                    assert_eq!(found, telling, "{mark}");
                }
            }
        }
    }
    // What a job has is written down when nothing else happens for a second.
    for resumes in [false, true] {
        let (_folder, root) = root();
        assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
        assert!(was_killed(run(&root, "slowly:2", "kill:job.chunk:1")));
        reached.insert(Step::JobChunk);
        assert_eq!(goes_on(&root, 2, resumes, &expected), 1);
    }
    // What a dead ingest left is cleared up by the next one, which may die of that too.
    for hit in [1, 2] {
        let (_folder, root) = root();
        assert!(was_killed(run(&root, "ingest:1", "kill:commit.begin:1")));
        assert!(was_killed(run(&root, "ingest:1", &format!("kill:gc.orphan:{hit}"))));
        reached.insert(Step::GcOrphan);
        assert_eq!(goes_on(&root, 1, hit == 1, &expected), 0);
    }
    // Dropping a version, and deleting what it alone had.
    for step in [Step::GcExpire, Step::GcUnlink, Step::GcForget] {
        for hit in [1, 2] {
            let (_folder, root) = root();
            for task in ["ingest:1", "ingest:2"] {
                assert_eq!(run(&root, task, "").code(), Some(DONE));
            }
            let mark = format!("kill:{}:{hit}", step.name());
            let status = run(&root, "clean", &mark);
            if !was_killed(status) {
                assert_eq!(status.code(), Some(DONE), "{mark}");
                break;
            }
            reached.insert(step);
            assert_eq!(newest(&check_invariants(&root), &expected), 2);
            clean(&Store::open(&root).unwrap()).unwrap();
            let held = check_invariants(&root);
            assert_eq!((held["us"].len(), newest(&held, &expected)), (1, 2));
            assert_eq!(hashes(&root), expected.hashes[2]);
            let files = std::fs::read_dir(root.join("data/us/bars_1d/year=2020")).unwrap().count();
            assert_eq!(files, 1, "what only the first version had is gone");
        }
    }
    let unreached: Vec<Step> =
        Step::ALL.iter().copied().filter(|step| !reached.contains(step)).collect();
    assert!(unreached.is_empty(), "steps that nobody can kill: {unreached:?}");
    println!("killed at {} of {} steps", reached.len(), Step::ALL.len());
}
