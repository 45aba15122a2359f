//! The `calendar` op: any question to a calendar, by the method names of `exchange_calendars`.

mod arguments;
mod dates;
mod facts;
mod index;
mod minutes;

use std::sync::{Arc, Mutex, PoisonError};

use rustybt_calendars::{Calendar, Session, Side, calendar, calendar_covering};
use serde_json::{Value, json};

use self::arguments::Arguments;
use super::refusal::Refusal;
use super::request::CalendarRequest;

/// `{"result": …}`: dates and instants as text, lists as arrays, missing as `null`.
pub(super) fn answer(request: &CalendarRequest) -> Result<Value, Refusal> {
    let args = Arguments::new(&request.method, &request.args, &request.kwargs)?;
    let found = asked(request, &args)?;
    let side = side(&found, request.side.as_deref())?;
    Ok(json!({ "result": ask(&found, side, &args)? }))
}

/// The calendar of a question, cut to its `start` and `end`. The last one cut is kept for the next question.
fn asked(request: &CalendarRequest, args: &Arguments<'_>) -> Result<Arc<Calendar>, Refusal> {
    static CUT: Mutex<Option<(String, Bounds, Arc<Calendar>)>> = Mutex::new(None);
    let bounds = (request.start, request.end);
    let mut cut = CUT.lock().unwrap_or_else(PoisonError::into_inner);
    match &*cut {
        Some((name, of, calendar)) if *name == request.name && *of == bounds => {
            return Ok(Arc::clone(calendar));
        }
        _ => {}
    }
    let mut found = calendar(&request.name)?;
    if let (None, None) = bounds {
        // Dates beyond the calendar's own years are answered by its rules, unless nothing can be.
        if let Some((first, last)) = args.dates().min().zip(args.dates().max())
            && let Ok(wide) = calendar_covering(&request.name, first, last)
        {
            found = wide;
        }
        return Ok(found);
    }
    let start = request.start.unwrap_or_else(|| found.first_session());
    let end = request.end.unwrap_or_else(|| found.last_session());
    if let Ok(wide) = calendar_covering(&request.name, start.min(end), end.max(start)) {
        found = wide;
    }
    let part = Arc::new(found.between(start, end)?);
    *cut = Some((request.name.clone(), bounds, Arc::clone(&part)));
    Ok(part)
}

/// First and last date asked for.
type Bounds = (Option<Session>, Option<Session>);

fn ask(calendar: &Calendar, side: Side, args: &Arguments<'_>) -> Result<Value, Refusal> {
    if let Some(answer) = facts::ask(calendar, side, args.method) {
        args.allow(&[])?;
        return Ok(answer);
    }
    if let Some(answer) = dates::ask(calendar, side, args)? {
        return Ok(answer);
    }
    if let Some(answer) = minutes::ask(calendar, side, args)? {
        return Ok(answer);
    }
    if let Some(answer) = index::ask(calendar, args)? {
        return Ok(answer);
    }
    Err(Refusal::new("unknown_method", format!("calendars have no method `{}`", args.method)))
}

fn list<T: serde::Serialize>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Array(items.into_iter().map(|item| json!(item)).collect())
}

/// The side of that name, if minutes of the calendar can be told by it.
fn side(calendar: &Calendar, name: Option<&str>) -> Result<Side, Refusal> {
    let refuse = |problem: String| Err(Refusal::new("bad_request", problem));
    let name = name.unwrap_or("left");
    match arguments::side(name) {
        None => refuse(format!("`{name}` is no side; known are left, right, both and neither")),
        Some(side) if !calendar.sides().contains(&side) => refuse(format!(
            "sessions of {} touch, so that side `{name}` is not told apart; use left or right",
            calendar.name()
        )),
        Some(side) => Ok(side),
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
        assert!(
            message.starts_with("argument 1 of `is_session`, `date`, is \"yesterday\""),
            "{message}"
        );
        assert_eq!(answer_to("no_such", &json!([]), "left")["error"]["kind"], "unknown_method");
        assert_eq!(
            answer_to("next_open", &json!(["2020-03-06T00:00Z"]), "up")["error"]["kind"],
            "bad_request"
        );
    }

    #[test]
    fn arguments_come_by_position_or_by_name() {
        let by_name =
            json!({"start": "2019-11-29", "end": "2019-11-29", "period": "2h", "force": true});
        let bars = json!({"result": [
            ["2019-11-29T14:30Z", "2019-11-29T16:30Z"],
            ["2019-11-29T16:30Z", "2019-11-29T18:00Z"],
        ]});
        assert_eq!(answer_to("trading_index", &by_name, "left"), bars);
        let by_position = json!(["2019-11-29", "2019-11-29", "2h", true, "left", true]);
        assert_eq!(answer_to("trading_index", &by_position, "left"), bars);
        let refused = answer_to("trading_index", &json!({"begin": "2019-11-29"}), "left");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains("no argument `begin`"), "{message}");
    }

    #[test]
    fn every_bound_is_refused_by_its_kind() {
        let kind = |method: &str, args: Value| {
            let question = json!({
                "op": "calendar", "name": "XNYS", "method": method, "args": args,
                "start": "2020-03-06", "end": "2020-03-10",
            });
            let request = super::super::request::read(question).unwrap();
            answer(&request).map_err(|refusal| json!(refusal)["kind"].as_str().unwrap().to_owned())
        };
        let refused = |kind: &str| Err(kind.to_owned());
        assert_eq!(kind("is_session", json!(["2020-03-05"])), refused("date_out_of_bounds"));
        assert_eq!(
            kind("next_open", json!(["2020-03-10T20:00Z"])),
            refused("minute_out_of_bounds")
        );
        assert_eq!(kind("next_open", json!(["2020-03-10T19:59Z"])), refused("nothing_left"));
        assert_eq!(
            kind("minute_to_past_session", json!(["2020-03-06T14:30Z"])),
            refused("no_window")
        );
        assert_eq!(
            kind("minute_offset", json!(["2020-03-07T14:30Z"])),
            refused("not_a_trading_minute")
        );
        assert_eq!(kind("session_offset", json!(["2020-03-06", 9])), refused("no_window"));
        assert_eq!(
            kind("session_offset", json!(["2020-03-06", 2])),
            Ok(json!({"result": "2020-03-10"}))
        );
    }
}
