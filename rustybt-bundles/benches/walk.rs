//! Walking forward through years of minutes: `cargo bench -p rustybt-bundles --bench walk`.
//!
//! Four assets over six years, of 390 minutes a day: at each turn of a year every asset and field goes over
//! to another tile. Each call is timed by itself, the clock's own 20 to 30 ns included, and its place among
//! all is printed: what matters is the slowest. The first call of each asset and question opens
//! its first tile and is left out. The goals: the 99th percentile within ten times the median, the worst 5 ms.
#![expect(clippy::print_stdout, reason = "what a bench is for")]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustybt_bundles::{At, BundleName, IngestOptions, Store};
use rustybt_calendars::{Calendar, calendar};
use rustybt_data::{
    AssetRecord, Clocking, Delivery, ExactColumn, Field, Frequency, Part, Quote, RawBars,
    Selection, Sid, Source, SourceError, Stamps, Survey,
};

const ASSETS: usize = 4;
const MINUTES: usize = 390;

fn main() {
    // `cargo test` only looks whether it runs.
    let years = if std::env::args().any(|it| it == "--bench") { 2018..=2023 } else { 2023..=2023 };
    let market = Market { calendar: xnys(), years };
    let folder = tempfile::tempdir().expect("a folder");
    ingest(folder.path(), &market);
    println!("                                p50      p99    p99.9       worst   calls");
    walk(folder.path(), &market, "nothing on disk");
    walk(folder.path(), &market, "tiles on disk");
}

/// Every minute of the years, in order, with four questions each.
fn walk(root: &Path, market: &Market, what: &str) {
    let store = Store::open(root).expect("a store");
    let portal = store.bundle(&name(), At::Latest).expect("a bundle").portal().expect("a portal");
    let sids: Vec<Sid> = (0..ASSETS as u32).map(Sid).collect();
    let (mut current, mut window) = (Vec::new(), Vec::new());
    for (turn, open) in market.openings().enumerate() {
        for minute in 0..MINUTES as i64 {
            let data = portal.at(open.plus_minutes(minute + 1), Clocking::Minute);
            for &sid in &sids {
                let start = Instant::now();
                black_box(data.current(sid, black_box(Quote::CLOSE)).expect("a value"));
                current.push(start.elapsed().as_nanos() as u64);
                if turn > 0 {
                    let start = Instant::now();
                    black_box(data.window(sid, black_box(Quote::VOLUME), 20).expect("a window"));
                    window.push(start.elapsed().as_nanos() as u64);
                }
            }
        }
    }
    report(&format!("{what}: current"), current.split_off(ASSETS));
    report(&format!("{what}: 20 bars"), window.split_off(ASSETS));
}

fn report(what: &str, mut nanos: Vec<u64>) {
    nanos.sort_unstable();
    let at = |part: f64| nanos[((nanos.len() - 1) as f64 * part) as usize] as f64;
    let (median, p99, most, worst) = (at(0.5), at(0.99), at(0.999), at(1.0));
    println!(
        "{what:26} {median:6.0} ns {p99:5.0} ns {most:5.0} ns {:8.3} ms {:7}   p99 / p50 {:.1}",
        worst / 1e6,
        nanos.len(),
        p99 / median,
    );
}

/// A source that makes its bars when it is asked for them.
#[derive(Debug)]
struct Market {
    calendar: Arc<Calendar>,
    years: std::ops::RangeInclusive<i32>,
}

impl Market {
    /// When each session opens; half days are left out.
    fn openings(&self) -> impl Iterator<Item = rustybt_calendars::Timestamp> {
        let year = |year: i32| format!("{year}-01-01").parse().expect("a date");
        let first = self.calendar.index_at_or_after(year(*self.years.start())).expect("a day");
        let last = self.calendar.index_at_or_after(year(self.years.end() + 1)).expect("a day");
        (first..last).filter_map(|day| {
            let (open, close) = (self.calendar.open_at(day)?, self.calendar.close_at(day)?);
            (open.plus_minutes(MINUTES as i64) == close).then_some(open)
        })
    }
}

impl Source for Market {
    fn name(&self) -> &'static str {
        "walk"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let record = |asset| AssetRecord { symbol: format!("A{asset}"), ..AssetRecord::default() };
        let part = |asset: usize| Part {
            name: asset.to_string(),
            asset,
            frequency: Frequency::MINUTE,
            bytes: 0,
        };
        let (assets, parts) = ((0..ASSETS).map(record).collect(), (0..ASSETS).map(part).collect());
        Ok(Survey { assets, parts, ..Survey::default() })
    }

    fn fetch(&self, part: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let mut state = 0x2545_f491_4f6c_dd1d_u64 + part.asset as u64;
        let mut next = move |below: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below) as i64
        };
        let mut stamps = Vec::new();
        let mut fields = [const { Vec::new() }; 5];
        let mut close = 10_000 + next(20_000);
        for open in self.openings() {
            for minute in 0..MINUTES {
                let begin = close + next(5) - 2;
                close = (begin + next(41) - 20).max(100);
                let (high, low) = (begin.max(close) + next(12), begin.min(close) - next(12));
                stamps.push(open.plus_minutes(minute as i64));
                let bar = [begin, high, low, close, 100 * next(400)];
                fields.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
            }
        }
        let scaled = |field: Field, values| {
            let scale = if field.is_price() { 2 } else { 0 };
            ExactColumn::from_mantissas(scale, values).expect("a column")
        };
        let columns = Field::OHLCV.into_iter().zip(fields);
        let columns = columns.map(|(field, values)| (field, scaled(field, values))).collect();
        let rows = stamps.len() as u64;
        let bars = RawBars { stamps: Stamps::Instants(stamps), columns, lines: Vec::new() };
        Ok(Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes: Vec::new(), rows })
    }
}

fn xnys() -> Arc<Calendar> {
    calendar("XNYS").expect("a calendar")
}

fn name() -> BundleName {
    "walk".parse().expect("a name")
}

fn ingest(root: &Path, market: &Market) {
    let store = Store::open_or_create(root).expect("a store");
    let selection =
        Selection { symbols: None, start: None, end: None, frequency: None, calendar: xnys() };
    let options = IngestOptions::new(selection, "2026-01-02T00:00Z".parse().expect("an instant"));
    store.ingest(&name(), market, &options, &|_| {}).expect("an ingest");
}
