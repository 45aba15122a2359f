//! Answers of single methods, recorded from another implementation over part of each calendar.
//!
//! A result that begins with `!` is an error there. Here it must be an error too, or `false` for a question
//! with a yes or no; which error it is differs on purpose.

use rustybt_calendars::{
    Breaks, Calendar, Direction, Error, Session, Side, Timestamp, calendar, names,
};
use serde_json::{Value, json};

use crate::shared;

/// The tables of a spot file: for each row, the value of each column by name.
fn rows(table: &Value) -> Vec<Vec<(&str, &Value)>> {
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

fn at(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn date(value: &Value) -> Session {
    value.as_str().unwrap().parse().unwrap()
}

fn text<T: ToString>(result: Result<T, Error>) -> Value {
    result.map_or(Value::Null, |value| json!(value.to_string()))
}

fn list<T: ToString>(result: Result<impl IntoIterator<Item = T>, Error>) -> Value {
    result.map_or(Value::Null, |items| {
        let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
        json!({ "n": items.len(), "items": items })
    })
}

/// The start and end of the only break, or nulls.
fn span(breaks: &[(Timestamp, Timestamp)]) -> Value {
    match breaks {
        [(start, end)] => json!([start.to_string(), end.to_string()]),
        _ => json!([null, null]),
    }
}

fn of_minute(c: &Calendar, side: Side, minute: Timestamp, method: &str) -> Option<Value> {
    let session = |direction| text(c.minute_to_session(minute, direction, side));
    Some(match method {
        "is_trading_minute" => json!(c.is_trading_minute(minute, side)),
        "is_break_minute" => json!(c.is_break_minute(minute, side)),
        "is_open_on_minute" => json!(c.is_open_on_minute(minute, side, Breaks::Closed)),
        "is_open_on_minute.ignore_breaks" => json!(c.is_open_on_minute(minute, side, Breaks::Open)),
        "next_open" => text(c.next_open(minute)),
        "next_close" => text(c.next_close(minute)),
        "previous_open" => text(c.previous_open(minute)),
        "previous_close" => text(c.previous_close(minute)),
        "next_minute" => text(c.next_minute(minute, side)),
        "previous_minute" => text(c.previous_minute(minute, side)),
        "minute_to_session.next" => session(Direction::Next),
        "minute_to_session.previous" => session(Direction::Previous),
        "minute_to_session.none" => session(Direction::None),
        "minute_offset.+1" => text(c.minute_offset(minute, 1, side)),
        "minute_offset.-391" => text(c.minute_offset(minute, -391, side)),
        _ => return None,
    })
}

fn of_session(c: &Calendar, side: Side, session: Session, method: &str) -> Option<Value> {
    let pair = |a: Result<Timestamp, Error>, b: Result<Timestamp, Error>| json!([text(a), text(b)]);
    Some(match method {
        "session_open_close" => pair(c.open(session), c.close(session)),
        "session_break_start_end" => span(c.breaks(session).unwrap()),
        "session_has_break" => json!(c.has_break(session).unwrap()),
        "session_first_last_minute" => {
            pair(c.first_minute(session, side), c.last_minute(session, side))
        }
        "session_minutes.n" => json!(c.session_minutes(session, side).unwrap().len()),
        "next_session" => text(c.next_session(session)),
        "previous_session" => text(c.previous_session(session)),
        "session_offset.+5" => text(c.session_offset(session, 5)),
        "session_offset.-37" => text(c.session_offset(session, -37)),
        "sessions_window.+3" => list(c.sessions_window(session, 3)),
        "sessions_window.-4" => list(c.sessions_window(session, -4)),
        _ => return None,
    })
}

fn of_minute_range(
    c: &Calendar,
    side: Side,
    start: Timestamp,
    end: Timestamp,
    method: &str,
) -> Option<Value> {
    let mut minutes = c.minutes_in_range(start, end, side);
    Some(match method {
        "minutes_in_range.n" => json!(minutes.len()),
        "minutes_in_range.first" => json!(minutes.next()),
        "minutes_in_range.last" => json!(minutes.last()),
        "minutes_distance" => json!(c.minutes_distance(start, end, side)),
        "minutes_distance.swapped" => json!(c.minutes_distance(end, start, side)),
        _ => return None,
    })
}

/// Whether `found` is the recorded answer, errors aside.
fn agrees(expected: &Value, found: &Value) -> bool {
    match expected.as_str() {
        Some(error) if error.starts_with('!') => found.is_null() || *found == json!(false),
        _ => expected == found,
    }
}

/// Counts the answers compared, and stops at the first that differs.
struct Tally<'a> {
    calendar: &'a str,
    compared: usize,
}

impl Tally<'_> {
    fn check(&mut self, question: &str, expected: &Value, found: &Value) {
        assert!(
            agrees(expected, found),
            "{} {question}: expected {expected}, found {found}",
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
            if let Some(found) = of_minute(c, side, minute, method).filter(|_| !at_an_end) {
                tally.check(&format!("{side:?} {method} {minute}"), expected, &found);
            }
        }
    }
    for row in rows(&spot["sessions"]) {
        let session = date(row[0].1);
        for (method, expected) in &row[1..] {
            if let Some(found) = of_session(c, side, session, method) {
                tally.check(&format!("{side:?} {method} {session}"), expected, &found);
            }
        }
    }
    for row in rows(&spot["minute_ranges"]) {
        let (start, end) = (at(row[0].1), at(row[1].1));
        for (method, expected) in &row[2..] {
            if let Some(found) = of_minute_range(c, side, start, end, method) {
                tally.check(&format!("{side:?} {method} {start} {end}"), expected, &found);
            }
        }
    }
    for row in rows(&spot["session_minutes_ranges"]) {
        let (first, last) = (date(row[0].1), date(row[1].1));
        let sessions = c.sessions_in_range(first, last);
        let sum: usize = sessions.iter().map(|&s| c.session_minutes(s, side).unwrap().len()).sum();
        tally.check(&format!("{side:?} sessions_minutes {first} {last}"), row[2].1, &json!(sum));
    }
    for row in rows(&spot["minutes_window"]) {
        let (start, count) = (at(row[0].1), row[1].1.as_i64().unwrap());
        let found = c.minutes_window(start, count, side);
        let question = format!("{side:?} minutes_window {start} {count}");
        match row[2].1["n"].as_u64().filter(|n| *n > 40) {
            Some(n) => tally.check(&question, &json!(n), &json!(found.unwrap().len())),
            None => tally.check(&question, row[2].1, &list(found)),
        }
    }
    for row in rows(&spot["seconds"]) {
        let instant = at(row[0].1);
        let open = c.is_open_on_minute(instant, side, Breaks::Closed);
        tally.check(&format!("{side:?} is_open_on_minute {instant}"), row[1].1, &json!(open));
        // DIFFERENCE: `both` and `neither` answer the next minute within a minute too.
        if matches!(side, Side::Left | Side::Right) {
            tally.check(
                &format!("{side:?} next_minute {instant}"),
                row[2].1,
                &text(c.next_minute(instant, side)),
            );
        }
    }
    let (first, last) = (c.first_session(), c.last_session());
    tally.check("first_minute", &spot["first_minute"], &text(c.first_minute(first, side)));
    tally.check("last_minute", &spot["last_minute"], &text(c.last_minute(last, side)));
    let all = c.minutes_count(Timestamp::MIN, Timestamp::MAX, side);
    tally.check("total_minutes", &spot["total_minutes"], &json!(all));
}

