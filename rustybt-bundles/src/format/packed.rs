//! Column chunks of decimals, made page by page with our own [`delta`] encoder.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::{MISSING, delta, levels};

/// Encodes some rows of a column, `rows` to a page: the chunk's bytes, and what the footer says of it.
///
/// There are no statistics a page: nobody looks for a price in a page index.
pub(super) fn column_chunk(
    descriptor: &ColumnDescPtr,
    values: &[i64],
    rows: usize,
) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
    let optional = descriptor.max_def_level() > 0;
    let mut sink = TrackedWrite::new(Vec::with_capacity(2 * values.len() + 256));
    let mut index = OffsetIndexBuilder::new();
    let mut uncompressed = 0;
    for page in values.chunks(rows) {
        let mut bytes = Vec::with_capacity(2 * page.len() + 64);
        let encoded = if optional {
            let there: Vec<bool> = page.iter().map(|&value| value != MISSING).collect();
            levels::pack(&mut bytes, &there);
            let present: Vec<i64> =
                page.iter().copied().filter(|&value| value != MISSING).collect();
            delta::pack(&mut bytes, &present);
            bytes
        } else {
            delta::pack(&mut bytes, page);
            bytes
        };
        let length = encoded.len();
        let page_of = Page::DataPage {
            buf: Bytes::from(encoded),
            num_values: page.len() as u32,
            encoding: Encoding::DELTA_BINARY_PACKED,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let written = SerializedPageWriter::new(&mut sink)
            .write_page(CompressedPage::new(page_of, length))?;
        index.append_row_count(page.len() as i64);
        index.append_offset_and_size(written.offset as i64, written.bytes_written as i32);
        uncompressed += written.bytes_written;
    }
    let bytes = Bytes::from(sink.into_inner()?);
    let metadata = ColumnChunkMetaData::builder(descriptor.clone())
        .set_encodings(vec![Encoding::DELTA_BINARY_PACKED, Encoding::RLE])
        .set_compression(Compression::UNCOMPRESSED)
        .set_num_values(values.len() as i64)
        .set_data_page_offset(0)
        .set_total_compressed_size(bytes.len() as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_statistics(statistics(values))
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: bytes.len() as u64,
        rows_written: values.len() as u64,
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: Some(index.build()),
    };
    Ok((bytes, close))
}

fn statistics(values: &[i64]) -> Statistics {
    let present = || values.iter().copied().filter(|&value| value != MISSING);
    let missing = (values.len() - present().count()) as u64;
    Statistics::int64(present().min(), present().max(), None, Some(missing), false)
}
