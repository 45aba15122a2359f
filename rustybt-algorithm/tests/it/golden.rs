//! Strategies on a small market, against what zipline makes of them.
//!
//! `golden/generate.py` ran the same strategies in zipline-reloaded 3.2.1, on the market that
//! `rustybt-data/tests/it/golden/generate.py` made: splits, dividends, days without a trade, a listing
//! and an end. Orders, trades, cash and values are compared to a few units in the last place.
//! DIFFERENCE: the trades of one bar are in order of sid, zipline's as its first order came for
//! an asset. No `PerShare` order here is partly filled when its asset splits: zipline then charges
//! anew for what is filled.

use std::fmt::Write as _;
use std::sync::Arc;

use rustybt_algorithm::{
    Algorithm, Cause, Context, DateRule, Error, FixedBasisPoints, PerDollar, PerShare, Performance,
    RunConfig, Setup, Style, TimeRule, VolumeShareSlippage, run,
};
use rustybt_calendars::Session;
use rustybt_data::{Action, Asset, BarData, DataPortal, HistoryQuery, Quote, Sid};

use crate::market::{Market, day, dividend};

const MARKET: &str = include_str!("../../../rustybt-data/tests/it/golden/market.csv");
const EVENTS: &str = include_str!("../../../rustybt-data/tests/it/golden/events.csv");
const ORDERS: &str = include_str!("golden/orders.csv");
const TRADES: &str = include_str!("golden/trades.csv");
const VALUES: &str = include_str!("golden/values.csv");

/// The rows of a file, without its first line and its heading.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(2).map(|line| line.split(',').collect())
}

fn columns(text: &str) -> Vec<&str> {
    text.lines().nth(1).unwrap().split(',').skip(1).collect()
}

fn last_day() -> Session {
    day(rows(MARKET).last().unwrap()[0])
}

fn golden() -> Arc<DataPortal> {
    let symbols = columns(MARKET);
    let mut market = Market::until(&last_day().to_string());
    for (place, symbol) in symbols.iter().enumerate() {
        let rows: Vec<(Session, &str)> = rows(MARKET)
            .map(|row| (day(row[0]), row[place + 1]))
            .filter(|(_, bar)| !bar.is_empty())
            .collect();
        let value = |bar: &str, at: usize| bar.split(' ').nth(at).map(|v| v.parse().unwrap());
        let closes = rows.iter().map(|(_, bar)| value(bar, 3).unwrap_or(f64::NAN)).collect();
        let volumes = rows.iter().map(|(_, bar)| value(bar, 4).unwrap_or(0.0)).collect();
        let (first, last) = (rows[0].0, rows[rows.len() - 1].0);
        let mut asset = Asset::equity(Sid(place as u32), *symbol, first, last);
        asset.auto_close = Some(last.plus_days(1));
        market = market.with_asset(asset, closes, volumes);
    }
    for row in rows(EVENTS) {
        let sid = symbols.iter().position(|symbol| *symbol == row[1]).unwrap() as u32;
        let action = match row[3].split_once(':') {
            Some((new, old)) => {
                Action::Split { new: new.parse().unwrap(), old: old.parse().unwrap() }
            }
            None => dividend(row[3], Some(row[4])),
        };
        market = market.event(sid, row[2], action);
    }
    market.portal()
}

/// One of the strategies of `generate.py`, where each is explained.
struct Strategy {
    name: &'static str,
    bar: usize,
}

const ASSETS: [Sid; 4] = [Sid(0), Sid(1), Sid(2), Sid(3)];

type Done = Result<(), Error>;

impl Strategy {
    fn hold(&mut self, ctx: &mut Context<'_>) -> Done {
        if self.bar == 0 {
            for asset in &ASSETS[..3] {
                ctx.order(*asset, 333.0)?;
            }
        }
        if self.bar == 10 {
            ctx.order(ASSETS[3], -77.0)?;
        }
        Ok(())
    }

