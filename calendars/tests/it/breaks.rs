//! Sessions with several breaks, as futures in Shanghai have them.

use rustybt_calendars::{Calendar, Direction, Session, Side};

#[test]
fn a_session_may_begin_the_evening_before_and_pause_several_times() {
    let calendar = Calendar::from_toml(
        "futures.toml",
        "name = \"NIGHT_AND_DAY\"\nzone = \"Asia/Shanghai\"\nweek = \"Mon-Fri\"\n\
         bounds = [\"2024-01-01\", \"2024-12-31\"]\nverified = [\"2024-01-01\", \"2024-12-31\"]\n\
         [[hours]]\nopen = \"21:00 -1d\"\nclose = \"15:00\"\n\
         breaks = [[\"23:00 -1d\", \"09:00\"], [\"10:15\", \"10:30\"], [\"11:30\", \"13:30\"]]\n",
    )
    .unwrap();
    let session: Session = "2024-03-06".parse().unwrap();
    assert_eq!(calendar.open(session).unwrap().to_string(), "2024-03-05T13:00Z");
    let breaks = calendar.breaks(session).unwrap();
    let shown: Vec<_> = breaks.iter().map(|(start, end)| format!("{start} {end}")).collect();
    assert_eq!(
        shown,
        [
            "2024-03-05T15:00Z 2024-03-06T01:00Z",
            "2024-03-06T02:15Z 2024-03-06T02:30Z",
            "2024-03-06T03:30Z 2024-03-06T05:30Z"
        ]
    );
    // Two hours at night, then 75, 60 and 90 minutes.
    let minutes: Vec<_> = calendar.session_minutes(session, Side::Left).unwrap().collect();
    assert_eq!(minutes.len(), 120 + 75 + 60 + 90);
    let walked = (0..).map(|n| calendar.minute_offset(minutes[0], n, Side::Left).unwrap());
    assert!(walked.zip(&minutes).take(minutes.len()).all(|(walked, &minute)| walked == minute));
    let at = |text: &str| text.parse().unwrap();
    for (instant, trades, pauses) in [
        ("2024-03-05T14:59Z", true, false),
        ("2024-03-05T15:00Z", false, true),
        ("2024-03-06T02:20Z", false, true),
        ("2024-03-06T02:30Z", true, false),
        ("2024-03-06T04:00Z", false, true),
        ("2024-03-06T07:00Z", false, false),
    ] {
        assert_eq!(calendar.is_trading_minute(at(instant), Side::Left), trades, "{instant}");
        assert_eq!(calendar.is_break_minute(at(instant), Side::Left), pauses, "{instant}");
    }
    let noon = at("2024-03-06T04:00Z");
    assert_eq!(calendar.minute_to_session(noon, Direction::None, Side::Left).unwrap(), session);
}
