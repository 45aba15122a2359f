//! The contract for loading columns.

use std::borrow::Cow;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use rustybt_calendars::Calendar;
use rustybt_data::{AssetFinder, Sid};

use crate::{Axis, BoundColumn, Error, Restatements, Words};

/// Loads columns for a pipeline.
///
/// # Contract
///
/// * A row is a position on the [`axis`](Self::axis), that is of a session among the calendar's; row N
///   holds what is known before session N opens: of a bar, the one of session N − 1.
/// * Values are raw; the events that restate them come beside them.
/// * Nothing that becomes known later can change a row.
pub trait Loader: Debug + Send + Sync {
    /// The sessions that rows are counted by.
    fn calendar(&self) -> &Arc<Calendar>;

    /// What rows stand for: sessions, unless a loader says otherwise.
    fn axis(&self) -> Axis {
        Axis::sessions(Arc::clone(self.calendar()))
    }

    /// The assets, and who had which symbol when.
    fn finder(&self) -> &dyn AssetFinder;

    /// The first row that holds data. Look-backs that reach before it are refused.
    fn first_row(&self) -> usize;

    /// The first row that holds data of a column; that of all, unless the column has its own.
    fn first_row_of(&self, column: &BoundColumn) -> usize {
        let _ = column;
        self.first_row()
    }

    /// The columns there are.
    fn columns(&self) -> Vec<BoundColumn>;

    /// The texts of a column of texts; its values are their labels. The same on every call.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    fn words(&self, column: &BoundColumn) -> Result<Words, Error> {
        let _ = column;
        Ok(Words::default())
    }

    /// Loads a column: one series for each of `sids`, in their order, with one value for each of
    /// `rows`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownColumn`], or [`Error::Data`] where the data cannot be read.
    fn load(
        &self,
        column: &BoundColumn,
        rows: Range<usize>,
        sids: &[Sid],
    ) -> Result<Vec<Series<'_>>, Error>;
}

/// One asset's values of a column, raw, and the events that restate them.
#[derive(Debug, Clone)]
pub struct Series<'a> {
    /// One value for each row, `NaN` (in volume `0.0`) where there is none. Flags are 0 and 1,
    /// texts their labels, instants microseconds since 1970.
    pub values: Cow<'a, [f64]>,
    /// What is multiplied, and from when on.
    pub restatements: Cow<'a, Restatements>,
}
