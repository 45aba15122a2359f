//! Cells of a Parquet file: as values where a table has that very type, and as the text that a CSV
//! file would have where not.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ColumnType, DecimalColumn, MAX_WIDE_MANTISSA, MAX_WIDE_SCALE};

use super::value::{Cells, Value};

/// A row of a batch.
pub(super) struct BatchRow<'b> {
    pub(super) batch: &'b RecordBatch,
    pub(super) row: usize,
}

impl Cells for BatchRow<'_> {
    fn count(&self) -> usize {
        self.batch.num_columns()
    }

    fn text(&self, at: usize) -> Option<Cow<'_, [u8]>> {
        let column = self.batch.columns().get(at)?;
        Some(match text(column, self.row) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    fn typed(&self, at: usize, kind: ColumnType) -> Option<Value> {
        value(self.batch.columns().get(at)?, self.row, kind)
    }

    fn shown(&self) -> Cow<'_, [u8]> {
        let cells = self.batch.columns().iter().map(|column| text(column, self.row));
        Cow::Owned(cells.collect::<Vec<_>>().join(",").into_bytes())
    }
}

/// A cell as a value of a type; `None` where its text is to be read: where the types differ, where
/// a time is one of some clock, and where a value lies outside what the type can hold.
fn value(column: &dyn Array, row: usize, kind: ColumnType) -> Option<Value> {
    if column.is_null(row) {
        return Some(Value::Missing);
    }
    match (kind, column.data_type()) {
        (ColumnType::Bool, DataType::Boolean) => Some(Value::Bool(column.as_boolean().value(row))),
        (ColumnType::Int, _) => whole(column, row).map(Value::Int),
        (ColumnType::Float, DataType::Float64) => {
            Some(Value::Float(column.as_primitive::<Float64Type>().value(row)))
        }
        (ColumnType::Decimal, DataType::Decimal32(_, scale)) => {
            exact(column.as_primitive::<Decimal32Type>().value(row).into(), *scale)
        }
        (ColumnType::Decimal, DataType::Decimal64(_, scale)) => {
            exact(column.as_primitive::<Decimal64Type>().value(row).into(), *scale)
        }
        (ColumnType::Decimal, DataType::Decimal128(_, scale)) => {
            exact(column.as_primitive::<Decimal128Type>().value(row), *scale)
        }
        (ColumnType::Decimal, _) => whole(column, row).map(|value| Value::Decimal(value.into(), 0)),
        (ColumnType::Date, DataType::Date32) => {
            let days = column.as_primitive::<Date32Type>().value(row);
            // What an instant can lie on.
            (-106_751..=106_751).contains(&days).then(|| Value::Date(Session::from_days(days)))
        }
        (ColumnType::Instant | ColumnType::Nanos, DataType::Timestamp(unit, Some(_))) => {
            let at = instant(column, *unit, row);
            (Timestamp::MIN < at && at < Timestamp::MAX).then_some(Value::At(at))
        }
        (_, DataType::Dictionary(..)) => {
            let (values, row) = entry(column, row)?;
            value(values, row, kind)
        }
        _ => None,
    }
}

fn exact(mantissa: i128, scale: i8) -> Option<Value> {
    let scale = u8::try_from(scale).ok().filter(|&scale| scale <= MAX_WIDE_SCALE)?;
    let fits = mantissa.unsigned_abs() <= MAX_WIDE_MANTISSA.unsigned_abs();
    fits.then_some(Value::Decimal(mantissa, scale))
}

/// A cell of whole numbers.
fn whole(column: &dyn Array, row: usize) -> Option<i64> {
    Some(match column.data_type() {
        DataType::Int8 => column.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => column.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row),
        DataType::UInt8 => column.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => column.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).into(),
        _ => return None,
    })
}

fn instant(column: &dyn Array, unit: TimeUnit, row: usize) -> Timestamp {
    match unit {
        TimeUnit::Second => {
            Timestamp::from_seconds(column.as_primitive::<TimestampSecondType>().value(row))
        }
        TimeUnit::Millisecond => {
            Timestamp::from_millis(column.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            Timestamp::from_micros(column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            Timestamp::from_nanos(column.as_primitive::<TimestampNanosecondType>().value(row))
        }
    }
}

/// The value that a cell of a dictionary points at.
fn entry(column: &dyn Array, row: usize) -> Option<(&dyn Array, usize)> {
    let dictionary = column.as_any_dictionary();
    let values = dictionary.values().as_ref();
    let keys = dictionary.keys();
    let key = match keys.data_type() {
        DataType::UInt64 => usize::try_from(keys.as_primitive::<UInt64Type>().value(row)).ok()?,
        _ => usize::try_from(whole(keys, row)?).ok()?,
    };
    (key < values.len()).then_some((values, key))
}

/// A cell as text; empty where it is missing.
pub(in crate::file) fn text(column: &dyn Array, row: usize) -> Cow<'_, str> {
    macro_rules! number {
        ($kind:ty) => {
            column.as_primitive::<$kind>().value(row).to_string()
        };
    }
    if column.is_null(row) {
        return Cow::Borrowed("");
    }
    Cow::Owned(match column.data_type() {
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        // The shortest text that is read back as the same number.
        DataType::Float32 => number!(Float32Type),
        DataType::Float64 => number!(Float64Type),
        DataType::Decimal32(_, scale) => {
            decimal(column.as_primitive::<Decimal32Type>().value(row).into(), *scale)
        }
        DataType::Decimal64(_, scale) => {
            decimal(column.as_primitive::<Decimal64Type>().value(row).into(), *scale)
        }
        DataType::Decimal128(_, scale) => {
            decimal(column.as_primitive::<Decimal128Type>().value(row), *scale)
        }
        DataType::Utf8 => return Cow::Borrowed(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => return Cow::Borrowed(column.as_string::<i64>().value(row)),
        DataType::Utf8View => return Cow::Borrowed(column.as_string_view().value(row)),
        DataType::Dictionary(..) => {
            let Some((values, row)) = entry(column, row) else { return Cow::Borrowed("") };
            return text(values, row);
        }
        DataType::Date32 => {
            Session::from_days(column.as_primitive::<Date32Type>().value(row)).to_string()
        }
        DataType::Date64 => {
            let millis = column.as_primitive::<Date64Type>().value(row);
            Timestamp::from_millis(millis).date().to_string()
        }
        DataType::Timestamp(unit, zone) => {
            let at = instant(column, *unit, row);
            let text = at.to_string();
            // Without a zone it is the time of the exchange's clock, as in a CSV file.
            if zone.is_some() { text } else { text.trim_end_matches('Z').to_owned() }
        }
        _ => String::new(),
    })
}

fn decimal(mantissa: i128, scale: i8) -> String {
    let wide = u8::try_from(scale).ok().and_then(|scale| {
        let values = DecimalColumn::from_mantissas(scale, vec![mantissa])?;
        values.get(0).map(|value| value.to_string())
    });
    wide.unwrap_or_else(|| format!("{mantissa}e{}", -i32::from(scale)))
}
