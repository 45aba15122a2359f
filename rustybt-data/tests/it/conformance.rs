//! The implementations in memory pass the suites that every implementation must pass.

use std::sync::Arc;

use rustybt_data::{
    Asset, AssetTable, Frequency, MemoryBars, ResampledBars, Selection, Sid, SymbolSpan, Synthetic,
    SyntheticConfig, conformance,
};

use crate::market::{NAN, closes, daily_from, day};

fn market() -> Synthetic {
    Synthetic::new(SyntheticConfig {
        assets: 6,
        start: day("2014-01-02"),
        end: day("2014-06-30"),
        minute_assets: 2,
        minute_days: 2,
        ..SyntheticConfig::default()
    })
    .unwrap()
}

#[test]
fn readers() {
    let parts = market().parts().unwrap();
    conformance::reader(parts.daily.unwrap().as_ref());
    let minute = parts.minute.unwrap();
    for frequency in ["1d", "5m", "2h", "1w", "1M", "3d"] {
        let frequency = frequency.parse().unwrap();
        conformance::reader(&ResampledBars::new(minute.clone(), frequency).unwrap());
    }
    conformance::reader(minute.as_ref());
    let odd = MemoryBars::builder(daily_from("2014-06-02", "2014-06-06"));
    let odd = closes(odd, 9, 2, &[1.0, NAN, 2.5]);
    let odd = closes(closes(odd, 4_000_000_000, 0, &[]), 3, 4, &[0.1]).build();
    conformance::reader(&odd);
}

#[test]
fn finders() {
    conformance::finder(market().parts().unwrap().finder.as_ref());
    let mut renamed = Asset::equity(Sid(7), "META", day("2012-05-18"), day("2024-12-31"));
    renamed.symbols = vec![
        SymbolSpan { symbol: "FB".into(), from: day("2012-05-18"), to: day("2022-06-08") },
        SymbolSpan { symbol: "META".into(), from: day("2022-06-09"), to: day("2024-12-31") },
    ];
    conformance::finder(&AssetTable::new(vec![
        renamed,
        Asset::equity(Sid(1), "BRK.A", day("1990-01-02"), day("2024-12-31")),
        Asset::equity(Sid(2), "T", day("1990-01-02"), day("2005-11-18")),
        Asset::equity(Sid(3), "T", day("2005-12-01"), day("2024-12-31")),
    ]));
    conformance::finder(&AssetTable::default());
}

#[test]
fn sources() {
    let market = Arc::new(market());
    let all = Selection {
        symbols: None,
        start: None,
        end: None,
        frequency: None,
        calendar: market.calendar().clone(),
    };
    conformance::source(market.as_ref(), &all);
    let spring = Selection {
        start: Some(day("2014-03-01")),
        end: Some(day("2014-05-30")),
        frequency: Some(Frequency::DAILY),
        ..all
    };
    conformance::source(market.as_ref(), &spring);
}
