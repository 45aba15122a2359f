//! Questions about sessions and dates.

use rustybt_calendars::{Calendar, Direction, Side};
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::arguments::{Arguments, Parameter};
use super::list;

const SESSION: Parameter = Parameter(0, "session");
const DATE: Parameter = Parameter(0, "date");
const START: Parameter = Parameter(0, "start");
const END: Parameter = Parameter(1, "end");

/// The answer, if there is a method of that name.
pub(super) fn ask(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    if let Some(answer) = of_session(calendar, side, args)? {
        return Ok(Some(answer));
    }
    if let Some(answer) = of_range(calendar, side, args)? {
        return Ok(Some(answer));
    }
    Ok(Some(match args.method {
        "is_session" => {
            args.allow(&["date"])?;
            let date = args.session(DATE)?;
            calendar.require_date(date)?;
            json!(calendar.is_session(date))
        }
        "date_to_session" => {
            args.allow(&["date", "direction"])?;
            let direction = args.direction(Parameter(1, "direction"), Direction::None)?;
            json!(calendar.date_to_session(args.session(DATE)?, direction)?)
        }
        "why" => {
            args.allow(&["date"])?;
            json!(calendar.why(args.session(DATE)?))
        }
        "is_verified" => {
            args.allow(&["date"])?;
            json!(calendar.is_verified(args.session(DATE)?))
        }
        "reason" => {
            args.allow(&["date"])?;
            let date = args.session(DATE)?;
            json!(calendar.reason(date).map(|reason| json!({
                "kind": reason.kind.as_str(),
                "label": reason.label,
                "source": reason.source,
                "verified": calendar.is_verified(date),
            })))
        }
        _ => return Ok(None),
    }))
}

/// Methods whose first argument is a session.
fn of_session(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    let session = || -> Result<_, Refusal> {
        args.allow(&["session"])?;
        let session = args.session(SESSION)?;
        calendar.require(session)?;
        Ok(session)
    };
    let breaks = || -> Result<_, Refusal> { Ok(calendar.breaks(session()?)?) };
    Ok(Some(match args.method {
        "next_session" => json!(calendar.next_session(session()?)?),
        "previous_session" => json!(calendar.previous_session(session()?)?),
        "session_open" => json!(calendar.open(session()?)?),
        "session_close" => json!(calendar.close(session()?)?),
        "session_open_close" => {
            let session = session()?;
            json!([calendar.open(session)?, calendar.close(session)?])
        }
        "session_break_start" => json!(breaks()?.first().map(|pause| pause.0)),
        "session_break_end" => json!(breaks()?.last().map(|pause| pause.1)),
        "session_break_start_end" => {
            let breaks = breaks()?;
            json!([breaks.first().map(|pause| pause.0), breaks.last().map(|pause| pause.1)])
        }
        "session_breaks" => list(breaks()?),
        "session_phases" => list(
            calendar
                .phases(session()?)?
                .iter()
                .map(|phase| json!({ "name": phase.name, "start": phase.start, "end": phase.end })),
        ),
        "session_has_break" => json!(calendar.has_break(session()?)?),
        "session_first_minute" => json!(calendar.first_minute(session()?, side)?),
        "session_last_minute" => json!(calendar.last_minute(session()?, side)?),
        "session_last_am_minute" => json!(calendar.last_am_minute(session()?, side)?),
        "session_first_pm_minute" => json!(calendar.first_pm_minute(session()?, side)?),
        "session_first_last_minute" => {
            let session = session()?;
            json!([calendar.first_minute(session, side)?, calendar.last_minute(session, side)?])
        }
        "session_minutes" => list(calendar.session_minutes(session()?, side)?),
        "session_offset" => {
            args.allow(&["session", "count"])?;
            let count = args.integer(Parameter(1, "count"), None)?;
            json!(calendar.session_offset(args.session(SESSION)?, count)?)
        }
        "sessions_window" => {
            args.allow(&["session", "count"])?;
            let count = args.integer(Parameter(1, "count"), None)?;
            list(calendar.sessions_window(args.session(SESSION)?, count)?)
        }
        _ => return Ok(None),
    }))
}

/// Methods from a start to an end.
fn of_range(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    let range = || -> Result<_, Refusal> {
        args.allow(&["start", "end"])?;
        let (start, end) = (args.session(START)?, args.session(END)?);
        calendar.require_date(start)?;
        calendar.require_date(end)?;
        Ok((start, end))
    };
    Ok(Some(match args.method {
        "sessions_in_range" => {
            let (start, end) = range()?;
            list(calendar.sessions_in_range(start, end))
        }
        "sessions_distance" => {
            let (start, end) = range()?;
            json!(calendar.sessions_distance(start, end)?)
        }
        "sessions_has_break" => {
            let (start, end) = range()?;
            json!(calendar.sessions_have_break(start, end))
        }
        "sessions_minutes" => {
            let (start, end) = range()?;
            list(calendar.sessions_minutes(start, end, side))
        }
        "sessions_minutes_count" => {
            let (start, end) = range()?;
            json!(calendar.sessions_minutes_count(start, end, side))
        }
        _ => return Ok(None),
    }))
}
