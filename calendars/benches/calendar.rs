//! How fast a calendar is made and asked. Run with `cargo bench -p rustybt-calendars`.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench may panic, and its entry points need no docs"
)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rustybt_calendars::{Calendar, Direction, Session, Side, Timestamp, calendar};

const XNYS: &str = include_str!("../data/exchange/xnys.toml");
const XHKG: &str = include_str!("../data/exchange/xhkg.toml");
const QUESTIONS: usize = 100_000;

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
