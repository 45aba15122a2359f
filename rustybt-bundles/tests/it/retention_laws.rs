//! Retention against a model, beside readers and writers, and killed at every step.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use proptest::prelude::*;
use rustybt_bundles::vfs::{Entry, NewFile, OsFs, Step, StoredFile, Vfs};
use rustybt_bundles::{At, Bundle, CleanOptions, Error, Pin, PinName, Store, StoreOptions};
use rustybt_data::{Field, Sid};

use crate::clean::{keep_last, now, source, versions};
use crate::fixture::{Shop, at, name, options};

/// The close that tells versions apart.
fn close(bundle: &Bundle) -> f64 {
    bundle.daily().unwrap().exact(Field::Close, Sid(0), 0..1).unwrap().get(0).unwrap().to_f64()
}

#[derive(Debug, Clone)]
enum Act {
    Ingest,
    Pin(usize, u8),
    Unpin(u8),
    Clean { keep: u64, waits: bool },
    Open(usize),
    Close(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Ingest),
        2 => (any::<usize>(), 0..3_u8).prop_map(|(version, pin)| Act::Pin(version, pin)),
        1 => (0..3_u8).prop_map(Act::Unpin),
        3 => (0..4_u64, any::<bool>()).prop_map(|(keep, waits)| Act::Clean { keep, waits }),
        2 => any::<usize>().prop_map(Act::Open),
        1 => any::<usize>().prop_map(Act::Close),
    ]
}

/// What there should be.
#[derive(Default)]
struct Model {
    /// Versions, and their closes.
    versions: BTreeMap<u64, u32>,
    pins: BTreeMap<u8, u64>,
    open: Vec<(u64, Bundle)>,
    made: u32,
}

impl Model {
    fn pick(&self, at: usize) -> Option<u64> {
        let count = self.versions.len();
        self.versions.keys().nth(at.checked_rem(count)?).copied()
    }

    /// What goes: neither among the newest, nor the newest, nor pinned, nor open.
    fn clean(&mut self, keep: u64) {
        let newest = self.versions.keys().next_back().copied();
        let others = self.versions.len().saturating_sub(keep as usize);
        let old: Vec<u64> = self.versions.keys().copied().take(others).collect();
        for version in old {
            let pinned = self.pins.values().any(|&pinned| pinned == version);
            let read = self.open.iter().any(|(open, _)| *open == version);
            if Some(version) != newest && !pinned && !read {
                self.versions.remove(&version);
            }
        }
    }

    fn act(&mut self, shop: &Shop, act: &Act) {
        let us = name("us");
        let pin_name = |pin: u8| PinName::new(&format!("pin-{pin}")).unwrap();
        match *act {
            Act::Ingest => {
                self.made += 1;
                let report = shop.ingest(&source(self.made), "2020-02-01T00:00Z").unwrap();
                self.versions.insert(report.outcome.version(), self.made);
            }
            Act::Pin(version, pin) => {
                let Some(version) = self.pick(version) else { return };
                let created = at("2020-02-02T00:00Z");
                let pinned = Pin { name: pin_name(pin), version, note: None, created };
                shop.store.move_pin(&us, &pinned).unwrap();
                self.pins.insert(pin, version);
            }
            Act::Unpin(pin) => {
                let gone = self.pins.remove(&pin);
                if self.made > 0 {
                    let unpinned = shop.store.unpin(&us, &pin_name(pin));
                    assert_eq!(unpinned.ok().map(|pin| pin.version), gone);
                }
            }
            Act::Clean { keep, waits } => {
                let mut options = now(keep_last(keep));
                if waits {
                    options.grace = CleanOptions::GRACE;
                }
                shop.store.clean(None, &options).unwrap();
                self.clean(keep);
            }
            Act::Open(version) => {
                let Some(version) = self.pick(version) else { return };
                let bundle = shop.store.bundle(&us, At::Version(version)).unwrap();
                self.open.push((version, bundle));
            }
            Act::Close(reader) => {
                if let Some(at) = reader.checked_rem(self.open.len()) {
                    self.open.swap_remove(at);
                }
            }
        }
    }

