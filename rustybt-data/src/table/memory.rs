//! A table in memory: the reader that tables are tested with.

use std::ops::Range;

use rustybt_calendars::Timestamp;

use super::{TableColumn, TableQuery, TableReader, TableRows, TableSchema, TableValues};
use crate::{Error, Sid};

/// A [`TableReader`] of rows in memory.
#[derive(Debug, Clone)]
pub struct MemoryTable {
    schema: TableSchema,
    rows: TableRows,
    /// The rows of each asset, where they ascend by asset and stamp; else all of them.
    extents: Vec<(Option<Sid>, Range<usize>)>,
}

impl MemoryTable {
    /// A table of these rows, which come by asset, then by stamp. Columns of the schema that the
    /// rows have not are none of the table's; those that they have beside it are.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where a column, or the assets, are not one a row.
    pub fn new(mut schema: TableSchema, rows: TableRows) -> Result<Self, Error> {
        let sids = schema.per_asset.then_some(("the assets", rows.sids.len()));
        let columns = rows.columns.iter().map(|(_, values)| ("a column", values.len()));
        for (what, found) in sids.into_iter().chain(columns) {
            if found != rows.rows {
                return Err(Error::Shape { what, found, expected: rows.rows });
            }
        }
        let column = |(name, values): &(String, TableValues)| {
            let known = schema.column(name).cloned();
            known.unwrap_or(TableColumn {
                name: name.clone(),
                kind: values.kind(),
                required: false,
            })
        };
        schema.columns = rows.columns.iter().map(column).collect();
        let mut table = Self { schema, rows, extents: Vec::new() };
        table.extents = table.lay_out();
        Ok(table)
    }

    fn lay_out(&self) -> Vec<(Option<Sid>, Range<usize>)> {
        let place = |row: usize| (self.rows.sids.get(row).copied(), self.stamp(row));
        if !(1..self.rows.rows).all(|row| place(row - 1) <= place(row)) {
            return vec![(None, 0..self.rows.rows)];
        }
        let mut extents: Vec<(Option<Sid>, Range<usize>)> = Vec::new();
        for row in 0..self.rows.rows {
            let (sid, _) = place(row);
            match extents.last_mut() {
                Some((known, rows)) if *known == sid => rows.end = row + 1,
                _ => extents.push((sid, row..row + 1)),
            }
        }
        extents
    }

    /// The rows that a query may want, found by their order.
    fn may_want(&self, query: &TableQuery) -> Vec<Range<usize>> {
        let wanted = |sid: &Option<Sid>| match (sid, &query.sids) {
            (Some(sid), Some(sids)) => sids.contains(sid),
            _ => true,
        };
        let part = |(sid, rows): &(Option<Sid>, Range<usize>)| {
            if sid.is_none() {
                return rows.clone();
            }
            let search = |past: &dyn Fn(Timestamp) -> bool| {
                let (mut low, mut high) = (rows.start, rows.end);
                while low < high {
                    let middle = low + (high - low) / 2;
                    match self.stamp(middle) {
                        Some(at) if past(at) => high = middle,
                        _ => low = middle + 1,
                    }
                }
                low
            };
            // Rows without a stamp come first, and every query of a time wants them.
            let start = match query.start {
                Some(_) if self.stamp(rows.start).is_none() => rows.start,
                Some(start) => search(&|at| at >= start),
                None => rows.start,
            };
            let end = query.end.map_or(rows.end, |end| search(&|at| at > end));
            start..end.max(start)
        };
        self.extents.iter().filter(|(sid, _)| wanted(sid)).map(part).collect()
    }

    /// When a row is of.
    fn stamp(&self, row: usize) -> Option<Timestamp> {
        self.instant(self.schema.stamp.column()?, row)
    }

    fn column(&self, name: &str) -> Result<&TableValues, Error> {
        self.rows.column(name).ok_or_else(|| Error::UnknownColumn {
            table: self.schema.name.clone(),
            column: name.to_owned(),
            known: self.rows.columns.iter().map(|(name, _)| name.clone()).collect(),
        })
    }

    fn instant(&self, name: &str, row: usize) -> Option<Timestamp> {
        match self.rows.column(name)? {
            TableValues::Date(dates) => dates.get(row)?.map(rustybt_calendars::Session::midnight),
            TableValues::Instant(at) | TableValues::Nanos(at) => *at.get(row)?,
            _ => None,
        }
    }

    fn wants(&self, query: &TableQuery, row: usize) -> bool {
        let own = self.rows.sids.get(row);
        if let (Some(wanted), Some(own)) = (&query.sids, own)
            && !wanted.contains(own)
        {
            return false;
        }
        let stamp = self.stamp(row);
        if let Some(stamp) = stamp
            && (query.start.is_some_and(|start| stamp < start)
                || query.end.is_some_and(|end| stamp > end))
        {
            return false;
        }
        let Some(at) = query.known_at else { return true };
        self.instant("known_at", row).or(stamp).is_none_or(|known| known <= at)
    }
}

impl TableReader for MemoryTable {
    fn schema(&self) -> &TableSchema {
        &self.schema
    }

    fn rows(&self) -> u64 {
        self.rows.rows as u64
    }

    fn scan(&self, query: &TableQuery) -> Result<TableRows, Error> {
        let rows: Vec<usize> = self
            .may_want(query)
            .into_iter()
            .flatten()
            .filter(|&row| self.wants(query, row))
            .take(query.limit.unwrap_or(usize::MAX))
            .collect();
        let names: Vec<String> = match &query.columns {
            Some(names) => names.clone(),
            None => self.rows.columns.iter().map(|(name, _)| name.clone()).collect(),
        };
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let values = self
                .column(&name)?
                .pick(&rows)
                .map_err(|reason| Error::BadDecimal { text: name.clone(), reason })?;
            columns.push((name, values));
        }
        let sids: Vec<Sid> =
            rows.iter().filter_map(|&row| self.rows.sids.get(row).copied()).collect();
        Ok(TableRows { sids, columns, rows: rows.len() })
    }
}