    fn rotate(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Done {
        for (place, asset) in ASSETS.into_iter().enumerate() {
            if data.can_trade(asset)? {
                let turn = (place + (self.bar - 1) / 5) % 4;
                ctx.order_target_percent(asset, [0.05, -0.02, 0.0, 0.04][turn])?;
            }
        }
        Ok(())
    }

    fn large(&mut self, ctx: &mut Context<'_>) -> Done {
        if self.bar == 1 {
            for (asset, amount) in ASSETS.into_iter().zip([40_000.0, 12_000.0, 3_000.0]) {
                ctx.order(asset, amount)?;
            }
        }
        if self.bar == 25 {
            ctx.order(ASSETS[0], -70_000.0)?;
            ctx.order(ASSETS[0], 500.0)?;
            ctx.order(ASSETS[1], 3.0)?;
            ctx.order(ASSETS[1], 20_001.0)?;
            ctx.order(ASSETS[2], 9_000.0)?;
        }
        Ok(())
    }

    fn limits(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Done {
        if !self.bar.is_multiple_of(9) {
            return Ok(());
        }
        for asset in ASSETS {
            if data.can_trade(asset)? {
                let price = data.current(asset, Quote::Price)?;
                let near = |factor: f64| (price * factor * 100.0).round() / 100.0;
                ctx.order_at(asset, 40.0, Style::Limit(near(0.99)))?;
                ctx.order_at(asset, -25.0, Style::Stop(near(0.98)))?;
                let both = Style::StopLimit { stop: near(1.01), limit: near(1.02) };
                ctx.order_at(asset, 10.0, both)?;
            }
        }
        Ok(())
    }

    fn averages(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Done {
        if self.bar < 20 {
            return Ok(());
        }
        for asset in ASSETS {
            if !data.can_trade(asset)? {
                continue;
            }
            let history = data.history(&HistoryQuery::new(&[asset]).bars(8))?;
            let closes = history.series(Quote::Price, asset)?;
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let (above, held) =
                (mean(&closes[5..]) > mean(closes), ctx.portfolio().amount(asset) != 0.0);
            if above && !held {
                ctx.order_target(asset, 200.0)?;
            } else if !above && held {
                ctx.order_target(asset, 0.0)?;
            }
        }
        Ok(())
    }

    fn second_of_week(_: &mut Self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Done {
        ctx.order(ASSETS[0], 11.0).map(drop)
    }

    fn third_last_of_month(_: &mut Self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Done {
        ctx.order(ASSETS[1], -7.0).map(drop)
    }
}

impl Algorithm for Strategy {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Done {
        setup.set_slippage(VolumeShareSlippage { volume_limit: 0.025, price_impact: 0.1 });
        setup.set_commission(PerShare { cost: 0.001, minimum: 0.0 });
        let (open, close) = (TimeRule::market_open(), TimeRule::market_close());
        if self.name == "large" {
            setup.set_commission(PerDollar { cost: 0.0015 });
        }
        if self.name == "rotate" {
            setup.set_slippage(FixedBasisPoints { points: 5.0, volume_limit: 0.1 });
            setup.set_commission(PerShare { cost: 0.0075, minimum: 1.0 });
            setup.schedule_function(Self::rotate, DateRule::week_start(0), open)?;
        }
        if self.name == "calendar" {
            setup.schedule_function(Self::second_of_week, DateRule::week_start(1), open)?;
            setup.schedule_function(Self::third_last_of_month, DateRule::month_end(2), close)?;
        }
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Done {
        match self.name {
            "hold" => self.hold(ctx)?,
            "large" => self.large(ctx)?,
            "limits" => self.limits(ctx, data)?,
            "averages" => self.averages(ctx, data)?,
            _ => {}
        }
        // Scheduled functions run after this: they see the number of the next bar.
        self.bar += 1;
        Ok(())
    }
}

/// Runs a strategy and compares it with all that zipline said of it.
fn check(name: &'static str) {
    let mut strategy = Strategy { name, bar: 0 };
    let config = RunConfig::new(golden(), day("2019-03-04"), last_day()).with_capital(1e6);
    let result = run(&mut strategy, &config).unwrap();
    let of_strategy = |text| rows(text).filter(move |row| row[0] == name);
    let lines =
        |rows: &[Vec<&str>]| -> Vec<String> { rows.iter().map(|row| row[1..].join(",")).collect() };
    let expected: Vec<Vec<&str>> = of_strategy(ORDERS).collect();
    assert_close(&orders(&result), &lines(&expected));
    let mut expected: Vec<Vec<&str>> = of_strategy(TRADES).collect();
    expected.sort_by_key(|row| (row[1], row[2]));
    assert_close(&trades(&result), &lines(&expected));
    let column = 1 + columns(VALUES).iter().position(|column| *column == name).unwrap();
    let expected = rows(VALUES).map(|row| format!("{},{}", row[0], row[column].replace(' ', ",")));
    assert_close(&values(&result), &expected.collect::<Vec<String>>());
}

fn orders(result: &Performance) -> String {
    let mut text = String::new();
    for order in result.orders() {
        let (created, symbol) = (order.created.date(), columns(MARKET)[order.sid.0 as usize]);
        let (amount, filled, commission) = (order.amount, order.filled, order.commission);
        let status = order.status.name();
        writeln!(text, "{created},{symbol},{amount},{filled},{commission},{status}").unwrap();
    }
    text
}

fn trades(result: &Performance) -> String {
    let mut text = String::new();
    for trade in result.transactions() {
        let (session, symbol) = (trade.at.date(), columns(MARKET)[trade.sid.0 as usize]);
        let cause = if trade.cause == Cause::AutoClose { "auto-close" } else { "order" };
        writeln!(text, "{session},{symbol},{},{},{cause}", trade.amount, trade.price).unwrap();
    }
    text
}

fn values(result: &Performance) -> String {
    let mut text = String::new();
    for row in result.sessions() {
        writeln!(text, "{},{},{}", row.session, row.cash, row.portfolio_value).unwrap();
    }
    text
}

/// Lines of equal words, numbers but for the last units of a sum of this size.
#[track_caller]
fn assert_close(found: &str, expected: &[String]) {
    for (found, expected) in found.lines().zip(expected) {
        let same = found.split(',').count() == expected.split(',').count()
            && found.split(',').zip(expected.split(',')).all(|(a, b)| {
                match (a.parse::<f64>(), b.parse::<f64>()) {
                    (Ok(a), Ok(b)) => (a - b).abs() <= 1e-12 * b.abs().max(1.0),
                    _ => a == b,
                }
            });
        assert!(same, "found    {found}\nexpected {expected}");
    }
    assert_eq!(found.lines().count(), expected.len());
}

#[test]
fn buying_and_holding() {
    check("hold");
}

#[test]
fn weights_that_rotate() {
    check("rotate");
}

#[test]
fn orders_larger_than_a_bar() {
    check("large");
}

#[test]
fn limits_and_stops() {
    check("limits");
}

#[test]
fn two_averages() {
    check("averages");
}

#[test]
fn days_of_the_week_and_the_month() {
    check("calendar");
}
