//! Parquet bytes → columns, believing nothing: a damaged file is an error, never a panic.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader};
use parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};

use super::{Column, ColumnSpec, Kind, MISSING};
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
        let found = metadata.schema_descr();
        let same = found.num_columns() == specs.len()
            && specs.iter().zip(found.columns()).all(|(spec, column)| spec.name == column.name());
        if !same {
            return Err(Error::corrupt(path, "its columns are not the table's"));
        }
        Ok(Self { path: path.to_owned(), reader: Box::new(reader), specs, rows: count })
    }

    /// Reads one column.
    pub(crate) fn column(&self, at: usize, rows: &Rows) -> Result<Column, Error> {
        let count = self.wanted(rows).len();
        if self.specs.get(at).is_some_and(|spec| spec.kind == Kind::Text) {
            let mut texts = Vec::with_capacity(count);
            self.each(at, rows, |batch| {
                if let Batch::Texts(batch) = batch {
                    texts.append(batch);
                }
            })?;
            return Ok(Column::Texts(texts));
        }
        let mut numbers = Vec::with_capacity(count);
        self.numbers(at, rows, |batch| numbers.extend_from_slice(batch))?;
        Ok(Column::Numbers(numbers))
    }

    /// Reads a column of numbers, a few thousand at a time.
    pub(crate) fn numbers(
        &self,
        at: usize,
        rows: &Rows,
        mut take: impl FnMut(&[i64]),
    ) -> Result<(), Error> {
        self.each(at, rows, |batch| {
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

    fn each(&self, at: usize, rows: &Rows, mut take: impl FnMut(Batch<'_>)) -> Result<(), Error> {
        let wanted = self.wanted(rows);
        let mut found = 0;
        let mut count = |batch: Batch<'_>| {
            found += batch.len();
            take(batch);
        };
        guard(&self.path, || self.read(at, &wanted, &mut count))?;
        if found == wanted.len() {
            return Ok(());
        }
        let name = self.specs.get(at).map_or("", |spec| spec.name);
        let expected = wanted.len();
        let detail = format!("column `{name}` gave {found} values where {expected} were expected");
        Err(Error::corrupt(&self.path, detail))
    }

    fn read(
        &self,
        at: usize,
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
                read_group(group.as_ref(), at, local, take)?;
            }
        }
        Ok(())
    }
}

/// Some values of a column.
enum Batch<'a> {
    Numbers(&'a [i64]),
    Texts(&'a mut Vec<Option<String>>),
}

impl Batch<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
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
        ColumnReader::Int64ColumnReader(reader) => {
            read_values::<Int64Type, _>(reader, rows, MISSING, Ok, number)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            read_values::<Int32Type, _>(reader, rows, MISSING, |days| Ok(days.into()), number)
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            let text = |text: ByteArray| Ok(Some(text.as_utf8()?.to_owned()));
            read_values::<ByteArrayType, _>(reader, rows, None, text, |texts| {
                take(Batch::Texts(texts));
            })
        }
        _ => Err(ParquetError::General("a column has a type that no table uses".to_owned())),
    }
}

/// Gives `rows` of a column batch by batch.
fn read_values<T: DataType, V: Clone>(
    mut reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
    missing: V,
    convert: impl Fn(T::T) -> Result<V, ParquetError>,
    mut take: impl FnMut(&mut Vec<V>),
) -> Result<(), ParquetError> {
    reader.skip_records(rows.start)?;
    let mut left = rows.len();
    let (mut values, mut levels, mut batch) = (Vec::new(), Vec::new(), Vec::new());
    while left > 0 {
        values.clear();
        levels.clear();
        batch.clear();
        let limit = left.min(BATCH);
        let (read, _, _) = reader.read_records(limit, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Err(ParquetError::General("a column ends too early".to_owned()));
        }
        left -= read;
        let mut present = values.drain(..);
        if levels.is_empty() {
            for value in present {
                batch.push(convert(value)?);
            }
        } else {
            for &level in &levels {
                batch.push(match level {
                    0 => missing.clone(),
                    _ => match present.next() {
                        Some(value) => convert(value)?,
                        None => return Err(ParquetError::General("a value is missing".to_owned())),
                    },
                });
            }
        }
        take(&mut batch);
    }
    Ok(())
}

/// Runs the decoder: its errors, and its panics, say which file they are about.
fn guard<T>(path: &Path, decode: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(decode)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Error::corrupt(path, error.to_string())),
        Err(_) => Err(Error::corrupt(path, "its pages contradict each other")),
    }
}
