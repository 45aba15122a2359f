//! What can go wrong: a question without an answer, or a calendar file that does not hold together.

use crate::fault::Fault;
use crate::session::Session;
use crate::side::Side;
use crate::timestamp::Timestamp;

/// The errors of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Text that is not a civil date.
    #[error("`{text}` is not a date; expected a form like 2014-06-09")]
    InvalidDate {
        /// The text as given.
        text: String,
    },

    /// Text that is not an instant.
    #[error("`{text}` is not an instant: {reason}")]
    InvalidTimestamp {
        /// The text as given.
        text: String,
        /// What is wrong with it, and what would work.
        reason: &'static str,
    },

    /// No calendar bears this name, alias or market code.
    #[error("no calendar is called `{name}`; {}", suggestion(near))]
    UnknownCalendar {
        /// The name as given.
        name: String,
        /// The names most like it, best first; all names when none is alike.
        near: Vec<String>,
    },

    /// Another calendar has this name or alias.
    #[error(
        "`{name}` is what {by} is called already; choose another name, or deregister {by} first"
    )]
    NameTaken {
        /// The name wanted.
        name: String,
        /// The calendar that has it.
        by: String,
    },

    /// A date that lies outside the sessions the calendar was computed for.
    #[error(
        "{calendar} knows no sessions around {date}; it reaches from {first} to {last}, and `covering` works out other years"
    )]
    DateOutOfBounds {
        /// Name of the calendar.
        calendar: String,
        /// The date asked for.
        date: Session,
        /// First session of the calendar.
        first: Session,
        /// Last session of the calendar.
        last: Session,
    },

    /// An instant that lies outside the trading minutes the calendar was computed for.
    #[error(
        "{calendar} knows no trading minutes around {minute}; it reaches from {first} to {last}"
    )]
    MinuteOutOfBounds {
        /// Name of the calendar.
        calendar: String,
        /// The instant asked for.
        minute: Timestamp,
        /// First trading minute of the calendar.
        first: Timestamp,
        /// Last trading minute of the calendar.
        last: Timestamp,
    },

    /// A date inside the calendar's bounds on which it does not trade.
    #[error(
        "{date} is not a session of {calendar}: {why}; the sessions around it are {previous} and {next}"
    )]
    NotASession {
        /// Name of the calendar.
        calendar: String,
        /// The date asked for.
        date: Session,
        /// The rule or notice that closed it, or `weekend`.
        why: String,
        /// The session before.
        previous: Session,
        /// The session after.
        next: Session,
    },

    /// An instant inside the calendar's bounds at which it does not trade.
    #[error("{calendar} does not trade at {minute}; {}", around(*previous, *next))]
    NotATradingMinute {
        /// Name of the calendar.
        calendar: String,
        /// The instant asked for.
        minute: Timestamp,
        /// The session before; in a break, the session itself.
        previous: Session,
        /// The session after; in a break, the session itself.
        next: Session,
    },

    /// A count of sessions or minutes that leads past an end of the calendar, or a window of none.
    #[error(
        "{calendar} has no window of {count} {unit} at {from}: it would leave the calendar or be empty"
    )]
    NoWindow {
        /// Name of the calendar.
        calendar: String,
        /// The count asked for.
        count: i64,
        /// What is counted: `sessions` or `minutes`.
        unit: &'static str,
        /// Where the count began.
        from: String,
    },

    /// An open, close or minute before the first or after the last one that the calendar has.
    #[error("{calendar} has no {what} {at}; it reaches from {first} to {last}")]
    NothingLeft {
        /// Name of the calendar.
        calendar: String,
        /// What was looked for, and where: `open after`, `trading minute before` …
        what: &'static str,
        /// The instant it was looked for from.
        at: Timestamp,
        /// First open of the calendar.
        first: Timestamp,
        /// Last close of the calendar.
        last: Timestamp,
    },

    /// An instant within a minute, asked of a side that knows no minute for it.
    #[error(
        "{at} lies within a minute, which side {side:?} cannot round; ask a whole minute, or side Left or Right"
    )]
    NotAWholeMinute {
        /// The instant asked for.
        at: Timestamp,
        /// The side asked.
        side: Side,
    },

    /// A period into which sessions cannot be cut.
    #[error(
        "sessions cannot be cut into periods of {period:?}; expected more than nothing and less than a day"
    )]
    InvalidPeriod {
        /// The period asked for.
        period: std::time::Duration,
    },

    /// An alignment that is no part of an hour.
    #[error(
        "rows cannot be aligned to {minutes} minutes; expected a divisor of 60, such as 5, 15 or -30"
    )]
    InvalidAlignment {
        /// The alignment asked for.
        minutes: i32,
    },

    /// A point of an index would lie at or beyond the first one of the next row.
    #[error(
        "an index of {calendar} would overlap: a period ends at {right}, the next row begins at {next}; force closes, or choose a shorter period"
    )]
    IndicesOverlap {
        /// Name of the calendar.
        calendar: String,
        /// Where the period ends.
        right: Timestamp,
        /// Where the next row begins.
        next: Timestamp,
    },

    /// An interval of an index would reach into the next.
    #[error(
        "intervals of {calendar} would overlap: one ends at {right}, the next begins at {next}; curtail overlaps, force closes, or choose a shorter period"
    )]
    IntervalsOverlap {
        /// Name of the calendar.
        calendar: String,
        /// Where the interval ends.
        right: Timestamp,
        /// Where the next begins.
        next: Timestamp,
    },

    /// A part of a calendar that would hold no session.
    #[error("{calendar} has no session from {start} to {end}")]
    NoSessions {
        /// Name of the calendar.
        calendar: String,
        /// First date asked for.
        start: Session,
        /// Last date asked for.
        end: Session,
    },

    /// A calendar file that does not hold together.
    #[error("{file}:{line}: {}{problem}", rule.as_ref().map(|rule| format!("`{rule}`: ")).unwrap_or_default())]
    InvalidFile {
        /// Name of the file.
        file: String,
        /// Line of the entry, counted from 1.
        line: usize,
        /// Label of the rule or list of dates; `None` when the file as a whole is meant.
        rule: Option<String>,
        /// What kind of mistake it is.
        fault: Fault,
        /// What is wrong, and what would work.
        problem: String,
    },
}

fn suggestion(near: &[String]) -> String {
    format!("did you mean {}?", near.join(", "))
}

fn around(previous: Session, next: Session) -> String {
    if previous == next {
        return format!("its session {next} has a break then");
    }
    format!("the session before is {previous}, the one after {next}")
}
