//! Strategies: the clock, the calls a strategy receives, orders, fills, positions and results.

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
