//! The seal of a version: a hash of all that the catalog says of it.
//!
//! A database has no checksums of its own: one flipped bit in it would move a decimal point, give
//! an asset the rows of another, or lose a file from a version, and every file would still be what
//! its own hash says. So a version is sealed when it is published, and compared with its seal
//! whenever it is opened.

use std::borrow::Cow;
use std::path::Path;

use super::database::{Session, args};
use super::{Catalog, TableState};
use crate::Error;
use crate::chunk::Extent;

/// What is sealed, beside the tables and files.
const VERSION: &str = "
    SELECT b.name, b.calendar, v.version, v.snapshot_id, v.created_us, v.data_from_us, v.data_to_us,
           v.assets, v.seal
    FROM rbt_bundle_version v JOIN rbt_bundle b ON b.bundle_id = v.bundle_id
    WHERE v.bundle_id = ?1 AND v.snapshot_id = ?2";

impl Catalog {
    /// Seals a version that was just written, in the transaction that wrote it.
    pub(super) fn seal(
        &self,
        session: &Session,
        bundle: i64,
        snapshot: u64,
        tables: &[TableState],
    ) -> Result<(), Error> {
        let (seal, _) = self.seal_of(session, bundle, snapshot, tables)?;
        let sql =
            "UPDATE rbt_bundle_version SET seal = ?3 WHERE bundle_id = ?1 AND snapshot_id = ?2";
        session.execute(sql, args![bundle, snapshot, seal.to_vec()])?;
        Ok(())
    }

    /// Compares a version with its seal. One from before there were seals has none.
    pub(super) fn check_seal(
        &self,
        session: &Session,
        bundle: i64,
        snapshot: u64,
        tables: &[TableState],
    ) -> Result<(), Error> {
        let (seal, kept) = self.seal_of(session, bundle, snapshot, tables)?;
        if kept.is_some_and(|kept| kept != seal) {
            let detail = format!("what it says of snapshot {snapshot} is not what was published");
            return Err(self.corrupt(detail));
        }
        Ok(())
    }

    /// The seal that a version should have, and the one it has.
    fn seal_of(
        &self,
        session: &Session,
        bundle: i64,
        snapshot: u64,
        tables: &[TableState],
    ) -> Result<([u8; 32], Option<Vec<u8>>), Error> {
        let Some(row) = session.row(VERSION, args![bundle, snapshot])? else {
            return Err(self.corrupt(format!("there is no version of snapshot {snapshot}")));
        };
        let mut hash = Hash::default();
        hash.text(row.text(0)?);
        hash.text(row.text(1)?);
        for at in 2..8 {
            hash.number(row.optional_int(at)?.unwrap_or(i64::MIN));
        }
        let mut tables: Vec<&TableState> = tables.iter().collect();
        tables.sort_by_key(|table| table.id);
        let data = self.layout.data();
        for table in tables {
            hash.number(table.id);
            hash.text(table.dataset.name());
            hash.text(&table.scales.to_string());
            for spec in table.records.iter().flat_map(|records| &records.columns) {
                hash.text(&spec.name);
                hash.text(&spec.kind.ducklake());
            }
            hash.number(table.chunks.len() as i64);
            for chunk in &table.chunks {
                hash.text(&below(&chunk.path, &data));
                hash.number(chunk.part);
                hash.number(chunk.period);
                hash.number(chunk.rows as i64);
                hash.number(chunk.bytes as i64);
                hash.raw(&chunk.content_hash);
                hash.raw(&chunk.file_hash);
                hash.bytes(&Extent::to_blob(&chunk.extents));
            }
        }
        let kept = row.optional_blob(8)?.map(<[u8]>::to_vec);
        Ok((hash.finish(), kept))
    }
}

/// A file's path below a folder.
fn below<'p>(path: &'p Path, folder: &Path) -> Cow<'p, str> {
    // Comparing texts is much faster than comparing paths name by name; all paths begin alike.
    let text = path.to_str().zip(folder.to_str());
    match text.and_then(|(path, folder)| path.strip_prefix(folder)?.strip_prefix('/')) {
        Some(rest) => Cow::Borrowed(rest),
        None => path.strip_prefix(folder).unwrap_or(path).to_string_lossy(),
    }
}

/// A hash of values in order, each of which says where it ends.
#[derive(Default)]
struct Hash {
    hasher: blake3::Hasher,
    /// What is to be hashed next: many values at once are hashed several times as fast.
    waiting: Vec<u8>,
}

/// How many bytes are hashed at once.
const AT_ONCE: usize = 1 << 16;

impl Hash {
    fn number(&mut self, value: i64) {
        self.raw(&value.to_le_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.number(value.len() as i64);
        self.raw(value);
    }

    fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= AT_ONCE {
            self.hasher.update(&self.waiting);
            self.waiting.clear();
        }
    }

    fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.waiting);
        *self.hasher.finalize().as_bytes()
    }
}
