//! Frames from Arrow record batches, which have types of their own.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use rustybt_calendars::{Session, Timestamp};
use rustybt_data::{AssetFinder, TableValues};

use super::Frame;
use crate::Error;

impl Frame {
    /// The table of these batches, and how many rows were left out, as [`of_columns`](Self::of_columns)
    /// takes them. Types are those of the schema; a timestamp without a zone is in UTC.
    ///
    /// # Errors
    ///
    /// As [`of_columns`](Self::of_columns); [`Error::ColumnKind`] for a column of a type that no table has.
    pub fn of_arrow(
        name: &str,
        batches: &[RecordBatch],
        finder: &dyn AssetFinder,
    ) -> Result<(Self, usize), Error> {
        Self::of_columns(name, columns_of_arrow(batches)?, finder)
    }
}

/// The columns of these batches, which have one schema.
///
/// # Errors
///
/// [`Error::ColumnKind`] for a column of a type that no table has.
pub fn columns_of_arrow(batches: &[RecordBatch]) -> Result<Vec<(String, TableValues)>, Error> {
    let mut columns: Vec<(String, TableValues)> = Vec::new();
    for batch in batches {
        let schema = batch.schema_ref();
        for (field, array) in schema.fields().iter().zip(batch.columns()) {
            let Some(values) = values(array.as_ref()) else {
                return Err(Error::ColumnKind {
                    column: format!("{} ({})", field.name(), field.data_type()),
                    found: "values of another type",
                    expected: "numbers, flags, texts or times",
                });
            };
            match columns.iter_mut().find(|(own, _)| own == field.name()) {
                Some((_, all)) => join(all, values),
                None => columns.push((field.name().clone(), values)),
            }
        }
    }
    Ok(columns)
}

fn join(all: &mut TableValues, more: TableValues) {
    match (all, more) {
        (TableValues::Float(all), TableValues::Float(more)) => all.extend(more),
        (TableValues::Int(all), TableValues::Int(more)) => all.extend(more),
        (TableValues::Bool(all), TableValues::Bool(more)) => all.extend(more),
        (TableValues::Text(all), TableValues::Text(more)) => all.extend(more),
        (TableValues::Date(all), TableValues::Date(more)) => all.extend(more),
        (TableValues::Instant(all), TableValues::Instant(more)) => all.extend(more),
        // Batches of one schema have one type a column.
        _ => {}
    }
}

/// The values of an array; `None` for a type that no table has.
fn values(array: &dyn Array) -> Option<TableValues> {
    let float = |values: Vec<Option<f64>>| Some(TableValues::Float(values));
    let int = |values: Vec<Option<i64>>| Some(TableValues::Int(values));
    match array.data_type() {
        DataType::Null => Some(TableValues::Float(vec![None; array.len()])),
        DataType::Boolean => Some(TableValues::Bool(array.as_boolean().iter().collect())),
        DataType::Float64 => float(each::<Float64Type, _>(array, Some)),
        DataType::Float32 => float(each::<Float32Type, _>(array, |value| Some(value.into()))),
        DataType::Int64 => int(each::<Int64Type, _>(array, Some)),
        DataType::Int32 => int(each::<Int32Type, _>(array, |value| Some(value.into()))),
        DataType::Int16 => int(each::<Int16Type, _>(array, |value| Some(value.into()))),
        DataType::Int8 => int(each::<Int8Type, _>(array, |value| Some(value.into()))),
        DataType::UInt64 => int(each::<UInt64Type, _>(array, |value| value.try_into().ok())),
        DataType::UInt32 => int(each::<UInt32Type, _>(array, |value| Some(value.into()))),
        DataType::UInt16 => int(each::<UInt16Type, _>(array, |value| Some(value.into()))),
        DataType::UInt8 => int(each::<UInt8Type, _>(array, |value| Some(value.into()))),
        DataType::Decimal128(_, scale) => {
            let power = 10_f64.powi((*scale).into());
            float(each::<Decimal128Type, _>(array, |value| Some(value as f64 / power)))
        }
        DataType::Utf8 => Some(texts(array.as_string::<i32>().iter())),
        DataType::LargeUtf8 => Some(texts(array.as_string::<i64>().iter())),
        DataType::Utf8View => Some(texts(array.as_string_view().iter())),
        DataType::Dictionary(..) => words(array),
        DataType::Date32 => {
            let date = |days| Some(Session::from_days(days));
            Some(TableValues::Date(each::<Date32Type, _>(array, date)))
        }
        DataType::Date64 => {
            let date = |millis: i64| {
                i32::try_from(millis.div_euclid(86_400_000)).ok().map(Session::from_days)
            };
            Some(TableValues::Date(each::<Date64Type, _>(array, date)))
        }
        DataType::Timestamp(unit, _) => Some(TableValues::Instant(match unit {
            TimeUnit::Second => each::<TimestampSecondType, _>(array, |at| scaled(at, 1_000_000)),
            TimeUnit::Millisecond => {
                each::<TimestampMillisecondType, _>(array, |at| scaled(at, 1_000))
            }
            TimeUnit::Microsecond => each::<TimestampMicrosecondType, _>(array, |at| scaled(at, 1)),
            TimeUnit::Nanosecond => {
                each::<TimestampNanosecondType, _>(array, |at| Some(Timestamp::from_nanos(at)))
            }
        })),
        _ => None,
    }
}

