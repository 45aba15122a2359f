//! The smallest and largest value of a column, in the text form that DuckLake's statistics have.

use std::cmp::Ordering;

use rustybt_calendars::{Session, Timestamp};
use serde::{Deserialize, Serialize};

use super::Kind;

/// A value at the edge of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Bound {
    /// Of whole numbers, dates, instants, narrow decimals and truth values.
    Number(i64),
    /// Of wide decimals.
    Wide(i128),
    /// Of doubles; never NaN.
    Double(Double),
    /// Of text.
    Text(String),
}

/// A double in its total order.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(into = "u64", from = "u64")]
pub(crate) struct Double(pub(crate) f64);

/// Written down, it is its bits.
impl From<Double> for u64 {
    fn from(double: Double) -> Self {
        double.0.to_bits()
    }
}

impl From<u64> for Double {
    fn from(bits: u64) -> Self {
        Self(f64::from_bits(bits))
    }
}

impl Ord for Double {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Double {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Double {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Double {}

impl Bound {
    /// The text that DuckLake keeps.
    pub(crate) fn format(&self, kind: Kind) -> String {
        let value = match self {
            Self::Text(text) => return text.clone(),
            Self::Double(Double(value)) => return format!("{value:?}"),
            Self::Wide(value) => {
                let scale = if let Kind::Wide(scale) = kind { scale } else { 0 };
                return decimal(*value, usize::from(scale));
            }
            Self::Number(value) => *value,
        };
        match kind {
            Kind::Int | Kind::Wide(_) | Kind::Double | Kind::Text => value.to_string(),
            Kind::Bool => i64::from(value != 0).to_string(),
            Kind::Date => Session::from_days(i32::try_from(value).unwrap_or_default()).to_string(),
            Kind::Instant => format!("{}+00", instant(value)),
            Kind::Nanos => nanos(value),
            Kind::Decimal(scale) => decimal(value.into(), usize::from(scale)),
        }
    }

    /// Reads what [`format`](Self::format) wrote.
    pub(crate) fn parse(kind: Kind, text: &str) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text(text.to_owned()),
            Kind::Int | Kind::Bool => Self::Number(text.parse().ok()?),
            Kind::Date => Self::Number(Session::parse_ascii(text.as_bytes())?.days().into()),
            Kind::Instant => Self::Number(micros(text.strip_suffix("+00")?)?),
            Kind::Nanos => {
                let (second, fraction) = text.split_once('.').unwrap_or((text, ""));
                if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
                // Through 128 bits: the first moments of the range lie before their whole second.
                let at = i128::from(micros(second)?) * 1000 + i128::from(fraction);
                Self::Number(i64::try_from(at).ok()?)
            }
            Kind::Double => Self::Double(Double(text.parse().ok()?)),
            Kind::Decimal(scale) => Self::Number(mantissa(text, scale)?.parse().ok()?),
            Kind::Wide(scale) => Self::Wide(mantissa(text, scale)?.parse().ok()?),
        })
    }
}

fn micros(text: &str) -> Option<i64> {
    let at: Timestamp = format!("{}Z", text.replace(' ', "T")).parse().ok()?;
    Some(at.micros())
}

/// The digits of a decimal without its point.
fn mantissa(text: &str, scale: u8) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    (fraction.len() == usize::from(scale)).then(|| format!("{whole}{fraction}"))
}

fn instant(micros: i64) -> String {
    let at = Timestamp::from_micros(micros).datetime();
    let fraction = micros.rem_euclid(1_000_000);
    let seconds = at.format("%Y-%m-%d %H:%M:%S");
    if fraction == 0 {
        seconds.to_string()
    } else {
        let digits = format!("{fraction:06}");
        format!("{seconds}.{}", digits.trim_end_matches('0'))
    }
}

fn nanos(nanos: i64) -> String {
    let second = instant(nanos.div_euclid(1_000_000_000) * 1_000_000);
    match nanos.rem_euclid(1_000_000_000) {
        0 => second,
        fraction => {
            let digits = format!("{fraction:09}");
            format!("{second}.{}", digits.trim_end_matches('0'))
        }
    }
}

fn decimal(mantissa: i128, scale: usize) -> String {
    if scale == 0 {
        return mantissa.to_string();
    }
    let sign = if mantissa < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_what_duckdb_writes() {
        for (kind, value, text) in [
            (Kind::Int, 7, "7"),
            (Kind::Date, 20_000, "2024-10-04"),
            (Kind::Instant, -285_033_600_000_000, "1960-12-20 00:00:00+00"),
            (Kind::Instant, 1_734_652_800_500_000, "2024-12-20 00:00:00.5+00"),
            (Kind::Decimal(8), 150_000_000, "1.50000000"),
            (Kind::Decimal(2), -5, "-0.05"),
            (Kind::Decimal(0), 12, "12"),
            (Kind::Nanos, 1_734_652_800_000_000_001, "2024-12-20 00:00:00.000000001"),
            (Kind::Nanos, -1, "1969-12-31 23:59:59.999999999"),
            (Kind::Nanos, 0, "1970-01-01 00:00:00"),
            (Kind::Bool, 1, "1"),
        ] {
            assert_eq!(Bound::Number(value).format(kind), text);
            assert_eq!(Bound::parse(kind, text), Some(Bound::Number(value)), "{text}");
        }
    }

    #[test]
    fn wide_numbers_and_doubles() {
        let wide = Bound::Wide(12_345_678_901_234_567_890_123_456_789);
        let text = "12345678901.234567890123456789";
        assert_eq!(wide.format(Kind::Wide(18)), text);
        assert_eq!(Bound::parse(Kind::Wide(18), text), Some(wide));
        for (value, text) in [
            (1.5, "1.5"),
            (-0.0, "-0.0"),
            (1e300, "1e300"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ] {
            let bound = Bound::Double(Double(value));
            assert_eq!(bound.format(Kind::Double), text);
            assert_eq!(Bound::parse(Kind::Double, text), Some(bound));
        }
    }

    proptest! {
        #[test]
        fn nanoseconds_round_trip(nanos in any::<i64>()) {
            let bound = Bound::Number(nanos);
            prop_assert_eq!(Bound::parse(Kind::Nanos, &bound.format(Kind::Nanos)), Some(bound));
        }

        #[test]
        fn numbers_round_trip(
            value in -999_999_999_999_999_999_i64..=999_999_999_999_999_999,
            scale in 0_u8..=18,
        ) {
            let kind = Kind::Decimal(scale);
            let bound = Bound::Number(value);
            prop_assert_eq!(Bound::parse(kind, &bound.format(kind)), Some(bound));
        }

        #[test]
        fn instants_round_trip(micros in -2_000_000_000_000_000_i64..=4_000_000_000_000_000) {
            let bound = Bound::Number(micros);
            prop_assert_eq!(Bound::parse(Kind::Instant, &bound.format(Kind::Instant)), Some(bound));
        }
    }
}
