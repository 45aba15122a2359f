//! What can go wrong between a question about bars and its answer.

mod hint;

use std::sync::Arc;

use rustybt_calendars::{Session, Timestamp};

use crate::{Field, Frequency, Quote, Sid, SourceError};

/// Everything this crate, and any reader or finder behind its contracts, can fail with.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No asset has this identifier.
    #[error("no asset has sid {sid}; {}", .largest.map_or("there are none".to_owned(), |sid| format!("the largest known is {sid}")))]
    UnknownSid {
        /// The identifier asked for.
        sid: Sid,
        /// The largest identifier there is.
        largest: Option<Sid>,
    },
    /// Nobody held the symbol on that day.
    #[error("no asset has the symbol `{symbol}` as of {as_of}{}", candidates(.near))]
    UnknownSymbol {
        /// The symbol asked for.
        symbol: String,
        /// The day it was asked for.
        as_of: Session,
        /// Symbols that look alike, or this one on other days: who held them, and when.
        near: Vec<String>,
    },
    /// Several assets held the symbol on that day.
    #[error("the symbol `{symbol}` is held by several assets as of {as_of}: {}", holders.join(", "))]
    AmbiguousSymbol {
        /// The symbol asked for.
        symbol: String,
        /// The day it was asked for.
        as_of: Session,
        /// Who held it, as `SYMBOL (sid, exchange, from to to)`.
        holders: Vec<String>,
    },
    /// Rows outside what the reader holds.
    #[error("rows {start}..{end} leave the {frequency} table, which has {rows} rows")]
    OutOfRange {
        /// First row asked for.
        start: usize,
        /// One past the last row asked for.
        end: usize,
        /// Rows there are.
        rows: usize,
        /// The table's frequency.
        frequency: Frequency,
    },
    /// The look-back reaches before the first label of the table.
    #[error(
        "{bars} bars of {frequency} ending at {end} begin before the first label of the data, {first}; \
         at most {available} are there"
    )]
    HistoryStartsBeforeData {
        /// Bars asked for.
        bars: usize,
        /// Their frequency.
        frequency: Frequency,
        /// The instant the window ends at.
        end: Timestamp,
        /// The first label of the data.
        first: Timestamp,
        /// Bars there are up to `end`.
        available: usize,
    },
    /// The instant lies before everything the data knows.
    #[error("nothing is known at {at}: the first bar is known at {first}")]
    BeforeData {
        /// The instant asked for.
        at: Timestamp,
        /// The instant at which the first bar is known.
        first: Timestamp,
    },
    /// An instant after the one of the view.
    #[error("nothing of {at} is known at {now}")]
    NotKnown {
        /// The instant asked for.
        at: Timestamp,
        /// The instant of the view.
        now: Timestamp,
    },
    /// The bundle holds no bars of that frequency.
    #[error("there are no {frequency} bars here; there are: {}", join(.available))]
    NoBars {
        /// The frequency asked for.
        frequency: Frequency,
        /// What there is.
        available: Vec<Frequency>,
    },
    /// A field that this table does not hold.
    #[error("the {frequency} bars have no `{field}`")]
    NoField {
        /// The field asked for.
        field: Field,
        /// The table's frequency.
        frequency: Frequency,
    },
    /// A column that the history was not asked for.
    #[error("the history was not asked for `{quote}`{}", of_sid(*.sid))]
    NotAsked {
        /// The column.
        quote: Quote,
        /// The asset, where the column is there but not for it.
        sid: Option<Sid>,
    },
    /// Exact values of something that is computed.
    #[error("{what} has no exact values: ask for stored fields, and for no adjusting")]
    NotExact {
        /// What was asked for.
        what: String,
    },
    /// A reader on another calendar than the portal's.
    #[error("the {frequency} bars lie on the calendar {found}, the portal on {expected}")]
    OtherCalendar {
        /// The reader's frequency.
        frequency: Frequency,
        /// The reader's calendar.
        found: String,
        /// The portal's calendar.
        expected: String,
    },
    /// A reader of bars that cannot be used there.
    #[error("{expected} were expected, these are bars of {found}")]
    OtherFrequency {
        /// What was expected.
        expected: &'static str,
        /// The reader's frequency.
        found: Frequency,
    },
    /// Nothing has futures of that name.
    #[error("there are no futures on `{root}`; there are some on: {}", if known.is_empty() { "nothing".to_owned() } else { known.join(", ") })]
    UnknownRoot {
        /// What was asked for.
        root: String,
        /// What there are futures on.
        known: Vec<String>,
    },
    /// No exchange rates of that name.
    #[error("there are no exchange rates called `{rate}`; there are: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    UnknownRate {
        /// The name asked for.
        rate: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// Text that names no way of passing from one contract to the next.
    #[error("`{text}` is no way of rolling; known are {known}")]
    BadRoll {
        /// The text.
        text: String,
        /// What is known.
        known: &'static str,
    },
    /// A number of bars of zero.
    #[error("a history needs at least one bar")]
    NoBarsAsked,
    /// Text that names no field.
    #[error(
        "`{text}` is no field; known are open, high, low, close, volume, price and, where bars have them, \
         trades, vwap and quote_volume"
    )]
    BadField {
        /// The text.
        text: String,
    },
    /// Text that names no frequency.
    #[error("`{text}` is no frequency; write a number and a unit, as in 1m, 15m, 4h, 1d, 1w, 1M")]
    BadFrequency {
        /// The text.
        text: String,
    },
    /// Text that names no way of adjusting.
    #[error("`{text}` is no way of adjusting; known are none, split, as-of and total-return")]
    BadAdjustMode {
        /// The text.
        text: String,
    },
    /// Text that is no decimal number, or does not fit 28 digits.
    #[error("`{text}` is no number that can be kept exactly: {reason}")]
    BadDecimal {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: DecimalFault,
    },
    /// Arrays whose shapes do not belong together.
    #[error("{what} has {found} values where {expected} were expected")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that fits.
        expected: usize,
    },
    /// A range of dates without a session.
    #[error("{calendar} has no session from {start} to {end}")]
    NoSessions {
        /// The calendar's name.
        calendar: String,
        /// First date.
        start: Session,
        /// Last date.
        end: Session,
    },
    /// The calendar refused.
    #[error("the calendar has no answer")]
    Calendar(#[source] Arc<rustybt_calendars::Error>),
    /// The store behind a reader refused.
    #[error("the data could not be read")]
    Store(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// A source could not deliver.
    #[error("the source `{name}` could not be read")]
    Source {
        /// The source.
        name: String,
        /// What it says.
        #[source]
        error: Arc<SourceError>,
    },
    /// Two assets of a source ask for one sid.
    #[error("`{symbol}` asks for the sid {sid}, which another asset of the same source has")]
    SidTaken {
        /// The second of them.
        symbol: String,
        /// The sid.
        sid: Sid,
    },
    /// The largest sid is taken.
    #[error("no sid is left for `{symbol}`: the largest there can be is taken")]
    NoSidLeft {
        /// Who has none.
        symbol: String,
    },
    /// A table cannot be called or made like that.
    #[error("`{name}` can be no table: {detail}")]
    BadTable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// No table of that name.
    #[error("there is no table `{table}`; there are: {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
    NoTable {
        /// What was asked for.
        table: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A table has no such column.
    #[error("the table `{table}` has no column `{column}`; its columns are {}", .known.join(", "))]
    UnknownColumn {
        /// The table.
        table: String,
        /// The column asked for.
        column: String,
        /// Those that it has.
        known: Vec<String>,
    },
    /// Polars refused a frame.
    #[error("the frame could not be made: {reason}")]
    Frame {
        /// What Polars says.
        reason: String,
    },
}

/// Why a text is no exact decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecimalFault {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// A character that belongs to no number.
    #[error("it holds a character that belongs to no number")]
    Character,
    /// More digits than an exact number holds.
    #[error("it needs more than 28 digits")]
    TooLong,
}

impl Error {
    /// Wraps the failure of a store, for implementors of the contracts.
    pub fn store(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<rustybt_calendars::Error> for Error {
    fn from(error: rustybt_calendars::Error) -> Self {
        Self::Calendar(Arc::new(error))
    }
}

fn candidates(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(", ")) }
}

fn of_sid(sid: Option<Sid>) -> String {
    sid.map(|sid| format!(" of sid {sid}")).unwrap_or_default()
}

fn join(frequencies: &[Frequency]) -> String {
    if frequencies.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<String> = frequencies.iter().map(ToString::to_string).collect();
    names.join(", ")
}
