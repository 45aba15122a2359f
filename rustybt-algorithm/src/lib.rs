//! Strategies: the clock, the calls a strategy receives, orders, fills, positions and results.
//!
//! A strategy implements [`Algorithm`]; [`run`] calls it at every moment of a [`Clock`] and returns
//! a [`Performance`]. Before the first session it has a [`Setup`], to attach pipelines, schedule
//! functions and choose models; from then on it has a [`Context`], to order and to look at its
//! [`Portfolio`], and a view of the market that is pinned to now. It never sees the portal, so it
//! cannot look ahead.
//!
//! # Example
//!
//! Each month, half of the money goes into what rose most in the last quarter:
//!
//! ```
//! use rustybt_algorithm::{Algorithm, Context, DateRule, Error, RunConfig, Setup, TimeRule, run};
//! use rustybt_data::{BarData, Synthetic, SyntheticConfig};
//! use rustybt_pipeline::{EquityPricing, Factor, Pipeline, Returns};
//!
//! struct Winner;
//!
//! impl Algorithm for Winner {
//!     fn initialize(&mut self, setup: &mut Setup<'_, Self>) -> Result<(), Error> {
//!         let momentum = Factor::custom(Returns::new(63)?, [EquityPricing::CLOSE])?;
//!         setup.attach_pipeline(Pipeline::new().screen(momentum.top(1, None)), "winner")?;
//!         setup.schedule_function(Self::rebalance, DateRule::month_start(0), TimeRule::market_open())
//!     }
//! }
//!
//! impl Winner {
//!     fn rebalance(&mut self, ctx: &mut Context<'_>, data: &BarData<'_>) -> Result<(), Error> {
//!         let held: Vec<_> = ctx.portfolio().positions().map(|position| position.sid).collect();
//!         for sid in held {
//!             ctx.order_target(sid, 0.0)?;
//!         }
//!         for &sid in ctx.pipeline_output("winner")?.sids() {
//!             if data.can_trade(sid)? {
//!                 ctx.order_target_percent(sid, 0.5)?;
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! let market = Synthetic::new(SyntheticConfig { assets: 8, ..SyntheticConfig::default() })?;
//! let config = RunConfig::new(market.portal()?, "2014-01-02".parse()?, "2014-12-31".parse()?);
//! let result = run(&mut Winner, &config)?;
//!
//! assert_eq!(result.sessions().len(), 252);
//! assert!(result.transactions().len() >= 12);
//! let last = result.sessions().last().expect("there are 252");
//! assert_eq!(last.portfolio_value, last.cash + last.positions_value);
//! assert!(result.to_svg("The winner of the quarter").starts_with("<svg"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A session
//!
//! | moment | what happens |
//! |---|---|
//! | start | dividends are earned and paid, splits restate positions and orders, pipelines are computed |
//! | 45 minutes before the open | [`Algorithm::before_trading_start`] |
//! | each bar | orders given before it are filled; [`Algorithm::handle_data`]; scheduled functions |
//! | end | what has stopped trading is sold; the day is written down |
//!
//! A daily run has one bar, at the close; a minute run has all of them. An order is filled by the
//! bar after the one it was given at, or later: against a share of its volume ([`Slippage`]), at
//! its close, and for a [`Commission`].

mod algorithm;
mod blotter;
mod clock;
mod context;
mod engine;
mod error;
mod order;
mod performance;
mod pipelines;
mod plot;
mod portfolio;
mod run;
mod schedule;
mod setup;
mod split;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use algorithm::Algorithm;
pub use blotter::CancelPolicy;
pub use clock::{Clock, Event, Tick};
pub use context::Context;
pub use error::Error;
pub use order::{
    Cause, Commission, Execution, FixedBasisPoints, Lot, NoSlippage, Order, OrderId, PerDollar,
    PerShare, PerTrade, Slippage, Status, Style, TradedBar, Transaction, VolumeShareSlippage,
};
pub use performance::{
    Column, Performance, SESSIONS_PER_YEAR, SessionResult, Table, annual_return, annual_volatility,
    drawdowns, max_drawdown, sharpe,
};
pub use portfolio::{Portfolio, Position};
pub use run::{RunConfig, run};
pub use schedule::{DateRule, TimeRule};
pub use setup::{ScheduledFunction, Setup};
