//! [`Rows`]: the rows of a file in the making, column by column.

use std::borrow::Cow;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{
    ColumnType, DecimalColumn, DecimalFault, RawTable, Reason, Rejected, Stamp, Subjects,
    TableDelivery, TableSchema, TableValues, parse_decimal,
};

use super::super::stamper::{Instants, Stamper};
use super::cell;
use super::names::{self, folded};
use super::{Reading, Whose, infer};
use crate::file::csv::number;
use crate::file::csv::record;

/// Rows in the making.
pub(super) struct Rows<'a> {
    reading: &'a Reading<'a>,
    columns: Vec<Column>,
    /// The cells of a row's asset.
    symbol: Option<usize>,
    sid: Option<usize>,
    assets: Vec<usize>,
    lines: Vec<u32>,
    rejected: Vec<Rejected>,
    read: u64,
    width: usize,
    local: Instants,
    /// The cells that a price of an exchange rate without a name stands for.
    nameless_rate: bool,
}

/// A column in the making.
struct Column {
    name: String,
    /// What the file calls it.
    written: String,
    /// Its cell; `None` where the file has none, and the table must have one.
    cell: Option<usize>,
    /// Its type; `None` to be found at the end.
    kind: Option<ColumnType>,
    values: TableValues,
}

/// A value on its way.
enum Value {
    Missing,
    Decimal(i128, u8),
    Float(f64),
    Int(i64),
    Bool(bool),
    Text(String),
    Date(Session),
    At(Timestamp),
}

impl<'a> Rows<'a> {
    /// Finds the columns of a file by their names; `own` are the types it has itself.
    ///
    /// # Errors
    ///
    /// [`Reason::BadFile`] where a column is missing or comes twice.
    pub(super) fn new(
        reading: &'a Reading<'a>,
        header: &[String],
        own: &[ColumnType],
    ) -> Result<Self, Reason> {
        let schema = reading.schema;
        let folds: Vec<String> = header.iter().map(|name| folded(name)).collect();
        let mut free: Vec<bool> = vec![true; header.len()];
        let find = |free: &mut Vec<bool>, wanted: &[&str]| {
            let place = wanted.iter().find_map(|name| {
                let name = folded(name);
                (0..folds.len())
                    .find(|&at| folds.get(at) == Some(&name) && free.get(at) == Some(&true))
            });
            if let Some(free) = place.and_then(|place| free.get_mut(place)) {
                *free = false;
            }
            place
        };
        let (sid, symbol) = (find(&mut free, names::SIDS), find(&mut free, names::SYMBOLS));
        let mut columns = Vec::new();
        let mut nameless_rate = false;
        for column in &schema.columns {
            let mut wanted = names::of(&schema.name, &column.name);
            if wanted.is_empty() {
                wanted.push(column.name.as_str());
            }
            // A date of a table of instants stands for its midnight, and not the other way round.
            let mut cell = match names::level(&column.name) {
                Some(level) => (0..header.len()).find(|&at| {
                    header.get(at).is_some_and(|name| names::level(name) == Some(level))
                }),
                None => find(&mut free, &wanted),
            };
            if schema.name == "fx_rates" && column.name == "value" && cell.is_none() {
                // Where there is one number, it is the rate, and the rate has no name.
                let rate = columns.iter_mut().find(|own: &&mut Column| own.name == "rate");
                cell = rate.and_then(|rate| rate.cell.take());
                nameless_rate = cell.is_some();
            }
            if let Some(free) = cell.and_then(|at| free.get_mut(at)) {
                *free = false;
            }
            columns.push(Column {
                name: column.name.clone(),
                written: cell.and_then(|at| header.get(at)).cloned().unwrap_or_default(),
                cell,
                kind: Some(column.kind),
                values: TableValues::new(column.kind),
            });
        }
        let lacking: Vec<&str> = schema
            .columns
            .iter()
            .zip(&columns)
            .filter(|(wanted, found)| wanted.required && found.cell.is_none())
            .filter(|(wanted, _)| !is_made(schema, &wanted.name, nameless_rate))
            .map(|(wanted, _)| wanted.name.as_str())
            .collect();
        let whose = matches!(reading.whose, Whose::Each { .. });
        let lacking = (whose && sid.is_none() && symbol.is_none())
            .then_some("symbol")
            .into_iter()
            .chain(lacking)
            .collect::<Vec<_>>();
        if !lacking.is_empty() {
            let detail = format!(
                "it has no column `{}`; its columns are {}",
                lacking.join("`, `"),
                header.join(", ")
            );
            return Err(Reason::BadFile { detail });
        }
        for (at, name) in header.iter().enumerate() {
            if free.get(at) != Some(&true) || names::level(name).is_some_and(|_| is_book(schema)) {
                continue;
            }
            let plain = names::plain(name);
            let taken = |known: &Column| known.name == plain;
            if plain.is_empty() || plain == "sid" || columns.iter().any(taken) {
                let detail = match plain.as_str() {
                    "" => "it has a column without a name".to_owned(),
                    _ => format!("it has two columns `{name}`"),
                };
                return Err(Reason::BadFile { detail });
            }
            let kind = reading.declared.get(&plain).copied().or(own.get(at).copied());
            let values = TableValues::new(kind.unwrap_or(ColumnType::Text));
            let (written, cell) = (name.clone(), Some(at));
            columns.push(Column { name: plain, written, cell, kind, values });
        }
        Ok(Self {
            reading,
            columns,
            symbol,
            sid,
            assets: Vec::new(),
            lines: Vec::new(),
            rejected: Vec::new(),
            read: 0,
            width: header.len(),
            local: Instants::new(reading.selection, reading.zone, 0),
            nameless_rate,
        })
    }

