//! What goes in comes out, digit for digit, in whatever order it went in.

use std::fmt::Write as _;

use proptest::prelude::*;
use rustybt_calendars::Session;
use rustybt_data::{Exact, ExactColumn, Field, Frequency, RawBars, Sid, Stamps};

use crate::fixture::{Listed, Shop, Table, dump, xnys};

const SYMBOLS: [&str; 3] = ["A", "B", "C"];

/// A bar that no rule refuses: sorted prices at one scale, and a volume at another. Some need more
/// than eighteen digits, with the others of their column or by themselves; none more than 28.
#[derive(Debug, Clone)]
struct Bar {
    prices: [i128; 4],
    volume: i128,
}

fn bar() -> impl Strategy<Value = Bar> {
    let price = || prop_oneof![4 => 1..=9_999_999_999_i128, 1 => 1..=99_999_999_999_999_i128];
    ([price(), price(), price(), price()], price()).prop_map(|(mut prices, volume)| {
        prices.sort_unstable();
        Bar { prices, volume }
    })
}

/// Bars of some assets on some of the sessions around a turn of the year.
fn batch() -> impl Strategy<Value = Batch> {
    let rows = proptest::collection::btree_map((0..3_usize, 0..12_usize), bar(), 1..20);
    (rows, 0..=14_u8, 0..=14_u8).prop_map(|(rows, price_scale, volume_scale)| Batch {
        rows: rows.into_iter().collect(),
        price_scale,
        volume_scale,
    })
}

#[derive(Debug, Clone)]
struct Batch {
    rows: Vec<((usize, usize), Bar)>,
    price_scale: u8,
    volume_scale: u8,
}

fn sessions() -> Vec<Session> {
    let calendar = xnys();
    let first = calendar.index_at_or_after("2019-12-24".parse().unwrap()).unwrap();
    calendar.sessions()[first..first + 12].to_vec()
}

impl Batch {
    fn source(&self) -> Listed {
        let sessions = sessions();
        let mut source = Listed::default();
        for (asset, symbol) in SYMBOLS.into_iter().enumerate() {
            let rows: Vec<&((usize, usize), Bar)> =
                self.rows.iter().filter(|((of, _), _)| *of == asset).collect();
            source = source.daily(symbol, "2020-01-02", &[]);
            source.tables.pop();
            if rows.is_empty() {
                continue;
            }
            let mut columns = Field::OHLCV.map(|field| (field, ExactColumn::default()));
            for (_, bar) in &rows {
                // Low, open, close, high: each price where it breaks no rule.
                let [low, open, close, high] = bar.prices;
                for ((field, column), value) in
                    columns.iter_mut().zip([open, high, low, close, bar.volume])
                {
                    let scale = if field.is_price() { self.price_scale } else { self.volume_scale };
                    column.push(Exact::new(value, scale)).unwrap();
                }
            }
            let days = rows.iter().map(|((_, day), _)| sessions[*day]).collect();
            let stamps = Stamps::Sessions(days);
            let bars = RawBars { stamps, columns: columns.into(), lines: Vec::new() };
            source.tables.push(Table { symbol, frequency: Frequency::DAILY, bars });
        }
        // Sids do not depend on who comes first.
        for (sid, record) in (0..).zip(&mut source.records) {
            record.sid = Some(Sid(sid));
        }
        source
    }

