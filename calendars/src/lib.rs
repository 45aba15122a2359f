//! Trading calendars: which days are sessions, when each opens, pauses and closes, which minutes trade.

mod calendar;
mod error;
mod minutes;
mod registry;
mod session;
mod timestamp;
mod window;

pub use crate::calendar::Calendar;
pub use crate::error::Error;
pub use crate::minutes::{Breaks, Direction, Side};
pub use crate::registry::{aliases, calendar, names};
pub use crate::session::Session;
pub use crate::timestamp::Timestamp;
pub use crate::window::Minutes;
