//! Minute bars, appends and openings: `cargo bench -p rustybt-bundles --bench minute`.
//!
//! The market is 50 assets over 20 days of 390 minutes. The source has them in memory.

use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use divan::{Bencher, counter::ItemsCount};
use rustybt_bundles::{At, BundleName, IngestOptions, Store};
use rustybt_calendars::{Calendar, calendar};
use rustybt_data::{
    AssetRecord, BarReader, BarReaderExt, Clocking, Delivery, ExactColumn, Field, Frequency,
    HistoryQuery, Part, Quote, RawBars, Selection, Sid, Source, SourceError, Stamps, Survey,
};

const ASSETS: usize = 50;
const DAYS: usize = 20;
const MINUTES: usize = 390;

fn main() {
    divan::main();
}

fn xnys() -> Arc<Calendar> {
    calendar("XNYS").expect("a calendar")
}

/// Some days of every asset, made before the clock runs.
#[derive(Debug)]
struct Days(Vec<RawBars>);

impl Days {
    fn new(days: std::ops::Range<usize>) -> Self {
        Self::of(ASSETS, days)
    }

    fn of(assets: usize, days: std::ops::Range<usize>) -> Self {
        Self((0..assets).map(|asset| minutes(asset, days.clone())).collect())
    }

    fn rows(&self) -> usize {
        self.0.iter().map(RawBars::len).sum()
    }
}

fn minutes(asset: usize, days: std::ops::Range<usize>) -> RawBars {
    let calendar = xnys();
    let first = calendar.index_at_or_after("2024-03-11".parse().expect("a date")).expect("a day");
    let mut state = 0x2545_f491_4f6c_dd1d_u64 + asset as u64;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below) as i64
    };
    let mut stamps = Vec::new();
    let mut fields = [const { Vec::new() }; 5];
    let mut close = 10_000 + next(20_000);
    for day in 0..days.end {
        let open = calendar.open_at(first + day).expect("an opening");
        for minute in 0..MINUTES {
            let begin = close + next(5) - 2;
            close = (begin + next(41) - 20).max(100);
            let (high, low) = (begin.max(close) + next(12), begin.min(close) - next(12));
            let bar = [begin, high, low, close, 100 * next(400)];
            if day >= days.start {
                stamps.push(open.plus_minutes(minute as i64));
                fields.iter_mut().zip(bar).for_each(|(column, value)| column.push(value));
            }
        }
    }
    let scaled = |field: Field, values| {
        let scale = if field.is_price() { 2 } else { 0 };
        ExactColumn::from_mantissas(scale, values).expect("a column")
    };
    let columns = Field::OHLCV.into_iter().zip(fields);
    let columns = columns.map(|(field, values)| (field, scaled(field, values))).collect();
    RawBars { stamps: Stamps::Instants(stamps), columns, lines: Vec::new() }
}

impl Source for Days {
    fn name(&self) -> &'static str {
        "days"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let record = |asset| AssetRecord { symbol: format!("A{asset}"), ..AssetRecord::default() };
        let part = |asset: usize| Part {
            name: asset.to_string(),
            asset,
            frequency: Frequency::MINUTE,
            bytes: 0,
        };
        let all = 0..self.0.len();
        let (assets, parts) = (all.clone().map(record).collect(), all.map(part).collect());
        Ok(Survey { assets, parts, ..Survey::default() })
    }

    fn fetch(&self, part: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let bars = self.0[part.asset].clone();
        let rows = bars.len() as u64;
        Ok(Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes: Vec::new(), rows })
    }
}

fn name() -> BundleName {
    "bench".parse().expect("a name")
}

fn ingest(root: &Path, days: &Days) -> Store {
    let store = Store::open_or_create(root).expect("a store");
    let selection =
        Selection { symbols: None, start: None, end: None, frequency: None, calendar: xnys() };
    let options = IngestOptions::new(selection, "2026-01-02T00:00Z".parse().expect("an instant"));
    let report = store.ingest(&name(), days, &options, &|_| {}).expect("an ingest");
    assert_eq!(report.rows_stored as usize, days.rows());
    store
}

