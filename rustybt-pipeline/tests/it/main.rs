//! The pipeline against independent answers, and the laws that every term obeys.

mod golden;
mod laws;
mod market;
mod refusals;
