//! Several processes at one store: who writes, who waits, who is told that he is late, and readers
//! that never see a mix.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use rustybt_bundles::{At, Error, Locking, Store};

use crate::child::{DONE, FENCED, Running, flag, market, moment, raise, run, sweep, tell, until};
use crate::fixture::{Listed, dump, name, options, unlocked};
use crate::invariants::check_invariants;
use crate::kill::{expected, newest, root};

#[test]
fn of_two_ingests_of_one_bundle_the_second_is_told_who_writes_or_waits() {
    let (_folder, root) = root();
    assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
    let mut first = Running::start(&root, "ingest:2", "wait:fetch.page:1");
    until("the first fetches", || flag(&root, "there").exists());

    let store = Store::open(&root).unwrap();
    let mut options = options(&moment(2));
    let error = store.ingest(&name("us"), &market(2), &options, &|_| {}).unwrap_err();
    let Error::Busy { holder, .. } = &error else { panic!("{error}") };
    assert_eq!(holder.pid, first.0.id());
    let said = format!("the bundle `us` is being written by process {} on ", first.0.id());
    assert!(error.to_string().starts_with(&said), "{error}");
    assert!(error.to_string().ends_with(" since 2022-01-02T00:00Z"), "{error}");
    assert!(error.is_transient() && error.hint().unwrap().contains("--wait"));
    // Another bundle is another matter, and so is reading.
    store.ingest(&name("eu"), &market(1), &options, &|_| {}).unwrap();
    assert_eq!(store.bundle(&name("us"), At::Latest).unwrap().version().version, 1);
    // What a living ingest has is not cleared up.
    assert_eq!(store.recover().unwrap().ingests, 0);

    options.locking = Locking::Wait(Duration::from_mins(2));
    let second = std::thread::scope(|scope| {
        let second = scope.spawn(|| store.ingest(&name("us"), &market(2), &options, &|_| {}));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!second.is_finished());
        raise(&flag(&root, "go"));
        second.join().unwrap()
    });
    assert_eq!(first.0.wait().unwrap().code(), Some(DONE));
    // The first published version 2, and had told all there was to tell.
    assert_eq!(second.unwrap().outcome.version(), 2);
    std::fs::remove_dir_all(root.join("tiles")).unwrap();
    check_invariants(&root);
}

#[test]
fn a_writer_that_was_taken_for_dead_and_comes_back_is_refused() {
    let expected = expected();
    for step in ["stage.write", "publish.announce", "publish.link", "commit.begin"] {
        let (_folder, root) = root();
        assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
        let mut zombie = Running::start(&root, "ingest:2", &format!("stop:{step}:1"));
        zombie.await_stop();
        // Its lock is lost, as it is when a file system forgets the locks of a client.
        std::fs::remove_file(root.join("locks/1.lock")).unwrap();
        let store = Store::open(&root).unwrap();
        let other = Listed::default().daily("Z", "2020-01-02", &["1 1 1 1 1"]);
        let report = store.ingest(&name("us"), &other, &options(&moment(2)), &|_| {}).unwrap();
        assert_eq!(report.outcome.version(), 2);
        let bars = dump(&store.bundle(&name("us"), At::Latest).unwrap());

        zombie.signal(Signal::CONT);
        assert_eq!(zombie.0.wait().unwrap().code(), Some(FENCED), "{step}");
        let held = check_invariants(&root);
        let versions = &held["us"];
        assert_eq!(versions.len(), 2);
        assert_eq!(versions[0].1, expected.dumps[1]);
        assert_eq!(versions[1].1, bars);
    }
}

#[test]
fn the_lease_of_a_reader_ends_with_its_process() {
    let (_folder, root) = root();
    assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
    let mut reader = Running::start(&root, "read:1", "");
    until("the version is open", || flag(&root, "there").exists());
    let lock = File::open(root.join("locks/1-v1.lock")).unwrap();
    assert!(matches!(lock.try_lock(), Err(TryLockError::WouldBlock)), "it is read");
    reader.signal(Signal::KILL);
    reader.0.wait().unwrap();
    lock.try_lock().unwrap();
}

#[test]
fn what_reads_from_a_bundle_holds_its_version_longer_than_the_bundle_lives() {
    let (_folder, root) = root();
    let store = Store::open_or_create(&root).unwrap();
    tell(&store, 1).unwrap();
    let bundle = store.bundle(&name("us"), At::Latest).unwrap();
    let lock = File::open(root.join("locks/1-v1.lock")).unwrap();
    assert!(lock.try_lock().is_err());
    let daily = bundle.daily().unwrap();
    drop((bundle, store));
    assert!(lock.try_lock().is_err(), "its bars can still be read");
    drop(daily);
    lock.try_lock().unwrap();
}

