//! [`RowBlock`]: rows of a table in memory, sorted as files are.

use std::cmp::Ordering;
use std::ops::Range;

use rustybt_data::{RawTable, Repeats, TableSchema};

use super::convert::{column, into_column, missing, stamp_micros};
use super::set::RecordSet;
use super::shape::SID;
use crate::chunk::Extent;
use crate::format::{Column, ColumnSpec};

/// Rows at some columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowBlock {
    pub(crate) specs: Vec<ColumnSpec>,
    pub(crate) columns: Vec<Column>,
}

impl RowBlock {
    pub(crate) fn new(specs: Vec<ColumnSpec>) -> Self {
        let columns = specs.iter().map(|spec| Column::new(spec.kind, 0)).collect();
        Self { specs, columns }
    }

    pub(crate) fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Rows as they came, at columns that hold them; `sids` are their assets, where they have any.
    ///
    /// `None` where they do not fit, which the shape has made sure of.
    pub(crate) fn from_raw(
        mut table: RawTable,
        specs: &[ColumnSpec],
        sids: Option<Vec<i64>>,
    ) -> Option<Self> {
        let rows = table.len();
        let mut sids = sids.map(Column::Numbers);
        let columns = specs.iter().map(|spec| {
            if spec.name == SID
                && let Some(sids) = sids.take()
            {
                return Some(sids);
            }
            match table.columns.iter().position(|(name, _)| *name == spec.name) {
                Some(at) => into_column(table.columns.swap_remove(at).1, spec.kind),
                None => Some(missing(spec.kind, rows)),
            }
        });
        Some(Self { specs: specs.to_vec(), columns: columns.collect::<Option<_>>()? })
    }

    /// A row as text: its cells of some columns, but for the asset.
    pub(crate) fn text(&self, row: usize, columns: &[&str]) -> String {
        let cells = columns.iter().filter(|name| **name != SID).map(|name| {
            let at = self.specs.iter().position(|spec| spec.name == *name);
            let found = at.and_then(|at| self.specs.get(at).zip(self.columns.get(at)));
            let Some((spec, column)) = found else { return String::new() };
            let one = gather(&[column], std::iter::once((0, row)));
            super::convert::values(one, spec.kind).plain(0)
        });
        cells.collect::<Vec<_>>().join(",")
    }

    /// The same rows at other columns, which hold at least as much; `None` where they do not.
    pub(crate) fn at(self, specs: &[ColumnSpec]) -> Option<Self> {
        if self.specs == specs {
            return Some(self);
        }
        let rows = self.len();
        let mut own: Vec<(ColumnSpec, Option<Column>)> =
            self.specs.into_iter().zip(self.columns.into_iter().map(Some)).collect();
        let columns = specs.iter().map(|spec| {
            let found = own.iter_mut().find(|(known, _)| known.name == spec.name);
            let Some((known, values)) = found else { return Some(missing(spec.kind, rows)) };
            let values = values.take()?;
            if known.kind == spec.kind {
                return Some(values);
            }
            column(&super::convert::values(values, known.kind), spec.kind)
        });
        let columns = columns.collect::<Option<_>>()?;
        Some(Self { specs: specs.to_vec(), columns })
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        let at = self.specs.iter().position(|spec| spec.name == name)?;
        self.columns.get(at)
    }

    /// Rows by number, in this order.
    pub(crate) fn take(&self, rows: &[usize]) -> Self {
        let columns =
            self.columns.iter().map(|column| gather(&[column], rows.iter().map(|&r| (0, r))));
        Self { specs: self.specs.clone(), columns: columns.collect() }
    }

    /// A stretch of rows.
    pub(crate) fn slice(&self, rows: Range<usize>) -> Self {
        let columns = self.columns.iter().map(|column| {
            fn part<T: Clone>(values: &[T], rows: &Range<usize>) -> Vec<T> {
                values.get(rows.clone()).unwrap_or_default().to_vec()
            }
            match column {
                Column::Numbers(values) => Column::Numbers(part(values, &rows)),
                Column::Wide(values) => Column::Wide(part(values, &rows)),
                Column::Doubles(values) => Column::Doubles(part(values, &rows)),
                Column::Texts(values) => Column::Texts(part(values, &rows)),
            }
        });
        Self { specs: self.specs.clone(), columns: columns.collect() }
    }

