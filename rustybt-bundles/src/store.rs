//! [`Store`]: a folder of bundles.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustybt_calendars::{Timestamp, calendar};

use crate::bundle::Bundle;
use crate::catalog::{BundleRow, Catalog, TableState};
use crate::ingest::Compaction;
use crate::layout::Layout;
use crate::lock::{Lease, WriteLock};
use crate::recover::{Recovered, recover};
use crate::report::CompactReport;
use crate::verified::Verified;
use crate::verify::{Damage, Fault, VerifyReport, verify};
use crate::{At, BundleName, Error, Holder, Locking, Recipe, StoreOptions, VersionInfo};

/// A folder of bundles: one catalog, and the files it speaks of.
///
/// A store may be shared between threads, and several processes may have it open. Ingests of
/// different bundles do not meet; of two ingests of one bundle at the same time, the one that
/// publishes last starts again from what the other has published, up to five times.
#[derive(Debug)]
pub struct Store {
    pub(crate) layout: Layout,
    pub(crate) catalog: Arc<Mutex<Catalog>>,
    pub(crate) files: Arc<Verified>,
}

impl Store {
    /// Opens a store that is there.
    ///
    /// # Errors
    ///
    /// [`Error::NoStore`] where there is none; [`Error::UnknownFormat`] for one that is newer than
    /// this program.
    pub fn open(root: &Path) -> Result<Self, Error> {
        StoreOptions::new().open(root)
    }

    /// Opens a store, and makes it first where there is none.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`Error::Io`] where the folder cannot be made.
    pub fn open_or_create(root: &Path) -> Result<Self, Error> {
        StoreOptions::new().create(true).open(root)
    }

