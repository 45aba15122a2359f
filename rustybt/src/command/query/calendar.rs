//! The `calendar` op: any question to a calendar, by the method names of `exchange_calendars`.

use std::str::FromStr;
use std::sync::Arc;

use rustybt_calendars::{Breaks, Calendar, Direction, Session, Side, Timestamp, calendar};
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::request::CalendarRequest;

/// `{"result": …}`: dates and instants as text, lists as arrays, missing as `null`.
pub(super) fn answer(request: &CalendarRequest) -> Result<Value, Refusal> {
    let mut found: Arc<Calendar> = calendar(&request.name)?;
    if request.start.is_some() || request.end.is_some() {
        let start = request.start.unwrap_or_else(|| found.first_session());
        let end = request.end.unwrap_or_else(|| found.last_session());
        found = Arc::new(found.between(start, end)?);
    }
    let side = side(request.side.as_deref())?;
    let args = Arguments { method: &request.method, values: &request.args };
    Ok(json!({ "result": ask(&found, side, &args)? }))
}

fn ask(calendar: &Calendar, side: Side, args: &Arguments<'_>) -> Result<Value, Refusal> {
    if let Some(answer) = ask_session(calendar, side, args)? {
        return Ok(answer);
    }
    if let Some(answer) = ask_minute(calendar, side, args)? {
        return Ok(answer);
    }
    Err(Refusal::new("unknown_method", format!("calendars have no method `{}`", args.method)))
}

/// Questions about dates.
fn ask_session(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    Ok(Some(match args.method {
        "name" => json!(calendar.name()),
        "tz" => json!(calendar.zone().name()),
        "first_session" => json!(calendar.first_session()),
        "last_session" => json!(calendar.last_session()),
        "is_session" => json!(calendar.is_session(args.session(0)?)),
        "date_to_session" => {
            json!(calendar.date_to_session(args.session(0)?, args.direction(1, Direction::None)?)?)
        }
        "next_session" => json!(calendar.next_session(args.session(0)?)?),
        "previous_session" => json!(calendar.previous_session(args.session(0)?)?),
        "session_open" => json!(calendar.open(args.session(0)?)?),
        "session_close" => json!(calendar.close(args.session(0)?)?),
        "session_open_close" => {
            let session = args.session(0)?;
            json!([calendar.open(session)?, calendar.close(session)?])
        }
        "session_break_start" => {
            json!(calendar.breaks(args.session(0)?)?.first().map(|pause| pause.0))
        }
        "session_break_end" => {
            json!(calendar.breaks(args.session(0)?)?.first().map(|pause| pause.1))
        }
        "session_has_break" => json!(calendar.has_break(args.session(0)?)?),
        "session_first_minute" => json!(calendar.first_minute(args.session(0)?, side)?),
        "session_last_minute" => json!(calendar.last_minute(args.session(0)?, side)?),
        "session_minutes" => list(calendar.session_minutes(args.session(0)?, side)?),
        "sessions_in_range" => {
            list(calendar.sessions_in_range(args.session(0)?, args.session(1)?).iter().copied())
        }
        "sessions_window" => {
            list(calendar.sessions_window(args.session(0)?, args.integer(1)?)?.iter().copied())
        }
        "sessions_distance" => {
            json!(calendar.sessions_distance(args.session(0)?, args.session(1)?)?)
        }
        "early_closes" => list(calendar.early_closes()),
        "late_opens" => list(calendar.late_opens()),
        "why" => json!(calendar.why(args.session(0)?)),
        _ => return Ok(None),
    }))
}

/// Questions about minutes.
fn ask_minute(
    calendar: &Calendar,
    side: Side,
    args: &Arguments<'_>,
) -> Result<Option<Value>, Refusal> {
    Ok(Some(match args.method {
        "is_trading_minute" => json!(calendar.is_trading_minute(args.instant(0)?, side)),
        "is_break_minute" => json!(calendar.is_break_minute(args.instant(0)?, side)),
        "is_open_on_minute" => {
            let breaks = if args.flag(1)? { Breaks::Open } else { Breaks::Closed };
            json!(calendar.is_open_on_minute(args.instant(0)?, side, breaks))
        }
        "minute_to_session" => {
            json!(calendar.minute_to_session(
                args.instant(0)?,
                args.direction(1, Direction::Next)?,
                side
            )?)
        }
        "next_open" => json!(calendar.next_open(args.instant(0)?)?),
        "next_close" => json!(calendar.next_close(args.instant(0)?)?),
        "previous_open" => json!(calendar.previous_open(args.instant(0)?)?),
        "previous_close" => json!(calendar.previous_close(args.instant(0)?)?),
        "next_minute" => json!(calendar.next_minute(args.instant(0)?, side)?),
        "previous_minute" => json!(calendar.previous_minute(args.instant(0)?, side)?),
        "minutes_in_range" => {
            list(calendar.minutes_in_range(args.instant(0)?, args.instant(1)?, side))
        }
        "minutes_count" => json!(calendar.minutes_count(args.instant(0)?, args.instant(1)?, side)),
        "minutes_window" => {
            list(calendar.minutes_window(args.instant(0)?, args.integer(1)?, side)?)
        }
        _ => return Ok(None),
    }))
}

