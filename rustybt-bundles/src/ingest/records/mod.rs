//! Tables beyond bars: fetched, checked, joined with what is there, and written.
//!
//! 1. **Fetch** ([`table`]): threads of their own fetch parts, a piece after the other ([`intake`]).
//!    The rows of a piece are checked, sorted by their stamps and sorted out by part and period of
//!    the table ([`rows`]).
//! 2. **Wait** ([`group`]): parts that go into the same files are a group: all of one asset for
//!    tables that are filed by asset, all of a table for the others. What waits for the rest of its
//!    group is counted by the [`Budget`], and lies on disk where memory is scarce.
//! 3. **Write** ([`place`]): each part and period of a group that is there is written, a slice of
//!    time after the other, each as large as memory holds; what rows say twice is found, and files
//!    are cut where they get too large ([`cut`]).
//! 4. **Finish** ([`finish`]): a table's columns grow as its parts tell what they hold; what was
//!    written before another part needed more is written again.

mod compact;
mod cut;
mod files;
mod finish;
mod group;
mod intake;
mod place;
mod point;
mod rows;
mod table;

use std::collections::BTreeMap;

use rustybt_calendars::Session;
use rustybt_data::{AssetRecord, Selection, Sid, Source, TablePart};

pub(super) use self::compact::compacted;
pub(super) use self::finish::record_changes;
use self::table::Table;
use super::budget::Budget;
use super::chunk::{Bench, StagedChunk};
use super::points::Points;
use super::refused::Quarantine;
use super::segment::Counts;
use super::tally::Tally;
use crate::Error;
use crate::catalog::TableState;
use crate::format::ColumnSpec;
use crate::job::Stopping;
use crate::records::{RecordSet, Shape};

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
    pub(super) points: &'a Points,
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
    pub(super) rejected: Quarantine,
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
#[derive(Debug, Clone)]
pub(super) struct StagedRows {
    pub(super) staged: StagedChunk,
    pub(super) specs: Vec<ColumnSpec>,
    pub(super) symbol: String,
}

/// Takes in every part of every table.
///
/// # Errors
///
/// The first error of a file, and the first of a source that says that trying again may help; the
/// others of a source are rejected parts.
pub(super) fn take_in(order: RecordOrder<'_>, pool: &rayon::ThreadPool) -> Result<Records, Error> {
    let mut tables: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, part) in order.parts.iter().enumerate() {
        tables.entry(part.schema.name.as_str()).or_default().push(at);
    }
    let mut records = Records::default();
    let budget = Budget::of_rows(order.memory);
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
        let shape = Shape::new(set, schema, state);
        Table::new(order, set, head, shape, &parts, &budget, pool)?.run(pool, &mut records)?;
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
