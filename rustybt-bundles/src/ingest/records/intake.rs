//! One part on its way in: its pieces checked, sorted and joined, in memory or put aside.

use std::collections::BTreeMap;

use rustybt_calendars::{Direction, Session, Side, Timestamp};
use rustybt_data::{
    RawTable, Reason, Rejected, Repeats, Sid, Subjects, TableDelivery, TablePart, TableValues,
    check_rows,
};
use serde::{Deserialize, Serialize};

use super::super::refused::Refused;
use super::RecordOrder;
use super::group::{PartRows, Place};
use super::rows::Rows;
use crate::Error;
use crate::records::{Misfit, Need, RecordSet, RowBlock, SID, Shape};

/// What was said of one part's rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Taken {
    pub(super) rows: u64,
    pub(super) kept: u64,
    pub(super) equal: u64,
    pub(super) rejected: Refused,
    /// Rows that contradict an earlier one, with their numbers.
    pub(super) contradicting: Vec<(u32, Rejected)>,
    /// The others of these, where there are very many: in the order of time.
    pub(super) more_contradicting: Refused,
    pub(super) notes: Vec<String>,
    /// The first and the last day that each asset has a row of.
    pub(super) days: BTreeMap<usize, (Session, Session)>,
    /// What its columns must hold; `None` where none of its rows was taken in.
    pub(super) needs: Option<Vec<(String, Need)>>,
    /// Whether its numbers are those of lines.
    pub(super) lined: bool,
}

impl Taken {
    /// Whether everything of it can be written down.
    pub(super) fn is_in_memory(&self) -> bool {
        self.rejected.is_in_memory() && self.more_contradicting.is_in_memory()
    }
}

/// A part that is being fetched.
pub(super) struct Intake<'a> {
    pub(super) order: RecordOrder<'a>,
    pub(super) set: RecordSet,
    pub(super) part: &'a TablePart,
    /// The columns of the part alone, on top of those that the table has.
    pub(super) shape: Shape,
    pub(super) taken: Taken,
    pub(super) rows: PartRows,
    /// The memory that it holds beside the rows, and the rows that it may hold.
    pub(super) beside: u64,
    pub(super) share: u64,
    /// Rows so far that were taken in.
    pub(super) count: u32,
    pub(super) misfit: Option<Misfit>,
}

/// Rows below which pieces are joined as they come.
const FEW: usize = 1 << 15;

