//! Recorded answers that do not depend on a side of minutes: trading indices, and being open at an instant.

use std::time::Duration;

use rustybt_calendars::{Breaks, Calendar, Edge, Error, Side, TradingIndex};
use serde_json::{Value, json};

use crate::spot::{Tally, at, rows, summary};

pub(crate) fn check_open_at(c: &Calendar, spot: &Value, tally: &mut Tally<'_>) {
    for row in rows(spot) {
        let instant = at(row[0].1);
        for (column, expected) in &row[1..] {
            let (side, breaks) = column.split_once('.').unwrap();
            let breaks = if breaks == "ignore_breaks" { Breaks::Open } else { Breaks::Closed };
            let found = c.is_open_at(instant, self::side(side), breaks);
            tally.check(&format!("is_open_at {instant} {column}"), expected, &Ok(json!(found)));
        }
    }
}

pub(crate) fn check_index(c: &Calendar, spot: &Value, tally: &mut Tally<'_>) {
    for question in spot.as_array().unwrap() {
        tally.check(&question.to_string(), &question["result"], &answer(c, question));
    }
}

fn answer(c: &Calendar, question: &Value) -> Result<Value, Error> {
    let edge = |key: &str| {
        let text = question[key].as_str().unwrap();
        text.parse().map(Edge::Session).or_else(|_| text.parse().map(Edge::Instant)).unwrap()
    };
    let flag =
        |key: &str, default: bool| question.get(key).map_or(default, |v| v.as_bool().unwrap());
    let (start, end) = (edge("start"), edge("end"));
    let period = question["period"].as_str().unwrap();
    if period == "1D" {
        let (Edge::Session(start), Edge::Session(end)) = (start, end) else {
            panic!("sessions have dates")
        };
        let sessions = c.sessions_in_range(start, end);
        return Ok(summary(&sessions.iter().map(ToString::to_string).collect::<Vec<_>>()));
    }
    let force = question.get("force").and_then(Value::as_bool);
    let mut index = TradingIndex::every(duration(period))?
        .closed(side(question["closed"].as_str().unwrap()))
        .force_close(force.unwrap_or_else(|| flag("force_close", false)))
        .force_break_close(force.unwrap_or_else(|| flag("force_break_close", false)))
        .curtail_overlaps(flag("curtail_overlaps", false))
        .breaks(if flag("ignore_breaks", false) { Breaks::Open } else { Breaks::Closed });
    if let Some(align) = question.get("align") {
        index = index.align(minutes(align.as_str().unwrap()))?;
    }
    match question.get("align_pm") {
        Some(Value::String(align)) => index = index.align_pm(minutes(align))?,
        Some(Value::Bool(false)) => index = index.align_pm(1)?,
        _ => {}
    }
    let items: Vec<String> = if flag("intervals", true) {
        index.intervals(c, start, end)?.iter().map(ToString::to_string).collect()
    } else {
        index.points(c, start, end)?.iter().map(ToString::to_string).collect()
    };
    Ok(summary(&items))
}

fn side(text: &str) -> Side {
    match text {
        "left" => Side::Left,
        "right" => Side::Right,
        "both" => Side::Both,
        "neither" => Side::Neither,
        other => panic!("{other} is no side"),
    }
}

fn duration(text: &str) -> Duration {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap();
    let n: u64 = text[..digits].parse().unwrap();
    Duration::from_secs(
        n * match &text[digits..] {
            "s" => 1,
            "min" => 60,
            "h" => 3600,
            other => panic!("{other} is no unit of time"),
        },
    )
}

fn minutes(text: &str) -> i32 {
    text.strip_suffix("min").unwrap().parse().unwrap()
}
