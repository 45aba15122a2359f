//! `rustybt calendar sessions`.

use rustybt_calendars::{Calendar, Session, Timestamp, calendar, calendar_covering};

use super::{CalendarSessions, Context};
use crate::error::Error;
use crate::output::{Table, Values, note};

/// Columns: `session`, `open`, `close`, `break_start`, `break_end`; the first break of a session.
pub(super) fn run(args: &CalendarSessions, context: &Context) -> Result<(), Error> {
    let known = calendar(&args.name)?;
    let start = args.start.unwrap_or_else(|| known.first_session());
    let end = args.end.unwrap_or_else(|| known.last_session());
    if end < start {
        return Err(Error::Backwards { start, end });
    }
    // Before trading began there is nothing to list, and no reason to refuse what follows.
    let began = if known.began() { start.max(known.built().0) } else { start };
    let calendar =
        calendar_covering(&args.name, began.min(end.max(known.built().0)), end.max(began))?;
    let sessions = calendar.sessions_in_range(start, end);
    if !context.quiet {
        note_projections(&calendar, sessions);
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

/// Says how many of the sessions nobody has checked.
fn note_projections(calendar: &Calendar, sessions: &[Session]) {
    let Some((first, last)) = calendar.verified() else { return };
    let count = sessions.iter().filter(|&&session| !calendar.is_verified(session)).count();
    if count > 0 {
        let (name, all) = (calendar.name(), sessions.len());
        note(format_args!(
            "{name} was checked from {first} to {last}; {count} of these {all} sessions are projections of its rules"
        ));
    }
}
