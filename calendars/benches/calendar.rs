//! How fast a calendar is made and asked. Run with `cargo bench -p rustybt-calendars`.
//!
//! `benches/peer.py` asks `exchange_calendars` the same, by its vectorised calls where it has them; the names of the
//! benches are those of its lines.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench may panic, and its entry points need no docs"
)]

use std::time::Duration;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

use rustybt_calendars::{
    Breaks, Calendar, Direction, Session, Side, Timestamp, TradingIndex, calendar,
};

const XNYS: &str = include_str!("../data/exchange/xnys.toml");
const XHKG: &str = include_str!("../data/exchange/xhkg.toml");
const QUESTIONS: usize = 1_000_000;

fn main() {
    divan::main();
}

#[divan::bench]
fn construct_xnys() -> Calendar {
    Calendar::from_toml("xnys.toml", black_box(XNYS)).unwrap()
}

#[divan::bench]
fn construct_xhkg() -> Calendar {
    Calendar::from_toml("xhkg.toml", black_box(XHKG)).unwrap()
}

/// From 1990 to 2026 only, as the peer makes it: an overlay that changes nothing but the bounds.
#[divan::bench]
fn construct_xnys_1990_2026() -> Calendar {
    let text = "overlay = \"XNYS\"\nbounds = [\"1990-01-01\", \"2026-12-31\"]\n";
    Calendar::from_toml("range.toml", black_box(text)).unwrap()
}

/// Every exchange that is shipped, from its text.
#[divan::bench]
fn construct_all(bencher: Bencher<'_, '_>) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/exchange");
    let texts: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(texts.len() > 70);
    bencher.counter(ItemsCount::new(texts.len())).bench(|| {
        for text in &texts {
            black_box(Calendar::from_toml("one.toml", text).unwrap());
        }
    });
}

/// Scattered over 1990 to 2026, the same at each run.
fn scattered() -> impl Iterator<Item = u64> {
    let (first, last) = (631_152_000, 1_798_761_600);
    let mut state = 1_u64;
    std::iter::repeat_with(move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        first + (state >> 33) % (last - first)
    })
    .take(QUESTIONS)
}

fn instants() -> Vec<Timestamp> {
    scattered().map(|second| Timestamp::from_minutes(second as i64 / 60)).collect()
}

#[divan::bench]
fn is_session(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let dates: Vec<Session> = instants().into_iter().map(Timestamp::date).collect();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let count = dates.iter().filter(|&&date| xnys.is_session(date)).count();
        assert!(count > QUESTIONS / 2);
        count
    });
}

#[divan::bench]
fn minute_to_session(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let instants = instants();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let latest = instants
            .iter()
            .filter_map(|&at| xnys.minute_to_session(at, Direction::Next, Side::Left).ok())
            .max();
        assert!(latest.is_some());
        latest
    });
}

#[divan::bench(args = ["XNYS", "XHKG", "CMES"])]
fn minute_position(bencher: Bencher<'_, '_>, name: &str) {
    let calendar = calendar(name).unwrap();
    let instants = instants();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let trading = instants.iter().filter_map(|&at| calendar.minute_position(at)).count();
        assert!(trading > QUESTIONS / 10);
        trading
    });
}

#[divan::bench]
fn minute_at(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let total = xnys.minutes_before_session(xnys.sessions().len());
    let positions: Vec<u64> = scattered().map(|n| n % total).collect();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let found = positions.iter().filter_map(|&position| xnys.minute_at(position)).max();
        assert!(found.is_some());
        found
    });
}

#[divan::bench]
fn next_minute(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let instants = instants();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let latest = instants.iter().filter_map(|&at| xnys.next_minute(at, Side::Left).ok()).max();
        assert!(latest.is_some());
        latest
    });
}

