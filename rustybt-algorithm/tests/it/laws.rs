//! What holds for every strategy, tried with strategies that trade at random.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use rustybt_algorithm::{
    Algorithm, Context, Error, Performance, RunConfig, Setup, Style, Transaction, run,
};
use rustybt_calendars::Session;
use rustybt_data::{
    AdjustmentTable, Asset, AssetTable, BarData, Clocking, DataPortal, ExactColumn, MemoryBars,
    PortalParts, Quote, RawBars, Sid, Stamps, Synthetic, SyntheticConfig, Timeline,
};
use rustybt_pipeline::{EquityPricing, Factor, Pipeline, Returns, SimpleMovingAverage, TermCache};

use crate::market::day;

const START: &str = "2018-06-01";
const END: &str = "2018-12-31";

fn synthetic(seed: u64) -> Synthetic {
    let config = SyntheticConfig {
        seed,
        assets: 12,
        start: day("2018-01-02"),
        end: day("2019-01-31"),
        ..SyntheticConfig::default()
    };
    Synthetic::new(config).unwrap()
}

/// Trades at random: whether, what and how much hang on the day and the seed alone, and on prices
/// and positions.
struct Gambler {
    seed: u64,
    with_pipeline: bool,
}

impl Gambler {
    fn dice(&self, session: Session, salt: u64) -> u64 {
        let mut x = self.seed ^ (session.days() as u64) << 20 ^ salt << 44;
        // The finaliser of splitmix64.
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
}

impl Algorithm for Gambler {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        if self.with_pipeline {
            let close = [EquityPricing::CLOSE];
            let momentum = Factor::custom(Returns::new(20)?, close.clone())?;
            let pipeline = Pipeline::new()
                .with("mean", Factor::custom(SimpleMovingAverage::new(10)?, close)?)
                .with("momentum", momentum.clone())
                .screen(momentum.top(4, None));
            setup.attach_pipeline(pipeline, "best")?;
        }
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
        if self.with_pipeline {
            let best = ctx.pipeline_output("best")?;
            for (&sid, &mean) in best.sids().iter().zip(best.numbers("mean")?) {
                let price = data.current(sid, Quote::Price)?;
                if data.can_trade(sid)? {
                    ctx.order_target_percent(sid, if price > mean { 0.2 } else { 0.0 })?;
                }
            }
            ctx.record("rows", best.len() as f64);
        }
        for number in 0..12_u32 {
            let (sid, dice) = (Sid(number), self.dice(ctx.session(), number.into()));
            if !dice.is_multiple_of(7) || !data.can_trade(sid)? {
                continue;
            }
            let amount = ((dice >> 8) % 2_001) as f64 - 1_000.0;
            let price = data.current(sid, Quote::Price)?;
            match (dice >> 32) % 6 {
                0 => ctx.order(sid, amount)?,
                1 => ctx.order_target_percent(sid, amount / 5_000.0)?,
                2 => ctx.order_at(sid, amount, Style::Limit(price * 0.99))?,
                3 => ctx.order_at(sid, amount, Style::Stop(price * 1.01))?,
                4 => ctx.order_target(sid, 0.0)?,
                _ => ctx.order_value(sid, amount * 10.0)?,
            };
            let stale: Vec<_> = ctx.open_orders(sid).skip(3).map(|order| order.id).collect();
            for id in stale {
                ctx.cancel(id)?;
            }
        }
        ctx.record("value", ctx.portfolio().value());
        Ok(())
    }
}

fn gamble(portal: Arc<DataPortal>, seed: u64, with_pipeline: bool, end: &str) -> Performance {
    let config = RunConfig::new(portal, day(START), day(end));
    run(&mut Gambler { seed, with_pipeline }, &config).unwrap()
}

/// Everything of a result, exactly: `Debug` of an `f64` reads back to the same bits.
fn exactly(result: &Performance) -> String {
    format!("{result:?}")
}

/// The rows, orders and trades of a result up to a session.
fn first_part(result: &Performance, end: Session) -> (String, Vec<Transaction>, usize) {
    let rows: Vec<_> = result.sessions().iter().take_while(|row| row.session <= end).collect();
    let trades = result.transactions().iter().take_while(|t| t.at.date() <= end);
    let orders = result.orders().iter().take_while(|order| order.created.date() <= end).count();
    (format!("{rows:?}"), trades.copied().collect(), orders)
}

