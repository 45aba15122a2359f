//! What splits, dividends and delistings do to positions, against calculations by hand.

use std::sync::Arc;

use rustybt_algorithm::{
    Algorithm, Cause, Context, Error, NoSlippage, PerShare, Performance, RunConfig, Setup, Status,
    run,
};
use rustybt_data::{Action, Asset, BarData, DataPortal, Quote, Sid};

use crate::market::{DAYS, Market, day, dividend};

/// Holds an amount of asset 0 from the second session on, and writes down what it sees before each open.
struct Holder {
    amount: f64,
    /// Value of the portfolio and price before each open.
    before: Vec<(f64, f64)>,
}

impl Algorithm for Holder {
    fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
        setup.set_slippage(NoSlippage);
        setup.set_commission(PerShare { cost: 0.0, minimum: 0.0 });
        Ok(())
    }

    fn before_trading_start(
        &mut self,
        ctx: &mut Context<'_>,
        data: &BarData<'_>,
    ) -> Result<(), Error> {
        self.before.push((ctx.portfolio().value(), data.current(Sid(0), Quote::Price)?));
        Ok(())
    }

    fn handle_data(&mut self, ctx: &mut Context<'_>, _: &BarData<'_>) -> Result<(), Error> {
        if ctx.session() == day(DAYS[0]) {
            ctx.order(Sid(0), self.amount)?;
        }
        Ok(())
    }
}

fn hold(amount: f64, portal: Arc<DataPortal>) -> (Holder, Performance) {
    let mut holder = Holder { amount, before: Vec::new() };
    let config = RunConfig::new(portal, day(DAYS[0]), day(DAYS[5])).with_capital(1_000.0);
    let result = run(&mut holder, &config).unwrap();
    (holder, result)
}

fn cash(result: &Performance) -> Vec<f64> {
    result.sessions().iter().map(|row| row.cash).collect()
}

#[test]
fn a_split_multiplies_units_and_leaves_the_value() {
    let market = Market::until(DAYS[5])
        .with("A", &[90.0, 90.0, 90.0, 30.0, 30.0, 33.0], 1e6)
        .event(0, DAYS[3], Action::Split { new: 3, old: 1 });
    let (holder, result) = hold(7.0, market.portal());
    assert_eq!(result.values(), [1_000.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0, 1_063.0]);
    let position = result.sessions()[3].positions[0];
    assert_eq!((position.amount, position.cost_basis), (21.0, 30.0));
    // Before the open of the split's day, price and position are already the new ones.
    assert_eq!(holder.before[3], (1_000.0, 30.0));
}

#[test]
fn a_reverse_split_pays_for_the_fraction_at_the_basis() {
    let market = Market::until(DAYS[5])
        .with("A", &[10.0, 10.0, 11.0, 220.0, 220.0, 220.0], 1e6)
        .event(0, DAYS[3], Action::Split { new: 1, old: 20 });
    let (_, result) = hold(33.0, market.portal());
    // 33 / 20 = 1.65: one unit, and 0.65 at the basis of 10 * 20, in cents.
    assert_eq!(result.sessions()[3].income, 130.0);
    assert_eq!(cash(&result)[3..], [800.0, 800.0, 800.0]);
    assert_eq!(result.sessions()[3].positions[0].amount, 1.0);
    assert_eq!(result.final_value(), 1_020.0);
}

#[test]
fn a_dividend_is_earned_on_its_ex_date_and_paid_when_due() {
    let market = Market::until(DAYS[5])
        .with("A", &[50.0, 50.0, 48.5, 48.5, 48.5, 48.5], 1e6)
        .event(0, DAYS[2], dividend("1.50", Some(DAYS[4])));
    let (_, result) = hold(10.0, market.portal());
    assert_eq!(cash(&result), [1_000.0, 500.0, 500.0, 500.0, 515.0, 515.0]);
    assert_eq!(result.values()[3..], [985.0, 1_000.0, 1_000.0]);
    assert_eq!(result.sessions()[4].income, 15.0);

    // Bought on the ex-date: nothing is earned. A day without a pay date pays at once.
    let late = Market::until(DAYS[5]).with("A", &[50.0; 6], 1e6);
    let late =
        late.event(0, DAYS[1], dividend("1.5", None)).event(0, DAYS[3], dividend("0.25", None));
    let (holder, result) = hold(10.0, late.portal());
    assert_eq!(cash(&result), [1_000.0, 500.0, 500.0, 502.5, 502.5, 502.5]);
    // Before that open the price is lower by what was paid, and the value is what it was.
    assert_eq!(holder.before[3], (1_000.0, 49.75));

    // Who is short owes it; a Sunday counts as Monday.
    let short = Market::until(DAYS[5]).with("A", &[50.0; 6], 1e6);
    let short = short.event(0, "2019-03-10", dividend("2", None));
    let (_, result) = hold(-10.0, short.portal());
    assert_eq!(cash(&result), [1_000.0, 1_500.0, 1_500.0, 1_500.0, 1_500.0, 1_480.0]);
}

