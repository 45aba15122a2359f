//! The store as its users meet it: everything through the public interface, on real files.

mod corruption;
mod duckdb;
mod fixture;
mod identity;
mod ingest;
mod readers;
mod round_trip;
mod tiles;
mod versions;
