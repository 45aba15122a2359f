//! Decimal numbers from text, eight digits at a time.
//!
//! The eight bytes at the cursor are one integer. A few operations on it find how many of them are
//! digits, and three multiplications turn those into their value, whatever their number: there is
//! no loop over digits, and no branch that depends on the length of a number. What is not plain (a
//! sign, an exponent, a blank, more than eighteen digits) is left to [`Exact::parse`].
//!
//! Source: D. Lemire, *Number parsing at a gigabyte per second*, 2021, section 5 (eight digits).

use rustybt_data::{DecimalFault, Exact, POWERS};

/// A number in the midst of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain {
    /// The number is this over `10^scale`.
    pub(crate) mantissa: i64,
    /// Digits behind the point, those written.
    pub(crate) scale: u8,
    /// Where the text goes on; the number's own start where there is no number.
    pub(crate) end: usize,
}

/// Reads `digits[.digits]` at `at`; `None` for what is not plain, or too close to the text's end.
///
/// A run of more than sixteen digits is read up to there: whoever asks must look at what stands at
/// [`Plain::end`].
#[inline]
pub(crate) fn plain(text: &[u8], at: usize) -> Option<Plain> {
    let (mut mantissa, mut digits) = leading_digits(eight(text, at)?);
    if digits == 8 {
        let (low, more) = leading_digits(eight(text, at + 8)?);
        mantissa = mantissa * power(more)? + low;
        digits += more;
    }
    let mut end = at + digits;
    let mut scale = 0;
    if *text.get(end)? == b'.' {
        let (mut fraction, mut behind) = leading_digits(eight(text, end + 1)?);
        if behind == 8 {
            let (low, more) = leading_digits(eight(text, end + 9)?);
            fraction = fraction * power(more)? + low;
            behind += more;
        }
        if digits + behind > 18 || digits + behind == 0 {
            return None;
        }
        mantissa = mantissa * power(behind)? + fraction;
        scale = behind as u8;
        end += 1 + behind;
    }
    // Eighteen digits at most.
    Some(Plain { mantissa: mantissa as i64, scale, end })
}

/// What a cell holds, blanks and quotes already taken off: `None` where it says that it holds nothing.
///
/// # Errors
///
/// What is wrong with the text.
pub(crate) fn cell(text: &[u8]) -> Result<Option<Exact>, DecimalFault> {
    if text.is_empty() || text.eq_ignore_ascii_case(b"nan") || text.eq_ignore_ascii_case(b"null") {
        return Ok(None);
    }
    Exact::parse(text).map(Some)
}

/// The eight bytes at `at`, the first one lowest.
#[inline]
pub(crate) fn eight(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The value of the digits that eight bytes begin with, and how many they are.
#[inline]
fn leading_digits(bytes: u64) -> (u64, usize) {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    const PAIR: u64 = 0x0000_00ff_0000_00ff;
    // Digits become 0 to 9. Adding 0x76 sets the top bit of anything from 10 to 137, and anything
    // above has it already; carries only reach bytes behind the first that is no digit.
    let values = bytes ^ ZEROS;
    let others = (values.wrapping_add(0x7676_7676_7676_7676) | values) & TOPS;
    let count = (others.trailing_zeros() / 8) as usize;
    // Zeros move in before the digits, and what stands behind them falls off.
    let digits = values.checked_shl(64 - 8 * count as u32).unwrap_or(0);
    // Pairs of digits, then pairs of pairs, then both halves.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let high = (pairs & PAIR).wrapping_mul(100 + (1_000_000 << 32));
    let low = ((pairs >> 16) & PAIR).wrapping_mul(1 + (10_000 << 32));
    (high.wrapping_add(low) >> 32, count)
}

#[inline]
fn power(digits: usize) -> Option<u64> {
    POWERS.get(digits).map(|power| *power as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(number: &str) -> Option<(i64, u8, usize)> {
        let text = format!("{number},padding to read eight bytes at once");
        plain(text.as_bytes(), 0).map(|p| (p.mantissa, p.scale, p.end))
    }

    #[test]
    fn plain_numbers() {
        for (text, mantissa, scale) in [
            ("0", 0, 0),
            ("54.89", 5489, 2),
            ("6315000", 6_315_000, 0),
            ("441100.00", 44_110_000, 2),
            ("0.05655554", 5_655_554, 8),
            ("12345678", 12_345_678, 0),
            ("123456789.12345678", 12_345_678_912_345_678, 8),
            ("1234567890123456", 1_234_567_890_123_456, 0),
            ("1.2345678901234567", 12_345_678_901_234_567, 16),
            ("16.", 16, 0),
            (".5", 5, 1),
        ] {
            assert_eq!(read(text), Some((mantissa, scale, text.len())), "{text}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left() {
        // No digit at all: the number ends where it starts.
        for text in ["", "-1", "+1", "abc", " 1", "\"1\""] {
            assert_eq!(read(text), Some((0, 0, 0)), "{text:?}");
        }
        for text in [".", "123456789.1234567890"] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read("1e5"), Some((1, 0, 1)));
        assert_eq!(read("0.12345678901234567890"), Some((1_234_567_890_123_456, 16, 18)));
        assert_eq!(plain(b"1234567", 0), None);
        assert_eq!(plain(b"", 9), None);
    }

    #[test]
    fn cells_that_say_nothing() {
        for text in ["", "nan", "NaN", "NULL"] {
            assert_eq!(cell(text.as_bytes()), Ok(None));
        }
        assert_eq!(cell(b"n/a"), Err(DecimalFault::Character));
    }

    proptest! {
        #[test]
        fn every_plain_number_is_what_it_says(whole in 0..1_000_000_000_u64, digits in "[0-9]{0,9}", behind in "[,;\t\n|]") {
            let number = if digits.is_empty() { whole.to_string() } else { format!("{whole}.{digits}") };
            let text = format!("{number}{behind}0123456789");
            let exact = Exact::parse(number.as_bytes()).unwrap();
            let read = plain(text.as_bytes(), 0).unwrap();
            prop_assert_eq!((i128::from(read.mantissa), read.scale, read.end), (exact.mantissa(), exact.scale(), number.len()));
        }

        #[test]
        fn any_bytes(text in proptest::collection::vec(any::<u8>(), 0..40), at in 0..50_usize) {
            if let Some(read) = plain(&text, at) {
                prop_assert!(read.end >= at && read.end <= text.len());
                if read.end > at {
                    let exact = Exact::parse(&text[at..read.end]).unwrap();
                    prop_assert_eq!((i128::from(read.mantissa), read.scale), (exact.mantissa(), exact.scale()));
                }
            }
        }
    }
}
