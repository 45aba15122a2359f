//! What a bar does to the orders of an asset.

use rustybt_calendars::Timestamp;
use rustybt_data::Sid;

use super::{Commission, Lot, Order, OrderId, Slippage, Status};

/// The bar that orders trade against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TradedBar {
    /// When it closes.
    pub at: Timestamp,
    /// Its close, in the asset's quote currency.
    pub close: f64,
    /// Units traded in it.
    pub volume: f64,
}

impl TradedBar {
    /// Whether anything can trade in it: a bar without a close or without volume fills nothing.
    pub fn is_tradable(&self) -> bool {
        self.close.is_finite() && self.close > 0.0 && self.volume > 0.0
    }
}

/// Why units changed hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// An order was filled, all of it or in part.
    Order(OrderId),
    /// The asset stopped trading, and what was left of the position was sold at the last price.
    AutoClose,
}

/// Units that changed hands, at one price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transaction {
    /// Why.
    pub cause: Cause,
    /// What was traded.
    pub sid: Sid,
    /// When.
    pub at: Timestamp,
    /// Units: positive bought, negative sold.
    pub amount: f64,
    /// Price of one unit, slippage included.
    pub price: f64,
    /// Commission paid, in currency, never negative.
    pub commission: f64,
}

impl Transaction {
    /// What the trade did to cash: the price of what was sold, less commission.
    pub fn cash_flow(&self) -> f64 {
        -(self.amount * self.price) - self.commission
    }
}

/// Fills the orders of one asset from one bar, the earliest order first; they share its volume.
pub(crate) fn fill<'a>(
    orders: impl Iterator<Item = &'a mut Order>,
    bar: &TradedBar,
    lot: Lot,
    slippage: &dyn Slippage,
    commission: &dyn Commission,
    mut record: impl FnMut(Transaction),
) {
    if !bar.is_tradable() {
        return;
    }
    let mut taken = 0.0;
    for order in orders {
        order.see(bar.close, bar.at);
        if !order.awake || !order.accepts(bar.close) {
            continue;
        }
        let Some(execution) = slippage.execute(order, bar, taken, lot) else { continue };
        // Never more than was asked for, whatever the model says.
        let amount = execution.amount.min(order.open_amount().abs()) * order.direction();
        if amount == 0.0 || !order.accepts(execution.price) {
            continue;
        }
        let mut transaction = Transaction {
            cause: Cause::Order(order.id),
            sid: order.sid,
            at: bar.at,
            amount,
            price: execution.price,
            commission: 0.0,
        };
        transaction.commission = commission.cost(order, &transaction);
        taken += amount.abs();
        order.filled += amount;
        order.commission += transaction.commission;
        order.updated = bar.at;
        if lot.round(order.open_amount()) == 0.0 {
            order.filled = order.amount;
            order.status = Status::Filled;
        }
        record(transaction);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{NoSlippage, PerShare, Style, VolumeShareSlippage};

    fn order(id: u64, amount: f64, style: Style) -> Order {
        Order::new(OrderId(id), Sid(1), amount, style, Timestamp::from_minutes(0))
    }

    fn run(
        orders: &mut [Order],
        close: f64,
        volume: f64,
        slippage: &dyn Slippage,
    ) -> Vec<Transaction> {
        let bar = TradedBar { at: Timestamp::from_minutes(1), close, volume };
        let mut done = Vec::new();
        fill(orders.iter_mut(), &bar, Lot::WHOLE, slippage, &PerShare::default(), |t| done.push(t));
        done
    }

    #[test]
    fn orders_of_a_bar_share_its_volume() {
        // 2.5 % of 4,000 are 100 units: 80 for the first order, 20 of 50 for the second.
        let mut orders = [order(0, 80.0, Style::Market), order(1, -50.0, Style::Market)];
        let done = run(&mut orders, 10.0, 4_000.0, &VolumeShareSlippage::default());
        assert_eq!(done.len(), 2);
        // Share 80/4000 = 0.02: 10 * (1 + 0.1 * 0.0004). Then 100/4000 = 0.025, selling.
        assert_eq!(done[0].price, 10.0 + 0.02 * 0.02 * 0.1 * 10.0);
        assert_eq!((done[1].amount, done[1].price), (-20.0, 10.0 - 0.025 * 0.025 * 0.1 * 10.0));
        assert_eq!((orders[0].status, orders[1].status), (Status::Filled, Status::Open));
        assert_eq!(orders[1].open_amount(), -30.0);
        assert_eq!(done[0].commission, 0.08);
    }

    #[test]
    fn nothing_trades_without_volume_or_price() {
        for (close, volume) in [(10.0, 0.0), (f64::NAN, 100.0), (0.0, 100.0), (10.0, f64::NAN)] {
            let mut orders = [order(0, 1.0, Style::Market)];
            assert!(run(&mut orders, close, volume, &NoSlippage).is_empty());
            assert_eq!(orders[0].status, Status::Open);
        }
    }

    #[test]
    fn slippage_never_pushes_a_fill_through_its_limit() {
        let mut orders = [order(0, 80.0, Style::Limit(10.0))];
        assert!(run(&mut orders, 10.0, 4_000.0, &VolumeShareSlippage::default()).is_empty());
        assert_eq!(run(&mut orders, 9.99, 4_000.0, &VolumeShareSlippage::default()).len(), 1);
    }
}
