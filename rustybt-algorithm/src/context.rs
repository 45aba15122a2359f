//! What a strategy may touch while it runs: orders, its portfolio, and what it records.

use std::collections::BTreeMap;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Asset, AssetClass, BarData, DataPortal, Quote, Sid};
use rustybt_pipeline::PipelineOutput;

use crate::Error;
use crate::blotter::Blotter;
use crate::order::{Lot, Order, OrderId, Style};
use crate::pipelines::Pipelines;
use crate::portfolio::Portfolio;

/// A strategy's hands: every method acts at the moment of the call, and knows no other.
///
/// # Orders
///
/// * An amount is in units, positive to buy and negative to sell, and is cut to whole lots toward
///   zero (see [`Lot`]); what is cut to nothing places no order, and the answer is `None`.
/// * A value or a percentage is turned into units at the current price. A percentage is a fraction
///   of the portfolio's value: `0.5` is one half.
/// * A target is where the position should come to; open orders are not counted in, so a target
///   that is repeated before its order is filled orders again.
/// * An order is filled by the next bar at the earliest.
#[derive(Debug)]
pub struct Context<'p> {
    portal: &'p DataPortal,
    data: BarData<'p>,
    session: Session,
    pub(crate) before_open: bool,
    pub(crate) portfolio: Portfolio,
    pub(crate) blotter: Blotter,
    pub(crate) recorded: BTreeMap<String, f64>,
    pub(crate) pipelines: Pipelines,
}

impl<'p> Context<'p> {
    pub(crate) fn new(
        portal: &'p DataPortal,
        data: BarData<'p>,
        session: Session,
        capital: f64,
        pipelines: Pipelines,
    ) -> Self {
        Self {
            portal,
            data,
            session,
            before_open: true,
            portfolio: Portfolio::new(capital),
            blotter: Blotter::default(),
            recorded: BTreeMap::new(),
            pipelines,
        }
    }

    pub(crate) fn turn_to(&mut self, data: BarData<'p>, session: Session, before_open: bool) {
        self.data = data;
        self.session = session;
        self.before_open = before_open;
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.data.now()
    }

    /// Today.
    pub const fn session(&self) -> Session {
        self.session
    }

    /// The asset that has this symbol today.
    ///
    /// # Errors
    ///
    /// [`Error::Data`] where nobody, or more than one, has it.
    pub fn symbol(&self, symbol: &str) -> Result<Sid, Error> {
        Ok(self.portal.finder().lookup(symbol, self.session)?)
    }

