//! [`JobInfo`]: what there is to know of a job.

use rustybt_calendars::Timestamp;
use serde::{Deserialize, Serialize};

use super::{JobId, JobState};
use crate::{BundleName, Recipe};

/// A job: one ingest, from its beginning on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct JobInfo {
    /// Its name.
    pub id: JobId,
    /// The bundle it ingests into.
    pub bundle: BundleName,
    /// What it ingests: source, options and selection. Secrets among the options are `***`.
    pub recipe: Recipe,
    /// What has become of it. A job whose process is gone is interrupted.
    pub state: JobState,
    /// The version it started from; `None` where the bundle had none.
    pub base_version: Option<u64>,
    /// Its number among the writers of its bundle.
    pub fence: u64,
    /// The process that is, or was last, at work on it.
    pub owner: Owner,
    /// When it was created, by the clock of its process.
    pub created: Timestamp,
    /// When it was last heard of.
    pub updated: Timestamp,
    /// When it ended; `None` where it can go on.
    pub finished: Option<Timestamp>,
    /// How far it is.
    pub progress: JobProgress,
    /// What it did, once it is done: an object of counts.
    pub report: Option<serde_json::Value>,
    /// Why it ended, where it did not do what it should.
    pub error: Option<String>,
}

/// A process on a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The number of the process.
    pub pid: u32,
    /// The machine's name; empty where nobody told.
    pub host: String,
}

/// How far a job is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct JobProgress {
    /// The phase: `survey`, `fetch`, `finish` or `publish`; empty before the first.
    pub phase: String,
    /// How much of the whole is done, from 0 to 100.
    pub percent: f64,
    /// Parts of the source that were fetched.
    pub parts: u64,
    /// Parts there are.
    pub parts_total: u64,
    /// Bytes of the source that were fetched, where the source knows them.
    pub bytes: u64,
    /// Bytes there are.
    pub bytes_total: u64,
    /// Rows that were read.
    pub rows: u64,
    /// Rows read in a second; `None` without a clock.
    pub rows_per_second: Option<f64>,
    /// Seconds until it is done, if it goes on like this; `None` where nobody can tell.
    pub eta_seconds: Option<f64>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only those of this bundle.
    pub bundle: Option<BundleName>,
    /// Only those in this state.
    pub state: Option<JobState>,
}

impl JobFilter {
    /// Whether a job is one of those.
    pub(crate) fn takes(&self, job: &JobInfo) -> bool {
        self.bundle.as_ref().is_none_or(|bundle| *bundle == job.bundle)
            && self.state.is_none_or(|state| state == job.state)
    }
}
