//! `dividends.csv`: `symbol|sid,ex_date,amount[,declared_date,record_date,pay_date,currency]`.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason};

use super::{ActionFile, Assets, Happened};
use crate::file::csv::table::{Row, Table};
use crate::file::csvdir::folder::Companion;

pub(super) const FILE: ActionFile = ActionFile { companion: Companion::Dividends, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    table.require(&["amount"]).map(|_| ())
}

fn read(row: Row<'_>, _: Session, _: &Assets<'_>) -> Result<Happened, Reason> {
    let amount = row.number("amount", "amount of cash")?;
    if amount.mantissa() < 0 {
        return Err(Reason::BadAction { detail: format!("a dividend of {amount} is below zero") });
    }
    let action = Action::Dividend {
        amount,
        currency: row.get("currency").map(str::to_owned),
        declared: row.date("declared_date")?,
        record: row.date("record_date")?,
        pay: row.date("pay_date")?,
    };
    Ok(action.into())
}
