//! [`Rows`]: the rows of a file in the making, column by column.

use rustybt_data::{
    ColumnType, RawTable, Reason, Rejected, Stamp, Subjects, TableDelivery, TableValues,
};

use super::super::stamper::{Instants, Stamper};
use super::column::{Columns, is_made};
use super::infer::{self, Candidates};
use super::value::{self, Cells, Digits, Value};
use super::{Reading, Whose};
use crate::file::csv::record;

/// Rows in the making.
pub(super) struct Rows<'a> {
    reading: &'a Reading<'a>,
    columns: Columns,
    assets: Vec<usize>,
    lines: Vec<u32>,
    rejected: Vec<Rejected>,
    read: u64,
    width: usize,
    local: Instants,
    /// The types that the columns without one have in the whole file, one a column, where a look
    /// at all of it has told them.
    learnt: Vec<Option<ColumnType>>,
}

impl<'a> Rows<'a> {
    /// Finds the columns of a file by their names; `own` are the types it has itself.
    ///
    /// # Errors
    ///
    /// As [`Columns::find`].
    pub(super) fn new(
        reading: &'a Reading<'a>,
        header: &[String],
        own: &[ColumnType],
    ) -> Result<Self, Reason> {
        Ok(Self {
            reading,
            columns: Columns::find(reading, header, own)?,
            assets: Vec::new(),
            lines: Vec::new(),
            rejected: Vec::new(),
            read: 0,
            width: header.len(),
            local: Instants::new(reading.selection, reading.zone, 0),
            learnt: Vec::new(),
        })
    }

    /// Whether anything came since the last piece, good or bad.
    pub(super) fn has_rows(&self) -> bool {
        self.read > 0
    }

    /// Whether there are columns whose type nobody has told.
    pub(super) fn has_untyped(&self) -> bool {
        self.columns.all.iter().any(|column| column.kind.is_none())
    }

    /// Candidates for the types of all columns that have none.
    pub(super) fn candidates(&self) -> Vec<Option<Candidates>> {
        let untyped = |kind: Option<ColumnType>| kind.is_none().then(Candidates::default);
        self.columns.all.iter().map(|column| untyped(column.kind)).collect()
    }

    /// Looks at the rows so far and forgets them.
    pub(super) fn narrow(&mut self, candidates: &mut [Option<Candidates>]) {
        let reading = self.reading;
        for (column, candidates) in self.columns.all.iter_mut().zip(candidates) {
            let values = std::mem::replace(&mut column.values, empty(column.kind));
            match (values, candidates) {
                (TableValues::Text(cells), Some(candidates)) => {
                    candidates.narrow(&cells, reading.zone, reading.selection);
                }
                (TableValues::Decimal(values), _) => {
                    column.digits = column.digits.and(Digits::of(&values));
                }
                _ => {}
            }
        }
        self.assets.clear();
        self.lines.clear();
        self.rejected.clear();
        self.read = 0;
    }

    /// Tells the types that were found.
    pub(super) fn learn(&mut self, candidates: Vec<Option<Candidates>>) {
        let found = |found: Option<Candidates>| found.map(Candidates::found);
        self.learnt = candidates.into_iter().map(found).collect();
    }

    /// Adds a row, or rejects it.
    pub(super) fn push(&mut self, line: u32, cells: &impl Cells) {
        self.read += 1;
        let fault = if cells.count() == self.width {
            self.row(line, cells)
        } else {
            Err(Reason::Ragged { found: cells.count(), expected: self.width })
        };
        if let Err(reason) = fault {
            let cell = self.columns.symbol.or(self.columns.sid).and_then(|at| cells.text(at));
            let symbol = match self.reading.whose {
                Whose::One(symbol) => symbol.to_owned(),
                Whose::Each { .. } => {
                    cell.map(|cell| String::from_utf8_lossy(&cell).into_owned()).unwrap_or_default()
                }
                Whose::Nobody => String::new(),
            };
            self.rejected.push(Rejected {
                origin: self.reading.origin.to_owned(),
                line: (line > 0).then_some(line),
                symbol,
                reason,
                text: record::shown(&cells.shown()),
            });
        }
    }

