//! What was known when: a split and a dividend, seen before, on and after their ex-dates.
//!
//! ```text
//! cargo run --example point_in_time
//! ```
//!
//! The market is made here, in memory, so that every number can be checked by hand. `LEAF` splits
//! 7-for-1 on 9 June 2014; `OAK` pays 0.50 on 11 June, after a close of 50, a factor of 0.99.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;

use rustybt::data::{
    Action, Adjustment, AdjustmentTable, AssetTable, MemoryBars, PortalParts, Timeline,
};
use rustybt::prelude::*;

const LEAF: Sid = Sid(0);
const OAK: Sid = Sid(1);

fn main() -> Result<(), Box<dyn Error>> {
    let portal = market()?;

    // On Friday nobody has heard of the split: prices are those that were paid.
    let friday = portal.at_session("2014-06-06".parse()?)?;
    show("LEAF, seen on 2014-06-06", &friday.window(LEAF, Field::Close, 3)?);
    assert_eq!(*friday.window(LEAF, Field::Close, 3)?, [714.0, 721.0, 728.0]);

    // On Monday the same Friday is a seventh: a strategy never sees a fall that was none.
    let monday = portal.at_session("2014-06-09".parse()?)?;
    show("LEAF, seen on 2014-06-09", &monday.window(LEAF, Field::Close, 3)?);
    assert_eq!(*monday.window(LEAF, Field::Close, 3)?, [103.0, 104.0, 104.0]);
    assert_eq!(*monday.window(LEAF, Field::Volume, 2)?, [9_800.0, 9_800.0]);

    // What was paid stays at hand, to the last digit.
    let query = HistoryQuery::new(&[LEAF]).fields(&[Quote::CLOSE]).bars(2).adjust(AdjustMode::None);
    let paid = monday.history(&query)?;
    assert_eq!(paid.series(Quote::CLOSE, LEAF)?, [728.0, 104.0]);

    // A dividend lowers what came before it, from its ex-date on.
    let before = portal.at_session("2014-06-10".parse()?)?;
    let after = portal.at_session("2014-06-11".parse()?)?;
    show("OAK, seen on 2014-06-10", &before.window(OAK, Field::Close, 2)?);
    show("OAK, seen on 2014-06-11", &after.window(OAK, Field::Close, 2)?);
    assert_eq!(*before.window(OAK, Field::Close, 2)?, [50.25, 50.0]);
    assert_eq!(*after.window(OAK, Field::Close, 2)?, [50.0 * 0.99, 49.75]);

    // A bar is seen from its close on: a minute before, the newest close is yesterday's.
    let close = portal.calendar().close("2014-06-10".parse()?)?;
    let early = portal.at(close.plus_minutes(-1), Clocking::Daily);
    let on_time = portal.at(close, Clocking::Daily);
    assert_eq!(
        (early.current(OAK, Field::Close)?, on_time.current(OAK, Field::Close)?),
        (50.25, 50.0)
    );

    println!("every answer is the one worked out by hand");
    Ok(())
}

fn show(what: &str, closes: &[f64]) {
    println!("{what}: {closes:?}");
}

/// Two assets over a week and a half, with their corporate actions.
fn market() -> Result<DataPortal, Box<dyn Error>> {
    let nyse = calendar("XNYS")?;
    let (first, last) = ("2014-06-04".parse()?, "2014-06-11".parse()?);
    let timeline = Timeline::daily(nyse.clone(), first, last)?;
    let daily = MemoryBars::builder(timeline)
        .series(
            LEAF,
            0,
            &[
                (Field::Close, &[714.0, 721.0, 728.0, 104.0, 105.0, 106.0]),
                (Field::Volume, &[1_200.0, 1_300.0, 1_400.0, 9_800.0, 9_900.0, 9_700.0]),
            ],
        )?
        .series(
            OAK,
            0,
            &[
                (Field::Close, &[49.0, 49.5, 50.0, 50.25, 50.0, 49.75]),
                (Field::Volume, &[520.0, 530.0, 540.0, 550.0, 560.0, 570.0]),
            ],
        )?
        .build();
    let event = |sid, effective, action| Adjustment { sid, effective, known: None, action };
    let half = Action::Dividend {
        amount: "0.50".parse()?,
        currency: None,
        declared: None,
        record: None,
        pay: None,
    };
    let events = [
        event(LEAF, "2014-06-09".parse()?, Action::Split { new: 7, old: 1 }),
        event(OAK, "2014-06-11".parse()?, half),
    ];
    let assets =
        vec![Asset::equity(LEAF, "LEAF", first, last), Asset::equity(OAK, "OAK", first, last)];
    Ok(DataPortal::new(PortalParts {
        calendar: nyse,
        finder: Arc::new(AssetTable::new(assets)),
        adjustments: Arc::new(AdjustmentTable::new(events)),
        daily: Some(Arc::new(daily)),
        minute: None,
    })?)
}
