//! Publishing: files moved into place, and made a version in one transaction.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustybt_calendars::{Session, Timestamp};

use super::change::{Change, Changes};
use super::stage::place;
use crate::catalog::{Begun, BundleRow, Catalog, Claim, Commit, Published};
use crate::layout::Layout;
use crate::recover::take_back;
use crate::report::Outcome;
use crate::step::Step;
use crate::{Error, VersionInfo};

/// The bundle that gets a version, and from which version it comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publisher<'a> {
    pub(super) layout: &'a Layout,
    pub(super) catalog: &'a Mutex<Catalog>,
    pub(super) bundle: &'a BundleRow,
    pub(super) head: Option<&'a VersionInfo>,
    pub(super) now: Timestamp,
    /// The ingest's name, which is that of its staging folder, and the number it drew.
    pub(super) job: &'a str,
    pub(super) fence: Option<u64>,
    /// The job that is done with it.
    pub(super) done: Option<Begun>,
}

/// What the catalog keeps of a version beside its files.
#[derive(Debug)]
pub(super) struct About {
    /// What made it.
    pub(super) source: serde_json::Value,
    pub(super) first: Option<Session>,
    pub(super) last: Option<Session>,
    pub(super) assets: u64,
}

impl Publisher<'_> {
    /// Publishes what changed; nothing, where nothing did.
    pub(super) fn publish(self, changes: &Changes<'_>, about: &About) -> Result<Outcome, Error> {
        let Self { layout, bundle, head, .. } = self;
        if let Some(head) = head.filter(|_| changes.is_empty()) {
            return Ok(Outcome::Unchanged { version: head.version });
        }
        let files = changes.tables.iter().flat_map(|table| {
            table.added.iter().map(|staged| {
                let to = layout.file(&bundle.name, table.dataset, &staged.chunk.path);
                (staged.staged.as_path(), staged.chunk.bytes, to)
            })
        });
        let files: Vec<(&Path, u64, PathBuf)> = files.collect();
        let announced: Vec<(String, u64)> = files
            .iter()
            .filter_map(|(_, bytes, to)| Some((layout.below_root(to)?, *bytes)))
            .collect();
        let catalog = || self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        layout.vfs().reached(Step::PublishAnnounce);
        catalog().announce(self.job, &announced)?;
        let commit = Commit {
            bundle: bundle.id,
            name: &bundle.name,
            base: head.map(|head| head.version),
            now: self.now,
            claim: Claim { job: self.job, fence: self.fence, files: announced.len() as u64 },
            job: self.done,
            source: about.source.to_string(),
            first: head.and_then(|head| head.first).into_iter().chain(about.first).min(),
            last: head.and_then(|head| head.last).into_iter().chain(about.last).max(),
            assets: about.assets,
            tables: changes.tables.iter().map(Change::to_commit).collect(),
        };
        let placed = place(layout, files.iter().map(|(from, _, to)| (*from, to.as_path())));
        match placed.and_then(|()| catalog().publish(&commit)) {
            Ok(Published { version, snapshot, created }) => {
                Ok(Outcome::Published { version, snapshot, created })
            }
            Err(error) => {
                // If the catalog took it all the same, nothing is announced any more. What this
                // leaves, because it fails too, is the next recovery's.
                let _ = take_back(layout, self.catalog, self.job);
                Err(error)
            }
        }
    }
}
