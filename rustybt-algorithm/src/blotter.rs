//! Every order of a run, and which of them are open.

use std::collections::BTreeMap;

use rustybt_calendars::Timestamp;
use rustybt_data::Sid;

use crate::Error;
use crate::order::{
    Commission, Lot, Order, OrderId, Slippage, Status, Style, TradedBar, Transaction, fill,
};
use crate::split::Split;

/// What becomes of orders that are open when a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CancelPolicy {
    /// They stay open until they are filled or cancelled.
    #[default]
    Never,
    /// They are cancelled. In a daily run, whose only bar is the end of the day, nothing is ever
    /// filled then.
    EndOfDay,
}

/// The orders of a run.
///
/// An order that is placed while a bar is handled meets the next bar at the earliest: fills come
/// before the strategy is called, and see only what was placed by then.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blotter {
    orders: Vec<Order>,
    /// The open ones of each asset, earliest first; no asset has none.
    open: BTreeMap<Sid, Vec<OrderId>>,
}

impl Blotter {
    pub(crate) fn orders(&self) -> &[Order] {
        &self.orders
    }

    pub(crate) fn into_orders(self) -> Vec<Order> {
        self.orders
    }

    pub(crate) fn order(&self, id: OrderId) -> Result<&Order, Error> {
        let order = usize::try_from(id.0).ok().and_then(|index| self.orders.get(index));
        order.ok_or(Error::UnknownOrder { id, placed: self.orders.len() })
    }