    /// Rows of two blocks with the same columns, each named by its block and number.
    pub(super) fn pick(&self, other: &Self, rows: &[(usize, usize)]) -> Self {
        let pairs = self.columns.iter().zip(&other.columns);
        let columns = pairs.map(|(own, other)| gather(&[own, other], rows.iter().copied()));
        Self { specs: self.specs.clone(), columns: columns.collect() }
    }

    /// Adds rows with the same columns.
    pub(crate) fn append(&mut self, other: Self) {
        for (own, column) in self.columns.iter_mut().zip(other.columns) {
            match (own, column) {
                (Column::Numbers(own), Column::Numbers(mut more)) => own.append(&mut more),
                (Column::Wide(own), Column::Wide(mut more)) => own.append(&mut more),
                (Column::Doubles(own), Column::Doubles(mut more)) => own.append(&mut more),
                (Column::Texts(own), Column::Texts(mut more)) => own.append(&mut more),
                // Columns of one table have one type.
                _ => {}
            }
        }
    }

    /// The rows sorted by their first column; rows that are equal in it keep their order.
    pub(crate) fn by_first_column(self) -> Self {
        let first = self.columns.first().map(Column::numbers).unwrap_or_default();
        if first.is_sorted() {
            return self;
        }
        let mut rows: Vec<usize> = (0..first.len()).collect();
        rows.sort_by_key(|&row| first.get(row));
        self.take(&rows)
    }

    /// The asset and stamp of each row: what groups rows.
    pub(crate) fn keys(&self, set: RecordSet) -> Vec<(i64, i64)> {
        let none: &[i64] = &[];
        let sids = self.column(SID).filter(|_| set.per_asset).map_or(none, Column::numbers);
        let stamps = set.stamp.column().and_then(|name| self.column(name));
        let stamps = stamps.map_or(none, Column::numbers);
        let at = |values: &[i64], row: usize| values.get(row).copied().unwrap_or(0);
        (0..self.len()).map(|row| (at(sids, row), at(stamps, row))).collect()
    }

    /// The rows sorted by asset, stamp, and the columns that order rows of one stamp; rows that
    /// are equal in these keep their order.
    pub(crate) fn sorted(self, set: RecordSet, schema: &TableSchema) -> Self {
        match self.order(set, schema) {
            Some(rows) => self.take(&rows),
            None => self,
        }
    }

    /// The rows in the order that [`sorted`](Self::sorted) gives them; `None` where they have it.
    pub(super) fn order(&self, set: RecordSet, schema: &TableSchema) -> Option<Vec<usize>> {
        let keys = self.keys(set);
        let order = self.ordering(schema);
        let compare = |&a: &usize, &b: &usize| {
            let key = |row: usize| keys.get(row).copied().unwrap_or_default();
            key(a).cmp(&key(b)).then_with(|| compare_rows(&order, a, b))
        };
        if (1..keys.len()).all(|row| compare(&(row - 1), &row) != Ordering::Greater) {
            return None;
        }
        let mut rows: Vec<usize> = (0..keys.len()).collect();
        rows.sort_by(compare);
        Some(rows)
    }

    /// The columns that order rows of one asset and stamp.
    pub(super) fn ordering(&self, schema: &TableSchema) -> Vec<&Column> {
        let keys: &[String] = match &schema.repeats {
            Repeats::Key(columns) => columns,
            Repeats::Id(_) | Repeats::Row | Repeats::Group => &[],
        };
        let always = ["known_at", "seq"].into_iter();
        let names = always.chain(keys.iter().map(String::as_str));
        names.filter_map(|name| self.column(name)).collect()
    }

    /// The stamps that files are cut by: days, or microseconds.
    pub(crate) fn stamps(&self, set: RecordSet) -> Vec<i64> {
        let stamps = set.stamp.column().and_then(|name| self.column(name)).map(Column::numbers);
        let Some(stamps) = stamps else { return vec![0; self.len()] };
        stamps.iter().map(|&stamp| stamp_micros(set, stamp)).collect()
    }

