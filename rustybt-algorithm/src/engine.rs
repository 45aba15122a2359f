//! The steps of a session.
//!
//! 1. **Session start**: dividends with this ex-date are earned by what is held; what is due is
//!    paid; splits restate positions and open orders; pipelines are computed as far as today.
//! 2. **Before trading start**: the strategy sees the data of yesterday, adjusted for today.
//! 3. **Each bar**: orders placed before it are filled; positions take its prices; the strategy is
//!    called, then the scheduled functions whose time it is. What they order meets the next bar.
//! 4. **Session end**: what has stopped trading is sold at its last price; the day is written down.

use std::collections::BTreeMap;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Action, Adjustment, Asset, BarData, Clocking, DataPortal, Field, Quote, Sid};

use crate::blotter::CancelPolicy;
use crate::clock::{Event, Tick};
use crate::order::{Cause, Lot, TradedBar, Transaction};
use crate::performance::{Performance, SessionResult};
use crate::pipelines::{Computing, Pipelines};
use crate::portfolio::{Payable, Payables, total};
use crate::setup::{Models, Scheduled, Setup};
use crate::split::Split;
use crate::{Algorithm, Context, Error};

/// The state of a run between two moments.
pub(crate) struct Engine<'p, A> {
    portal: &'p DataPortal,
    clocking: Clocking,
    models: Models,
    schedule: Vec<Scheduled<A>>,
    context: Context<'p>,
    payables: Payables,
    today: Today,
    /// The value at the end of the session before.
    value: f64,
    sessions: Vec<SessionResult>,
    transactions: Vec<Transaction>,
    recorded: BTreeMap<String, Vec<f64>>,
}

/// What is counted from the start of a session to its end.
#[derive(Debug, Clone, Copy)]
struct Today {
    /// The session before in the calendar; events after it, up to today, act today.
    previous: Session,
    open: Timestamp,
    close: Timestamp,
    /// When the last bar closed; the open before the first.
    last_bar: Timestamp,
    income: f64,
    orders: usize,
    transactions: usize,
}

impl<'p, A: Algorithm> Engine<'p, A> {
    pub(crate) fn new(
        portal: &'p DataPortal,
        clocking: Clocking,
        capital: f64,
        computing: &Computing,
        setup: Setup<'p, A>,
    ) -> Result<Self, Error> {
        let (session, end) = (setup.start(), setup.end());
        let midnight = session.midnight();
        let pipelines = Pipelines::new(portal, setup.pipelines, end, computing)?;
        let data = portal.at(midnight, clocking);
        let context = Context::new(portal, data, session, capital, pipelines);
        let today = Today {
            previous: session,
            open: midnight,
            close: midnight,
            last_bar: midnight,
            income: 0.0,
            orders: 0,
            transactions: 0,
        };
        Ok(Self {
            portal,
            clocking,
            models: setup.models,
            schedule: setup.schedule,
            context,
            payables: Payables::default(),
            today,
            value: capital,
            sessions: Vec::new(),
            transactions: Vec::new(),
            recorded: BTreeMap::new(),
        })
    }

    pub(crate) fn step(&mut self, algorithm: &mut A, tick: Tick) -> Result<(), Error> {
        match tick.event {
            Event::SessionStart => self.start(tick.session),
            Event::BeforeTradingStart => {
                let data = self.portal.at(tick.at, self.clocking);
                self.context.turn_to(data, tick.session, true);
                // Yesterday's prices, adjusted for today: a dividend lowers them as it is earned.
                self.context.portfolio.mark(|sid| data.current(sid, Quote::Price))?;
                algorithm.before_trading_start(&mut self.context, &data)
            }
            Event::Bar => self.bar(algorithm, tick),
            Event::SessionEnd => {
                self.end(tick);
                Ok(())
            }
        }
    }

    pub(crate) fn finish(self, capital: f64, sessions_per_year: f64) -> Performance {
        Performance {
            capital,
            sessions_per_year,
            sessions: self.sessions,
            orders: self.context.blotter.into_orders(),
            transactions: self.transactions,
            recorded: self.recorded,
        }
    }

    fn start(&mut self, session: Session) -> Result<(), Error> {
        let calendar = self.portal.calendar();
        let open = calendar.open(session)?;
        self.today = Today {
            // Before the calendar's first session nothing can have happened.
            previous: calendar.previous_session(session).unwrap_or(session),
            open,
            close: calendar.close(session)?,
            last_bar: open,
            income: 0.0,
            orders: self.context.blotter.orders().len(),
            transactions: self.transactions.len(),
        };
        self.earn_dividends(session)?;
        let data = self.portal.at(open, self.clocking);
        let price = |sid| data.current(sid, Quote::Price);
        self.today.income += self.payables.pay(session, &mut self.context.portfolio, price)?;
        self.split(session)?;
        self.context.pipelines.advance(session)
    }

