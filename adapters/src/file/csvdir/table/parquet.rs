//! Rows of a Parquet file, as the cells that a CSV file would hold, and the types it has itself.

use std::borrow::Cow;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{ColumnType, DecimalColumn, Reason};

use super::Reading;
use super::rows::Rows;
use crate::file::compression::Fault;

/// Rows decoded at once.
const BATCH: usize = 8192;

/// Reads a whole file.
pub(super) fn read<'r>(bytes: Vec<u8>, reading: &'r Reading<'r>) -> Result<Rows<'r>, Reason> {
    let mut rows: Option<Rows<'r>> = None;
    batches(Bytes::from(bytes), BATCH, |names, kinds, batch| {
        let rows = match &mut rows {
            Some(rows) => rows,
            none => none.insert(Rows::new(reading, names, kinds)?),
        };
        let mut cells: Vec<Cow<'_, [u8]>> = Vec::with_capacity(batch.num_columns());
        for row in 0..batch.num_rows() {
            cells.clear();
            for column in batch.columns() {
                cells.push(Cow::Owned(text(column, row).into_bytes()));
            }
            let shown = cells.join(&b","[..]);
            rows.push(0, &cells, &shown);
        }
        Ok(true)
    })?;
    rows.ok_or(Reason::Empty)
}

/// A file's rows as the text of a CSV file: bars and what is told beside them are read that way.
pub(in crate::file::csvdir) fn as_csv(bytes: Vec<u8>) -> Result<Vec<u8>, Reason> {
    let mut text = Vec::new();
    batches(Bytes::from(bytes), BATCH, |names, _, batch| {
        if text.is_empty() {
            line(&mut text, names.iter().map(String::as_str));
        }
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                batch.columns().iter().map(|column| self::text(column, row)).collect();
            line(&mut text, cells.iter().map(String::as_str));
        }
        Ok(true)
    })?;
    Ok(text)
}

fn line<'c>(text: &mut Vec<u8>, cells: impl Iterator<Item = &'c str>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            text.push(b',');
        }
        if cell.contains([',', ';', '"', '\n', '\r', '\t', '|']) {
            // A line ends a row, quoted or not.
            let cell = cell.replace('"', "\"\"").replace(['\n', '\r'], " ");
            text.extend(format!("\"{cell}\"").bytes());
        } else {
            text.extend(cell.bytes());
        }
    }
    text.push(b'\n');
}

/// The names of a file's columns, and the cells of its first row.
#[expect(
    clippy::type_complexity,
    reason = "a fault of the file, a fault of its content, or both lists"
)]
pub(super) fn head(path: &Path) -> Result<Result<(Vec<String>, Vec<String>), Reason>, Fault> {
    let file = File::open(path).map_err(Fault::Io)?;
    let mut found = (Vec::new(), Vec::new());
    let read = batches(file, 1, |names, _, batch| {
        let cells = batch.columns().iter().map(|column| text(column, 0));
        found = (names.to_vec(), cells.collect());
        Ok(false)
    });
    Ok(match read {
        Ok(()) if found.0.is_empty() => Err(Reason::Empty),
        Ok(()) => Ok(found),
        Err(reason) => Err(reason),
    })
}

/// Gives the batches of a file until `take` wants no more.
fn batches(
    content: impl ChunkReader + 'static,
    rows: usize,
    mut take: impl FnMut(&[String], &[ColumnType], &RecordBatch) -> Result<bool, Reason>,
) -> Result<(), Reason> {
    let broken = |detail: String| Reason::BadFile { detail };
    // The decoder may panic over a damaged file.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let builder = ParquetRecordBatchReaderBuilder::try_new(content)
            .map_err(|error| broken(error.to_string()))?;
        let fields = builder.schema().fields().clone();
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let mut kinds = Vec::with_capacity(names.len());
        for field in &fields {
            kinds.push(kind(field.data_type()).ok_or_else(|| {
                let (name, kind) = (field.name(), field.data_type());
                broken(format!("its column `{name}` holds {kind}, which no table does"))
            })?);
        }
        let reader = builder.with_batch_size(rows).build();
        for batch in reader.map_err(|error| broken(error.to_string()))? {
            let batch = batch.map_err(|error| broken(error.to_string()))?;
            if batch.num_rows() > 0 && !take(&names, &kinds, &batch)? {
                break;
            }
        }
        Ok(())
    }));
    read.unwrap_or_else(|_| Err(broken("its pages contradict each other".to_owned())))
}

/// What a column of a table holds for a type of Arrow.
fn kind(kind: &DataType) -> Option<ColumnType> {
    Some(match kind {
        DataType::Boolean => ColumnType::Bool,
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => ColumnType::Int,
        DataType::UInt64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..) => ColumnType::Decimal,
        DataType::Float32 | DataType::Float64 => ColumnType::Float,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => {
            ColumnType::Text
        }
        DataType::Dictionary(_, values) => self::kind(values)?,
        DataType::Date32 | DataType::Date64 => ColumnType::Date,
        DataType::Timestamp(..) => ColumnType::Nanos,
        _ => return None,
    })
}

/// A cell as text; empty where it is missing.
fn text(column: &dyn Array, row: usize) -> String {
    macro_rules! number {
        ($kind:ty) => {
            column.as_primitive::<$kind>().value(row).to_string()
        };
    }
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
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
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Utf8View => column.as_string_view().value(row).to_owned(),
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            match dictionary.normalized_keys().get(row) {
                Some(&key) if key < dictionary.values().len() => text(dictionary.values(), key),
                _ => String::new(),
            }
        }
        DataType::Date32 => {
            Session::from_days(column.as_primitive::<Date32Type>().value(row)).to_string()
        }
        DataType::Date64 => {
            let millis = column.as_primitive::<Date64Type>().value(row);
            Timestamp::from_millis(millis).date().to_string()
        }
        DataType::Timestamp(unit, zone) => {
            let at = match unit {
                TimeUnit::Second => {
                    Timestamp::from_seconds(column.as_primitive::<TimestampSecondType>().value(row))
                }
                TimeUnit::Millisecond => Timestamp::from_millis(
                    column.as_primitive::<TimestampMillisecondType>().value(row),
                ),
                TimeUnit::Microsecond => Timestamp::from_micros(
                    column.as_primitive::<TimestampMicrosecondType>().value(row),
                ),
                TimeUnit::Nanosecond => Timestamp::from_nanos(
                    column.as_primitive::<TimestampNanosecondType>().value(row),
                ),
            };
            let text = at.to_string();
            // Without a zone it is the time of the exchange's clock, as in a CSV file.
            if zone.is_some() { text } else { text.trim_end_matches('Z').to_owned() }
        }
        _ => String::new(),
    }
}

fn decimal(mantissa: i128, scale: i8) -> String {
    let wide = u8::try_from(scale).ok().and_then(|scale| {
        let values = DecimalColumn::from_mantissas(scale, vec![mantissa])?;
        values.get(0).map(|value| value.to_string())
    });
    wide.unwrap_or_else(|| format!("{mantissa}e{}", -i32::from(scale)))
}
