//! [`StoredTable`]: the rows of a table, read from its files.

use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::Timestamp;
use rustybt_data::{
    ColumnType, Error as DataError, Filing, Repeats, Sid, Stamp, TableColumn, TableQuery,
    TableReader, TableRows, TableSchema,
};

use crate::Error;
use crate::block_column::copy_rows;
use crate::catalog::TableState;
use crate::chunk::Chunk;
use crate::format::{Column, ColumnSpec, Kind, Rows};
use crate::records::{RowBlock, SID, values};
use crate::table::{Dataset, Placement};
use crate::verified::Verified;

/// A table of a version.
#[derive(Debug)]
pub(crate) struct StoredTable {
    schema: TableSchema,
    specs: Vec<ColumnSpec>,
    /// The column of the asset and that of the stamp.
    sid: Option<usize>,
    stamp: Option<usize>,
    known_at: Option<usize>,
    /// Whether each file's rows come after those of the file before.
    in_order: bool,
    state: Arc<TableState>,
    files: Arc<Verified>,
}

impl StoredTable {
    pub(crate) fn new(state: Arc<TableState>, files: Arc<Verified>) -> Self {
        let dataset = state.dataset;
        let specs = match &state.records {
            Some(records) => records.columns.clone(),
            None => dataset.columns(state.scales),
        };
        let at = |name: &str| specs.iter().position(|spec| spec.name == name);
        let stamp = ["ts", "date", "session", "effective_date", "ex_date"].into_iter().find_map(at);
        let (sid, known_at) = (at(SID), at("known_at"));
        let schema = match &state.records {
            Some(records) => records.schema.as_ref().clone(),
            None => built_in(dataset, stamp.and_then(|at| specs.get(at)), sid.is_some()),
        };
        let stamp = stamp.filter(|_| schema.stamp != Stamp::None);
        let schema = TableSchema { columns: columns(&schema, &specs), ..schema };
        let in_order = dataset.placement() != Placement::Panel || sid.is_none();
        Self { schema, specs, sid, stamp, known_at, in_order, state, files }
    }

    /// Whether its rows are neither bars nor assets, nor what happened to them.
    pub(crate) fn is_dataset(&self) -> bool {
        self.state.records.is_some()
    }

    /// The first and the last stamp, in nanoseconds, and the bytes on disk.
    pub(crate) fn span(&self) -> Option<(i128, i128)> {
        let spans = || self.state.chunks.iter().filter_map(|chunk| self.chunk_span(chunk));
        Some((spans().map(|span| span.start).min()?, spans().map(|span| span.end - 1).max()?))
    }

    /// The first and the last stamp.
    pub(crate) fn instants(&self) -> Option<(Timestamp, Timestamp)> {
        let (first, last) = self.span()?;
        let instant = |nanos| i64::try_from(nanos).ok().map(Timestamp::from_nanos);
        Some((instant(first)?, self.last_stamp(instant(last)?)))
    }

    /// The assets that have rows.
    pub(crate) fn sids(&self) -> Vec<Sid> {
        let extents = self.state.chunks.iter().flat_map(|chunk| &chunk.extents);
        let mut sids: Vec<Sid> = extents.map(|extent| extent.sid).collect();
        sids.sort_unstable();
        sids.dedup();
        sids
    }

