//! From the bytes of a CSV file to exact columns: `cargo bench -p rustybt-adapters`.
//!
//! The rows are asserted in the loop, so that a bench of a wrong answer fails.

use std::fmt::Write;

use divan::Bencher;
use divan::counter::BytesCount;
use rustybt_adapters::{BarFormat, Label, parse_bars};
use rustybt_calendars::Session;
use rustybt_data::{Frequency, Selection};

const ROWS: usize = 2500;

fn main() {
    divan::main();
}

/// Prices that wander between 10 and 200, as text with at most two digits behind the point.
fn prices() -> impl Iterator<Item = [String; 5]> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let mut close = 5_000_u64;
    std::iter::repeat_with(move || {
        let open = close + next(20);
        close = (open + next(200)).saturating_sub(100).clamp(1_000, 20_000);
        let (high, low) = (open.max(close) + next(50), open.min(close) - next(50));
        let price = |cents: u64| (cents as f64 / 100.0).to_string();
        [
            price(open),
            price(high),
            price(low),
            price(close),
            (100_000 + next(90_000_000)).to_string(),
        ]
    })
}

fn daily(quoted: bool) -> String {
    let mut text = "date,open,high,low,close,volume\n".to_owned();
    let first = Session::from_days(14_600);
    for (day, [open, high, low, close, volume]) in (0..).zip(prices().take(ROWS)) {
        let date = first.plus_days(day + 2 * (day / 5));
        let line = if quoted {
            writeln!(text, "\"{date}\",\"{open}\",\"{high}\",\"{low}\",\"{close}\",\"{volume}\"")
        } else {
            writeln!(text, "{date},{open},{high},{low},{close},{volume}")
        };
        line.expect("a string takes any text");
    }
    text
}

fn minutes() -> String {
    let mut text = "datetime,open,high,low,close,volume\n".to_owned();
    for (minute, [open, high, low, close, volume]) in (0..).zip(prices().take(ROWS)) {
        let date = Session::from_days(16_000 + minute / 390);
        let (hour, minute) = ((570 + minute % 390) / 60, (570 + minute % 390) % 60);
        writeln!(text, "{date} {hour:02}:{minute:02}:00,{open},{high},{low},{close},{volume}")
            .expect("a string takes any text");
    }
    text
}

fn bench(bencher: Bencher<'_, '_>, text: &str, frequency: Frequency) {
    let selection = Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: rustybt_calendars::calendar("XNYS").expect("a calendar that is shipped"),
    };
    let format = BarFormat {
        origin: "A.csv",
        symbol: "A",
        asset: 0,
        frequency,
        label: Label::Open,
        zone: None,
        selection: &selection,
    };
    bencher.counter(BytesCount::of_str(text)).bench(|| {
        let delivery = parse_bars(divan::black_box(text.as_bytes()), &format);
        assert_eq!((delivery.bars.len(), delivery.rejected.len()), (ROWS, 0));
        delivery
    });
}

#[divan::bench]
fn daily_rows(bencher: Bencher<'_, '_>) {
    bench(bencher, &daily(false), Frequency::DAILY);
}

#[divan::bench]
fn quoted_daily_rows(bencher: Bencher<'_, '_>) {
    bench(bencher, &daily(true), Frequency::DAILY);
}

#[divan::bench]
fn minute_rows(bencher: Bencher<'_, '_>) {
    bench(bencher, &minutes(), Frequency::MINUTE);
}
