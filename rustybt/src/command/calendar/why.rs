//! `rustybt calendar why`.

use rustybt_calendars::{ReasonKind, calendar_covering};

use super::{CalendarWhy, Context};
use crate::error::Error;
use crate::output::{note, say};

/// One sentence; where the reason can be read follows in a line of its own.
pub(super) fn run(args: &CalendarWhy, context: &Context) -> Result<(), Error> {
    let date = args.date;
    let calendar = calendar_covering(&args.name, date, date)?;
    let name = calendar.name();
    let reason = calendar.reason(date);
    let words = reason.map(|reason| match reason.kind {
        ReasonKind::Week => "not a trading day of its week".to_owned(),
        _ => reason.label.to_owned(),
    });
    if calendar.is_session(date) {
        let (open, close) = (calendar.open(date)?, calendar.close(date)?);
        let words = words.map(|words| format!(": {words}")).unwrap_or_default();
        say(format_args!("{date} is a session of {name}, {open} to {close}{words}"))?;
    } else {
        let words = words.unwrap_or_default();
        say(format_args!("{date} is no session of {name}: {words}"))?;
    }
    if let Some(source) = reason.and_then(|reason| reason.source) {
        say(format_args!("source: {source}"))?;
    }
    if let Some((first, last)) = calendar.verified()
        && !calendar.is_verified(date)
        && !context.quiet
    {
        note(format_args!(
            "{name} was checked from {first} to {last}; this is a projection of its rules"
        ));
    }
    Ok(())
}
