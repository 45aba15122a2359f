//! An amount of memory as people write it: `512MiB`, `2GB`, `64M`.

use std::fmt;
use std::str::FromStr;

use rustybt_bundles::DEFAULT_MEMORY;
use serde::Deserialize;

/// So many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Memory(u64);

/// The least that is any use.
const LEAST: u64 = 1 << 20;

const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("k", 1 << 10),
    ("kib", 1 << 10),
    ("m", 1 << 20),
    ("mib", 1 << 20),
    ("g", 1 << 30),
    ("gib", 1 << 30),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
];

impl Memory {
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self(DEFAULT_MEMORY)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes.is_multiple_of(1 << 30) => write!(f, "{}GiB", bytes >> 30),
            bytes if bytes.is_multiple_of(1 << 20) => write!(f, "{}MiB", bytes >> 20),
            bytes => write!(f, "{bytes}"),
        }
    }
}

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected an amount from 1MiB on, such as 512MiB or 2GiB".to_owned();
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or_else(expected)?;
        let unit = unit.trim().to_ascii_lowercase();
        let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, bytes)| *bytes);
        let number: Option<u64> = number.parse().ok();
        let bytes = number.zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
        bytes.filter(|bytes| *bytes >= LEAST).map(Self).ok_or_else(expected)
    }
}

impl TryFrom<String> for Memory {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, bytes, shown) in [
            ("512MiB", 512 << 20, "512MiB"),
            ("64m", 64 << 20, "64MiB"),
            ("2 GiB", 2 << 30, "2GiB"),
            ("2GB", 2_000_000_000, "2000000000"),
            ("1048576", 1 << 20, "1MiB"),
        ] {
            let memory: Memory = text.parse().unwrap();
            assert_eq!((memory.bytes(), memory.to_string().as_str()), (bytes, shown), "{text}");
        }
        for text in ["", "MiB", "1", "1023KiB", "-1G", "1.5GiB", "9TiB", "99999999999999999999G"] {
            assert!(text.parse::<Memory>().unwrap_err().contains("512MiB"), "{text}");
        }
    }
}
