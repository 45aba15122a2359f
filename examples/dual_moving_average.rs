//! One asset and two moving averages: bought when the short one is above the long one, sold when
//! it is below.
//!
//! ```text
//! cargo run --release --example dual_moving_average                 # on the synthetic market
//! cargo run --release --example dual_moving_average -- A00010       # on another of its assets
//! cargo run --release --example dual_moving_average -- DIR AAPL     # on a folder of CSV files
//! cargo run --release --example dual_moving_average -- DIR AAPL 2005-01-03 2020-12-31
//! ```
//!
//! `DIR` is laid out as zipline's csvdir: `DIR/daily/AAPL.csv`, and `splits.csv` and `dividends.csv`
//! where there are some. The asset is read into memory; a bundle would keep it, in versions.
//!
//! # By hand
//!
//! On the raw prices of Apple from 2005 to 2020 the strategy trades nine times. This is what one
//! finds with the CSV files, a calculator, and four rules:
//!
//! * An average is of the closes as seen today: those before a split are divided by it, those
//!   before a dividend are multiplied by `1 - dividend / close before`.
//! * The decision of a close is filled at the next one. It moves that close by a tenth of the
//!   square of the part of the day's volume it takes, and costs a tenth of a cent a share.
//! * Shares are whole, toward zero. 95 % of the portfolio are invested.
//! * A dividend is paid for the shares held before its ex-date, on that day (the files have no pay
//!   dates).
//!
//! **2005-01-03**, the first session. The average of 100 closes is 48.4129, that of 300 is 33.3960:
//! buy for 95 % of 100,000 at 63.32, which is 1,500.3, so 1,500 shares. **2005-01-04**: close 63.94,
//! volume 18,596,401. The order takes 1,500 / 18,596,401 = 0.0000807 of it and pays
//! `63.94 * (1 + 0.1 * 0.0000807²) = 63.94000004`, and 1.50 in commission:
//!
//! ```text
//! 100,000 - 1,500 * 63.94000004 - 1.50 = 4,088.49994 in cash
//! ```
//!
//! **2005-02-28**: two for one. The file says 0.4999986, which is no small fraction to within a
//! millionth, and is taken at its word: 1,500 / 0.4999986 = 3,000.0084, so 3,000 shares, and for the
//! rest 0.0084 times the price they cost, 31.97, which is 0.27 in cash.
//!
//! **2008-10-17**: 156.5200 is below 157.2710; sell. **2008-10-20**: close 98.44, volume 54,663,441,
//! price 98.43999997:
//!
//! ```text
//! 4,088.49994 + 0.27 + 3,000 * 98.43999997 - 3.00 = 299,405.76985
//! ```
//!
//! **2009-07-28**: 127.4076 is above 127.3423; 95 % of 299,405.77 at 160.00 are 1,777.7, so 1,777
//! shares. **2009-07-29**: close 160.03, volume 13,472,879, price 160.03000028:
//!
//! ```text
//! 299,405.76985 - 1,777 * 160.03000028 - 1.777 = 15,030.68235
//! ```
//!
//! Three dividends for 1,777 shares: 2.6499 on 2012-08-09, 2.6501 on 2012-11-07, 2.65 on 2013-02-07,
//! together 14,127.15. **2013-02-19**: 548.2546 is below 549.3283; sell. **2013-02-20**: close 449.07,
//! volume 16,290,123, price 449.06999947:
//!
//! ```text
//! 15,030.68235 + 14,127.15 + 1,777 * 449.06999947 - 1.777 = 827,153.44440
//! ```
//!
//! And so on: 1,413 shares on 2013-12-02 become 9,891 by the seven-for-one of 2014-06-09 and are
//! sold on 2015-11-19; 10,277 are held from 2016-10-24 to 2019-02-20; 8,774 bought on 2019-07-05 become 35,096
//! by the four-for-one of 2020-08-31 and are still held at the end, at 132.69:
//!
//! ```text
//! 137,836.25742 + 35,096 * 132.69 = 4,794,724.49742
//! ```
//!
//! The example checks all nine trades and the end when it is given these files.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::path::Path;
use std::sync::Arc;

use rustybt::adapters::{CsvDir, CsvDirOptions};
use rustybt::algorithm::Error;
use rustybt::data::{
    Adjustment, AdjustmentTable, AssetTable, MemoryBars, PortalParts, Selection, Stamps, Synthetic,
    SyntheticConfig, Timeline,
};
use rustybt::prelude::*;

const SHORT: usize = 100;
const LONG: usize = 300;
/// The part of the portfolio that is invested.
const INVESTED: f64 = 0.95;

