//! The worked example of the vendors' "adjusted close": Microsoft in February 2003, a two-for-one
//! split on the 18th and a dividend of eight cents on the 19th.
//!
//! Expected values: the help text of Yahoo Finance, as it has been quoted for twenty years.

mod futures;
mod zipline;

use rustybt_data::{AdjustMode, DataPortal, HistoryQuery, MemoryBars, Quote, Sid};

use crate::market::{closes, daily_from, day, dividend, portal, split};

fn microsoft() -> DataPortal {
    let bars = MemoryBars::builder(daily_from("2003-02-13", "2003-02-19"));
    let bars = closes(bars, 0, 0, &[46.99, 48.30, 24.96, 24.53]).build();
    let events = vec![split(0, "2003-02-18", 2, 1), dividend(0, "2003-02-19", "0.08")];
    portal(&[("2003-02-13", "2003-02-19")], Some(bars), None, events)
}

fn in_cents(values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| (value * 100.0).round() / 100.0).collect()
}

#[test]
fn closes_are_adjusted_for_split_and_dividend() {
    let portal = microsoft();
    let data = portal.at_session(day("2003-02-19")).unwrap();
    let window = data.window(Sid(0), Quote::CLOSE, 4).unwrap();
    assert_eq!(in_cents(&window), [23.42, 24.07, 24.88, 24.53]);
    let history = data.history(&HistoryQuery::new(&[Sid(0)]).bars(4)).unwrap();
    assert_eq!(history.series(Quote::Price, Sid(0)).unwrap(), &*window);
}

#[test]
fn each_mode_and_each_day_sees_its_own() {
    let portal = microsoft();
    let last = portal.at_session(day("2003-02-19")).unwrap();
    for (mode, expected) in [
        (AdjustMode::None, [46.99, 48.30, 24.96, 24.53]),
        (AdjustMode::Split, [23.495, 24.15, 24.96, 24.53]),
    ] {
        let window = last.adjusted(mode).window(Sid(0), Quote::CLOSE, 4).unwrap();
        assert_eq!(*window, expected, "{mode}");
        let query = HistoryQuery::new(&[Sid(0)]).fields(&[Quote::CLOSE]).bars(4).adjust(mode);
        assert_eq!(last.history(&query).unwrap().series(Quote::CLOSE, Sid(0)).unwrap(), expected);
    }
    let before = portal.at_session(day("2003-02-14")).unwrap();
    assert_eq!(*before.window(Sid(0), Quote::CLOSE, 2).unwrap(), [46.99, 48.30]);
    let between = portal.at_session(day("2003-02-18")).unwrap();
    assert_eq!(*between.window(Sid(0), Quote::CLOSE, 3).unwrap(), [23.495, 24.15, 24.96]);
    assert_eq!(*between.window(Sid(0), Quote::VOLUME, 3).unwrap(), [200.0, 200.0, 100.0]);
}
