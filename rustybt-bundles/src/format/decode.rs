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
        let wanted = match rows {
            Rows::All => 0..self.rows,
            Rows::Range(range) => range.start.min(self.rows)..range.end.min(self.rows),
        };
        let Some(spec) = self.specs.get(at) else {
            return Err(Error::corrupt(&self.path, format!("it has no column {at}")));
        };
        let column = guard(&self.path, || self.read(at, spec.kind, wanted.clone()))?;
        if column.len() == wanted.len() {
            Ok(column)
        } else {
            let detail = format!(
                "column `{}` gave {} values where {} were expected",
                spec.name,
                column.len(),
                wanted.len()
            );
            Err(Error::corrupt(&self.path, detail))
        }
    }

    /// Reads every column.
    pub(crate) fn columns(&self) -> Result<Vec<Column>, Error> {
        (0..self.specs.len()).map(|at| self.column(at, &Rows::All)).collect()
    }

    fn read(&self, at: usize, kind: Kind, wanted: Range<usize>) -> Result<Column, ParquetError> {
        let mut numbers = Vec::with_capacity(if kind == Kind::Text { 0 } else { wanted.len() });
        let mut texts = Vec::new();
        let mut first = 0;
        for group in 0..self.reader.num_row_groups() {
            let group = self.reader.get_row_group(group)?;
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
            let local = wanted.start.saturating_sub(first).min(rows)
                ..wanted.end.saturating_sub(first).min(rows);
            first += rows;
            if !local.is_empty() {
                read_group(group.as_ref(), at, local, &mut numbers, &mut texts)?;
            }
        }
        Ok(if kind == Kind::Text { Column::Texts(texts) } else { Column::Numbers(numbers) })
    }
}

fn read_group(
    group: &dyn RowGroupReader,
    at: usize,
    rows: Range<usize>,
    numbers: &mut Vec<i64>,
    texts: &mut Vec<Option<String>>,
) -> Result<(), ParquetError> {
    let required = group.metadata().column(at).column_descr().max_def_level() == 0;
    match group.get_column_reader(at)? {
        ColumnReader::Int64ColumnReader(mut reader) if required => {
            // The common case, without a detour: prices of bars that are all there.
            reader.skip_records(rows.start)?;
            reader.read_records(rows.len(), None, None, numbers)?;
            Ok(())
        }
        ColumnReader::Int64ColumnReader(reader) => {
            read_values::<Int64Type, _>(reader, rows, numbers, MISSING, Ok)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            read_values::<Int32Type, _>(reader, rows, numbers, MISSING, |days| Ok(days.into()))
        }
        ColumnReader::ByteArrayColumnReader(reader) => {
            read_values::<ByteArrayType, _>(reader, rows, texts, None, |text: ByteArray| {
                Ok(Some(text.as_utf8()?.to_owned()))
            })
        }
        _ => Err(ParquetError::General("a column has a type that no table uses".to_owned())),
    }
}

/// Appends `rows` of a column to `out`.
fn read_values<T: DataType, V: Clone>(
    mut reader: ColumnReaderImpl<T>,
    rows: Range<usize>,
    out: &mut Vec<V>,
    missing: V,
    convert: impl Fn(T::T) -> Result<V, ParquetError>,
) -> Result<(), ParquetError> {
    reader.skip_records(rows.start)?;
    let mut values = Vec::with_capacity(rows.len());
    let mut levels = Vec::new();
    reader.read_records(rows.len(), Some(&mut levels), None, &mut values)?;
    let mut values = values.into_iter();
    if levels.is_empty() {
        return values.try_for_each(|value| {
            out.push(convert(value)?);
            Ok(())
        });
    }
    for level in levels {
        if level == 0 {
            out.push(missing.clone());
        } else {
            let ends = || ParquetError::General("a column ends too early".to_owned());
            out.push(convert(values.next().ok_or_else(ends)?)?);
        }
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
