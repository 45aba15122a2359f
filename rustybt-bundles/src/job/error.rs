//! [`JobError`]: why a job ended before its end, or cannot be what was asked of it.

use super::{JobId, JobState};

/// What becomes of jobs that is not what they should do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The ingest was stopped before its end; what it had is kept.
    #[error("job {job} was interrupted; `rustybt jobs resume {}` goes on where it stopped", job.number())]
    Interrupted {
        /// The job.
        job: JobId,
    },
    /// The ingest was called off.
    #[error("job {job} was cancelled")]
    Cancelled {
        /// The job.
        job: JobId,
    },
    /// A source, or the ingest itself, panicked; the bundle is as it was.
    #[error("the ingest panicked: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// No job has this name.
    #[error("there is no job `{text}`")]
    UnknownJob {
        /// The text.
        text: String,
    },
    /// Several jobs have a name that begins like this.
    #[error("`{text}` may be any of the jobs {}", listed(.known))]
    AmbiguousJob {
        /// The text.
        text: String,
        /// The jobs.
        known: Vec<JobId>,
    },
    /// The job has ended, or is running.
    #[error("job {job} is {state}; one that is interrupted or failed can be resumed")]
    NotResumable {
        /// The job.
        job: JobId,
        /// What it is.
        state: JobState,
    },
    /// The job has ended.
    #[error("job {job} is {state}; there is nothing to cancel")]
    NotCancellable {
        /// The job.
        job: JobId,
        /// What it is.
        state: JobState,
    },
    /// A job goes on with what it was told at its beginning.
    #[error("job {job} began with other {what}; it goes on with the same")]
    OtherRecipe {
        /// The job.
        job: JobId,
        /// What differs.
        what: &'static str,
    },
}

impl JobError {
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Interrupted { .. })
    }

    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownJob { .. } | Self::AmbiguousJob { .. } => {
                Some("`rustybt jobs` lists them")
            }
            Self::Panicked { .. } => Some(
                "this is a fault of the program or of the source; `rustybt ingest BUNDLE --resume` \
                 tries again with what was fetched",
            ),
            _ => None,
        }
    }
}

fn listed(jobs: &[JobId]) -> String {
    let names: Vec<String> = jobs.iter().map(ToString::to_string).collect();
    names.join(", ")
}
