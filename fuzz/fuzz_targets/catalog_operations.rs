//! Any sequence of ingests, pins, clean-ups and compactions, against a model that is a map.
//!
//! `cargo +nightly fuzz run catalog_operations -- -max_total_time=60`
#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use libfuzzer_sys::{arbitrary, fuzz_target};
use rustybt_bundles::{At, BundleName, CleanOptions, IngestOptions, Old, Pin, Store};
use rustybt_calendars::{Calendar, Timestamp};
use rustybt_data::{
    AssetRecord, Delivery, ExactColumn, Field, Frequency, Part, RawBars, Selection, Sid, Source,
    SourceError, Stamps, Survey,
};

#[derive(Debug, arbitrary::Arbitrary)]
enum Operation {
    /// One bar: which day, which price.
    Ingest(u8, u8),
    Pin(u8, u8),
    Unpin(u8),
    Clean(u8, bool),
    Compact,
}

/// One asset with one bar.
#[derive(Debug)]
struct OneBar {
    calendar: std::sync::Arc<Calendar>,
    day: usize,
    price: u8,
}

impl Source for OneBar {
    fn name(&self) -> &str {
        "one"
    }

    fn survey(&self, _: &Selection) -> Result<Survey, SourceError> {
        let record = AssetRecord { symbol: "A".to_owned(), ..AssetRecord::default() };
        let part = Part { name: "A".to_owned(), asset: 0, frequency: Frequency::DAILY, bytes: 1 };
        Ok(Survey { assets: vec![record], parts: vec![part], ..Survey::default() })
    }

    fn fetch(&self, _: &Part, _: &Selection) -> Result<Delivery, SourceError> {
        let day = self.calendar.sessions()[6000 + self.day];
        let columns = Field::OHLCV.map(|field| {
            let mut column = ExactColumn::default();
            let value = format!("{}", u16::from(self.price) + 1);
            column.push(value.parse().ok()).ok();
            (field, column)
        });
        let bars =
            RawBars { stamps: Stamps::Sessions(vec![day]), columns: columns.into(), lines: Vec::new() };
        let (events, rejected, notes) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Delivery { bars, events, rejected, notes, rows: 1 })
    }
}

fuzz_target!(|operations: Vec<Operation>| {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_or_create(folder.path()).unwrap();
    let name: BundleName = "us".parse().unwrap();
    let calendar = rustybt_calendars::calendar("XNYS").unwrap();
    let mut bars: BTreeMap<usize, u8> = BTreeMap::new();
    let mut versions: BTreeMap<u64, BTreeMap<usize, u8>> = BTreeMap::new();
    let mut pins: BTreeMap<u8, u64> = BTreeMap::new();
    let mut now = Timestamp::from_micros(1_700_000_000_000_000);
    for operation in operations.into_iter().take(24) {
        now = now.plus_minutes(1);
        match operation {
            Operation::Ingest(day, price) => {
                let day = usize::from(day % 40);
                let source = OneBar { calendar: calendar.clone(), day, price };
                let selection = Selection {
                    symbols: None,
                    start: None,
                    end: None,
                    frequency: None,
                    calendar: calendar.clone(),
                };
                let options = IngestOptions::new(selection, now);
                let report = store.ingest(&name, &source, &options, &|_| {}).unwrap();
                bars.insert(day, price);
                versions.insert(report.outcome.version(), bars.clone());
            }
            Operation::Pin(pin, version) => {
                let Some((&version, _)) = versions.iter().nth(usize::from(version)) else { continue };
                let pin_name = format!("p{pin}").parse().unwrap();
                let wanted = Pin { name: pin_name, version, note: None, created: now };
                if store.pin(&name, &wanted).is_ok() {
                    pins.insert(pin, version);
                }
            }
            Operation::Unpin(pin) => {
                let known = pins.remove(&pin).is_some();
                assert_eq!(store.unpin(&name, &format!("p{pin}").parse().unwrap()).is_ok(), known);
            }
            Operation::Clean(keep, dry_run) => {
                let old = Old { keep_last: Some(u64::from(keep % 4)), ..Old::default() };
                let options = CleanOptions { old, grace: Duration::ZERO, dry_run, tiles_max_bytes: None, now };
                store.clean(None, &options).unwrap();
            }
            Operation::Compact => {
                if let Ok(report) = store.compact(&name, now) {
                    versions.insert(report.outcome.version(), bars.clone());
                }
            }
        }
    }
    let known = store.versions(&name).unwrap_or_default();
    if let Some((newest, _)) = versions.last_key_value() {
        assert_eq!(known.last().map(|info| info.version), Some(*newest), "the head stays");
    }
    for version in pins.values() {
        assert!(known.iter().any(|info| info.version == *version), "what is pinned stays");
    }
    for info in known {
        let bundle = store.bundle(&name, At::Version(info.version)).unwrap();
        let reader = bundle.daily().unwrap();
        let rows = reader.timeline().len();
        let column = reader.exact(Field::Close, Sid(0), 0..rows).unwrap();
        let found = (0..rows).filter_map(|row| column.get(row)).count();
        assert_eq!(found, versions[&info.version].len());
    }
    assert!(store.verify(None).unwrap().is_sound());
});
