//! Rows as Parquet.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampNanosecondArray,
};
use arrow_schema::{Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use rustybt_calendars::{Session, Timestamp};

use super::table::{Table, Values};
use crate::error::Error;

/// Writes a table; a missing value is null, decimals are text.
pub(super) fn write(table: &Table, out: &mut (impl Write + Send)) -> Result<(), Error> {
    let batch = batch(table)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    let mut writer = ArrowWriter::try_new(out, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(())
}

fn batch(table: &Table) -> Result<RecordBatch, Error> {
    let arrays: Vec<ArrayRef> =
        table.columns().iter().map(|column| array(&column.values)).collect();
    let fields: Vec<Field> = table
        .columns()
        .iter()
        .zip(&arrays)
        .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
        .collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| Error::Parquet(error.into()))
}

fn array(values: &Values) -> ArrayRef {
    match values {
        Values::Text(values) => {
            Arc::new(values.iter().map(Option::as_deref).collect::<StringArray>())
        }
        Values::Decimal(values) => {
            Arc::new(values.iter().map(Option::as_deref).collect::<StringArray>())
        }
        Values::Integer(values) => Arc::new(values.iter().copied().collect::<Int64Array>()),
        Values::Number(values) => {
            let values = values.iter().map(|value| (!value.is_nan()).then_some(*value));
            Arc::new(values.collect::<Float64Array>())
        }
        Values::Flag(values) => Arc::new(values.iter().copied().collect::<BooleanArray>()),
        Values::Date(values) => {
            Arc::new(values.iter().map(|day| day.map(Session::days)).collect::<Date32Array>())
        }
        Values::Instant(values) => {
            let values = values.iter().map(|at| at.map(Timestamp::nanos));
            Arc::new(values.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_kinds_and_holes() {
        let table = Table::new()
            .with_text("symbol", ["A", "B"])
            .with("x", Values::Number(vec![1.5, f64::NAN]))
            .with("day", Values::Date(vec!["2014-06-09".parse().ok(), None]));
        let batch = batch(&table).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (2, 3));
        assert_eq!(batch.column(1).null_count(), 1);
        let mut file = Vec::new();
        write(&table, &mut file).unwrap();
        assert!(file.starts_with(b"PAR1") && file.ends_with(b"PAR1"));
    }
}
