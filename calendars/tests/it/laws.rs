//! What holds for every calendar, date and instant.

use proptest::prelude::*;
use rustybt_calendars::{
    Breaks, Calendar, Clock, Direction, Session, Side, Timestamp, TradingIndex, calendar, names,
};
use std::time::Duration;

const SIDES: [Side; 4] = [Side::Left, Side::Right, Side::Both, Side::Neither];

fn calendars() -> impl Strategy<Value = std::sync::Arc<Calendar>> {
    proptest::sample::select(names()).prop_map(|name| calendar(name).unwrap())
}

/// An instant from 1991 to 2048, on any nanosecond.
fn instants() -> impl Strategy<Value = Timestamp> {
    let year = 31_556_952_000_000_000_i64;
    prop_oneof![
        (21 * year..79 * year).prop_map(Timestamp::from_nanos),
        (21 * 525_949_i64..79 * 525_949).prop_map(Timestamp::from_minutes),
    ]
}

/// A calendar, and an instant about one of its sessions.
fn calendars_and_instants() -> impl Strategy<Value = (std::sync::Arc<Calendar>, Timestamp)> {
    (calendars(), indices(), -5_000..5_000_i64).prop_map(|(calendar, index, minutes)| {
        let near = 10 + index.index(calendar.sessions().len() - 20);
        let open = calendar.open_at(near).unwrap();
        (calendar, open.plus_minutes(minutes))
    })
}

