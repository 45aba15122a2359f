//! Columns → Parquet bytes. The same columns give the same bytes, always.

use std::ops::Range;
use std::sync::Arc;

use parquet::basic::{
    Compression, ConvertedType, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical,
    ZstdLevel,
};
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use super::{Bound, Column, ColumnSpec, Kind, MISSING};

/// Rows a page holds at most: what reading one asset's year has to decode.
const PAGE_ROWS: usize = 4096;
/// The most rows of a row group.
pub(crate) const GROUP_ROWS: usize = 131_072;

/// A file's bytes and what the catalog says of it.
#[derive(Debug)]
pub(crate) struct Encoded {
    /// The whole file.
    pub(crate) bytes: Vec<u8>,
    /// The length of its footer.
    pub(crate) footer: u32,
    /// One entry a column.
    pub(crate) stats: Vec<ColumnStats>,
}

/// What the catalog says of a column in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnStats {
    /// Its encoded size.
    pub(crate) bytes: i64,
    /// Missing values.
    pub(crate) missing: usize,
    /// Its smallest and largest value; `None` where all are missing.
    pub(crate) bounds: Option<(Bound, Bound)>,
}

/// Encodes columns of equal length; `groups` are the row groups, in order, and cover every row.
///
/// `sorted` is how many of the first columns the rows are sorted by.
pub(crate) fn encode(
    specs: &[ColumnSpec],
    columns: &[Column],
    groups: &[Range<usize>],
    sorted: usize,
) -> Result<Encoded, ParquetError> {
    let missing: Vec<usize> = columns.iter().map(count_missing).collect();
    let rows = columns.first().map_or(0, Column::len);
    let schema = schema(specs, &missing)?;
    let properties = Arc::new(properties(specs, rows, sorted));
    let buffer = Vec::with_capacity(rows * specs.len() * 2 + 4096);
    let mut writer = SerializedFileWriter::new(buffer, schema, properties)?;
    for group in groups {
        let mut group_writer = writer.next_row_group()?;
        for ((spec, column), &missing) in specs.iter().zip(columns).zip(&missing) {
            let Some(mut column_writer) = group_writer.next_column()? else {
                return Err(ParquetError::General("the schema has too few columns".to_owned()));
            };
            write(&mut column_writer, spec.kind, column, group.clone(), missing > 0)?;
            column_writer.close()?;
        }
        group_writer.close()?;
    }
    let metadata = writer.finish()?;
    let stats = columns
        .iter()
        .zip(missing)
        .enumerate()
        .map(|(at, (column, missing))| ColumnStats {
            bytes: column_bytes(&metadata, at),
            missing,
            bounds: bounds(column),
        })
        .collect();
    let bytes = std::mem::take(writer.inner_mut());
    // A file ends with the footer's length in four bytes, then `PAR1`.
    let footer = bytes
        .len()
        .checked_sub(8)
        .and_then(|at| bytes.get(at..at + 4))
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_le_bytes);
    Ok(Encoded { bytes, footer, stats })
}

fn write(
    writer: &mut SerializedColumnWriter<'_>,
    kind: Kind,
    column: &Column,
    rows: Range<usize>,
    optional: bool,
) -> Result<(), ParquetError> {
    match column {
        Column::Numbers(values) => {
            let values = values.get(rows).unwrap_or_default();
            let levels: Option<Vec<i16>> =
                optional.then(|| values.iter().map(|&value| i16::from(value != MISSING)).collect());
            let present: Vec<i64>;
            let values = if optional {
                present = values.iter().copied().filter(|&value| value != MISSING).collect();
                &present
            } else {
                values
            };
            if kind == Kind::Date {
                let days: Vec<i32> = values.iter().map(|&value| value as i32).collect();
                writer.typed::<Int32Type>().write_batch(&days, levels.as_deref(), None)?;
            } else {
                writer.typed::<Int64Type>().write_batch(values, levels.as_deref(), None)?;
            }
        }
        Column::Texts(values) => {
            let values = values.get(rows).unwrap_or_default();
            let levels: Option<Vec<i16>> =
                optional.then(|| values.iter().map(|value| i16::from(value.is_some())).collect());
            let present: Vec<ByteArray> =
                values.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
            writer.typed::<ByteArrayType>().write_batch(&present, levels.as_deref(), None)?;
        }
    }
    Ok(())
}

