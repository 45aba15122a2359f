//! Tables of users in Parquet and Arrow files.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::{FileReader, StreamReader};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rustybt_data::TableValues;
use rustybt_pipeline::columns_of_arrow;

use crate::error::Error;

/// Whether a file says the types of its columns itself.
pub(super) fn is_arrow(path: &Path) -> bool {
    is_called(path, &["parquet", "arrow", "arrows", "feather", "ipc"])
}

fn is_called(path: &Path, names: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    names.iter().any(|own| extension.eq_ignore_ascii_case(own))
}

/// The columns of a file.
pub(super) fn columns(path: &Path) -> Result<Vec<(String, TableValues)>, Error> {
    let refused = |source| Error::Io { action: "read the table", path: path.to_owned(), source };
    let bad = |detail: String| Error::BadTableContent { path: path.to_owned(), detail };
    let file = File::open(path).map_err(refused)?;
    // Decoders may panic over a damaged file.
    let read = catch_unwind(AssertUnwindSafe(|| {
        if is_called(path, &["parquet"]) { parquet(file) } else { ipc(file, path) }
    }));
    let batches = read.unwrap_or_else(|_| Err("it is damaged".to_owned())).map_err(bad)?;
    Ok(columns_of_arrow(&batches)?)
}

fn parquet(file: File) -> Result<Vec<RecordBatch>, String> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(ParquetRecordBatchReaderBuilder::build)
        .map_err(|error| error.to_string())?;
    reader.map(|batch| batch.map_err(|error| error.to_string())).collect()
}

/// The file format, else the format of streams.
fn ipc(file: File, path: &Path) -> Result<Vec<RecordBatch>, String> {
    let read = FileReader::try_new(file, None);
    let all = match read {
        Ok(reader) => reader.collect::<Result<_, _>>(),
        Err(first) => match File::open(path).map(|file| StreamReader::try_new(file, None)) {
            Ok(Ok(reader)) => reader.collect(),
            _ => Err(first),
        },
    };
    all.map_err(|error| error.to_string())
}