fn indices() -> impl Strategy<Value = proptest::sample::Index> {
    any::<proptest::sample::Index>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn next_and_previous_are_inverse(calendar in calendars(), index in indices()) {
        let sessions = calendar.sessions();
        let i = index.index(sessions.len() - 1);
        prop_assert_eq!(calendar.next_session(sessions[i]).unwrap(), sessions[i + 1]);
        prop_assert_eq!(calendar.previous_session(sessions[i + 1]).unwrap(), sessions[i]);
        prop_assert_eq!(calendar.session_index(sessions[i]), Some(i));
    }

    #[test]
    fn a_date_finds_the_sessions_around_it((calendar, at) in calendars_and_instants()) {
        let date = at.date();
        let sessions = calendar.sessions();
        let after = sessions.partition_point(|&session| session < date);
        prop_assert_eq!(calendar.index_at_or_after(date), Some(after));
        prop_assert_eq!(calendar.index_at_or_before(date), Some(sessions.partition_point(|&s| s <= date) - 1));
        prop_assert_eq!(calendar.is_session(date), sessions.binary_search(&date).is_ok());
        prop_assert_eq!(calendar.date_to_session(date, Direction::Next).unwrap(), sessions[after]);
    }

    #[test]
    fn a_part_is_a_slice_of_the_whole(calendar in calendars(), a in instants(), b in instants(), at in instants()) {
        let (start, end) = (a.min(b).date(), a.max(b).date());
        let Ok(part) = calendar.between(start, end) else {
            prop_assert!(calendar.sessions_in_range(start, end).is_empty());
            return Ok(());
        };
        prop_assert_eq!(part.sessions(), calendar.sessions_in_range(start, end));
        let offset = calendar.session_index(part.first_session()).unwrap();
        for (i, &session) in part.sessions().iter().enumerate().step_by(97) {
            prop_assert_eq!(part.open_at(i), calendar.open_at(offset + i));
            prop_assert_eq!(part.close_at(i), calendar.close_at(offset + i));
            prop_assert_eq!(part.breaks_at(i), calendar.breaks_at(offset + i));
            prop_assert_eq!(part.why(session), calendar.why(session));
        }
        let before = calendar.minutes_before_session(offset);
        if let Some(position) = part.minute_position(at) {
            prop_assert_eq!(calendar.minute_position(at), Some(before + position));
        }
    }

    #[test]
    fn a_minute_lies_in_at_most_one_session(calendar in calendars(), at in instants()) {
        for side in [Side::Left, Side::Right] {
            let (day, minute) = (at.date(), Timestamp::from_minutes(at.minutes()));
            let holding: Vec<Session> = calendar
                .sessions_in_range(day.plus_days(-3), day.plus_days(3))
                .iter()
                .copied()
                .filter(|&s| calendar.first_minute(s, side).unwrap() <= minute && minute <= calendar.last_minute(s, side).unwrap())
                .collect();
            prop_assert!(holding.len() <= 1);
            prop_assert_eq!(holding.first().copied(), calendar.minute_to_session(minute, Direction::None, side).ok());
            prop_assert_eq!(!holding.is_empty(), calendar.is_open_on_minute(minute, side, Breaks::Open));
        }
    }

    #[test]
    fn positions_and_minutes_are_inverse(calendar in calendars(), index in indices(), at in instants()) {
        let total = calendar.minutes_before_session(calendar.sessions().len());
        let position = index.index(total as usize) as u64;
        let minute = calendar.minute_at(position).unwrap();
        prop_assert!(calendar.is_trading_minute(minute, Side::Left));
        prop_assert_eq!(calendar.minute_position(minute), Some(position));
        prop_assert_eq!(calendar.minute_at(total), None);
        if position + 1 < total {
            let next = calendar.next_minute(minute, Side::Left).unwrap();
            prop_assert_eq!(calendar.minute_at(position + 1), Some(next));
            prop_assert_eq!(calendar.previous_minute(next, Side::Left).unwrap(), minute);
        }
        prop_assert_eq!(
            calendar.minute_position(at).is_some(),
            at.is_whole_minute() && calendar.is_trading_minute(at, Side::Left)
        );
    }

    #[test]
    fn opens_and_closes_are_the_nearest((calendar, at) in calendars_and_instants()) {
        let count = calendar.sessions().len();
        let opens = (0..count).filter_map(|i| calendar.open_at(i));
        let closes = (0..count).filter_map(|i| calendar.close_at(i));
        prop_assert_eq!(calendar.next_open(at).ok(), opens.clone().find(|&open| open > at));
        prop_assert_eq!(calendar.previous_open(at).ok(), opens.take_while(|&open| open < at).last());
        prop_assert_eq!(calendar.next_close(at).ok(), closes.clone().find(|&close| close > at));
        prop_assert_eq!(calendar.previous_close(at).ok(), closes.take_while(|&close| close < at).last());
    }

    #[test]
    fn a_range_of_minutes_is_what_walking_finds(calendar in calendars(), start in instants(), span in 0..5_000_i64) {
        let end = start.plus_minutes(span);
        for side in SIDES {
            let walked: Vec<Timestamp> = (start.minutes()..=end.minutes())
                .map(Timestamp::from_minutes)
                .filter(|&at| at >= start && calendar.is_trading_minute(at, side))
                .collect();
            let minutes = calendar.minutes_in_range(start, end, side);
            // With both ends, a minute that two touching sessions share is counted for each of them.
            let touching = (0..20).any(|i| calendar.close_at(i) == calendar.open_at(i + 1));
            if side == Side::Both && touching {
                continue;
            }
            prop_assert_eq!(minutes.len(), walked.len());
            prop_assert_eq!(calendar.minutes_count(start, end, side), walked.len() as u64);
            prop_assert_eq!(minutes.collect::<Vec<_>>(), walked);
        }
    }

    #[test]
    fn windows_begin_or_end_at_their_start(calendar in calendars(), index in indices(), count in 1..40_i64) {
        let sessions = calendar.sessions();
        let i = 40 + index.index(sessions.len() - 80);
        let ahead = calendar.sessions_window(sessions[i], count).unwrap();
        let back = calendar.sessions_window(sessions[i], -count).unwrap();
        prop_assert_eq!((ahead.len() as i64, ahead[0]), (count, sessions[i]));
        prop_assert_eq!((back.len() as i64, back[back.len() - 1]), (count, sessions[i]));
        prop_assert_eq!(calendar.sessions_distance(back[0], sessions[i]).unwrap(), count);
        prop_assert_eq!(calendar.sessions_distance(ahead[ahead.len() - 1], sessions[i]).unwrap() < 0, count > 1);
        let minute = calendar.first_minute(sessions[i], Side::Left).unwrap();
        let ahead: Vec<_> = calendar.minutes_window(minute, 30 * count, Side::Left).unwrap().collect();
        let back: Vec<_> = calendar.minutes_window(minute, -30 * count, Side::Left).unwrap().collect();
        prop_assert_eq!((ahead.len() as i64, ahead[0]), (30 * count, minute));
        prop_assert_eq!((back.len() as i64, back[back.len() - 1]), (30 * count, minute));
    }

    #[test]
    fn the_same_time_of_day_goes_there_and_back(calendar in calendars(), index in indices(), n in 1..30_i64) {
        let total = calendar.minutes_before_session(calendar.sessions().len());
        let minute = calendar.minute_at(index.index(total as usize) as u64).unwrap();
        if let Ok(there) = calendar.minute_offset_by_sessions(minute, n, Side::Left, Clock::Local) {
            let (from, to) = (Direction::None, Side::Left);
            let base = calendar.minute_to_session(minute, from, to).unwrap();
            let goal = calendar.minute_to_session(there, from, to).unwrap();
            prop_assert_eq!(calendar.session_offset(base, n).unwrap(), goal);
            // From one regular session to another nothing is clamped, so that the way back ends where it began.
            let odd = |session| calendar.why(session).is_some();
            let local = |at: Timestamp| at.datetime().with_timezone(&calendar.zone()).time();
            if !odd(base) && !odd(goal) && local(minute) == local(there) {
                let back = calendar.minute_offset_by_sessions(there, -n, Side::Left, Clock::Local).unwrap();
                prop_assert_eq!(local(back), local(minute));
            }
        }
    }

    #[test]
    fn an_index_cuts_each_session_without_gaps(calendar in calendars(), index in indices(), minutes in 1..600_u64) {
        let sessions = calendar.sessions();
        let i = index.index(sessions.len() - 3);
        let cut = TradingIndex::every(Duration::from_secs(60 * minutes)).unwrap()
            .force_close(true)
            .force_break_close(true);
        let bars = cut.intervals(&calendar, sessions[i], sessions[i + 2]).unwrap();
        let traded: i64 = bars.iter().map(|bar| bar.right.minutes() - bar.left.minutes()).sum();
        prop_assert_eq!(traded as u64, calendar.sessions_minutes_count(sessions[i], sessions[i + 2], Side::Left));
        prop_assert!(bars.windows(2).all(|pair| pair[0].right <= pair[1].left));
        let points = cut.points(&calendar, sessions[i], sessions[i + 2]).unwrap();
        prop_assert_eq!(points, bars.iter().map(|bar| bar.left).collect::<Vec<_>>());
    }

    #[test]
    fn open_at_an_instant_is_open_on_its_minute(calendar in calendars(), at in instants()) {
        for breaks in [Breaks::Open, Breaks::Closed] {
            prop_assert_eq!(
                calendar.is_open_at(at, Side::Left, breaks),
                calendar.is_open_on_minute(at, Side::Left, breaks)
            );
            prop_assert_eq!(
                calendar.is_open_at(at, Side::Right, breaks),
                calendar.is_open_on_minute(at, Side::Right, breaks)
            );
        }
    }

    #[test]
    fn many_minutes_find_their_sessions_as_one_does(calendar in calendars(), at in instants(), step in 1..2_000_i64) {
        for side in SIDES {
            let minutes: Vec<Timestamp> = (0..20)
                .map(|i| Timestamp::from_minutes(at.minutes() + i * step))
                .filter(|&at| calendar.is_open_on_minute(at, side, Breaks::Open))
                .collect();
            let one_by_one: Vec<Session> = minutes
                .iter()
                .map(|&at| calendar.minute_to_session(at, Direction::None, side).unwrap())
                .collect();
            prop_assert_eq!(calendar.minutes_to_sessions(&minutes, side).unwrap(), one_by_one);
        }
    }

    #[test]
    fn nothing_panics_on_any_date_or_instant(calendar in calendars(), days: i32, nanos: i64, count: i64) {
        touch_everything(&calendar, Session::from_days(days), Timestamp::from_nanos(nanos), count);
    }

    #[test]
    fn dates_and_instants_survive_their_text(days in -719_528..2_932_897_i32, nanos: i64) {
        let (date, at) = (Session::from_days(days), Timestamp::from_nanos(nanos));
        prop_assert_eq!(date.to_string().parse::<Session>().unwrap(), date);
        prop_assert_eq!(at.to_string().parse::<Timestamp>().unwrap(), at);
        let json = serde_json::to_string(&(date, at)).unwrap();
        prop_assert_eq!(serde_json::from_str::<(Session, Timestamp)>(&json).unwrap(), (date, at));
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,40}") {
        let _ = (text.parse::<Session>(), text.parse::<Timestamp>(), calendar(&text));
        let _ = Calendar::from_toml("any.toml", &text);
    }
}

