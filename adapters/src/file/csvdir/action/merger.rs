//! `mergers.csv`: `symbol|sid,effective_date,ratio`; the ratio multiplies earlier prices.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason};

use super::{ActionFile, Assets, Happened, positive};
use crate::file::csv::table::{Row, Table};
use crate::file::csvdir::folder::Companion;

pub(super) const FILE: ActionFile = ActionFile { companion: Companion::Mergers, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    table.require(&["ratio"]).map(|_| ())
}

fn read(row: Row<'_>, _: Session, _: &Assets<'_>) -> Result<Happened, Reason> {
    Ok(Action::Merger { ratio: positive(row, "ratio")? }.into())
}
