//! How far fetching is: bars and tables together.

use std::sync::atomic::{AtomicU64, Ordering};

use rustybt_data::Survey;

use crate::report::{Phase, Progress};

/// What is fetched so far, of all there is.
pub(super) struct Tally<'a> {
    progress: &'a (dyn Fn(Progress) + Sync),
    parts: AtomicU64,
    parts_total: u64,
    bytes: AtomicU64,
    bytes_total: u64,
    rows: AtomicU64,
}

impl<'a> Tally<'a> {
    pub(super) fn new(survey: &Survey, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        let bars = survey.parts.iter().map(|part| part.bytes);
        let tables = survey.tables.iter().map(|part| part.bytes);
        Self {
            progress,
            parts: AtomicU64::new(0),
            parts_total: (survey.parts.len() + survey.tables.len()) as u64,
            bytes: AtomicU64::new(0),
            bytes_total: bars.chain(tables).sum(),
            rows: AtomicU64::new(0),
        }
    }

    /// So many parts more are fetched, of so many bytes and with so many rows.
    pub(super) fn add(&self, parts: u64, bytes: u64, rows: u64) {
        (self.progress)(Progress {
            job: None,
            phase: Phase::Fetch,
            done: self.parts.fetch_add(parts, Ordering::Relaxed) + parts,
            total: self.parts_total,
            bytes: self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes,
            bytes_total: self.bytes_total,
            rows: self.rows.fetch_add(rows, Ordering::Relaxed) + rows,
        });
    }
}