    /// A file's last stamp, from the end of what it may hold: the date, or the microsecond.
    pub(crate) fn last_stamp(&self, end: Timestamp) -> Timestamp {
        match self.schema.stamp {
            Stamp::Date => end.date().midnight(),
            _ => Timestamp::from_micros(end.micros()),
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.state.chunks.iter().map(|chunk| chunk.bytes).sum()
    }

    pub(crate) fn files(&self) -> usize {
        self.state.chunks.len()
    }

    /// The nanoseconds that a file's rows may be stamped with.
    fn chunk_span(&self, chunk: &Chunk) -> Option<Range<i128>> {
        let unit: i128 = match self.schema.stamp {
            Stamp::None => return None,
            Stamp::Date => DAY,
            Stamp::Instant | Stamp::Nanos => 1000,
        };
        let (first, last) = chunk.span()?;
        Some(i128::from(first) * unit..(i128::from(last) + 1) * unit)
    }

    fn wanted(&self, query: &TableQuery) -> Result<Vec<usize>, DataError> {
        let Some(names) = &query.columns else {
            return Ok((0..self.specs.len()).filter(|at| Some(*at) != self.sid).collect());
        };
        names
            .iter()
            .map(|name| {
                self.specs.iter().position(|spec| spec.name == *name).ok_or_else(|| {
                    DataError::UnknownColumn {
                        table: self.schema.name.clone(),
                        column: name.clone(),
                        known: self.specs.iter().map(|spec| spec.name.to_string()).collect(),
                    }
                })
            })
            .collect()
    }

    /// Adds the rows of a file that the query asks for.
    fn read(
        &self,
        chunk: &Chunk,
        query: &TableQuery,
        columns: &[usize],
        all: &mut RowBlock,
    ) -> Result<(), Error> {
        let rows = self.rows_of(chunk, query.sids.as_deref());
        if rows.as_ref().is_some_and(Range::is_empty) {
            return Ok(());
        }
        let rows = rows.map_or(Rows::All, Rows::Range);
        let bounded = query.start.is_some() || query.end.is_some();
        let sids = self.sid.filter(|_| query.sids.is_some());
        let stamps = self.stamp.filter(|_| bounded || query.known_at.is_some());
        let known = self.known_at.filter(|_| query.known_at.is_some());
        let mut wanted = columns.to_vec();
        let more = [sids, stamps, known].into_iter().flatten();
        wanted.extend(more.filter(|at| !columns.contains(at)));
        let found = self.files.kept_columns(chunk, &self.specs, &wanted, &rows)?;
        let place = |at: usize| wanted.iter().position(|&other| other == at);
        let column = |at: Option<usize>| found.get(place(at?)?).map(Arc::as_ref);
        let filter = Filter {
            table: self,
            query,
            sids: column(sids),
            stamps: column(stamps),
            known: column(known),
        };
        let count = found.first().map_or(0, |column| column.len());
        let rows: Vec<usize> = (0..count).filter(|&row| filter.wants(row)).collect();
        for (own, column) in all.columns.iter_mut().zip(&found) {
            match (rows.first(), rows.last()) {
                (Some(&first), Some(&last)) if last + 1 - first == rows.len() => {
                    copy_rows(own, column, first..last + 1);
                }
                _ => rows.iter().for_each(|&row| copy_rows(own, column, row..row + 1)),
            }
        }
        Ok(())
    }

    /// The rows that hold all of these assets, and others where these are not neighbours; `None`
    /// for all rows.
    fn rows_of(&self, chunk: &Chunk, sids: Option<&[Sid]>) -> Option<Range<usize>> {
        let sids = sids?;
        if self.sid.is_none() || chunk.extents.is_empty() {
            return None;
        }
        let ranges = || sids.iter().filter_map(|&sid| chunk.rows_of(sid)).map(|(_, rows)| rows);
        let first = ranges().map(|rows| rows.start).min().unwrap_or(0);
        let last = ranges().map(|rows| rows.end).max().unwrap_or(0);
        Some(first..last)
    }

    fn may_hold(&self, chunk: &Chunk, query: &TableQuery) -> bool {
        let Some(span) = self.chunk_span(chunk) else { return true };
        query.start.is_none_or(|start| i128::from(start.nanos()) < span.end)
            && query.end.is_none_or(|end| i128::from(end.nanos()) >= span.start)
    }

    fn stamp_nanos(&self, value: i64) -> i128 {
        i128::from(value)
            * match self.schema.stamp {
                Stamp::None | Stamp::Nanos => 1,
                Stamp::Date => DAY,
                Stamp::Instant => 1000,
            }
    }
}

const DAY: i128 = 86_400_000_000_000;

impl TableReader for StoredTable {
    fn schema(&self) -> &TableSchema {
        &self.schema
    }

    fn rows(&self) -> u64 {
        self.state.chunks.iter().map(|chunk| chunk.rows as u64).sum()
    }

