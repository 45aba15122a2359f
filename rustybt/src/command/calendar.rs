//! `rustybt calendar`: which calendars there are, their sessions, and why a day is none.

use clap::{Args, Subcommand};
use rustybt_calendars::{Calendar, Error as CalendarError, Session, Timestamp, calendar, names};

use super::Context;
use crate::environment;
use crate::error::Error;
use crate::moment::Moment;
use crate::output::{OutputArgs, Table, Values, note, say};

/// What to ask a calendar.
#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// List the calendars: name, aliases, zone, first and last session, sessions
    #[command(after_help = "Example:\n  rustybt calendar list")]
    List(CalendarList),
    /// List the sessions of a calendar: when each opens, pauses and closes, in UTC
    #[command(
        after_help = "Example:\n  rustybt calendar sessions XHKG --start 2020-01-01 --end 2020-12-31 --format csv"
    )]
    Sessions(CalendarSessions),
    /// Say why a date is no session, or an unusual one
    #[command(after_help = "Example:\n  rustybt calendar why XNYS 2012-10-29")]
    Why(CalendarWhy),
    /// The next open and close after a moment
    #[command(after_help = "Example:\n  rustybt calendar next XNYS 2019-11-28")]
    Next(CalendarNext),
}

/// See [`CalendarCommand::List`].
#[derive(Debug, Args)]
pub(crate) struct CalendarList {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// See [`CalendarCommand::Sessions`].
#[derive(Debug, Args)]
pub(crate) struct CalendarSessions {
    /// Name, alias or market code, such as XNYS, NYSE or 24/7
    #[arg(value_name = "NAME")]
    name: String,
    /// First date
    #[arg(long, value_name = "DATE")]
    start: Option<Session>,
    /// Last date, included
    #[arg(long, value_name = "DATE")]
    end: Option<Session>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// See [`CalendarCommand::Why`].
#[derive(Debug, Args)]
pub(crate) struct CalendarWhy {
    /// Name, alias or market code
    #[arg(value_name = "NAME")]
    name: String,
    /// The date
    #[arg(value_name = "DATE")]
    date: Session,
}

/// See [`CalendarCommand::Next`].
#[derive(Debug, Args)]
pub(crate) struct CalendarNext {
    /// Name, alias or market code
    #[arg(value_name = "NAME")]
    name: String,
    /// A date (from 00:00 UTC on) or an instant; now where none is given
    #[arg(value_name = "MOMENT")]
    after: Option<Moment>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Columns: `name`, `aliases`, `zone`, `first`, `last`, `sessions`.
pub(super) fn list(args: &CalendarList, context: &Context) -> Result<(), Error> {
    let mut calendars = Vec::new();
    for name in names() {
        calendars.push(calendar(name)?);
    }
    let table = Table::new()
        .with_text("name", calendars.iter().map(|calendar| calendar.name()))
        .with_text("aliases", calendars.iter().map(|calendar| calendar.aliases().join(" ")))
        .with_text("zone", calendars.iter().map(|calendar| calendar.zone().name()))
        .with("first", Values::Date(calendars.iter().map(|c| Some(c.first_session())).collect()))
        .with("last", Values::Date(calendars.iter().map(|c| Some(c.last_session())).collect()))
        .with(
            "sessions",
            Values::Integer(
                calendars.iter().map(|c| i64::try_from(c.sessions().len()).ok()).collect(),
            ),
        );
    context.give(&table, &args.output)
}

/// Columns: `session`, `open`, `close`, `break_start`, `break_end`; one break a session at most.
pub(super) fn sessions(args: &CalendarSessions, context: &Context) -> Result<(), Error> {
    let calendar = calendar(&args.name)?;
    let start = args.start.unwrap_or_else(|| calendar.first_session());
    let end = args.end.unwrap_or_else(|| calendar.last_session());
    let sessions = within(&calendar, start, end)?;
    if !context.quiet && (start < calendar.first_session() || end > calendar.last_session()) {
        let (name, first, last) =
            (calendar.name(), calendar.first_session(), calendar.last_session());
        note(format_args!("{name} reaches from {first} to {last}; nothing beyond is listed"));
    }
    let mut open = Vec::with_capacity(sessions.len());
    let mut close = Vec::with_capacity(sessions.len());
    let mut breaks: Vec<Option<(Timestamp, Timestamp)>> = Vec::with_capacity(sessions.len());
    for &session in sessions {
        open.push(Some(calendar.open(session)?));
        close.push(Some(calendar.close(session)?));
        breaks.push(calendar.breaks(session)?.first().copied());
    }
    let table = Table::new()
        .with("session", Values::Date(sessions.iter().copied().map(Some).collect()))
        .with("open", Values::Instant(open))
        .with("close", Values::Instant(close))
        .with("break_start", Values::Instant(breaks.iter().map(|b| b.map(|b| b.0)).collect()))
        .with("break_end", Values::Instant(breaks.iter().map(|b| b.map(|b| b.1)).collect()));
    context.give(&table, &args.output)
}

/// The sessions in a range; that none are known there does not mean that there are none.
fn within(calendar: &Calendar, start: Session, end: Session) -> Result<&[Session], Error> {
    let (first, last) = (calendar.first_session(), calendar.last_session());
    if end < first || start > last {
        let date = if end < first { end } else { start };
        let calendar = calendar.name().to_owned();
        return Err(CalendarError::DateOutOfBounds { calendar, date, first, last }.into());
    }
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    Ok(calendar.sessions_in_range(start, end))
}

/// One sentence.
pub(super) fn why(args: &CalendarWhy) -> Result<(), Error> {
    let calendar = calendar(&args.name)?;
    let (name, date) = (calendar.name(), args.date);
    let reason = calendar.why(date);
    let sentence = if calendar.is_session(date) {
        let (open, close) = (calendar.open(date)?, calendar.close(date)?);
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{date} is a session of {name}, {open} to {close}{reason}")
    } else {
        let reason = match calendar.require(date) {
            Err(CalendarError::NotASession { why, .. }) => why,
            Err(error) => return Err(error.into()),
            Ok(_) => reason.unwrap_or_default().to_owned(),
        };
        format!("{date} is no session of {name}: {reason}")
    };
    say(sentence)
}

/// Columns: `event`, `at`.
pub(super) fn next(args: &CalendarNext, context: &Context) -> Result<(), Error> {
    let calendar = calendar(&args.name)?;
    let after = match args.after {
        // An open at this very midnight still lies ahead.
        Some(Moment::Session(date)) => date.midnight().plus_nanos(-1),
        Some(Moment::Instant(at)) => at,
        None => environment::now(),
    };
    let events = [calendar.next_open(after)?, calendar.next_close(after)?];
    let table = Table::new()
        .with_text("event", ["open", "close"])
        .with("at", Values::Instant(events.map(Some).to_vec()));
    context.give(&table, &args.output)
}
