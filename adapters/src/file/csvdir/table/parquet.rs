//! Rows of a Parquet file, and the types it has itself.

use std::fs::File;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_schema::DataType;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;
use rustybt_data::{ColumnType, Reason, TableDelivery};

use super::rows::Rows;
use super::typed::{BatchRow, text};
use super::{Reading, refused};
use crate::file::compression::Fault;

/// Rows decoded at once.
pub(in crate::file) const BATCH: usize = 8192;

/// Reads a file in pieces of about `bytes` bytes, as its values are in memory.
pub(super) fn read(
    path: &Path,
    reading: &Reading<'_>,
    bytes: usize,
    take: &mut dyn FnMut(TableDelivery) -> ControlFlow<()>,
) -> Result<(), Fault> {
    let file = File::open(path).map_err(Fault::Io)?;
    let mut rows: Option<Rows<'_>> = None;
    let (mut gathered, mut given) = (0, false);
    let read = batches(file, BATCH, |names, kinds, batch| {
        let rows = match &mut rows {
            Some(rows) => rows,
            none => none.insert(Rows::new(reading, names, kinds)?),
        };
        if gathered >= bytes {
            (gathered, given) = (0, true);
            if take(rows.take()).is_break() {
                return Ok(false);
            }
        }
        for row in 0..batch.num_rows() {
            rows.push(0, &BatchRow { batch, row });
        }
        gathered += batch.get_array_memory_size();
        Ok(true)
    });
    match read.and(rows.ok_or(Reason::Empty)) {
        // The last piece, which is not empty unless the one that takes them has broken off.
        Ok(mut rows) if rows.has_rows() => drop(take(rows.take())),
        Ok(_) => {}
        // What came before it is taken back.
        Err(reason) if given => return Err(Fault::Content(reason.to_string())),
        Err(reason) => drop(take(refused(reading, reason))),
    }
    Ok(())
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
                batch.columns().iter().map(|column| self::text(column, row).into_owned()).collect();
            line(&mut text, cells.iter().map(String::as_str));
        }
        Ok(true)
    })?;
    Ok(text)
}

/// Writes cells as a line of CSV.
pub(in crate::file) fn line<'c>(text: &mut Vec<u8>, cells: impl Iterator<Item = &'c str>) {
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
        let cells = batch.columns().iter().map(|column| text(column, 0).into_owned());
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
pub(in crate::file) fn batches(
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
