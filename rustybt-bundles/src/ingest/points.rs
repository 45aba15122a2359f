//! Points to resume from: the parts that go into the same files, once those are written and synced.
//!
//! A point says which parts it is made of, as they were, what became of each, and which files hold
//! their rows. It counts for another run of the job if all of that is as it was: the same parts of
//! the same content, given the same sids, on top of the same version, and files with the same hash.
//! Else it is as if it had never been, and the parts are fetched again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustybt_data::{AssetRecord, Part, Sid, Source};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::check::PartOutcome;
use super::segment::Merged;
use crate::Error;
use crate::catalog::Catalog;
use crate::decimals::Needs;
use crate::job::JobId;
use crate::table::Dataset;
use crate::vfs::{Step, Vfs};

/// What earlier runs of a job have left, and where this one leaves what it has.
#[derive(Debug)]
pub(crate) struct Points {
    pub(crate) job: JobId,
    pub(crate) catalog: Arc<Mutex<Catalog>>,
    pub(crate) vfs: Arc<dyn Vfs>,
    pub(crate) folder: PathBuf,
    known: Mutex<BTreeMap<String, Vec<u8>>>,
}

/// A point, as far as all kinds of them are alike.
pub(super) trait Hashed {
    /// What tells its parts, and the version that its files were made on top of.
    fn members(&self) -> (&str, Option<u64>);

    /// Its files, each with its hash.
    fn files(&mut self) -> impl Iterator<Item = (&mut PathBuf, [u8; 32])>;
}

/// The parts that go into the same files.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Point {
    /// What tells its parts, and what they belong to.
    pub(super) members: String,
    /// The version that the files were made on top of.
    pub(super) base: Option<u64>,
    /// The digits that its table needed by then.
    pub(super) needs: Needs,
    /// One a part.
    pub(super) outcomes: Vec<PartOutcome>,
    pub(super) merged: Merged,
}

impl Points {
    /// Reads what earlier runs of the job have left.
    pub(crate) fn open(
        job: JobId,
        catalog: Arc<Mutex<Catalog>>,
        vfs: Arc<dyn Vfs>,
        folder: PathBuf,
    ) -> Result<Self, Error> {
        let rows = catalog.lock().unwrap_or_else(PoisonError::into_inner).points(job)?;
        let known = Mutex::new(rows.into_iter().collect());
        Ok(Self { job, catalog, vfs, folder, known })
    }

    /// The point of some parts, if it counts.
    pub(super) fn take<P: Hashed + DeserializeOwned>(
        &self,
        key: &str,
        members: &str,
        base: Option<u64>,
    ) -> Option<P> {
        let body = self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(key)?;
        // What cannot be read is of another version of the program: it is as if it were not there.
        let mut point: P = serde_json::from_slice(&body).ok()?;
        if point.members() != (members, base) {
            return None;
        }
        for (staged, hash) in point.files() {
            // The store may lie elsewhere now.
            *staged = self.folder.join(staged.file_name()?);
            let bytes = self.vfs.read(staged).ok()?;
            if *blake3::hash(&bytes).as_bytes() != hash {
                return None;
            }
        }
        Some(point)
    }

    /// Writes points down. Their files are durable.
    pub(super) fn add(&self, points: &[(String, Vec<u8>)]) -> Result<(), Error> {
        if points.is_empty() {
            return Ok(());
        }
        self.vfs.sync_folder(&self.folder).map_err(Error::io("sync", &self.folder))?;
        self.vfs.reached(Step::JobChunk);
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner).add_points(self.job, points)
    }
}

impl Hashed for Point {
    fn members(&self) -> (&str, Option<u64>) {
        (&self.members, self.base)
    }

    fn files(&mut self) -> impl Iterator<Item = (&mut PathBuf, [u8; 32])> {
        let staged = self.merged.staged.iter_mut();
        staged.map(|staged| (&mut staged.staged, staged.chunk.file_hash))
    }
}

/// The key of the parts that go into the same files.
pub(super) fn key(dataset: Dataset, part: i64) -> String {
    format!("{}/{part}", dataset.fixed_name())
}

/// What tells some parts and what they belong to.
pub(super) fn members<'p>(
    source: &dyn Source,
    parts: impl Iterator<Item = &'p Part>,
    records: &[AssetRecord],
    sids: &[Sid],
) -> String {
    let told: Vec<_> = parts
        .map(|part| {
            let record = records.get(part.asset);
            let symbol = record.map(|record| record.symbol.as_str());
            let class = record.map(|record| record.class);
            (crate::job::key(source, part, symbol), sids.get(part.asset), class)
        })
        .collect();
    crate::job::hash(&told)
}

/// A table of bars, by its name.
pub(super) mod table {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::table::Dataset;

    pub(in crate::ingest) fn serialize<S: Serializer>(
        dataset: &Dataset,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(dataset.fixed_name())
    }

    pub(in crate::ingest) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Dataset, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known = Dataset::from_name(&name).filter(|dataset| dataset.is_bars());
        known.ok_or_else(|| serde::de::Error::custom("no table of bars"))
    }
}
