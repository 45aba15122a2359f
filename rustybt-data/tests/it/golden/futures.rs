//! Which contract is in front on each session, against zipline's rolls.
//!
//! `generate_futures.py` beside this file made the volumes and asked zipline-reloaded 3.2.1 for the
//! rolls of a series that ends on a session. Its rolls at an offset, and the contract of a session
//! (which looks ninety sessions ahead), are not compared: DIFFERENCE, see `docs/differences.md`.

use std::sync::Arc;

use rustybt_data::{
    AdjustmentTable, Asset, AssetClass, AssetTable, ContinuousFuture, Contract, DataPortal, Field,
    Frequency, FuturesTable, MemoryBars, PortalParts, Quote, RollAdjustment, Sid,
};

use crate::market::{NAN, daily_from, day, xnys};

const MARKET: &str = include_str!("futures.csv");
const ROLLS: &str = include_str!("rolls.csv");

fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect())
}

fn golden() -> DataPortal {
    let (told, sessions): (Vec<_>, Vec<_>) = lines(MARKET).partition(|row| row[0] == "contract");
    let days = daily_from(sessions[0][0], sessions[sessions.len() - 1][0]);
    assert_eq!(days.len(), sessions.len());
    let mut bars = MemoryBars::builder(days);
    let (mut assets, mut contracts) = (Vec::new(), Vec::new());
    for (column, row) in (1..).zip(&told) {
        let sid = Sid(row[1].parse().unwrap());
        let volume: Vec<f64> =
            sessions.iter().map(|cells| cells[column].parse().unwrap()).collect();
        let close = vec![1.0; sessions.len()];
        let columns: [(Field, &[f64]); 2] = [(Field::Close, &close), (Field::Volume, &volume)];
        bars = bars.series(sid, 0, &columns).unwrap();
        assets.push(Asset {
            class: AssetClass::Future,
            ..Asset::equity(sid, row[2], day(row[3]), day(row[4]))
        });
        contracts.push(Contract {
            sid,
            symbol: row[2].to_owned(),
            root: "XX".to_owned(),
            start: day(row[3]),
            end: day(row[4]),
            auto_close: day(row[5]),
            multiplier: NAN,
            tick_size: NAN,
        });
    }
    let parts = PortalParts {
        calendar: xnys(),
        finder: Arc::new(AssetTable::new(assets)),
        adjustments: Arc::new(AdjustmentTable::default()),
        daily: Some(Arc::new(bars.build())),
        minute: None,
    };
    DataPortal::new(parts).unwrap().with_futures(FuturesTable::new(contracts))
}

#[test]
fn rolls() {
    let portal = golden();
    let mut compared = 0;
    for row in lines(ROLLS) {
        let mut expected = Vec::new();
        for piece in row[2].split(' ') {
            let (sid, sessions) = piece.split_once('*').unwrap();
            let sessions = sessions.parse().unwrap();
            expected.extend(std::iter::repeat_n(Some(Sid(sid.parse().unwrap())), sessions));
        }
        let future = ContinuousFuture {
            roll: row[0].parse().unwrap(),
            adjustment: RollAdjustment::None,
            ..ContinuousFuture::new("XX")
        };
        let data = portal.at_session(day(row[1])).unwrap();
        let found = data.continuous(&future, &[Quote::CLOSE], expected.len(), Frequency::DAILY);
        assert_eq!(found.unwrap().contracts(), expected, "{row:?}");
        compared += expected.len();
    }
    assert!(compared > 1000, "{compared}");
}
