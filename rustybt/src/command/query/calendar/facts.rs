//! What a calendar is, asked without arguments.

use rustybt_calendars::{Calendar, Side};
use serde_json::{Value, json};

use super::list;

/// The answer, if there is a property of that name.
pub(super) fn ask(calendar: &Calendar, side: Side, name: &str) -> Option<Value> {
    let positions = || 0..calendar.sessions().len();
    let (first, last) = (calendar.first_session(), calendar.last_session());
    let pauses = |position: usize| calendar.breaks_at(position);
    let sessions = || calendar.sessions().iter().copied();
    Some(match name {
        "name" => json!(calendar.name()),
        "aliases" => json!(calendar.aliases()),
        "tz" => json!(calendar.zone().name()),
        "side" => json!(word(side)),
        "valid_sides" => list(calendar.sides().iter().copied().map(word)),
        "verified" => json!(calendar.verified().map(|(first, last)| [first, last])),
        "sessions" => list(sessions()),
        "first_session" => json!(first),
        "last_session" => json!(last),
        "first_session_open" => json!(calendar.open_at(0)),
        "last_session_close" => json!(positions().last().and_then(|i| calendar.close_at(i))),
        "first_minute" => json!(calendar.minute_bounds(side).0),
        "last_minute" => json!(calendar.minute_bounds(side).1),
        "opens" => list(positions().map(|i| calendar.open_at(i))),
        "closes" => list(positions().map(|i| calendar.close_at(i))),
        "break_starts" => list(positions().map(|i| pauses(i).first().map(|pause| pause.0))),
        "break_ends" => list(positions().map(|i| pauses(i).last().map(|pause| pause.1))),
        "first_minutes" => list(sessions().map(|s| calendar.first_minute(s, side).ok())),
        "last_minutes" => list(sessions().map(|s| calendar.last_minute(s, side).ok())),
        "last_am_minutes" => list(sessions().map(|s| calendar.last_am_minute(s, side).ok())),
        "first_pm_minutes" => list(sessions().map(|s| calendar.first_pm_minute(s, side).ok())),
        "minutes" => list(calendar.sessions_minutes(first, last, side)),
        "schedule" => list(positions().map(|i| {
            json!({
                "session": calendar.session_at(i),
                "open": calendar.open_at(i),
                "close": calendar.close_at(i),
                "break_start": pauses(i).first().map(|pause| pause.0),
                "break_end": pauses(i).last().map(|pause| pause.1),
            })
        })),
        "has_break" => json!(calendar.sessions_have_break(first, last)),
        "early_closes" => list(calendar.early_closes()),
        "late_opens" => list(calendar.late_opens()),
        _ => return None,
    })
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
        Side::Both => "both",
        Side::Neither => "neither",
    }
}
