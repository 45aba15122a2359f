//! Publishing: files moved into place, and made a version in one transaction.

use std::sync::{Mutex, PoisonError};

use rustybt_calendars::{Session, Timestamp};

use super::change::{Change, Changes};
use super::stage::Placed;
use crate::catalog::{BundleRow, Catalog, Commit};
use crate::layout::Layout;
use crate::report::Outcome;
use crate::{Error, VersionInfo};

/// The bundle that gets a version, and from which version it comes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Publisher<'a> {
    pub(super) layout: &'a Layout,
    pub(super) catalog: &'a Mutex<Catalog>,
    pub(super) bundle: &'a BundleRow,
    pub(super) head: Option<&'a VersionInfo>,
    pub(super) now: Timestamp,
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
                (staged.staged.as_path(), to)
            })
        });
        let placed = Placed::place(layout, files)?;
        let commit = Commit {
            bundle: bundle.id,
            name: &bundle.name,
            base: head.map(|head| head.version),
            now: self.now,
            source: about.source.to_string(),
            first: head.and_then(|head| head.first).into_iter().chain(about.first).min(),
            last: head.and_then(|head| head.last).into_iter().chain(about.last).max(),
            assets: about.assets,
            tables: changes.tables.iter().map(Change::to_commit).collect(),
        };
        let published = {
            let catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
            catalog.publish(&commit)
        };
        match published {
            Ok(published) => {
                placed.keep();
                let (version, snapshot, created) =
                    (published.version, published.snapshot, published.created);
                Ok(Outcome::Published { version, snapshot, created })
            }
            Err(conflict @ Error::Conflict { .. }) => Err(conflict),
            Err(error) => {
                // The catalog may have taken it all the same: files are not removed on suspicion.
                placed.keep();
                Err(error)
            }
        }
    }
}
