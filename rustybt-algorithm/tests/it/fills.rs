//! Fills, slippage and commission of whole runs, against calculations by hand.

use rustybt_algorithm::{
    Algorithm, CancelPolicy, Cause, Context, Error, FixedBasisPoints, NoSlippage, OrderId,
    PerShare, PerTrade, RunConfig, Setup, Status, Style, run,
};
use rustybt_data::{BarData, Quote, Sid};

use crate::market::{DAYS, Market, day};

/// Does one thing at the bar of one session.
struct Once<F> {
    on: &'static str,
    act: F,
    setup: fn(&mut Setup<'_, Self>),
}

impl<F: FnMut(&mut Context<'_>) -> Result<(), Error>> Algorithm for Once<F> {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        (self.setup)(setup);
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
        if ctx.session() == day(self.on) { (self.act)(ctx) } else { Ok(()) }
    }
}

#[test]
fn an_order_meets_the_next_bar() {
    let market = Market::until(DAYS[5]).with("A", &[50.0, 51.0, 52.0, 53.0, 54.0, 55.0], 1e6);
    let mut buy = |ctx: &mut Context<'_>, data: &BarData<'_>| {
        if ctx.session() == day(DAYS[1]) {
            assert_eq!(data.current(Sid(0), Quote::Price)?, 51.0);
            ctx.order(Sid(0), 1_000.0)?;
        }
        Ok(())
    };
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[5]));
    let result = run(&mut buy, &config).unwrap();

    let [fill] = result.transactions() else { panic!("{:?}", result.transactions()) };
    // Ordered at the close of Tuesday, filled at the close of Wednesday: 1,000 of a million are a
    // share of 0.001, and the price moves by 0.1 * 0.001² of 52.
    assert_eq!(fill.at.to_string(), "2019-03-06T21:00Z");
    assert!((fill.price - 52.000_005_2).abs() < 1e-12);
    assert_eq!(
        (fill.amount, fill.commission, fill.cause),
        (1_000.0, 1.0, Cause::Order(OrderId(0)))
    );
    // 100,000 - 52,000.0052 - 1 in cash, and a thousand shares at the close of each day.
    let cash = 47_998.994_8;
    for (row, value) in result.sessions().iter().zip([0.0, 0.0, 52e3, 53e3, 54e3, 55e3]) {
        let cash = if value == 0.0 { 100_000.0 } else { cash };
        assert!((row.cash - cash).abs() < 1e-9, "{}", row.session);
        assert!((row.portfolio_value - cash - value).abs() < 1e-9, "{}", row.session);
    }
    let day_of_fill = &result.sessions()[2];
    assert!((day_of_fill.capital_used + 52_001.005_2).abs() < 1e-9);
    assert!((day_of_fill.returns - -1.005_2e-5).abs() < 1e-12);
    assert_eq!((day_of_fill.orders, day_of_fill.transactions), (0, 1));
    assert_eq!(result.sessions()[1].orders, 1);
    assert!((day_of_fill.positions[0].cost_basis - 52.001_005_2).abs() < 1e-12);
    assert!((result.total_return() - 0.029_989_948).abs() < 1e-12);
    // The same as text: a row a session, and no zero with a sign.
    let text = result.table().to_csv();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("session,portfolio_value,cash,positions_value,returns,pnl,drawdown")
    );
    assert_eq!(lines[1], "2019-03-04,100000,100000,0,0,0,0,0,0,0,0,0,0,0,0,0");
    assert!(lines[6].starts_with("2019-03-11,102998.9948,47998.9948,55000,"), "{}", lines[6]);
    assert_eq!(
        result.transactions_table().to_csv(),
        format!(
            "at,sid,amount,price,commission,order\n2019-03-06T21:00Z,0,1000,{},1,0\n",
            fill.price
        )
    );
    assert_eq!(result.orders_table().rows(), 1);
    assert_eq!(result.positions_table().rows(), 4);
}

#[test]
fn two_orders_share_the_volume_and_carry_over() {
    // 2.5 % of 10,000 are 250 a day. No trade on Thursday.
    let market = Market::until(DAYS[5]).with("A", &[10.0, 10.0, 10.0, f64::NAN, 10.0, 10.0], 1e4);
    let mut strategy = Once {
        on: DAYS[0],
        act: |ctx: &mut Context<'_>| {
            ctx.order(Sid(0), 400.0)?;
            ctx.order(Sid(0), -200.0)?;
            assert_eq!(ctx.open_orders(Sid(0)).count(), 2);
            Ok(())
        },
        setup: |_| {},
    };
    let result =
        run(&mut strategy, &RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[5]))).unwrap();
    let fills: Vec<(String, f64)> =
        result.transactions().iter().map(|t| (t.at.date().to_string(), t.amount)).collect();
    let expected = [(DAYS[1], 250.0), (DAYS[2], 150.0), (DAYS[2], -100.0), (DAYS[4], -100.0)];
    assert_eq!(fills, expected.map(|(date, amount)| (date.to_owned(), amount)));
    // A share of 0.025, then 0.015 and, on top of it, 0.025; alone on Friday, 0.01.
    let prices = [10.000_625, 10.000_225, 9.999_375, 9.999_9];
    for (fill, price) in result.transactions().iter().zip(prices) {
        assert!((fill.price - price).abs() < 1e-12, "{fill:?}");
    }
    assert!(result.orders().iter().all(|order| order.status == Status::Filled));
    assert!((result.orders()[0].commission - 0.4).abs() < 1e-12);
}

