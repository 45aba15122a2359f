//! `stock_dividends.csv`: `symbol|sid,ex_date,payment_sid|payment_symbol,ratio[,pay_date]`.
//!
//! The ratio is how many units of the other asset are paid for one unit held.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason};

use super::{ActionFile, Assets, Happened, paid, positive};
use crate::file::csv::table::{Row, Table};
use crate::file::csvdir::folder::Companion;

pub(super) const FILE: ActionFile =
    ActionFile { companion: Companion::StockDividends, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    table.require(&["payment_sid", "payment_symbol"])?;
    table.require(&["ratio"]).map(|_| ())
}

fn read(row: Row<'_>, effective: Session, assets: &Assets<'_>) -> Result<Happened, Reason> {
    let payment = paid(row, effective, assets)?;
    let ratio = positive(row, "ratio")?;
    Ok(Action::StockDividend { payment, ratio, pay: row.date("pay_date")? }.into())
}
