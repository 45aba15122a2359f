//! Dates and times of day as text.
//!
//! Each function reads at the start of a text and says how much of it was read. Only forms that
//! cannot be mistaken are taken: the year first, and every part in full.

use rustybt_calendars::Session;

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// `YYYY-MM-DD`, `YYYY/MM/DD` or `YYYYMMDD`.
pub(crate) fn date(text: &[u8]) -> Option<(Session, usize)> {
    if let Some(&[y0, y1, y2, y3, a @ (b'-' | b'/'), m0, m1, b, d0, d1]) = text.first_chunk::<10>()
    {
        let date = Session::parse_ascii(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1])?;
        return (a == b).then_some((date, 10));
    }
    let &[y0, y1, y2, y3, m0, m1, d0, d1] = text.first_chunk::<8>()?;
    let date = Session::parse_ascii(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1])?;
    Some((date, 8))
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fraction`, as nanoseconds since midnight.
#[inline]
pub(crate) fn clock(text: &[u8]) -> Option<(i64, usize)> {
    let &[h0, h1, b':', m0, m1] = text.first_chunk::<5>()? else {
        return None;
    };
    let (hour, minute) = (two(h0, h1)?, two(m0, m1)?);
    if hour > 23 || minute > 59 {
        return None;
    }
    let mut nanos = hour * HOUR + minute * MINUTE;
    let mut end = 5;
    if let Some(&[b':', s0, s1]) = text.get(5..8) {
        let second = two(s0, s1).filter(|second| *second < 60)?;
        nanos += second * SECOND;
        end = 8;
        if text.get(8) == Some(&b'.') {
            let mut unit = SECOND / 10;
            end = 9;
            while let Some(digit) = text.get(end).filter(|byte| byte.is_ascii_digit()) {
                if unit == 0 && *digit != b'0' {
                    return None;
                }
                nanos += i64::from(digit - b'0') * unit;
                unit /= 10;
                end += 1;
            }
            if end == 9 {
                return None;
            }
        }
    }
    Some((nanos, end))
}

/// `Z`, `+HH:MM`, `+HHMM` or `+HH`, as nanoseconds that the clock is ahead of UTC.
pub(crate) fn offset(text: &[u8]) -> Option<(i64, usize)> {
    let ahead = match text.first()? {
        b'Z' | b'z' => return Some((0, 1)),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let hours = two(*text.get(1)?, *text.get(2)?).filter(|hours| *hours < 24)?;
    let (minutes, end) = match text.get(3..).unwrap_or_default() {
        [b':', m0, m1, ..] => (two(*m0, *m1)?, 6),
        [m0 @ b'0'..=b'9', m1, ..] => (two(*m0, *m1)?, 5),
        _ => (0, 3),
    };
    (minutes < 60).then_some((ahead * (hours * HOUR + minutes * MINUTE), end))
}

#[inline]
fn two(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(10 * tens + ones))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let day = Session::from_ymd(2014, 6, 9).unwrap();
        assert_eq!(date(b"2014-06-09"), Some((day, 10)));
        assert_eq!(date(b"2014/06/09 09:30"), Some((day, 10)));
        assert_eq!(date(b"20140609T0930"), Some((day, 8)));
        for text in
            ["", "2014-06/09", "2014-6-9", "09/06/2014", "2014-06-31", "201406", "2014.06.09"]
        {
            assert_eq!(date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn clocks() {
        let nine_thirty = 9 * HOUR + 30 * MINUTE;
        assert_eq!(clock(b"09:30"), Some((nine_thirty, 5)));
        assert_eq!(clock(b"09:30:05,"), Some((nine_thirty + 5 * SECOND, 8)));
        assert_eq!(clock(b"09:30:05.25Z"), Some((nine_thirty + 5 * SECOND + SECOND / 4, 11)));
        assert_eq!(clock(b"09:30:00.0000000000"), Some((nine_thirty, 19)));
        for text in ["", "9:30", "24:00", "09:60", "09:30:60", "09:30:05.", "09:30:00.0000000001"] {
            assert_eq!(clock(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn offsets() {
        assert_eq!(offset(b"Z"), Some((0, 1)));
        assert_eq!(offset(b"-04:00"), Some((-4 * HOUR, 6)));
        assert_eq!(offset(b"+0530,"), Some((5 * HOUR + 30 * MINUTE, 5)));
        assert_eq!(offset(b"+01"), Some((HOUR, 3)));
        for text in ["", "UTC", "+1", "+24:00", "+01:60", "04:00"] {
            assert_eq!(offset(text.as_bytes()), None, "{text}");
        }
    }
}
