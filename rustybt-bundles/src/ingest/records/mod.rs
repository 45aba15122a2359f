//! Tables beyond bars: fetched, checked, joined with what is there, and written.
//!
//! Parts that go into the same files are a group: all of one asset for tables that are filed by
//! asset, all of a table for the others. Groups are taken in side by side, as many as memory holds,
//! but one at least. A table's columns grow
//! as its parts tell what they hold; what was written before another part needed more is written
//! again.

mod batch;
mod compact;
mod files;
mod finish;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;
use rustybt_calendars::{Direction, Session, Side};
use rustybt_data::{
    AssetRecord, Filing, RawTable, Reason, Rejected, Selection, Sid, Source, Stamp, Subjects,
    TableDelivery, TablePart, TableValues, check_rows,
};

use self::batch::batches;
pub(super) use self::compact::compacted;
pub(super) use self::finish::record_changes;
use super::chunk::{Bench, StagedChunk};
use super::segment::Counts;
use super::tally::Tally;
use crate::Error;
use crate::catalog::TableState;
use crate::format::ColumnSpec;
use crate::job::Stopping;
use crate::records::{Misfit, RecordSet, RowBlock, Shape, merge, settle};

/// What taking in tables needs to know.
#[derive(Clone, Copy)]
pub(super) struct RecordOrder<'a> {
    pub(super) source: &'a dyn Source,
    pub(super) selection: &'a Selection,
    pub(super) today: Session,
    pub(super) assets: &'a [AssetRecord],
    /// One an asset.
    pub(super) sids: &'a [Sid],
    pub(super) parts: &'a [TablePart],
    pub(super) head: &'a [TableState],
    pub(super) bench: Bench<'a>,
    /// The bytes that the ingest may take.
    pub(super) memory: u64,
    pub(super) tally: &'a Tally<'a>,
    pub(super) stop: Stopping<'a>,
}

/// What was taken in.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) tables: Vec<TakenTable>,
    pub(super) rows: u64,
    pub(super) counts: Counts,
    /// Rows that another part of the same ingest replaced.
    pub(super) superseded: u64,
    pub(super) equal_duplicates: u64,
    pub(super) rejected: Vec<Rejected>,
    pub(super) notes: Vec<String>,
    /// The days on which assets, by their place in the survey, traded or were quoted.
    pub(super) seen: BTreeMap<usize, (Session, Session)>,
    /// The days that rows about them are dated.
    pub(super) dated: BTreeMap<usize, (Session, Session)>,
}

/// A table and its new files.
#[derive(Debug)]
pub(super) struct TakenTable {
    pub(super) shape: Shape,
    pub(super) staged: Vec<StagedRows>,
    /// The catalog's numbers of files that new ones take the place of.
    pub(super) replaced: Vec<i64>,
}

/// A file that is written, and its columns.
#[derive(Debug)]
pub(super) struct StagedRows {
    pub(super) staged: StagedChunk,
    pub(super) specs: Vec<ColumnSpec>,
    pub(super) symbol: String,
}

/// What became of one group.
#[derive(Debug, Default)]
struct Group {
    staged: Vec<StagedRows>,
    replaced: Vec<i64>,
    repaired: Vec<PathBuf>,
    counts: Counts,
}

/// One part's rows, and what was said of them.
#[derive(Debug, Default)]
struct Taken {
    block: Option<RowBlock>,
    rows: u64,
    kept: u64,
    equal: u64,
    rejected: Vec<Rejected>,
    notes: Vec<String>,
    days: BTreeMap<usize, (Session, Session)>,
}

/// Takes in every part of every table.
///
/// # Errors
///
/// The first error of a file, and the first of a source that says that trying again may help; the
/// others of a source are rejected parts.
pub(super) fn take_in(order: RecordOrder<'_>) -> Result<Records, Error> {
    let mut tables: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, part) in order.parts.iter().enumerate() {
        tables.entry(part.schema.name.as_str()).or_default().push(at);
    }
    let mut records = Records::default();
    for parts in tables.into_values() {
        let Some(first) = parts.first().and_then(|&at| order.parts.get(at)) else { continue };
        let set =
            RecordSet::of(&first.schema).ok_or_else(|| order.bad(first, "has no good name"))?;
        let head = order.head.iter().find(|table| table.dataset.name() == set.name.as_str());
        let state = head.and_then(|head| head.records.as_deref());
        let schema = state.map_or(&first.schema, |state| &state.schema);
        let kept = RecordSet::of(schema).unwrap_or(set);
        if kept != set {
            return Err(order.bad(first, "is dated, filed or owned otherwise than the table kept"));
        }
        let table = Table { order, set, head, shape: Mutex::new(Shape::new(set, schema, state)) };
        table.take_in(&parts, &mut records)?;
    }
    records.superseded = records.superseded.saturating_sub(records.counts.all());
    Ok(records)
}

impl Counts {
    /// Rows that the bundle has after the ingest.
    pub(super) fn all(self) -> u64 {
        self.new + self.changed + self.unchanged
    }
}

