//! Series of contracts, worked out by hand from zipline's rules.

use std::sync::Arc;

use rustybt_data::{
    AdjustmentTable, Asset, AssetClass, AssetTable, BarData, ContinuousFuture, Contract,
    DataPortal, Error, Field, Frequency, FuturesTable, MemoryBars, PortalParts, Quote,
    RollAdjustment, RollStyle, Sid,
};

use crate::market::{NAN, assert_same, daily_from, day, xnys};

const FIRST: &str = "2014-06-02";
const LAST: &str = "2014-06-30";

/// Three contracts of `XX`, the sids of which are in no order: F (sid 9) is closed on the 12th, G
/// (sid 3) on the 20th, H (sid 5) in July. G trades more than F from the 5th on, but for the 9th;
/// H more than G from the 18th on.
fn market(until: &str) -> DataPortal {
    let days = daily_from(FIRST, until);
    let sessions = days.sessions().to_vec();
    let column = |value: &dyn Fn(u32) -> f64| -> Vec<f64> {
        sessions.iter().map(|session| value(session.to_string()[8..].parse().unwrap())).collect()
    };
    let mut bars = MemoryBars::builder(days);
    for (sid, close, volume) in [
        (
            9,
            column(&|d| if d > 12 { NAN } else { 100.0 + f64::from(d) }),
            column(&|d| if d > 12 { 0.0 } else { 50.0 }),
        ),
        (
            3,
            column(&|d| if d > 20 { NAN } else { 200.0 + f64::from(d) }),
            column(&|d| match d {
                5 | 6 | 10..=20 => 60.0,
                2 | 3 | 4 | 9 => 40.0,
                _ => 0.0,
            }),
        ),
        (
            5,
            column(&|d| if d == 24 { NAN } else { 300.0 + f64::from(d) }),
            column(&|d| match d {
                24 => 0.0,
                18.. => 70.0,
                _ => 10.0,
            }),
        ),
    ] {
        let columns: [(Field, &[f64]); 2] = [(Field::Close, &close), (Field::Volume, &volume)];
        bars = bars.series(Sid(sid), 0, &columns).unwrap();
    }
    let assets =
        [(9, "XXF14", "2014-06-12"), (3, "XXG14", "2014-06-20"), (5, "XXH14", "2014-07-21")];
    let contract = |(sid, symbol, closed): (u32, &str, &str)| Contract {
        sid: Sid(sid),
        symbol: symbol.to_owned(),
        root: "XX".to_owned(),
        start: day(FIRST),
        end: day(closed),
        auto_close: day(closed),
        multiplier: 50.0,
        tick_size: NAN,
    };
    let asset = |(sid, symbol, closed): (u32, &str, &str)| Asset {
        class: AssetClass::Future,
        auto_close: Some(day(closed)),
        ..Asset::equity(Sid(sid), symbol, day(FIRST), day(closed))
    };
    let parts = PortalParts {
        calendar: xnys(),
        finder: Arc::new(AssetTable::new(assets.map(asset).to_vec())),
        adjustments: Arc::new(AdjustmentTable::default()),
        daily: Some(Arc::new(bars.build())),
        minute: None,
    };
    let futures = FuturesTable::new(assets.map(contract).to_vec());
    DataPortal::new(parts).unwrap().with_futures(futures)
}

fn series(roll: RollStyle, adjustment: RollAdjustment) -> ContinuousFuture {
    ContinuousFuture { roll, adjustment, ..ContinuousFuture::new("XX") }
}

/// The contract of each of the last sessions.
fn contracts(data: &BarData<'_>, future: &ContinuousFuture, bars: usize) -> Vec<u32> {
    let history = data.continuous(future, &[Quote::CLOSE], bars, Frequency::DAILY).unwrap();
    history.contracts().iter().map(|sid| sid.map_or(0, |sid| sid.0)).collect()
}

