//! Pins: names for versions, and the versions they keep.

use rustybt_bundles::{At, CleanOptions, Error, Old, Pin, PinName};

use crate::fixture::{at, dump, name};
use crate::versions::three;

fn pin_name(text: &str) -> PinName {
    text.parse().unwrap()
}

fn pin(text: &str, version: u64, note: Option<&str>) -> Pin {
    let (name, created) = (pin_name(text), at("2020-03-01T00:00Z"));
    Pin { name, version, note: note.map(str::to_owned), created }
}

#[test]
fn a_pin_names_a_version_until_it_is_moved_or_removed() {
    let shop = three(["5", "6", "7"]);
    let us = name("us");
    let prod = pin("prod", 2, Some("after the audit"));
    shop.store.pin(&us, &prod).unwrap();
    shop.store.pin(&us, &pin("a.backtest", 1, None)).unwrap();
    assert_eq!(shop.store.pins(&us).unwrap(), [pin("a.backtest", 1, None), prod.clone()]);
    let open = |name: &str| shop.store.bundle(&us, At::Pin(pin_name(name)));
    assert_eq!(open("prod").unwrap().version().version, 2);

    // The same again is the same; another version needs a move.
    shop.store.pin(&us, &prod).unwrap();
    let taken = shop.store.pin(&us, &pin("prod", 3, None)).unwrap_err();
    assert!(matches!(taken, Error::PinTaken { version: 2, .. }), "{taken}");
    assert_eq!(taken.to_string(), "`prod` stands for version 2 of `us` already");
    shop.store.move_pin(&us, &pin("prod", 3, None)).unwrap();
    assert_eq!(open("prod").unwrap().version().version, 3);

    assert_eq!(shop.store.unpin(&us, &pin_name("prod")).unwrap().version, 3);
    let gone = open("prod").unwrap_err().to_string();
    assert_eq!(gone, "the bundle `us` has no pin `prod`; there are: a.backtest");
    let gone = shop.store.unpin(&us, &pin_name("prod")).unwrap_err();
    assert!(matches!(gone, Error::UnknownPin { .. }), "{gone}");
}

#[test]
fn only_a_version_that_is_there_can_be_pinned() {
    let shop = three(["5", "6", "7"]);
    let us = name("us");
    let refused = shop.store.pin(&us, &pin("x", 4, None)).unwrap_err();
    assert!(matches!(refused, Error::NoVersion { version: 4, .. }), "{refused}");
    let refused = shop.store.pin(&name("eu"), &pin("x", 1, None)).unwrap_err();
    assert!(matches!(refused, Error::UnknownBundle { .. }), "{refused}");
    let old = Old { keep_last: Some(1), ..Old::default() };
    shop.store.clean(None, &CleanOptions::new(old, at("2020-03-01T00:00Z"))).unwrap();
    let refused = shop.store.pin(&us, &pin("x", 1, None)).unwrap_err();
    assert!(matches!(refused, Error::NoVersion { version: 1, .. }), "{refused}");
    assert!(shop.store.pins(&us).unwrap().is_empty());
}

#[test]
fn versions_tell_their_pins_and_what_is_new_in_them() {
    let shop = three(["5", "6", "7"]);
    shop.store.pin(&name("us"), &pin("b", 2, None)).unwrap();
    shop.store.pin(&name("us"), &pin("a", 2, None)).unwrap();
    let versions = shop.store.versions(&name("us")).unwrap();
    let pins: Vec<Vec<&str>> =
        versions.iter().map(|v| v.pins.iter().map(PinName::as_str).collect()).collect();
    assert_eq!(pins, [vec![], vec!["a", "b"], vec![]]);
    assert_eq!(versions[0].bytes_new, versions[0].bytes);
    assert!(versions[1].bytes_new > 0 && versions[1].bytes_new < versions[1].bytes);
}

#[test]
fn a_pinned_version_stays_as_it_is() {
    let shop = three(["5", "6", "7"]);
    let us = name("us");
    shop.store.pin(&us, &pin("kept", 1, None)).unwrap();
    let before = dump(&shop.store.bundle(&us, At::Version(1)).unwrap());
    let old = Old { keep_last: Some(0), ..Old::default() };
    let options = CleanOptions {
        grace: std::time::Duration::ZERO,
        ..CleanOptions::new(old, at("2021-01-01T00:00Z"))
    };
    shop.store.clean(Some(&us), &options).unwrap();
    assert_eq!(dump(&shop.store.bundle(&us, At::Pin(pin_name("kept"))).unwrap()), before);
    let there: Vec<u64> = shop.store.versions(&us).unwrap().iter().map(|v| v.version).collect();
    assert_eq!(there, [1, 3]);
}
