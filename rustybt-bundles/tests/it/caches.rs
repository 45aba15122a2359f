//! Caches: whatever their size and whatever happens to them, every answer is the same bits.

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustybt_bundles::{At, Bundle, CacheOptions, CleanOptions, LevelStats, Old, Store};
use rustybt_data::{Field, Sid};

use crate::fixture::{Listed, Shop, at, name, place};

const DAYS: [&str; 3] = ["10 11 9 10.5 100", "10.5 12 10 11.25 200", "11 11 11 11 0"];

fn market() -> Listed {
    let minutes = ["3 4 2 3 10", "3 3 3 3 1"];
    let mut market =
        Listed::default().daily("A", "2019-12-30", &DAYS).daily("B", "2020-01-02", &DAYS);
    for year in ["2019-12-31", "2020-12-31", "2021-12-31", "2022-12-30"] {
        market = market.minute("M", &format!("{year}T20:58Z"), &minutes);
    }
    market
}

fn shop_with(caches: CacheOptions) -> Shop {
    let shop = Shop::at(tempfile::tempdir().unwrap(), place().caches(caches));
    shop.ingest(&market(), "2023-02-03T00:00Z").unwrap();
    shop
}

/// A store as another program with these caches would open it.
fn open(shop: &Shop, caches: CacheOptions) -> Store {
    shop.options.clone().caches(caches).open(shop.folder.path()).unwrap()
}

fn latest(store: &Store) -> Bundle {
    store.bundle(&name("us"), At::Latest).unwrap()
}

/// Every value of every bar, bit for bit.
fn everything(bundle: &Bundle) -> Vec<(Sid, usize, u64)> {
    let mut all = Vec::new();
    for reader in [bundle.daily().unwrap(), bundle.minute().unwrap()] {
        let rows = reader.timeline().len();
        for &sid in reader.sids() {
            for field in Field::OHLCV {
                for row in 0..rows {
                    let run = reader.run(field, sid, row).unwrap();
                    all.extend(run.get(row).map(|value| (sid, row, value.to_bits())));
                }
            }
        }
    }
    all
}

fn bytes(shop: &Shop) -> u64 {
    shop.tiles().iter().map(|tile| fs::metadata(tile).unwrap().len()).sum()
}

fn disk(store: &Store) -> LevelStats {
    let levels = store.cache_stats().unwrap().levels;
    levels.into_iter().find(|level| level.name == "disk").unwrap()
}

/// Says that a tile was used so many seconds after another moment.
fn used(tile: &Path, second: u64) {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + second);
    let file = File::options().write(true).open(tile).unwrap();
    file.set_times(FileTimes::new().set_accessed(at).set_modified(at)).unwrap();
}

#[test]
fn every_answer_is_the_same_whatever_may_be_kept() {
    let shop = shop_with(CacheOptions::default());
    let answers = everything(&shop.latest());
    assert!(answers.len() > 50, "{}", answers.len());
    let whole = bytes(&shop);
    // Nothing, less than one tile, one or a few, all but one, all.
    for limit in [0, 100, 5_000, 20_000, whole / 2, whole - 1, whole, u64::MAX] {
        let limited = shop_with(CacheOptions { disk_bytes: limit, ..CacheOptions::default() });
        for turn in 0..3 {
            assert_eq!(everything(&latest(&limited.open())), answers, "limit {limit}, turn {turn}");
            assert!(bytes(&limited) <= limit, "{} bytes, limit {limit}", bytes(&limited));
        }
        assert_eq!(limited.tiles().is_empty(), limit < 5_000, "limit {limit}");
    }
}

#[test]
fn what_was_not_used_for_longest_goes_and_what_is_in_use_stays() {
    let shop = shop_with(CacheOptions::default());
    let tile_of = |field| {
        let before = shop.tiles();
        latest(&shop.open()).daily().unwrap().run(field, Sid(0), 0).unwrap();
        shop.tiles().into_iter().find(|tile| !before.contains(tile)).unwrap()
    };
    let [open_tile, high, low] = [Field::Open, Field::High, Field::Low].map(tile_of);
    let limit = bytes(&shop);
    used(&open_tile, 2);
    used(&high, 1);
    used(&low, 3);
    let caches = CacheOptions { disk_bytes: limit, ..CacheOptions::default() };

    // The high was not used for longest, and a new tile takes its place.
    let store = open(&shop, caches.clone());
    latest(&store).daily().unwrap().run(Field::Close, Sid(0), 0).unwrap();
    assert!(!high.exists() && open_tile.exists() && low.exists());
    assert!(bytes(&shop) <= limit);
    assert_eq!(disk(&store).evictions, 1);

    // Opening a tile is using it.
    latest(&store).daily().unwrap().run(Field::Open, Sid(0), 0).unwrap();
    let close = shop.tiles().into_iter().find(|it| ![&open_tile, &low].contains(&it)).unwrap();
    used(&close, 9);
    latest(&store).daily().unwrap().run(Field::High, Sid(0), 0).unwrap();
    assert!(!low.exists() && open_tile.exists() && close.exists() && high.exists());

    // Whoever has tiles open keeps them, also where nobody else may have one then.
    let bundle = latest(&store);
    let daily = bundle.daily().unwrap();
    for field in [Field::Open, Field::Close, Field::High] {
        daily.run(field, Sid(0), 0).unwrap();
    }
    for tile in [&open_tile, &close, &high] {
        used(tile, 0);
    }
    let lows = daily.run(Field::Low, Sid(0), 0).unwrap().values.to_vec();
    assert_eq!(lows, [9.0, 10.0, 11.0]);
    assert!(!low.exists() && open_tile.exists() && close.exists() && high.exists());
    drop((daily, bundle));
    latest(&store).daily().unwrap().run(Field::Low, Sid(0), 0).unwrap();
    assert!(low.exists() && bytes(&shop) <= limit);
}

