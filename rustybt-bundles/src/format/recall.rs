//! [`Recalled`]: a data file that nobody knows any more, told from its own bytes.

use std::path::Path;

use bytes::Bytes;
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;

use super::decode::guard;
use super::{Column, ColumnSpec, ColumnStats, Footer, ParquetFile, Rows, encode, footer_length};
use crate::Error;

/// What a data file says of itself, and what it holds.
#[derive(Debug)]
pub(crate) struct Recalled {
    pub(crate) footer: Footer,
    pub(crate) specs: Vec<ColumnSpec>,
    pub(crate) columns: Vec<Column>,
    pub(crate) stats: Vec<ColumnStats>,
    /// The length of its footer.
    pub(crate) length: u32,
}

impl Recalled {
    /// Reads a whole file. Nothing vouches for its bytes: what Parquet does not notice goes unseen.
    pub(crate) fn read(path: &Path, bytes: &Bytes) -> Result<Self, Error> {
        let reader = guard(path, || SerializedFileReader::new(bytes.clone()))?;
        let metadata = reader.metadata();
        let file = metadata.file_metadata();
        let entries = file.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
        let (footer, specs) = Footer::read(entries)
            .ok_or_else(|| Error::corrupt(path, "its footer does not say what it is"))?;
        let rows = usize::try_from(file.num_rows())
            .map_err(|_| Error::corrupt(path, "it has a negative number of rows"))?;
        let parquet = ParquetFile::open(path, bytes.clone(), specs.clone(), rows, &Rows::All)?;
        let columns = parquet.columns()?;
        let stats = encode::stats(metadata, &columns);
        Ok(Self { footer, specs, columns, stats, length: footer_length(bytes) })
    }
}
