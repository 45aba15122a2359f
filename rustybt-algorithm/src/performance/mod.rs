//! What a run returns: one row a session, every order and trade, and the figures made of them.

mod frame;
mod metric;
mod table;

use std::collections::BTreeMap;

use rustybt_calendars::Session;

pub use self::metric::{
    SESSIONS_PER_YEAR, annual_return, annual_volatility, drawdowns, max_drawdown, sharpe,
};
pub use self::table::{Column, Table};
use crate::order::{Order, Transaction};
use crate::portfolio::Position;

/// How the account stood at the end of a session, and what happened in it.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionResult {
    /// The session.
    pub session: Session,
    /// Cash and positions together, at the close.
    pub portfolio_value: f64,
    /// Cash at the close.
    pub cash: f64,
    /// What the positions are worth at the close.
    pub positions_value: f64,
    /// The change of the value since the session before, as a fraction of it.
    pub returns: f64,
    /// The change of the value since the session before, in currency.
    pub pnl: f64,
    /// What trades did to cash: sales less purchases less commission.
    pub capital_used: f64,
    /// Dividends paid in cash, and cash for what splits left of a unit.
    pub income: f64,
    /// Commission paid.
    pub commission: f64,
    /// What the long positions are worth.
    pub long_exposure: f64,
    /// What the short positions are worth, never positive.
    pub short_exposure: f64,
    /// All exposure over the value.
    pub leverage: f64,
    /// Orders given in the session.
    pub orders: usize,
    /// Trades made in the session.
    pub transactions: usize,
    /// Every position at the close, in ascending order of sid.
    pub positions: Vec<Position>,
}

/// The result of a run.
///
/// Returns are fractions, never percent. See the methods for the definition of every figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    pub(crate) capital: f64,
    pub(crate) sessions_per_year: f64,
    pub(crate) sessions: Vec<SessionResult>,
    pub(crate) orders: Vec<Order>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) recorded: BTreeMap<String, Vec<f64>>,
}

impl Performance {
    /// The money at the start.
    pub fn capital(&self) -> f64 {
        self.capital
    }

    /// One row for each session of the run, in order.
    pub fn sessions(&self) -> &[SessionResult] {
        &self.sessions
    }

    /// Every order of the run, in the order given, as it stood at the end.
    pub fn orders(&self) -> &[Order] {
        &self.orders
    }

    /// Every trade of the run, in order.
    pub fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    /// The names under which the strategy recorded something, in alphabetical order.
    pub fn recorded_names(&self) -> impl Iterator<Item = &str> {
        self.recorded.keys().map(String::as_str)
    }

    /// What the strategy recorded under a name, one value a session: the last one of the session,
    /// carried over sessions without one, and `NaN` before the first.
    pub fn recorded(&self, name: &str) -> Option<&[f64]> {
        self.recorded.get(name).map(Vec::as_slice)
    }

    /// The value at the end of the last session; the capital if there was none.
    pub fn final_value(&self) -> f64 {
        self.sessions.last().map_or(self.capital, |row| row.portfolio_value)
    }

    /// The return of each session, as a fraction.
    pub fn returns(&self) -> Vec<f64> {
        self.sessions.iter().map(|row| row.returns).collect()
    }

    /// The value at the end of each session.
    pub fn values(&self) -> Vec<f64> {
        self.sessions.iter().map(|row| row.portfolio_value).collect()
    }

    /// The return of the whole run: `final / capital - 1`.
    pub fn total_return(&self) -> f64 {
        self.final_value() / self.capital - 1.0
    }

    /// See [`annual_return`].
    pub fn annual_return(&self) -> f64 {
        annual_return(self.total_return(), self.sessions.len(), self.sessions_per_year)
    }

    /// See [`annual_volatility`].
    pub fn annual_volatility(&self) -> f64 {
        annual_volatility(&self.returns(), self.sessions_per_year)
    }

    /// See [`sharpe`]; the risk-free rate is zero.
    pub fn sharpe(&self) -> f64 {
        sharpe(&self.returns(), self.sessions_per_year)
    }

    /// See [`max_drawdown`]; the capital counts as the first peak.
    pub fn max_drawdown(&self) -> f64 {
        max_drawdown(self.capital, &self.values())
    }

    /// The drawdown at the end of each session; see [`drawdowns`].
    pub fn drawdowns(&self) -> Vec<f64> {
        drawdowns(self.capital, &self.values())
    }

    /// The equity curve and its drawdowns as a picture: the text of an SVG file.
    pub fn to_svg(&self, title: &str) -> String {
        crate::plot::svg(self, title)
    }
}