impl Intake<'_> {
    /// Takes in the next piece.
    pub(super) fn take(&mut self, piece: TableDelivery) -> Result<(), Error> {
        let TableDelivery { mut table, rejected, notes, rows } = piece;
        self.check_table(&table)?;
        let (order, part) = (self.order, self.part);
        self.taken.rows += rows;
        self.taken.rejected.extend(rejected);
        self.taken.notes.extend(notes);
        let subjects = table.subjects.clone();
        let symbol = |row: usize| symbol(order, part, &subjects, row);
        let schema = std::sync::Arc::clone(&self.shape.schema);
        let refused = check_rows(&schema, &mut table, order.today, &part.name, &symbol);
        self.taken.rejected.extend(refused);
        self.taken.rejected.settle(order.bench.staging)?;
        if self.misfit.is_some() {
            return Ok(());
        }
        if let Err(misfit) = self.shape.grow(&table) {
            self.misfit = Some(misfit);
            self.forget();
            return Ok(());
        }
        if table.is_empty() {
            return Ok(());
        }
        self.add_days(&table);
        self.keep(table)?;
        let bytes = self.rows.memory();
        self.rows.permit.set(self.beside + bytes);
        if bytes > self.share {
            self.rows.specs = self.shape.specs();
            self.rows.put_aside(order.bench.staging, self.set)?;
            self.rows.permit.set(self.beside);
        }
        Ok(())
    }

    /// Nothing of the part is taken in.
    fn forget(&mut self) {
        self.rows.memory.clear();
        self.rows.disk.clear();
        self.taken.days.clear();
        self.rows.permit.set(self.beside);
    }

    /// The part could not be had.
    pub(super) fn refused(mut self, detail: String) -> (Taken, PartRows) {
        self.forget();
        let whole = whole(self.order, self.part, Reason::BadFile { detail });
        let mut taken = Taken::default();
        taken.rejected.extend([whole]);
        (taken, self.rows)
    }

    /// The part is whole; its columns join those of the table.
    pub(super) fn finish(mut self, shape: &mut Shape) -> (Taken, PartRows) {
        if self.misfit.is_none() {
            self.misfit = shape.join(self.shape.needs()).err();
        }
        if let Some(misfit) = self.misfit.take() {
            self.forget();
            let reason = Reason::BadFile { detail: said(&misfit) };
            self.taken.rejected.extend([whole(self.order, self.part, reason)]);
        } else {
            self.taken.needs = Some(self.shape.needs().to_vec());
        }
        self.rows.specs = self.shape.specs();
        let bytes = self.rows.memory();
        self.rows.permit.set(bytes);
        (self.taken, self.rows)
    }

    /// Sorts rows by their stamps and keeps them by place.
    fn keep(&mut self, mut table: RawTable) -> Result<(), Error> {
        let (order, part, count) = (self.order, self.part, table.len());
        let specs = self.shape.specs();
        let lines = std::mem::take(&mut table.lines);
        // Nobody asks for the numbers of rows that cannot contradict each other.
        let keyed = matches!(self.shape.schema.repeats, Repeats::Key(_) | Repeats::Id(_));
        self.taken.lined |= !lines.is_empty();
        let numbers = match keyed {
            false => Vec::new(),
            true if lines.len() == count => lines,
            true => (self.count..).take(count).collect(),
        };
        self.count = self.count.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        let subjects = table.subjects.clone();
        let sid = |row: usize| -> i64 {
            let asset = subject(part, &subjects, row);
            let sid = asset.and_then(|asset| order.sids.get(asset));
            sid.copied().unwrap_or(Sid(0)).0.into()
        };
        let sids = self.set.per_asset.then(|| (0..count).map(sid).collect());
        let block = RowBlock::from_raw(table, &specs, sids)
            .ok_or_else(|| too_many_digits(order, &part.name))?;
        let rows = Rows { block, numbers }.sorted(self.set);
        for (place, rows) in self.by_place(rows) {
            let kept = self.rows.memory.entry(place).or_default();
            match kept.pop() {
                // Pieces of few rows are one, so that there are not too many of them.
                Some(before) if before.block.len() < FEW => {
                    let joined = before.append(rows, &specs);
                    let joined = joined.ok_or_else(|| too_many_digits(order, &part.name))?;
                    kept.push(joined.sorted(self.set));
                }
                before => {
                    kept.extend(before);
                    kept.push(rows);
                }
            }
        }
        Ok(())
    }

    /// The rows of each place.
    fn by_place(&self, rows: Rows) -> BTreeMap<Place, Rows> {
        let keys = rows.block.keys(self.set);
        let stamps = rows.block.stamps(self.set);
        let mut places: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        // Rows come in order of time: most are of the period of the one before.
        let mut known: Option<(i64, std::ops::Range<i64>)> = None;
        for (row, ((sid, _), stamp)) in keys.into_iter().zip(stamps).enumerate() {
            let period = match &known {
                Some((period, stamps)) if stamps.contains(&stamp) => *period,
                _ => {
                    let period = self.set.period(stamp);
                    known = Some((period, self.set.stamps(period)));
                    period
                }
            };
            places.entry((self.set.part(sid), period)).or_default().push(row);
        }
        if places.len() == 1 {
            return places.into_keys().zip([rows]).collect();
        }
        places.into_iter().map(|(place, numbers)| (place, rows.take(&numbers))).collect()
    }

    /// Adds the first and the last day that each asset has a row of.
    fn add_days(&mut self, table: &RawTable) {
        let (part, today) = (self.part, self.order.today);
        let subject = |row: usize| subject(part, &table.subjects, row);
        let span = |spans: &mut BTreeMap<usize, (Session, Session)>, asset, first, last| {
            let span = spans.entry(asset).or_insert((first, last));
            *span = (span.0.min(first), span.1.max(last));
        };
        let days = &mut self.taken.days;
        let stamp = self.set.stamp.column().and_then(|name| table.column(name));
        if let Some(TableValues::Instant(at) | TableValues::Nanos(at)) = stamp {
            let mut spans: BTreeMap<usize, (Timestamp, Timestamp)> = BTreeMap::new();
            for (row, at) in at.iter().enumerate() {
                let Some((asset, &at)) = subject(row).zip(at.as_ref()) else { continue };
                let span = spans.entry(asset).or_insert((at, at));
                *span = (span.0.min(at), span.1.max(at));
            }
            let calendar = &self.order.selection.calendar;
            let session = |at: Timestamp| {
                let found = calendar.minute_to_session(at, Direction::Previous, Side::Left);
                found.unwrap_or(at.date()).min(today)
            };
            for (asset, (first, last)) in spans {
                span(days, asset, session(first), session(last));
            }
            return;
        }
        for row in 0..table.len() {
            let day = match stamp {
                Some(TableValues::Date(days)) => days.get(row).copied().flatten(),
                _ => Some(today),
            };
            if let Some((asset, day)) = subject(row).zip(day.map(|day| day.min(today))) {
                span(days, asset, day, day);
            }
        }
    }

    /// Refuses a delivery that is not what the part said.
    fn check_table(&self, table: &RawTable) -> Result<(), Error> {
        let (order, part) = (self.order, self.part);
        let owned = match &table.subjects {
            Subjects::Nobody => !self.set.per_asset,
            Subjects::One => self.set.per_asset && part.asset.is_some(),
            Subjects::Each(assets) => {
                let known = |&asset: &usize| order.sids.get(asset).is_some();
                self.set.per_asset && assets.iter().all(known)
            }
        };
        if !owned {
            return Err(order.bad(part, "does not say whose its rows are"));
        }
        let rows = table.len();
        if table.columns.iter().any(|(_, values)| values.len() != rows) {
            return Err(order.bad(part, "has columns of unequal length"));
        }
        if table.columns.iter().any(|(name, _)| name == SID) {
            return Err(order.bad(part, "has a column `sid` of its own"));
        }
        Ok(())
    }
}