    /// The rows of each asset; of nobody's table, of an asset 0.
    pub(crate) fn extents(&self, set: RecordSet) -> Vec<Extent> {
        let keys = self.keys(set);
        let sids: Vec<i64> = keys.iter().map(|key| key.0).collect();
        let stamps: Vec<i64> = keys.iter().map(|key| stamp_micros(set, key.1)).collect();
        Extent::find(&sids, &stamps)
    }
}

/// Values of several columns of one kind, each named by its column and row.
fn gather(sources: &[&Column], rows: impl Iterator<Item = (usize, usize)>) -> Column {
    let at = |source: usize| sources.get(source);
    match sources.first() {
        Some(Column::Numbers(_)) | None => Column::Numbers(
            rows.filter_map(|(source, row)| at(source)?.numbers().get(row).copied()).collect(),
        ),
        Some(Column::Wide(_)) => {
            let value = |(source, row)| match at(source)? {
                Column::Wide(values) => values.get::<usize>(row).copied(),
                _ => None,
            };
            Column::Wide(rows.filter_map(value).collect())
        }
        Some(Column::Doubles(_)) => {
            let value = |(source, row)| match at(source)? {
                Column::Doubles(values) => values.get::<usize>(row).copied(),
                _ => None,
            };
            Column::Doubles(rows.filter_map(value).collect())
        }
        Some(Column::Texts(_)) => {
            let value = |(source, row)| match at(source)? {
                Column::Texts(values) => values.get::<usize>(row).cloned(),
                _ => None,
            };
            Column::Texts(rows.filter_map(value).collect())
        }
    }
}

/// Compares two rows by some columns; a missing value comes first.
pub(super) fn compare_rows(columns: &[&Column], a: usize, b: usize) -> Ordering {
    columns
        .iter()
        .map(|column| compare(column, a, b))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare(column: &Column, a: usize, b: usize) -> Ordering {
    match column {
        Column::Numbers(values) => values.get(a).cmp(&values.get(b)),
        Column::Wide(values) => values.get(a).cmp(&values.get(b)),
        Column::Texts(values) => values.get(a).cmp(&values.get(b)),
        Column::Doubles(values) => {
            let bits = |row: usize| values.get(row).copied().flatten();
            match (bits(a), bits(b)) {
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }
        }
    }
}

/// Adds a cell's bytes to those that stand for a row.
pub(super) fn append_cell(column: &Column, row: usize, bytes: &mut Vec<u8>) {
    match column {
        Column::Numbers(values) => {
            bytes.extend(values.get(row).copied().unwrap_or_default().to_le_bytes());
        }
        Column::Wide(values) => {
            bytes.extend(values.get(row).copied().unwrap_or_default().to_le_bytes());
        }
        Column::Doubles(values) => match values.get(row).copied().flatten() {
            Some(value) => {
                bytes.push(1);
                bytes.extend(value.to_bits().to_le_bytes());
            }
            None => bytes.push(0),
        },
        Column::Texts(values) => match values.get(row).and_then(Option::as_deref) {
            Some(text) => {
                bytes.extend((text.len() as u64 + 1).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
            None => bytes.extend(0_u64.to_le_bytes()),
        },
    }
}

/// Whether a row has no value.
pub(super) fn is_missing(column: &Column, row: usize) -> bool {
    match column {
        Column::Numbers(_) => column.number(row).is_none(),
        Column::Wide(_) => column.mantissa(row).is_none(),
        Column::Doubles(_) => column.double(row).is_none(),
        Column::Texts(_) => column.text(row).is_none(),
    }
}

/// The columns that a file's rows are sorted by, for its footer: those that come first in it.
pub(crate) fn sort_key(set: RecordSet, specs: &[ColumnSpec]) -> Vec<String> {
    let mut wanted = Vec::new();
    wanted.extend(set.per_asset.then_some(SID));
    wanted.extend(set.stamp.column());
    let own = wanted.iter().zip(specs).take_while(|(name, spec)| **name == spec.name);
    own.map(|(name, _)| (*name).to_owned()).collect()
}