#[test]
fn models_can_be_set() {
    let market = Market::until(DAYS[2]).with("A", &[10.0, 20.0, 20.0], 100.0);
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[2]));
    let buy = |ctx: &mut Context<'_>| ctx.order(Sid(0), 50.0).map(drop);

    let setup = |setup: &mut Setup<'_, _>| {
        setup.set_slippage(NoSlippage);
        setup.set_commission(PerTrade { cost: 7.0 });
    };
    let result = run(&mut Once { on: DAYS[0], act: buy, setup }, &config).unwrap();
    assert_eq!(result.sessions()[1].cash, 100_000.0 - 50.0 * 20.0 - 7.0);

    let setup = |setup: &mut Setup<'_, _>| {
        setup.set_slippage(FixedBasisPoints::default());
        setup.set_commission(PerShare { cost: 0.0, minimum: 0.0 });
        setup.set_cancel_policy(CancelPolicy::EndOfDay);
    };
    // A tenth of 100 at 20 and five hundredths of a percent; but the order did not outlive its day.
    let result = run(&mut Once { on: DAYS[0], act: buy, setup }, &config).unwrap();
    assert!(result.transactions().is_empty());
    assert_eq!(result.orders()[0].status, Status::Cancelled);

    let setup = |setup: &mut Setup<'_, _>| setup.set_slippage(FixedBasisPoints::default());
    let result = run(&mut Once { on: DAYS[0], act: buy, setup }, &config).unwrap();
    assert_eq!((result.transactions()[0].amount, result.transactions()[0].price), (10.0, 20.01));
}

#[test]
fn limits_and_stops_wait() {
    let closes = [100.0, 104.0, 96.0, 101.0, 94.0, 99.0];
    let market = Market::until(DAYS[5]).with("A", &closes, 1e9);
    let mut strategy = Once {
        on: DAYS[0],
        act: |ctx: &mut Context<'_>| {
            ctx.order_at(Sid(0), 1.0, Style::Limit(95.0))?; // Friday at 94
            ctx.order_at(Sid(0), 2.0, Style::Stop(103.0))?; // Tuesday at 104
            ctx.order_at(Sid(0), -3.0, Style::Limit(101.0))?; // Tuesday at 104
            ctx.order_at(Sid(0), -4.0, Style::Stop(95.0))?; // Friday at 94
            ctx.order_at(Sid(0), 5.0, Style::StopLimit { stop: 104.0, limit: 97.0 })?; // Wednesday
            ctx.order_at(Sid(0), 6.0, Style::Limit(1.0))?; // never
            Ok(())
        },
        setup: |setup| setup.set_slippage(NoSlippage),
    };
    let result =
        run(&mut strategy, &RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[5]))).unwrap();
    let fills: Vec<(f64, f64)> =
        result.transactions().iter().map(|t| (t.amount, t.price)).collect();
    assert_eq!(fills, [(2.0, 104.0), (-3.0, 104.0), (5.0, 96.0), (1.0, 94.0), (-4.0, 94.0)]);
    assert_eq!(result.orders()[5].status, Status::Open);
}

#[test]
fn values_percentages_and_targets() {
    let market = Market::until(DAYS[5]).with("A", &[30.0; 6], 1e9);
    let mut placed = Vec::new();
    let mut strategy = |ctx: &mut Context<'_>, _: &BarData<'_>| {
        let a = Sid(0);
        match ctx.session() {
            d if d == day(DAYS[0]) => {
                ctx.order_value(a, 1_000.0)?; // 33.3
                ctx.order_percent(a, 0.3)?; // 30,000 are 1,000
            }
            d if d == day(DAYS[1]) => {
                assert_eq!(ctx.portfolio().amount(a), 1_033.0);
                ctx.order_target(a, 500.0)?;
                ctx.order_target_value(a, 3_030.0)?; // 101
                ctx.order_target_percent(a, -0.5)?;
                assert_eq!(ctx.order(a, 0.999)?, None);
                assert_eq!(ctx.order(a, 0.999_95)?.map(|id| id.0), Some(5));
                ctx.cancel(OrderId(5))?;
            }
            _ => {}
        }
        placed = ctx.all_open_orders().map(|order| order.amount).collect::<Vec<_>>();
        Ok(())
    };
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[1]));
    let result = run(&mut strategy, &config).unwrap();
    // Value after buying 1,033: 99,998.9… (commission and a little slippage); half of it at 30 is
    // 1,666.6, sold short beyond the 1,033 held: 2,699.6 toward zero.
    assert_eq!(placed, [-533.0, -932.0, -2_699.0]);
    assert!((result.final_value() - (100_000.0 - 1.033)).abs() < 1e-6);
}

#[test]
fn coins_trade_in_parts() {
    let sessions = [day(DAYS[0]), day(DAYS[1])];
    let mut coin = rustybt_data::Asset::equity(Sid(0), "BTC/USD", sessions[0], sessions[1]);
    coin.class = rustybt_data::AssetClass::CryptoSpot;
    let market = Market::until(DAYS[1]).with_asset(coin, vec![8_000.0; 2], vec![10.0; 2]);
    let mut strategy = Once {
        on: DAYS[0],
        act: |ctx: &mut Context<'_>| ctx.order_value(Sid(0), 1_000.0).map(drop),
        setup: |setup| setup.set_slippage(NoSlippage),
    };
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[1]));
    let result = run(&mut strategy, &config).unwrap();
    assert_eq!(result.transactions()[0].amount, 0.125);
}
