//! Timelines against labels that were listed by other means.

use rustybt_calendars::{Direction, Side, calendar};

use super::*;

fn day(text: &str) -> Session {
    text.parse().unwrap()
}

/// The week of Thanksgiving 2019: closed on Thursday, half a day on Friday.
fn week(build: impl Fn(Arc<Calendar>, Session, Session) -> Result<Timeline, Error>) -> Timeline {
    build(calendar("XNYS").unwrap(), day("2019-11-24"), day("2019-12-01")).unwrap()
}

/// The laws of a timeline whose labels were listed by other means.
fn check(timeline: &Timeline, labels: &[Timestamp], sessions: &[Session], known: &[Timestamp]) {
    assert_eq!(timeline.len(), labels.len());
    for (row, label) in labels.iter().enumerate() {
        assert_eq!(timeline.label(row), Some(*label));
        assert_eq!(timeline.row_of(*label), Some(row));
        assert_eq!(timeline.row_of(label.plus_nanos(1)), None);
        assert_eq!(timeline.session(row), Some(sessions[row]));
        assert!(timeline.rows_of_session(sessions[row]).unwrap().contains(&row));
        assert_eq!(timeline.known_at(row), Some(known[row]));
        assert_eq!(timeline.known_rows(known[row]), row + 1);
        assert_eq!(timeline.known_rows(known[row].plus_nanos(-1)), row);
    }
    let rows = labels.len();
    assert_eq!(
        (timeline.label(rows), timeline.session(rows), timeline.known_at(rows)),
        (None, None, None)
    );
    assert_eq!(timeline.known_rows(Timestamp::MIN), 0);
    assert_eq!(timeline.known_rows("2030-01-01T00:00Z".parse().unwrap()), rows);
    for a in 20..34 {
        for b in a..34 {
            let (start, end) = (day("2019-11-01").plus_days(a), day("2019-11-01").plus_days(b));
            let listed: Vec<usize> =
                (0..rows).filter(|&row| start <= sessions[row] && sessions[row] <= end).collect();
            let found = timeline.rows_between(start, end);
            assert_eq!(found.clone().collect::<Vec<_>>(), listed, "{start} to {end}");
        }
    }
}

#[test]
fn days_are_the_sessions() {
    let timeline = week(Timeline::daily);
    let calendar = timeline.calendar().clone();
    let days = ["2019-11-25", "2019-11-26", "2019-11-27", "2019-11-29"].map(day);
    let closes = days.map(|day| calendar.close(day).unwrap());
    check(&timeline, &days.map(Session::midnight), &days, &closes);
    assert_eq!(timeline.row_of_session(day("2019-11-28")), None);
    assert_eq!(timeline.row_of_session(day("2019-12-02")), None);
    assert!(!timeline.ended("2019-12-02T20:59Z".parse().unwrap()));
    assert!(timeline.ended("2019-12-02T21:00Z".parse().unwrap()));
}

#[test]
fn minutes_are_the_trading_minutes() {
    let timeline = week(Timeline::minutes);
    let calendar = timeline.calendar().clone();
    let mut labels = Vec::new();
    let mut sessions = Vec::new();
    for day in ["2019-11-25", "2019-11-26", "2019-11-27", "2019-11-29"].map(day) {
        let minutes: Vec<_> = calendar.session_minutes(day, Side::Left).unwrap().collect();
        sessions.extend(minutes.iter().map(|_| day));
        labels.extend(minutes);
    }
    assert_eq!(labels.len(), 3 * 390 + 210);
    let known: Vec<_> = labels.iter().map(|label| label.plus_minutes(1)).collect();
    check(&timeline, &labels, &sessions, &known);
    assert!(timeline.ended("2019-12-02T14:31Z".parse().unwrap()));
    assert!(!timeline.ended("2019-12-02T14:30Z".parse().unwrap()));
    assert_eq!(timeline.days().len(), 4);
}

#[test]
fn a_range_without_sessions_is_refused() {
    let xnys = calendar("XNYS").unwrap();
    let error = Timeline::daily(xnys, day("2019-11-30"), day("2019-12-01")).unwrap_err();
    assert_eq!(error.to_string(), "XNYS has no session from 2019-11-30 to 2019-12-01");
}

/// The bars of so many minutes, listed minute by minute: they begin anew after every gap.
fn listed(calendar: &Calendar, days: &[Session], minutes: i64) -> Vec<(Timestamp, Timestamp)> {
    let mut bars: Vec<(Timestamp, Timestamp)> = Vec::new();
    let mut left = 0;
    for &day in days {
        left = 0;
        for open in calendar.session_minutes(day, Side::Left).unwrap() {
            match bars.last_mut() {
                Some((_, close)) if left > 0 && *close == open => *close = open.plus_minutes(1),
                _ => {
                    bars.push((open, open.plus_minutes(1)));
                    left = minutes;
                }
            }
            left -= 1;
        }
    }
    assert!(left >= 0);
    bars
}

