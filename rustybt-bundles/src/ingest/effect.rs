//! Dividends that cannot be applied: those that are not below the close before them.
//!
//! They are kept as they came, and the ingest says so, because prices as seen from later are then
//! not adjusted for them.

use std::sync::{Arc, Mutex, PoisonError};

use rustybt_calendars::Calendar;
use rustybt_data::{Action, Adjustment, BarReader, Field};

use crate::Error;
use crate::catalog::{BundleRow, Catalog};
use crate::layout::Layout;
use crate::reader::PanelBars;
use crate::table::Dataset;
use crate::verified::Verified;

/// A version that was just published.
pub(super) struct Look<'a> {
    pub(super) layout: &'a Layout,
    pub(super) catalog: &'a Mutex<Catalog>,
    pub(super) files: &'a Arc<Verified>,
    pub(super) bundle: &'a BundleRow,
    pub(super) calendar: &'a Arc<Calendar>,
}

impl Look<'_> {
    /// Which of these events are dividends of at least the close of the session before, with that
    /// close. Where there is no close, there is nothing they could act on.
    pub(super) fn without_effect<'e>(
        &self,
        snapshot: u64,
        events: &'e [Adjustment],
    ) -> Result<Vec<(&'e Adjustment, f64)>, Error> {
        let mut dividends = events
            .iter()
            .filter(|event| matches!(event.action, Action::Dividend { .. }))
            .peekable();
        if dividends.peek().is_none() {
            return Ok(Vec::new());
        }
        let tables = {
            let catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
            catalog.tables(self.bundle, snapshot)?
        };
        let Some(state) = tables.into_iter().find(|table| table.dataset == Dataset::DAILY) else {
            return Ok(Vec::new());
        };
        let (files, layout) = (Arc::clone(self.files), self.layout.clone());
        let Some(bars) = PanelBars::new(state.into(), self.calendar, files, layout)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for event in dividends {
            let Action::Dividend { amount, .. } = &event.action else { continue };
            if let Some(close) = self.close_before(&bars, event)?
                && amount.to_f64() >= close
            {
                found.push((event, close));
            }
        }
        Ok(found)
    }

    /// The close of the session before an event takes effect.
    fn close_before(&self, bars: &PanelBars, event: &Adjustment) -> Result<Option<f64>, Error> {
        let Some(from) = self.calendar.index_at_or_after(event.effective) else { return Ok(None) };
        let before = from.checked_sub(1).and_then(|index| self.calendar.sessions().get(index));
        let row = before.and_then(|&session| bars.timeline().row_of_session(session));
        let Some(row) = row.filter(|_| bars.sids().binary_search(&event.sid).is_ok()) else {
            return Ok(None);
        };
        let run = bars.run(Field::Close, event.sid, row)?;
        let close = row.checked_sub(run.first).and_then(|at| run.values.get(at).copied());
        Ok(close.filter(|close| !close.is_nan()))
    }
}
