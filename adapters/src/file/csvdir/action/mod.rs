//! Corporate actions from the files beside the bars.
//!
//! Each kind is a file of its own, a row an event: whose it is (`symbol` as of the date, or `sid`),
//! the date from which the asset trades without what was given, and what was given. A column
//! `known_at` tells from when it was known: a moment, such as `2020-03-09T13:30Z`, or a date, which
//! means its end.

mod dividend;
mod merger;
mod rights;
mod spin_off;
mod split;
mod stock_dividend;

use chrono_tz::Tz;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{Action, Exact, Reason, Selection, Sid, SourceEvent};

use super::folder::Companion;
use super::roster::Roster;
use super::stamper::Instants;
use super::table::known;
use crate::file::csv::table::{Row, Table, bad_cell};

/// One kind of file of corporate actions.
pub(super) struct ActionFile {
    pub(super) companion: Companion,
    /// Checks that the columns are there.
    check: fn(&Table) -> Result<(), Reason>,
    read: fn(Row<'_>, Session, &Assets<'_>) -> Result<Happened, Reason>,
}

/// Every kind, in the order in which their events are told.
pub(super) const FILES: [ActionFile; 6] =
    [split::FILE, dividend::FILE, merger::FILE, stock_dividend::FILE, spin_off::FILE, rights::FILE];

/// The assets of an ingest.
pub(super) struct Assets<'a> {
    pub(super) roster: &'a Roster,
    /// For each of the roster, its place in the survey; `None` where it is not wanted.
    pub(super) places: &'a [Option<usize>],
    pub(super) selection: &'a Selection,
    /// The zone of times that name none.
    pub(super) zone: Tz,
}

/// An action, and what the user should know of how it was read.
struct Happened {
    action: Action,
    note: Option<String>,
}

impl From<Action> for Happened {
    fn from(action: Action) -> Self {
        Self { action, note: None }
    }
}

impl ActionFile {
    /// Reads the events of wanted assets in the wanted range. `reject` is given the rows that
    /// cannot be used, `note` what the user should know.
    pub(super) fn read(
        &self,
        table: &Table,
        assets: &Assets<'_>,
        mut reject: impl FnMut(Row<'_>, &str, Reason),
        mut note: impl FnMut(Row<'_>, String),
    ) -> Result<Vec<SourceEvent>, Reason> {
        table.require(&["symbol", "sid"])?;
        let date = table.require(&["effective_date", "ex_date", "date"])?;
        (self.check)(table)?;
        let mut events = Vec::new();
        for row in table.rows() {
            match self.event(row, date, assets) {
                Ok(Some((event, said))) => {
                    events.push(event);
                    if let Some(said) = said {
                        note(row, said);
                    }
                }
                Ok(None) => {}
                Err(reason) => reject(row, row.get("symbol").unwrap_or_default(), reason),
            }
        }
        Ok(events)
    }

    fn event(
        &self,
        row: Row<'_>,
        date: &str,
        assets: &Assets<'_>,
    ) -> Result<Option<(SourceEvent, Option<String>)>, Reason> {
        let effective = row.required_date(date)?;
        let selection = assets.selection;
        if selection.start.is_some_and(|start| effective < start)
            || selection.end.is_some_and(|end| effective > end)
        {
            return Ok(None);
        }
        let Some(asset) = assets.wanted(assets.roster.of_row(row, effective)?) else {
            return Ok(None);
        };
        let known = row.get("known_at").map(|text| assets.known(text)).transpose()?;
        let Happened { action, note } = (self.read)(row, effective, assets)?;
        Ok(Some((SourceEvent { asset, effective, known, action }, note)))
    }
}

impl Assets<'_> {
    /// The instant that a cell of `known_at` means.
    fn known(&self, text: &str) -> Result<Timestamp, Reason> {
        let mut local = Instants::new(self.selection, self.zone, 0);
        known(text.as_bytes(), "known_at", &mut local)
    }

    /// The place in the survey of an asset of the roster.
    fn wanted(&self, member: usize) -> Option<usize> {
        self.places.get(member).copied().flatten()
    }
}

/// The other asset that a row names by `payment_sid` or `payment_symbol`, by its place in the survey.
fn paid(row: Row<'_>, effective: Session, assets: &Assets<'_>) -> Result<Sid, Reason> {
    let paid = match (row.identifier("payment_sid")?, row.get("payment_symbol")) {
        (Some(sid), _) => assets
            .roster
            .of_sid(sid)
            .ok_or_else(|| Reason::NoBars { symbol: format!("sid {sid}") })?,
        (None, Some(symbol)) => assets.roster.of_symbol(symbol, effective)?,
        (None, None) => return Err(bad_cell("payment_sid", "", "sid (a whole number)")),
    };
    let payment = assets.wanted(paid).and_then(|place| u32::try_from(place).ok()).map(Sid);
    payment.ok_or_else(|| {
        let name = assets.roster.members().get(paid).map_or("", |member| member.name.as_str());
        Reason::BadAction {
            detail: format!("it is paid in `{name}`, which is not among the symbols asked for"),
        }
    })
}

/// A number above zero.
fn positive(row: Row<'_>, column: &'static str) -> Result<Exact, Reason> {
    let value = row.number(column, column)?;
    if value.mantissa() > 0 {
        Ok(value)
    } else {
        Err(Reason::BadAction { detail: format!("{column} {value} is not above zero") })
    }
}

#[cfg(test)]
mod tests;
