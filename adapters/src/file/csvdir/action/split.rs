//! `splits.csv`: `symbol|sid,effective_date,ratio`, or `new,old` in place of the ratio.
//!
//! The ratio is what earlier prices are multiplied by: 0.5 for two new for one old.

use rustybt_calendars::Session;
use rustybt_data::{Action, Reason};

use super::{ActionFile, Assets, Happened, positive};
use crate::file::csv::table::{Row, Table};
use crate::file::csvdir::folder::Companion;
use crate::file::csvdir::ratio;

pub(super) const FILE: ActionFile = ActionFile { companion: Companion::Splits, check, read };

fn check(table: &Table) -> Result<(), Reason> {
    if table.has("new") {
        table.require(&["old"])?;
    } else {
        table.require(&["ratio", "new"])?;
    }
    Ok(())
}

fn read(row: Row<'_>, _: Session, _: &Assets<'_>) -> Result<Happened, Reason> {
    if row.get("new").is_some() {
        let (new, old) = (positive(row, "new")?, positive(row, "old")?);
        let fraction = ratio::quotient(new, old).ok_or_else(|| Reason::BadAction {
            detail: format!("{new} for {old} is no ratio of two numbers of 19 digits"),
        })?;
        return Ok(Action::Split { new: fraction.numerator, old: fraction.denominator }.into());
    }
    let written = positive(row, "ratio")?;
    let fraction = ratio::fraction(written).ok_or_else(|| Reason::BadAction {
        detail: format!("ratio {written} is not above zero"),
    })?;
    let (new, old) = (fraction.denominator, fraction.numerator);
    let note = fraction.recovered.then(|| format!("the ratio {written} is taken for {old}/{new}"));
    Ok(Happened { action: Action::Split { new, old }, note })
}
