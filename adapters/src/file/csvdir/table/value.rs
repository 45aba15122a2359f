//! A row's values on their way into columns.

use std::borrow::Cow;

use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{
    ColumnType, DecimalColumn, DecimalFault, Reason, TableSchema, TableValues, parse_decimal,
};

use super::super::stamper::Instants;
use super::cell;
use super::column::Column;
use crate::file::csv::number;

/// A value on its way.
pub(super) enum Value {
    Missing,
    Decimal(i128, u8),
    Float(f64),
    Int(i64),
    Bool(bool),
    Text(String),
    Date(Session),
    At(Timestamp),
}

/// The cells of a row.
pub(super) trait Cells {
    /// How many there are.
    fn count(&self) -> usize;

    /// A cell as text.
    fn text(&self, at: usize) -> Option<Cow<'_, [u8]>>;

    /// A cell as a value of a type that the file has itself; `None` where its text is to be read.
    fn typed(&self, at: usize, kind: ColumnType) -> Option<Value>;

    /// The row as people may see it.
    fn shown(&self) -> Cow<'_, [u8]>;
}

/// How many digits the decimals of a column have before and behind the point.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Digits {
    whole: u8,
    scale: u8,
}

impl Digits {
    /// The most digits that a number may have.
    const MOST: u8 = 28;

    pub(super) fn of(column: &DecimalColumn) -> Self {
        let digits = column.largest().checked_ilog10().map_or(0, |log| log as u8 + 1);
        Self { whole: digits.saturating_sub(column.scale()), scale: column.scale() }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self { whole: self.whole.max(other.whole), scale: self.scale.max(other.scale) }
    }

    /// Whether one scale holds all of them.
    pub(super) fn fit(self) -> bool {
        self.whole + self.scale <= Self::MOST
    }
}

/// The value of a cell of a column.
pub(super) fn read(
    schema: &TableSchema,
    column: &Column,
    cells: &impl Cells,
    local: &mut Instants,
) -> Result<Value, Reason> {
    let Some(at) = column.cell else { return Ok(Value::Missing) };
    if let Some(value) = column.kind.and_then(|kind| cells.typed(at, kind)) {
        return Ok(value);
    }
    match cells.text(at) {
        Some(cell) => value(schema, column, &cell, local),
        None => Ok(Value::Missing),
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
pub(super) fn fits(column: &Column, value: &Value) -> Result<(), Reason> {
    let (TableValues::Decimal(values), &Value::Decimal(mantissa, scale)) = (&column.values, value)
    else {
        return Ok(());
    };
    // Only a column that must grow, or a number of many digits, can fail.
    let most = values.scale().max(column.digits.scale);
    if scale <= most && most <= 18 && mantissa.unsigned_abs() < 1_000_000_000 {
        return Ok(());
    }
    let mut one = DecimalColumn::default();
    let fault = one.push_mantissa(mantissa, scale).and_then(|()| {
        let one = Digits::of(&one);
        // The largest number is looked for only where it may matter.
        let before = if one.scale > most { Digits::of(values) } else { Digits::default() };
        let scale = Digits { whole: 0, scale: most };
        let before = before.and(column.digits).and(scale);
        if one.and(before).fit() { Ok(()) } else { Err(DecimalFault::TooLong) }
    });
    fault.map_err(|fault| {
        cell::decimal_fault(&format!("{mantissa}e-{scale}").into_bytes(), &column.written, fault)
    })
}

/// Adds a value to a column.
pub(super) fn add(values: &mut TableValues, value: Value) {
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
