//! The calendars against their answers, and the laws they obey.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may panic, and says what it skipped"
)]

mod answers;
mod breaks;
mod faults;
mod feasts;
mod files;
mod laws;
mod layers;
mod mutations;
mod names;
mod products;
mod sessions;
mod shared;
mod spot;
mod spot_index;
