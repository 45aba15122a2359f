//! `rustybt calendar export`: closures and half days for other people's calendars.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rustybt_calendars::{Session, calendar_covering};

use crate::environment;
use crate::error::Error;
use crate::output::say;

/// See [`super::CalendarCommand::Export`].
#[derive(Debug, Args)]
pub(crate) struct CalendarExport {
    /// Name, alias or market code
    #[arg(value_name = "NAME")]
    name: String,
    /// First date; the first of this year where none is given
    #[arg(long, value_name = "DATE")]
    start: Option<Session>,
    /// Last date, included; a year after the first where none is given
    #[arg(long, value_name = "DATE")]
    end: Option<Session>,
    /// What to write
    #[arg(long, value_enum, default_value = "ics")]
    format: ExportFormat,
    /// Write into this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The forms that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// iCalendar, RFC 5545
    Ics,
}

pub(super) fn run(args: &CalendarExport) -> Result<(), Error> {
    let now = environment::now();
    let new_year = || {
        let year = now.date().to_string()[..4].to_owned();
        format!("{year}-01-01").parse().unwrap_or_else(|_| now.date())
    };
    let start = args.start.unwrap_or_else(new_year);
    let end = args.end.unwrap_or_else(|| start.plus_days(365));
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    let calendar = calendar_covering(&args.name, start, end)?;
    let text = match args.format {
        ExportFormat::Ics => calendar.to_icalendar(start, end, now),
    };
    match &args.out {
        // The line that is still to come is ended by whoever prints it.
        None => say(text.trim_end()),
        Some(path) => std::fs::write(path, text).map_err(|source| Error::Io {
            action: "write",
            path: path.clone(),
            source,
        }),
    }
}