/// The schema: a column without missing values is required, which costs nothing.
fn schema(specs: &[ColumnSpec], missing: &[usize]) -> Result<TypePtr, ParquetError> {
    let mut fields = Vec::with_capacity(specs.len());
    for (at, (spec, &missing)) in specs.iter().zip(missing).enumerate() {
        let physical = match spec.kind {
            Kind::Int | Kind::Instant | Kind::Decimal(_) => Physical::INT64,
            Kind::Date => Physical::INT32,
            Kind::Text => Physical::BYTE_ARRAY,
        };
        let id = i32::try_from(at + 1).unwrap_or(i32::MAX);
        let builder = Type::primitive_type_builder(spec.name, physical)
            .with_id(Some(id))
            .with_repetition(if missing > 0 { Repetition::OPTIONAL } else { Repetition::REQUIRED });
        let builder = match spec.kind {
            Kind::Int => builder,
            Kind::Date => builder.with_logical_type(Some(LogicalType::Date)),
            Kind::Instant => {
                builder.with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MICROS)))
            }
            Kind::Decimal(scale) => builder
                .with_converted_type(ConvertedType::DECIMAL)
                .with_logical_type(Some(LogicalType::decimal(scale.into(), 18)))
                .with_precision(18)
                .with_scale(scale.into()),
            Kind::Text => builder.with_logical_type(Some(LogicalType::String)),
        };
        fields.push(Arc::new(builder.build()?));
    }
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}

fn properties(specs: &[ColumnSpec], rows: usize, sorted: usize) -> WriterProperties {
    let sorting = (0..sorted)
        .map(|at| SortingColumn { column_idx: at as i32, descending: false, nulls_first: false })
        .collect();
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        // Neither a version nor a date: the same rows are the same bytes.
        .set_created_by("rustybt".to_owned())
        .set_dictionary_enabled(false)
        .set_compression(Compression::UNCOMPRESSED)
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_sorting_columns((sorted > 0).then_some(sorting));
    for spec in specs {
        let path = ColumnPath::from(spec.name);
        // Decimals, once they are differences, hardly get smaller and are read twice as slowly.
        // Stamps repeat from asset to asset: compressed they all but vanish. Small files are not
        // worth the set-up of a decoder.
        if rows > PAGE_ROWS && !matches!(spec.kind, Kind::Decimal(_)) {
            let zstd = Compression::ZSTD(ZstdLevel::default());
            builder = builder.set_column_compression(path.clone(), zstd);
        }
        if spec.kind == Kind::Text {
            builder = builder.set_column_encoding(path, Encoding::PLAIN);
        }
    }
    builder.build()
}

fn count_missing(column: &Column) -> usize {
    match column {
        Column::Numbers(values) => values.iter().filter(|&&value| value == MISSING).count(),
        Column::Texts(values) => values.iter().filter(|value| value.is_none()).count(),
    }
}

fn bounds(column: &Column) -> Option<(Bound, Bound)> {
    match column {
        Column::Numbers(values) => {
            // Both ends in one branchless pass; MISSING is the smallest number there is.
            let (low, high) = values.iter().fold((i64::MAX, i64::MIN), |(low, high), &value| {
                let floor = if value == MISSING { i64::MAX } else { value };
                (low.min(floor), high.max(value))
            });
            (high != MISSING).then_some((Bound::Number(low), Bound::Number(high)))
        }
        Column::Texts(values) => {
            let low = values.iter().flatten().min()?;
            let high = values.iter().flatten().max()?;
            Some((Bound::Text(low.clone()), Bound::Text(high.clone())))
        }
    }
}

fn column_bytes(metadata: &ParquetMetaData, column: usize) -> i64 {
    metadata
        .row_groups()
        .iter()
        .filter_map(|group| group.columns().get(column))
        .map(parquet::file::metadata::ColumnChunkMetaData::compressed_size)
        .sum()
}
