//! How fast the catalog answers: `cargo bench -p rustybt-bundles --bench catalog`.
//!
//! The bundle has 10,000 files: ten years of minutes of a thousand assets, a minute a year. What is
//! measured is the catalog, not the bars.

use std::hint::black_box;
use std::sync::OnceLock;

use divan::Bencher;
use rustybt_bundles::{At, BundleName, IngestOptions, Store};
use rustybt_calendars::{Timestamp, calendar};
use rustybt_data::{
    AssetRecord, Delivery, ExactColumn, Field, Frequency, Part, RawBars, Selection, Source,
    SourceError, Stamps, Survey,
};
use tempfile::TempDir;

fn main() {
    divan::main();
}

const ASSETS: usize = 1000;
const YEARS: std::ops::Range<i32> = 2010..2020;

/// A minute a year of every asset.
#[derive(Debug)]
struct Sparse;

impl Source for Sparse {
    fn name(&self) -> &'static str {
        "sparse"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let assets = (0..ASSETS)
            .map(|asset| AssetRecord { symbol: format!("A{asset}"), ..AssetRecord::default() })
            .collect();
        let parts = (0..ASSETS)
            .map(|asset| Part {
                name: asset.to_string(),
                asset,
                frequency: Frequency::MINUTE,
                bytes: 0,
            })
            .collect();
        Ok(Survey { assets, parts, ..Survey::default() })
    }

    fn fetch(&self, _: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let stamp = |year: i32| -> Timestamp {
            format!("{year}-06-01T14:30Z").parse().expect("an instant")
        };
        let columns = Field::OHLCV.map(|field| {
            let mut column = ExactColumn::default();
            for _ in YEARS {
                column.push(Some("5".parse().expect("a number"))).expect("it fits");
            }
            (field, column)
        });
        let stamps = Stamps::Instants(YEARS.map(stamp).collect());
        let bars = RawBars { stamps, columns: columns.into(), lines: Vec::new() };
        let rows = bars.len() as u64;
        Ok(Delivery { bars, events: Vec::new(), rejected: Vec::new(), notes: Vec::new(), rows })
    }
}

fn name() -> BundleName {
    "many".parse().expect("a name")
}

fn folder() -> &'static TempDir {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open_or_create(folder.path()).expect("a store");
        let now = "2020-02-03T00:00Z".parse().expect("an instant");
        let calendar = calendar("XNYS").expect("a calendar");
        let selection =
            Selection { symbols: None, start: None, end: None, frequency: None, calendar };
        let options = IngestOptions::new(selection, now);
        let report = store.ingest(&name(), &Sparse, &options, &|_| {}).expect("it is ingested");
        assert_eq!(report.rows_stored, 10 * ASSETS as u64);
        let versions = store.versions(&name()).expect("versions");
        assert!(versions[0].files >= 10_000, "{versions:?}");
        folder
    })
}

/// The store, opened by a program that has just started.
#[divan::bench]
fn open_the_store(bencher: Bencher<'_, '_>) {
    let folder = folder();
    bencher.bench(|| black_box(Store::open(folder.path()).expect("a store")));
}

/// A version with all its files, from a store that is open.
#[divan::bench]
fn open_the_bundle(bencher: Bencher<'_, '_>) {
    let store = Store::open(folder().path()).expect("a store");
    bencher.bench(|| black_box(store.bundle(&name(), At::Latest).expect("a bundle")));
}

#[divan::bench]
fn list_the_versions(bencher: Bencher<'_, '_>) {
    let store = Store::open(folder().path()).expect("a store");
    bencher.bench(|| black_box(store.versions(&name()).expect("versions")));
}

#[divan::bench]
fn list_the_bundles(bencher: Bencher<'_, '_>) {
    let store = Store::open(folder().path()).expect("a store");
    bencher.bench(|| black_box(store.bundles().expect("bundles")));
}
