//! Dated contracts, and series put together of one after another.

mod chain;
mod continuous;
mod roll;
mod spec;

pub use chain::{Contract, FuturesTable};
pub use continuous::ContinuousHistory;
pub use spec::{ContinuousFuture, RollAdjustment, RollStyle};
