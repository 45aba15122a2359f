//! The units held of one asset, what they cost and what they are worth.

use rustybt_data::Sid;

use crate::order::{Lot, Transaction};
use crate::split::{Split, cents};

/// A holding in one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// The asset.
    pub sid: Sid,
    /// Units held: negative when sold short.
    pub amount: f64,
    /// The price of a unit at which closing the position would neither gain nor lose, commission
    /// included.
    pub cost_basis: f64,
    /// The last price known of a unit.
    pub last_price: f64,
}

impl Position {
    pub(super) const fn empty(sid: Sid, price: f64) -> Self {
        Self { sid, amount: 0.0, cost_basis: 0.0, last_price: price }
    }

    /// What the position is worth at its last price: negative when sold short.
    pub fn value(&self) -> f64 {
        self.amount * self.last_price
    }

    /// What closing the position at its last price would gain, commission aside.
    pub fn gain(&self) -> f64 {
        self.amount * (self.last_price - self.cost_basis)
    }

    /// Books a trade: the basis is the mean price of what was added; reducing a position leaves it,
    /// turning it around starts it anew.
    pub(super) fn trade(&mut self, transaction: &Transaction, lot: Lot) {
        let Transaction { amount, price, commission, .. } = *transaction;
        let total = self.amount + amount;
        let total = if lot.round(total) == 0.0 { 0.0 } else { total };
        if total == 0.0 {
            self.cost_basis = 0.0;
        } else if self.amount == 0.0 || self.amount.signum() == amount.signum() {
            self.cost_basis = (self.cost_basis * self.amount + amount * price) / total;
        } else if amount.abs() > self.amount.abs() {
            self.cost_basis = price;
        }
        self.amount = total;
        self.last_price = price;
        if total != 0.0 {
            self.cost_basis = (self.cost_basis * total + commission) / total;
        }
    }

    /// Adds units that cost nothing.
    pub(super) fn receive(&mut self, amount: f64) {
        let total = self.amount + amount;
        self.cost_basis = if total == 0.0 { 0.0 } else { self.cost_basis * self.amount / total };
        self.amount = total;
    }

    /// Splits the position and returns the cash for what is left of a unit.
    ///
    /// As in zipline, units are truncated toward zero, the basis is rounded to cents, and the rest
    /// is paid at that basis, in cents. The last price follows the split at once.
    pub(super) fn split(&mut self, split: Split, lot: Lot) -> f64 {
        let (whole, rest) = split.units(self.amount, lot);
        self.amount = whole;
        self.cost_basis = split.cents(self.cost_basis);
        self.last_price = split.price(self.last_price);
        cents(rest * self.cost_basis)
    }
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::Timestamp;

    use super::*;
    use crate::order::Cause;

    /// The basis after each of some trades `(amount, price, commission)`.
    fn bases(trades: &[(f64, f64, f64)]) -> Vec<f64> {
        let mut position = Position::empty(Sid(0), 0.0);
        trades
            .iter()
            .map(|&(amount, price, commission)| {
                let at = Timestamp::from_minutes(0);
                let cause = Cause::AutoClose;
                let trade = Transaction { cause, sid: Sid(0), at, amount, price, commission };
                position.trade(&trade, Lot::WHOLE);
                position.cost_basis
            })
            .collect()
    }

    #[test]
    fn the_basis_is_where_closing_would_break_even() {
        // 10 at 100 and 30 at 120 cost 4,600 for 40.
        assert_eq!(bases(&[(10.0, 100.0, 0.0), (30.0, 120.0, 0.0)]), [100.0, 115.0]);
        // Commission of 10 on 10 units adds 1 to a long basis and takes 1 from a short one.
        assert_eq!(bases(&[(10.0, 100.0, 10.0)]), [101.0]);
        assert_eq!(bases(&[(-10.0, 100.0, 10.0)]), [99.0]);
        // Selling some leaves the basis; selling through zero starts anew.
        assert_eq!(
            bases(&[(10.0, 100.0, 0.0), (-4.0, 150.0, 0.0), (-10.0, 90.0, 0.0), (4.0, 80.0, 0.0)]),
            [100.0, 100.0, 90.0, 0.0]
        );
    }

    #[test]
    fn units_received_lower_the_basis() {
        let mut position =
            Position { sid: Sid(0), amount: 10.0, cost_basis: 30.0, last_price: 40.0 };
        position.receive(5.0);
        assert_eq!((position.amount, position.cost_basis, position.gain()), (15.0, 20.0, 300.0));
    }
}
