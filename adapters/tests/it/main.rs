//! The adapters from outside: folders in, bars and events out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

mod broken;
mod companions;
mod conformance;
mod dialects;
mod fixture;
mod no_bundle;
mod packed;
mod real;
mod selecting;
mod tables;
