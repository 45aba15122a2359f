//! `rustybt calendar`.

use crate::program::Program;

#[test]
fn sessions_are_rows_of_utc_minutes() {
    let listing = Program::new()
        .run(&["calendar", "sessions", "XHKG", "--start", "2020-12-23", "--end", "2020-12-28"])
        .done();
    assert_eq!(
        listing,
        "session,open,close,break_start,break_end\n\
         2020-12-23,2020-12-23T01:30Z,2020-12-23T08:00Z,2020-12-23T04:00Z,2020-12-23T05:00Z\n\
         2020-12-24,2020-12-24T01:30Z,2020-12-24T04:00Z,,\n\
         2020-12-28,2020-12-28T01:30Z,2020-12-28T08:00Z,2020-12-28T04:00Z,2020-12-28T05:00Z\n"
    );
}

#[test]
fn the_reason_of_a_closure_is_known() {
    let program = Program::new();
    let said = program.run(&["calendar", "why", "NYSE", "2012-10-29"]).done();
    assert!(
        said.starts_with("2012-10-29 is no session of XNYS: ") && said.contains("Sandy"),
        "{said}"
    );
    let said = program.run(&["calendar", "why", "XNYS", "2014-06-10"]).done();
    assert_eq!(said, "2014-06-10 is a session of XNYS, 2014-06-10T13:30Z to 2014-06-10T20:00Z\n");
}

#[test]
fn a_saturday_is_a_reason() {
    let said = Program::new().run(&["calendar", "why", "XNYS", "2020-11-28"]).done();
    assert_eq!(said, "2020-11-28 is no session of XNYS: not a trading day of its week\n");
}

#[test]
fn what_a_calendar_does_not_reach_is_not_said_to_be_closed() {
    let program = Program::new();
    for arguments in [
        &["calendar", "why", "XNYS", "0001-01-01"][..],
        &["calendar", "sessions", "XNYS", "--start", "9999-01-01"],
        &["calendar", "sessions", "XNYS", "--end", "1960-01-01"],
    ] {
        let ran = program.run(arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("it reaches from 1971-01-04 to 2049-12-31"), "{ran:?}");
    }
    let some = program.run(&[
        "calendar",
        "sessions",
        "XNYS",
        "--start",
        "2049-12-31",
        "--end",
        "2051-01-01",
    ]);
    assert!(some.stderr.starts_with("note: XNYS reaches from"), "{some:?}");
    assert_eq!(some.done().lines().count(), 2);
    let weekend = ["calendar", "sessions", "XNYS", "--start", "2020-03-07", "--end", "2020-03-08"];
    let weekend = program.run(&weekend);
    assert_eq!((weekend.stderr.as_str(), weekend.stdout.lines().count()), ("", 1));
}

#[test]
fn the_next_open_and_close_follow_a_moment() {
    let listing = Program::new().run(&["calendar", "next", "XNYS", "2019-11-28"]).done();
    assert_eq!(listing, "event,at\nopen,2019-11-29T14:30Z\nclose,2019-11-29T18:00Z\n");
}

#[test]
fn an_unknown_calendar_is_refused_with_its_neighbours() {
    let ran = Program::new().run(&["calendar", "sessions", "XNYX"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.starts_with("error: no calendar is called `XNYX`; did you mean"),
        "{}",
        ran.stderr
    );
}

#[test]
fn every_calendar_is_listed() {
    let listing = Program::new().run(&["calendar", "list", "--format", "json"]).done();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listing).unwrap();
    for name in ["24/5", "24/7", "CMES", "XHKG", "XLON", "XNYS"] {
        assert!(rows.iter().any(|row| row["name"] == name), "{name}");
    }
}
