//! Small markets made by hand.

use std::sync::Arc;

use rustybt_calendars::{Calendar, Session, Timestamp, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, BarReader, DataPortal, Exact, Field,
    MemoryBars, MemoryBarsBuilder, PortalParts, Sid, Timeline,
};

pub(crate) const NAN: f64 = f64::NAN;

pub(crate) fn xnys() -> Arc<Calendar> {
    calendar("XNYS").unwrap()
}

pub(crate) fn day(text: &str) -> Session {
    text.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn exact(text: &str) -> Exact {
    text.parse().unwrap()
}

pub(crate) fn daily_from(start: &str, end: &str) -> Timeline {
    Timeline::daily(xnys(), day(start), day(end)).unwrap()
}

/// An asset whose bars have these closes from a row on: opened a half below, high one above, low
/// one below, a hundred units a bar; `NaN` for no bar.
pub(crate) fn closes(
    builder: MemoryBarsBuilder,
    sid: u32,
    first: usize,
    close: &[f64],
) -> MemoryBarsBuilder {
    let off = |by: f64| close.iter().map(|close| close + by).collect::<Vec<f64>>();
    let volume: Vec<f64> = close.iter().map(|c| if c.is_nan() { 0.0 } else { 100.0 }).collect();
    let columns: [(Field, &[f64]); 5] = [
        (Field::Open, &off(-0.5)),
        (Field::High, &off(1.0)),
        (Field::Low, &off(-1.0)),
        (Field::Close, close),
        (Field::Volume, &volume),
    ];
    builder.series(Sid(sid), first, &columns).unwrap()
}

pub(crate) fn event(sid: u32, effective: &str, action: Action) -> Adjustment {
    Adjustment { sid: Sid(sid), effective: day(effective), known: None, action }
}

pub(crate) fn split(sid: u32, effective: &str, new: u64, old: u64) -> Adjustment {
    event(sid, effective, Action::Split { new, old })
}

pub(crate) fn dividend(sid: u32, ex: &str, amount: &str) -> Adjustment {
    let amount = exact(amount);
    let action =
        Action::Dividend { amount, currency: None, declared: None, record: None, pay: None };
    event(sid, ex, action)
}

/// A portal of these bars, of assets `A`, `B` … that live from one day to another.
pub(crate) fn portal(
    lives: &[(&str, &str)],
    daily: Option<MemoryBars>,
    minute: Option<MemoryBars>,
    events: Vec<Adjustment>,
) -> DataPortal {
    let assets = lives.iter().zip(0_u8..).map(|((start, end), number)| {
        let symbol = char::from(b'A' + number).to_string();
        Asset::equity(Sid(number.into()), symbol, day(start), day(end))
    });
    let reader = |bars| Arc::new(bars) as Arc<dyn BarReader>;
    DataPortal::new(PortalParts {
        calendar: xnys(),
        finder: Arc::new(AssetTable::new(assets.collect())),
        adjustments: Arc::new(AdjustmentTable::new(events)),
        daily: daily.map(reader),
        minute: minute.map(reader),
    })
    .unwrap()
}

/// Equal but that `NaN` equals `NaN`.
#[track_caller]
pub(crate) fn assert_same(found: &[f64], expected: &[f64]) {
    let same = found.len() == expected.len()
        && found.iter().zip(expected).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()));
    assert!(same, "found {found:?}, expected {expected:?}");
}
