//! The pipeline against independent answers, and the laws that every term obeys.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod accuracy;
mod form;
mod golden;
mod indicator;
mod intraday;
mod laws;
mod loaders;
mod market;
mod refusals;
mod report;
mod symmetry;
mod together;
mod wide;
