//! Rows that were refused: some in memory, and where they are many, the others on disk.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use rustybt_data::{Reason, Rejected};
use serde::{Deserialize, Serialize};

use super::scratch::{self, Scratch};
use super::stage::Staging;
use crate::Error;
use crate::report::RejectedKind;
use crate::writer::quarantine;

/// Rows that are read from disk at once.
const BATCH: usize = 4096;

/// Rows below which none of a list are put aside.
const FEW: usize = 16;

/// Rows of a kind that a report lists.
const LISTED: usize = 10_000;

/// Refused rows of one part, in the order of the source.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Refused {
    rows: Vec<Rejected>,
    /// Those that came before, on disk.
    #[serde(skip)]
    aside: Vec<Batch>,
    /// How many of those in memory are counted.
    #[serde(skip)]
    counted: usize,
    bad_file: bool,
}

/// Some rows on disk.
#[derive(Debug, Clone)]
struct Batch {
    path: PathBuf,
    bytes: Range<u64>,
    hash: [u8; 32],
    rows: u64,
}

impl Refused {
    pub(super) fn extend(&mut self, rows: impl IntoIterator<Item = Rejected>) {
        let before = self.rows.len();
        self.rows.extend(rows);
        let new = self.rows.get(before..).unwrap_or_default();
        self.bad_file |= new.iter().any(|row| matches!(row.reason, Reason::BadFile { .. }));
    }

    /// Puts the rows aside where there are too many of them, here and elsewhere.
    pub(super) fn settle(&mut self, staging: &Staging) -> Result<(), Error> {
        let new = self.rows.len().saturating_sub(self.counted);
        self.counted = self.rows.len();
        if !staging.refuse(new) || self.rows.len() < FEW {
            return Ok(());
        }
        let mut file = Scratch::begin(staging)?;
        let mut at = 0;
        for rows in self.rows.chunks(BATCH) {
            let failed = |error| Error::io("write", file.path())(std::io::Error::other(error));
            let bytes = serde_json::to_vec(rows).map_err(failed)?;
            file.write(&bytes)?;
            let end = at + bytes.len() as u64;
            self.aside.push(Batch {
                path: file.path().to_owned(),
                bytes: at..end,
                hash: *blake3::hash(&bytes).as_bytes(),
                rows: rows.len() as u64,
            });
            at = end;
        }
        staging.forget_refused(self.rows.len());
        (self.rows, self.counted) = (Vec::new(), 0);
        Ok(())
    }

    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64 + self.aside.iter().map(|batch| batch.rows).sum::<u64>()
    }

    /// Whether a whole file is among them.
    pub(super) fn has_bad_file(&self) -> bool {
        self.bad_file
    }

    /// Whether all of them are in memory.
    pub(super) fn is_in_memory(&self) -> bool {
        self.aside.is_empty()
    }

    /// Gives the rows, some at a time.
    fn each(
        &self,
        staging: &Staging,
        take: &mut dyn FnMut(&[Rejected]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for batch in &self.aside {
            let path = &batch.path;
            let length = usize::try_from(batch.bytes.end - batch.bytes.start).unwrap_or(usize::MAX);
            let bytes = scratch::read(staging, path, batch.bytes.start, length)?;
            let whole = *blake3::hash(&bytes).as_bytes() == batch.hash;
            let rows: Option<Vec<Rejected>> =
                Some(bytes).filter(|_| whole).and_then(|it| serde_json::from_slice(&it).ok());
            take(&rows.ok_or_else(|| Error::corrupt(path, "it is not what was written"))?)?;
        }
        take(&self.rows)
    }
}

/// All that was refused.
#[derive(Debug, Default)]
pub(super) struct Quarantine(Vec<Refused>);

impl Quarantine {
    pub(super) fn add(&mut self, refused: Refused) {
        if refused.len() > 0 {
            self.0.push(refused);
        }
    }

    pub(super) fn extend(&mut self, rows: impl IntoIterator<Item = Rejected>) {
        let mut refused = Refused::default();
        refused.extend(rows);
        self.add(refused);
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(Refused::len).sum()
    }

    /// The first row.
    pub(super) fn first(&self, staging: &Staging) -> Result<Option<Rejected>, Error> {
        let mut first = None;
        if let Some(list) = self.0.first() {
            list.each(staging, &mut |rows| {
                first = first.take().or(rows.first().cloned());
                Ok(())
            })?;
        }
        Ok(first)
    }

    /// Gives the rows, so many at a time but for the last.
    pub(super) fn in_parts(
        &self,
        staging: &Staging,
        rows: usize,
        mut take: impl FnMut(&[Rejected]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut waiting: Vec<Rejected> = Vec::new();
        for list in &self.0 {
            list.each(staging, &mut |more| {
                for row in more {
                    waiting.push(row.clone());
                    if waiting.len() == rows {
                        take(&waiting)?;
                        waiting.clear();
                    }
                }
                Ok(())
            })?;
        }
        if waiting.is_empty() { Ok(()) } else { take(&waiting) }
    }
}

/// What was rejected, counted by kind.
#[derive(Debug, Default)]
pub(super) struct Kinds(BTreeMap<&'static str, RejectedKind>);

impl Kinds {
    pub(super) fn add(&mut self, rejected: &[Rejected]) {
        for row in rejected {
            let kind = quarantine::kind(&row.reason);
            let new = || RejectedKind { kind, count: 0, rows: Vec::new() };
            let entry = self.0.entry(kind).or_insert_with(new);
            entry.count += 1;
            if entry.rows.len() < LISTED {
                entry.rows.push(row.clone());
            }
        }
    }

    /// The most frequent first.
    pub(super) fn sorted(self) -> Vec<RejectedKind> {
        let mut kinds: Vec<RejectedKind> = self.0.into_values().collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count));
        kinds
    }
}
