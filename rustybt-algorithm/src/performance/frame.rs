//! The result as tables: sessions, orders, transactions and positions.

use super::{Column, Performance, SessionResult, Table};
use crate::order::{Cause, Order, Transaction};
use crate::portfolio::Position;

impl Performance {
    /// One row a session: value, cash, returns, what happened, drawdown, and everything the
    /// strategy recorded, each under its name.
    pub fn table(&self) -> Table {
        let rows = &self.sessions;
        let number = |of: fn(&SessionResult) -> f64| Column::Numbers(rows.iter().map(of).collect());
        let count = |of: fn(&SessionResult) -> usize| {
            Column::Counts(rows.iter().map(|row| of(row) as u64).collect())
        };
        let mut table = Table::default();
        table.push("session", Column::Sessions(rows.iter().map(|row| row.session).collect()));
        table.push("portfolio_value", number(|row| row.portfolio_value));
        table.push("cash", number(|row| row.cash));
        table.push("positions_value", number(|row| row.positions_value));
        table.push("returns", number(|row| row.returns));
        table.push("pnl", number(|row| row.pnl));
        table.push("drawdown", Column::Numbers(self.drawdowns()));
        table.push("capital_used", number(|row| row.capital_used));
        table.push("income", number(|row| row.income));
        table.push("commission", number(|row| row.commission));
        table.push("long_exposure", number(|row| row.long_exposure));
        table.push("short_exposure", number(|row| row.short_exposure));
        table.push("leverage", number(|row| row.leverage));
        table.push("positions", count(|row| row.positions.len()));
        table.push("orders", count(|row| row.orders));
        table.push("transactions", count(|row| row.transactions));
        for (name, values) in &self.recorded {
            // A strategy that records `cash` gets its own column beside ours.
            let taken = table.column(name).is_some();
            let name = if taken { format!("recorded_{name}") } else { name.clone() };
            table.push(name, Column::Numbers(values.clone()));
        }
        table
    }

    /// One row an order.
    pub fn orders_table(&self) -> Table {
        let rows = &self.orders;
        let number = |of: fn(&Order) -> f64| Column::Numbers(rows.iter().map(of).collect());
        let mut table = Table::default();
        table.push("order", Column::Counts(rows.iter().map(|order| order.id.0).collect()));
        table.push("sid", Column::Counts(rows.iter().map(|order| order.sid.0.into()).collect()));
        table.push("created", Column::Instants(rows.iter().map(|order| order.created).collect()));
        table.push("updated", Column::Instants(rows.iter().map(|order| order.updated).collect()));
        table.push("amount", number(|order| order.amount));
        table.push("filled", number(|order| order.filled));
        table.push("commission", number(|order| order.commission));
        table.push("limit", number(|order| order.style.limit().unwrap_or(f64::NAN)));
        table.push("stop", number(|order| order.style.stop().unwrap_or(f64::NAN)));
        table.push("status", Column::Words(rows.iter().map(|order| order.status.name()).collect()));
        table
    }

    /// One row a trade; `order` is missing where the asset stopped trading and was sold.
    pub fn transactions_table(&self) -> Table {
        let rows = &self.transactions;
        let number = |of: fn(&Transaction) -> f64| Column::Numbers(rows.iter().map(of).collect());
        let order = |row: &Transaction| match row.cause {
            Cause::Order(id) => Some(id.0),
            Cause::AutoClose => None,
        };
        let mut table = Table::default();
        table.push("at", Column::Instants(rows.iter().map(|row| row.at).collect()));
        table.push("sid", Column::Counts(rows.iter().map(|row| row.sid.0.into()).collect()));
        table.push("amount", number(|row| row.amount));
        table.push("price", number(|row| row.price));
        table.push("commission", number(|row| row.commission));
        table.push("order", Column::MaybeCounts(rows.iter().map(order).collect()));
        table
    }

    /// One row for each position at the close of each session.
    pub fn positions_table(&self) -> Table {
        let rows: Vec<(&SessionResult, &Position)> = self
            .sessions
            .iter()
            .flat_map(|row| row.positions.iter().map(move |position| (row, position)))
            .collect();
        let number = |of: fn(&Position) -> f64| {
            Column::Numbers(rows.iter().map(|(_, position)| of(position)).collect())
        };
        let mut table = Table::default();
        table.push("session", Column::Sessions(rows.iter().map(|(row, _)| row.session).collect()));
        table.push("sid", Column::Counts(rows.iter().map(|(_, held)| held.sid.0.into()).collect()));
        table.push("amount", number(|position| position.amount));
        table.push("cost_basis", number(|position| position.cost_basis));
        table.push("last_price", number(|position| position.last_price));
        table.push("value", number(Position::value));
        table
    }
}
