//! Rows as an Arrow record batch.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray, TimestampNanosecondArray, UInt32Array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{DecimalColumn, TableRows, TableValues};

/// Rows as a record batch: `sid` first where they have one, then the columns.
///
/// Decimals become `Decimal128(28, scale)`, instants timestamps of UTC in micro- or nanoseconds.
///
/// # Errors
///
/// What Arrow says of columns of unequal length, which no scan gives.
pub fn to_record_batch(rows: &TableRows) -> Result<RecordBatch, ArrowError> {
    let mut fields = Vec::with_capacity(rows.columns.len() + 1);
    let mut arrays: Vec<ArrayRef> = Vec::with_capacity(rows.columns.len() + 1);
    if !rows.sids.is_empty() {
        fields.push(Field::new("sid", DataType::UInt32, false));
        arrays.push(Arc::new(UInt32Array::from_iter_values(rows.sids.iter().map(|sid| sid.0))));
    }
    for (name, values) in &rows.columns {
        let array = array(values)?;
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    if arrays.is_empty() {
        return Ok(RecordBatch::new_empty(Arc::new(Schema::empty())));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
}

fn array(values: &TableValues) -> Result<ArrayRef, ArrowError> {
    Ok(match values {
        TableValues::Decimal(values) => {
            let mantissas = values.mantissas().iter();
            let array: Decimal128Array =
                mantissas.map(|&m| (m != DecimalColumn::MISSING).then_some(m)).collect();
            Arc::new(array.with_precision_and_scale(28, values.scale() as i8)?)
        }
        TableValues::Float(values) => Arc::new(Float64Array::from(values.clone())),
        TableValues::Int(values) => Arc::new(Int64Array::from(values.clone())),
        TableValues::Bool(values) => Arc::new(BooleanArray::from(values.clone())),
        TableValues::Text(values) => Arc::new(StringArray::from(values.clone())),
        TableValues::Date(values) => {
            let days = values.iter().map(|date| date.map(Session::days));
            Arc::new(days.collect::<Date32Array>())
        }
        TableValues::Instant(values) => {
            let micros = values.iter().map(|at| at.map(Timestamp::micros));
            Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        TableValues::Nanos(values) => {
            let nanos = values.iter().map(|at| at.map(Timestamp::nanos));
            Arc::new(nanos.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
        }
        _ => {
            let text = |row| (!values.is_missing(row)).then(|| values.text(row));
            Arc::new((0..values.len()).map(text).collect::<StringArray>())
        }
    })
}
