//! Columns → Parquet bytes. The same columns give the same bytes, always.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, SchemaDescriptor};
use serde::{Deserialize, Serialize};

use super::schema::{self, WIDE_BYTES};
use super::{Bound, Column, ColumnSpec, Double, Footer, Kind, MISSING, WIDE_MISSING, packed};

/// Rows a page holds at most: what reading one asset's year has to decode.
const PAGE_ROWS: usize = 8192;
/// Files of up to so many rows are not compressed.
const SMALL_ROWS: usize = 4096;
/// Stamps repeat from asset to asset. This finds nearly all of it; the levels above are slow.
const ZSTD: i32 = 6;
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ColumnStats {
    /// Its encoded size.
    pub(crate) bytes: i64,
    /// Missing values.
    pub(crate) missing: usize,
    /// Whether it has a value that is not a number.
    pub(crate) nan: bool,
    /// Its smallest and largest value; `None` where there is none.
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
    footer: &Footer,
) -> Result<Encoded, ParquetError> {
    let missing: Vec<usize> = columns.iter().map(Column::missing).collect();
    let rows = columns.first().map_or(0, Column::len);
    let schema = schema::schema(specs, &missing)?;
    let properties = Arc::new(properties(specs, rows, sorted, footer));
    let buffer = Vec::with_capacity(rows * specs.len() * 2 + 4096);
    let mut writer = SerializedFileWriter::new(buffer, Arc::clone(&schema), properties)?;
    let descriptor = SchemaDescriptor::new(schema);
    for group in groups {
        let mut group_writer = writer.next_row_group()?;
        for (at, ((spec, column), &missing)) in specs.iter().zip(columns).zip(&missing).enumerate()
        {
            if let (Kind::Decimal(_), Column::Numbers(values)) = (spec.kind, column) {
                let values = values.get(group.clone()).unwrap_or_default();
                let (bytes, close) =
                    packed::column_chunk(&descriptor.column(at), values, PAGE_ROWS)?;
                group_writer.append_column(&bytes, close)?;
                continue;
            }
            let Some(mut column_writer) = group_writer.next_column()? else {
                return Err(ParquetError::General("the schema has too few columns".to_owned()));
            };
            write(&mut column_writer, spec.kind, column, group.clone(), missing > 0)?;
            column_writer.close()?;
        }
        group_writer.close()?;
    }
    let metadata = writer.finish()?;
    let stats = stats(&metadata, columns);
    let bytes = std::mem::take(writer.inner_mut());
    let footer = footer_length(&bytes);
    Ok(Encoded { bytes, footer, stats })
}