    pub(crate) fn at(layout: Layout, create: bool) -> Result<Self, Error> {
        let catalog = Catalog::open(&layout, create)?;
        let files = Arc::new(Verified::new(layout.vfs_shared(), Arc::clone(&layout.caches)));
        Ok(Self { layout, catalog: Arc::new(Mutex::new(catalog)), files })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// Keeps a bundle's recipe, in place of the one it had.
    ///
    /// # Errors
    ///
    /// [`Error::OtherCalendar`] where the bundle exists with another calendar.
    pub fn register(&self, name: &BundleName, recipe: &Recipe) -> Result<(), Error> {
        let calendar = calendar(&recipe.calendar)?;
        let catalog = self.catalog();
        let bundle = catalog.make_bundle(name, calendar.name())?;
        catalog.set_recipe(&bundle, recipe)
    }

    /// The recipe of a bundle; `None` where it was ingested without one.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`].
    pub fn recipe(&self, name: &BundleName) -> Result<Option<Recipe>, Error> {
        let catalog = self.catalog();
        catalog.recipe(&catalog.bundle(name)?)
    }

    /// Every bundle that is registered or was ingested, by name.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`].
    pub fn bundles(&self) -> Result<Vec<BundleName>, Error> {
        self.catalog().bundles()
    }

    /// The name of a bundle's calendar.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`].
    pub fn calendar(&self, name: &BundleName) -> Result<String, Error> {
        Ok(self.catalog().bundle(name)?.calendar)
    }

    /// Every version of a bundle, oldest first; none where it is only registered.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`].
    pub fn versions(&self, name: &BundleName) -> Result<Vec<VersionInfo>, Error> {
        let catalog = self.catalog();
        catalog.versions(&catalog.bundle(name)?)
    }

    /// Opens a version of a bundle.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::NotIngested`], [`Error::NoVersion`],
    /// [`Error::NoVersionAsOf`]; [`Error::Corrupt`] for a damaged file.
    #[expect(clippy::needless_pass_by_value, reason = "a version is named where it is asked for")]
    pub fn bundle(&self, name: &BundleName, at: At) -> Result<Bundle, Error> {
        let (bundle, version, lease) = self.leased(name, &at)?;
        let tables = self.catalog().tables(&bundle, version.snapshot)?;
        let calendar = calendar(&bundle.calendar)?;
        let files = Arc::new(self.files.leased(lease));
        Bundle::open(name.clone(), version, calendar, tables, &files, &self.layout)
    }

    /// Makes one file of the segments of every part and period of a bundle, in a new version at
    /// `now` that holds the same rows. Segments of tables beyond bars are joined as far as one file
    /// is not too large for that.
    ///
    /// Ingests already keep the segments few; this makes them as few as can be, for a bundle that
    /// is read much and no longer appended to. Versions that are there stay as they are, so that
    /// space is gained only when they are cleaned. A bundle without segments gets no version.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::NotIngested`], [`Error::Corrupt`] for a damaged file,
    /// [`Error::Busy`] where somebody else writes the bundle, [`Error::Conflict`] where those who
    /// took no lock were faster time and again.
    pub fn compact(&self, name: &BundleName, now: Timestamp) -> Result<CompactReport, Error> {
        again(|| {
            let id = self.catalog().bundle(name)?.id;
            let holder = Holder::this(now, None);
            let _lock =
                WriteLock::take(&self.layout, (name, id), Locking::default(), &holder, None)?;
            let (bundle, head, tables) = self.head(name)?;
            let compaction = Compaction {
                layout: &self.layout,
                catalog: &self.catalog,
                files: &self.files,
                bundle: &bundle,
                head: &head,
                tables: &tables,
                now,
                fence: self.catalog().draw_fence(bundle.id)?,
            };
            compaction.run()
        })
    }

    /// The newest version of a bundle, and its tables.
    pub(crate) fn head(
        &self,
        name: &BundleName,
    ) -> Result<(BundleRow, VersionInfo, Vec<TableState>), Error> {
        let catalog = self.catalog();
        let bundle = catalog.bundle(name)?;
        let head = catalog.version(&bundle, &At::Latest)?;
        let tables = catalog.tables(&bundle, head.snapshot)?;
        Ok((bundle, head, tables))
    }

    /// A version, and the lease that keeps it where it is.
    fn leased(
        &self,
        name: &BundleName,
        at: &At,
    ) -> Result<(BundleRow, VersionInfo, Option<Lease>), Error> {
        let find = || {
            let catalog = self.catalog();
            let bundle = catalog.bundle(name)?;
            let version = catalog.version(&bundle, at)?;
            Ok::<_, Error>((bundle, version))
        };
        let (mut bundle, mut version) = find()?;
        loop {
            let lease = Lease::take(&self.layout, bundle.id, version.version)?;
            // Somebody may have removed it before the lease was taken, but nobody can any more.
            let (bundle_now, version_now) = find()?;
            if (bundle_now.id, version_now.version) == (bundle.id, version.version) {
                return Ok((bundle_now, version_now, lease));
            }
            (bundle, version) = (bundle_now, version_now);
        }
    }

    /// Removes what ingests that were killed have left: their staging folders, unless they are of
    /// jobs that can be resumed, and files below `data/` that no version came to know. What an
    /// ingest at work has is left alone. Every ingest does this first.
    ///
    /// # Errors
    ///
    /// [`Error::Catalog`], and [`Error::Io`] where something cannot be removed.
    pub fn recover(&self) -> Result<Recovered, Error> {
        recover(&self.layout, &self.catalog)
    }

    /// Hashes every file of every version again, of one bundle or of all, and looks for files that
    /// are missing or that nobody knows.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownBundle`], [`Error::Catalog`], and [`Error::Io`] where the folder cannot be
    /// listed. Damaged files are no error but what the report is about.
    pub fn verify(&self, name: Option<&BundleName>) -> Result<VerifyReport, Error> {
        let mut bundles = Vec::new();
        let (mut lost, waiting) = (Vec::new(), self.catalog().waiting_paths()?);
        {
            let catalog = self.catalog();
            let names = match name {
                Some(name) => vec![name.clone()],
                None => catalog.bundles()?,
            };
            for name in names {
                let bundle = catalog.bundle(&name)?;
                let chunks = catalog.all_chunks(&bundle)?;
                let versions = catalog.versions(&bundle)?;
                lost.extend(catalog.lost_files(&bundle)?.into_iter().map(|dataset| Damage {
                    bundle: name.clone(),
                    path: self.layout.data().join(name.as_str()).join(dataset),
                    fault: Fault::Expired,
                }));
                bundles.push((bundle, versions, chunks));
            }
        }
        let mut report = verify(&self.layout, &bundles, &waiting)?;
        report.damaged.extend(lost);
        Ok(report)
    }

    /// The version of a bundle that is meant.
    ///
    /// # Errors
    ///
    /// As [`bundle`](Self::bundle), without looking at any file.
    pub fn version(&self, name: &BundleName, at: &At) -> Result<VersionInfo, Error> {
        let catalog = self.catalog();
        catalog.version(&catalog.bundle(name)?, at)
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn files(&self) -> &Verified {
        &self.files
    }

    pub(crate) fn catalog(&self) -> MutexGuard<'_, Catalog> {
        // A transaction that a dying thread left open was rolled back with it.
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often an ingest is made from the start before it gives way to others.
const ATTEMPTS: u32 = 5;

/// Does something again, from the start, where somebody else published meanwhile.
pub(crate) fn again<T>(work: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
    for _ in 1..ATTEMPTS {
        match work() {
            Err(Error::Conflict { .. }) => {}
            done => return done,
        }
    }
    work()
}
