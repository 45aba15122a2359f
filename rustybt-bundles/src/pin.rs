//! [`Pin`]: a name for a version, which keeps the version for as long as the name stands.

use std::fmt;
use std::str::FromStr;

use rustybt_calendars::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What a pin is called: 1 to 64 letters, digits, `_`, `-`, `.` and `:`, beginning with a letter or
/// a digit. Not a number, which names a version already, and not `latest`.
///
/// ```
/// use rustybt_bundles::PinName;
///
/// assert_eq!("backtest-2024.03".parse::<PinName>()?.as_str(), "backtest-2024.03");
/// assert!("17".parse::<PinName>().is_err());
/// # Ok::<(), rustybt_bundles::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PinName(String);

impl PinName {
    /// The word that names the newest version, and hence no pin.
    pub const LATEST: &str = "latest";

    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::BadPinName`] with what is wrong.
    pub fn new(name: &str) -> Result<Self, Error> {
        let bad = |reason| Error::BadPinName { name: name.to_owned(), reason };
        if name.is_empty() || name.len() > 64 {
            return Err(bad("a name has 1 to 64 characters"));
        }
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b)) {
            return Err(bad("only letters, digits, `_`, `-`, `.` and `:` are allowed"));
        }
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return Err(bad("it must begin with a letter or a digit"));
        }
        if name.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad("a number names a version already"));
        }
        if name.eq_ignore_ascii_case(Self::LATEST) {
            return Err(bad("`latest` is the newest version"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PinName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PinName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for PinName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<PinName> for String {
    fn from(name: PinName) -> Self {
        name.0
    }
}

/// A name for a version of a bundle. A pinned version is never dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The name.
    pub name: PinName,
    /// The version it stands for.
    pub version: u64,
    /// What somebody wanted to remember.
    pub note: Option<String>,
    /// When it was made, or moved to this version.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_mistaken_for_a_number() {
        for name in ["prod", "v1", "2024-03-01T12:00", "1a", "A.b", &"a".repeat(64)] {
            assert_eq!(PinName::new(name).unwrap().as_str(), name);
        }
        for name in
            ["", "1", "007", "latest", "Latest", "-a", ".a", "a b", "a/b", "é", &"a".repeat(65)]
        {
            assert!(PinName::new(name).is_err(), "{name}");
        }
    }
}
