//! [`Span`]: a length of time as people write it: `60s`, `5m`, `24h`, `7d`; seconds without a unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// The units, and how many seconds each has.
const UNITS: [(&str, u64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "write a whole number and a unit: 60s, 5m, 24h, 7d or 2w";
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = text.get(digits.len()..).filter(|unit| !unit.is_empty()).unwrap_or("s");
        let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(wrong)?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong);
        }
        let number: u64 = digits.parse().map_err(|_| "that is longer than time itself")?;
        let seconds = number.checked_mul(seconds).ok_or("that is longer than time itself")?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.as_secs();
        let fits = |(_, seconds): &(&str, u64)| all >= *seconds && all.is_multiple_of(*seconds);
        match UNITS.into_iter().find(fits) {
            Some((unit, seconds)) => write!(f, "{}{unit}", all / seconds),
            None => f.write_str("0s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (text, seconds, shown) in [
            ("60s", 60, "1m"),
            ("5m", 300, "5m"),
            ("24h", 86_400, "1d"),
            ("90s", 90, "90s"),
            ("2w", 1_209_600, "2w"),
            ("0", 0, "0s"),
            ("600", 600, "10m"),
            ("0h", 0, "0s"),
        ] {
            let span: Span = text.parse().unwrap();
            assert_eq!((span.0.as_secs(), span.to_string().as_str()), (seconds, shown), "{text}");
        }
        for text in ["", "h", "-1h", "1.5h", "1 h", "1y", "99999999999999999999s", "٣h"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        assert!(format!("{}w", u64::MAX).parse::<Span>().is_err());
    }
}
