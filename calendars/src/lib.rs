//! Trading calendars: which days are sessions, when each opens, pauses and closes, which minutes trade.
//!
//! Everything starts from a [`Calendar`], found by name, alias or market code. It knows its
//! [`Session`]s (dates) and answers in [`Timestamp`]s (instants, UTC).
//!
//! ```
//! use rustybt_calendars::{Direction, Session, Side, Timestamp, calendar};
//!
//! let xnys = calendar("XNYS")?;
//!
//! // Thanksgiving week of 2019: closed on Thursday, a half day on Friday.
//! let (monday, friday): (Session, Session) = ("2019-11-25".parse()?, "2019-11-29".parse()?);
//! assert_eq!(xnys.sessions_in_range(monday, friday).len(), 4);
//! assert_eq!(xnys.why(friday), Some("Day after Thanksgiving"));
//! assert_eq!(xnys.close(friday)?.to_string(), "2019-11-29T18:00Z");
//! assert_eq!(xnys.session_minutes(friday, Side::Left)?.len(), 210);
//!
//! // An instant belongs to the session that trades then; outside, say where to look.
//! let saturday: Timestamp = "2019-11-30T12:00Z".parse()?;
//! assert_eq!(xnys.minute_to_session(saturday, Direction::Previous, Side::Left)?, friday);
//! assert!(!xnys.is_trading_minute(saturday, Side::Left));
//! # Ok::<(), rustybt_calendars::Error>(())
//! ```
//!
//! # How it works
//!
//! Each exchange is one declarative file in `data/exchange`: its week, its hours through the years, the
//! rules of its holidays, and the dates that no rule gives. The files are embedded, checked when read, and
//! worked out on first use into a few sorted arrays; see [`Calendar::from_toml`] for a file of your own.
//! Nothing here reads the clock, the environment or the disk.
//!
//! # Minutes
//!
//! No list of minutes is ever made (New York has 3.6 million since 1990). A running total of minutes per
//! session turns every question about them into arithmetic: [`Calendar::minute_position`] and
//! [`Calendar::minute_at`] are an index of minutes without the index.

mod anchor;
mod build;
mod calendar;
mod check;
mod easter;
mod entry;
mod error;
mod facts;
mod fault;
mod file;
mod hebrew;
mod hours;
mod icalendar;
mod islamic;
mod lunar;
mod minutes;
mod month_day;
mod moon;
mod near;
mod offset;
mod origin;
mod phase;
mod range;
mod raw;
mod reason;
mod registry;
mod rule;
mod schedule;
mod session;
mod shipped;
mod side;
mod sky;
mod source;
mod sun;
mod table;
mod timestamp;
mod timetable;
mod trading_index;
mod window;
mod zone;

pub use crate::calendar::Calendar;
pub use crate::error::Error;
pub use crate::fault::Fault;
pub use crate::hours::LocalHours;
pub use crate::phase::{Phase, REGULAR};
pub use crate::reason::{Reason, ReasonKind};
pub use crate::registry::{
    aliases, all_names, calendar, calendar_covering, deregister, names, register, register_alias,
    register_files, resolve_alias,
};
pub use crate::session::Session;
pub use crate::side::{Breaks, Clock, Direction, Side};
pub use crate::timestamp::Timestamp;
pub use crate::trading_index::{Edge, Interval, TradingIndex};
pub use crate::window::Minutes;

/// The examples of the README run too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
