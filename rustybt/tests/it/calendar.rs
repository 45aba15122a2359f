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
fn any_year_is_answered_and_projections_are_said_to_be_some() {
    let program = Program::new();
    let far = ["calendar", "sessions", "XNYS", "--start", "2076-07-01", "--end", "2076-07-06"];
    let far = program.run(&far);
    assert!(far.stderr.starts_with("note: XNYS was checked from"), "{far:?}");
    assert!(
        far.stderr.ends_with("3 of these 3 sessions are projections of its rules\n"),
        "{far:?}"
    );
    assert!(far.done().contains("2076-07-02,2076-07-02T13:30Z"));
    let why = program.run(&["calendar", "why", "XNYS", "2076-07-03"]);
    assert!(why.stderr.contains("a projection of its rules"), "{why:?}");
    let why = why.done();
    assert!(
        why.starts_with("2076-07-03 is no session of XNYS: Independence Day\nsource: https://"),
        "{why}"
    );
    let old = program.run(&[
        "calendar",
        "sessions",
        "XNYS",
        "--start",
        "1901-01-01",
        "--end",
        "1901-01-04",
    ]);
    assert_eq!(old.done().lines().count(), 4);
    let beyond = program.run(&["calendar", "why", "XNYS", "0001-01-01"]);
    assert_eq!(beyond.code, 1, "{beyond:?}");
    assert!(beyond.stderr.contains("knows no sessions around 0001-01-01"), "{beyond:?}");
    let weekend = ["calendar", "sessions", "XNYS", "--start", "2020-03-07", "--end", "2020-03-08"];
    let weekend = program.run(&weekend);
    assert_eq!((weekend.stderr.as_str(), weekend.stdout.lines().count()), ("", 1));
}

#[test]
fn a_month_and_an_export_name_what_closes() {
    let program = Program::new();
    let month = program.run(&["calendar", "month", "NYSE", "2019-11"]).done();
    assert!(month.starts_with("XNYS  November 2019"), "{month}");
    assert!(month.contains("29* closes 13:00  Day after Thanksgiving"), "{month}");
    let export = ["calendar", "export", "XNYS", "--start", "2019-01-01", "--end", "2019-12-31"];
    let text = program.run(&[&export[..], &["--out", "xnys.ics"]].concat());
    assert_eq!((text.code, text.stdout.as_str()), (0, ""));
    let text = std::fs::read_to_string(program.path("xnys.ics")).unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert_eq!(text.matches("BEGIN:VEVENT").count(), 12);
    assert!(text.lines().all(|line| line.len() <= 75));
}

#[test]
fn calendars_of_ones_own_are_read_from_a_folder() {
    let program = Program::new();
    program.write(
        "mine/fair.toml",
        "name = \"FAIR\"\nextend = \"XNYS\"\n[[dates]]\nlabel = \"Fair\"\non = [\"2024-03-05\"]\n",
    );
    program.write("mine/xnys.toml", "overlay = \"XNYS\"\nsource = \"the porter\"\n[[dates]]\nlabel = \"Strike\"\non = [\"2024-03-06\"]\n");
    let folder = program.path("mine").display().to_string();
    let variables = [("RUSTYBT_CALENDARS", folder.as_str())];
    let why = program.run_with(&["calendar", "why", "FAIR", "2024-03-05"], "", &variables).done();
    assert_eq!(why, "2024-03-05 is no session of FAIR: Fair\n");
    let why = program.run_with(&["calendar", "why", "XNYS", "2024-03-06"], "", &variables).done();
    assert_eq!(why, "2024-03-06 is no session of XNYS: Strike\nsource: the porter\n");
    let show = program.run_with(&["config", "show", "--format", "csv"], "", &variables).done();
    assert!(
        show.contains(&format!("data.calendars,{folder},environment RUSTYBT_CALENDARS")),
        "{show}"
    );

    program.write(
        "mine/wrong.toml",
        "overlay = \"XNYS\"\n\n[[dates]]\nlabel = \"Xmas\"\non = [\"2024-12-25\"]\n",
    );
    let wrong = program.run_with(&["calendar", "list"], "", &variables);
    assert_eq!(wrong.code, 1);
    let place = format!("error: {folder}/wrong.toml:5: `Xmas`: 2024-12-25 is closed already");
    assert!(wrong.stderr.starts_with(&place), "{wrong:?}");
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