fn all() -> &'static Days {
    static ALL: OnceLock<Days> = OnceLock::new();
    ALL.get_or_init(|| Days::new(0..DAYS))
}

fn stored() -> &'static (tempfile::TempDir, Store) {
    static STORED: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    STORED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let store = ingest(folder.path(), all());
        (folder, store)
    })
}

#[divan::bench(sample_count = 5)]
fn ingest_minutes(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(all().rows()))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_refs(|folder| ingest(folder.path(), all()));
}

#[divan::bench(sample_count = 5)]
fn ingest_minutes_again(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    bencher.counter(ItemsCount::new(all().rows())).bench(|| ingest(folder.path(), all()));
}

/// One more day of every asset.
#[divan::bench(sample_count = 5)]
fn append_one_day(bencher: Bencher<'_, '_>) {
    let (before, last) = (Days::new(0..DAYS - 1), Days::new(DAYS - 1..DAYS));
    bencher
        .counter(ItemsCount::new(last.rows()))
        .with_inputs(|| {
            let folder = tempfile::tempdir().expect("a folder");
            ingest(folder.path(), &before);
            folder
        })
        .bench_refs(|folder| ingest(folder.path(), &last));
}

#[divan::bench(sample_count = 20)]
fn open(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    bencher.bench(|| {
        let store = Store::open(folder.path()).expect("a store");
        store.bundle(&name(), At::Latest).expect("a bundle").minute().expect("bars")
    });
}

fn reader() -> Arc<dyn BarReader> {
    stored().1.bundle(&name(), At::Latest).expect("a bundle").minute().expect("bars")
}

/// One day of one asset, every field, exact: out of the Parquet file.
#[divan::bench]
fn one_day_exact(bencher: Bencher<'_, '_>) {
    let reader = reader();
    let mut turn = 0;
    bencher.counter(ItemsCount::new(MINUTES)).bench_local(|| {
        turn += 1;
        let (sid, day) = (Sid((turn % ASSETS) as u32), turn % DAYS);
        let rows = day * MINUTES..(day + 1) * MINUTES;
        Field::OHLCV.map(|field| reader.exact(field, sid, rows.clone()).expect("exact values"))
    });
}

/// One day of one asset, every field, as doubles.
fn one_day(reader: &Arc<dyn BarReader>, turn: usize, out: &mut [f64]) -> f64 {
    let (sid, day) = (Sid((turn % ASSETS) as u32), turn % DAYS);
    let rows = day * MINUTES..(day + 1) * MINUTES;
    let mut sum = 0.0;
    for field in Field::OHLCV {
        reader.copy(field, black_box(sid), rows.clone(), black_box(out)).expect("a copy");
        sum += out.iter().sum::<f64>();
    }
    sum
}

/// Every tile there can be.
fn lay_out(reader: &Arc<dyn BarReader>) {
    let mut out = vec![0.0; MINUTES];
    for asset in 0..ASSETS {
        black_box(one_day(reader, asset, &mut out));
    }
}

/// Out of tiles that are mapped already.
#[divan::bench]
fn one_day_again(bencher: Bencher<'_, '_>) {
    let (reader, mut out, mut turn) = (reader(), vec![0.0; MINUTES], 0);
    lay_out(&reader);
    bencher.counter(ItemsCount::new(MINUTES)).bench_local(|| {
        turn += 1;
        one_day(&reader, turn, &mut out)
    });
}

/// The first day that a program asks for: out of tiles that another one left on the disk.
#[divan::bench]
fn one_day_at_first(bencher: Bencher<'_, '_>) {
    let (mut out, mut turn) = (vec![0.0; MINUTES], 0);
    lay_out(&reader());
    bencher.counter(ItemsCount::new(MINUTES)).with_inputs(reader).bench_local_values(|reader| {
        turn += 1;
        one_day(&reader, turn, &mut out)
    });
}

