//! What an ingest tells: while it runs, and when it is done.

use std::time::Duration;

use rustybt_calendars::Timestamp;
use rustybt_data::{Rejected, Sid};

use crate::JobId;

/// A step of an ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Phase {
    /// Asking the source what there is.
    #[default]
    Survey,
    /// Fetching, checking, encoding and writing, several parts at once.
    Fetch,
    /// Writing what is left: assets, corporate actions, files whose numbers grew more digits.
    Finish,
    /// Making the files durable and publishing them.
    Publish,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 4] = [Self::Survey, Self::Fetch, Self::Finish, Self::Publish];

    /// The phase's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Fetch => "fetch",
            Self::Finish => "finish",
            Self::Publish => "publish",
        }
    }
}

/// How far an ingest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// The job.
    pub job: Option<JobId>,
    /// The phase it is in.
    pub phase: Phase,
    /// Parts done in it.
    pub done: u64,
    /// Parts to do in it.
    pub total: u64,
    /// Bytes of the source done, where the source knows them.
    pub bytes: u64,
    /// Bytes of the source to do.
    pub bytes_total: u64,
    /// Rows read so far.
    pub rows: u64,
}

/// What became of an ingest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// A new version was published.
    Published {
        /// Its number.
        version: u64,
        /// Its number within the catalog, for DuckDB.
        snapshot: u64,
        /// When.
        created: Timestamp,
    },
    /// The source brought nothing that the bundle did not have: no version, no file.
    Unchanged {
        /// The version that holds it all already.
        version: u64,
    },
}

impl Outcome {
    /// The version that now is the newest.
    pub const fn version(self) -> u64 {
        match self {
            Self::Published { version, .. } | Self::Unchanged { version } => version,
        }
    }
}

/// How often something was rejected for one kind of reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedKind {
    /// The kind, such as `high-too-low`.
    pub kind: &'static str,
    /// How often.
    pub count: u64,
    /// They, in the order of the source, 10,000 at most; all of them are in the bundle's quarantine.
    pub rows: Vec<Rejected>,
}

/// An asset with sessions between its first bar and its last that have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gaps {
    /// The asset.
    pub sid: Sid,
    /// Its symbol.
    pub symbol: String,
    /// How many sessions.
    pub sessions: u64,
}

/// What an ingest did to the corporate actions of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EventCounts {
    /// On a day on which the asset had none of the kind.
    pub new: u64,
    /// In the place of another of the kind on that day.
    pub changed: u64,
    /// Gone, because the source no longer has them.
    pub removed: u64,
    /// There before.
    pub unchanged: u64,
}

impl EventCounts {
    /// How many the source brought.
    pub const fn brought(self) -> u64 {
        self.new + self.changed + self.unchanged
    }
}

/// What an ingest did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IngestReport {
    /// The job that did it.
    pub job: JobId,
    /// A new version, or none.
    pub outcome: Outcome,
    /// Assets in the bundle now.
    pub assets: u64,
    /// Assets that it did not have before.
    pub assets_new: u64,
    /// Rows the source read, good and bad.
    pub rows_read: u64,
    /// Bars taken in: the sum of the next three.
    pub rows_stored: u64,
    /// Of these, bars at stamps that had none.
    pub rows_new: u64,
    /// Of these, bars that replaced one with other values.
    pub rows_changed: u64,
    /// Of these, bars that were there already.
    pub rows_unchanged: u64,
    /// Good bars not taken in, because a later part of the same source has a bar of that asset at
    /// that stamp.
    pub rows_superseded: u64,
    /// What became of corporate actions.
    pub events: EventCounts,
    /// What was put into quarantine.
    pub rejected: u64,
    /// The same by kind, the most frequent first.
    pub rejected_kinds: Vec<RejectedKind>,
    /// Sessions without a bar, by asset; assets without gaps are left out.
    pub gaps: Vec<Gaps>,
    /// Intraday bars outside regular hours; they are kept.
    pub outside_hours: u64,
    /// Bars that an equal one came before.
    pub equal_duplicates: u64,
    /// Bars that say that nothing was traded.
    pub without_trades: u64,
    /// What the source wants the user to know.
    pub notes: Vec<String>,
    /// Files written.
    pub files_written: u64,
    /// Files of the version before that the new one shares.
    pub files_kept: u64,
    /// Bytes written.
    pub bytes_written: u64,
    /// Size of the whole version on disk.
    pub bytes: u64,
    /// How long each phase took, by the caller's clock.
    pub seconds: Vec<(Phase, Duration)>,
}

impl IngestReport {
    /// How long it took altogether.
    pub fn elapsed(&self) -> Duration {
        self.seconds.iter().map(|(_, elapsed)| *elapsed).sum()
    }

    /// Rows read in a second; `None` without a clock.
    pub fn rows_per_second(&self) -> Option<f64> {
        let seconds = self.elapsed().as_secs_f64();
        (seconds > 0.0).then(|| self.rows_read as f64 / seconds)
    }

    /// Whether everything the source had was taken in.
    pub fn is_clean(&self) -> bool {
        self.rejected == 0
    }
}

/// What a compaction did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompactReport {
    /// A new version, or none where there was nothing to join.
    pub outcome: Outcome,
    /// Files of the version before.
    pub files_before: u64,
    /// Files of the version now.
    pub files: u64,
    /// Size of the version before on disk.
    pub bytes_before: u64,
    /// Size of the version now on disk.
    pub bytes: u64,
    /// Bytes written.
    pub bytes_written: u64,
}
