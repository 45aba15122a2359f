//! The Parquet type of each kind of column, and the schema of a file.

use std::sync::Arc;

use parquet::basic::{
    ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical,
};
use parquet::errors::ParquetError;
use parquet::schema::types::{Type, TypePtr};

use super::{ColumnSpec, Kind};

/// Bytes of a wide decimal.
pub(super) const WIDE_BYTES: usize = 12;

/// What a kind's values are on disk.
pub(super) fn physical(kind: Kind) -> Physical {
    match kind {
        Kind::Int | Kind::Instant | Kind::Nanos | Kind::Decimal(_) => Physical::INT64,
        Kind::Date => Physical::INT32,
        Kind::Wide(_) => Physical::FIXED_LEN_BYTE_ARRAY,
        Kind::Double => Physical::DOUBLE,
        Kind::Bool => Physical::BOOLEAN,
        Kind::Text => Physical::BYTE_ARRAY,
    }
}

/// The encodings that DuckDB, Polars and pyarrow all read: neither of the last two knows a split of
/// the bytes of whole numbers, nor differences of fixed-length ones.
pub(super) fn encoding(kind: Kind) -> Encoding {
    match kind {
        Kind::Int | Kind::Instant | Kind::Nanos | Kind::Decimal(_) | Kind::Date => {
            Encoding::DELTA_BINARY_PACKED
        }
        Kind::Double => Encoding::BYTE_STREAM_SPLIT,
        Kind::Wide(_) | Kind::Bool | Kind::Text => Encoding::PLAIN,
    }
}

/// The schema: a column without missing values is required, which costs nothing.
pub(super) fn schema(specs: &[ColumnSpec], missing: &[usize]) -> Result<TypePtr, ParquetError> {
    let mut fields = Vec::with_capacity(specs.len());
    for (at, (spec, &missing)) in specs.iter().zip(missing).enumerate() {
        let id = i32::try_from(at + 1).unwrap_or(i32::MAX);
        let builder = Type::primitive_type_builder(&spec.name, physical(spec.kind))
            .with_id(Some(id))
            .with_repetition(if missing > 0 { Repetition::OPTIONAL } else { Repetition::REQUIRED });
        let builder = match spec.kind {
            Kind::Int | Kind::Double | Kind::Bool => builder,
            Kind::Date => builder.with_logical_type(Some(LogicalType::Date)),
            Kind::Instant => {
                builder.with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            // DuckDB has no nanoseconds with a time zone: it would cut them to microseconds.
            Kind::Nanos => {
                builder.with_logical_type(Some(LogicalType::timestamp(false, TimeUnit::NANOS)))
            }
            Kind::Decimal(scale) => builder
                .with_converted_type(ConvertedType::DECIMAL)
                .with_logical_type(Some(LogicalType::decimal(scale.into(), 18)))
                .with_precision(18)
                .with_scale(scale.into()),
            Kind::Wide(scale) => builder
                .with_length(WIDE_BYTES as i32)
                .with_converted_type(ConvertedType::DECIMAL)
                .with_logical_type(Some(LogicalType::decimal(scale.into(), 28)))
                .with_precision(28)
                .with_scale(scale.into()),
            Kind::Text => builder.with_logical_type(Some(LogicalType::String)),
        };
        fields.push(Arc::new(builder.build()?));
    }
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}
