//! The crate from outside: golden numbers, laws, look-ahead, and the semantics of the pinned view.

mod conformance;
mod daily;
mod golden;
mod laws;
mod lookahead;
mod market;
mod minute;
mod real;
