//! Timelines against labels that were listed by other means.

use rustybt_calendars::{Side, calendar};

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
