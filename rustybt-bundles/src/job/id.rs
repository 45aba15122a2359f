//! [`JobId`]: the name of a job.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::{Error, JobError};

/// The name of a job: its number in the order of creation, and eight digits that keep jobs of
/// different stores apart.
///
/// ```
/// use rustybt_bundles::JobId;
///
/// let id: JobId = "12-3fa9c1b2".parse()?;
/// assert_eq!((id.number(), id.to_string()), (12, "12-3fa9c1b2".to_owned()));
/// # Ok::<(), rustybt_bundles::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    number: u64,
    tag: u32,
}

impl JobId {
    /// The name of a job that nobody had before.
    pub(crate) fn new(number: u64) -> Self {
        Self { number, tag: Uuid::new_v4().as_fields().0 }
    }

    /// Its number: a later job has a larger one, whatever the clock said.
    pub const fn number(self) -> u64 {
        self.number
    }

    /// Whether `text` is short for it: its number, or the beginning of its name.
    pub(crate) fn is_meant_by(self, text: &str) -> bool {
        let name = self.to_string();
        match text.split_once('-') {
            None => text == self.number.to_string(),
            Some(_) => name.starts_with(text),
        }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}-{:08x}", self.number, self.tag))
    }
}

impl FromStr for JobId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text.split_once('-').and_then(|(number, tag)| {
            Some(Self { number: number.parse().ok()?, tag: u32::from_str_radix(tag, 16).ok()? })
        });
        parsed
            .filter(|id| id.to_string() == text)
            .ok_or_else(|| Error::Job(JobError::UnknownJob { text: text.to_owned() }))
    }
}

impl Serialize for JobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for JobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_short() {
        let id: JobId = "12-3fa9c1b2".parse().unwrap();
        for text in ["12", "12-", "12-3f", "12-3fa9c1b2"] {
            assert!(id.is_meant_by(text), "{text}");
        }
        for text in ["", "1", "2", "12-4", "3fa9c1b2", "12-3fa9c1b2x", "012"] {
            assert!(!id.is_meant_by(text), "{text}");
        }
    }

    #[test]
    fn other_text_is_no_name() {
        for text in [
            "",
            "12",
            "12-",
            "-3fa9c1b2",
            "12-3FA9C1B2",
            "012-3fa9c1b2",
            "12-3fa9c1b",
            "+1-3fa9c1b2",
        ] {
            assert!(text.parse::<JobId>().is_err(), "{text}");
        }
        assert_ne!(JobId::new(1), JobId::new(1));
        assert!(JobId::new(2) < JobId::new(10));
    }
}
