//! Sizes as people write them: `800000000`, `800MB`, `1.5GiB`.

use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let scale = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "k" | "kb" => 1e3,
            "m" | "mb" => 1e6,
            "g" | "gb" => 1e9,
            "kib" => 1024.0,
            "mib" => 1024.0 * 1024.0,
            "gib" => 1024.0 * 1024.0 * 1024.0,
            _ => f64::NAN,
        };
        match number.trim().parse::<f64>() {
            Ok(number) if (1.0..1e18).contains(&(number * scale)) => {
                Ok(Self((number * scale) as u64))
            }
            _ => Err("expected a size such as 800MB or 2GiB".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in
            [("800", 800), ("1.5KiB", 1536), ("2GB", 2_000_000_000), ("3m", 3_000_000)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        for text in ["", "x", "-1", "1TB", "0"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }
}