impl RecordOrder<'_> {
    fn bad(&self, part: &TablePart, detail: &str) -> Error {
        let detail = format!("the table `{}` of `{}` {detail}", part.schema.name, part.name);
        Error::BadSurvey { source_name: self.source.name().to_owned(), detail }
    }
}

struct Table<'a> {
    order: RecordOrder<'a>,
    set: RecordSet,
    head: Option<&'a TableState>,
    shape: Mutex<Shape>,
}

impl Table<'_> {
    fn take_in(self, parts: &[usize], records: &mut Records) -> Result<(), Error> {
        let by_asset = matches!(self.set.filing, Filing::Months | Filing::Days);
        let mut groups: BTreeMap<i64, Vec<&TablePart>> = BTreeMap::new();
        for part in parts.iter().filter_map(|&at| self.order.parts.get(at)) {
            let sid = part.asset.and_then(|asset| self.order.sids.get(asset));
            let key = match sid.filter(|_| by_asset) {
                Some(sid) => sid.0.into(),
                None if by_asset => return Err(self.order.bad(part, "belongs to no one asset")),
                None => 0,
            };
            groups.entry(key).or_default().push(part);
        }
        let groups: Vec<Vec<&TablePart>> = groups.into_values().collect();
        let mut taken = Vec::with_capacity(groups.len());
        for batch in batches(&groups, self.order.memory) {
            let groups = batch.par_iter().map(|parts| self.group(parts));
            taken.extend(groups.collect::<Result<Vec<_>, _>>()?);
        }
        let mut table =
            TakenTable { shape: self.into_shape(), staged: Vec::new(), replaced: Vec::new() };
        for (group, parts) in taken {
            let seen = match table.shape.set.stamp {
                Stamp::Instant | Stamp::Nanos => &mut records.seen,
                Stamp::Date | Stamp::None => &mut records.dated,
            };
            for part in parts {
                records.rows += part.rows;
                records.superseded += part.kept;
                records.equal_duplicates += part.equal;
                records.rejected.extend(part.rejected);
                records.notes.extend(part.notes);
                for (asset, (first, last)) in part.days {
                    let span = seen.entry(asset).or_insert((first, last));
                    *span = (span.0.min(first), span.1.max(last));
                }
            }
            records.counts.new += group.counts.new;
            records.counts.changed += group.counts.changed;
            records.counts.unchanged += group.counts.unchanged;
            records.notes.extend(group.repaired.iter().map(|path| {
                let path = path.display();
                format!("`{path}` was damaged; its rows came again, and it is written anew")
            }));
            table.staged.extend(group.staged);
            table.replaced.extend(group.replaced);
        }
        records.tables.push(table);
        Ok(())
    }

    fn into_shape(self) -> Shape {
        self.shape.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the parts of a group and writes their files.
    fn group(&self, parts: &[&TablePart]) -> Result<(Group, Vec<Taken>), Error> {
        let mut taken =
            parts.par_iter().map(|part| self.part(part)).collect::<Result<Vec<_>, Error>>()?;
        let specs = self.shape().specs();
        let mut rows: Option<RowBlock> = None;
        for (part, taken) in parts.iter().zip(&mut taken) {
            let Some(block) = taken.block.take() else { continue };
            let block = block.at(&specs).ok_or_else(|| self.too_many_digits(&part.name))?;
            rows = Some(match rows {
                None => block,
                Some(before) => merge(&before, &block, self.set, &self.shape().schema).0,
            });
        }
        let symbol = parts.first().and_then(|part| self.order.assets.get(part.asset?));
        let symbol = symbol.map_or("", |asset| asset.symbol.as_str());
        let group = match rows {
            Some(rows) => self.file(rows, symbol)?,
            None => Group::default(),
        };
        Ok((group, taken))
    }

    /// Fetches one part and checks its rows.
    fn part(&self, part: &TablePart) -> Result<Taken, Error> {
        let RecordOrder { source, selection, today, .. } = self.order;
        self.order.stop.check()?;
        let delivery = match source.fetch_table(part, selection) {
            Ok(delivery) => delivery,
            Err(error) if error.is_transient() => {
                return Err(Error::Fetch { part: part.name.clone(), source: error });
            }
            Err(error) => {
                let reason = Reason::BadFile { detail: crate::error::chain(&error) };
                return Ok(Taken { rejected: vec![self.whole(part, reason)], ..Taken::default() });
            }
        };
        let TableDelivery { mut table, mut rejected, notes, rows } = delivery;
        self.check_table(&table, part)?;
        let schema = self.shape().schema.clone();
        let subjects = table.subjects.clone();
        let symbol = |row: usize| self.symbol(part, &subjects, row);
        rejected.extend(check_rows(&schema, &mut table, today, &part.name, &symbol));
        let grown = self.shape().grow(&table);
        let mut taken = Taken { rows, rejected, notes, ..Taken::default() };
        if let Err(misfit) = grown {
            taken.rejected.push(self.whole(part, Reason::BadFile { detail: said(&misfit) }));
        } else if !table.is_empty() {
            self.settle(part, table, &mut taken)?;
        }
        self.order.tally.add(1, part.bytes, rows);
        Ok(taken)
    }

    fn settle(
        &self,
        part: &TablePart,
        mut table: RawTable,
        taken: &mut Taken,
    ) -> Result<(), Error> {
        let (specs, schema) = {
            let shape = self.shape();
            (shape.specs(), shape.schema.clone())
        };
        taken.days = self.days(part, &table);
        let (lines, subjects) = (std::mem::take(&mut table.lines), table.subjects.clone());
        let sid = |row: usize| -> i64 {
            let asset = subject(part, &subjects, row);
            let sid = asset.and_then(|asset| self.order.sids.get(asset));
            sid.copied().unwrap_or(Sid(0)).0.into()
        };
        let sids = self.set.per_asset.then(|| (0..table.len()).map(sid).collect());
        let block = RowBlock::from_raw(table, &specs, sids)
            .ok_or_else(|| self.too_many_digits(&part.name))?;
        let settled = settle(block, self.set, &schema);
        taken.equal = settled.equal;
        for (at, (row, first)) in settled.contradicting.into_iter().enumerate() {
            let text = settled.refused.text(at);
            let stamp = self.set.stamp.column().map(|_| text.split(',').next().unwrap_or_default());
            taken.rejected.push(Rejected {
                origin: part.name.clone(),
                line: lines.get(row).copied(),
                symbol: self.symbol(part, &subjects, row),
                reason: Reason::Duplicate {
                    stamp: stamp.unwrap_or_default().to_owned(),
                    first: lines.get(first).copied(),
                },
                text,
            });
        }
        taken.kept = settled.block.len() as u64;
        taken.block = Some(settled.block);
        Ok(())
    }

    /// The first and the last day that each asset has a row of.
    fn days(&self, part: &TablePart, table: &RawTable) -> BTreeMap<usize, (Session, Session)> {
        let mut days: BTreeMap<usize, (Session, Session)> = BTreeMap::new();
        let calendar = &self.order.selection.calendar;
        let stamp = self.set.stamp.column().and_then(|name| table.column(name));
        let mut last = None;
        for row in 0..table.len() {
            let Some(asset) = subject(part, &table.subjects, row) else { continue };
            let day = match stamp {
                Some(TableValues::Date(days)) => days.get(row).copied().flatten(),
                Some(TableValues::Instant(at) | TableValues::Nanos(at)) => {
                    at.get(row).copied().flatten().map(|at| match last {
                        // Rows come in order of time: most are of the day of the one before.
                        Some((date, session)) if date == at.date() => session,
                        _ => {
                            let found =
                                calendar.minute_to_session(at, Direction::Previous, Side::Left);
                            let session = found.unwrap_or(at.date());
                            last = Some((at.date(), session));
                            session
                        }
                    })
                }
                _ => Some(self.order.today),
            };
            let Some(day) = day.map(|day| day.min(self.order.today)) else { continue };
            let span = days.entry(asset).or_insert((day, day));
            *span = (span.0.min(day), span.1.max(day));
        }
        days
    }

    /// Refuses a delivery that is not what the part said.
    fn check_table(&self, table: &RawTable, part: &TablePart) -> Result<(), Error> {
        let owned = match &table.subjects {
            Subjects::Nobody => !self.set.per_asset,
            Subjects::One => self.set.per_asset && part.asset.is_some(),
            Subjects::Each(assets) => {
                let known = |&asset: &usize| self.order.sids.get(asset).is_some();
                self.set.per_asset && assets.iter().all(known)
            }
        };
        if !owned {
            return Err(self.order.bad(part, "does not say whose its rows are"));
        }
        let rows = table.len();
        if table.columns.iter().any(|(_, values)| values.len() != rows) {
            return Err(self.order.bad(part, "has columns of unequal length"));
        }
        if table.columns.iter().any(|(name, _)| name == crate::records::SID) {
            return Err(self.order.bad(part, "has a column `sid` of its own"));
        }
        Ok(())
    }

    fn symbol(&self, part: &TablePart, subjects: &Subjects, row: usize) -> String {
        let asset = subject(part, subjects, row).and_then(|asset| self.order.assets.get(asset));
        asset.map(|asset| asset.symbol.clone()).unwrap_or_default()
    }

    fn whole(&self, part: &TablePart, reason: Reason) -> Rejected {
        Rejected {
            origin: part.name.clone(),
            line: None,
            symbol: self.symbol(part, &Subjects::One, 0),
            reason,
            text: String::new(),
        }
    }

    fn too_many_digits(&self, part: &str) -> Error {
        let detail = format!("`{part}` holds numbers that its columns do not");
        Error::BadSurvey { source_name: self.order.source.name().to_owned(), detail }
    }

    fn shape(&self) -> MutexGuard<'_, Shape> {
        // A shape grows in one step, or not at all.
        self.shape.lock().unwrap_or_else(PoisonError::into_inner)
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
