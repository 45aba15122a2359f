//! The store as its users meet it: everything through the public interface, on real files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on stops, and says what it skipped"
)]

mod actions;
mod ahead;
mod backup;
#[cfg(unix)]
mod caches;
#[cfg(unix)]
mod child;
mod clean;
mod column_cache;
#[cfg(unix)]
mod contention;
mod corruption;
mod corruption_sweep;
mod disk;
mod doctor;
mod duckdb;
mod duckdb_tables;
mod exactness;
#[cfg(feature = "object-store")]
mod far_copies;
#[cfg(unix)]
mod faults;
mod fixture;
mod freeze;
mod identity;
mod ingest;
mod invariants;
mod jobs;
#[cfg(unix)]
mod kill;
mod memory;
mod memory_tables;
mod merge_laws;
mod migration;
#[cfg(feature = "object-store")]
mod object_store;
mod open_access;
mod optional;
mod pins;
#[cfg(feature = "postgres")]
mod postgres;
mod python;
mod readers;
mod records;
#[cfg(feature = "redis")]
mod redis;
mod refusals;
mod refused_rows;
mod resumed_tables;
mod retain;
mod retention_laws;
mod round_trip;
#[cfg(feature = "s3")]
mod s3;
mod segments;
#[cfg(any(feature = "postgres", feature = "s3"))]
mod serving;
#[cfg(unix)]
mod sim;
mod stats;
#[cfg(target_os = "linux")]
mod strace;
mod tiles;
mod told_tables;
mod versions;
mod watched;
mod zipline_failures;
