//! `rustybt calendar`: which calendars there are, their sessions, and why a day is none.

mod export;
mod list;
mod month;
mod sessions;
mod why;

use clap::{Args, Subcommand};
use rustybt_calendars::{Session, calendar_covering};

pub(crate) use self::export::CalendarExport;
pub(crate) use self::month::CalendarMonth;
use super::Context;
use crate::environment;
use crate::error::Error;
use crate::moment::Moment;
use crate::output::{OutputArgs, Table, Values};

/// What to ask a calendar.
#[derive(Debug, Subcommand)]
pub(crate) enum CalendarCommand {
    /// List the calendars: name, aliases, zone, hours, the dates they were checked for
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
    /// Show a month: closures and half days marked, with their names below
    #[command(after_help = "Example:\n  rustybt calendar month XNYS 2026-11")]
    Month(CalendarMonth),
    /// Write closures and half days as an iCalendar file
    #[command(
        after_help = "Example:\n  rustybt calendar export XNYS --start 2026-01-01 --end 2026-12-31 --out xnys.ics"
    )]
    Export(CalendarExport),
}

impl CalendarCommand {
    pub(super) fn run(&self, context: &Context) -> Result<(), Error> {
        match self {
            Self::List(args) => list::run(args, context),
            Self::Sessions(args) => sessions::run(args, context),
            Self::Why(args) => why::run(args, context),
            Self::Next(args) => next(args, context),
            Self::Month(args) => month::run(args),
            Self::Export(args) => export::run(args),
        }
    }

    pub(super) const fn output(&self) -> Option<&OutputArgs> {
        match self {
            Self::List(args) => Some(&args.output),
            Self::Sessions(args) => Some(&args.output),
            Self::Next(args) => Some(&args.output),
            Self::Why(_) | Self::Month(_) | Self::Export(_) => None,
        }
    }
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

/// Columns: `event`, `at`.
fn next(args: &CalendarNext, context: &Context) -> Result<(), Error> {
    let after = match args.after {
        // An open at this very midnight still lies ahead.
        Some(Moment::Session(date)) => date.midnight().plus_nanos(-1),
        Some(Moment::Instant(at)) => at,
        None => environment::now(),
    };
    // Whatever closes it, there is a session within a year.
    let near = (after.date().plus_days(-366), after.date().plus_days(366));
    let calendar = calendar_covering(&args.name, near.0, near.1)?;
    let events = [calendar.next_open(after)?, calendar.next_close(after)?];
    let table = Table::new()
        .with_text("event", ["open", "close"])
        .with("at", Values::Instant(events.map(Some).to_vec()));
    context.give(&table, &args.output)
}
