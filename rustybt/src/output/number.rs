//! A number as the shortest text that reads back as the same bits.

use std::fmt;

/// Shows an `f64` shortest: plain digits between 1e-5 and 1e17, an exponent beyond.
///
/// Whole numbers have no point. Infinities are `inf` and `-inf`; `NaN` is `nan`, which tables
/// never show, because it is a missing value there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shortest(f64);

/// See [`Shortest`].
pub(crate) fn shortest(value: f64) -> Shortest {
    Shortest(value)
}

impl fmt::Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.abs();
        if self.0.is_nan() {
            f.write_str("nan")
        } else if magnitude == 0.0 || magnitude.is_infinite() || (1e-5..1e17).contains(&magnitude) {
            write!(f, "{}", self.0)
        } else {
            write!(f, "{:e}", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_as_the_same_bits() {
        for value in
            [0.1 + 0.2, 1.0 / 3.0, 645.57, 1e300, 5e-324, -0.0, f64::MAX, 1e17, 123_456_789.0]
        {
            let text = shortest(value).to_string();
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(shortest(92.0).to_string(), "92");
        assert_eq!(shortest(1e300).to_string(), "1e300");
        assert_eq!(shortest(f64::NEG_INFINITY).to_string(), "-inf");
    }
}
