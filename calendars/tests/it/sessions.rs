//! Every session from 1990 to 2026 against the shared answers, corrected rows with either value.

use std::collections::BTreeMap;

use rustybt_calendars::{Calendar, Session, calendar, names};

use crate::shared;

type Rows = BTreeMap<Session, [String; 4]>;

/// The columns open, close, break start and break end of each session.
fn answers(text: &str) -> Rows {
    text.lines()
        .skip(1)
        .map(|line| {
            let (session, times) = line.split_once(',').unwrap();
            let times: Vec<String> = times.split(',').map(str::to_owned).collect();
            (session.parse().unwrap(), times.try_into().unwrap())
        })
        .collect()
}

fn computed(calendar: &Calendar, first: Session, last: Session) -> Rows {
    calendar
        .sessions_in_range(first, last)
        .iter()
        .map(|&session| {
            let (start, end) = match calendar.breaks(session).unwrap() {
                [] => (String::new(), String::new()),
                [(start, end)] => (start.to_string(), end.to_string()),
                more => panic!("{session} has {} breaks", more.len()),
            };
            let (open, close) = (calendar.open(session).unwrap(), calendar.close(session).unwrap());
            (session, [open.to_string(), close.to_string(), start, end])
        })
        .collect()
}

/// Corrected rows of one calendar; `None` where there is no session in truth.
fn errata(text: &str, name: &str) -> BTreeMap<Session, Option<[String; 4]>> {
    text.lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|row| row[0] == name)
        .map(|row| {
            let times = [row[3], row[4], row[5], row[6]].map(str::to_owned);
            (row[1].parse().unwrap(), (row[2] == "1").then_some(times))
        })
        .collect()
}

#[test]
fn every_session_equals_the_shared_answers() {
    let Some(folder) = shared::folder() else { return };
    let errata_text = std::fs::read_to_string(folder.join("errata.csv")).unwrap();
    let mut compared = 0;
    for name in names() {
        let path = folder.join(format!("sessions/{}.csv.gz", shared::file_name(name)));
        // The others are compared with the tables beside this test.
        if !path.exists() {
            continue;
        }
        compared += 1;
        let expected = answers(&shared::unpacked(&path));
        let errata = errata(&errata_text, name);
        let (first, last) = ("1990-01-01".parse().unwrap(), "2026-12-31".parse().unwrap());
        let found = computed(&calendar(name).unwrap(), first, last);
        let mut dates: Vec<_> = expected.keys().chain(found.keys()).collect();
        dates.sort_unstable();
        dates.dedup();
        for date in dates {
            let corrected = errata.get(date).is_some_and(|row| row.as_ref() == found.get(date));
            assert!(
                corrected || expected.get(date) == found.get(date),
                "{name} {date}: expected {:?}, found {:?}",
                expected.get(date),
                found.get(date)
            );
        }
        assert!(found.len() > 1_000, "{name} has {} sessions", found.len());
    }
    assert!(compared > 30, "only {compared} calendars compared");
}