#[test]
fn bars_of_several_minutes_begin_anew_at_each_open_and_after_each_break() {
    for (name, start, end) in [
        ("XNYS", "2019-11-25", "2019-12-02"), // an early close
        ("XHKG", "2019-12-20", "2020-01-03"), // breaks, and half days without one
        ("CMES", "2020-03-05", "2020-03-10"), // overnight, over the change of clocks
        ("24/7", "2020-03-05", "2020-03-07"),
    ] {
        let calendar = calendar(name).unwrap();
        let minutes = Timeline::minutes(calendar.clone(), day(start), day(end)).unwrap();
        for text in ["2m", "7m", "5m", "30m", "1h", "90m", "4h", "48h"] {
            let frequency: Frequency = text.parse().unwrap();
            let bars = Timeline::new(calendar.clone(), frequency, day(start), day(end)).unwrap();
            let step = i64::from(frequency.minutes().unwrap());
            let expected = listed(&calendar, bars.sessions(), step);
            assert_eq!(bars.len(), expected.len(), "{name} {text}");
            let mut minute = 0;
            for (row, &(open, close)) in expected.iter().enumerate() {
                assert_eq!(bars.label(row), Some(open), "{name} {text}");
                assert_eq!(bars.known_at(row), Some(close), "{name} {text}");
                assert_eq!(bars.row_of(open), Some(row));
                assert_eq!(bars.row_of(open.plus_minutes(1)), (step == 1).then_some(row + 1));
                assert_eq!(bars.known_rows(close), row + 1);
                assert_eq!(bars.known_rows(close.plus_nanos(-1)), row);
                let session = calendar.minute_to_session(open, Direction::None, Side::Left);
                assert_eq!(bars.session(row), session.ok());
                assert!(bars.rows_of_session(bars.session(row).unwrap()).unwrap().contains(&row));
                let length = (close.minutes() - open.minutes()) as usize;
                assert_eq!(bars.rows_under(row, &minutes), minute..minute + length);
                minute += length;
            }
            assert_eq!((bars.label(bars.len()), bars.known_at(bars.len())), (None, None));
        }
    }
}

#[test]
fn bars_of_bars_are_those_of_minutes() {
    let calendar = calendar("XHKG").unwrap();
    let new = |text: &str| {
        let frequency = text.parse().unwrap();
        Timeline::new(calendar.clone(), frequency, day("2019-12-20"), day("2020-01-03")).unwrap()
    };
    let (minutes, fives) = (new("1m"), new("5m"));
    for text in ["15m", "1h", "2h", "1d", "2d", "1w", "1M"] {
        let bars = new(text);
        for row in 0..bars.len() {
            let of = |rows: Range<usize>| -> Vec<usize> {
                rows.flat_map(|five| fives.rows_under(five, &minutes)).collect()
            };
            let expected: Vec<usize> = bars.rows_under(row, &minutes).collect();
            assert_eq!(of(bars.rows_under(row, &fives)), expected, "{text} {row}");
        }
    }
}

#[test]
fn weeks_and_months_are_those_of_the_wall_calendar() {
    // Wednesday to Wednesday, over the end of a month.
    let (start, end) = (day("2019-11-20"), day("2019-12-04"));
    let timeline = |text: &str| {
        Timeline::new(calendar("XNYS").unwrap(), text.parse().unwrap(), start, end).unwrap()
    };
    let listed = |text: &str| -> Vec<String> {
        let bars = timeline(text);
        (0..bars.len())
            .map(|row| {
                let days = bars.rows_under(row, &timeline("1d"));
                let (first, last) = (bars.session(row).unwrap(), bars.last_session(row).unwrap());
                assert_eq!(bars.row_of(first.midnight()), Some(row));
                assert_eq!(bars.known_at(row), bars.calendar().close(last).ok());
                assert_eq!(bars.known_rows(bars.known_at(row).unwrap()), row + 1);
                format!("{first} {last} {}..{}", days.start, days.end)
            })
            .collect()
    };
    let weeks =
        ["2019-11-18 2019-11-22 0..3", "2019-11-25 2019-11-29 3..7", "2019-12-02 2019-12-06 7..10"];
    assert_eq!(listed("1w"), weeks);
    assert_eq!(listed("1M"), ["2019-11-01 2019-11-29 0..7", "2019-12-02 2019-12-31 7..10"]);
    assert_eq!(listed("3M"), ["2019-10-01 2019-12-31 0..10"]);
    let threes = [
        "2019-11-20 2019-11-22 0..3",
        "2019-11-25 2019-11-27 3..6",
        "2019-11-29 2019-12-03 6..9",
        "2019-12-04 2019-12-06 9..10",
    ];
    assert_eq!(listed("3d"), threes, "counted from the first session of the table");
    let weeks = timeline("1w");
    assert_eq!(weeks.rows_between(day("2019-11-23"), day("2019-12-01")), 1..2);
    assert_eq!(weeks.rows_between(day("2019-11-01"), day("2019-11-19")), 0..0);
    assert_eq!(weeks.rows_between(day("2019-11-22"), day("2019-12-02")), 0..3);
    assert_eq!(weeks.row_of_session(day("2019-11-26")), Some(1));
    assert_eq!(weeks.row_of_session(day("2019-11-19")), None);
}
