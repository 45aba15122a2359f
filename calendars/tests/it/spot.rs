//! Answers of single methods, recorded from another implementation over part of each calendar.
//!
//! A result that begins with `!` is an error there. Here it must be an error that says the same, or `false` for
//! a question with a yes or no.

use std::fmt::Write;

use rustybt_calendars::{
    Breaks, Calendar, Clock, Direction, Error, Session, Side, Timestamp, calendar, names,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{shared, spot_index};

/// The tables of a spot file: for each row, the value of each column by name.
pub(crate) fn rows(table: &Value) -> Vec<Vec<(&str, &Value)>> {
    let columns = table["columns"].as_array().unwrap();
    let rows = table["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| {
            std::iter::zip(columns, row.as_array().unwrap())
                .map(|(c, v)| (c.as_str().unwrap(), v))
                .collect()
        })
        .collect()
}

pub(crate) fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

pub(crate) fn date(value: &Value) -> Session {
    value.as_str().unwrap().parse().unwrap()
}

/// An answer, or the error instead of one.
type Answer = Result<Value, Error>;

fn text<T: ToString>(result: Result<T, Error>) -> Answer {
    result.map(|value| json!(value.to_string()))
}

fn list<T: ToString>(result: Result<impl IntoIterator<Item = T>, Error>) -> Answer {
    result.map(|items| summary(&items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>()))
}

/// A list as the recorded answers have it: in full, or when long its ends and its digest.
pub(crate) fn summary(items: &[String]) -> Value {
    let n = items.len();
    if n <= 40 {
        return json!({ "n": n, "items": items });
    }
    let mut digest = String::new();
    for byte in Sha256::digest(items.join("\n")) {
        write!(digest, "{byte:02x}").unwrap();
    }
    json!({ "n": n, "first": items[0], "last": items[n - 1], "sha256": digest })
}

fn of_minute(c: &Calendar, side: Side, at: Timestamp, method: &str) -> Answer {
    let session = |direction| text(c.minute_to_session(at, direction, side));
    let trading = |direction| text(c.minute_to_trading_minute(at, direction, side));
    match method {
        "is_trading_minute" => Ok(json!(c.is_trading_minute(at, side))),
        "is_break_minute" => Ok(json!(c.is_break_minute(at, side))),
        "is_open_on_minute" => Ok(json!(c.is_open_on_minute(at, side, Breaks::Closed))),
        "is_open_on_minute.ignore_breaks" => Ok(json!(c.is_open_on_minute(at, side, Breaks::Open))),
        "next_open" => text(c.next_open(at)),
        "next_close" => text(c.next_close(at)),
        "previous_open" => text(c.previous_open(at)),
        "previous_close" => text(c.previous_close(at)),
        "next_minute" => text(c.next_minute(at, side)),
        "previous_minute" => text(c.previous_minute(at, side)),
        "minute_to_session.next" => session(Direction::Next),
        "minute_to_session.previous" => session(Direction::Previous),
        "minute_to_session.none" => session(Direction::None),
        "minute_to_past_session.1" => text(c.minute_to_past_session(at, 1, side)),
        "minute_to_future_session.1" => text(c.minute_to_future_session(at, 1, side)),
        "minute_to_future_session.3" => text(c.minute_to_future_session(at, 3, side)),
        "minute_to_trading_minute.next" => trading(Direction::Next),
        "minute_to_trading_minute.previous" => trading(Direction::Previous),
        "minute_to_trading_minute.none" => trading(Direction::None),
        "minute_offset.+1" => text(c.minute_offset(at, 1, side)),
        "minute_offset.-391" => text(c.minute_offset(at, -391, side)),
        "minute_offset_by_sessions.+1" => {
            text(c.minute_offset_by_sessions(at, 1, side, Clock::Utc))
        }
        "minute_offset_by_sessions.-1" => {
            text(c.minute_offset_by_sessions(at, -1, side, Clock::Utc))
        }
        other => panic!("no method for the column {other}"),
    }
}

fn of_session(c: &Calendar, side: Side, session: Session, method: &str) -> Answer {
    let pair = |a: Timestamp, b: Timestamp| json!([a, b]);
    match method {
        "session_open_close" => Ok(pair(c.open(session)?, c.close(session)?)),
        "session_break_start_end" => Ok(match c.breaks(session)? {
            [(start, end)] => pair(*start, *end),
            _ => json!([null, null]),
        }),
        "session_has_break" => Ok(json!(c.has_break(session)?)),
        "session_first_last_minute" => {
            Ok(pair(c.first_minute(session, side)?, c.last_minute(session, side)?))
        }
        "session_last_am_minute" => Ok(json!(c.last_am_minute(session, side)?)),
        "session_first_pm_minute" => Ok(json!(c.first_pm_minute(session, side)?)),
        "session_minutes.n" => Ok(json!(c.session_minutes(session, side)?.len())),
        "next_session" => text(c.next_session(session)),
        "previous_session" => text(c.previous_session(session)),
        "session_offset.+5" => text(c.session_offset(session, 5)),
        "session_offset.-37" => text(c.session_offset(session, -37)),
        "sessions_window.+3" => list(c.sessions_window(session, 3)),
        "sessions_window.-4" => list(c.sessions_window(session, -4)),
        other => panic!("no method for the column {other}"),
    }
}

