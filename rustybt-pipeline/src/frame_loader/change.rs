//! Later corrections of a user's table: what `DataFrameLoader` calls its adjustments.

use std::collections::BTreeMap;

use rustybt_calendars::{Calendar, Session};
use rustybt_data::Sid;

use crate::restate::Change;
use crate::{Restatement, Restatements};

/// What changes the past of a column of a table from some session on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameChange {
    /// Whose values change.
    pub sid: Sid,
    /// The first date whose value changes; `None` is the first of all.
    pub from: Option<Session>,
    /// The last date whose value changes.
    pub to: Session,
    /// The first session that sees it; a date that is none stands for the next one.
    pub seen: Session,
    /// What happens to the values.
    pub change: Change,
}

impl FrameChange {
    fn restatement(&self, calendar: &Calendar) -> Option<Restatement> {
        let first = match self.from {
            Some(from) => calendar.index_at_or_after(from)?,
            None => 0,
        };
        let last = calendar.index_at_or_before(self.to)?;
        let seen = calendar.index_at_or_after(self.seen)?;
        (first <= last).then_some(Restatement { first, last, seen, change: self.change })
    }
}

/// The changes of one column, by asset.
pub(super) fn restatements(
    changes: &[(String, FrameChange)],
    column: &str,
    calendar: &Calendar,
) -> BTreeMap<Sid, Restatements> {
    let mut by_asset: BTreeMap<Sid, Vec<Restatement>> = BTreeMap::new();
    for (_, change) in changes.iter().filter(|(own, _)| own == column) {
        by_asset.entry(change.sid).or_default().extend(change.restatement(calendar));
    }
    by_asset.into_iter().map(|(sid, changes)| (sid, Restatements::new(changes))).collect()
}
