//! `rustybt calendar list`.

use std::fmt::Write;

use rustybt_calendars::{Session, all_names, calendar};

use super::{CalendarList, Context};
use crate::error::Error;
use crate::output::{Table, Values, is_for_people, say};

/// Columns: `name`, `aliases`, `zone`, `hours`, `verified_from`, `verified_to`, `first`, `last`, `sessions`.
///
/// People get a narrow table, with the years verified, and the aliases below.
/// The hours are local, those of the last date verified, or of the last session.
pub(super) fn run(args: &CalendarList, context: &Context) -> Result<(), Error> {
    let mut calendars = Vec::new();
    for name in all_names() {
        calendars.push(calendar(&name)?);
    }
    let verified = || calendars.iter().map(|calendar| calendar.verified());
    let hours = calendars.iter().map(|calendar| {
        let last = calendar.last_session();
        // Sunday may have hours of its own: a session is asked for.
        let last = calendar.verified().map_or(last, |(_, verified)| last.min(verified));
        let shown = calendar.index_at_or_before(last).and_then(|i| calendar.session_at(i));
        calendar.regular_hours(shown.unwrap_or(last)).to_string()
    });
    let names = || calendars.iter().map(|calendar| calendar.name());
    let zones = || calendars.iter().map(|calendar| calendar.zone().name());
    if is_for_people(&args.output, context.settings.format.value) {
        let table = Table::new()
            .with_text("name", names())
            .with_text("zone", zones())
            .with_text("hours", hours)
            .with_text("verified", verified().map(years));
        context.give(&table, &args.output)?;
        let mut also = String::from("\nalso called:");
        for calendar in calendars.iter().filter(|calendar| !calendar.aliases().is_empty()) {
            let _ = write!(also, "\n {:<12} {}", calendar.name(), calendar.aliases().join(" "));
        }
        return say(also);
    }
    let dates = |pick: fn((Session, Session)) -> Session| {
        Values::Date(verified().map(|range| range.map(pick)).collect())
    };
    let first = calendars.iter().map(|calendar| Some(calendar.first_session()));
    let last = calendars.iter().map(|calendar| Some(calendar.last_session()));
    let sessions = calendars.iter().map(|c| i64::try_from(c.sessions().len()).ok());
    let table = Table::new()
        .with_text("name", names())
        .with_text("aliases", calendars.iter().map(|calendar| calendar.aliases().join(" ")))
        .with_text("zone", zones())
        .with_text("hours", hours)
        .with("verified_from", dates(|range| range.0))
        .with("verified_to", dates(|range| range.1))
        .with("first", Values::Date(first.collect()))
        .with("last", Values::Date(last.collect()))
        .with("sessions", Values::Integer(sessions.collect()));
    context.give(&table, &args.output)
}

fn years(verified: Option<(Session, Session)>) -> String {
    verified.map_or_else(
        || "always".to_owned(),
        |(first, last)| format!("{}-{}", first.date().format("%Y"), last.date().format("%Y")),
    )
}
