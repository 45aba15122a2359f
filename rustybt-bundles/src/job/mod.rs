//! Jobs: every ingest is one, from its first moment on.
//!
//! 1. **Create**: with the bundle's writer lock in hand, a row is written: bundle, source,
//!    selection and options (secrets blotted out), the version it starts from, its number among the
//!    bundle's writers.
//! 2. **Run**: once a second the row is told how far it is, and asked whether it is still wanted.
//!    What was fetched becomes points to resume from: files of a table as soon as they are synced,
//!    and deliveries of sources that are dear to ask again.
//! 3. **End**: done in the same transaction that publishes the version; or interrupted, failed,
//!    cancelled, rejected.
//!
//! A job whose process died says that it is running, but nobody holds its lock: it is shown as
//! interrupted. Jobs are put in order by their number; clocks are only shown to people.

mod deliveries;
mod error;
mod id;
mod info;
mod progress;
mod recorded;
mod run;
mod secrets;
mod state;
mod stop;
mod store;
mod summary;

pub use self::error::JobError;
pub use self::id::JobId;
pub use self::info::{JobFilter, JobInfo, JobProgress, Owner};
pub(crate) use self::recorded::{hash, key};
pub(crate) use self::run::panicked;
pub use self::state::JobState;
pub use self::stop::Stop;
pub(crate) use self::stop::Stopping;
