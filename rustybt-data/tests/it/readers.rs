//! Readers made of other readers.

use std::sync::Arc;

use rustybt_calendars::calendar;
use rustybt_data::{
    AdjustmentTable, Asset, AssetClass, AssetTable, BarReader, BarReaderExt, CompletedDays,
    DataPortal, DispatchedBars, Error, Field, HistoryQuery, MemoryBars, PortalParts, Quote,
    ReindexedBars, Sid, Timeline, conformance,
};

use crate::market::{NAN, assert_same, closes, daily_from, day, xnys};

fn daily(name: &str, start: &str, end: &str) -> Timeline {
    Timeline::daily(calendar(name).unwrap(), day(start), day(end)).unwrap()
}

fn column(reader: &dyn BarReader, field: Field, sid: u32) -> Vec<f64> {
    let rows = reader.timeline().len();
    let mut column = vec![0.0; rows];
    reader.copy(field, Sid(sid), 0..rows, &mut column).unwrap();
    column
}

#[test]
fn an_asset_with_minutes_alone_has_days_too() {
    let days = daily("XNYS", "2019-07-02", "2019-07-05");
    let days = closes(MemoryBars::builder(days), 1, 0, &[5.0, 6.0, 7.0]).build();
    let minutes = Timeline::minutes(xnys(), day("2019-07-01"), day("2019-07-02")).unwrap();
    // The first asset's minutes do not count; the second one's last minute of the first day does.
    let minutes = closes(MemoryBars::builder(minutes), 1, 0, &[1.0; 9]);
    let minutes: Arc<dyn BarReader> = Arc::new(closes(minutes, 2, 389, &[2.0, 3.0, 4.0]).build());
    let all = CompletedDays::new(Arc::new(days.clone()), minutes.clone()).unwrap();
    conformance::reader(&all);
    assert_eq!(all.timeline().sessions().len(), 4);
    assert_same(&column(&all, Field::Close, 1), &[NAN, 5.0, 6.0, 7.0]);
    assert_same(&column(&all, Field::Close, 2), &[2.0, 4.0, NAN, NAN]);
    let asset = |sid, symbol| Asset::equity(Sid(sid), symbol, day("2019-07-01"), day("2019-07-05"));
    let portal = DataPortal::new(PortalParts {
        calendar: xnys(),
        finder: Arc::new(AssetTable::new(vec![asset(1, "A"), asset(2, "B")])),
        adjustments: Arc::new(AdjustmentTable::new(Vec::new())),
        daily: Some(Arc::new(days)),
        minute: Some(minutes),
    })
    .unwrap();
    let data = portal.at_session(day("2019-07-02")).unwrap();
    let history = data.history(&HistoryQuery::new(&[Sid(1), Sid(2)]).bars(2)).unwrap();
    assert_same(history.series(Quote::Price, Sid(1)).unwrap(), &[NAN, 5.0]);
    assert_same(history.series(Quote::Price, Sid(2)).unwrap(), &[2.0, 4.0]);
    assert!(data.can_trade(Sid(2)).unwrap() && !data.is_stale(Sid(2)).unwrap());
    let later = portal.at_session(day("2019-07-03")).unwrap();
    assert!(later.is_stale(Sid(2)).unwrap());
    assert_eq!(later.last_traded(Sid(2)).unwrap().unwrap().date(), day("2019-07-02"));
}

/// Bitcoin on every day of the first week of July 2019.
fn bitcoin() -> MemoryBars {
    let bars = MemoryBars::builder(daily("24/7", "2019-07-01", "2019-07-07"));
    closes(bars, 7, 0, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).build()
}

#[test]
fn bars_lie_at_the_labels_they_have() {
    let week = daily_from("2019-07-02", "2019-07-08");
    let bars = ReindexedBars::new(Arc::new(bitcoin()), week).unwrap();
    // 4 July is a holiday, and on the 8th there is no bitcoin.
    assert_same(&column(&bars, Field::Close, 7), &[2.0, 3.0, 5.0, NAN]);
    assert_same(&column(&bars, Field::Volume, 7), &[100.0, 100.0, 100.0, 0.0]);
    conformance::reader(&bars);
    let apart = ReindexedBars::new(Arc::new(bitcoin()), daily_from("2020-01-02", "2020-01-03"));
    assert_same(&column(&apart.unwrap(), Field::Close, 7), &[NAN, NAN]);
    let minutes = Timeline::minutes(xnys(), day("2019-07-02"), day("2019-07-03")).unwrap();
    let error = ReindexedBars::new(Arc::new(bitcoin()), minutes).unwrap_err();
    assert!(matches!(error, Error::OtherFrequency { .. }), "{error}");
}

#[test]
fn minutes_are_laid_on_other_sessions() {
    // New York is closed on the 4th, and early on the 3rd.
    let london = Timeline::minutes(calendar("XLON").unwrap(), day("2019-07-03"), day("2019-07-05"));
    let new_york = Timeline::minutes(xnys(), day("2019-07-03"), day("2019-07-05")).unwrap();
    let rows = new_york.len();
    let bars = closes(MemoryBars::builder(new_york.clone()), 0, 0, &vec![1.0; rows]).build();
    let laid = ReindexedBars::new(Arc::new(bars), london.unwrap()).unwrap();
    conformance::reader(&laid);
    for (row, close) in column(&laid, Field::Close, 0).into_iter().enumerate() {
        let label = laid.timeline().label(row).unwrap();
        assert_eq!(close.is_nan(), new_york.row_of(label).is_none(), "{label}");
    }
}

#[test]
fn each_asset_is_asked_of_its_own_reader() {
    let week = daily_from("2019-07-01", "2019-07-05");
    let shares = closes(MemoryBars::builder(week.clone()), 3, 0, &[9.0; 4]);
    // The same sid as the coin's, of which the coin's reader knows better.
    let shares: Arc<dyn BarReader> = Arc::new(closes(shares, 7, 0, &[8.0; 4]).build());
    let coins: Arc<dyn BarReader> = Arc::new(bitcoin());
    let mut coin = Asset::equity(Sid(7), "BTCUSD", day("2019-07-01"), day("2019-07-07"));
    coin.class = AssetClass::CryptoSpot;
    let share = Asset::equity(Sid(3), "A", day("2019-07-01"), day("2019-07-05"));
    let finder = AssetTable::new(vec![share, coin]);
    let readers = [(AssetClass::Equity, shares.clone()), (AssetClass::CryptoSpot, coins.clone())];
    let all = DispatchedBars::by_class(week.clone(), &finder, readers).unwrap();
    assert_eq!(all.sids(), [Sid(3), Sid(7)]);
    assert_same(&column(&all, Field::Close, 3), &[9.0; 4]);
    assert_same(&column(&all, Field::Close, 7), &[1.0, 2.0, 3.0, 5.0]);
    conformance::reader(&all);
    let first = DispatchedBars::new(week, [shares, coins]).unwrap();
    assert_same(&column(&first, Field::Close, 7), &[8.0; 4]);
    conformance::reader(&first);
    assert!(matches!(first.run(Field::Vwap, Sid(3), 0), Err(Error::NoField { .. })));
}