fn check_dates(c: &Calendar, spot: &Value, tally: &mut Tally<'_>) {
    for row in rows(&spot["dates"]) {
        let day = date(row[0].1);
        let session = |direction| text(c.date_to_session(day, direction));
        let found = [
            json!(c.is_session(day)),
            session(Direction::Next),
            session(Direction::Previous),
            session(Direction::None),
        ];
        for ((method, expected), found) in std::iter::zip(&row[1..], found) {
            tally.check(&format!("{method} {day}"), expected, &found);
        }
    }
    for row in rows(&spot["session_ranges"]) {
        let (start, end) = (date(row[0].1), date(row[1].1));
        for (method, expected) in &row[2..] {
            let sessions = c.sessions_in_range(start, end);
            let found = match *method {
                "sessions_distance" => json!(c.sessions_distance(start, end).ok()),
                "sessions_distance.swapped" => json!(c.sessions_distance(end, start).ok()),
                "sessions_has_break" => json!(sessions.iter().any(|&s| c.has_break(s).unwrap())),
                "sessions_in_range.n" => json!(sessions.len()),
                _ => continue,
            };
            // DIFFERENCE: a distance is between sessions; between other dates it is refused.
            if !found.is_null() {
                tally.check(&format!("{method} {start} {end}"), expected, &found);
            }
        }
    }
    tally.check("early_closes", &spot["early_closes.n"], &json!(c.early_closes().count()));
    tally.check("late_opens", &spot["late_opens.n"], &json!(c.late_opens().count()));
}

#[test]
fn single_methods_equal_the_recorded_answers() {
    let Some(folder) = shared::folder() else { return };
    for name in names() {
        let path = folder.join(format!("spot/{}.json.gz", shared::file_name(name)));
        if !path.exists() {
            println!("skipped: no spot answers for {name}");
            continue;
        }
        let spot: Value = serde_json::from_str(&shared::unpacked(&path)).unwrap();
        let whole = calendar(name).unwrap();
        let part = whole.between(date(&spot["range"][0]), date(&spot["range"][1])).unwrap();
        let mut tally = Tally { calendar: name, compared: 0 };
        check_dates(&part, &spot, &mut tally);
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
        assert!(tally.compared > 1_000, "{name}: only {} answers compared", tally.compared);
    }
}
