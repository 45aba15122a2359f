//! How fast bundles are written and read: `cargo bench -p rustybt-bundles`.
//!
//! The market is 500 assets over ten years of days, about 1.1 million bars. The source has them in
//! memory, so that what is measured is the bundle and not a parser.

use std::hint::black_box;
use std::path::Path;
use std::sync::OnceLock;

use divan::{Bencher, counter::ItemsCount};
use rustybt_bundles::{At, BundleName, IngestOptions, Store};
use rustybt_calendars::Session;
use rustybt_data::{
    AdjustMode, AssetRecord, BarReader, BarReaderExt, DataPortal, Delivery, Field, Frequency,
    HistoryQuery, Part, Quote, RawBars, Selection, Sid, Source, SourceError, Survey, Synthetic,
    SyntheticConfig,
};

fn main() {
    divan::main();
}

/// A market whose bars are made before the clock runs.
#[derive(Debug)]
struct Ready {
    selection: Selection,
    records: Vec<AssetRecord>,
    bars: Vec<RawBars>,
    rows: usize,
}

impl Source for Ready {
    fn name(&self) -> &'static str {
        "ready"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let parts = (0..self.bars.len())
            .map(|asset| Part {
                name: asset.to_string(),
                asset,
                frequency: Frequency::DAILY,
                bytes: 0,
            })
            .collect();
        Ok(Survey { assets: self.records.clone(), parts, ..Survey::default() })
    }

    fn fetch(&self, part: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let bars = self.bars[part.asset].clone();
        let rows = bars.len() as u64;
        Ok(Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes: Vec::new(), rows })
    }
}

fn ready() -> &'static Ready {
    static READY: OnceLock<Ready> = OnceLock::new();
    READY.get_or_init(|| {
        let market = Synthetic::new(SyntheticConfig::default()).expect("a market");
        let assets: Vec<_> = (0..market.len()).filter_map(|asset| market.asset(asset)).collect();
        let calendar = market.calendar().clone();
        Ready {
            selection: Selection {
                symbols: None,
                start: None,
                end: None,
                frequency: None,
                calendar,
            },
            records: assets
                .iter()
                .map(|asset| AssetRecord { symbol: asset.symbol.clone(), ..AssetRecord::default() })
                .collect(),
            rows: assets.iter().map(|asset| asset.daily.len()).sum(),
            bars: assets.into_iter().map(|asset| asset.daily).collect(),
        }
    })
}

fn name() -> BundleName {
    "bench".parse().expect("a name")
}

fn ingest(root: &Path) -> Store {
    let store = Store::open_or_create(root).expect("a store");
    let now = "2026-01-02T00:00Z".parse().expect("an instant");
    let options = IngestOptions::new(ready().selection.clone(), now);
    let report = store.ingest(&name(), ready(), &options, &|_| {}).expect("an ingest");
    assert_eq!(report.rows_stored as usize, ready().rows);
    store
}

fn stored() -> &'static (tempfile::TempDir, Store) {
    static STORED: OnceLock<(tempfile::TempDir, Store)> = OnceLock::new();
    STORED.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let store = ingest(folder.path());
        (folder, store)
    })
}

#[divan::bench(sample_count = 5)]
fn ingest_first(bencher: Bencher<'_, '_>) {
    bencher
        .counter(ItemsCount::new(ready().rows))
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_refs(|folder| ingest(folder.path()));
}

#[divan::bench(sample_count = 5)]
fn ingest_the_same_again(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    bencher.counter(ItemsCount::new(ready().rows)).bench(|| ingest(folder.path()));
}

/// A new process with neither a tile nor a hashed file: open the store, read one asset's closes.
#[divan::bench(sample_count = 10)]
fn open_and_read_cold(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    bencher
        .with_inputs(|| {
            let _ = std::fs::remove_dir_all(folder.path().join("tiles"));
        })
        .bench_refs(|()| first_values(folder.path()));
}

/// The same once the tile is there.
#[divan::bench(sample_count = 10)]
fn open_and_read_warm(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    first_values(folder.path());
    bencher.bench(|| first_values(folder.path()));
}

/// All five tiles of the daily bars.
#[divan::bench(sample_count = 5)]
fn warm_all_fields(bencher: Bencher<'_, '_>) {
    let (folder, store) = stored();
    bencher
        .with_inputs(|| {
            let _ = std::fs::remove_dir_all(folder.path().join("tiles"));
            store.bundle(&name(), At::Latest).expect("a bundle")
        })
        .bench_refs(|bundle| bundle.warm(&Field::OHLCV).expect("tiles"));
}

fn first_values(root: &Path) -> f64 {
    let store = Store::open(root).expect("a store");
    let daily = store.bundle(&name(), At::Latest).expect("a bundle").daily().expect("bars");
    let row = daily.timeline().len() / 2;
    daily.run(Field::Close, Sid(7), row).expect("a run").values.iter().sum()
}

