//! [`Row`]: the cells of a row, asked for by place and kind.

use std::sync::Arc;

use super::Value;
use crate::Error;

/// A row of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(super) cells: Vec<Value>,
    /// The database, for errors.
    name: Arc<str>,
}

impl Row {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self { cells: Vec::new(), name }
    }

    /// A whole number.
    pub(crate) fn int(&self, at: usize) -> Result<i64, Error> {
        self.optional_int(at)?.ok_or_else(|| self.wrong(at, "a number"))
    }

    /// A whole number that is not negative: a count, a version, a snapshot.
    pub(crate) fn count(&self, at: usize) -> Result<u64, Error> {
        u64::try_from(self.int(at)?).map_err(|_| self.wrong(at, "a count"))
    }

    /// A whole number, or nothing.
    pub(crate) fn optional_int(&self, at: usize) -> Result<Option<i64>, Error> {
        match self.cell(at) {
            Value::Int(value) => Ok(Some(*value)),
            Value::Null => Ok(None),
            Value::Text(_) | Value::Blob(_) => Err(self.wrong(at, "a number")),
        }
    }

    /// Text.
    pub(crate) fn text(&self, at: usize) -> Result<&str, Error> {
        self.optional_text(at)?.ok_or_else(|| self.wrong(at, "text"))
    }

    /// Text, or nothing.
    pub(crate) fn optional_text(&self, at: usize) -> Result<Option<&str>, Error> {
        match self.cell(at) {
            Value::Text(value) => Ok(Some(value)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Blob(_) => Err(self.wrong(at, "text")),
        }
    }

    /// Bytes, or nothing.
    pub(crate) fn optional_blob(&self, at: usize) -> Result<Option<&[u8]>, Error> {
        match self.cell(at) {
            Value::Null => Ok(None),
            _ => self.blob(at).map(Some),
        }
    }

    /// Bytes.
    pub(crate) fn blob(&self, at: usize) -> Result<&[u8], Error> {
        match self.cell(at) {
            Value::Blob(value) => Ok(value),
            _ => Err(self.wrong(at, "bytes")),
        }
    }

    /// Exactly as many bytes: a hash.
    pub(crate) fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], Error> {
        self.blob(at)?.try_into().map_err(|_| self.wrong(at, "a hash"))
    }

    fn cell(&self, at: usize) -> &Value {
        self.cells.get(at).unwrap_or(&Value::Null)
    }

    /// The catalog holds something else than was ever written there.
    pub(crate) fn wrong(&self, at: usize, wanted: &str) -> Error {
        let found = self.cell(at).kind();
        Error::corrupt(&*self.name, format!("column {at} of a row is {found}, not {wanted}"))
    }
}