    /// Adds a row, or rejects it.
    pub(super) fn push(&mut self, line: u32, cells: &[Cow<'_, [u8]>], shown: &[u8]) {
        self.read += 1;
        let fault = if cells.len() == self.width {
            self.row(line, cells)
        } else {
            Err(Reason::Ragged { found: cells.len(), expected: self.width })
        };
        if let Err(reason) = fault {
            let cell = self.symbol.or(self.sid).and_then(|at| cells.get(at));
            let symbol = match self.reading.whose {
                Whose::One(symbol) => symbol.to_owned(),
                Whose::Each { .. } => {
                    cell.map(|cell| String::from_utf8_lossy(cell).into_owned()).unwrap_or_default()
                }
                Whose::Nobody => String::new(),
            };
            self.rejected.push(Rejected {
                origin: self.reading.origin.to_owned(),
                line: (line > 0).then_some(line),
                symbol,
                reason,
                text: record::shown(shown),
            });
        }
    }

    fn row(&mut self, line: u32, cells: &[Cow<'_, [u8]>]) -> Result<(), Reason> {
        let mut values = Vec::with_capacity(self.columns.len());
        let schema = self.reading.schema;
        for column in &self.columns {
            let cell = column.cell.and_then(|at| cells.get(at)).map(Cow::as_ref);
            values.push(match cell {
                Some(cell) => value(schema, column, cell, &mut self.local)?,
                None => Value::Missing,
            });
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
                let cell = at.and_then(|at| cells.get(at))?;
                Some(String::from_utf8_lossy(cell).into_owned()).filter(|text| !text.is_empty())
            };
            let (sid, symbol) = (text(self.sid), text(self.symbol));
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
        for (column, value) in self.columns.iter().zip(&values) {
            if let Err(reason) = fits(column, value) {
                if matches!(self.reading.whose, Whose::Each { .. }) {
                    self.assets.pop();
                }
                return Err(reason);
            }
        }
        for (column, value) in self.columns.iter_mut().zip(values) {
            add(&mut column.values, value);
        }
        self.lines.push(line);
        Ok(())
    }

    /// Fills in what a file leaves out because it goes without saying.
    fn make(&self, values: &mut [Value]) {
        let place = |name: &str| self.columns.iter().position(|column| column.name == name);
        if self.nameless_rate
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

    /// The rows, with types for the columns that nobody gave one.
    pub(super) fn finish(self) -> TableDelivery {
        let reading = self.reading;
        let columns = self.columns.into_iter().filter(|column| {
            let wanted = reading.schema.column(&column.name).is_some();
            column.cell.is_some()
                || (wanted && (0..column.values.len()).any(|row| !column.values.is_missing(row)))
        });
        let columns = columns.map(|column| {
            let values = match (column.kind, column.values) {
                (None, TableValues::Text(cells)) => {
                    infer::values(cells, reading.zone, reading.selection)
                }
                (_, values) => values,
            };
            (column.name, values)
        });
        let subjects = match reading.whose {
            Whose::One(_) => Subjects::One,
            Whose::Each { .. } => Subjects::Each(self.assets),
            Whose::Nobody => Subjects::Nobody,
        };
        let lines = if self.lines.contains(&0) { Vec::new() } else { self.lines };
        let table = RawTable { subjects, columns: columns.collect(), lines };
        TableDelivery { table, rejected: self.rejected, notes: Vec::new(), rows: self.read }
    }
}

fn is_book(schema: &TableSchema) -> bool {
    schema.name.starts_with("book_snap_")
}

/// Whether a column is filled in where a file has none of it.
fn is_made(schema: &TableSchema, column: &str, nameless_rate: bool) -> bool {
    match schema.name.as_str() {
        "book_deltas" => column == "action",
        "fx_rates" => column == "rate" && nameless_rate,
        _ => false,
    }
}

/// A cell as a value of its column.
fn value(
    schema: &TableSchema,
    column: &Column,
    cell: &[u8],
    local: &mut Instants,
) -> Result<Value, Reason> {
    let name = column.written.as_str();
    let Some(kind) = column.kind else {
        let text = String::from_utf8_lossy(cell);
        return Ok(if cell::is_empty(cell) {
            Value::Missing
        } else {
            Value::Text(text.into_owned())
        });
    };
    if kind == ColumnType::Text {
        let text = String::from_utf8_lossy(cell);
        let word = cell::word(&schema.name, &column.name, name, &text);
        return Ok(word.map_or(Value::Missing, Value::Text));
    }
    if cell::is_empty(cell) && kind != ColumnType::Float {
        return Ok(Value::Missing);
    }
    Ok(match kind {
        ColumnType::Decimal => match number::cell(cell) {
            Ok(Some(exact)) => Value::Decimal(exact.mantissa(), exact.scale()),
            Ok(None) => Value::Missing,
            Err(_) => {
                let wide =
                    parse_decimal(cell).map_err(|fault| cell::decimal_fault(cell, name, fault))?;
                Value::Decimal(wide.mantissa(), wide.scale() as u8)
            }
        },
        ColumnType::Float if cell.is_empty() => Value::Missing,
        ColumnType::Float => {
            let number = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
            Value::Float(number.ok_or_else(|| cell::bad(cell, name, "number"))?)
        }
        ColumnType::Int => {
            let number = std::str::from_utf8(cell).ok().and_then(|text| text.parse().ok());
            Value::Int(number.ok_or_else(|| cell::bad(cell, name, "whole number"))?)
        }
        ColumnType::Bool => {
            let truth = cell::truth(cell);
            Value::Bool(truth.ok_or_else(|| cell::bad(cell, name, "truth value (true or false)"))?)
        }
        ColumnType::Date => Value::Date(cell::date(cell, name)?),
        _ if column.name == "known_at" => Value::At(cell::known(cell, name, local)?),
        _ => Value::At(cell::instant(cell, name, local)?),
    })
}

/// Whether a column can take a value.
fn fits(column: &Column, value: &Value) -> Result<(), Reason> {
    let (TableValues::Decimal(values), &Value::Decimal(mantissa, scale)) = (&column.values, value)
    else {
        return Ok(());
    };
    // Only a column that must grow, or a number of many digits, can fail.
    if scale <= values.scale() && mantissa.unsigned_abs() < 1_000_000_000 {
        return Ok(());
    }
    let mut one = DecimalColumn::default();
    let fault = one.push_mantissa(mantissa, scale).and_then(|()| {
        let whole = |column: &DecimalColumn| {
            let digits = column.largest().checked_ilog10().map_or(0, |log| log as u8 + 1);
            digits.saturating_sub(column.scale())
        };
        // The largest number is looked for only where it may matter.
        let scale = one.scale().max(values.scale());
        if whole(&one) + scale > 28 || (scale > values.scale() && whole(values) + scale > 28) {
            return Err(DecimalFault::TooLong);
        }
        Ok(())
    });
    fault.map_err(|fault| {
        cell::decimal_fault(&format!("{mantissa}e-{scale}").into_bytes(), &column.written, fault)
    })
}

fn add(values: &mut TableValues, value: Value) {
    match (values, value) {
        (TableValues::Decimal(values), Value::Decimal(mantissa, scale)) => {
            if values.push_mantissa(mantissa, scale).is_err() {
                let _ = values.push(None);
            }
        }
        (TableValues::Float(values), Value::Float(value)) => values.push(Some(value)),
        (TableValues::Int(values), Value::Int(value)) => values.push(Some(value)),
        (TableValues::Bool(values), Value::Bool(value)) => values.push(Some(value)),
        (TableValues::Text(values), Value::Text(value)) => values.push(Some(value)),
        (TableValues::Date(values), Value::Date(value)) => values.push(Some(value)),
        (TableValues::Instant(values) | TableValues::Nanos(values), Value::At(at)) => {
            values.push(Some(at));
        }
        (values, _) => values.push_missing(1),
    }
}
