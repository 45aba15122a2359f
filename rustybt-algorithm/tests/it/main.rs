//! Strategies over small markets made by hand, and over the synthetic one.

#![expect(
    clippy::unwrap_used,
    clippy::unnecessary_wraps,
    reason = "a test that cannot go on has failed; calls of a strategy have one signature"
)]

mod events;
mod fills;
mod golden;
mod laws;
mod market;
mod real;
mod refusals;
mod schedules;
