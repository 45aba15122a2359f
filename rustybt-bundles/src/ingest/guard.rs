//! [`Guard`]: what several threads do until one of them fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::budget::Budget;
use super::fetch::lock;
use crate::job::panicked;
use crate::{Error, JobError};

/// Parts that could not be had for now, before the source is left alone.
const PATIENCE: usize = 8;

/// Keeps the first error of several threads, and says whether the others go on.
#[derive(Debug, Default)]
pub(super) struct Guard {
    failed: Mutex<Option<Error>>,
    stopped: AtomicBool,
    /// Parts that cannot be had for now.
    refused: AtomicUsize,
}

impl Guard {
    /// Runs a piece of work unless another has failed for good; keeps the first error.
    pub(super) fn run(&self, budget: &Budget, work: impl FnOnce() -> Result<(), Error>) {
        if self.is_stopped() {
            return;
        }
        // A panic is told by its own words, and not as that of some thread.
        let work = || catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|it| Err(panicked(&*it)));
        let Err(error) = work() else { return };
        let patient = match error {
            // The others are fetched, so that they need not be fetched again; where many cannot be
            // had, nobody is bothered any longer.
            Error::Fetch { .. } => self.refused.fetch_add(1, Ordering::Relaxed) + 1 < PATIENCE,
            // What is fetched is written, for whoever goes on.
            Error::Job(JobError::Interrupted { .. }) => true,
            _ => false,
        };
        lock(&self.failed).get_or_insert(error);
        if !patient {
            self.stopped.store(true, Ordering::Relaxed);
            budget.close();
        }
    }

    /// Whether nobody is to begin anything more.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// The first error.
    pub(super) fn into_failed(self) -> Option<Error> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