/// The asset of a row, by its place in the survey.
fn subject(part: &TablePart, subjects: &Subjects, row: usize) -> Option<usize> {
    match subjects {
        Subjects::Nobody => None,
        Subjects::One => part.asset,
        Subjects::Each(assets) => assets.get(row).copied(),
    }
}

fn symbol(order: RecordOrder<'_>, part: &TablePart, subjects: &Subjects, row: usize) -> String {
    let asset = subject(part, subjects, row).and_then(|asset| order.assets.get(asset));
    asset.map(|asset| asset.symbol.clone()).unwrap_or_default()
}

fn whole(order: RecordOrder<'_>, part: &TablePart, reason: Reason) -> Rejected {
    Rejected {
        origin: part.name.clone(),
        line: None,
        symbol: symbol(order, part, &Subjects::One, 0),
        reason,
        text: String::new(),
    }
}

pub(super) fn too_many_digits(order: RecordOrder<'_>, part: &str) -> Error {
    let detail = format!("`{part}` holds numbers that its columns do not");
    Error::BadSurvey { source_name: order.source.name().to_owned(), detail }
}

fn said(misfit: &Misfit) -> String {
    match misfit {
        Misfit::Type { column, found, kept } => format!(
            "its column `{column}` holds {found} where the table has {kept}; declare its type"
        ),
        Misfit::Digits { column } => {
            format!("no scale holds the numbers of its column `{column}` in 28 digits")
        }
    }
}
