//! The doctor: what is wrong with a store, what it means, and what would help.
//!
//! It looks at the catalog, at every file that a version needs, and at what was left behind. It
//! repairs only what is safe: what it removes can be made again, and what it replaces it keeps
//! beside the new. A lost catalog is made again from the files' own footers.

mod examine;
mod rebuild;

use std::path::{Path, PathBuf};

use rustybt_calendars::Timestamp;

use crate::error::chain;
use crate::layout::Layout;
use crate::{BundleName, Error, Fault, Store, StoreOptions};

/// How to look.
#[derive(Debug, Clone, Copy)]
pub struct DoctorOptions {
    /// Whether to repair what can be repaired safely.
    pub repair: bool,
    /// The moment: the time of versions that are made again.
    pub now: Timestamp,
}

/// What the doctor found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Bundles looked at.
    pub bundles: u64,
    /// Their versions.
    pub versions: u64,
    /// Files looked at.
    pub files: u64,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Whether nothing is left that has to be done.
    pub fn is_healthy(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| matches!(finding.remedy, Remedy::Done(_) | Remedy::None(_)))
    }

    fn add(&mut self, ailment: Ailment, remedy: Remedy) {
        self.findings.push(Finding { ailment, remedy });
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub ailment: Ailment,
    /// What helps against it.
    pub remedy: Remedy,
}

/// What can be wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ailment {
    /// There are data files, and no catalog that can be read.
    #[error("the catalog cannot be used: {detail}")]
    CatalogLost {
        /// Why not.
        detail: String,
    },
    /// The catalog's own structure is damaged.
    #[error("the catalog is damaged: {detail}")]
    CatalogDamaged {
        /// What SQLite says.
        detail: String,
    },
    /// What the catalog says of a version is not what was published.
    #[error("version {version} of `{bundle}` cannot be opened: {detail}")]
    VersionDamaged {
        /// The bundle.
        bundle: BundleName,
        /// The version.
        version: u64,
        /// Why not.
        detail: String,
    },
    /// A file that a version needs is not what the catalog says.
    #[error("`{}` of `{bundle}` is damaged: {fault}", path.display())]
    FileDamaged {
        /// The bundle.
        bundle: BundleName,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A data file that no version knows.
    #[error("`{}` ({bytes} bytes) belongs to no version", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// What ingests that died have left.
    #[error("{ingests} dead ingests have left files behind")]
    Leftovers {
        /// How many.
        ingests: u64,
    },
    /// A data file that says nothing of itself that could be understood.
    #[error("`{}` cannot be taken into the new catalog: {detail}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        detail: String,
    },
}

/// What helps, or has helped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// It was repaired; how.
    Done(String),
    /// `--repair` would do it; how.
    Repair(String),
    /// Somebody has to do it; what.
    ByHand(String),
    /// Nothing needs to be done; why.
    None(String),
}

/// Looks at the store in a folder.
///
/// # Errors
///
/// [`Error::NoStore`] where there is neither a catalog nor data; whatever keeps it from looking at
/// all. What is wrong with the store is no error but what the diagnosis is about.
///
/// ```
/// use rustybt_bundles::{DoctorOptions, Store, doctor};
///
/// # let folder = tempfile::tempdir()?;
/// # let root = folder.path();
/// Store::open_or_create(root)?;
/// let now = "2024-01-02T12:00Z".parse()?;
/// let diagnosis = doctor(root, DoctorOptions { repair: false, now })?;
/// assert!(diagnosis.is_healthy());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn doctor(root: &Path, options: DoctorOptions) -> Result<Diagnosis, Error> {
    StoreOptions::new().doctor(root, options)
}

impl StoreOptions {
    /// Looks at the store in a folder, as [`doctor`] does, with its catalog and its files where these
    /// options say they are.
    ///
    /// # Errors
    ///
    /// As [`doctor`]; [`Error::Catalog`] where the server of the catalog cannot be reached.
    pub fn doctor(&self, root: &Path, options: DoctorOptions) -> Result<Diagnosis, Error> {
        let layout = self.layout(root)?;
        let mut diagnosis = Diagnosis::default();
        let store = match Store::at(layout.clone(), false) {
            Ok(store) => store,
            Err(error) if examine::is_of_the_catalog(&error, &layout) => {
                let ailment = Ailment::CatalogLost { detail: chain(&error) };
                return lost(layout, options, ailment, diagnosis);
            }
            Err(error) => return Err(error),
        };
        if let Some(detail) = examine::catalog_damage(&store)? {
            drop(store);
            return lost(layout, options, Ailment::CatalogDamaged { detail }, diagnosis);
        }
        examine::examine(&store, options, &mut diagnosis)?;
        Ok(diagnosis)
    }
}

/// The catalog is of no use: it is made again, or said that it could be.
fn lost(
    layout: Layout,
    options: DoctorOptions,
    ailment: Ailment,
    mut diagnosis: Diagnosis,
) -> Result<Diagnosis, Error> {
    if !options.repair {
        let how = "make a new catalog from what the data files say of themselves, and keep the old \
                   one beside it; names of versions, recipes and jobs are lost. If there is a \
                   backup, `rustybt restore` loses nothing";
        diagnosis.add(ailment, Remedy::Repair(how.to_owned()));
        return Ok(diagnosis);
    }
    let rebuilt = rebuild::rebuild(&layout, options.now)?;
    let kept = match &rebuilt.aside {
        Some(aside) => format!("; the old one is `{aside}`"),
        None => String::new(),
    };
    let (bundles, files) = (rebuilt.bundles, rebuilt.files);
    let how = format!("a new catalog holds {bundles} bundles in {files} files{kept}");
    diagnosis.add(ailment, Remedy::Done(how));
    for (path, detail) in rebuilt.unreadable {
        let what = "put it back from a copy, or ingest its data again".to_owned();
        diagnosis.add(Ailment::Unreadable { path, detail }, Remedy::ByHand(what));
    }
    let store = Store::at(layout, false)?;
    examine::examine(&store, options, &mut diagnosis)?;
    Ok(diagnosis)
}
