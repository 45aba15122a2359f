//! `rights.csv`: `symbol|sid,ex_date,new,old,price`: whoever holds `old` units may buy `new` more
//! at the price.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason};

use super::{ActionFile, Assets, Happened, positive};
use crate::file::csv::table::{Row, Table};
use crate::file::csvdir::folder::Companion;
use crate::file::csvdir::ratio;

pub(super) const FILE: ActionFile = ActionFile { companion: Companion::Rights, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    for column in ["new", "old", "price"] {
        table.require(&[column])?;
    }
    Ok(())
}

fn read(row: Row<'_>, _: Session, _: &Assets<'_>) -> Result<Happened, Reason> {
    let (new, old) = (positive(row, "new")?, positive(row, "old")?);
    let fraction = ratio::quotient(new, old).ok_or_else(|| Reason::BadAction {
        detail: format!("{new} for {old} is no ratio of two numbers of 19 digits"),
    })?;
    let (new, old) = (fraction.numerator, fraction.denominator);
    Ok(Action::Rights { new, old, price: positive(row, "price")? }.into())
}
