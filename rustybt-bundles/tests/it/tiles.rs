//! Tiles: derived, shared, deletable, and never wrong.

use std::fs;

use rustybt_bundles::At;
use rustybt_data::{Field, Sid};

use crate::fixture::{Listed, Shop, name};

fn shop() -> Shop {
    let shop = Shop::new();
    let source = Listed::default()
        .daily("A", "2019-12-30", &["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"])
        .daily("B", "2020-01-02", &["5 5 5 5 1"]);
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    shop
}

fn close_of_a(shop: &Shop) -> Vec<f64> {
    let store = shop.open();
    let daily = store.bundle(&name("us"), At::Latest).unwrap().daily().unwrap();
    daily.run(Field::Close, Sid(0), 0).unwrap().values.to_vec()
}

#[test]
fn a_tile_is_built_for_each_field_that_is_asked_for_and_then_found() {
    let shop = shop();
    assert!(shop.tiles().is_empty());
    let values = close_of_a(&shop);
    let tiles = shop.tiles();
    assert_eq!(tiles.len(), 1);
    let made = fs::metadata(&tiles[0]).unwrap().modified().unwrap();
    assert_eq!(close_of_a(&shop), values);
    assert_eq!(shop.tiles(), tiles);
    assert_eq!(fs::metadata(&tiles[0]).unwrap().modified().unwrap(), made);
}

#[test]
fn a_tile_that_is_gone_damaged_or_cut_is_built_again() {
    let shop = shop();
    let values = close_of_a(&shop);
    let tile = shop.tiles().remove(0);
    let whole = fs::read(&tile).unwrap();
    for at in (0..whole.len()).step_by(61).chain([4096, 4097, 4103, whole.len() - 1]) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        fs::write(&tile, &bytes).unwrap();
        assert_eq!(close_of_a(&shop), values, "byte {at}");
    }
    for length in [0, 10, 4096, whole.len() - 1] {
        fs::write(&tile, &whole[..length]).unwrap();
        assert_eq!(close_of_a(&shop), values);
        assert_eq!(fs::read(&tile).unwrap(), whole);
    }
    fs::remove_file(&tile).unwrap();
    assert_eq!(close_of_a(&shop), values);
    assert_eq!(fs::read(&tile).unwrap(), whole);
    assert_eq!(shop.tiles().len(), 1, "nothing unfinished is left");
}

#[test]
fn a_tile_under_the_name_of_another_is_not_believed() {
    let shop = shop();
    let bundle = shop.latest();
    let daily = bundle.daily().unwrap();
    let close = daily.run(Field::Close, Sid(0), 0).unwrap().values.to_vec();
    let close_tile = shop.tiles().remove(0);
    daily.run(Field::Open, Sid(0), 0).unwrap();
    let open_tile = shop.tiles().into_iter().find(|tile| *tile != close_tile).unwrap();
    fs::copy(&open_tile, &close_tile).unwrap();
    assert_eq!(close_of_a(&shop), close);
}

#[test]
fn a_folder_that_cannot_be_written_only_costs_time() {
    let shop = shop();
    fs::write(shop.folder.path().join("tiles"), b"in the way").unwrap();
    assert_eq!(close_of_a(&shop), [10.5, 11.25, 11.0]);
}

#[test]
fn versions_that_share_files_share_tiles_and_others_do_not() {
    let shop = shop();
    close_of_a(&shop);
    // A new asset without bars in this table's files: a minute bar only.
    let minutes = Listed::default().minute("A", "2020-01-02T14:30Z", &["3 3 3 3 3"]);
    shop.ingest(&minutes, "2020-02-04T00:00Z").unwrap();
    close_of_a(&shop);
    assert_eq!(shop.tiles().len(), 1);
    let bars = Listed::default().daily("B", "2020-01-03", &["5 5 5 5 1"]);
    shop.ingest(&bars, "2020-02-05T00:00Z").unwrap();
    close_of_a(&shop);
    assert_eq!(shop.tiles().len(), 2);
}

#[test]
fn tiles_can_be_built_before_anybody_asks() {
    let shop = shop();
    shop.latest().warm(&[Field::Close, Field::Volume]).unwrap();
    let tiles = shop.tiles();
    assert_eq!(tiles.len(), 2);
    close_of_a(&shop);
    assert_eq!(shop.tiles(), tiles);
}

#[test]
fn many_threads_ask_at_once() {
    let shop = shop();
    let daily = shop.latest().daily().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for field in Field::OHLCV {
                    assert_eq!(daily.run(field, Sid(1), 2).unwrap().values.len(), 1);
                }
            });
        }
    });
    assert_eq!(shop.tiles().len(), 5);
}
