//! Times the phases of an ingest.

use std::time::Duration;

use crate::report::Phase;

/// Times phases by the caller's clock.
pub(super) struct Watch<'a> {
    clock: Option<&'a (dyn Fn() -> Duration + Sync)>,
    started: Duration,
    pub(super) laps: Vec<(Phase, Duration)>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(clock: Option<&'a (dyn Fn() -> Duration + Sync)>) -> Self {
        let started = clock.map(|clock| clock()).unwrap_or_default();
        Self { clock, started, laps: Vec::new() }
    }

    pub(super) fn lap(&mut self, phase: Phase) {
        if let Some(clock) = self.clock {
            let now = clock();
            self.laps.push((phase, now.saturating_sub(self.started)));
            self.started = now;
        }
    }
}
