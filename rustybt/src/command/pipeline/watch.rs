//! Looking on while a pipeline runs: progress on stderr, and a clock for what its terms take.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustybt_pipeline::{Step, Watch};

use crate::command::Context;
use crate::progress::Meter;

/// Progress is told in thousandths.
const WHOLE: f64 = 1000.0;

/// Shows how far a run is, and times it.
pub(super) struct Looking {
    meter: Mutex<Meter>,
    began: Instant,
}

impl Looking {
    /// From now on.
    pub(super) fn new(context: &Context) -> Self {
        Self { meter: Mutex::new(context.meter()), began: Instant::now() }
    }

    fn set(&self, done: f64) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        meter.set("pipeline", (done * WHOLE) as u64, WHOLE as u64);
    }
}

impl Watch for Looking {
    fn now(&self) -> Option<Duration> {
        Some(self.began.elapsed())
    }

    fn begins(&self, step: &Step<'_>) {
        self.set(step.done);
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.set(1.0);
    }
}