#[divan::bench]
fn walk_all_minutes_of_a_year(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let (start, end) = ("2020-01-01T00:00Z".parse().unwrap(), "2020-12-31T23:59Z".parse().unwrap());
    bencher.counter(ItemsCount::new(98_280_usize)).bench(|| {
        let sum: i64 = xnys.minutes_in_range(start, end, Side::Left).map(Timestamp::minutes).sum();
        assert!(sum > 0);
        sum
    });
}

/// How many of a million instants have an answer; a bench of one question each.
fn ask<T>(bencher: Bencher<'_, '_>, question: impl Fn(&Calendar, Timestamp) -> Option<T> + Sync) {
    let xnys = calendar("XNYS").unwrap();
    let instants = instants();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let answered = instants.iter().filter_map(|&at| question(&xnys, at).map(black_box)).count();
        assert!(answered > QUESTIONS / 10);
        answered
    });
}

#[divan::bench]
fn is_open_on_minute(bencher: Bencher<'_, '_>) {
    ask(bencher, |xnys, at| xnys.is_open_on_minute(at, Side::Left, Breaks::Closed).then_some(()));
}

#[divan::bench]
fn is_open_at_time(bencher: Bencher<'_, '_>) {
    ask(bencher, |xnys, at| xnys.is_open_at(at, Side::Left, Breaks::Closed).then_some(()));
}

#[divan::bench]
fn next_open(bencher: Bencher<'_, '_>) {
    ask(bencher, |xnys, at| xnys.next_open(at).ok());
}

#[divan::bench]
fn previous_close(bencher: Bencher<'_, '_>) {
    ask(bencher, |xnys, at| xnys.previous_close(at).ok());
}

#[divan::bench]
fn minutes_to_sessions_sorted(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let first = xnys.minute_position("2010-01-04T14:30Z".parse().unwrap()).unwrap();
    let minutes: Vec<Timestamp> =
        (first..).take(QUESTIONS).map(|position| xnys.minute_at(position).unwrap()).collect();
    bencher
        .counter(ItemsCount::new(QUESTIONS))
        .bench(|| xnys.minutes_to_sessions(black_box(&minutes), Side::Left).unwrap());
}

#[divan::bench]
fn minutes_in_range_one_week(bencher: Bencher<'_, '_>) {
    let xnys = calendar("XNYS").unwrap();
    let (start, end) = ("2020-03-02T00:00Z".parse().unwrap(), "2020-03-08T23:59Z".parse().unwrap());
    bencher.bench(|| xnys.minutes_in_range(black_box(start), end, Side::Left).collect::<Vec<_>>());
}

/// Calendar, minutes of a period, first and last year.
const INDICES: [(&str, u64, &str, &str); 4] = [
    ("XNYS", 5, "2010-01-04", "2020-12-31"),
    ("XHKG", 5, "2010-01-04", "2020-12-31"),
    ("XNYS", 60, "1990-01-02", "2026-12-31"),
    ("XNYS", 1, "2020-01-02", "2020-12-31"),
];

#[divan::bench(args = 0..INDICES.len())]
fn trading_index_points(bencher: Bencher<'_, '_>, which: usize) {
    let (name, minutes, start, end) = INDICES[which];
    let calendar = calendar(name).unwrap();
    let (start, end): (Session, Session) = (start.parse().unwrap(), end.parse().unwrap());
    let index = TradingIndex::every(Duration::from_secs(60 * minutes)).unwrap();
    bencher.bench(|| index.points(black_box(&calendar), start, end).unwrap());
}

#[divan::bench(args = 0..INDICES.len())]
fn trading_index_intervals(bencher: Bencher<'_, '_>, which: usize) {
    let (name, minutes, start, end) = INDICES[which];
    let calendar = calendar(name).unwrap();
    let (start, end): (Session, Session) = (start.parse().unwrap(), end.parse().unwrap());
    let index = TradingIndex::every(Duration::from_secs(60 * minutes)).unwrap();
    bencher.bench(|| index.intervals(black_box(&calendar), start, end).unwrap());
}