/// The same market, as if nothing after a session had happened yet.
fn cut(market: &Synthetic, end: Session) -> DataPortal {
    let timeline = Timeline::daily(market.calendar().clone(), market.config().start, end).unwrap();
    let mut bars = MemoryBars::builder(timeline);
    let (mut assets, mut events) = (Vec::new(), Vec::new());
    for number in 0..market.len() {
        let asset = market.asset(number).unwrap();
        let sid = Sid(number as u32);
        let Stamps::Sessions(days) = &asset.daily.stamps else { panic!("daily bars") };
        let rows = days.iter().take_while(|day| **day <= end).count();
        let columns = asset.daily.columns.iter().map(|(field, column)| {
            let kept = column.narrow().unwrap()[..rows].to_vec();
            (*field, ExactColumn::from_mantissas(column.scale(), kept).unwrap())
        });
        let kept = RawBars {
            stamps: Stamps::Sessions(days[..rows].to_vec()),
            columns: columns.collect(),
            lines: Vec::new(),
        };
        bars = bars.bars(sid, &kept);
        assets.push(Asset::equity(
            sid,
            asset.symbol,
            asset.start,
            asset.end.min(end.max(asset.start)),
        ));
        events.extend(asset.events.into_iter().filter(|(day, _)| *day <= end).map(
            |(effective, action)| rustybt_data::Adjustment { sid, effective, known: None, action },
        ));
    }
    DataPortal::new(PortalParts {
        calendar: market.calendar().clone(),
        finder: Arc::new(AssetTable::new(assets)),
        adjustments: Arc::new(AdjustmentTable::new(events)),
        daily: Some(Arc::new(bars.build())),
        minute: None,
    })
    .unwrap()
}

fn close(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn money_is_neither_made_nor_lost(seed in any::<u64>(), market in 0_u64..4) {
        let result = gamble(Arc::new(synthetic(market).portal().unwrap()), seed, false, END);
        prop_assert!(result.transactions().len() > 50);
        let turnover: f64 =
            result.capital() + result.transactions().iter().map(|t| (t.amount * t.price).abs()).sum::<f64>();
        let (mut cash, mut units) = (result.capital(), BTreeMap::<Sid, f64>::new());
        let mut trades = result.transactions().iter().peekable();
        for row in result.sessions() {
            // Cash is what trades and events made of it.
            let mut used = 0.0;
            while let Some(trade) = trades.next_if(|trade| trade.at.date() <= row.session) {
                used += trade.cash_flow();
                *units.entry(trade.sid).or_default() += trade.amount;
                prop_assert!(trade.commission >= 0.0 && trade.price > 0.0);
            }
            cash += used + row.income;
            prop_assert!(close(used, row.capital_used, turnover));
            prop_assert!(close(cash, row.cash, turnover), "{}: {cash} is not {}", row.session, row.cash);
            // Value is cash and positions, each of them not empty.
            let held: f64 = row.positions.iter().map(|position| position.amount * position.last_price).sum();
            prop_assert!(row.positions.iter().all(|position| position.amount != 0.0));
            prop_assert!(close(row.cash + held, row.portfolio_value, turnover));
            prop_assert!(close(row.long_exposure + row.short_exposure, row.positions_value, turnover));
        }
        // Every order is filled by its trades, never beyond what was asked for.
        for order in result.orders() {
            prop_assert!(order.filled.abs() <= order.amount.abs());
            prop_assert!(order.filled == 0.0 || order.filled.signum() == order.amount.signum());
        }
        // The values tell the returns.
        let grown = result.returns().iter().fold(result.capital(), |value, r| value * (1.0 + r));
        prop_assert!(close(grown, result.final_value(), turnover));
    }

    #[test]
    fn the_same_run_gives_the_same_bits(seed in any::<u64>()) {
        let portal = Arc::new(synthetic(1).portal().unwrap());
        let first = gamble(portal.clone(), seed, true, END);
        prop_assert_eq!(exactly(&first), exactly(&gamble(portal, seed, true, END)));
        // A fresh portal has fresh caches.
        let fresh = Arc::new(synthetic(1).portal().unwrap());
        prop_assert_eq!(exactly(&first), exactly(&gamble(fresh, seed, true, END)));
    }

    #[test]
    fn what_comes_later_changes_nothing(seed in any::<u64>(), market in 0_u64..4, cut_at in 10_usize..140) {
        let market = synthetic(market);
        let end = *market
            .calendar()
            .sessions_window(day(START), 1 + cut_at as i64)
            .unwrap()
            .last()
            .unwrap();
        let whole = gamble(Arc::new(market.portal().unwrap()), seed, true, END);
        let short = gamble(Arc::new(cut(&market, end)), seed, true, &end.to_string());
        prop_assert_eq!(first_part(&whole, end), first_part(&short, end));
        prop_assert_eq!(short.sessions().len(), cut_at + 1);
    }

    #[test]
    fn pipelines_are_the_same_in_chunks_of_any_size(seed in any::<u64>(), first in 1_usize..40, then in 1_usize..40) {
        let portal = Arc::new(synthetic(2).portal().unwrap());
        let whole = gamble(portal.clone(), seed, true, END);
        let config = RunConfig::new(portal, day(START), day(END)).with_pipeline_chunks(first, then);
        let chunked = run(&mut Gambler { seed, with_pipeline: true }, &config).unwrap();
        prop_assert_eq!(exactly(&whole), exactly(&chunked));
        prop_assert!(whole.recorded("rows").unwrap().iter().all(|rows| *rows > 0.0));
    }
}