#[test]
fn a_calendar_roll_is_in_the_session_in_which_positions_are_closed() {
    let portal = market(LAST);
    let future = series(RollStyle::Calendar, RollAdjustment::None);
    let data = portal.at_session(day("2014-06-23")).unwrap();
    // 9 10 11 | 12 13 16 17 18 19 | 20 23
    assert_eq!(contracts(&data, &future, 11), [9, 9, 9, 3, 3, 3, 3, 3, 3, 5, 5]);
    let history = data.continuous(&future, &[Quote::CLOSE, Quote::VOLUME], 4, Frequency::DAILY);
    let history = history.unwrap();
    assert_same(history.series(Quote::CLOSE).unwrap(), &[218.0, 219.0, 320.0, 323.0]);
    assert_same(history.series(Quote::VOLUME).unwrap(), &[60.0, 60.0, 70.0, 70.0]);
    // The one after it.
    let second = ContinuousFuture { offset: 1, ..future.clone() };
    assert_eq!(contracts(&data, &second, 11), [3, 3, 3, 5, 5, 5, 5, 5, 5, 0, 0]);
    let beyond = data.continuous(&second, &[Quote::CLOSE], 3, Frequency::DAILY).unwrap();
    assert_same(beyond.series(Quote::CLOSE).unwrap(), &[319.0, NAN, NAN]);
    for (on, front) in [("2014-06-11", 9), ("2014-06-12", 3), ("2014-06-19", 3), ("2014-06-20", 5)]
    {
        let data = portal.at_session(day(on)).unwrap();
        assert_eq!(data.current_contract(&future).unwrap(), Some(Sid(front)), "{on}");
        assert_eq!(data.current_chain(&future).unwrap()[0], Sid(front));
    }
    let data = portal.at_session(day("2014-06-11")).unwrap();
    assert_eq!(data.current_chain(&future).unwrap(), [9, 3, 5].map(Sid));
    assert_eq!(data.current_contract(&ContinuousFuture { offset: 3, ..future }).unwrap(), None);
}

#[test]
fn a_volume_roll_is_after_the_next_contract_traded_more() {
    let portal = market(LAST);
    let future = series(RollStyle::Volume, RollAdjustment::None);
    // G led on the 5th for the first time, within seven sessions of the 12th: from the 6th on it is
    // in front, and one weak day does not matter.
    for (on, front) in [
        ("2014-06-05", 9),
        ("2014-06-06", 3),
        ("2014-06-09", 3),
        ("2014-06-10", 3),
        ("2014-06-18", 3),
        ("2014-06-19", 5),
        ("2014-06-25", 5),
    ] {
        let data = portal.at_session(day(on)).unwrap();
        assert_eq!(data.current_contract(&future).unwrap(), Some(Sid(front)), "{on}");
    }
    let data = portal.at_session(day("2014-06-23")).unwrap();
    // 3 4 5 | 6 9 10 11 12 13 16 17 18 | 19 20 23
    let expected = [9, 9, 9, 3, 3, 3, 3, 3, 3, 3, 3, 3, 5, 5, 5];
    assert_eq!(contracts(&data, &future, 15), expected);
    // DIFFERENCE: zipline compares the contracts at the offset, and fails where there is none.
    let second = ContinuousFuture { offset: 1, ..future };
    let expected = [3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0, 0, 0];
    assert_eq!(contracts(&data, &second, 15), expected);
}

#[test]
fn what_is_known_later_changes_nothing() {
    let full = market(LAST);
    for style in [RollStyle::Calendar, RollStyle::Volume] {
        for sessions in 3..18 {
            let all = full.daily().timeline().sessions().to_vec();
            let now = all[sessions];
            let cut = market(&now.to_string());
            let (full, cut) = (full.at_session(now).unwrap(), cut.at_session(now).unwrap());
            for adjustment in [RollAdjustment::Mul, RollAdjustment::Add] {
                let future = series(style, adjustment);
                let ask = |data: &BarData<'_>| {
                    let quotes = [Quote::CLOSE, Quote::Price, Quote::VOLUME];
                    let bars = data.continuous(&future, &quotes, sessions, Frequency::DAILY);
                    let bars = bars.unwrap();
                    let bits = |quote: Quote| -> Vec<u64> {
                        bars.series(quote).unwrap().iter().map(|v| v.to_bits()).collect()
                    };
                    (
                        quotes.map(bits),
                        bars.contracts().to_vec(),
                        data.current_chain(&future).unwrap(),
                    )
                };
                assert_eq!(ask(&full), ask(&cut), "{now} {style} {adjustment}");
            }
        }
    }
}