    fn scan(&self, query: &TableQuery) -> Result<TableRows, DataError> {
        let wanted = self.wanted(query)?;
        let mut columns: Vec<usize> = self.sid.into_iter().collect();
        columns.extend(&wanted);
        if columns.is_empty() {
            // Something must be read to know how many rows there are.
            columns.push(0);
        }
        let specs = columns.iter().filter_map(|&at| self.specs.get(at).cloned()).collect();
        let mut all = RowBlock::new(specs);
        let limit = query.limit.unwrap_or(usize::MAX);
        let mut part = None;
        for chunk in self.state.chunks.iter().filter(|chunk| self.may_hold(chunk, query)) {
            let whole = self.in_order || part.is_some_and(|part| part != chunk.part);
            if whole && all.len() >= limit {
                break;
            }
            part = Some(chunk.part);
            self.read(chunk, query, &columns, &mut all).map_err(DataError::store)?;
        }
        if !self.in_order {
            all = all.by_first_column();
        }
        if all.len() > limit {
            all = all.take(&(0..limit).collect::<Vec<_>>());
        }
        let rows = all.len();
        let mut read = all.specs.into_iter().zip(all.columns);
        let sids = self.sid.and_then(|_| read.next()).map(|(_, column)| column);
        let sids = sids.map(|column| column.numbers().iter().map(|&sid| Sid(sid as u32)).collect());
        let given = read.take(wanted.len());
        let given = given.map(|(spec, column)| (spec.name.into_owned(), values(column, spec.kind)));
        Ok(TableRows { sids: sids.unwrap_or_default(), columns: given.collect(), rows })
    }
}

/// What of a file's rows is wanted.
struct Filter<'a> {
    table: &'a StoredTable,
    query: &'a TableQuery,
    sids: Option<&'a Column>,
    stamps: Option<&'a Column>,
    known: Option<&'a Column>,
}

impl Filter<'_> {
    fn wants(&self, row: usize) -> bool {
        let number = |column: Option<&Column>| column.and_then(|column| column.number(row));
        if let Some(wanted) = &self.query.sids
            && let Some(sid) = number(self.sids)
            && !wanted.iter().any(|own| i64::from(own.0) == sid)
        {
            return false;
        }
        let stamp = number(self.stamps).map(|value| self.table.stamp_nanos(value));
        if let Some(stamp) = stamp {
            let (start, end) = (self.query.start, self.query.end);
            if start.is_some_and(|start| stamp < i128::from(start.nanos()))
                || end.is_some_and(|end| stamp > i128::from(end.nanos()))
            {
                return false;
            }
        }
        let Some(at) = self.query.known_at else { return true };
        let known = number(self.known).map(|micros| i128::from(micros) * 1000).or(stamp);
        known.is_none_or(|known| known <= i128::from(at.nanos()))
    }
}

/// The columns of a version as a schema lists them.
fn columns(schema: &TableSchema, specs: &[ColumnSpec]) -> Vec<TableColumn> {
    let own = specs.iter().filter(|spec| !schema.per_asset || spec.name != SID);
    own.map(|spec| TableColumn {
        name: spec.name.to_string(),
        kind: column_type(spec.kind),
        required: schema.column(&spec.name).is_some_and(|column| column.required),
    })
    .collect()
}

fn column_type(kind: Kind) -> ColumnType {
    match kind {
        Kind::Int => ColumnType::Int,
        Kind::Date => ColumnType::Date,
        Kind::Instant => ColumnType::Instant,
        Kind::Nanos => ColumnType::Nanos,
        Kind::Decimal(_) | Kind::Wide(_) => ColumnType::Decimal,
        Kind::Double => ColumnType::Float,
        Kind::Bool => ColumnType::Bool,
        Kind::Text => ColumnType::Text,
    }
}

/// The schema of a table that every bundle can have.
fn built_in(dataset: Dataset, stamp: Option<&ColumnSpec>, per_asset: bool) -> TableSchema {
    let stamp = match stamp.map(|spec| spec.kind) {
        Some(Kind::Date) => Stamp::Date,
        Some(Kind::Instant) => Stamp::Instant,
        _ => Stamp::None,
    };
    TableSchema {
        name: dataset.name().to_owned(),
        columns: Vec::new(),
        stamp,
        per_asset,
        open: false,
        filing: Filing::Whole,
        repeats: Repeats::Key(Vec::new()),
    }
}
