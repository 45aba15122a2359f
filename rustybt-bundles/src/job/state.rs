//! [`JobState`]: what has become of a job.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What has become of a job.
///
/// ```text
/// running ──▶ done          a version was published, or there was nothing new
///    │  ├───▶ rejected      nothing of what was fetched could be used
///    │  ├───▶ cancelled     somebody did not want it any more
///    │  ├───▶ failed        something was wrong; it may be resumed when that is put right
///    │  └───▶ interrupted   stopped, or killed; it may be resumed
///    ◀──────── resume ─┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum JobState {
    /// A process is at work on it.
    Running,
    /// It was stopped before its end; what it had is kept.
    Interrupted,
    /// It ended with an error; what it had is kept.
    Failed,
    /// It was called off; what it had is gone.
    Cancelled,
    /// What it fetched could not be used.
    Rejected,
    /// It did what it should.
    Done,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Interrupted,
        Self::Failed,
        Self::Cancelled,
        Self::Rejected,
        Self::Done,
    ];

    /// The state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Rejected => "rejected",
            Self::Done => "done",
        }
    }

    /// Whether what the job had is kept, so that it can go on.
    pub const fn is_resumable(self) -> bool {
        matches!(self, Self::Interrupted | Self::Failed)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for JobState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = Self::ALL.iter().map(|state| state.name()).collect();
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or_else(|| format!("a job is one of: {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in JobState::ALL {
            assert_eq!(state.name().parse(), Ok(state));
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
        assert!("Done".parse::<JobState>().is_err());
    }
}