#[test]
fn five_processes_write_one_bundle_and_nothing_is_lost() {
    let rounds: u32 = if sweep().is_some() { 50 } else { 3 };
    let (_folder, root) = root();
    let store = Store::open_or_create(&root).unwrap();
    let task = |worker: u32| format!("many:{worker}:{rounds}");
    let mut workers: Vec<Running> =
        (0..5).map(|worker| Running::start(&root, &task(worker), "")).collect();
    let mut heads = vec![0];
    while workers.iter_mut().any(|worker| worker.0.try_wait().unwrap().is_none()) {
        let versions = store.versions(&name("us")).unwrap_or_default();
        heads.push(versions.last().map_or(0, |info| info.version));
        std::thread::sleep(Duration::from_millis(5));
    }
    for mut worker in workers {
        assert_eq!(worker.0.wait().unwrap().code(), Some(DONE));
    }
    assert!(heads.is_sorted(), "a head never goes back");
    let held = check_invariants(&root);
    let numbers: Vec<u64> = held["us"].iter().map(|(version, _)| *version).collect();
    assert_eq!(numbers, (1..=5 * u64::from(rounds)).collect::<Vec<_>>());
    let last = &held["us"].last().unwrap().1;
    for (worker, round) in (0..5).flat_map(|worker| (0..rounds).map(move |round| (worker, round))) {
        assert!(last.contains(&format!("\"W{worker}R{round}\"")), "W{worker}R{round}");
    }
}

#[test]
fn those_that_take_no_lock_publish_one_after_another_too() {
    let (_folder, root) = root();
    Store::open_or_create(&root).unwrap();
    let published = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for worker in ["V", "W", "X", "Y"] {
            let (root, published) = (&root, &published);
            scope.spawn(move || {
                let store = Store::open(root).unwrap();
                let source = Listed::default().daily(worker, "2020-01-02", &["1 1 1 1 1"]);
                // Whoever was overtaken five times is told to run it again.
                let report = loop {
                    let options = unlocked("2022-01-01T00:00Z");
                    match store.ingest(&name("us"), &source, &options, &|_| {}) {
                        Err(Error::Conflict { .. }) => {}
                        done => break done.unwrap(),
                    }
                };
                published.lock().unwrap().push(report.outcome.version());
            });
        }
    });
    let mut published = published.into_inner().unwrap();
    published.sort_unstable();
    assert_eq!(published, [1, 2, 3, 4]);
    let held = check_invariants(&root);
    assert!(["V", "W", "X", "Y"].iter().all(|s| held["us"][3].1.contains(&format!("\"{s}\""))));
}

#[test]
fn readers_never_see_a_mix_while_ingests_go_on() {
    let (_folder, root) = root();
    let store = Store::open_or_create(&root).unwrap();
    let price = |version: u64| format!("5 9 1 {version} 10");
    let publish = |version: u64| {
        // Every asset says which version it is of.
        let rows = [price(version)];
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let source = ["A", "B", "C"].iter().fold(Listed::default(), |source, symbol| {
            source.daily(symbol, "2020-01-02", &rows).daily(symbol, "2021-01-04", &rows)
        });
        store.ingest(&name("us"), &source, &options("2022-01-01T00:00Z"), &|_| {}).unwrap();
    };
    publish(1);
    let over = AtomicBool::new(false);
    let seen: Mutex<BTreeMap<u64, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let store = Store::open(&root).unwrap();
                let mut last = 0;
                while !over.load(Ordering::Relaxed) {
                    let bundle = store.bundle(&name("us"), At::Latest).unwrap();
                    let version = bundle.version().version;
                    let bars = dump(&bundle);
                    let of_this = format!(" {}", price(version));
                    let rows: Vec<&str> = bars.lines().take(6).collect();
                    assert!(rows.iter().all(|row| row.ends_with(&of_this)), "{version}: {bars}");
                    assert!(version >= last, "{version} after {last}");
                    last = version;
                    *seen.lock().unwrap().entry(version).or_default() += 1;
                }
            });
        }
        // The readers end even where an ingest fails.
        let published = catch_unwind(AssertUnwindSafe(|| (2..=8).for_each(publish)));
        over.store(true, Ordering::Relaxed);
        published.unwrap();
    });
    assert!(seen.lock().unwrap().len() > 1, "{seen:?}");
    check_invariants(&root);
}

#[test]
fn an_ingest_clears_up_after_the_dead_and_after_no_one_else() {
    let expected = expected();
    let (_folder, root) = root();
    assert_eq!(run(&root, "ingest:1", "").code(), Some(DONE));
    assert!(crate::child::was_killed(run(&root, "ingest:2", "kill:commit.begin:1")));
    let mut alive = Running::start(&root, "ingest:2", "wait:commit.begin:1");
    until("it is about to publish", || flag(&root, "there").exists());
    // The living one has cleared up after the dead one; nobody clears up after the living one.
    let store = Store::open(&root).unwrap();
    assert_eq!(store.recover().unwrap().files, 0);
    // The dead one's job can be resumed: both have what they staged.
    assert_eq!(std::fs::read_dir(root.join("staging")).unwrap().count(), 2);
    // A stranger's file is not taken for one of ours.
    let stranger = root.join("data/us/notes.txt");
    std::fs::write(&stranger, "mine").unwrap();
    raise(&flag(&root, "go"));
    assert_eq!(alive.0.wait().unwrap().code(), Some(DONE));
    assert_eq!(store.recover().unwrap().ingests, 0);
    assert_eq!(std::fs::read_to_string(&stranger).unwrap(), "mine");
    std::fs::remove_file(&stranger).unwrap();
    assert_eq!(newest(&check_invariants(&root), &expected), 2);
}
