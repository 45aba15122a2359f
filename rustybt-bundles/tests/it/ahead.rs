//! Reading ahead: whoever walks forward finds the next tile ready.

use std::fmt::Write as _;
use std::time::Duration;

use rustybt_bundles::{CacheOptions, LevelStats};
use rustybt_data::{BarReader, Field, Sid};

use crate::fixture::{Listed, Shop};

/// The first ten minutes of each of four years, of two assets.
fn shop() -> Shop {
    let mut rows = Vec::new();
    for minute in 0..10 {
        let mut row = String::new();
        write!(row, "3 4 2 {} {minute}", 3 + minute % 2).unwrap();
        rows.push(row);
    }
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let mut market = Listed::default();
    for symbol in ["A", "B"] {
        for day in ["2019-01-02", "2020-01-02", "2021-01-04", "2022-01-03"] {
            market = market.minute(symbol, &format!("{day}T14:30Z"), &rows);
        }
    }
    let shop = Shop::new();
    shop.ingest(&market, "2023-02-03T00:00Z").unwrap();
    shop
}

/// The rows that hold bars of an asset, by year.
fn years(reader: &dyn BarReader) -> Vec<Vec<usize>> {
    let mut years: Vec<(String, Vec<usize>)> = Vec::new();
    let timeline = reader.timeline();
    let sessions = timeline.sessions().iter().filter(|day| {
        ["2019-01-02", "2020-01-02", "2021-01-04", "2022-01-03"].contains(&day.to_string().as_str())
    });
    for &session in sessions {
        let rows = timeline.rows_of_session(session).unwrap();
        years.push((session.to_string(), (rows.start..rows.start + 10).collect()));
    }
    assert_eq!(years.len(), 4);
    years.into_iter().map(|(_, rows)| rows).collect()
}

/// Waits until there are so many tiles: the thread that makes them is not this one.
fn wait_for(shop: &Shop, tiles: usize) {
    for _ in 0..3000 {
        if shop.tiles().len() >= tiles {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(shop.tiles().len(), tiles);
}

fn disk(shop: &Shop) -> LevelStats {
    shop.store.cache_stats().unwrap().levels.remove(1)
}

#[test]
fn the_next_year_is_ready_before_anybody_asks_for_it() {
    let shop = shop();
    let bundle = shop.latest();
    let minute = bundle.minute().unwrap();
    let years = years(&*minute);
    let ask = |row: usize| minute.run(Field::Close, Sid(0), row).unwrap().get(row).unwrap();
    // The first half of a year: nothing but its own tile.
    for &row in &years[0][..5] {
        assert!(ask(row) >= 3.0);
    }
    wait_for(&shop, 1);
    // The second half: the next one.
    for &row in &years[0][5..] {
        assert!(ask(row) >= 3.0);
    }
    wait_for(&shop, 2);
    // Whoever comes there from before is given the one after it at once.
    assert!(ask(years[1][0]) >= 3.0);
    wait_for(&shop, 3);
    assert_eq!(disk(&shop).misses, 3);
    for &row in years[1..].iter().flatten() {
        assert!(ask(row) >= 3.0);
    }
    wait_for(&shop, 4);
    assert_eq!((disk(&shop).misses, disk(&shop).hits), (4, 0), "each tile was made once");
}

#[test]
fn single_questions_prepare_nothing() {
    let shop = shop();
    let bundle = shop.latest();
    let minute = bundle.minute().unwrap();
    let years = years(&*minute);
    for field in Field::OHLCV {
        minute.run(field, Sid(0), years[0][9]).unwrap();
        minute.run(field, Sid(0), years[2][7]).unwrap();
    }
    // A walk of another asset: what was to be prepared before it would be there by now.
    for &row in &years[0] {
        minute.run(Field::Close, Sid(1), row).unwrap();
    }
    wait_for(&shop, 12);
}

#[test]
fn a_walk_has_the_same_values_as_single_questions() {
    let shop = shop();
    let one_by_one = |caches: CacheOptions| {
        let store = shop.options.clone().caches(caches).open(shop.folder.path()).unwrap();
        let mut values = Vec::new();
        let rows = {
            let minute = bundle(&store).minute().unwrap();
            years(&*minute).concat()
        };
        for row in rows {
            // A reader of its own for each question never walks.
            let minute = bundle(&store).minute().unwrap();
            values.push(minute.run(Field::Close, Sid(0), row).unwrap().get(row).unwrap());
        }
        values
    };
    let walked = |caches: CacheOptions| {
        let store = shop.options.clone().caches(caches).open(shop.folder.path()).unwrap();
        let minute = bundle(&store).minute().unwrap();
        let rows = years(&*minute).concat();
        rows.iter()
            .map(|&row| minute.run(Field::Close, Sid(0), row).unwrap().get(row).unwrap())
            .collect::<Vec<f64>>()
    };
    let expected = one_by_one(CacheOptions::default());
    for disk_bytes in [0, 5_000, 12_000, u64::MAX] {
        let caches = CacheOptions { disk_bytes, ..CacheOptions::default() };
        assert_eq!(walked(caches), expected, "{disk_bytes}");
    }
}

fn bundle(store: &rustybt_bundles::Store) -> rustybt_bundles::Bundle {
    store.bundle(&crate::fixture::name("us"), rustybt_bundles::At::Latest).unwrap()
}