    /// What is known of an asset.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAsset`].
    pub fn asset(&self, sid: Sid) -> Result<&'p Asset, Error> {
        self.portal.finder().asset(sid).ok_or(Error::UnknownAsset { sid })
    }

    /// Cash and positions, each at its last known price.
    pub const fn portfolio(&self) -> &Portfolio {
        &self.portfolio
    }

    /// The rows of a pipeline for today: of data up to the session before, adjusted as of today.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPipeline`] for a name under which none was attached.
    pub fn pipeline_output(&self, name: &str) -> Result<PipelineOutput, Error> {
        self.pipelines.output(name, self.session)
    }

    /// Keeps a value for the result, under a name; the last one of a session counts.
    pub fn record(&mut self, name: &str, value: f64) {
        match self.recorded.get_mut(name) {
            Some(kept) => *kept = value,
            None => {
                self.recorded.insert(name.to_owned(), value);
            }
        }
    }

    /// Orders an amount at any price.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAsset`]; [`Error::NotTrading`] outside the asset's life;
    /// [`Error::ClassNotTraded`] for what is not simulated; [`Error::OrderBeforeOpen`] in
    /// `before_trading_start`; [`Error::Amount`] for what is no number.
    pub fn order(&mut self, sid: Sid, amount: f64) -> Result<Option<OrderId>, Error> {
        self.order_at(sid, amount, Style::Market)
    }

    /// Orders an amount with a limit, a stop, or both.
    ///
    /// # Errors
    ///
    /// As [`order`](Self::order), and [`Error::Style`] for what is no price.
    pub fn order_at(
        &mut self,
        sid: Sid,
        amount: f64,
        style: Style,
    ) -> Result<Option<OrderId>, Error> {
        let asset = self.orderable(sid)?;
        if !amount.is_finite() {
            return Err(Error::Amount { sid, amount });
        }
        if !style.is_sound() {
            return Err(Error::Style { sid });
        }
        let amount = Lot::of(asset.class).round(amount);
        if amount == 0.0 {
            return Ok(None);
        }
        Ok(Some(self.blotter.place(sid, amount, style, self.now())))
    }

    /// Orders as many units as a value buys at the current price.
    ///
    /// # Errors
    ///
    /// As [`order`](Self::order), and [`Error::NoPrice`].
    pub fn order_value(&mut self, sid: Sid, value: f64) -> Result<Option<OrderId>, Error> {
        let amount = self.units(sid, value)?;
        self.order(sid, amount)
    }

    /// Orders as many units as a fraction of the portfolio's value buys.
    ///
    /// # Errors
    ///
    /// As [`order_value`](Self::order_value).
    pub fn order_percent(&mut self, sid: Sid, fraction: f64) -> Result<Option<OrderId>, Error> {
        let amount = self.units(sid, self.portfolio.value() * fraction)?;
        self.order(sid, amount)
    }

    /// Orders what is missing to a position of an amount.
    ///
    /// # Errors
    ///
    /// As [`order`](Self::order).
    pub fn order_target(&mut self, sid: Sid, amount: f64) -> Result<Option<OrderId>, Error> {
        self.order(sid, amount - self.portfolio.amount(sid))
    }

    /// Orders what is missing to a position of a value.
    ///
    /// # Errors
    ///
    /// As [`order_value`](Self::order_value).
    pub fn order_target_value(&mut self, sid: Sid, value: f64) -> Result<Option<OrderId>, Error> {
        let amount = self.units(sid, value)?;
        self.order_target(sid, amount)
    }

    /// Orders what is missing to a position of a fraction of the portfolio's value.
    ///
    /// # Errors
    ///
    /// As [`order_value`](Self::order_value).
    pub fn order_target_percent(
        &mut self,
        sid: Sid,
        fraction: f64,
    ) -> Result<Option<OrderId>, Error> {
        let amount = self.units(sid, self.portfolio.value() * fraction)?;
        self.order_target(sid, amount)
    }

    /// Cancels what is still open of an order; nothing happens to one that is done.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOrder`].
    pub fn cancel(&mut self, id: OrderId) -> Result<(), Error> {
        self.blotter.cancel(id, self.now())
    }

    /// An order of this run, open or not.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownOrder`].
    pub fn get_order(&self, id: OrderId) -> Result<&Order, Error> {
        self.blotter.order(id)
    }

    /// The open orders of an asset, earliest first.
    pub fn open_orders(&self, sid: Sid) -> impl Iterator<Item = &Order> {
        self.blotter.open_of(sid)
    }

    /// Every open order: by asset, earliest first.
    pub fn all_open_orders(&self) -> impl Iterator<Item = &Order> {
        self.blotter.open()
    }

    /// The asset, if it can be ordered now.
    fn orderable(&self, sid: Sid) -> Result<&'p Asset, Error> {
        if self.before_open {
            return Err(Error::OrderBeforeOpen { sid, at: self.now() });
        }
        let asset = self.asset(sid)?;
        match asset.class {
            AssetClass::Equity
            | AssetClass::CryptoSpot
            | AssetClass::CryptoPerpetual
            | AssetClass::Forex
            | AssetClass::Cfd => {}
            class => {
                return Err(Error::ClassNotTraded { symbol: asset.symbol.clone(), sid, class });
            }
        }
        let end = asset.auto_close.map_or(asset.end, |day| day.min(asset.end));
        if self.session < asset.start || self.session > end {
            return Err(Error::NotTrading {
                symbol: asset.symbol_at(self.session).to_owned(),
                sid,
                session: self.session,
                start: asset.start,
                end,
            });
        }
        Ok(asset)
    }

    /// The units that a value buys now, not cut to lots.
    fn units(&self, sid: Sid, value: f64) -> Result<f64, Error> {
        let asset = self.orderable(sid)?;
        if !value.is_finite() {
            return Err(Error::Amount { sid, amount: value });
        }
        let price = self.data.current(sid, Quote::Price)?;
        if price > 0.0 {
            return Ok(value / price);
        }
        Err(Error::NoPrice {
            symbol: asset.symbol_at(self.session).to_owned(),
            sid,
            at: self.now(),
        })
    }
}
