//! What a fill costs beside its price.

use std::fmt::Debug;

use super::{Order, Transaction};

/// Decides the commission of a fill.
pub trait Commission: Debug + Send + Sync {
    /// What this fill adds to the commission of its order, in currency, never negative.
    ///
    /// The order is as it was before the fill: `filled` and `commission` do not count it yet.
    fn cost(&self, order: &Order, transaction: &Transaction) -> f64;
}

/// An amount of money for every unit, with a minimum for every order.
///
/// ```
/// use rustybt_algorithm::PerShare;
///
/// assert_eq!(PerShare::default(), PerShare { cost: 0.001, minimum: 0.0 });
/// ```
///
/// # Source
///
/// zipline's `PerShare`, with the same defaults. The minimum is paid with the first fill, and
/// later fills cost nothing until the units have used it up. A split between two fills changes no
/// cost of the first; zipline counts the units that were filled before it anew.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerShare {
    /// Currency for one unit; `0.001` by default.
    pub cost: f64,
    /// The least an order costs once it is filled at all; `0.0` by default.
    pub minimum: f64,
}

impl Default for PerShare {
    fn default() -> Self {
        Self { cost: 0.001, minimum: 0.0 }
    }
}

impl Commission for PerShare {
    fn cost(&self, order: &Order, transaction: &Transaction) -> f64 {
        let fill = transaction.amount.abs() * self.cost;
        if order.commission == 0.0 {
            return fill.max(self.minimum);
        }
        let before = order.filled.abs() * self.cost;
        (before + fill).max(self.minimum) - before.max(self.minimum)
    }
}

/// An amount of money for every order, paid with its first fill.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PerTrade {
    /// Currency for one order.
    pub cost: f64,
}

impl Commission for PerTrade {
    fn cost(&self, order: &Order, _: &Transaction) -> f64 {
        if order.commission == 0.0 { self.cost } else { 0.0 }
    }
}

/// A part of the value traded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerDollar {
    /// Currency for each unit of currency traded; `0.0015` by default, as in zipline.
    pub cost: f64,
}

impl Default for PerDollar {
    fn default() -> Self {
        Self { cost: 0.0015 }
    }
}

impl Commission for PerDollar {
    fn cost(&self, _: &Order, transaction: &Transaction) -> f64 {
        transaction.amount.abs() * (transaction.price * self.cost)
    }
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::Timestamp;
    use rustybt_data::Sid;

    use super::*;
    use crate::order::{Cause, Lot, OrderId, Style};
    use crate::split::Split;

    /// The commission of each fill of one order.
    fn costs(model: &dyn Commission, fills: &[f64], price: f64) -> Vec<f64> {
        let at = Timestamp::from_minutes(0);
        let mut order = Order::new(OrderId(0), Sid(0), fills.iter().sum(), Style::Market, at);
        fills
            .iter()
            .map(|&amount| {
                let cause = Cause::Order(order.id);
                let fill = Transaction { cause, sid: Sid(0), at, amount, price, commission: 0.0 };
                let cost = model.cost(&order, &fill);
                order.filled += amount;
                order.commission += cost;
                cost
            })
            .collect()
    }

    #[test]
    fn per_share_pays_the_minimum_first_and_then_catches_up() {
        let model = PerShare { cost: 0.01, minimum: 1.0 };
        // 50 units are worth 0.50: the minimum. 90 in all are below it. 190 in all cost 1.90.
        let paid = costs(&model, &[50.0, 40.0, 100.0], 10.0);
        assert_eq!(&paid[..2], [1.0, 0.0]);
        assert!((paid[2] - 0.9).abs() < 1e-12);
        assert_eq!(costs(&PerShare::default(), &[-2_000.0], 10.0), [2.0]);
    }

    #[test]
    fn a_split_between_two_fills_costs_nothing() {
        let at = Timestamp::from_minutes(0);
        let mut order = Order::new(OrderId(0), Sid(0), 100.0, Style::Market, at);
        (order.filled, order.commission) = (40.0, 0.4);
        order.split(Split::new(10, 1), Lot::WHOLE);
        let cause = Cause::Order(order.id);
        let fill =
            Transaction { cause, sid: Sid(0), at, amount: 600.0, price: 1.0, commission: 0.0 };
        let model = PerShare { cost: 0.01, minimum: 0.0 };
        assert!((model.cost(&order, &fill) - 6.0).abs() < 1e-12);
        // Nothing is left of what was filled: the order has paid all the same.
        order.split(Split::new(1, 500), Lot::WHOLE);
        assert_eq!((order.filled, order.amount), (0.0, 1.0));
        assert_eq!(PerTrade { cost: 5.0 }.cost(&order, &fill), 0.0);
    }

    #[test]
    fn per_trade_is_paid_once_and_per_dollar_always() {
        assert_eq!(costs(&PerTrade { cost: 5.0 }, &[1.0, 1.0], 10.0), [5.0, 0.0]);
        assert_eq!(costs(&PerDollar { cost: 0.5 }, &[-2.0, -4.0], 10.0), [10.0, 20.0]);
    }
}