/// The same where there are no tiles: decoded, and laid out for the next time.
#[divan::bench]
fn one_day_without_tiles(bencher: Bencher<'_, '_>) {
    let (root, mut out, mut turn) = (stored().0.path(), vec![0.0; MINUTES], 0);
    let emptied = || {
        let _ = std::fs::remove_dir_all(root.join("tiles"));
        reader()
    };
    bencher.counter(ItemsCount::new(MINUTES)).with_inputs(emptied).bench_local_values(|reader| {
        turn += 1;
        one_day(&reader, turn, &mut out)
    });
}

/// A strategy's day: at each of 390 minutes, the last 390 closes of every asset.
#[divan::bench(sample_count = 20)]
fn a_day_of_windows(bencher: Bencher<'_, '_>) {
    let bundle = stored().1.bundle(&name(), At::Latest).expect("a bundle");
    let portal = bundle.portal().expect("a portal");
    let sids: Vec<Sid> = (0..ASSETS as u32).map(Sid).collect();
    let query = HistoryQuery::new(&sids).fields(&[Quote::CLOSE]).bars(MINUTES);
    let query = query.frequency(Frequency::MINUTE);
    let first = portal.calendar().index_at_or_after("2024-03-25".parse().expect("a date"));
    let open = portal.calendar().open_at(first.expect("a day")).expect("an opening");
    let day = || {
        let mut sum = 0.0;
        for minute in 1..=MINUTES {
            let data = portal.at(open.plus_minutes(minute as i64), Clocking::Minute);
            let history = data.history(black_box(&query)).expect("a window");
            let closes = history.array(Quote::CLOSE).expect("what was asked for");
            assert_eq!(closes.dim(), (MINUTES, ASSETS));
            sum += closes[[MINUTES - 1, ASSETS - 1]];
        }
        sum
    };
    assert!(day() > 0.0);
    bencher.bench_local(day);
}

/// The same, window by window and lent where it lies.
#[divan::bench(sample_count = 20)]
fn a_day_of_lent_windows(bencher: Bencher<'_, '_>) {
    let bundle = stored().1.bundle(&name(), At::Latest).expect("a bundle");
    let portal = bundle.portal().expect("a portal");
    let first = portal.calendar().index_at_or_after("2024-03-25".parse().expect("a date"));
    let open = portal.calendar().open_at(first.expect("a day")).expect("an opening");
    let day = || {
        let mut sum = 0.0;
        for minute in 1..=MINUTES {
            let data = portal.at(open.plus_minutes(minute as i64), Clocking::Minute);
            for sid in 0..ASSETS as u32 {
                let window = data.window(black_box(Sid(sid)), Quote::CLOSE, MINUTES);
                sum += window.expect("a window").last().copied().expect("a close");
            }
        }
        sum
    };
    assert!(day() > 0.0);
    bencher.bench_local(day);
}

/// A year of one symbol, five fields, out of Parquet: as doubles and laid out for the next time.
#[divan::bench(sample_count = 10)]
fn a_year_without_tiles(bencher: Bencher<'_, '_>) {
    const YEAR: usize = 252;
    let folder = tempfile::tempdir().expect("a folder");
    let store = ingest(folder.path(), &Days::of(1, 0..YEAR));
    let emptied = || {
        let _ = std::fs::remove_dir_all(folder.path().join("tiles"));
        store.bundle(&name(), At::Latest).expect("a bundle").minute().expect("bars")
    };
    // Half days have fewer minutes.
    let mut out = vec![0.0; emptied().timeline().len()];
    bencher.with_inputs(emptied).bench_local_values(|reader| {
        let mut sum = 0.0;
        for field in Field::OHLCV {
            let rows = 0..out.len();
            reader.copy(field, Sid(0), rows, black_box(&mut out)).expect("a copy");
            sum += out.iter().sum::<f64>();
        }
        assert!(sum > 0.0);
        sum
    });
}
