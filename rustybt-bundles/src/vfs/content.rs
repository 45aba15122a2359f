//! A stored file as Parquet reads it: from anywhere, a piece at a time.

use std::io::{self, BufReader, Read};
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::StoredFile;

/// A stored file, shared by those who read parts of it.
#[derive(Debug, Clone)]
pub(crate) struct Content(Arc<dyn StoredFile>);

impl Content {
    pub(crate) fn new(file: Box<dyn StoredFile>) -> Self {
        Self(Arc::from(file))
    }

    /// Its bytes from a place on, in order.
    pub(crate) fn from(&self, at: u64) -> impl Read + use<> {
        Cursor { file: Arc::clone(&self.0), at }
    }
}

impl Length for Content {
    fn len(&self) -> u64 {
        self.0.bytes()
    }
}

impl ChunkReader for Content {
    type T = BufReader<Cursor>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(Cursor { file: Arc::clone(&self.0), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // No more than the file has: the length may be what a damaged file says of itself.
        let there = self.0.bytes().saturating_sub(start);
        if length as u64 > there {
            let wanted =
                format!("{length} bytes were wanted from {start} on, and {there} are there");
            return Err(ParquetError::EOF(wanted));
        }
        let mut bytes = vec![0; length];
        Cursor { file: Arc::clone(&self.0), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads a stored file in order.
#[derive(Debug)]
pub(crate) struct Cursor {
    file: Arc<dyn StoredFile>,
    at: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(self.at, buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}
