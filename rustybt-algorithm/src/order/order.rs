//! An order: what was asked for, and how far it has come.

use std::fmt;

use rustybt_calendars::Timestamp;
use rustybt_data::Sid;

use super::Lot;
use crate::split::Split;

/// Names an order of a run: the first is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(pub u64);

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// At which price an order may trade. A bar's close is the price that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Style {
    /// At any.
    #[default]
    Market,
    /// At this price or a better one.
    Limit(f64),
    /// At any, once the price has come to this one: risen to it for a buy, fallen for a sale.
    Stop(f64),
    /// At `limit` or better, once the price has come to `stop`.
    StopLimit {
        /// The price that wakes the order.
        stop: f64,
        /// The worst price it may trade at.
        limit: f64,
    },
}

impl Style {
    /// The worst price the order may trade at.
    pub const fn limit(self) -> Option<f64> {
        match self {
            Self::Limit(limit) | Self::StopLimit { limit, .. } => Some(limit),
            Self::Market | Self::Stop(_) => None,
        }
    }

    /// The price that wakes the order.
    pub const fn stop(self) -> Option<f64> {
        match self {
            Self::Stop(stop) | Self::StopLimit { stop, .. } => Some(stop),
            Self::Market | Self::Limit(_) => None,
        }
    }

    /// The prices in it, each through `change`.
    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Market => Self::Market,
            Self::Limit(limit) => Self::Limit(change(limit)),
            Self::Stop(stop) => Self::Stop(change(stop)),
            Self::StopLimit { stop, limit } => {
                Self::StopLimit { stop: change(stop), limit: change(limit) }
            }
        }
    }

    /// Whether every price in it is one.
    pub(crate) fn is_sound(self) -> bool {
        let price = |price: f64| price.is_finite() && price > 0.0;
        match self {
            Self::Market => true,
            Self::Limit(one) | Self::Stop(one) => price(one),
            Self::StopLimit { stop, limit } => price(stop) && price(limit),
        }
    }
}

/// How an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Some of it is still to be traded.
    Open,
    /// All of it was traded.
    Filled,
    /// What was open is no longer wanted: cancelled by the strategy, by the cancel policy, or
    /// because the asset stopped trading.
    Cancelled,
}

impl Status {
    /// `open`, `filled` or `cancelled`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Filled => "filled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An order to buy (positive) or to sell (negative) an amount of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Its name.
    pub id: OrderId,
    /// What is to be traded.
    pub sid: Sid,
    /// When it was given.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Units to trade: positive to buy, negative to sell.
    pub amount: f64,
    /// Units traded so far, of the same sign.
    pub filled: f64,
    /// Commission paid so far, in currency.
    pub commission: f64,
    /// At which price it may trade.
    pub style: Style,
    /// How it stands.
    pub status: Status,
    /// Whether a stop has been reached, or there is none.
    pub(crate) awake: bool,
}

impl Order {
    pub(crate) fn new(id: OrderId, sid: Sid, amount: f64, style: Style, at: Timestamp) -> Self {
        let awake = matches!(style, Style::Market | Style::Limit(_));
        Self {
            id,
            sid,
            created: at,
            updated: at,
            amount,
            filled: 0.0,
            commission: 0.0,
            style,
            status: Status::Open,
            awake,
        }
    }

    /// Units still to trade, signed as the amount.
    pub fn open_amount(&self) -> f64 {
        self.amount - self.filled
    }

    /// `1.0` for a buy, `-1.0` for a sale.
    pub fn direction(&self) -> f64 {
        if self.amount < 0.0 { -1.0 } else { 1.0 }
    }

    /// Whether the order would trade at `price` rather than wait for a better one.
    pub fn accepts(&self, price: f64) -> bool {
        self.style.limit().is_none_or(|limit| (price - limit) * self.direction() <= 0.0)
    }

    /// Looks at a new price: a stop that it reaches is done with for good.
    pub(crate) fn see(&mut self, price: f64, at: Timestamp) {
        if let (false, Some(stop)) = (self.awake, self.style.stop())
            && (price - stop) * self.direction() >= 0.0
        {
            self.awake = true;
            self.updated = at;
        }
    }

    /// Restates the order after a split: as many units as the old ones became, at prices of the
    /// new ones in cents.
    ///
    /// What is open and what is filled are cut to lots each by itself: what a reverse split cuts off
    /// the filled part must not be traded again.
    pub(crate) fn split(&mut self, split: Split, lot: Lot) {
        let (open, _) = split.units(self.open_amount(), lot);
        (self.filled, _) = split.units(self.filled, lot);
        self.amount = self.filled + open;
        self.style = self.style.map(|price| split.cents(price));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(amount: f64, style: Style) -> Order {
        Order::new(OrderId(0), Sid(1), amount, style, Timestamp::from_minutes(0))
    }

    #[test]
    fn limits_accept_only_what_is_no_worse() {
        let buy = order(10.0, Style::Limit(50.0));
        assert!(buy.accepts(49.99) && buy.accepts(50.0) && !buy.accepts(50.01));
        let sale = order(-10.0, Style::Limit(50.0));
        assert!(sale.accepts(50.01) && sale.accepts(50.0) && !sale.accepts(49.99));
        assert!(order(1.0, Style::Market).accepts(1e9));
    }

    #[test]
    fn a_stop_wakes_once() {
        let mut sale = order(-10.0, Style::StopLimit { stop: 40.0, limit: 39.0 });
        sale.see(41.0, Timestamp::from_minutes(1));
        assert!(!sale.awake);
        sale.see(39.5, Timestamp::from_minutes(2));
        assert!(sale.awake && sale.accepts(39.5) && !sale.accepts(38.0));
        sale.see(45.0, Timestamp::from_minutes(3));
        assert!(sale.awake);
        assert_eq!(sale.updated, Timestamp::from_minutes(2));
    }

    #[test]
    fn a_split_restates_amount_and_prices() {
        let mut buy = order(100.0, Style::Limit(700.0));
        buy.filled = 40.0;
        buy.split(Split::new(7, 1), Lot::WHOLE);
        assert_eq!((buy.amount, buy.filled, buy.style), (700.0, 280.0, Style::Limit(100.0)));
        let mut odd = order(33.0, Style::Market);
        odd.split(Split::new(1, 20), Lot::WHOLE);
        assert_eq!(odd.amount, 1.0);
        // 35 open of 45 become one of one, though 45 would have become two.
        let mut partly = order(45.0, Style::Market);
        partly.filled = 10.0;
        partly.split(Split::new(1, 20), Lot::WHOLE);
        assert_eq!((partly.amount, partly.filled), (1.0, 0.0));
    }
}