    /// The bars as `dump` writes them.
    fn text(rows: &[((usize, usize), Bar, u8, u8)]) -> String {
        let sessions = sessions();
        let mut text = String::new();
        for ((asset, day), bar, price_scale, volume_scale) in rows {
            let exact = |value, scale| Exact::new(value, scale).unwrap().normalized().to_string();
            let [low, open, close, high] = bar.prices.map(|price| exact(price, *price_scale));
            let volume = exact(bar.volume, *volume_scale);
            let label = sessions[*day].midnight();
            writeln!(text, "{asset} {label} {open} {high} {low} {close} {volume}").unwrap();
        }
        text
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ingests_are_an_upsert_of_exact_rows(batches in proptest::collection::vec(batch(), 1..4)) {
        let shop = Shop::new();
        let mut expected = std::collections::BTreeMap::new();
        for (at, batch) in batches.iter().enumerate() {
            let report = shop.ingest(&batch.source(), &format!("2020-02-{:02}T00:00Z", at + 1)).unwrap();
            prop_assert_eq!(report.rows_stored, batch.rows.len() as u64);
            for (key, bar) in &batch.rows {
                expected.insert(*key, (bar.clone(), batch.price_scale, batch.volume_scale));
            }
        }
        let rows: Vec<_> = expected.into_iter().map(|(key, (bar, p, v))| (key, bar, p, v)).collect();
        // A session's rows come by asset, then by day: the order of the map.
        let text = dump(&shop.latest());
        prop_assert!(text.starts_with(&Batch::text(&rows)), "{}", text);
        prop_assert!(shop.store.verify(None).unwrap().is_sound());

        // Everything again changes nothing: neither a file nor a version.
        let files = shop.files();
        shop.ingest(&batches.last().unwrap().source(), "2020-03-01T00:00Z").unwrap();
        prop_assert_eq!(shop.files(), files);
    }

    #[test]
    fn order_and_overlap_do_not_matter(batch in batch(), cut in 0..20_usize) {
        let cut = cut.min(batch.rows.len());
        let part = |rows: &[_]| Batch { rows: rows.to_vec(), ..batch.clone() };
        let halves = [part(&batch.rows[..cut]), part(&batch.rows[cut / 2..])];
        let whole = Shop::new();
        whole.ingest(&batch.source(), "2020-02-01T00:00Z").unwrap();
        for order in [[0, 1], [1, 0]] {
            let shop = Shop::new();
            for at in order {
                if !halves[at].rows.is_empty() {
                    shop.ingest(&halves[at].source(), "2020-02-01T00:00Z").unwrap();
                }
            }
            prop_assert_eq!(dump(&shop.latest()), dump(&whole.latest()));
        }
    }
}

#[test]
fn bars_without_trades_are_kept_as_such() {
    let shop = Shop::new();
    let source =
        Listed::default().daily("A", "2020-01-02", &["1 1 1 1 5", "- - - - 0", "2 2 2 2 6"]);
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    let text = dump(&shop.latest());
    assert!(text.contains("0 2020-01-03T00:00Z - - - - 0\n"), "{text}");
    let daily = shop.latest().daily().unwrap();
    let run = daily.run(Field::Close, Sid(0), 1).unwrap();
    assert!(run.values[1].is_nan());
}

#[test]
fn every_kind_of_event_comes_back() {
    use rustybt_data::{Action, AdjustmentReader};

    let exact = |text: &str| text.parse::<Exact>().unwrap();
    let session = |text: &str| Some(text.parse::<Session>().unwrap());
    let row: &[&str] = &["1 1 1 1 5"];
    let actions = [
        Action::Split { new: 7, old: 1 },
        Action::Dividend {
            amount: exact("0.4700001"),
            currency: Some("EUR".into()),
            declared: session("2019-12-01"),
            record: session("2020-01-03"),
            pay: None,
        },
        Action::Merger { ratio: exact("0.5") },
        Action::StockDividend { payment: Sid(1), ratio: exact("0.25"), pay: session("2020-02-01") },
        Action::SpinOff {
            payment: Sid(1),
            ratio: exact("0.5"),
            factor: Some(exact("0.9125")),
            pay: None,
        },
        Action::SpinOff { payment: Sid(1), ratio: exact("1"), factor: None, pay: None },
        Action::Rights { new: 2, old: 7, price: exact("13.375") },
    ];
    let mut source = Listed::default().daily("A", "2020-01-02", row).daily("B", "2020-01-02", row);
    for (at, action) in actions.iter().enumerate() {
        source = source.event("A", &format!("2020-01-{:02}", at + 6), action.clone());
        source.events[at].known = Some(crate::fixture::at("2020-01-05T10:00:00.5Z"));
    }
    // The payment is an index into the source's assets, which gets another sid here.
    source.records[1].sid = Some(Sid(77));
    let shop = Shop::new();
    shop.ingest(&source, "2020-02-03T00:00Z").unwrap();
    let bundle = shop.latest();
    let a = bundle.finder().lookup("A", "2020-01-02".parse().unwrap()).unwrap();
    let adjustments = bundle.adjustments();
    let events = adjustments.adjustments(a);
    assert_eq!(events.len(), 7);
    assert!(
        events
            .iter()
            .all(|event| event.known == Some(crate::fixture::at("2020-01-05T10:00:00.5Z")))
    );
    let found: Vec<Action> = events.iter().map(|event| event.action.clone()).collect();
    assert_eq!(found[..3], actions[..3]);
    assert!(
        matches!(&found[3], Action::StockDividend { payment: Sid(77), ratio, .. } if *ratio == exact("0.25"))
    );
    let spun = |factor: Option<&str>| {
        matches!(&found[if factor.is_some() { 4 } else { 5 }],
            Action::SpinOff { payment: Sid(77), factor: kept, .. } if *kept == factor.map(exact))
    };
    assert_eq!(found[6], actions[6]);
    assert!(spun(Some("0.9125")) && spun(None), "{found:?}");
    let _: &dyn AdjustmentReader = adjustments.as_ref();
}
