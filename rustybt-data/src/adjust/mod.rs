//! Corporate actions, and prices as seen from a date.
//!
//! Raw prices are stored. A split, a dividend or a merger is an event with the session from which
//! it takes effect; a price of an earlier session, *as seen from* a session on or after the event,
//! is the raw price times the event's factor. Nothing is ever adjusted for an event that the
//! moment of looking does not know yet.

mod action;
mod effect;
mod factor;
mod mode;

pub use action::{Action, Adjustment, AdjustmentReader, AdjustmentTable};
pub use factor::{Factor, Factors};
pub use mode::AdjustMode;
