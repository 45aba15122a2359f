//! Two moving averages on sixteen years of Apple, against a calculation made without this crate.
//!
//! The numbers in [`TRADES`] come from a short Python script over the same CSV files: closes are
//! multiplied by the ratios of splits and by `1 - dividend / close before` up to the day looked from,
//! averaged over 100 and 300 sessions, and what follows is arithmetic by the rules that the example
//! `dual_moving_average` explains. The data are real and not part of this repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustybt_algorithm::{Context, Performance, RunConfig, run};
use rustybt_calendars::{Session, calendar};
use rustybt_data::{
    Action, Adjustment, AdjustmentTable, Asset, AssetTable, BarData, DataPortal, Exact,
    ExactColumn, Field, MemoryBars, PortalParts, Quote, RawBars, Sid, Stamps, Timeline,
};

use crate::market::day;

/// Session, shares, price with slippage, cash afterwards.
const TRADES: [(&str, f64, f64, f64); 9] = [
    ("2005-01-04", 1_500.0, 63.940_000_041_6, 4_088.499_937_599_4),
    ("2008-10-20", -3_000.0, 98.439_999_970_3, 299_405.769_848_650_3),
    ("2009-07-29", 1_777.0, 160.030_000_278_3, 15_030.682_353_949_2),
    ("2013-02-20", -1_777.0, 449.069_999_465_6, 827_153.444_404_377_8),
    ("2013-12-02", 1_413.0, 551.230_000_409_7, 48_264.040_825_429_6),
    ("2015-11-19", -9_891.0, 118.779_999_317_7, 1_261_441.813_077_457_5),
    ("2016-10-24", 10_277.0, 117.650_002_448_2, 52_342.460_917_204_9),
    ("2019-02-20", -10_277.0, 172.029_996_893_5, 1_887_907.121_992_688_4),
    ("2019-07-05", 8_774.0, 204.230_005_763_5, 95_984.277_423_05),
];

/// Cash, and 35,096 shares at 132.69.
const FINAL_VALUE: f64 = 4_794_724.497_423_05;

#[test]
fn two_averages_on_apple() {
    let Some(folder) = us_equities() else {
        println!("skipped: no folder of real US equities (set RUSTYBT_SHARED)");
        return;
    };
    let portal = apple(&folder);
    let mut strategy = |ctx: &mut Context<'_>, data: &BarData<'_>| {
        let mean = |bars: usize| {
            data.window(Sid(0), Quote::Price, bars).map(|w| w.iter().sum::<f64>() / bars as f64)
        };
        let (short, long) = (mean(100)?, mean(300)?);
        let held = ctx.portfolio().amount(Sid(0)) != 0.0;
        if short > long && !held {
            ctx.order_target_percent(Sid(0), 0.95)?;
        } else if short < long && held {
            ctx.order_target(Sid(0), 0.0)?;
        }
        Ok(())
    };
    let config = RunConfig::new(portal, day("2005-01-03"), day("2020-12-31"));
    check(&run(&mut strategy, &config).unwrap());
}

fn check(result: &Performance) {
    let cash: BTreeMap<Session, f64> =
        result.sessions().iter().map(|row| (row.session, row.cash)).collect();
    assert_eq!(result.transactions().len(), TRADES.len());
    for (trade, (session, shares, price, after)) in result.transactions().iter().zip(TRADES) {
        assert_eq!((trade.at.date(), trade.amount), (day(session), shares));
        assert!((trade.price - price).abs() < 1e-9, "{session}: {}", trade.price);
        assert!((trade.commission - shares.abs() / 1_000.0).abs() < 1e-9);
        assert!((cash[&day(session)] - after).abs() < 1e-6, "{session}: {}", cash[&day(session)]);
    }
    assert!((result.final_value() - FINAL_VALUE).abs() < 1e-6, "{}", result.final_value());
    assert_eq!(result.sessions().last().unwrap().positions[0].amount, 35_096.0);
}

fn apple(folder: &Path) -> Arc<DataPortal> {
    let text = std::fs::read_to_string(folder.join("daily/AAPL.csv")).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let days: Vec<Session> = rows.iter().map(|row| day(row[0])).collect();
    let column = |place: usize| {
        let mut column = ExactColumn::with_capacity(rows.len());
        for row in &rows {
            column.push(Some(row[place].parse::<Exact>().unwrap())).unwrap();
        }
        column
    };
    let columns = Field::OHLCV.into_iter().zip(1..).map(|(field, place)| (field, column(place)));
    let bars = RawBars {
        columns: columns.collect(),
        stamps: Stamps::Sessions(days.clone()),
        lines: Vec::new(),
    };
    let xnys = calendar("XNYS").unwrap();
    let (first, last) = (days[0], *days.last().unwrap());
    let timeline = Timeline::daily(xnys.clone(), first, last).unwrap();
    Arc::new(
        DataPortal::new(PortalParts {
            calendar: xnys,
            finder: Arc::new(AssetTable::new(vec![Asset::equity(Sid(0), "AAPL", first, last)])),
            adjustments: Arc::new(AdjustmentTable::new(events(folder))),
            daily: Some(Arc::new(MemoryBars::new(timeline, [(Sid(0), &bars)]))),
            minute: None,
        })
        .unwrap(),
    )
}

fn events(folder: &Path) -> Vec<Adjustment> {
    let event = |effective: &str, action| Adjustment {
        sid: Sid(0),
        effective: day(effective),
        known: None,
        action,
    };
    // The file's ratios: 0.5000011 and 0.4999986 as they stand, 0.1428572 and 0.25 as 1/7 and 1/4.
    let splits = [
        ("2000-06-21", 10_000_000, 5_000_011),
        ("2005-02-28", 10_000_000, 4_999_986),
        ("2014-06-09", 7, 1),
        ("2020-08-31", 4, 1),
    ];
    let splits = splits.map(|(date, new, old)| event(date, Action::Split { new, old }));
    let text = std::fs::read_to_string(folder.join("dividends.csv")).unwrap();
    let dividends = text.lines().filter_map(|line| line.strip_prefix("AAPL,")).map(|line| {
        let (date, amount) = line.split_once(',').unwrap();
        event(date, crate::market::dividend(amount, None))
    });
    splits.into_iter().chain(dividends).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told where the data are by the environment"
)]
fn us_equities() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("RUSTYBT_SHARED").map_or_else(beside, PathBuf::from);
    let folder = shared.join("data/real/us-equities");
    folder.join("daily/AAPL.csv").is_file().then_some(folder)
}