fn scaled(at: i64, micros: i64) -> Option<Timestamp> {
    at.checked_mul(micros)?.checked_mul(1_000).map(Timestamp::from_nanos)
}

fn each<T: ArrowPrimitiveType, V>(
    array: &dyn Array,
    value: impl Fn(T::Native) -> Option<V>,
) -> Vec<Option<V>> {
    array.as_primitive::<T>().iter().map(|native| native.and_then(&value)).collect()
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> TableValues {
    TableValues::Text(values.map(|text| text.map(str::to_owned)).collect())
}

/// The texts of a dictionary, as pandas writes categories.
fn words(array: &dyn Array) -> Option<TableValues> {
    let dictionary = array.as_any_dictionary();
    let TableValues::Text(words) = values(dictionary.values().as_ref())? else { return None };
    let keys = if words.is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
    let text = |(row, key): (usize, usize)| {
        if array.is_null(row) { None } else { words.get(key).cloned().flatten() }
    };
    Some(TableValues::Text(keys.into_iter().enumerate().map(text).collect()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Int16Array,
        StringArray, TimestampMillisecondArray, UInt64Array,
    };

    use super::*;

    #[test]
    fn types_are_those_of_the_schema() {
        let categories: DictionaryArray<Int8Type> =
            [Some("oil"), None, Some("bank")].into_iter().collect();
        let arrays: Vec<(&str, ArrayRef)> = vec![
            ("date", Arc::new(Date32Array::from(vec![16_230, 16_231, 16_232]))),
            ("small", Arc::new(Int16Array::from(vec![Some(1), None, Some(-3)]))),
            ("big", Arc::new(UInt64Array::from(vec![1, u64::MAX, 3]))),
            ("half", Arc::new(Float32Array::from(vec![0.5, 1.5, f32::NAN]))),
            ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
            ("text", Arc::new(StringArray::from(vec![Some("a"), None, Some("c")]))),
            ("category", Arc::new(categories)),
            ("at", Arc::new(TimestampMillisecondArray::from(vec![1_000, i64::MAX, 0]))),
        ];
        let batch = RecordBatch::try_from_iter(arrays).unwrap();
        let columns = columns_of_arrow(&[batch.clone(), batch]).unwrap();
        let shown: Vec<String> = columns
            .iter()
            .map(|(name, values)| {
                let cells: Vec<String> = (0..4).map(|row| values.text(row)).collect();
                format!("{name} {} {}", values.kind().name(), cells.join("|"))
            })
            .collect();
        assert_eq!(
            shown,
            [
                "date date 2014-06-09|2014-06-10|2014-06-11|2014-06-09",
                "small int 1||-3|1",
                "big int 1||3|1",
                "half float 0.5|1.5|NaN|0.5",
                "flag bool true||false|true",
                "text text a||c|a",
                "category text oil||bank|oil",
                "at instant 1970-01-01T00:00:01Z||1970-01-01T00:00Z|1970-01-01T00:00:01Z",
            ]
        );
    }
}