/// The length of a file's footer: a file ends with it in four bytes, then `PAR1`.
pub(crate) fn footer_length(bytes: &[u8]) -> u32 {
    bytes
        .len()
        .checked_sub(8)
        .and_then(|at| bytes.get(at..at + 4))
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_le_bytes)
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
            let (present, levels) = present(values, optional, |&value| value != MISSING);
            let levels = levels.as_deref();
            match kind {
                Kind::Date => {
                    let days: Vec<i32> = present.iter().map(|&value| value as i32).collect();
                    writer.typed::<Int32Type>().write_batch(&days, levels, None)?;
                }
                Kind::Bool => {
                    let truths: Vec<bool> = present.iter().map(|&value| value != 0).collect();
                    writer.typed::<BoolType>().write_batch(&truths, levels, None)?;
                }
                _ => {
                    writer.typed::<Int64Type>().write_batch(&present, levels, None)?;
                }
            }
        }
        Column::Wide(values) => {
            let values = values.get(rows).unwrap_or_default();
            let (present, levels) = present(values, optional, |&value| value != WIDE_MISSING);
            // One buffer for all of them: a value is twelve bytes of it.
            let bytes: Vec<u8> = present.iter().flat_map(|value| narrowed(*value)).collect();
            let bytes = Bytes::from(bytes);
            let slices: Vec<FixedLenByteArray> = (0..present.len())
                .map(|at| {
                    ByteArray::from(bytes.slice(at * WIDE_BYTES..(at + 1) * WIDE_BYTES)).into()
                })
                .collect();
            let levels = levels.as_deref();
            writer.typed::<FixedLenByteArrayType>().write_batch(&slices, levels, None)?;
        }
        Column::Doubles(values) => {
            let values = values.get(rows).unwrap_or_default();
            let (_, levels) = present(values, optional, Option::is_some);
            let doubles: Vec<f64> = values.iter().flatten().copied().collect();
            writer.typed::<DoubleType>().write_batch(&doubles, levels.as_deref(), None)?;
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

/// The values that are there and, for an optional column, which rows have one.
fn present<T: Copy>(
    values: &[T],
    optional: bool,
    is_there: impl Fn(&T) -> bool,
) -> (Cow<'_, [T]>, Option<Vec<i16>>) {
    if !optional {
        return (Cow::Borrowed(values), None);
    }
    let levels = values.iter().map(|value| i16::from(is_there(value))).collect();
    let present = values.iter().copied().filter(|value| is_there(value)).collect();
    (Cow::Owned(present), Some(levels))
}

/// The last twelve bytes, big-endian, of a number of 28 digits: they hold 28.6.
fn narrowed(value: i128) -> [u8; WIDE_BYTES] {
    let [_, _, _, _, bytes @ ..] = value.to_be_bytes();
    bytes
}

fn properties(
    specs: &[ColumnSpec],
    rows: usize,
    sorted: usize,
    footer: &Footer,
) -> WriterProperties {
    let sorting = (0..sorted)
        .map(|at| SortingColumn { column_idx: at as i32, descending: false, nulls_first: false })
        .collect();
    let mut builder = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        // Neither a version nor a date: the same rows are the same bytes.
        .set_created_by("rustybt".to_owned())
        .set_key_value_metadata(Some(footer.key_values(specs)))
        .set_dictionary_enabled(false)
        .set_compression(Compression::UNCOMPRESSED)
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_sorting_columns((sorted > 0).then_some(sorting));
    for spec in specs {
        // Never from text: a dot in a user's name for a column is no path.
        let path = ColumnPath::new(vec![spec.name.to_string()]);
        // Decimals, once they are differences, hardly get smaller and are read twice as slowly.
        // Stamps repeat from asset to asset: compressed they all but vanish. Small files are not
        // worth the set-up of a decoder.
        if rows > SMALL_ROWS && !matches!(spec.kind, Kind::Decimal(_) | Kind::Bool) {
            let zstd = Compression::ZSTD(ZstdLevel::try_new(ZSTD).unwrap_or_default());
            builder = builder.set_column_compression(path.clone(), zstd);
        }
        builder = builder.set_column_encoding(path, schema::encoding(spec.kind));
    }
    builder.build()
}

fn has_nan(column: &Column) -> bool {
    match column {
        Column::Doubles(values) => values.iter().flatten().any(|value| value.is_nan()),
        Column::Numbers(_) | Column::Wide(_) | Column::Texts(_) => false,
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
        Column::Wide(values) => {
            let present = || values.iter().filter(|&&value| value != WIDE_MISSING);
            Some((Bound::Wide(*present().min()?), Bound::Wide(*present().max()?)))
        }
        Column::Doubles(values) => {
            let present = || {
                values.iter().flatten().filter(|value| !value.is_nan()).map(|&value| Double(value))
            };
            Some((Bound::Double(present().min()?), Bound::Double(present().max()?)))
        }
        Column::Texts(values) => {
            let low = values.iter().flatten().min()?;
            let high = values.iter().flatten().max()?;
            Some((Bound::Text(low.clone()), Bound::Text(high.clone())))
        }
    }
}

/// What the catalog says of the columns of a file that is there.
pub(crate) fn stats(metadata: &ParquetMetaData, columns: &[Column]) -> Vec<ColumnStats> {
    (0..)
        .zip(columns)
        .map(|(at, column)| ColumnStats {
            bytes: column_bytes(metadata, at),
            missing: column.missing(),
            nan: has_nan(column),
            bounds: bounds(column),
        })
        .collect()
}

fn column_bytes(metadata: &ParquetMetaData, column: usize) -> i64 {
    metadata
        .row_groups()
        .iter()
        .filter_map(|group| group.columns().get(column))
        .map(parquet::file::metadata::ColumnChunkMetaData::compressed_size)
        .sum()
}