    fn earn_dividends(&mut self, session: Session) -> Result<(), Error> {
        for position in self.context.portfolio.positions() {
            let sid = position.sid;
            for event in self.events(sid, session) {
                match &event.action {
                    Action::Dividend { amount, currency, pay, .. } => {
                        let asset = self.context.asset(sid)?;
                        same_currency(asset, currency.as_deref(), session)?;
                        let cash = Payable::Cash(position.amount * amount.to_f64());
                        self.payables.earn(pay.unwrap_or(session), cash);
                    }
                    Action::StockDividend { payment, ratio, pay } => {
                        let lot = Lot::of(self.context.asset(*payment)?.class);
                        let amount = lot.truncate(position.amount * ratio.to_f64());
                        let units = Payable::Units(*payment, amount);
                        self.payables.earn(pay.unwrap_or(session), units);
                    }
                    // Splits come after dividends, which are for units held before them. A merger
                    // restates earlier prices and leaves what is held as it is.
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn split(&mut self, session: Session) -> Result<(), Error> {
        let held = self.context.portfolio.positions().map(|position| position.sid);
        let mut sids: Vec<Sid> = held.chain(self.context.blotter.open_sids()).collect();
        sids.sort_unstable();
        sids.dedup();
        for sid in sids {
            for event in self.events(sid, session) {
                let Action::Split { new, old } = event.action else { continue };
                let (split, lot) = (Split::new(new, old), Lot::of(self.context.asset(sid)?.class));
                self.today.income += self.context.portfolio.split(sid, split, lot);
                self.context.blotter.split(sid, split, lot, session.midnight());
            }
        }
        Ok(())
    }

    /// The events of an asset that act on a session: dated after the session before, up to it.
    fn events(&self, sid: Sid, session: Session) -> &'p [Adjustment] {
        let events = self.portal.adjustments().adjustments(sid);
        let from = events.partition_point(|event| event.effective <= self.today.previous);
        let to = events.partition_point(|event| event.effective <= session);
        events.get(from..to).unwrap_or_default()
    }

    fn bar(&mut self, algorithm: &mut A, tick: Tick) -> Result<(), Error> {
        let data = self.portal.at(tick.at, self.clocking);
        self.context.turn_to(data, tick.session, false);
        self.fill(&data)?;
        self.context.portfolio.mark(|sid| data.current(sid, Quote::Price))?;
        algorithm.handle_data(&mut self.context, &data)?;
        let Today { open, close, last_bar, .. } = self.today;
        for Scheduled { function, date, time } in &self.schedule {
            let due =
                self.clocking == Clocking::Daily || time.holds(open, close, last_bar, tick.at);
            if due && date.holds(self.portal.calendar(), tick.session) {
                function(algorithm, &mut self.context, &data)?;
            }
        }
        self.today.last_bar = tick.at;
        Ok(())
    }

    fn fill(&mut self, data: &BarData<'_>) -> Result<(), Error> {
        for sid in self.context.blotter.open_sids() {
            let bar = TradedBar {
                at: data.now(),
                close: data.current(sid, Field::Close)?,
                volume: data.current(sid, Field::Volume)?,
            };
            let lot = Lot::of(self.context.asset(sid)?.class);
            let models = (&*self.models.slippage, &*self.models.commission);
            for transaction in self.context.blotter.fill(sid, &bar, lot, models) {
                self.context.portfolio.trade(&transaction, lot);
                self.transactions.push(transaction);
            }
        }
        Ok(())
    }

    fn end(&mut self, tick: Tick) {
        self.close_what_is_over(tick);
        if self.models.cancel == CancelPolicy::EndOfDay {
            for sid in self.context.blotter.open_sids() {
                self.context.blotter.cancel_all_of(sid, tick.at);
            }
        }
        self.write_down(tick.session);
    }

    /// Sells what has stopped trading at the last price known, without commission, and drops the
    /// orders for it.
    fn close_what_is_over(&mut self, Tick { session, at, .. }: Tick) {
        let finder = self.portal.finder();
        let is_over = |sid: Sid| finder.asset(sid).is_none_or(|asset| is_over(asset, session));
        let held = self.context.portfolio.positions().filter(|position| is_over(position.sid));
        let sales: Vec<Transaction> = held
            .map(|position| Transaction {
                cause: Cause::AutoClose,
                sid: position.sid,
                at,
                amount: -position.amount,
                price: position.last_price,
                commission: 0.0,
            })
            .collect();
        for sale in sales {
            self.context.portfolio.trade(&sale, Lot::WHOLE);
            self.transactions.push(sale);
        }
        for sid in self.context.blotter.open_sids().into_iter().filter(|&sid| is_over(sid)) {
            self.context.blotter.cancel_all_of(sid, at);
        }
    }

    fn write_down(&mut self, session: Session) {
        let portfolio = &self.context.portfolio;
        let value = portfolio.value();
        let traded = self.transactions.get(self.today.transactions..).unwrap_or_default();
        self.sessions.push(SessionResult {
            session,
            portfolio_value: value,
            cash: portfolio.cash(),
            positions_value: portfolio.positions_value(),
            returns: value / self.value - 1.0,
            pnl: value - self.value,
            capital_used: total(traded.iter().map(Transaction::cash_flow)),
            income: self.today.income,
            commission: total(traded.iter().map(|transaction| transaction.commission)),
            long_exposure: portfolio.long_exposure(),
            short_exposure: portfolio.short_exposure(),
            leverage: portfolio.leverage(),
            orders: self.context.blotter.orders().len() - self.today.orders,
            transactions: traded.len(),
            positions: portfolio.positions().copied().collect(),
        });
        self.value = value;
        let before = self.sessions.len() - 1;
        for (name, &value) in &self.context.recorded {
            let values =
                self.recorded.entry(name.clone()).or_insert_with(|| vec![f64::NAN; before]);
            values.push(value);
        }
    }
}

/// Whether an asset no longer trades at the end of a session: from its auto-close date on, or,
/// where that is not known, after the last session of its life.
fn is_over(asset: &Asset, session: Session) -> bool {
    asset.auto_close.map_or(session > asset.end, |day| session >= day)
}

fn same_currency(asset: &Asset, paid: Option<&str>, session: Session) -> Result<(), Error> {
    match paid {
        Some(paid) if !paid.is_empty() && !paid.eq_ignore_ascii_case(&asset.currency) => {
            Err(Error::DividendCurrency {
                symbol: asset.symbol_at(session).to_owned(),
                sid: asset.sid,
                session,
                paid: paid.to_owned(),
                quoted: asset.currency.clone(),
            })
        }
        _ => Ok(()),
    }
}
