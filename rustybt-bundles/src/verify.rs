//! Verifying: every file hashed again and compared with the catalog.

use std::collections::BTreeSet;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::catalog::BundleRow;
use crate::chunk::Chunk;
use crate::layout::Layout;
use crate::retention::hash;
use crate::vfs::Content;
use crate::{BundleName, Error, VersionInfo};

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Bundles looked at.
    pub bundles: u64,
    /// Their versions.
    pub versions: u64,
    /// Files hashed.
    pub files: u64,
    /// Bytes hashed.
    pub bytes: u64,
    /// Files that are not what the catalog says.
    pub damaged: Vec<Damage>,
    /// Data files that no version of these bundles knows: harmless, and safe to remove while no
    /// ingest runs.
    pub orphans: Vec<PathBuf>,
}

impl VerifyReport {
    /// Whether every file is whole.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }
}

/// A file that is not what the catalog says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The bundle it belongs to.
    pub bundle: BundleName,
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// It is not there.
    #[error("the file is gone")]
    Missing,
    /// It is too short or too long.
    #[error("it has {found} bytes where the catalog says {expected}")]
    Length {
        /// Bytes found.
        found: u64,
        /// Bytes it should have.
        expected: u64,
    },
    /// Its bytes are others.
    #[error("its BLAKE3 hash is not the catalog's")]
    Hash,
    /// DuckLake's tables no longer name it: another program expired the version it belongs to.
    #[error("a file of this table was expired by another program")]
    Expired,
    /// The system could not read it.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the system says.
        reason: String,
    },
}

pub(crate) fn verify(
    layout: &Layout,
    bundles: &[(BundleRow, Vec<VersionInfo>, Vec<Chunk>)],
    waiting: &[String],
) -> Result<VerifyReport, Error> {
    let mut report = VerifyReport { bundles: bundles.len() as u64, ..VerifyReport::default() };
    // What waits to be deleted is no orphan.
    let mut known: BTreeSet<PathBuf> =
        waiting.iter().map(|path| layout.data().join(path)).collect();
    for (bundle, versions, chunks) in bundles {
        report.versions += versions.len() as u64;
        report.files += chunks.len() as u64;
        report.bytes += chunks.iter().map(|chunk| chunk.bytes).sum::<u64>();
        known.extend(chunks.iter().map(|chunk| chunk.path.clone()));
        let faults: Vec<Option<Fault>> =
            chunks.par_iter().map(|chunk| fault(layout, chunk)).collect();
        for (chunk, fault) in chunks.iter().zip(faults) {
            if let Some(fault) = fault {
                let (bundle, path) = (bundle.name.clone(), chunk.path.clone());
                report.damaged.push(Damage { bundle, path, fault });
            }
        }
        let folder = layout.data().join(bundle.name.as_str());
        let found = layout.vfs().list(&folder).map_err(Error::io("list", &folder))?;
        let found = found.into_iter().map(|entry| entry.path);
        report.orphans.extend(found.filter(|path| !known.contains(path)));
    }
    report.orphans.sort();
    Ok(report)
}

fn fault(layout: &Layout, chunk: &Chunk) -> Option<Fault> {
    // What matters is the file, not a copy of it.
    let file = match layout.vfs().open_original(&chunk.path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Fault::Missing),
        Err(error) => return Some(Fault::Unreadable { reason: error.to_string() }),
    };
    let found = file.bytes();
    if found != chunk.bytes {
        return Some(Fault::Length { found, expected: chunk.bytes });
    }
    match hash(Content::new(file).from(0)) {
        Ok(hash) => (hash != chunk.file_hash).then_some(Fault::Hash),
        Err(error) => Some(Fault::Unreadable { reason: error.to_string() }),
    }
}