    /// The open orders of one asset, earliest first.
    pub(crate) fn open_of(&self, sid: Sid) -> impl Iterator<Item = &Order> {
        let ids = self.open.get(&sid).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|&id| self.order(id).ok())
    }

    /// Every open order, by asset, earliest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Order> {
        self.open.values().flatten().filter_map(|&id| self.order(id).ok())
    }

    /// The assets that have open orders.
    pub(crate) fn open_sids(&self) -> Vec<Sid> {
        self.open.keys().copied().collect()
    }

    pub(crate) fn place(&mut self, sid: Sid, amount: f64, style: Style, at: Timestamp) -> OrderId {
        let id = OrderId(self.orders.len() as u64);
        self.orders.push(Order::new(id, sid, amount, style, at));
        self.open.entry(sid).or_default().push(id);
        id
    }

    /// Cancels what is open of an order; one that is done stays as it is.
    pub(crate) fn cancel(&mut self, id: OrderId, at: Timestamp) -> Result<(), Error> {
        let sid = self.order(id)?.sid;
        self.change(sid, |order| {
            if order.id == id {
                order.status = Status::Cancelled;
                order.updated = at;
            }
        });
        Ok(())
    }

    /// Cancels every open order of an asset.
    pub(crate) fn cancel_all_of(&mut self, sid: Sid, at: Timestamp) {
        self.change(sid, |order| {
            order.status = Status::Cancelled;
            order.updated = at;
        });
    }

    /// Restates the open orders of an asset after a split; one that is left with nothing is
    /// cancelled.
    pub(crate) fn split(&mut self, sid: Sid, split: Split, lot: Lot, at: Timestamp) {
        self.change(sid, |order| {
            order.split(split, lot);
            order.updated = at;
            if order.open_amount() == 0.0 {
                order.status = Status::Cancelled;
            }
        });
    }

    /// Fills the open orders of an asset from a bar.
    pub(crate) fn fill(
        &mut self,
        sid: Sid,
        bar: &TradedBar,
        lot: Lot,
        (slippage, commission): (&dyn Slippage, &dyn Commission),
    ) -> Vec<Transaction> {
        let mut transactions = Vec::new();
        let mut open: Vec<Order> = self.open_of(sid).cloned().collect();
        fill(open.iter_mut(), bar, lot, slippage, commission, |done| transactions.push(done));
        for order in open {
            if let Some(place) = self.orders.get_mut(order.id.0 as usize) {
                *place = order;
            }
        }
        self.prune(sid);
        transactions
    }

    fn change(&mut self, sid: Sid, mut change: impl FnMut(&mut Order)) {
        for id in self.open.get(&sid).map(Vec::as_slice).unwrap_or_default() {
            if let Some(order) = self.orders.get_mut(id.0 as usize) {
                change(order);
            }
        }
        self.prune(sid);
    }

    /// Forgets the orders of an asset that are no longer open.
    fn prune(&mut self, sid: Sid) {
        let orders = &self.orders;
        if let Some(ids) = self.open.get_mut(&sid) {
            ids.retain(|id| orders.get(id.0 as usize).is_some_and(|o| o.status == Status::Open));
            if ids.is_empty() {
                self.open.remove(&sid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{NoSlippage, PerShare, VolumeShareSlippage};

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_minutes(minute)
    }

    fn bar(minute: i64, close: f64, volume: f64) -> TradedBar {
        TradedBar { at: at(minute), close, volume }
    }

    #[test]
    fn an_order_is_filled_in_parts_over_bars() {
        let mut blotter = Blotter::default();
        let id = blotter.place(Sid(1), 60.0, Style::Market, at(0));
        let models = (&VolumeShareSlippage::default() as &dyn Slippage, &PerShare::default() as _);
        let amounts: Vec<f64> = (1..5)
            .flat_map(|minute| {
                blotter.fill(Sid(1), &bar(minute, 10.0, 1_000.0), Lot::WHOLE, models)
            })
            .map(|done| done.amount)
            .collect();
        assert_eq!(amounts, [25.0, 25.0, 10.0]);
        let order = blotter.order(id).unwrap();
        assert_eq!((order.status, order.filled, order.updated), (Status::Filled, 60.0, at(3)));
        assert!(blotter.open_sids().is_empty());
    }

    #[test]
    fn only_open_orders_of_the_asset_are_touched() {
        let mut blotter = Blotter::default();
        let ids: Vec<OrderId> = [(1, 5.0), (2, 5.0), (1, 6.0), (1, 7.0), (2, 8.0)]
            .iter()
            .map(|&(sid, amount)| blotter.place(Sid(sid), amount, Style::Market, at(0)))
            .collect();
        blotter.cancel(ids[2], at(1)).unwrap();
        let models = (&NoSlippage as &dyn Slippage, &PerShare::default() as &dyn Commission);
        let done = blotter.fill(Sid(1), &bar(2, 10.0, 1.0), Lot::WHOLE, models);
        assert_eq!(done.iter().map(|t| t.amount).collect::<Vec<_>>(), [5.0, 7.0]);
        assert_eq!(blotter.open().map(|order| order.id).collect::<Vec<_>>(), [ids[1], ids[4]]);
        blotter.cancel_all_of(Sid(2), at(3));
        assert_eq!(blotter.open().count(), 0);
        // A filled order cannot be cancelled any more.
        blotter.cancel(ids[0], at(4)).unwrap();
        assert_eq!(blotter.order(ids[0]).unwrap().status, Status::Filled);
        assert!(matches!(
            blotter.cancel(OrderId(9), at(4)),
            Err(Error::UnknownOrder { placed: 5, .. })
        ));
    }

    #[test]
    fn a_reverse_split_can_leave_nothing_of_an_order() {
        let mut blotter = Blotter::default();
        let (small, large) = (
            blotter.place(Sid(1), 19.0, Style::Market, at(0)),
            blotter.place(Sid(1), 45.0, Style::Limit(10.0), at(0)),
        );
        blotter.split(Sid(1), Split::new(1, 20), Lot::WHOLE, at(1));
        assert_eq!(blotter.order(small).unwrap().status, Status::Cancelled);
        let large = blotter.order(large).unwrap();
        assert_eq!((large.amount, large.style), (2.0, Style::Limit(200.0)));
    }
}