    fn row(&mut self, line: u32, cells: &impl Cells) -> Result<(), Reason> {
        let columns = &self.columns;
        let mut values = Vec::with_capacity(columns.all.len());
        let schema = self.reading.schema;
        for column in &columns.all {
            values.push(value::read(schema, column, cells, &mut self.local)?);
        }
        let stamp = values.first().and_then(|value| match (value, schema.stamp) {
            (_, Stamp::None) => None,
            (Value::Date(date), _) => Some(*date),
            (Value::At(at), _) => Some(at.date()),
            _ => None,
        });
        let selection = self.reading.selection;
        if let (Some(date), Stamp::Date) = (stamp, schema.stamp)
            && (selection.start.is_some_and(|start| date < start)
                || selection.end.is_some_and(|end| date > end))
        {
            return Ok(());
        }
        if let Some(Value::At(at)) = values.first().filter(|_| schema.stamp != Stamp::None)
            && !self.local.wants(*at)
        {
            return Ok(());
        }
        if let Whose::Each { roster, places } = self.reading.whose {
            let text = |at: Option<usize>| {
                let cell = at.and_then(|at| cells.text(at))?;
                Some(String::from_utf8_lossy(&cell).into_owned()).filter(|text| !text.is_empty())
            };
            let (sid, symbol) = (text(columns.sid), text(columns.symbol));
            let on = stamp.unwrap_or(super::super::roster::LATEST);
            let member = roster.of_cells(sid.as_deref(), symbol.as_deref(), on)?;
            match places.get(member).copied().flatten() {
                Some(asset) => self.assets.push(asset),
                // Somebody that nobody asked for.
                None => return Ok(()),
            }
        }
        self.make(&mut values);
        // What does not fit a column is found before anything is added.
        for (column, value) in self.columns.all.iter().zip(&values) {
            if let Err(reason) = value::fits(column, value) {
                if matches!(self.reading.whose, Whose::Each { .. }) {
                    self.assets.pop();
                }
                return Err(reason);
            }
        }
        for (column, value) in self.columns.all.iter_mut().zip(values) {
            value::add(&mut column.values, value);
        }
        self.lines.push(line);
        Ok(())
    }

    /// Fills in what a file leaves out because it goes without saying.
    fn make(&self, values: &mut [Value]) {
        let place = |name: &str| self.columns.all.iter().position(|column| column.name == name);
        if self.columns.nameless_rate
            && let Some(rate) = place("rate").and_then(|at| values.get_mut(at))
        {
            *rate = Value::Text("mid".to_owned());
        }
        if self.reading.schema.name == "book_deltas" {
            let gone = |value: &Value| matches!(value, Value::Decimal(0, _));
            let size = place("size").and_then(|at| values.get(at));
            let word = if size.is_some_and(gone) { "delete" } else { "update" };
            if let Some(action) = place("action").and_then(|at| values.get_mut(at))
                && matches!(action, Value::Missing)
            {
                *action = Value::Text(word.to_owned());
            }
        }
    }

    /// The rows so far, with types for the columns that nobody gave one.
    pub(super) fn take(&mut self) -> TableDelivery {
        let reading = self.reading;
        let mut columns = Vec::with_capacity(self.columns.all.len());
        for (at, column) in self.columns.all.iter_mut().enumerate() {
            let found = self.learnt.get(at).copied().flatten();
            let values = std::mem::replace(&mut column.values, empty(column.kind));
            if let TableValues::Decimal(values) = &values {
                column.digits = column.digits.and(Digits::of(values));
            }
            let nameless_rate = self.columns.nameless_rate;
            if column.cell.is_none() && !is_made(reading.schema, &column.name, nameless_rate) {
                continue;
            }
            let values = match (column.kind, values, found) {
                (None, TableValues::Text(cells), Some(kind)) => {
                    infer::values_of(cells, kind, reading.zone, reading.selection)
                }
                (None, TableValues::Text(cells), None) => {
                    infer::values(cells, reading.zone, reading.selection)
                }
                (_, values, _) => values,
            };
            columns.push((column.name.clone(), values));
        }
        let assets = std::mem::take(&mut self.assets);
        let subjects = match reading.whose {
            Whose::One(_) => Subjects::One,
            Whose::Each { .. } => Subjects::Each(assets),
            Whose::Nobody => Subjects::Nobody,
        };
        let lines = std::mem::take(&mut self.lines);
        let lines = if lines.contains(&0) { Vec::new() } else { lines };
        let table = RawTable { subjects, columns, lines };
        let (rejected, rows) = (std::mem::take(&mut self.rejected), std::mem::take(&mut self.read));
        TableDelivery { table, rejected, notes: Vec::new(), rows }
    }
}

/// A column without rows; cells of which nobody knows what they are are text.
fn empty(kind: Option<ColumnType>) -> TableValues {
    TableValues::new(kind.unwrap_or(ColumnType::Text))
}
