//! Storage statistics against what lies on disk.

use rustybt_bundles::CleanOptions;

use crate::clean::{keep_last, versions};
use crate::fixture::{Listed, Shop, at};

fn size(files: &[std::path::PathBuf]) -> u64 {
    files.iter().map(|file| std::fs::metadata(file).unwrap().len()).sum()
}

#[test]
fn sizes_are_those_of_the_files() {
    let shop = Shop::new();
    let rows: Vec<String> = (0..300).map(|n| format!("10.5 2{n} 9.25 10.05 {n}00")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    shop.ingest(&Listed::default().daily("A", "2018-01-02", &rows), "2020-02-01T00:00Z").unwrap();
    let stats = shop.store.stats(None).unwrap();
    let [bundle] = stats.bundles.as_slice() else { panic!("{stats:?}") };
    assert_eq!((bundle.versions, bundle.files), (1, shop.files().len() as u64));
    assert_eq!((bundle.bytes, bundle.shared_bytes), (size(&shop.files()), 0));
    let bars: Vec<_> = bundle.tables.iter().filter(|it| it.dataset == "bars_1d").collect();
    assert_eq!(
        bars.iter().map(|it| (it.period, it.rows)).collect::<Vec<_>>(),
        [(Some(2018), 251), (Some(2019), 49)]
    );
    // As it would be written: sid, date, five numbers, seven separators.
    let line = |n: usize| format!("0,2018-01-02,10.5,2{n},9.25,10.05,{}\n", n * 100).len() as u64;
    let csv: u64 = (0..300).map(line).sum();
    let reckoned: u64 = bars.iter().map(|it| it.csv_bytes).sum();
    assert!(reckoned.abs_diff(csv) <= 2, "{reckoned} and {csv}");
    assert!(bars.iter().all(|it| it.compression().unwrap() > 1.0));
    assert!(stats.catalog_bytes > 0);
    assert_eq!((stats.tiles, stats.staging_bytes, stats.waiting_files), (0, 0, 0));
}

#[test]
fn sharing_and_waiting_are_told() {
    let shop = versions(3);
    let stats = shop.store.stats(None).unwrap();
    // Each version has its own bars, and shares the two files of assets with the others.
    let small = shop.files().into_iter().filter(|it| !it.to_str().unwrap().contains("bars_1d"));
    let small: Vec<_> = small.collect();
    assert_eq!(stats.bundles[0].shared_bytes, 2 * size(&small));
    let options = CleanOptions::new(keep_last(1), at("2020-03-01T00:00Z"));
    let cleaned = shop.store.clean(None, &options).unwrap();
    let stats = shop.store.stats(None).unwrap();
    assert_eq!((stats.waiting_files, stats.waiting_bytes), (2, cleaned.waiting_bytes));
    assert_eq!((stats.bundles[0].versions, stats.bundles[0].shared_bytes), (1, 0));
    shop.latest().warm(&[rustybt_data::Field::Close]).unwrap();
    let stats = shop.store.stats(None).unwrap();
    assert_eq!((stats.tiles, stats.tiles_bytes), (1, size(&shop.tiles())));
}
