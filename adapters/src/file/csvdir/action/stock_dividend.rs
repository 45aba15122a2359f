//! `stock_dividends.csv`: `symbol|sid,ex_date,payment_sid|payment_symbol,ratio[,pay_date]`.
//!
//! The ratio is how many units of the other asset are paid for one unit held.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason, Sid};

use super::{ActionFile, Assets, Happened, positive};
use crate::file::csv::table::{Row, Table, bad_cell};
use crate::file::csvdir::folder::Companion;

pub(super) const FILE: ActionFile =
    ActionFile { companion: Companion::StockDividends, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    table.require(&["payment_sid", "payment_symbol"])?;
    table.require(&["ratio"]).map(|_| ())
}

fn read(row: Row<'_>, effective: Session, assets: &Assets<'_>) -> Result<Happened, Reason> {
    let paid = match (row.identifier("payment_sid")?, row.get("payment_symbol")) {
        (Some(sid), _) => assets
            .roster
            .of_sid(sid)
            .ok_or_else(|| Reason::NoBars { symbol: format!("sid {sid}") })?,
        (None, Some(symbol)) => assets.roster.of_symbol(symbol, effective)?,
        (None, None) => return Err(bad_cell("payment_sid", "", "sid (a whole number)")),
    };
    let payment = assets.wanted(paid).and_then(|place| u32::try_from(place).ok()).map(Sid);
    let payment = payment.ok_or_else(|| {
        let name = assets.roster.members().get(paid).map_or("", |member| member.name.as_str());
        Reason::BadAction {
            detail: format!("it is paid in `{name}`, which is not among the symbols asked for"),
        }
    })?;
    let ratio = positive(row, "ratio")?;
    Ok(Action::StockDividend { payment, ratio, pay: row.date("pay_date")? }.into())
}
