//! The store as its users meet it: everything through the public interface, on real files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops, and says what it skipped"
)]

mod actions;
mod backup;
mod clean;
mod corruption;
mod corruption_sweep;
mod doctor;
mod duckdb;
mod duckdb_tables;
mod exactness;
mod fixture;
mod freeze;
mod identity;
mod ingest;
mod jobs;
mod memory;
mod merge_laws;
mod migration;
mod open_access;
mod pins;
#[cfg(feature = "postgres")]
mod postgres;
mod python;
mod readers;
mod records;
mod retain;
mod round_trip;
mod segments;
mod stats;
mod tiles;
mod versions;
mod zipline_failures;