#[test]
fn a_dividend_and_a_split_of_one_day_are_for_the_old_units() {
    let market = Market::until(DAYS[5])
        .with("A", &[50.0, 50.0, 25.0, 25.0, 25.0, 25.0], 1e6)
        .event(0, DAYS[2], Action::Split { new: 2, old: 1 })
        .event(0, DAYS[2], dividend("1", None));
    let (_, result) = hold(10.0, market.portal());
    assert_eq!(cash(&result)[2], 510.0);
    assert_eq!(result.sessions()[2].positions[0].amount, 20.0);
}

#[test]
fn a_stock_dividend_brings_units_of_another_asset() {
    let spin = Action::StockDividend {
        payment: Sid(1),
        ratio: "0.25".parse().unwrap(),
        pay: Some(day(DAYS[3])),
    };
    let market = Market::until(DAYS[5])
        .with("A", &[50.0; 6], 1e6)
        .with("B", &[8.0, 8.0, 8.0, 8.0, 8.0, 9.0], 1e6)
        .event(0, DAYS[2], spin);
    let (_, result) = hold(10.0, market.portal());
    // 2.5 units toward zero.
    assert_eq!(result.values(), [1_000.0, 1_000.0, 1_000.0, 1_016.0, 1_016.0, 1_018.0]);
    assert_eq!(result.sessions()[3].positions[1].amount, 2.0);
}

#[test]
fn what_stops_trading_is_sold_at_its_last_price() {
    let market = Market::until(DAYS[5]).with("GONE", &[20.0, 20.0, 25.0], 1e6);
    let (holder, result) = hold(10.0, market.portal());
    // The last bar is Wednesday's; the position is closed at the end of Thursday, at 25.
    let [_, sale] = result.transactions() else { panic!("{:?}", result.transactions()) };
    assert_eq!(
        (sale.cause, sale.amount, sale.price, sale.commission),
        (Cause::AutoClose, -10.0, 25.0, 0.0)
    );
    assert_eq!(sale.at.to_string(), "2019-03-07T21:00Z");
    assert_eq!(cash(&result), [1_000.0, 800.0, 800.0, 1_050.0, 1_050.0, 1_050.0]);
    assert_eq!(result.values()[2..], [1_050.0; 4]);
    assert!(holder.before[4].1.is_nan());
}

#[test]
fn an_auto_close_date_comes_first() {
    let mut asset = Asset::equity(Sid(0), "SOON", day(DAYS[0]), day(DAYS[5]));
    asset.auto_close = Some(day(DAYS[2]));
    let market = Market::until(DAYS[5]).with_asset(
        asset,
        vec![20.0, 20.0, 25.0, 30.0, 30.0, 30.0],
        vec![1e6; 6],
    );
    let (_, result) = hold(10.0, market.portal());
    assert_eq!(cash(&result), [1_000.0, 800.0, 1_050.0, 1_050.0, 1_050.0, 1_050.0]);
}

#[test]
fn open_orders_follow_splits_and_die_with_their_asset() {
    // Nothing trades before the split, so the order waits.
    let nan = f64::NAN;
    let market = Market::until(DAYS[5]).with("A", &[60.0, nan, nan, 20.0, 20.0, 20.0], 1e6).event(
        0,
        DAYS[3],
        Action::Split { new: 3, old: 1 },
    );
    let (_, result) = hold(5.0, market.portal());
    assert_eq!((result.transactions()[0].amount, result.transactions()[0].price), (15.0, 20.0));

    let market = Market::until(DAYS[5]).with("GONE", &[60.0, nan], 1e6);
    let (_, result) = hold(5.0, market.portal());
    assert_eq!(result.orders()[0].status, Status::Cancelled);
    assert_eq!(result.orders()[0].updated.to_string(), "2019-03-06T21:00Z");
}

#[test]
fn a_dividend_in_another_currency_is_refused() {
    let mut action = dividend("1", None);
    if let Action::Dividend { currency, .. } = &mut action {
        *currency = Some("EUR".to_owned());
    }
    let market = Market::until(DAYS[5]).with("A", &[50.0; 6], 1e6).event(0, DAYS[3], action);
    let mut holder = Holder { amount: 1.0, before: Vec::new() };
    let config = RunConfig::new(market.portal(), day(DAYS[0]), day(DAYS[5]));
    let error = run(&mut holder, &config).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`A` (sid 0) pays a dividend in EUR on 2019-03-07, and its prices are in USD; payments are not converted"
    );
}
