//! [`Value`]: what goes into a statement, and what comes out of a row.

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Value {
    #[default]
    Null,
    /// Whole numbers, and truth as 0 and 1.
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// The arguments of a statement, in the order of its placeholders.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        &[$($crate::catalog::database::Value::from($value)),*]
    };
}
pub(crate) use args;

impl Value {
    pub(super) fn set_int(&mut self, value: i64) {
        *self = Self::Int(value);
    }

    /// Becomes text, in the memory it already has.
    pub(super) fn set_text(&mut self, value: &str) {
        if let Self::Text(text) = self {
            text.clear();
            text.push_str(value);
        } else {
            *self = Self::Text(value.to_owned());
        }
    }

    /// Becomes bytes, in the memory it already has.
    pub(super) fn set_blob(&mut self, value: &[u8]) {
        if let Self::Blob(blob) = self {
            blob.clear();
            blob.extend_from_slice(value);
        } else {
            *self = Self::Blob(value.to_owned());
        }
    }

    /// What it is, for a sentence.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "empty",
            Self::Int(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Self::Int(value.into())
    }
}

/// Counts and version numbers: no catalog reaches 2⁶³ of anything.
impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Int(value as i64)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Int(value as i64)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_owned())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
