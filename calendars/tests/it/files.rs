//! What a calendar file is refused for, and in which words.

use rustybt_calendars::Calendar;

const HEAD: &str = r#"name = "TEST"
zone = "Europe/Rome"
week = "Mon-Fri"
bounds = ["2020-01-01", "2026-12-31"]

[[hours]]
open = "09:00"
close = "17:00"
breaks = [["12:00", "13:00"]]
"#;

fn refusal(text: &str) -> String {
    Calendar::from_toml("test.toml", text).unwrap_err().to_string()
}

#[test]
fn a_rule_is_refused_with_its_line_and_label() {
    for (rule, expected) in [
        ("colour = \"red\"", "unknown field `colour`"),
        ("on = \"12-32\"", "no month and day"),
        (
            "on = \"03-01\"\nfrom = 2022\nto = 2021",
            "begins on 2022-01-01, after its end on 2021-12-31",
        ),
        ("on = \"03-01\"\nfrom = \"2022-02-30\"", "expected a year like 2013 or a date"),
        ("on = \"03-01\"\nfrom = 2030", "it closes no day"),
        ("on = \"03-01\"\nweekdays = \"Sat\"", "it closes no day"),
        ("on = \"03-01\"\nroll = \"Sat+9\"", "no roll"),
        ("on = \"02-29\"\nexcept = [2021]", "no date in 2021 to drop or move"),
        ("on = \"03-01\"\nmove = { spring = \"2021-03-02\" }", "which is no year"),
        ("on = \"03-01\"\nsubstitute = { busy = [] }", "names no day or all days"),
        ("on = \"03-01\"\neffect = { close = \"25:00\" }", "no time of day"),
        ("on = \"03-01\"\neffect = { close = \"08:00\" }", "do not follow one another"),
        ("on = \"03-01\"\neffect = {}", "changes nothing"),
        ("on = \"03-01\"\neffect = \"half\"", "expected an effect"),
        (
            "on = \"03-01\"\nweekdays = \"Sun\"\neffect = { close = \"12:00\" }",
            "hours of no session",
        ),
        ("on = \"last session to 12-31\"", "cannot be closed for being"),
        ("on = [\"last Mon to 05-31\", \"12-24\"]", "go on from `it`"),
        ("on = \"03-01\"\nweekdays = \"Mon\"\neffect = \"session\"", "adds no session"),
        ("on = []", "names no anchor"),
        ("on = \"table turkey/bayram\"", "expected one of `turkey/eid-al-adha`"),
        ("on = \"hebrew Nissan 15\"", "no Hebrew month"),
    ] {
        let text = format!("{HEAD}\n[[rule]]\nlabel = \"Feast\"\n{rule}\n");
        let error = refusal(&text);
        assert!(error.contains(expected), "{rule}: {error}");
        assert!(error.contains("`Feast`"), "{rule}: {error}");
        let line: usize =
            error.strip_prefix("test.toml:").unwrap().split(':').next().unwrap().parse().unwrap();
        assert!((11..=15).contains(&line), "{rule}: {error}");
    }
}

#[test]
fn a_calendar_is_not_verified_beyond_its_tables() {
    let head = HEAD.replace("zone", "verified = [\"2020-01-01\", \"2026-12-31\"]\nzone");
    let feast = "[[rule]]\nlabel = \"Feast\"\non = \"table turkey/eid-al-fitr\"\n";
    let late = head.replace("2026-12-31", "2030-12-31");
    assert!(Calendar::from_toml("test.toml", &format!("{head}{feast}")).is_ok());
    let error = refusal(&format!("{late}{feast}"));
    assert!(error.contains("verified from 1990-01-01 to 2026-12-31 only"), "{error}");
    assert!(Calendar::from_toml("test.toml", &format!("{late}{feast}to = 2026\n")).is_ok());
}

#[test]
fn a_list_of_dates_is_refused_with_its_line_and_label() {
    for (dates, expected) in [
        ("on = []", "names no date"),
        ("on = [\"2021-02-30\"]", "`2021-02-30` is not a date"),
        ("on = [\"2021-03-05..2021-03-01\"]", "after its end"),
        ("on = [\"2027-01-04\"]", "outside the bounds"),
        ("on = [\"2021-03-06\"]", "being no trading day of its week"),
        ("on = [\"2021-12-24\"]", "closed already, by `Eve`"),
        ("on = [\"2021-03-05\"]\neffect = \"session\"", "is a session already"),
        ("on = [\"2021-03-06\"]\neffect = { open = \"10:00\" }", "which is no session"),
        ("on = [\"2021-03-28..2021-03-29\"]", "being no trading day"),
    ] {
        let rule = "[[rule]]\nlabel = \"Eve\"\non = \"12-24\"\n";
        let text = format!("{HEAD}\n{rule}[[dates]]\nlabel = \"Notice\"\n{dates}\n");
        let error = refusal(&text);
        assert!(error.contains(expected) && error.contains("`Notice`"), "{dates}: {error}");
    }
}

