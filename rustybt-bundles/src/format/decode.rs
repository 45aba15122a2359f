//! Parquet bytes → columns, believing nothing: a damaged file is an error, never a panic.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray,
    FixedLenByteArrayType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;

use super::schema::{WIDE_BYTES, physical};
use super::{Column, ColumnSpec, Kind, MISSING, WIDE_MISSING};
use crate::Error;

/// Which rows of a file are wanted.
#[derive(Debug, Clone)]
pub(crate) enum Rows {
    /// Every row.
    All,
    /// These; pages that hold none of them are skipped.
    Range(Range<usize>),
}

/// An open data file whose bytes are known to be good.
pub(crate) struct ParquetFile {
    path: PathBuf,
    reader: Box<dyn FileReader>,
    specs: Vec<ColumnSpec>,
    /// Where each column is in the file; `None` for one that the table got later.
    places: Vec<Option<usize>>,
    rows: usize,
}

impl ParquetFile {
    /// Opens a file of `count` rows to read some of them; the caller has checked its hash.
    pub(crate) fn open(
        path: &Path,
        content: impl ChunkReader + 'static,
        specs: Vec<ColumnSpec>,
        count: usize,
        wanted: &Rows,
    ) -> Result<Self, Error> {
        let reader = guard(path, || {
            let options = match wanted {
                Rows::All => ReadOptionsBuilder::new(),
                Rows::Range(_) => ReadOptionsBuilder::new().with_page_index(),
            };
            SerializedFileReader::new_with_options(content, options.build())
        })?;
        let metadata = reader.metadata().file_metadata();
        // The catalog's own count is the limit of what is ever allocated.
        if metadata.num_rows() != count as i64 {
            let detail =
                format!("it has {} rows where the catalog says {count}", metadata.num_rows());
            return Err(Error::corrupt(path, detail));
        }
        let places = places(metadata.schema_descr(), &specs)
            .ok_or_else(|| Error::corrupt(path, "its columns are not the table's"))?;
        Ok(Self { path: path.to_owned(), reader: Box::new(reader), specs, places, rows: count })
    }

    /// Reads one column.
    pub(crate) fn column(&self, at: usize, rows: &Rows) -> Result<Column, Error> {
        let count = self.wanted(rows).len();
        let kind = self.specs.get(at).map_or(Kind::Int, |spec| spec.kind);
        let mut column = Column::new(kind, count);
        self.batches(at, rows, |batch| match (&mut column, batch) {
            (Column::Numbers(values), Batch::Numbers(batch)) => values.extend_from_slice(batch),
            (Column::Wide(values), Batch::Wide(batch)) => values.extend_from_slice(batch),
            (Column::Doubles(values), Batch::Doubles(batch)) => values.extend_from_slice(batch),
            (Column::Texts(values), Batch::Texts(batch)) => values.append(batch),
            // The types were compared when the file was opened.
            _ => {}
        })?;
        Ok(column)
    }

    /// Reads a column of whole numbers, a few thousand at a time.
    pub(crate) fn numbers(
        &self,
        at: usize,
        rows: &Rows,
        mut take: impl FnMut(&[i64]),
    ) -> Result<(), Error> {
        self.batches(at, rows, |batch| {
            if let Batch::Numbers(batch) = batch {
                take(batch);
            }
        })
    }

    /// Reads every column.
    pub(crate) fn columns(&self) -> Result<Vec<Column>, Error> {
        (0..self.specs.len()).map(|at| self.column(at, &Rows::All)).collect()
    }

    fn wanted(&self, rows: &Rows) -> Range<usize> {
        match rows {
            Rows::All => 0..self.rows,
            Rows::Range(range) => range.start.min(self.rows)..range.end.min(self.rows),
        }
    }

