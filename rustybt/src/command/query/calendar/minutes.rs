//! Questions about instants.

use rustybt_calendars::{Breaks, Calendar, Direction, Side, Timestamp};
use serde_json::{Value, json};

use super::super::refusal::Refusal;
use super::arguments::{Arguments, Parameter};
use super::list;

const MINUTE: Parameter = Parameter(0, "minute");
const COUNT: Parameter = Parameter(1, "count");
const DIRECTION: Parameter = Parameter(1, "direction");

/// The answer, if there is a method of that name.
pub(super) fn ask(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    if let Some(answer) = of_minute(calendar, side, args)? {
        return Ok(Some(answer));
    }
    if let Some(answer) = counted(calendar, side, args)? {
        return Ok(Some(answer));
    }
    of_range(calendar, side, args)
}

/// Methods of one instant, and perhaps a direction.
fn of_minute(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    let within = |parameters: &[&str]| -> Result<Timestamp, Refusal> {
        args.allow(parameters)?;
        let minute = args.instant(MINUTE)?;
        calendar.require_minute_within(minute, side)?;
        Ok(minute)
    };
    let minute = || within(&["minute"]);
    let directed = || within(&["minute", "direction"]);
    Ok(Some(match args.method {
        "is_trading_minute" => json!(calendar.is_trading_minute(minute()?, side)),
        "is_break_minute" => json!(calendar.is_break_minute(minute()?, side)),
        "is_open_on_minute" => {
            let minute = within(&["minute", "ignore_breaks"])?;
            let breaks = args.ignore_breaks(Parameter(1, "ignore_breaks"))?;
            json!(calendar.is_open_on_minute(minute, side, breaks))
        }
        "is_open_at_time" => json!(is_open_at_time(calendar, side, args)?),
        "next_open" => json!(calendar.next_open(minute()?)?),
        "next_close" => json!(calendar.next_close(minute()?)?),
        "previous_open" => json!(calendar.previous_open(minute()?)?),
        "previous_close" => json!(calendar.previous_close(minute()?)?),
        "next_minute" => json!(calendar.next_minute(minute()?, side)?),
        "previous_minute" => json!(calendar.previous_minute(minute()?, side)?),
        "minute_to_session" => {
            let direction = args.direction(DIRECTION, Direction::Next)?;
            json!(calendar.minute_to_session(directed()?, direction, side)?)
        }
        "minute_to_trading_minute" => {
            let direction = args.direction(DIRECTION, Direction::None)?;
            json!(calendar.minute_to_trading_minute(directed()?, direction, side)?)
        }
        _ => return Ok(None),
    }))
}

/// Methods of one instant and a count.
fn counted(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    let minute = || -> Result<Timestamp, Refusal> {
        args.allow(&["minute", "count"])?;
        args.instant(MINUTE)
    };
    Ok(Some(match args.method {
        "minute_to_past_session" => {
            json!(calendar.minute_to_past_session(minute()?, args.count(COUNT)?, side)?)
        }
        "minute_to_future_session" => {
            json!(calendar.minute_to_future_session(minute()?, args.count(COUNT)?, side)?)
        }
        "minute_offset" => {
            let count = args.integer(COUNT, Some(1))?;
            json!(calendar.minute_offset(minute()?, count, side)?)
        }
        "minute_offset_by_sessions" => {
            args.allow(&["minute", "count", "clock"])?;
            let (count, clock) =
                (args.integer(COUNT, Some(1))?, args.clock(Parameter(2, "clock"))?);
            json!(calendar.minute_offset_by_sessions(args.instant(MINUTE)?, count, side, clock)?)
        }
        "minutes_window" => {
            list(calendar.minutes_window(minute()?, args.integer(COUNT, None)?, side)?)
        }
        _ => return Ok(None),
    }))
}

/// Methods from a start to an end, and of many minutes at once.
fn of_range(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    let range = || -> Result<_, Refusal> {
        args.allow(&["start", "end"])?;
        let (start, end) =
            (args.instant(Parameter(0, "start"))?, args.instant(Parameter(1, "end"))?);
        calendar.require_minute_within(start, side)?;
        calendar.require_minute_within(end, side)?;
        Ok((start, end))
    };
    Ok(Some(match args.method {
        "minutes_in_range" => {
            let (start, end) = range()?;
            list(calendar.minutes_in_range(start, end, side))
        }
        "minutes_count" => {
            let (start, end) = range()?;
            json!(calendar.minutes_count(start, end, side))
        }
        "minutes_distance" => {
            let (start, end) = range()?;
            json!(calendar.minutes_distance(start, end, side))
        }
        "minutes_to_sessions" => {
            args.allow(&["minutes"])?;
            let at = Parameter(0, "minutes");
            let minutes: Option<Vec<Timestamp>> =
                args.get(at).and_then(Value::as_array).and_then(|minutes| {
                    minutes.iter().map(|minute| minute.as_str()?.parse().ok()).collect()
                });
            let minutes = minutes.ok_or_else(|| args.refuse(at, "a list of instants"))?;
            list(calendar.minutes_to_sessions(&minutes, side)?)
        }
        _ => return Ok(None),
    }))
}

/// Any instant between the first and the last trading minute, and a side of its own.
fn is_open_at_time(calendar: &Calendar, side: Side, args: &Arguments<'_>) -> Result<bool, Refusal> {
    args.allow(&["timestamp", "side", "ignore_breaks"])?;
    let at = args.instant(Parameter(0, "timestamp"))?;
    let (first, last) = calendar.minute_bounds(side);
    if at < first || at > last {
        let calendar = calendar.name().to_owned();
        let error =
            rustybt_calendars::Error::MinuteOutOfBounds { calendar, minute: at, first, last };
        return Err(error.into());
    }
    let ends = args.side(Parameter(1, "side"), Side::Left)?;
    let breaks: Breaks = args.ignore_breaks(Parameter(2, "ignore_breaks"))?;
    Ok(calendar.is_open_at(at, ends, breaks))
}