#[divan::bench]
fn current(bencher: Bencher<'_, '_>) {
    let daily = reader();
    let row = daily.timeline().len() / 2;
    let mut sid = 0;
    bencher.bench_local(|| {
        sid = (sid + 7) % 500;
        daily.run(Field::Close, black_box(Sid(sid)), black_box(row)).expect("a run").get(row)
    });
}

/// A portal with every tile mapped.
fn portal() -> DataPortal {
    let bundle = stored().1.bundle(&name(), At::Latest).expect("a bundle");
    bundle.warm(&Field::OHLCV).expect("tiles");
    bundle.portal().expect("a portal")
}

/// The later half of the market's sessions, over and over.
fn sessions(portal: &DataPortal) -> impl Iterator<Item = Session> {
    let all = portal.calendar().sessions();
    let middle = portal.calendar().index_at_or_after("2017-06-01".parse().expect("a date"));
    let middle = middle.expect("a session");
    all[middle..middle + 1000].iter().copied().cycle()
}

const QUOTES: [Quote; 5] = [Quote::OPEN, Quote::HIGH, Quote::LOW, Quote::CLOSE, Quote::VOLUME];

/// The five fields of 500 assets at one instant.
#[divan::bench]
fn current_of_all(bencher: Bencher<'_, '_>) {
    let portal = portal();
    let sids: Vec<Sid> = (0..500).map(Sid).collect();
    let mut sessions = sessions(&portal);
    bencher.bench_local(|| {
        let session = sessions.next().expect("a session");
        let data = portal.at_session(session).expect("a session");
        let now = data.current_many(black_box(&sids), &QUOTES).expect("known assets");
        assert_eq!(now.dim(), (500, 5));
        now
    });
}

/// 500 assets by 252 sessions through the portal, a later session each time.
#[divan::bench(args = [AdjustMode::None, AdjustMode::AsOf])]
fn history_500_by_252(bencher: Bencher<'_, '_>, mode: AdjustMode) {
    let portal = portal();
    let sids: Vec<Sid> = (0..500).map(Sid).collect();
    let mut sessions = sessions(&portal);
    let query = HistoryQuery::new(&sids).fields(&[Quote::CLOSE]).bars(252).adjust(mode);
    bencher.bench_local(|| {
        let session = sessions.next().expect("a session");
        let data = portal.at_session(session).expect("a session");
        let history = data.history(black_box(&query)).expect("a year of bars");
        assert_eq!(history.array(Quote::CLOSE).expect("what was asked for").dim(), (252, 500));
        history
    });
}

/// A year of 100 assets as a new process sees it: the store opened, nothing laid out.
#[divan::bench(sample_count = 10)]
fn a_year_of_100_cold(bencher: Bencher<'_, '_>) {
    let (folder, _) = stored();
    let sids: Vec<Sid> = (0..100).map(Sid).collect();
    bencher
        .with_inputs(|| {
            let _ = std::fs::remove_dir_all(folder.path().join("tiles"));
        })
        .bench_refs(|()| {
            let store = Store::open(folder.path()).expect("a store");
            let portal = store.bundle(&name(), At::Latest).expect("a bundle").portal();
            let portal = portal.expect("a portal");
            let session = sessions(&portal).next().expect("a session");
            let data = portal.at_session(session).expect("a session");
            let query = HistoryQuery::new(&sids).fields(&[Quote::CLOSE]).bars(252);
            data.history(&query).expect("a year of bars")
        });
}

/// 500 assets by 252 sessions, copied out.
#[divan::bench]
fn copy_a_year_of_all(bencher: Bencher<'_, '_>) {
    let daily = reader();
    let rows = daily.timeline().len() / 2..daily.timeline().len() / 2 + 252;
    let mut out = vec![0.0; 252];
    bencher.bench_local(|| {
        for &sid in daily.sids() {
            daily.copy(Field::Close, sid, rows.clone(), black_box(&mut out)).expect("a copy");
        }
    });
}

/// One asset's whole life, exact.
#[divan::bench]
fn exact_life(bencher: Bencher<'_, '_>) {
    let daily = reader();
    let rows = daily.timeline().len();
    bencher.bench(|| daily.exact(Field::Close, Sid(7), 0..rows).expect("exact values"));
}

/// One asset's last twenty bars, exact.
#[divan::bench]
fn exact_twenty(bencher: Bencher<'_, '_>) {
    let daily = reader();
    let rows = daily.timeline().len();
    bencher.bench(|| daily.exact(Field::Close, Sid(7), rows - 20..rows).expect("exact values"));
}

fn reader() -> std::sync::Arc<dyn BarReader> {
    let daily = stored().1.bundle(&name(), At::Latest).expect("a bundle").daily().expect("bars");
    for &sid in daily.sids() {
        let _ = daily.run(Field::Close, sid, 0).expect("a run");
    }
    daily
}
