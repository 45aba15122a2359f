//! [`Stop`]: how a running ingest is told to stop.

use std::sync::atomic::{AtomicU8, Ordering};

use super::JobId;
use crate::{Error, JobError};

const RUN: u8 = 0;
const INTERRUPT: u8 = 1;
const CANCEL: u8 = 2;

/// A flag that whoever started an ingest raises to stop it.
///
/// The ingest looks at it before every part and every file. A version that is being published is
/// published: that takes one short transaction.
///
/// ```
/// use rustybt_bundles::Stop;
///
/// static STOP: Stop = Stop::new();
/// STOP.interrupt();
/// assert!(STOP.is_raised());
/// ```
#[derive(Debug, Default)]
pub struct Stop(AtomicU8);

impl Stop {
    /// A flag that nobody has raised.
    pub const fn new() -> Self {
        Self(AtomicU8::new(RUN))
    }

    /// Stop, and keep what there is: the job is interrupted and can be resumed.
    pub fn interrupt(&self) {
        self.0.fetch_max(INTERRUPT, Ordering::Release);
    }

    /// Stop, and keep nothing: the job is cancelled.
    pub fn cancel(&self) {
        self.0.fetch_max(CANCEL, Ordering::Release);
    }

    /// Whether it is to stop, one way or the other.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire) != RUN
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) == CANCEL
    }
}

/// Everything that can stop a running ingest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopping<'a> {
    /// By whoever started it.
    pub(crate) asked: Option<&'a Stop>,
    /// By whoever looks after it.
    pub(crate) called_off: &'a Stop,
    pub(crate) job: JobId,
}

impl Stopping<'_> {
    pub(crate) fn is_raised(self) -> bool {
        self.called_off.is_raised() || self.asked.is_some_and(Stop::is_raised)
    }

    /// It was stopped before its end.
    pub(crate) fn interrupted(self) -> Error {
        Error::Job(JobError::Interrupted { job: self.job })
    }

    /// Goes on, or says why not.
    pub(crate) fn check(self) -> Result<(), Error> {
        let job = self.job;
        if self.called_off.is_cancelled() || self.asked.is_some_and(Stop::is_cancelled) {
            Err(Error::Job(JobError::Cancelled { job }))
        } else if self.is_raised() {
            Err(self.interrupted())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calling_off_is_stronger_than_interrupting() {
        let stop = Stop::new();
        assert!(!stop.is_raised());
        stop.interrupt();
        assert!(stop.is_raised() && !stop.is_cancelled());
        stop.cancel();
        stop.interrupt();
        assert!(stop.is_cancelled());
    }
}