fn touch_everything(calendar: &Calendar, date: Session, at: Timestamp, count: i64) {
    let _ =
        (calendar.is_session(date), calendar.why(date), calendar.open(date), calendar.close(date));
    let _ = (calendar.next_session(date), calendar.previous_session(date), calendar.breaks(date));
    let _ = (calendar.index_at_or_before(date), calendar.index_at_or_after(date));
    let _ = (calendar.sessions_window(date, count), calendar.sessions_distance(date, at.date()));
    let _ =
        (calendar.sessions_in_range(date, at.date()), calendar.sessions_in_range(at.date(), date));
    let _ = (
        calendar.open_at(count as usize),
        calendar.close_at(count as usize),
        calendar.breaks_at(count as usize),
    );
    let _ = (calendar.minute_at(count as u64), calendar.minutes_before_session(count as usize));
    let _ = (
        calendar.next_open(at),
        calendar.previous_open(at),
        calendar.next_close(at),
        calendar.previous_close(at),
    );
    let _ = (calendar.minute_position(at), calendar.between(date, at.date()).is_ok());
    for direction in [Direction::Next, Direction::Previous, Direction::None] {
        let _ = calendar.date_to_session(date, direction);
        for side in SIDES {
            let _ = calendar.minute_to_session(at, direction, side);
        }
    }
    for side in SIDES {
        let _ = (calendar.is_trading_minute(at, side), calendar.is_break_minute(at, side));
        let _ = (calendar.next_minute(at, side), calendar.previous_minute(at, side));
        let _ = calendar.is_open_at(at, side, Breaks::Closed);
        let _ = (calendar.last_am_minute(date, side), calendar.first_pm_minute(date, side));
        let _ = calendar.minute_to_past_session(at, count as usize, side);
        let _ = calendar.minute_to_future_session(at, count as usize, side);
        let _ = calendar.minute_offset_by_sessions(at, count, side, Clock::Local);
        let _ = calendar.minute_offset_by_sessions(at, count, side, Clock::Utc);
        let _ = calendar.sessions_minutes_count(date, at.date(), side);
        let _ = (
            calendar.minutes_window(at, count, side).is_ok(),
            calendar.session_minutes(date, side).is_ok(),
        );
        let minutes = calendar.minutes_in_range(at, date.midnight(), side);
        assert!(minutes.len() < 50_000_000);
        assert!(minutes.take(3).count() <= 3);
    }
}

#[test]
fn nothing_panics_at_the_extremes() {
    for name in names() {
        let calendar = calendar(name).unwrap();
        let (first, last) = (calendar.first_session(), calendar.last_session());
        let ends = [calendar.open(first).unwrap(), calendar.close(last).unwrap()];
        let near = ends.into_iter().flat_map(|end| (-2..=2).map(move |n| end.plus_minutes(n)));
        let instants =
            [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX].map(Timestamp::from_nanos);
        for at in instants.into_iter().chain(near) {
            for date in [i32::MIN, i32::MIN + 1, 0, i32::MAX - 1, i32::MAX].map(Session::from_days)
            {
                for count in [i64::MIN, -1, 0, 1, i64::MAX] {
                    touch_everything(&calendar, date, at, count);
                }
            }
            touch_everything(&calendar, first, at, 2);
            touch_everything(&calendar, last, at, -2);
        }
    }
}