    fn check(&self, shop: &Shop) {
        if self.made == 0 {
            return;
        }
        let us = name("us");
        let there = shop.store.versions(&us).unwrap();
        let there: Vec<u64> = there.iter().map(|version| version.version).collect();
        assert_eq!(there, self.versions.keys().copied().collect::<Vec<_>>());
        for (&version, &made) in &self.versions {
            let bundle = shop.store.bundle(&us, At::Version(version)).unwrap();
            assert_eq!(close(&bundle), f64::from(made));
        }
        for version in 1..=u64::from(self.made) {
            if !self.versions.contains_key(&version) {
                let gone = shop.store.bundle(&us, At::Version(version)).unwrap_err();
                assert!(matches!(gone, Error::NoVersion { .. }), "{gone}");
            }
        }
        for (version, bundle) in &self.open {
            assert_eq!(close(bundle), f64::from(self.versions[version]));
        }
        let verified = shop.store.verify(None).unwrap();
        assert!(verified.is_sound() && verified.orphans.is_empty(), "{verified:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_stays_readable_and_what_is_not_goes(acts in prop::collection::vec(act(), 1..25)) {
        let shop = Shop::new();
        let mut model = Model::default();
        for act in &acts {
            model.act(&shop, act);
            model.check(&shop);
        }
        // In the end, when nobody reads: the files of the versions there are, and no others.
        model.open.clear();
        if model.made > 0 {
            model.act(&shop, &Act::Clean { keep: 1, waits: false });
            model.check(&shop);
            let bars = bars(&shop);
            prop_assert_eq!(bars, model.versions.len());
        }
    }
}

/// Files of bars: every version has one of its own.
fn bars(shop: &Shop) -> usize {
    shop.files().iter().filter(|file| file.to_str().unwrap().contains("bars_1d")).count()
}

/// Sets a flag at the end, even at a bad one: others wait for it.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn readers_writers_and_clean_ups_do_not_meet() {
    let shop = versions(1);
    let (stop, read) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let store = shop.open();
                while !stop.load(Ordering::Relaxed) {
                    let bundle = store.bundle(&name("us"), At::Latest).unwrap();
                    let version = bundle.version().version;
                    for _ in 0..3 {
                        assert_eq!(close(&bundle), 10.0 + version as f64);
                        std::thread::yield_now();
                    }
                    // What was taken from a bundle outlives it.
                    let bars = bundle.daily().unwrap();
                    drop(bundle);
                    let held = bars.exact(Field::Close, Sid(0), 0..1).unwrap();
                    assert_eq!(held.get(0).unwrap().to_f64(), 10.0 + version as f64);
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let cleaner = scope.spawn(|| {
            let store = shop.open();
            let mut dropped = BTreeSet::new();
            while !stop.load(Ordering::Relaxed) {
                let report = store.clean(None, &now(keep_last(1))).unwrap();
                dropped.extend(report.dropped.iter().map(|it| it.version));
            }
            dropped
        });
        let store = shop.open();
        let stopping = Stop(&stop);
        for n in 2..=30 {
            let options = options("2020-03-01T00:00Z");
            let report = store.ingest(&name("us"), &source(10 + n), &options, &|_| {}).unwrap();
            assert_eq!(report.outcome.version(), u64::from(n));
        }
        drop(stopping);
        assert!(cleaner.join().unwrap().len() > 3);
    });
    assert!(read.into_inner() > 0);
    shop.store.clean(None, &now(keep_last(1))).unwrap();
    assert_eq!(bars(&shop), 1);
    assert!(shop.store.verify(None).unwrap().orphans.is_empty());
}

/// A disk on which the process dies at a step, the n-th time it is reached.
#[derive(Debug)]
struct Dying {
    step: Step,
    left: AtomicU32,
}

impl Vfs for Dying {
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        OsFs.create_folder(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        OsFs.create(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsFs.rename(from, to)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        OsFs.sync_folder(path)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        OsFs.remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        OsFs.remove_folder(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<Entry>> {
        OsFs.list(folder)
    }
    fn folders(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        OsFs.folders(folder)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn StoredFile>> {
        OsFs.open(path)
    }
    fn reached(&self, step: Step) {
        if step == self.step {
            let left = self.left.load(Ordering::Relaxed);
            self.left.store(left.saturating_sub(1), Ordering::Relaxed);
            assert!(left != 1, "killed at {}", step.name());
        }
    }
}

#[test]
fn a_clean_up_that_dies_at_any_step_is_finished_by_the_next() {
    for step in [Step::GcExpire, Step::GcUnlink, Step::GcForget] {
        for time in 1..=2 {
            let shop = versions(4);
            let vfs = Arc::new(Dying { step, left: AtomicU32::new(time) });
            let store = StoreOptions::new().vfs(vfs).open(shop.folder.path()).unwrap();
            let died = catch_unwind(AssertUnwindSafe(|| {
                for bundle in [None, Some(name("us"))] {
                    store.clean(bundle.as_ref(), &now(keep_last(1))).unwrap();
                }
            }));
            // Where one clean-up reaches the step only once, there is nothing left for the second.
            assert!(died.is_err() || (time, step) == (2, Step::GcForget), "{step:?}");
            drop(store);
            let store = Store::open(shop.folder.path()).unwrap();
            for version in store.versions(&name("us")).unwrap() {
                let bundle = store.bundle(&name("us"), At::Version(version.version)).unwrap();
                assert_eq!(close(&bundle), 10.0 + version.version as f64);
            }
            let verified = store.verify(None).unwrap();
            assert!(verified.is_sound() && verified.orphans.is_empty(), "{step:?}: {verified:?}");
            store.clean(None, &now(keep_last(1))).unwrap();
            assert_eq!(store.versions(&name("us")).unwrap().len(), 1);
            assert_eq!(bars(&shop), 1, "{step:?}");
            assert_eq!(store.stats(None).unwrap().waiting_files, 0);
        }
    }
}
