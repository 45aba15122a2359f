//! Looking on while a pipeline runs: how far it is, and telling it to stop.

use std::ops::RangeInclusive;
use std::time::Duration;

use rustybt_calendars::Session;

/// One term of one chunk.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// What is computed, in a few words.
    pub term: &'a str,
    /// Its place in the order of the plan, from 0.
    pub number: usize,
    /// The sessions of the chunk.
    pub sessions: RangeInclusive<Session>,
    /// Rows computed, those before the chunk included.
    pub rows: usize,
    /// Assets in the chunk.
    pub assets: usize,
    /// The share of the whole run that is done when it begins, from 0 to 1.
    pub done: f64,
}

/// Somebody who looks on. Every method has a default that does nothing.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use rustybt_pipeline::{Step, Watch};
///
/// /// Stops a run when it is told to.
/// struct Stop(AtomicBool);
///
/// impl Watch for Stop {
///     fn is_cancelled(&self) -> bool {
///         self.0.load(Ordering::Relaxed)
///     }
///     fn begins(&self, step: &Step<'_>) {
///         println!("{:3.0} % {}", 100.0 * step.done, step.term);
///     }
/// }
/// ```
pub trait Watch: Sync {
    /// The time since some moment, by a clock of one's own: asked before and after each term, on the thread
    /// that computes it. Without one nothing is timed; this crate reads no clock itself.
    fn now(&self) -> Option<Duration> {
        None
    }

    /// A term begins; several may before the first of them ends.
    fn begins(&self, step: &Step<'_>) {
        let _ = step;
    }

    /// A term is done.
    fn ends(&self, step: &Step<'_>) {
        let _ = step;
    }

    /// Whether the run should end: asked before each term.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody.
impl Watch for () {}
