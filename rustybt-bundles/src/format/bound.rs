//! The smallest and largest value of a column, in the text form that DuckLake's statistics have.

use rustybt_calendars::{Session, Timestamp};

use super::Kind;

/// A value at the edge of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bound {
    /// Of every kind but text.
    Number(i64),
    /// Of text.
    Text(String),
}

impl Bound {
    /// The text that DuckLake keeps.
    pub(crate) fn format(&self, kind: Kind) -> String {
        let value = match self {
            Self::Text(text) => return text.clone(),
            Self::Number(value) => *value,
        };
        match kind {
            Kind::Int | Kind::Text => value.to_string(),
            Kind::Date => Session::from_days(i32::try_from(value).unwrap_or_default()).to_string(),
            Kind::Instant => instant(value),
            Kind::Decimal(scale) => decimal(value, usize::from(scale)),
        }
    }

    /// Reads what [`format`](Self::format) wrote.
    pub(crate) fn parse(kind: Kind, text: &str) -> Option<Self> {
        Some(match kind {
            Kind::Text => Self::Text(text.to_owned()),
            Kind::Int => Self::Number(text.parse().ok()?),
            Kind::Date => Self::Number(Session::parse_ascii(text.as_bytes())?.days().into()),
            Kind::Instant => {
                let text = text.strip_suffix("+00")?.replace(' ', "T");
                let at: Timestamp = format!("{text}Z").parse().ok()?;
                Self::Number(at.micros())
            }
            Kind::Decimal(scale) => {
                let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
                if fraction.len() != usize::from(scale) {
                    return None;
                }
                Self::Number(format!("{whole}{fraction}").parse().ok()?)
            }
        })
    }
}

fn instant(micros: i64) -> String {
    let at = Timestamp::from_micros(micros).datetime();
    let fraction = micros.rem_euclid(1_000_000);
    let seconds = at.format("%Y-%m-%d %H:%M:%S");
    if fraction == 0 {
        format!("{seconds}+00")
    } else {
        let digits = format!("{fraction:06}");
        format!("{seconds}.{}+00", digits.trim_end_matches('0'))
    }
}

fn decimal(mantissa: i64, scale: usize) -> String {
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
        ] {
            assert_eq!(Bound::Number(value).format(kind), text);
            assert_eq!(Bound::parse(kind, text), Some(Bound::Number(value)), "{text}");
        }
    }

    proptest! {
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
