//! Points to resume from: the files of a group of a table, once they are written and synced.

use std::path::PathBuf;

use rustybt_data::{AssetRecord, TablePart};
use serde::{Deserialize, Serialize};

use super::super::chunk::StagedChunk;
use super::super::fetch::lock;
use super::super::points::Hashed;
use super::group::{Group, Written};
use super::intake::Taken;
use super::table::Table;
use super::{RecordOrder, StagedRows};
use crate::catalog::NewChunk;
use crate::decimals::Scales;
use crate::format::{ColumnSpec, Kind};
use crate::records::kind_name;
use crate::table::Dataset;

/// The parts that go into the same files.
#[derive(Debug, Serialize, Deserialize)]
struct Point {
    /// What tells its parts, and what they belong to.
    members: String,
    /// The version that the files were made on top of.
    base: Option<u64>,
    /// One a part.
    outcomes: Vec<Taken>,
    written: Written,
    files: Vec<PointFile>,
}

/// A file that is written.
#[derive(Debug, Serialize, Deserialize)]
struct PointFile {
    staged: PathBuf,
    chunk: NewChunk,
    specs: Vec<Spec>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Spec {
    name: String,
    #[serde(with = "kind_name")]
    kind: Kind,
}

impl Hashed for Point {
    fn members(&self) -> (&str, Option<u64>) {
        (&self.members, self.base)
    }

    fn files(&mut self) -> impl Iterator<Item = (&mut PathBuf, [u8; 32])> {
        self.files.iter_mut().map(|file| (&mut file.staged, file.chunk.file_hash))
    }
}

impl Table<'_> {
    /// Takes every group of which an earlier run has left all files.
    pub(super) fn resume(&self) {
        let base = self.order.bench.origin.base();
        for group in &self.groups {
            let taken = self.order.points.take::<Point>(&self.key(group), &group.told, base);
            let Some(Point { outcomes, mut written, files, .. }) = taken else { continue };
            let needs = || outcomes.iter().flat_map(|outcome| &outcome.needs);
            let mut shape = self.shape();
            let mut grown = shape.clone();
            let fits = needs().all(|needs| grown.join(needs).is_ok());
            if outcomes.len() != group.parts.len() || !fits {
                continue;
            }
            *shape = grown;
            drop(shape);
            written.staged = files.into_iter().map(|file| self.staged(group, file)).collect();
            let (mut bytes, mut rows) = (0, 0);
            for (&at, outcome) in group.parts.iter().zip(outcomes) {
                bytes += self.order.parts.get(at).map_or(0, |part| part.bytes);
                rows += outcome.rows;
                lock(&self.outcomes).insert(at, outcome);
            }
            lock(&self.written).add(written);
            group.take();
            self.order.tally.add(group.parts.len() as u64, bytes, rows);
        }
    }

    /// Leaves a point, the files of a group being written.
    pub(super) fn leave(&self, group: &Group, written: &Written) {
        let kept = |at: &usize| lock(&self.outcomes).get(at).is_none_or(Taken::is_in_memory);
        if !group.parts.iter().all(kept) {
            // What was refused goes with this run: the parts are fetched again.
            return;
        }
        self.order.bench.staging.leave(self.key(group), || {
            let outcomes = lock(&self.outcomes);
            let outcome = |at: &usize| outcomes.get(at).cloned().unwrap_or_default();
            let spec = |spec: &ColumnSpec| Spec { name: spec.name.to_string(), kind: spec.kind };
            let file = |rows: &StagedRows| PointFile {
                staged: rows.staged.staged.clone(),
                chunk: rows.staged.chunk.clone(),
                specs: rows.specs.iter().map(spec).collect(),
            };
            Point {
                members: group.told.clone(),
                base: self.order.bench.origin.base(),
                outcomes: group.parts.iter().map(outcome).collect(),
                written: written.clone(),
                files: written.staged.iter().map(file).collect(),
            }
        });
    }

    fn key(&self, group: &Group) -> String {
        format!("{}/{}", self.set.name.as_str(), group.number)
    }

    fn staged(&self, group: &Group, file: PointFile) -> StagedRows {
        let PointFile { staged, chunk, specs } = file;
        let specs = specs.into_iter().map(|spec| ColumnSpec::new(spec.name, spec.kind)).collect();
        let (dataset, scales) = (Dataset::Records(self.set), Scales::default());
        let staged = StagedChunk { dataset, scales, staged, chunk };
        StagedRows { staged, specs, symbol: group.symbol.clone() }
    }
}

impl RecordOrder<'_> {
    /// What tells some parts and what they belong to.
    pub(super) fn told(&self, parts: &[usize], by_asset: bool) -> String {
        let part = |part: &TablePart| {
            let asset = part.asset.and_then(|asset| self.asset(asset));
            (part.name.clone(), part.bytes, self.source.table_identity(part), asset)
        };
        let parts = parts.iter().filter_map(|&at| self.parts.get(at)).map(part);
        let parts: Vec<_> = parts.collect();
        // Rows may be of any of the assets, by their places.
        let all = (0..self.assets.len()).filter(|_| !by_asset).map(|asset| self.asset(asset));
        crate::job::hash(&(parts, all.collect::<Vec<_>>()))
    }

    fn asset(&self, at: usize) -> Option<impl Serialize + use<>> {
        let AssetRecord { symbol, class, .. } = self.assets.get(at)?;
        Some((at, symbol.clone(), *class, *self.sids.get(at)?))
    }
}
