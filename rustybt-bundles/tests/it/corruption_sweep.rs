//! Thousands of random corruptions: never a wrong number, never a panic.
//!
//! Parquet alone lets nine bit flips in ten through as other numbers, so each kind of damage is
//! tried many times on every data file, and every answer compared with the one from before.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rustybt_bundles::{At, Store};
use rustybt_data::Action;

use crate::fixture::{Listed, Shop, dump, name};

/// Corruptions of data files, over all kinds.
const ROUNDS: u64 = 3_000;
/// Corruptions of the catalog, over all kinds.
const CATALOG_ROUNDS: u64 = 1_500;
const KINDS: u64 = 5;

/// A generator that gives the same numbers everywhere (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % below.max(1) as u64) as usize
    }
}

fn shop() -> Shop {
    let shop = Shop::new();
    let rows: Vec<String> =
        (0..120).map(|i| format!("{0}.25 {1}.5 {0} {0}.75 {2}", 10 + i, 11 + i, i * 37)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let source = Listed::default()
        .daily("A", "2019-11-01", &rows)
        .daily("B", "2019-12-02", &rows[..50])
        .minute("A", "2020-01-02T14:30Z", &rows[..60])
        .event("A", "2020-01-02", Action::Split { new: 2, old: 1 });
    shop.ingest(&source, "2021-02-03T00:00Z").unwrap();
    shop
}

/// What a process that opens the store now reads: all of it, or why not.
fn read(root: &Path) -> Result<String, String> {
    let store = Store::open(root).map_err(|error| error.to_string())?;
    let bundle = store.bundle(&name("us"), At::Latest).map_err(|error| error.to_string())?;
    catch_unwind(AssertUnwindSafe(|| dump_or_error(&bundle))).map_err(|_| "PANIC".to_owned())?
}

/// As [`dump`], but damage is an answer.
fn dump_or_error(bundle: &rustybt_bundles::Bundle) -> Result<String, String> {
    for reader in [bundle.daily(), bundle.minute()].into_iter().flatten() {
        for &sid in reader.sids() {
            for field in rustybt_data::Field::OHLCV {
                let rows = 0..reader.timeline().len();
                reader.exact(field, sid, rows).map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(dump(bundle))
}

/// One random corruption of a file's bytes.
fn corrupt(whole: &[u8], kind: u64, other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    let zero = |bytes: &mut [u8], from: usize, count: usize| {
        let end = (from + count).min(bytes.len());
        bytes[from..end].fill(0);
    };
    match kind {
        0 => {
            let at = dice.roll(bytes.len());
            bytes[at] ^= 1 << dice.roll(8);
        }
        1 => {
            let from = dice.roll(bytes.len());
            zero(&mut bytes, from, 64);
        }
        2 => {
            let from = dice.roll(bytes.len().div_ceil(4096)) * 4096;
            zero(&mut bytes, from, 4096);
        }
        3 => bytes.truncate(dice.roll(whole.len())),
        _ => bytes = other.to_vec(),
    }
    bytes
}

#[test]
fn three_thousand_corruptions_of_data_files_give_no_wrong_number() {
    let shop = shop();
    let root = shop.folder.path();
    let text = read(root).unwrap();
    let files: Vec<(PathBuf, Vec<u8>)> =
        shop.files().into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let mut dice = Dice(2024);
    let (mut refused, mut harmless) = (0, 0);
    for round in 0..ROUNDS {
        let (path, whole) = &files[dice.roll(files.len())];
        let other = &files[dice.roll(files.len())].1;
        let damaged = corrupt(whole, round % KINDS, other, &mut dice);
        fs::write(path, &damaged).unwrap();
        match read(root) {
            Ok(found) if &damaged == whole => {
                assert_eq!(found, text);
                harmless += 1;
            }
            Ok(_) => panic!("round {round}: damage to {} went unseen", path.display()),
            Err(why) => {
                assert_ne!(why, "PANIC", "round {round}: {}", path.display());
                refused += 1;
            }
        }
        fs::write(path, whole).unwrap();
    }
    assert_eq!(read(root).unwrap(), text);
    assert_eq!(refused + harmless, ROUNDS);
    assert!(refused > ROUNDS * 3 / 4, "only {refused} of {ROUNDS} changed a byte");
}

#[test]
fn a_damaged_catalog_is_refused_or_answers_as_before() {
    let shop = shop();
    for (row, now) in [("7 9 5 8 4", "2021-02-04T00:00Z"), ("7 9 5 6 4", "2021-02-05T00:00Z")] {
        shop.ingest(&Listed::default().daily("C", "2020-03-02", &[row]), now).unwrap();
    }
    let Shop { folder, store, .. } = shop;
    // Closed, so that the file is all there is.
    drop(store);
    let root = folder.path();
    let catalog = root.join("catalog.sqlite");
    let text = read(root).unwrap();
    let whole = fs::read(&catalog).unwrap();
    let mut dice = Dice(7);
    let mut refused = 0;
    for round in 0..CATALOG_ROUNDS {
        // Bits, and bytes and pages lost; a file cut short at any byte.
        let damaged = corrupt(&whole, round % (KINDS - 1), &[], &mut dice);
        for leftover in ["-wal", "-shm"] {
            let _ = fs::remove_file(root.join(format!("catalog.sqlite{leftover}")));
        }
        fs::write(&catalog, &damaged).unwrap();
        match read(root) {
            Ok(found) => assert_eq!(found, text, "round {round}: damage went unseen"),
            Err(why) => {
                assert_ne!(why, "PANIC", "round {round}");
                refused += 1;
            }
        }
    }
    assert!(refused > CATALOG_ROUNDS / 4, "only {refused} of {CATALOG_ROUNDS} were refused");
}