#[test]
fn a_head_is_refused_with_what_would_work() {
    for (from, to, expected) in [
        ("Europe/Rome", "Europe/Roma", "no time zone; expected an IANA name"),
        ("Mon-Fri", "Mon-Fry", "no day of the week"),
        ("[\"2020-01-01\", \"2026-12-31\"]", "[\"2020-01-01\"]", "expected an array of length 2"),
        ("2026-12-31", "2019-12-31", "after its end"),
        ("2026-12-31", "9999-12-31", "expected bounds within 1950 to 2099"),
        ("2020-01-01", "1949-12-31", "expected bounds within 1950 to 2099"),
        ("2026-12-31", "2026-12-41", "`2026-12-41` is not a date"),
        ("[[hours]]", "[[horas]]", "unknown field `horas`"),
        ("close = \"17:00\"\n", "", "expected an open and a close"),
        ("\"12:00\", \"13:00\"", "\"13:00\", \"12:00\"", "do not follow one another"),
        ("\"17:00\"", "\"10:00 +1d\"", "opens before the session before has closed"),
        ("name = \"TEST\"\n", "", "missing field `name`"),
    ] {
        let text = HEAD.replacen(from, to, 1);
        let error = refusal(&text);
        assert!(error.contains(expected), "{to}: {error}");
    }
}

#[test]
fn a_time_that_the_local_clock_skips_or_repeats_is_refused() {
    let sundays = HEAD.replacen("Mon-Fri", "Sun", 1);
    assert!(Calendar::from_toml("test.toml", &sundays).is_ok());
    let error = refusal(&sundays.replacen("09:00", "02:30", 1));
    assert!(error.contains("on 2020-03-29 the local clock skips"), "{error}");
    let autumn = sundays.replacen("2020-01-01", "2020-06-01", 1).replacen("09:00", "02:30", 1);
    let error = refusal(&autumn);
    assert!(
        error.contains("on 2020-10-25 the local clock shows its open, break or close twice"),
        "{error}"
    );
}

#[test]
fn kinds_of_rule_that_no_shipped_calendar_needs_work_too() {
    let text = r#"
name = "TEST"
zone = "Asia/Seoul"
week = [{ week = "Mon-Sat", to = "1998-12-06" }, { week = "Mon-Fri", from = "1998-12-07" }]
bounds = ["1998-01-01", "2001-12-31"]
verified = ["1998-01-01", "2001-12-31"]

[[hours]]
open = "09:30"
close = "15:00"
breaks = [["11:30", "13:00"]]
[[hours]]
from = "2000-05-22"
breaks = []
[[hours]]
weekdays = "Sat"
close = "11:30"
breaks = []
[[hours]]
season = ["11-01", "02-29"]
close = "16:00"

[[rule]]
label = "Friday before the last Monday in May"
on = ["last Mon to 05-31", "last Fri to it"]
[[rule]]
label = "First session of the year"
on = "first session from 01-01"
effect = { shift = "+01:00" }
[[rule]]
label = "Last session of the year"
on = "last session to 12-31"
effect = { close = "12:00" }
[[rule]]
label = "Orthodox Good Friday"
on = "orthodox-easter-2"

[[dates]]
label = "working Saturday"
on = ["2000-01-22"]
effect = "session"
"#
    .replace("[[hours]]\nweekdays = \"Sat\"\nclose = \"11:30\"\nbreaks = []\n", "");
    let calendar = Calendar::from_toml("test.toml", &text).unwrap();
    let hours = |date: &str| {
        let session = date.parse().unwrap();
        let local =
            |at: rustybt_calendars::Timestamp| at.plus_minutes(540).to_string()[11..16].to_owned();
        let breaks = calendar
            .breaks(session)
            .unwrap()
            .iter()
            .map(|&(a, b)| format!(" {}+{}", local(a), local(b)));
        let breaks: String = breaks.collect();
        format!(
            "{}{breaks} {}",
            local(calendar.open(session).unwrap()),
            local(calendar.close(session).unwrap())
        )
    };
    assert_eq!(hours("1998-12-05"), "09:30 11:30+13:00 16:00", "a Saturday that still trades");
    assert!(!calendar.is_session("1998-12-12".parse().unwrap()));
    assert_eq!(hours("1998-01-01"), "10:30 12:30+14:00 17:00", "all times are shifted");
    assert_eq!(hours("2000-12-29"), "09:30 12:00", "the last session closes early");
    assert_eq!(hours("2000-01-22"), "09:30 11:30+13:00 16:00", "a Saturday that was added");
    assert_eq!(hours("2000-07-03"), "09:30 15:00", "breaks end in 2000, winter in March");
    assert_eq!(
        calendar.why("2000-05-26".parse().unwrap()),
        Some("Friday before the last Monday in May")
    );
    assert_eq!(calendar.why("2000-04-28".parse().unwrap()), Some("Orthodox Good Friday"));
    assert_eq!(calendar.why("2000-01-22".parse().unwrap()), Some("working Saturday"));
    assert_eq!(calendar.verified().map(|range| range.1), "2001-12-31".parse().ok());
}