/// Apple from 2005 to 2020, by hand: session of the fill, shares, cash at its close.
const APPLE: [(&str, f64, f64); 9] = [
    ("2005-01-04", 1_500.0, 4_088.499_94),
    ("2008-10-20", -3_000.0, 299_405.769_85),
    ("2009-07-29", 1_777.0, 15_030.682_35),
    ("2013-02-20", -1_777.0, 827_153.444_40),
    ("2013-12-02", 1_413.0, 48_264.040_83),
    ("2015-11-19", -9_891.0, 1_261_441.813_08),
    ("2016-10-24", 10_277.0, 52_342.460_92),
    ("2019-02-20", -10_277.0, 1_887_907.121_99),
    ("2019-07-05", 8_774.0, 95_984.277_42),
];
const APPLE_IN_THE_END: f64 = 4_794_724.497_42;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (portal, symbol, start, end) = match arguments[..] {
        [] => (synthetic()?, "A00004", "2014-06-02", "2022-12-30"),
        [symbol] => (synthetic()?, symbol, "2014-06-02", "2022-12-30"),
        [folder, symbol] => (csv(Path::new(folder), symbol)?, symbol, "2005-01-03", "2020-12-31"),
        [folder, symbol, start, end] => (csv(Path::new(folder), symbol)?, symbol, start, end),
        _ => return Err("give nothing, or a folder and a symbol, or both and two dates".into()),
    };
    let is_apple = symbol == "AAPL" && (start, end) == ("2005-01-03", "2020-12-31");
    let config = RunConfig::new(portal, start.parse()?, end.parse()?);
    let mut strategy = DualMovingAverage { symbol: symbol.to_owned(), asset: Sid::default() };
    let result = run(&mut strategy, &config)?;

    for trade in result.transactions() {
        println!("{} {:>8} at {:.8}", trade.at.date(), trade.amount, trade.price);
    }
    println!(
        "{symbol}: {:.2} in the end, {:.1} % a year, Sharpe {:.2}, deepest fall {:.1} %",
        result.final_value(),
        100.0 * result.annual_return(),
        result.sharpe(),
        100.0 * result.max_drawdown(),
    );
    let picture = std::env::temp_dir().join("dual_moving_average.svg");
    std::fs::write(&picture, result.to_svg(&format!("Two moving averages on {symbol}")))?;
    println!("the equity curve is in {}", picture.display());

    check(&result);
    if is_apple {
        check_apple(&result)?;
        println!("all nine trades and the end are as worked out by hand");
    }
    Ok(())
}

struct DualMovingAverage {
    symbol: String,
    asset: Sid,
}

impl Algorithm for DualMovingAverage {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        self.asset = setup.symbol(&self.symbol)?;
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        let mean = |bars: usize| {
            let window = data.window(self.asset, Quote::Price, bars)?;
            Ok::<f64, Error>(window.iter().sum::<f64>() / bars as f64)
        };
        let (short, long) = (mean(SHORT)?, mean(LONG)?);
        let is_held = ctx.portfolio().amount(self.asset) != 0.0;
        if ctx.open_orders(self.asset).next().is_some() {
            // The last decision is still being carried out.
        } else if short > long && !is_held {
            ctx.order_target_percent(self.asset, INVESTED)?;
        } else if short < long && is_held {
            ctx.order_target(self.asset, 0.0)?;
        }
        ctx.record("short", short);
        ctx.record("long", long);
        Ok(())
    }
}

/// What holds on any data.
fn check(result: &Performance) {
    // Orders to buy and to sell alternate, and nothing is sold that is not held.
    let sides: Vec<bool> = result.orders().iter().map(|order| order.amount > 0.0).collect();
    assert!(
        sides.iter().zip([true, false].iter().cycle()).all(|(side, expected)| side == expected)
    );
    let mut positions = result.sessions().iter().flat_map(|row| &row.positions);
    assert!(positions.all(|position| position.amount > 0.0));
    // Cash is the capital and what trades and dividends made of it; value is cash and position.
    let mut cash = result.capital();
    for row in result.sessions() {
        cash += row.capital_used + row.income;
        assert!((row.cash - cash).abs() < 1e-6, "{}", row.session);
        assert!((row.portfolio_value - row.cash - row.positions_value).abs() < 1e-6);
    }
}

fn check_apple(result: &Performance) -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(result.transactions().len(), APPLE.len());
    for (trade, (session, shares, cash)) in result.transactions().iter().zip(APPLE) {
        let session: Session = session.parse()?;
        assert_eq!((trade.at.date(), trade.amount), (session, shares));
        let row = result.sessions().iter().find(|row| row.session == session);
        assert!(row.is_some_and(|row| (row.cash - cash).abs() < 1e-5), "{session}: {row:?}");
    }
    assert!((result.final_value() - APPLE_IN_THE_END).abs() < 1e-5);
    Ok(())
}

fn synthetic() -> Result<DataPortal, Box<dyn std::error::Error>> {
    let config = SyntheticConfig { assets: 20, ..SyntheticConfig::default() };
    Ok(Synthetic::new(config)?.portal()?)
}

/// One asset of a folder of CSV files, in memory.
fn csv(folder: &Path, symbol: &str) -> Result<DataPortal, Box<dyn std::error::Error>> {
    let calendar = calendar("XNYS")?;
    let source = CsvDir::open(&CsvDirOptions::new(folder))?;
    let selection = Selection {
        symbols: Some(vec![symbol.to_owned()]),
        start: None,
        end: None,
        frequency: Some(Frequency::DAILY),
        calendar: calendar.clone(),
    };
    let survey = source.survey(&selection)?;
    let part = survey.parts.first().ok_or_else(|| format!("no daily bars of {symbol}"))?;
    let delivery = source.fetch(part, &selection)?;
    let Stamps::Sessions(days) = &delivery.bars.stamps else { return Err("no daily bars".into()) };
    let (Some(&first), Some(&last)) = (days.iter().min(), days.iter().max()) else {
        return Err(format!("no bars in {}", part.name).into());
    };

    let events = survey.events.into_iter().chain(delivery.events).map(|event| Adjustment {
        sid: Sid(0),
        effective: event.effective,
        known: event.known,
        action: event.action,
    });
    let timeline = Timeline::daily(calendar.clone(), first, last)?;
    Ok(DataPortal::new(PortalParts {
        calendar,
        finder: Arc::new(AssetTable::new(vec![Asset::equity(Sid(0), symbol, first, last)])),
        adjustments: Arc::new(AdjustmentTable::new(events)),
        daily: Some(Arc::new(MemoryBars::new(timeline, [(Sid(0), &delivery.bars)]))),
        minute: None,
    })?)
}
