//! What a strategy owns: cash, and a position in each asset it holds.
//!
//! # Why `f64`
//!
//! Prices are exact where they are stored, and `f64` from there on: a fill at
//! `close * (1 + 0.1 * share²)` has no finite decimal anyway. Cash in `f64` is off by less than
//! `1e-12` of what went through the account, far below a cent, and agrees with zipline, which
//! computes the same way.

mod dividend;
mod position;

use std::collections::BTreeMap;

use rustybt_data::Sid;

pub(crate) use self::dividend::{Payable, Payables};
pub use self::position::Position;
use crate::order::{Lot, Transaction};
use crate::split::Split;

/// Cash and positions.
///
/// Its value is the cash and what every position is worth at its last known price. Cash may go
/// below zero: nothing is asked for borrowed money or borrowed shares.
#[derive(Debug, Clone, PartialEq)]
pub struct Portfolio {
    cash: f64,
    positions: BTreeMap<Sid, Position>,
}

impl Portfolio {
    pub(crate) const fn new(cash: f64) -> Self {
        Self { cash, positions: BTreeMap::new() }
    }

    /// Cash, in currency.
    pub const fn cash(&self) -> f64 {
        self.cash
    }

    /// The position in an asset; `None` where nothing is held.
    pub fn position(&self, sid: Sid) -> Option<&Position> {
        self.positions.get(&sid)
    }

    /// Units held of an asset: negative when sold short, `0.0` where nothing is held.
    pub fn amount(&self, sid: Sid) -> f64 {
        self.position(sid).map_or(0.0, |position| position.amount)
    }

    /// Every position, in ascending order of sid; none is empty.
    pub fn positions(&self) -> impl ExactSizeIterator<Item = &Position> {
        self.positions.values()
    }

    /// What all positions are worth: long ones count up, short ones down.
    pub fn positions_value(&self) -> f64 {
        total(self.positions().map(Position::value))
    }

    /// Cash and positions together.
    pub fn value(&self) -> f64 {
        self.cash + self.positions_value()
    }

    /// What the long positions are worth.
    pub fn long_exposure(&self) -> f64 {
        total(self.positions().map(|position| position.value().max(0.0)))
    }

    /// What the short positions are worth, never positive.
    pub fn short_exposure(&self) -> f64 {
        total(self.positions().map(|position| position.value().min(0.0)))
    }

    /// All exposure, long and short added up, over the value; `0.0` where nothing is held.
    pub fn leverage(&self) -> f64 {
        let gross = self.long_exposure() - self.short_exposure();
        if gross == 0.0 { 0.0 } else { gross / self.value() }
    }

    /// Books a trade.
    pub(crate) fn trade(&mut self, transaction: &Transaction, lot: Lot) {
        self.cash += transaction.cash_flow();
        let position = self
            .positions
            .entry(transaction.sid)
            .or_insert_with(|| Position::empty(transaction.sid, transaction.price));
        position.trade(transaction, lot);
        if position.amount == 0.0 {
            self.positions.remove(&transaction.sid);
        }
    }

    /// Pays cash in, or out when negative.
    pub(crate) fn pay(&mut self, cash: f64) {
        self.cash += cash;
    }

    /// Adds units that cost nothing, at the price they are worth.
    pub(crate) fn receive(&mut self, sid: Sid, amount: f64, price: f64) {
        if amount == 0.0 {
            return;
        }
        let position = self.positions.entry(sid).or_insert_with(|| Position::empty(sid, price));
        position.receive(amount);
        if position.amount == 0.0 {
            self.positions.remove(&sid);
        }
    }

    /// Splits a position; what is left of a unit is paid in cash, which is returned.
    pub(crate) fn split(&mut self, sid: Sid, split: Split, lot: Lot) -> f64 {
        let Some(position) = self.positions.get_mut(&sid) else { return 0.0 };
        let cash = position.split(split, lot);
        if position.amount == 0.0 {
            self.positions.remove(&sid);
        }
        self.cash += cash;
        cash
    }

    /// Gives every position its newest price; a position without one keeps what it had.
    pub(crate) fn mark<E>(
        &mut self,
        mut price: impl FnMut(Sid) -> Result<f64, E>,
    ) -> Result<(), E> {
        for position in self.positions.values_mut() {
            let newest = price(position.sid)?;
            if !newest.is_nan() {
                position.last_price = newest;
            }
        }
        Ok(())
    }
}

/// The sum, from zero: `sum()` of nothing is `-0.0`, which prints its sign.
pub(crate) fn total(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

#[cfg(test)]
mod tests {
    use rustybt_calendars::Timestamp;

    use super::*;
    use crate::order::Cause;

    fn trade(portfolio: &mut Portfolio, amount: f64, price: f64, commission: f64) {
        let at = Timestamp::from_minutes(0);
        let cause = Cause::AutoClose;
        let transaction = Transaction { cause, sid: Sid(3), at, amount, price, commission };
        portfolio.trade(&transaction, Lot::WHOLE);
    }

    #[test]
    fn buying_and_selling_moves_value_between_cash_and_position() {
        let mut portfolio = Portfolio::new(1_000.0);
        trade(&mut portfolio, 10.0, 50.0, 1.0);
        assert_eq!(
            (portfolio.cash(), portfolio.positions_value(), portfolio.value()),
            (499.0, 500.0, 999.0)
        );
        portfolio.mark(|_| Ok::<_, ()>(60.0)).unwrap();
        portfolio.mark(|_| Ok::<_, ()>(f64::NAN)).unwrap();
        assert_eq!(portfolio.value(), 1_099.0);
        assert!((portfolio.leverage() - 600.0 / 1_099.0).abs() < 1e-15);
        trade(&mut portfolio, -10.0, 60.0, 1.0);
        assert_eq!((portfolio.value(), portfolio.positions().len()), (1_098.0, 0));
    }

    #[test]
    fn a_short_sale_owes() {
        let mut portfolio = Portfolio::new(0.0);
        trade(&mut portfolio, -5.0, 20.0, 0.0);
        portfolio.mark(|_| Ok::<_, ()>(25.0)).unwrap();
        assert_eq!((portfolio.cash(), portfolio.value()), (100.0, -25.0));
        assert_eq!((portfolio.long_exposure(), portfolio.short_exposure()), (0.0, -125.0));
    }

    #[test]
    fn a_split_keeps_whole_units_and_pays_for_the_rest() {
        let mut portfolio = Portfolio::new(0.0);
        trade(&mut portfolio, 33.0, 10.0, 0.0);
        // One for twenty: 33 become 1.65, so 1 and 0.65 at a basis of 200.
        assert_eq!(portfolio.split(Sid(3), Split::new(1, 20), Lot::WHOLE), 130.0);
        let position = portfolio.position(Sid(3)).unwrap();
        assert_eq!(
            (position.amount, position.cost_basis, position.last_price),
            (1.0, 200.0, 200.0)
        );
        assert_eq!(portfolio.value(), 0.0 - 330.0 + 130.0 + 200.0);
        // Too few for even one: all of it is cash.
        assert_eq!(portfolio.split(Sid(3), Split::new(1, 2), Lot::WHOLE), 200.0);
        assert_eq!(portfolio.positions().len(), 0);
    }
}
