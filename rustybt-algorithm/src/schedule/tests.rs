//! Against lists made by hand from printed calendars of New York.

use rustybt_calendars::calendar;

use super::*;

fn days(rule: DateRule, start: &str, end: &str) -> Vec<String> {
    let xnys = calendar("XNYS").unwrap();
    xnys.sessions_in_range(start.parse().unwrap(), end.parse().unwrap())
        .iter()
        .filter(|&&session| rule.holds(&xnys, session))
        .map(ToString::to_string)
        .collect()
}

#[test]
fn weeks_with_holidays() {
    // 2019: Thanksgiving on Thursday 11-28, Christmas on Wednesday 12-25, New Year on Wednesday.
    let (start, end) = ("2019-11-18", "2020-01-03");
    assert_eq!(
        days(DateRule::week_start(0), start, end),
        [
            "2019-11-18",
            "2019-11-25",
            "2019-12-02",
            "2019-12-09",
            "2019-12-16",
            "2019-12-23",
            "2019-12-30"
        ]
    );
    // The fourth session of each week: Friday where a holiday fell before it, Thursday otherwise.
    assert_eq!(
        days(DateRule::week_start(3), start, end),
        [
            "2019-11-21",
            "2019-11-29",
            "2019-12-05",
            "2019-12-12",
            "2019-12-19",
            "2019-12-27",
            "2020-01-03"
        ]
    );
    // Weeks of four sessions have no fifth one.
    assert_eq!(
        days(DateRule::week_start(4), start, end),
        ["2019-11-22", "2019-12-06", "2019-12-13", "2019-12-20"]
    );
    assert_eq!(
        days(DateRule::week_end(1), start, end),
        [
            "2019-11-21",
            "2019-11-27",
            "2019-12-05",
            "2019-12-12",
            "2019-12-19",
            "2019-12-26",
            "2020-01-02"
        ]
    );
}

#[test]
fn a_week_that_starts_on_tuesday() {
    // Labor Day: Monday 2019-09-02.
    assert_eq!(
        days(DateRule::week_start(0), "2019-09-02", "2019-09-13"),
        ["2019-09-03", "2019-09-09"]
    );
    // Good Friday 2019-04-19.
    assert_eq!(
        days(DateRule::week_end(0), "2019-04-15", "2019-04-26"),
        ["2019-04-18", "2019-04-26"]
    );
}

#[test]
fn months() {
    assert_eq!(
        days(DateRule::month_start(0), "2019-01-01", "2019-06-30"),
        ["2019-01-02", "2019-02-01", "2019-03-01", "2019-04-01", "2019-05-01", "2019-06-03"]
    );
    assert_eq!(
        days(DateRule::month_end(0), "2019-01-01", "2019-06-30"),
        ["2019-01-31", "2019-02-28", "2019-03-29", "2019-04-30", "2019-05-31", "2019-06-28"]
    );
    assert_eq!(days(DateRule::month_end(2), "2019-05-01", "2019-05-31"), ["2019-05-29"]);
    // February 2019 had 19 sessions, October 23: only October has a session after 22 others.
    assert_eq!(days(DateRule::month_start(22), "2019-01-01", "2019-12-31"), ["2019-10-31"]);
    assert!(days(DateRule::month_start(19), "2019-02-01", "2019-02-28").is_empty());
}

#[test]
fn a_rule_counts_the_calendar_not_the_run() {
    assert_eq!(days(DateRule::month_start(0), "2019-01-03", "2019-01-31"), Vec::<String>::new());
}

#[test]
fn half_days_can_be_left_out() {
    // Early closes: the days after Thanksgiving and before Christmas.
    let rule = DateRule::every_day().except_half_days();
    assert_eq!(days(rule, "2019-11-27", "2019-12-02"), ["2019-11-27", "2019-12-02"]);
    assert_eq!(days(DateRule::every_day(), "2019-11-27", "2019-12-02").len(), 3);
    assert_eq!(days(rule, "2019-12-23", "2019-12-26"), ["2019-12-23", "2019-12-26"]);
}

#[test]
fn offsets_have_limits() {
    assert!(DateRule::week_start(4).check().is_ok() && DateRule::month_end(22).check().is_ok());
    assert!(DateRule::week_end(5).check().is_err() && DateRule::month_start(23).check().is_err());
    assert!(TimeRule::MarketOpen { hours: 12, minutes: 0 }.check().is_ok());
    assert!(TimeRule::MarketOpen { hours: 12, minutes: 1 }.check().is_err());
    assert!(TimeRule::MarketClose { hours: 0, minutes: 0 }.check().is_err());
}

/// The bars of a session at which a rule holds, as their closing instants.
fn bars(rule: TimeRule, name: &str, session: &str) -> Vec<String> {
    let calendar = calendar(name).unwrap();
    let session = session.parse().unwrap();
    let (open, close) = (calendar.open(session).unwrap(), calendar.close(session).unwrap());
    let mut last = open;
    let mut found = Vec::new();
    for minute in calendar.session_minutes(session, rustybt_calendars::Side::Left).unwrap() {
        let now = minute.plus_minutes(1);
        if rule.holds(open, close, last, now) {
            found.push(now.to_string());
        }
        last = now;
    }
    found
}

#[test]
fn minutes_from_the_open_and_to_the_close() {
    let ten = TimeRule::MarketOpen { hours: 0, minutes: 10 };
    assert_eq!(bars(ten, "XNYS", "2019-01-10"), ["2019-01-10T14:40Z"]);
    assert_eq!(bars(TimeRule::market_open(), "XNYS", "2019-07-10"), ["2019-07-10T13:31Z"]);
    let five = TimeRule::MarketClose { hours: 0, minutes: 5 };
    assert_eq!(bars(five, "XNYS", "2019-01-10"), ["2019-01-10T20:55Z"]);
    // A half day closes at 13:00 New York, 18:00 UTC.
    assert_eq!(bars(five, "XNYS", "2019-11-29"), ["2019-11-29T17:55Z"]);
    assert_eq!(bars(TimeRule::EveryMinute, "XNYS", "2019-11-29").len(), 210);
}

#[test]
fn an_hour_beyond_a_half_day_never_comes() {
    let rule = TimeRule::MarketOpen { hours: 5, minutes: 0 };
    assert_eq!(bars(rule, "XNYS", "2019-11-27"), ["2019-11-27T19:30Z"]);
    assert!(bars(rule, "XNYS", "2019-11-29").is_empty());
    assert!(bars(TimeRule::MarketClose { hours: 4, minutes: 0 }, "XNYS", "2019-11-29").is_empty());
}

#[test]
fn lunch_is_waited_for() {
    // Hong Kong: 09:30 to 12:00 and 13:00 to 16:00, eight hours ahead of UTC.
    let rule = TimeRule::MarketOpen { hours: 3, minutes: 0 };
    assert_eq!(bars(rule, "XHKG", "2020-03-09"), ["2020-03-09T05:01Z"]);
}