fn list<T: serde::Serialize>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Array(items.into_iter().map(|item| json!(item)).collect())
}

fn side(text: Option<&str>) -> Result<Side, Refusal> {
    match text {
        None | Some("left") => Ok(Side::Left),
        Some("right") => Ok(Side::Right),
        Some("both") => Ok(Side::Both),
        Some("neither") => Ok(Side::Neither),
        Some(other) => Err(Refusal::new(
            "bad_request",
            format!("`{other}` is no side; known are left, right, both and neither"),
        )),
    }
}

/// The positional arguments of a method.
struct Arguments<'a> {
    method: &'a str,
    values: &'a [Value],
}

impl Arguments<'_> {
    fn session(&self, position: usize) -> Result<Session, Refusal> {
        self.parse(position, "a date such as 2020-03-09")
    }

    fn instant(&self, position: usize) -> Result<Timestamp, Refusal> {
        self.parse(position, "an instant such as 2020-03-09T13:30Z")
    }

    fn integer(&self, position: usize) -> Result<i64, Refusal> {
        let number = self.values.get(position).and_then(Value::as_i64);
        number.ok_or_else(|| self.refuse(position, "a whole number"))
    }

    fn flag(&self, position: usize) -> Result<bool, Refusal> {
        match self.values.get(position) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.refuse(position, "true or false")),
        }
    }

    fn direction(&self, position: usize, default: Direction) -> Result<Direction, Refusal> {
        match self.values.get(position).map(Value::as_str) {
            None => Ok(default),
            Some(Some("next")) => Ok(Direction::Next),
            Some(Some("previous")) => Ok(Direction::Previous),
            Some(Some("none")) => Ok(Direction::None),
            Some(_) => Err(self.refuse(position, "a direction: next, previous or none")),
        }
    }

    fn parse<T: FromStr>(&self, position: usize, expected: &str) -> Result<T, Refusal> {
        let text = self.values.get(position).and_then(Value::as_str);
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.refuse(position, expected))
    }

    fn refuse(&self, position: usize, expected: &str) -> Refusal {
        let found =
            self.values.get(position).map_or_else(|| "nothing".to_owned(), Value::to_string);
        let (place, method) = (position + 1, self.method);
        Refusal::new(
            "bad_request",
            format!("argument {place} of `{method}` is {found}; expected {expected}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_to(method: &str, args: &Value, side: &str) -> Value {
        let question =
            json!({"op": "calendar", "name": "XNYS", "method": method, "args": args, "side": side});
        let request = super::super::request::read(question).unwrap();
        answer(&request).unwrap_or_else(|refusal| json!({ "error": refusal }))
    }

    #[test]
    fn minutes_belong_to_sessions_by_side() {
        let open = json!(["2020-03-09T13:30Z", "none"]);
        assert_eq!(answer_to("minute_to_session", &open, "left"), json!({"result": "2020-03-09"}));
        let refused = answer_to("minute_to_session", &open, "right");
        assert_eq!(refused["error"]["kind"], "not_a_trading_minute");
    }

    #[test]
    fn dates_and_lists_come_as_text() {
        assert_eq!(
            answer_to("next_session", &json!(["2020-03-06"]), "left"),
            json!({"result": "2020-03-09"})
        );
        assert_eq!(
            answer_to("sessions_in_range", &json!(["2020-03-06", "2020-03-10"]), "left"),
            json!({"result": ["2020-03-06", "2020-03-09", "2020-03-10"]})
        );
        assert_eq!(
            answer_to("session_break_start", &json!(["2020-03-06"]), "left"),
            json!({"result": null})
        );
    }

    #[test]
    fn what_cannot_be_asked_is_refused_by_position() {
        let refused = answer_to("is_session", &json!(["yesterday"]), "left");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("argument 1 of `is_session` is \"yesterday\""), "{message}");
        assert_eq!(answer_to("no_such", &json!([]), "left")["error"]["kind"], "unknown_method");
        assert_eq!(
            answer_to("next_open", &json!(["2020-03-06T00:00Z"]), "up")["error"]["kind"],
            "bad_request"
        );
    }
}