fn of_minute_range(
    c: &Calendar,
    side: Side,
    start: Timestamp,
    end: Timestamp,
    method: &str,
) -> Value {
    let mut minutes = c.minutes_in_range(start, end, side);
    match method {
        "minutes_in_range.n" => json!(minutes.len()),
        "minutes_in_range.first" => json!(minutes.next()),
        "minutes_in_range.last" => json!(minutes.last()),
        "minutes_distance" => json!(c.minutes_distance(start, end, side)),
        "minutes_distance.swapped" => json!(c.minutes_distance(end, start, side)),
        other => panic!("no method for the column {other}"),
    }
}

fn of_date(c: &Calendar, day: Session, method: &str) -> Answer {
    match method {
        "is_session" => Ok(json!(c.is_session(day))),
        "date_to_session.next" => text(c.date_to_session(day, Direction::Next)),
        "date_to_session.previous" => text(c.date_to_session(day, Direction::Previous)),
        "date_to_session.none" => text(c.date_to_session(day, Direction::None)),
        other => panic!("no method for the column {other}"),
    }
}

fn of_session_range(c: &Calendar, start: Session, end: Session, method: &str) -> Answer {
    match method {
        "sessions_distance" => c.sessions_distance(start, end).map(|n| json!(n)),
        "sessions_distance.swapped" => c.sessions_distance(end, start).map(|n| json!(n)),
        "sessions_has_break" => Ok(json!(c.sessions_have_break(start, end))),
        "sessions_in_range.n" => Ok(json!(c.sessions_in_range(start, end).len())),
        other => panic!("no method for the column {other}"),
    }
}

/// Whether `error` says what the recorded class of error says.
fn is_class(error: &Error, class: &str) -> bool {
    match error {
        Error::DateOutOfBounds { .. } => {
            class == "DateOutOfBounds" || class == "RequestedSessionOutOfBounds"
        }
        // An offset from a minute out of bounds is refused there for being no trading minute.
        Error::MinuteOutOfBounds { .. } => {
            ["MinuteOutOfBounds", "NotTradingMinuteError"].contains(&class)
        }
        Error::NothingLeft { .. } => ["ValueError", "RequestedMinuteOutOfBounds"].contains(&class),
        Error::NotASession { .. } | Error::NotAWholeMinute { .. } => class == "ValueError",
        Error::NotATradingMinute { .. } => ["NotTradingMinuteError", "ValueError"].contains(&class),
        Error::NoWindow { .. } => {
            ["RequestedSessionOutOfBounds", "RequestedMinuteOutOfBounds", "ValueError"]
                .contains(&class)
        }
        Error::IndicesOverlap { .. } => class == "IndicesOverlapError",
        Error::IntervalsOverlap { .. } => class == "IntervalsOverlapError",
        _ => false,
    }
}

/// Whether `found` is the recorded answer.
fn agrees(expected: &Value, found: &Answer) -> bool {
    match (expected.as_str().and_then(|text| text.strip_prefix('!')), found) {
        (None, Ok(found)) => expected == found,
        (Some(class), Err(error)) => is_class(error, class),
        // DIFFERENCE: yes-or-no questions beyond the bounds or within a minute are answered no, ranges are cut.
        (Some(class), Ok(Value::Bool(false))) => {
            ["DateOutOfBounds", "MinuteOutOfBounds", "ValueError"].contains(&class)
        }
        (Some(class), Ok(_)) => class == "MinuteOutOfBounds",
        (None, Err(_)) => false,
    }
}

/// Counts the answers compared, and stops at the first that differs.
pub(crate) struct Tally<'a> {
    pub(crate) calendar: &'a str,
    pub(crate) compared: usize,
}

impl Tally<'_> {
    pub(crate) fn check(&mut self, question: &str, expected: &Value, found: &Answer) {
        assert!(
            agrees(expected, found),
            "{} {question}: expected {expected}, found {found:?}",
            self.calendar
        );
        self.compared += 1;
    }
}

