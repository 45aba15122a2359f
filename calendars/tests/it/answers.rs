//! Every shipped calendar against its own committed table, year by year.

use std::fmt::Write;
use std::path::Path;

use rustybt_calendars::{Calendar, Session, Timestamp, calendar, names};

use crate::{products, shared};

/// What a calendar does in `year`, in the form of the tables that `answers/make.py` makes.
fn row(calendar: &Calendar, year: i32) -> String {
    let (first, last) =
        (Session::from_ymd(year, 1, 1).unwrap(), Session::from_ymd(year, 12, 31).unwrap());
    let mut days = Vec::new();
    let mut runs = Vec::new();
    let mut previous = String::new();
    for date in (first.days()..=last.days()).map(Session::from_days) {
        let label = date.to_string()[5..].to_owned();
        let is_weekend = (date.days() + 3).rem_euclid(7) > 4;
        match (calendar.is_session(date), is_weekend) {
            (true, true) => days.push(format!("+{label}")),
            (false, false) => days.push(label.clone()),
            _ => {}
        }
        if !calendar.is_session(date) {
            continue;
        }
        let mut hours = clock(calendar.open(date).unwrap(), date) + "-";
        for &(start, end) in calendar.breaks(date).unwrap() {
            write!(hours, "{}+{}-", clock(start, date), clock(end, date)).unwrap();
        }
        hours += &clock(calendar.close(date).unwrap(), date);
        if hours != previous {
            runs.push(format!("{label} {hours}"));
            previous = hours;
        }
    }
    let sessions = calendar.sessions_in_range(first, last).len();
    format!("{year},{sessions},{},{}", days.join(" "), runs.join("; "))
}

fn clock(at: Timestamp, label: Session) -> String {
    let mark = match at.date().days() - label.days() {
        -1 => "<",
        0 => "",
        1 => ">",
        days => panic!("{at} lies {days} days from {label}"),
    };
    format!("{}{mark}", &at.to_string()[11..16])
}

#[test]
fn every_calendar_agrees_with_its_table() {
    let mut wrong = Vec::new();
    for name in names().into_iter().filter(|name| !products::NAMES.contains(name)) {
        let path = format!(
            "{}/tests/it/answers/{}.csv.gz",
            env!("CARGO_MANIFEST_DIR"),
            shared::file_name(name)
        );
        let table = shared::unpacked(Path::new(&path));
        let rows: Vec<&str> =
            table.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
        assert_eq!(rows.len(), 37, "{path}");
        let calendar = match calendar(name) {
            Ok(calendar) => calendar,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        for expected in rows {
            let year = expected[..4].parse().unwrap();
            let found = row(&calendar, year);
            if found != expected {
                wrong.push(format!("{name}\n expected {expected}\n found    {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn closures_and_half_days_say_why() {
    let xnys = calendar("XNYS").unwrap();
    let why = |date: &str| xnys.why(date.parse().unwrap());
    assert_eq!(why("2012-10-29"), Some("Hurricane Sandy"));
    assert_eq!(why("2021-06-18"), None);
    assert_eq!(why("2022-06-20"), Some("Juneteenth National Independence Day"));
    assert_eq!(why("2019-07-03"), Some("Day before Independence Day"));
    assert_eq!(why("2019-07-06"), None, "a Saturday is closed by its week");
    let xhkg = calendar("HKEX").unwrap();
    assert_eq!(xhkg.why("2015-04-07".parse().unwrap()), Some("Ching Ming Festival"));
    assert_eq!(xhkg.why("2020-08-19".parse().unwrap()), Some("Typhoon Higos, afternoon only"));
    let late: Vec<_> = xhkg.late_opens().map(|session| session.to_string()).collect();
    assert_eq!(late, ["2020-08-19", "2021-06-28"]);
}

#[test]
fn every_closed_weekday_and_every_early_close_has_a_reason() {
    for name in names() {
        let calendar = calendar(name).unwrap();
        for date in (calendar.first_session().days()..calendar.last_session().days())
            .map(Session::from_days)
        {
            let weekday = (date.days() + 3).rem_euclid(7);
            let rests_on_friday =
                name == "XSAU" || (name == "XTAE" && date < "2026-01-05".parse().unwrap());
            let is_weekend = weekday > 4 || (rests_on_friday && weekday == 4);
            assert!(
                is_weekend || calendar.is_session(date) || calendar.why(date).is_some(),
                "{name} {date}"
            );
        }
        for session in calendar.early_closes() {
            assert!(
                calendar.is_session(session) && calendar.why(session).is_some(),
                "{name} {session}"
            );
        }
    }
}

#[test]
fn errors_say_what_was_asked_and_what_would_work() {
    let xnys = calendar("XNYS").unwrap();
    for (error, expected) in [
        (
            xnys.open("2012-10-29".parse().unwrap()).unwrap_err(),
            "2012-10-29 is not a session of XNYS: Hurricane Sandy; the sessions around it are 2012-10-26 and 2012-10-31",
        ),
        (
            xnys.close("2020-03-08".parse().unwrap()).unwrap_err(),
            "2020-03-08 is not a session of XNYS: not a trading day of its week; the sessions around it are 2020-03-06 and 2020-03-09",
        ),
        (
            xnys.next_session("1900-01-01".parse().unwrap()).unwrap_err(),
            "XNYS knows no sessions around 1900-01-01; it reaches from 1971-01-04 to 2049-12-31, and `covering` works out other years",
        ),
        (calendar("NASDQ").unwrap_err(), "no calendar is called `NASDQ`; did you mean NASDAQ?"),
    ] {
        assert_eq!(error.to_string(), expected);
    }
}
