//! Events of a table: the next one and the last one, as they were known on each session.

use std::collections::BTreeSet;

use rustybt_calendars::{Calendar, Session, Timestamp};

use super::Since;
use super::frame::day_of;

/// An event of one asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) date: Session,
    pub(super) known: Timestamp,
    /// Its row in the table.
    pub(super) row: usize,
}

/// When an event is the next one, and from when on it is a past one: rows.
struct Span {
    event: Event,
    /// The first row that knows it.
    known: usize,
    /// The first row after its date.
    over: usize,
    /// The first row that knows that it has been.
    past: usize,
}

/// The event that each row shows, from a row on; `None` where there is none.
pub(super) type Shown = (usize, Option<usize>);

/// Minutes before the open at which a session's questions are asked.
const BEFORE_OPEN: i64 = 45;

/// The events of one asset as (next, previous): which of them is shown from which row on.
///
/// The next one is the earliest with a date on the session or after it, of those known before the
/// session's questions are asked; the previous one the latest whose date and knowledge both lie
/// before that. Of two on one date, the one told first is the next, the one told last the previous.
pub(super) fn timeline(calendar: &Calendar, events: &[Event]) -> [Vec<Shown>; 2] {
    let mut spans: Vec<Span> = events
        .iter()
        .filter_map(|event| {
            let known = first_asking_after(calendar, event.known)?;
            let past = event.known.max(event.date.midnight());
            Some(Span {
                event: *event,
                known,
                over: calendar
                    .index_at_or_after(event.date.plus_days(1))
                    .unwrap_or(calendar.sessions().len()),
                past: first_asking_after(calendar, past).unwrap_or(calendar.sessions().len()),
            })
        })
        .collect();
    spans.sort_by_key(|span| (span.event.date, span.event.known, span.event.row));
    let rows: BTreeSet<usize> =
        spans.iter().flat_map(|span| [span.known, span.over, span.past]).collect();
    let (mut next, mut previous) = (Vec::new(), Vec::new());
    for row in rows {
        let coming = spans.iter().find(|span| span.known <= row && row < span.over);
        let gone = spans.iter().rev().find(|span| span.past <= row);
        push(&mut next, (row, coming.map(|span| span.event.row)));
        push(&mut previous, (row, gone.map(|span| span.event.row)));
    }
    [next, previous]
}

/// The values of what is shown.
pub(super) fn values(shown: &[Shown], number: impl Fn(usize) -> f64) -> Vec<Since> {
    shown.iter().map(|(row, event)| (*row, event.map_or(f64::NAN, &number))).collect()
}

fn push(all: &mut Vec<Shown>, shown: Shown) {
    if all.last().is_none_or(|last| last.1 != shown.1) {
        all.push(shown);
    }
}

/// The first session whose questions are asked after an instant.
fn first_asking_after(calendar: &Calendar, instant: Timestamp) -> Option<usize> {
    first_asking(calendar, instant, |asked| asked > instant)
}

/// The first session whose questions are asked at an instant or after it.
pub(super) fn first_asking_at_or_after(calendar: &Calendar, instant: Timestamp) -> Option<usize> {
    first_asking(calendar, instant, |asked| asked >= instant)
}

fn first_asking(
    calendar: &Calendar,
    instant: Timestamp,
    late_enough: impl Fn(Timestamp) -> bool,
) -> Option<usize> {
    let mut row = calendar.index_at_or_after(day_of(instant).plus_days(-1))?;
    while !late_enough(calendar.open_at(row)?.plus_minutes(-BEFORE_OPEN)) {
        row += 1;
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_and_go() {
        let calendar = rustybt_calendars::calendar("XNYS").unwrap();
        let event = |date: &str, known: &str, row| Event {
            date: date.parse().unwrap(),
            known: known.parse().unwrap(),
            row,
        };
        let events = [
            event("2014-06-10", "2014-06-03T12:00Z", 0),
            // Told at the moment of the question: known from the next session on.
            event("2014-06-12", "2014-06-05T12:45Z", 1),
        ];
        let [next, previous] = timeline(&calendar, &events);
        let named = |shown: Vec<Shown>| -> Vec<(String, Option<usize>)> {
            let day = |row: usize| calendar.session_at(row).unwrap().to_string();
            shown.into_iter().map(|(row, event)| (day(row), event)).collect()
        };
        assert_eq!(
            named(next),
            [
                ("2014-06-03".to_owned(), Some(0)),
                ("2014-06-11".to_owned(), Some(1)),
                ("2014-06-13".to_owned(), None)
            ]
        );
        assert_eq!(
            named(previous),
            [
                ("2014-06-03".to_owned(), None),
                ("2014-06-10".to_owned(), Some(0)),
                ("2014-06-12".to_owned(), Some(1))
            ]
        );
    }
}
