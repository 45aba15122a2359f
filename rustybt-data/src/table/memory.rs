//! A table in memory: the reader that tables are tested with.

use rustybt_calendars::Timestamp;

use super::{Stamp, TableQuery, TableReader, TableRows, TableSchema, TableValues};
use crate::{DecimalFault, Error, Sid};

/// A [`TableReader`] of rows in memory.
#[derive(Debug, Clone)]
pub struct MemoryTable {
    schema: TableSchema,
    rows: TableRows,
}

impl MemoryTable {
    /// A table of these rows, which come by asset, then by stamp.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where a column, or the assets, are not one a row.
    pub fn new(schema: TableSchema, rows: TableRows) -> Result<Self, Error> {
        let sids = schema.per_asset.then_some(("the assets", rows.sids.len()));
        let columns = rows.columns.iter().map(|(_, values)| ("a column", values.len()));
        for (what, found) in sids.into_iter().chain(columns) {
            if found != rows.rows {
                return Err(Error::Shape { what, found, expected: rows.rows });
            }
        }
        Ok(Self { schema, rows })
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
        let stamp = match self.schema.stamp {
            Stamp::None => None,
            stamp => stamp.column().and_then(|name| self.instant(name, row)),
        };
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
        let rows: Vec<usize> = (0..self.rows.rows)
            .filter(|&row| self.wants(query, row))
            .take(query.limit.unwrap_or(usize::MAX))
            .collect();
        let names: Vec<String> = match &query.columns {
            Some(names) => names.clone(),
            None => self.rows.columns.iter().map(|(name, _)| name.clone()).collect(),
        };
        let mut columns = Vec::with_capacity(names.len());
        for name in names {
            let values = picked(self.column(&name)?, &rows)
                .map_err(|reason| Error::BadDecimal { text: name.clone(), reason })?;
            columns.push((name, values));
        }
        let sids: Vec<Sid> =
            rows.iter().filter_map(|&row| self.rows.sids.get(row).copied()).collect();
        Ok(TableRows { sids, columns, rows: rows.len() })
    }
}

/// Some rows of a column.
fn picked(values: &TableValues, rows: &[usize]) -> Result<TableValues, DecimalFault> {
    fn some<T: Clone>(values: &[Option<T>], rows: &[usize]) -> Vec<Option<T>> {
        rows.iter().map(|&row| values.get(row).cloned().flatten()).collect()
    }
    Ok(match values {
        TableValues::Decimal(values) => {
            let mut column = super::DecimalColumn::default();
            for &row in rows {
                column.push(values.get(row))?;
            }
            TableValues::Decimal(column)
        }
        TableValues::Float(values) => TableValues::Float(some(values, rows)),
        TableValues::Int(values) => TableValues::Int(some(values, rows)),
        TableValues::Bool(values) => TableValues::Bool(some(values, rows)),
        TableValues::Text(values) => TableValues::Text(some(values, rows)),
        TableValues::Date(values) => TableValues::Date(some(values, rows)),
        TableValues::Instant(values) => TableValues::Instant(some(values, rows)),
        TableValues::Nanos(values) => TableValues::Nanos(some(values, rows)),
    })
}
