//! Decoded columns in memory: the same rows whatever is kept, and by which policy.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;
use rustybt_bundles::{At, CacheOptions, CachePolicy, LevelStats, Store};
use rustybt_data::{Sid, TableQuery, TableSchema};

use crate::fixture::{Shop, at, name};
use crate::records::shown;
use crate::told_tables::Tables;

/// Trades of two assets over three months, notes with text, and what is told late.
pub(crate) fn market() -> Tables {
    let mut trades = String::from("ts,price,size,side,id\n");
    for day in 0..60 {
        let (month, day_of) = (1 + day / 28, 1 + day % 28);
        let time = format!("2020-{month:02}-{day_of:02}T14:30:{:02}Z", day % 60);
        writeln!(trades, "{time},10.{day:02},{},buy,{day}", day + 1).unwrap();
    }
    let notes = TableSchema::user("notes", rustybt_data::Stamp::Date, true).unwrap();
    Tables::default()
        .with(&TableSchema::trades(), Some("A"), trades.clone().leak())
        .with(&TableSchema::trades(), Some("B"), trades.replace(",10.", ",11.").leak())
        .with(
            &notes,
            None,
            "date,symbol,note:text,score:float,sure:bool,paid
            2020-01-02,A,up,1.5,true,1234567890.123456789012345678
            2020-01-02,B,,,false,
            2020-01-03,A,Straße,-0.0,,2
            2021-01-04,B,down,2.25,true,3",
        )
        .with(
            &TableSchema::known("fundamentals").unwrap(),
            None,
            "date,symbol,known_at,eps
            2019-12-31,A,2020-02-10T21:00Z,1.25
            2019-12-31,B,,0.5",
        )
}

pub(crate) fn shop() -> Shop {
    let shop = Shop::new();
    shop.ingest(&market(), "2021-02-03T00:00Z").unwrap();
    shop
}

pub(crate) fn open(shop: &Shop, caches: &CacheOptions) -> Store {
    shop.options.clone().caches(caches.clone()).open(shop.folder.path()).unwrap()
}

/// What is asked of each table.
pub(crate) fn questions() -> Vec<(&'static str, TableQuery)> {
    let all = TableQuery::new();
    let week = || TableQuery::new().between(at("2020-01-20T00:00Z"), at("2020-02-03T00:00Z"));
    vec![
        ("trades", all.clone()),
        ("trades", week()),
        ("trades", week().sids(&[Sid(1)]).columns(&["size"])),
        ("trades", all.clone().sids(&[Sid(0)]).limit(7)),
        ("notes", all.clone()),
        ("notes", all.clone().sids(&[Sid(1)]).columns(&["note", "score"])),
        ("fundamentals", all.clone().known_at(at("2020-01-31T00:00Z"))),
        ("fundamentals", all.clone().known_at(at("2020-03-31T00:00Z")).columns(&["eps"])),
        ("assets", all),
    ]
}

/// The answer to each question.
pub(crate) fn answers(store: &Store) -> Vec<Vec<String>> {
    let bundle = store.bundle(&name("us"), At::Latest).unwrap();
    let ask = |(table, query): (&str, TableQuery)| {
        shown(&bundle.table(table).unwrap().scan(&query).unwrap())
    };
    questions().into_iter().map(ask).collect()
}

pub(crate) fn level(store: &Store, name: &str) -> LevelStats {
    let levels = store.cache_stats().unwrap().levels;
    levels.into_iter().find(|level| level.name == name).unwrap()
}

#[test]
fn every_row_is_the_same_whatever_is_kept() {
    let shop = shop();
    let expected = answers(&open(&shop, &CacheOptions::none()));
    assert_eq!((expected[0].len(), expected[4].len()), (120, 4));
    let ttl = CachePolicy::Ttl(Duration::from_hours(1));
    for policy in [CachePolicy::Lru, CachePolicy::Lfu, ttl, CachePolicy::Ttl(Duration::ZERO)] {
        for memory_bytes in [0, 1, 700, 3_000, 1 << 30] {
            let caches = CacheOptions { memory_bytes, policy, ..CacheOptions::default() };
            let store = open(&shop, &caches);
            for turn in 0..3 {
                assert_eq!(answers(&store), expected, "{policy:?}, {memory_bytes}, turn {turn}");
            }
            let level = level(&store, "memory");
            assert!(level.bytes.unwrap() <= memory_bytes, "{level:?}");
            assert_eq!(level.limit, memory_bytes);
        }
    }
}

#[test]
fn what_was_decoded_is_not_decoded_again() {
    let shop = shop();
    let store = open(&shop, &CacheOptions::default());
    let first = answers(&store);
    let before = level(&store, "memory");
    assert!(before.misses > 0 && before.bytes.unwrap() > 0);
    assert_eq!(answers(&store), first);
    let after = level(&store, "memory");
    assert_eq!((after.misses, after.entries), (before.misses, before.entries));
    assert!(after.hits > before.hits);
    // It was decoded from the very bytes that the catalog speaks of: damage done since changes nothing.
    for file in shop.files() {
        if file.to_string_lossy().contains("trades") {
            std::fs::write(&file, b"rubbish").unwrap();
        }
    }
    assert_eq!(answers(&store), first);
    store.clear_caches(false).unwrap();
    let bundle = store.bundle(&name("us"), At::Latest).unwrap();
    assert!(bundle.table("trades").unwrap().scan(&TableQuery::new()).is_err());
}

#[test]
fn damage_is_an_error_for_everybody_who_asks() {
    let shop = shop();
    for file in shop.files() {
        if file.to_string_lossy().contains("trades") {
            std::fs::write(&file, b"rubbish").unwrap();
        }
    }
    let bundle = shop.latest();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let error = bundle.table("trades").unwrap().scan(&TableQuery::new()).unwrap_err();
                let source = std::error::Error::source(&error).map(ToString::to_string);
                let said = format!("{error} {}", source.unwrap_or_default());
                assert!(said.contains("trades"), "{said}");
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn questions_in_any_order_have_their_answers(
        order in proptest::collection::vec(0..questions().len(), 1..30),
        memory_bytes in prop_oneof![Just(0), 200_u64..6000, Just(1_u64 << 30)],
    ) {
        let shop = shop();
        let expected = answers(&open(&shop, &CacheOptions::none()));
        let store = open(&shop, &CacheOptions { memory_bytes, ..CacheOptions::default() });
        let bundle = store.bundle(&name("us"), At::Latest).unwrap();
        let questions = questions();
        for at in order {
            let (table, query) = &questions[at];
            let rows = bundle.table(table).unwrap().scan(query).unwrap();
            prop_assert_eq!(&shown(&rows), &expected[at]);
        }
    }
}
