//! What any reader, finder and source must pass.
//!
//! Each suite takes an implementation with some data in it and panics, saying what broke, where
//! the contract does not hold. They look at all the data that is there: give them little.

mod finder;
mod reader;
mod source;

pub use finder::finder;
pub use reader::reader;
pub use source::source;