    /// Reads a column, a few thousand values at a time.
    pub(crate) fn batches(
        &self,
        at: usize,
        rows: &Rows,
        mut take: impl FnMut(Batch<'_>),
    ) -> Result<(), Error> {
        let wanted = self.wanted(rows);
        let Some(place) = self.places.get(at).copied().flatten() else {
            self.missing(at, wanted.len(), take);
            return Ok(());
        };
        let mut found = 0;
        let mut count = |batch: Batch<'_>| {
            found += batch.len();
            take(batch);
        };
        guard(&self.path, || self.read(place, &wanted, &mut count))?;
        if found == wanted.len() {
            return Ok(());
        }
        let name = self.specs.get(at).map_or("", |spec| &spec.name);
        let expected = wanted.len();
        let detail = format!("column `{name}` gave {found} values where {expected} were expected");
        Err(Error::corrupt(&self.path, detail))
    }

    /// A column that the file is older than: nothing but missing values.
    fn missing(&self, at: usize, mut left: usize, mut take: impl FnMut(Batch<'_>)) {
        let kind = self.specs.get(at).map_or(Kind::Int, |spec| spec.kind);
        while left > 0 {
            let count = left.min(BATCH);
            left -= count;
            match kind {
                Kind::Wide(_) => take(Batch::Wide(&vec![WIDE_MISSING; count])),
                Kind::Double => take(Batch::Doubles(&vec![None; count])),
                Kind::Text => take(Batch::Texts(&mut vec![None; count])),
                _ => take(Batch::Numbers(&vec![MISSING; count])),
            }
        }
    }

    fn read(
        &self,
        place: usize,
        wanted: &Range<usize>,
        take: &mut dyn FnMut(Batch<'_>),
    ) -> Result<(), ParquetError> {
        let mut first = 0;
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let local = wanted.start.saturating_sub(first).min(rows)
                ..wanted.end.saturating_sub(first).min(rows);
            first += rows;
            if !local.is_empty() {
                read_group(group.as_ref(), place, local, take)?;
            }
        }
        Ok(())
    }
}

/// Where a file has each column of its table; `None` where it has others, or of other types.
///
/// A file may lack columns that its table got later, and never has one that the table lacks.
fn places(found: &SchemaDescriptor, specs: &[ColumnSpec]) -> Option<Vec<Option<usize>>> {
    let places: Vec<Option<usize>> = specs
        .iter()
        .map(|spec| found.columns().iter().position(|column| column.name() == spec.name))
        .collect();
    let same = |(spec, place): (&ColumnSpec, &Option<usize>)| {
        let Some(column) = place.and_then(|place| found.columns().get(place)) else { return true };
        column.physical_type() == physical(spec.kind)
            && column.max_rep_level() == 0
            && column.max_def_level() <= 1
            && (!matches!(spec.kind, Kind::Wide(_)) || column.type_length() == WIDE_BYTES as i32)
    };
    let all = places.iter().flatten().count() == found.num_columns();
    (all && specs.iter().zip(&places).all(same)).then_some(places)
}

/// Some values of a column.
pub(crate) enum Batch<'a> {
    Numbers(&'a [i64]),
    Wide(&'a [i128]),
    Doubles(&'a [Option<f64>]),
    Texts(&'a mut Vec<Option<String>>),
}

impl Batch<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Wide(values) => values.len(),
            Self::Doubles(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }
}

/// Values decoded at a time: they stay in the processor's cache.
const BATCH: usize = 4096;

fn read_group(
    group: &dyn RowGroupReader,
    at: usize,
    rows: Range<usize>,
    take: &mut dyn FnMut(Batch<'_>),
) -> Result<(), ParquetError> {
    let number = |values: &mut Vec<i64>| take(Batch::Numbers(values));
    match group.get_column_reader(at)? {
        ColumnReader::Int64ColumnReader(reader) => read_numbers(reader, rows, take),
        ColumnReader::Int32ColumnReader(reader) => {
            read_values::<Int32Type, _>(reader, rows, MISSING, |days| Ok(days.into()), number)
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            let text = |text: ByteArray| Ok(Some(text.as_utf8()?.to_owned()));
            read_values::<ByteArrayType, _>(reader, rows, None, text, |texts| {
                take(Batch::Texts(texts));
            })
        }
        ColumnReader::BoolColumnReader(reader) => {
            read_values::<BoolType, _>(reader, rows, MISSING, |truth| Ok(truth.into()), number)
        }
        ColumnReader::DoubleColumnReader(reader) => {
            let double = |value| Ok(Some(value));
            read_values::<DoubleType, _>(reader, rows, None, double, |values| {
                take(Batch::Doubles(values));
            })
        }
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            let wide = |bytes: FixedLenByteArray| widened(bytes.data());
            read_values::<FixedLenByteArrayType, _>(reader, rows, WIDE_MISSING, wide, |values| {
                take(Batch::Wide(values));
            })
        }
        _ => Err(ParquetError::General("a column has a type that no table uses".to_owned())),
    }
}

/// A number of twelve bytes, big-endian.
fn widened(bytes: &[u8]) -> Result<i128, ParquetError> {
    let number = bytes.first_chunk::<WIDE_BYTES>().filter(|_| bytes.len() == WIDE_BYTES);
    let Some(&[a, b, c, d, e, f, g, h, i, j, k, l]) = number else {
        return Err(ParquetError::General("a decimal is not twelve bytes long".to_owned()));
    };
    // In the upper bytes first, and moved down: the sign is kept.
    Ok(i128::from_be_bytes([a, b, c, d, e, f, g, h, i, j, k, l, 0, 0, 0, 0]) >> 32)
}

/// Whole numbers, which are handed on as they are decoded where none is missing.
fn read_numbers(
    reader: ColumnReaderImpl<Int64Type>,
    rows: Range<usize>,
    take: &mut dyn FnMut(Batch<'_>),
) -> Result<(), ParquetError> {
    let mut batch = Vec::new();
    each_batch(reader, rows, |levels, values| {
        if levels.is_empty() {
            take(Batch::Numbers(values));
        } else {
            spread(levels, values, &MISSING, Ok, &mut batch)?;
            take(Batch::Numbers(&batch));
        }
        Ok(())
    })
}

/// Gives `rows` of a column batch by batch.
fn read_values<T: DataType, V: Clone>(
    reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
    missing: V,
    convert: impl Fn(T::T) -> Result<V, ParquetError>,
    mut take: impl FnMut(&mut Vec<V>),
) -> Result<(), ParquetError> {
    let mut batch = Vec::new();
    each_batch(reader, rows, |levels, values| {
        spread(levels, values, &missing, &convert, &mut batch)?;
        take(&mut batch);
        Ok(())
    })
}

/// Runs through `rows`: the definition levels, none where nothing is missing, and the values.
fn each_batch<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
    mut take: impl FnMut(&[i16], &mut Vec<T::T>) -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    reader.skip_records(rows.start)?;
    let mut left = rows.len();
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    while left > 0 {
        values.clear();
        levels.clear();
        let limit = left.min(BATCH);
        let (read, _, _) = reader.read_records(limit, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Err(ParquetError::General("a column ends too early".to_owned()));
        }
        left -= read;
        take(&levels, &mut values)?;
    }
    Ok(())
}

/// Puts the values where the levels say there are some, and `missing` elsewhere.
fn spread<T, V: Clone>(
    levels: &[i16],
    values: &mut Vec<T>,
    missing: &V,
    convert: impl Fn(T) -> Result<V, ParquetError>,
    batch: &mut Vec<V>,
) -> Result<(), ParquetError> {
    batch.clear();
    let mut present = values.drain(..);
    if levels.is_empty() {
        for value in present {
            batch.push(convert(value)?);
        }
        return Ok(());
    }
    for &level in levels {
        batch.push(match level {
            0 => missing.clone(),
            _ => match present.next() {
                Some(value) => convert(value)?,
                None => return Err(ParquetError::General("a value is missing".to_owned())),
            },
        });
    }
    Ok(())
}

/// Runs the decoder: its errors, and its panics, say which file they are about.
pub(super) fn guard<T>(
    path: &Path,
    decode: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Error::corrupt(path, error.to_string())),
        Err(_) => Err(Error::corrupt(path, "its pages contradict each other")),
    }
}