fn check_side(c: &Calendar, side: Side, spot: &Value, tally: &mut Tally<'_>) {
    let ends = [c.open(c.first_session()).unwrap(), c.close(c.last_session()).unwrap()];
    for row in rows(&spot["minutes"]) {
        let minute = at(row[0].1);
        for (method, expected) in &row[1..] {
            // DIFFERENCE: the first open and the last close count as within bounds on every side.
            let at_an_end =
                ends.contains(&minute) && expected.as_str() == Some("!MinuteOutOfBounds");
            if !at_an_end {
                let found = of_minute(c, side, minute, method);
                tally.check(&format!("{side:?} {method} {minute}"), expected, &found);
            }
        }
    }
    for row in rows(&spot["sessions"]) {
        let session = date(row[0].1);
        for (method, expected) in &row[1..] {
            let found = of_session(c, side, session, method);
            tally.check(&format!("{side:?} {method} {session}"), expected, &found);
        }
    }
    for row in rows(&spot["minute_ranges"]) {
        let (start, end) = (at(row[0].1), at(row[1].1));
        for (method, expected) in &row[2..] {
            let found = Ok(of_minute_range(c, side, start, end, method));
            tally.check(&format!("{side:?} {method} {start} {end}"), expected, &found);
        }
    }
    for row in rows(&spot["session_minutes_ranges"]) {
        let (first, last) = (date(row[0].1), date(row[1].1));
        let (count, listed) =
            (c.sessions_minutes_count(first, last, side), c.sessions_minutes(first, last, side));
        let question = format!("{side:?} sessions_minutes {first} {last}");
        tally.check(&question, row[2].1, &Ok(json!(count)));
        tally.check(&question, row[3].1, &Ok(json!(listed.count())));
    }
    for row in rows(&spot["minutes_window"]) {
        let (start, count) = (at(row[0].1), row[1].1.as_i64().unwrap());
        let found = list(c.minutes_window(start, count, side));
        tally.check(&format!("{side:?} minutes_window {start} {count}"), row[2].1, &found);
    }
    for row in rows(&spot["seconds"]) {
        let instant = at(row[0].1);
        let open = Ok(json!(c.is_open_on_minute(instant, side, Breaks::Closed)));
        tally.check(&format!("{side:?} is_open_on_minute {instant}"), row[1].1, &open);
        let next = text(c.next_minute(instant, side));
        tally.check(&format!("{side:?} next_minute {instant}"), row[2].1, &next);
    }
    let (first, last) = c.minute_bounds(side);
    tally.check("first_minute", &spot["first_minute"], &Ok(json!(first)));
    tally.check("last_minute", &spot["last_minute"], &Ok(json!(last)));
    let all = c.minutes_count(Timestamp::MIN, Timestamp::MAX, side);
    tally.check("total_minutes", &spot["total_minutes"], &Ok(json!(all)));
}

fn check_dates(c: &Calendar, spot: &Value, tally: &mut Tally<'_>) {
    for row in rows(&spot["dates"]) {
        let day = date(row[0].1);
        for (method, expected) in &row[1..] {
            tally.check(&format!("{method} {day}"), expected, &of_date(c, day, method));
        }
    }
    for row in rows(&spot["session_ranges"]) {
        let (start, end) = (date(row[0].1), date(row[1].1));
        for (method, expected) in &row[2..] {
            let found = of_session_range(c, start, end, method);
            tally.check(&format!("{method} {start} {end}"), expected, &found);
        }
    }
    tally.check("early_closes", &spot["early_closes.n"], &Ok(json!(c.early_closes().count())));
    tally.check("late_opens", &spot["late_opens.n"], &Ok(json!(c.late_opens().count())));
}

fn check_all(name: &str, answers: &str) {
    let spot: Value = serde_json::from_str(answers).unwrap();
    let whole = calendar(name).unwrap();
    let part = whole.between(date(&spot["range"][0]), date(&spot["range"][1])).unwrap();
    let mut tally = Tally { calendar: name, compared: 0 };
    check_dates(&part, &spot, &mut tally);
    spot_index::check_open_at(&part, &spot["is_open_at_time"], &mut tally);
    spot_index::check_index(&part, &spot["trading_index"], &mut tally);
    for (side, key) in [
        (Side::Left, "left"),
        (Side::Right, "right"),
        (Side::Both, "both"),
        (Side::Neither, "neither"),
    ] {
        if let Some(answers) = spot["sides"].get(key) {
            check_side(&part, side, answers, &mut tally);
        }
    }
    assert!(tally.compared > 500, "{name}: only {} answers compared", tally.compared);
}

#[test]
fn every_method_equals_the_answers_around_a_few_days() {
    check_all("XNYS", include_str!("spot/xnys.json"));
    check_all("XHKG", include_str!("spot/xhkg.json"));
    check_all("CMES", include_str!("spot/cmes.json"));
}

#[test]
fn single_methods_equal_the_recorded_answers() {
    let Some(folder) = shared::folder() else { return };
    let mut compared = 0;
    for name in names() {
        // A dozen calendars have them.
        let path = folder.join(format!("spot/{}.json.gz", shared::file_name(name)));
        if path.exists() {
            compared += 1;
            check_all(name, &shared::unpacked(&path));
        }
    }
    assert!(compared > 10, "only {compared} calendars compared");
}
