//! [`BundleName`]: what a bundle is called, in the catalog, in SQL and on disk.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The name of a bundle: 1 to 64 of `a-z`, `0-9`, `_` and `-`, beginning with a letter or digit.
///
/// Lower case only, because SQL and some file systems do not tell `US` from `us`.
///
/// ```
/// use rustybt_bundles::BundleName;
///
/// assert_eq!("us-equities".parse::<BundleName>()?.as_str(), "us-equities");
/// assert!("../us".parse::<BundleName>().is_err());
/// # Ok::<(), rustybt_bundles::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BundleName(String);

impl BundleName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`Error::BadName`] with what is wrong.
    pub fn new(name: &str) -> Result<Self, Error> {
        let bad = |reason| Error::BadName { name: name.to_owned(), reason };
        if name.is_empty() || name.len() > 64 {
            return Err(bad("a name has 1 to 64 characters"));
        }
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(bad("write it in lower case"));
        }
        if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
        {
            return Err(bad("only a-z, 0-9, _ and - are allowed"));
        }
        if name.starts_with(['_', '-']) {
            return Err(bad("it must begin with a letter or a digit"));
        }
        if name == "main" {
            return Err(bad("`main` is DuckLake's own schema"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BundleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BundleName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl TryFrom<String> for BundleName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::new(&text)
    }
}

impl From<BundleName> for String {
    fn from(name: BundleName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_everywhere() {
        for name in ["us", "us-2", "0x", "a_b", &"a".repeat(64)] {
            assert_eq!(BundleName::new(name).unwrap().as_str(), name);
        }
        for name in
            ["", "US", "_a", "-a", "a b", "a/b", "..", "a.b", "é", "main", "a\"b", &"a".repeat(65)]
        {
            assert!(BundleName::new(name).is_err(), "{name}");
        }
    }
}
