//! The crate from outside: golden numbers, laws, look-ahead, and the semantics of the pinned view.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod actions;
mod conformance;
mod daily;
mod delivery;
mod frequency;
mod futures;
mod fx;
mod golden;
mod laws;
mod lookahead;
mod market;
mod minute;
mod readers;
mod real;
mod tables;
mod trades;