#[test]
fn earlier_prices_are_brought_to_the_level_of_later_ones() {
    let portal = market(LAST);
    let data = portal.at_session(day("2014-06-25")).unwrap();
    let close = |adjustment, bars| {
        let future = series(RollStyle::Calendar, adjustment);
        let quotes = [Quote::CLOSE, Quote::VOLUME, Quote::Price];
        data.continuous(&future, &quotes, bars, Frequency::DAILY).unwrap()
    };
    // On the 11th F closed at 111 and G at 211; on the 19th G at 219 and H at 319.
    let mul = close(RollAdjustment::Mul, 11);
    let level = |raw: f64, ratios: &[f64]| ratios.iter().fold(raw, |value, ratio| value * ratio);
    let (first, second) = (211.0 / 111.0, 319.0 / 219.0);
    let seen = mul.series(Quote::CLOSE).unwrap();
    assert_same(&seen[..2], &[level(111.0, &[first, second]), level(212.0, &[second])]);
    assert_same(&seen[6..], &[level(219.0, &[second]), 320.0, 323.0, NAN, 325.0]);
    assert_same(&mul.series(Quote::Price).unwrap()[8..], &[323.0, 323.0, 325.0]);
    assert_same(&mul.series(Quote::VOLUME).unwrap()[..2], &[50.0, 60.0]);
    let add = close(RollAdjustment::Add, 11);
    assert_same(&add.series(Quote::CLOSE).unwrap()[..2], &[311.0, 312.0]);
    // The first row of a window is carried forward from before it.
    let price = data.continuous(
        &series(RollStyle::Calendar, RollAdjustment::Mul),
        &[Quote::Price],
        2,
        Frequency::DAILY,
    );
    assert_same(price.unwrap().series(Quote::Price).unwrap(), &[323.0, 325.0]);
}

#[test]
fn what_there_is_not_is_refused() {
    let portal = market(LAST);
    let data = portal.at_session(day("2014-06-25")).unwrap();
    let ask = |root: &str, frequency: &str| {
        let future = ContinuousFuture::new(root);
        data.continuous(&future, &[Quote::CLOSE], 2, frequency.parse().unwrap()).map(|_| ())
    };
    let error = ask("YY", "1d").unwrap_err().to_string();
    assert_eq!(error, "there are no futures on `YY`; there are some on: XX");
    assert!(matches!(ask("XX", "1w"), Err(Error::NoBars { .. })));
    assert!(ask("XX", "1d").is_ok());
    assert!("sideways".parse::<RollStyle>().is_err() && "div".parse::<RollAdjustment>().is_err());
}

#[test]
fn some_roots_have_only_the_months_that_are_traded() {
    let contract = |sid: u32, symbol: &str, closed: &str| Contract {
        sid: Sid(sid),
        symbol: symbol.to_owned(),
        root: symbol[..2].to_owned(),
        start: day(FIRST),
        end: day(closed),
        auto_close: day(closed),
        multiplier: NAN,
        tick_size: NAN,
    };
    let table = FuturesTable::new(vec![
        contract(1, "GCQ14", "2014-08-27"),
        contract(2, "GCN14", "2014-07-29"),
        contract(3, "GCM14", "2014-06-26"),
        contract(4, "ESN14", "2014-07-18"),
        contract(5, "ESH14", "2014-03-21"), // closed before it begins
    ]);
    let sids = |root| table.chain(root).unwrap().iter().map(|c| c.sid.0).collect::<Vec<u32>>();
    assert_eq!((sids("GC"), sids("ES")), (vec![3, 1], vec![4]));
    assert_eq!(table.roots().collect::<Vec<_>>(), ["ES", "GC"]);
}
