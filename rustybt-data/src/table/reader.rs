//! The contract for reading tables back.

use std::fmt::Debug;

use rustybt_calendars::Timestamp;

use super::{TableSchema, TableValues};
use crate::{DecimalFault, Error, Sid};

/// Which rows and columns of a table are wanted.
///
/// ```
/// use rustybt_data::{Sid, TableQuery};
///
/// // What was known of two assets' fundamentals at the end of January 2020.
/// let query = TableQuery::new()
///     .sids(&[Sid(1), Sid(2)])
///     .known_at("2020-01-31T21:00Z".parse()?)
///     .columns(&["date", "eps"]);
/// # Ok::<(), rustybt_calendars::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableQuery {
    /// Only rows of these assets; `None` for all. Of no meaning for tables without assets.
    pub sids: Option<Vec<Sid>>,
    /// Nothing stamped before this instant; a date counts as its midnight in UTC.
    pub start: Option<Timestamp>,
    /// Nothing stamped after this instant.
    pub end: Option<Timestamp>,
    /// Only rows that were known at this instant: by their `known_at`, else by their stamp.
    pub known_at: Option<Timestamp>,
    /// These columns, in this order; `None` for all.
    pub columns: Option<Vec<String>>,
    /// At most so many rows.
    pub limit: Option<usize>,
}

impl TableQuery {
    /// Every row and column.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only rows of these assets.
    #[must_use]
    pub fn sids(mut self, sids: &[Sid]) -> Self {
        self.sids = Some(sids.to_vec());
        self
    }

    /// Only rows stamped in this range, both ends included.
    #[must_use]
    pub fn between(mut self, start: Timestamp, end: Timestamp) -> Self {
        self.start = Some(start);
        self.end = Some(end);
        self
    }

    /// Only rows that were known at this instant.
    #[must_use]
    pub fn known_at(mut self, at: Timestamp) -> Self {
        self.known_at = Some(at);
        self
    }

    /// Only these columns, in this order.
    #[must_use]
    pub fn columns(mut self, columns: &[&str]) -> Self {
        self.columns = Some(columns.iter().map(|&name| name.to_owned()).collect());
        self
    }

    /// At most so many rows.
    #[must_use]
    pub fn limit(mut self, rows: usize) -> Self {
        self.limit = Some(rows);
        self
    }
}

/// Rows of a table, by asset and stamp.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRows {
    /// Whose each row is; empty where the table is not one of assets.
    pub sids: Vec<Sid>,
    /// The columns, in the order asked for.
    pub columns: Vec<(String, TableValues)>,
    /// The number of rows.
    pub rows: usize,
}

impl TableRows {
    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&TableValues> {
        self.columns.iter().find(|(own, _)| own == name).map(|(_, values)| values)
    }

    /// Appends rows of the same columns.
    ///
    /// # Errors
    ///
    /// As [`TableValues::append`]; the rows are of no use then.
    pub fn append(&mut self, other: Self) -> Result<(), DecimalFault> {
        self.sids.extend(other.sids);
        self.rows += other.rows;
        for ((_, values), (_, more)) in self.columns.iter_mut().zip(other.columns) {
            values.append(more)?;
        }
        Ok(())
    }

    /// The last rows, at most so many.
    #[must_use]
    pub fn last(mut self, count: usize) -> Self {
        let gone: Vec<usize> = (0..self.rows.saturating_sub(count)).collect();
        self.sids.drain(..gone.len().min(self.sids.len()));
        for (_, values) in &mut self.columns {
            values.remove(&gone);
        }
        Self { rows: self.rows - gone.len(), ..self }
    }
}

/// Reads one table of a bundle.
///
/// # Contract
///
/// * Rows come by asset, then by stamp, then in the order in which they were told.
/// * A scan of everything gives every row once; a narrower one gives exactly those of them that
///   it asks for.
pub trait TableReader: Debug + Send + Sync {
    /// What its rows are, with every column that there is.
    fn schema(&self) -> &TableSchema;

    /// The number of rows.
    fn rows(&self) -> u64;

    /// Reads rows.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`] for a column that the table has not, [`Error::Store`] with the
    /// damaged file behind it.
    fn scan(&self, query: &TableQuery) -> Result<TableRows, Error>;
}