#[test]
fn a_tile_that_goes_while_it_is_read_is_read_on() {
    let shop = shop_with(CacheOptions::default());
    let bundle = shop.latest();
    let daily = bundle.daily().unwrap();
    let values = daily.run(Field::Close, Sid(0), 0).unwrap().values;
    let before = values.to_vec();
    // Another program, to which everything is too much.
    let other = open(&shop, CacheOptions { disk_bytes: 5_000, ..CacheOptions::default() });
    latest(&other).daily().unwrap().run(Field::Open, Sid(0), 0).unwrap();
    assert!(bytes(&shop) <= 5_000);
    assert_eq!(values, before);
    assert_eq!(shop.store.clear_caches(false).unwrap().tiles, 1);
    assert_eq!(values, before);
    assert_eq!(daily.run(Field::Close, Sid(0), 0).unwrap().values, before);
}

#[test]
fn what_a_program_that_died_was_writing_is_swept_away() {
    let shop = shop_with(CacheOptions::default());
    everything(&shop.latest());
    let tiles = shop.tiles();
    let (dead, living) = ("dead.tmp", "living.tmp");
    let [dead, living] = [dead, living].map(|name| shop.folder.path().join("tiles").join(name));
    fs::write(&dead, [7; 5000]).unwrap();
    fs::write(&living, [7; 5000]).unwrap();
    let writer = File::open(&living).unwrap();
    writer.lock().unwrap();
    let small = CacheOptions { disk_bytes: bytes(&shop) / 2, ..CacheOptions::default() };
    fs::remove_file(&tiles[0]).unwrap();
    let other = open(&shop, small);
    everything(&latest(&other));
    assert!(!dead.exists() && living.exists());
}

#[test]
fn counts_are_those_of_all_programs() {
    let shop = shop_with(CacheOptions::default());
    let counted = |level: &LevelStats| (level.entries.unwrap(), level.hits, level.misses);
    assert_eq!(counted(&disk(&shop.store)), (0, 0, 0));
    assert_eq!(disk(&shop.store).hit_rate(), None);
    let close = || latest(&shop.open()).daily().unwrap().run(Field::Close, Sid(0), 0).map(|_| ());
    close().unwrap();
    assert_eq!(counted(&disk(&shop.store)), (1, 0, 1));
    for _ in 0..3 {
        close().unwrap();
    }
    let level = disk(&shop.store);
    assert_eq!((counted(&level), level.hit_rate()), ((1, 3, 1), Some(0.75)));
    assert_eq!((level.bytes, level.limit), (Some(bytes(&shop)), CacheOptions::DISK_BYTES));

    // A damaged tile is made again, and counted.
    let tile = shop.tiles().remove(0);
    let mut damaged = fs::read(&tile).unwrap();
    damaged[4096] ^= 1;
    fs::write(&tile, damaged).unwrap();
    close().unwrap();
    assert_eq!(disk(&shop.store).failures, 1);

    let would = shop.store.clear_caches(true).unwrap();
    assert_eq!((would.tiles, would.bytes, would.dry_run), (1, bytes(&shop), true));
    assert_eq!(counted(&disk(&shop.store)), (1, 4, 1));
    shop.store.clear_caches(false).unwrap();
    assert_eq!(counted(&disk(&shop.store)), (0, 0, 0));
}

#[test]
fn stores_may_share_a_folder_of_tiles() {
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = Some(elsewhere.path().to_owned());
    let caches = CacheOptions { dir, ..CacheOptions::default() };
    let (one, two) = (shop_with(caches.clone()), shop_with(caches.clone()));
    let answers = everything(&one.latest());
    assert!(one.tiles().is_empty());
    // The second store has no bundle of its own yet: nothing of the first is in its way.
    assert_eq!(everything(&two.latest()), answers);
    let tiles = |store: &Store| disk(store).entries.unwrap();
    let before = tiles(&one.store);
    assert!(before > 0);
    let empty = Shop::at(tempfile::tempdir().unwrap(), place().caches(caches));
    let options = CleanOptions::new(Old::default(), at("2023-03-01T00:00Z"));
    assert_eq!(empty.store.clean(None, &options).unwrap().tiles, 0);
    assert_eq!(tiles(&one.store), before);
}

#[test]
fn many_programs_together_keep_to_the_limit() {
    let shop = shop_with(CacheOptions::default());
    let answers = everything(&shop.latest());
    let limit = bytes(&shop) / 3;
    let caches = CacheOptions { disk_bytes: limit, ..CacheOptions::default() };
    shop.store.clear_caches(false).unwrap();
    // Each store has caches of its own, as a process would.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert_eq!(everything(&latest(&open(&shop, caches.clone()))), answers);
                }
            });
        }
    });
    assert!(bytes(&shop) <= limit);
}