#[test]
fn a_second_run_finds_what_the_first_computed() {
    let portal = Arc::new(synthetic(2).portal().unwrap());
    let plain = gamble(portal.clone(), 7, true, END);
    let cache = Arc::new(TermCache::new(1 << 28));
    let config = RunConfig::new(portal, day(START), day(END))
        .with_term_cache(Arc::clone(&cache), "synthetic, seed 2");
    let sweep = |seed| run(&mut Gambler { seed, with_pipeline: true }, &config).unwrap();
    assert_eq!(exactly(&sweep(7)), exactly(&plain));
    let first = cache.statistics();
    // The same pipeline with other trades: nothing is computed again.
    sweep(8);
    assert_eq!(exactly(&sweep(7)), exactly(&plain));
    assert_eq!(cache.statistics().misses, first.misses);
    assert!(cache.statistics().hits > first.hits);
}

#[test]
fn a_pipeline_row_sees_the_session_before() {
    struct Watcher {
        yesterday: BTreeMap<Sid, f64>,
        compared: usize,
    }
    impl Algorithm for Watcher {
        fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
            let latest = Pipeline::new().with("close", EquityPricing::CLOSE.latest());
            setup.attach_pipeline(latest, "latest")
        }
        fn before_trading_start(
            &mut self,
            ctx: &mut Context<'_>,
            data: &BarData<'_>,
        ) -> Result<(), Error> {
            // Before the open the newest close is yesterday's, adjusted for today: the row's.
            let rows = ctx.pipeline_output("latest")?;
            for (&sid, &close) in rows.sids().iter().zip(rows.numbers("close")?) {
                if !close.is_nan() {
                    let known = data.current(sid, Quote::Price)?;
                    assert!((close - known).abs() <= 1e-12 * known, "{sid} {}", ctx.session());
                    self.compared += usize::from(self.yesterday.contains_key(&sid));
                }
            }
            Ok(())
        }
        fn handle_data(&mut self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
            let rows = ctx.pipeline_output("latest")?;
            self.yesterday =
                rows.sids().iter().copied().zip(rows.numbers("close")?.iter().copied()).collect();
            Ok(())
        }
    }
    let mut watcher = Watcher { yesterday: BTreeMap::new(), compared: 0 };
    let config = RunConfig::new(synthetic(3).portal().unwrap(), day(START), day(END));
    run(&mut watcher, &config).unwrap();
    assert!(watcher.compared > 500);
}

#[test]
fn minute_runs_keep_the_account_too() {
    let config = SyntheticConfig {
        assets: 3,
        start: day("2018-01-02"),
        end: day("2019-01-31"),
        minute_assets: 3,
        minute_days: 10,
        ..SyntheticConfig::default()
    };
    let portal = Synthetic::new(config).unwrap().portal().unwrap();
    let mut trader = |ctx: &mut Context<'_>, data: &BarData<'_>| {
        let minute = ctx.now().minutes();
        for number in 0..3 {
            let sid = Sid(number);
            if (minute + i64::from(number)) % 45 == 0 && data.can_trade(sid)? {
                ctx.order(sid, if minute % 2 == 0 { 300.0 } else { -200.0 })?;
            }
        }
        Ok(())
    };
    let config = RunConfig::new(portal, day("2019-01-29"), day("2019-01-31"))
        .with_clocking(Clocking::Minute);
    let result = run(&mut trader, &config).unwrap();
    assert!(result.transactions().len() > 20);
    let paid: f64 = result.transactions().iter().map(Transaction::cash_flow).sum();
    let income: f64 = result.sessions().iter().map(|row| row.income).sum();
    let last = result.sessions().last().unwrap();
    assert!((100_000.0 + paid + income - last.cash).abs() < 1e-6);
    // An order never meets the bar it was placed in.
    for trade in result.transactions() {
        if let rustybt_algorithm::Cause::Order(id) = trade.cause {
            assert!(trade.at > result.orders()[id.0 as usize].created);
        }
    }
}
