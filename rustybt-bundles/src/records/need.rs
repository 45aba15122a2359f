//! [`Need`]: what a column's type must hold.

use rustybt_data::{ColumnType, TableValues};
use serde::{Deserialize, Serialize};

use crate::format::Kind;

/// The type that a column needs, as far as its values tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Need {
    /// No value was seen, and nobody said what they are.
    Nothing,
    /// Whole numbers of so many digits.
    Int { whole: u8 },
    /// Decimals with so many digits before and behind the point.
    Decimal { whole: u8, scale: u8 },
    /// Another type, which holds what it holds.
    Plain(#[serde(with = "kind_name")] Kind),
}

impl Need {
    /// What a column of a schema needs without any value.
    pub(crate) fn of_type(kind: ColumnType) -> Self {
        Self::Plain(match kind {
            ColumnType::Decimal => return Self::Decimal { whole: 0, scale: 0 },
            ColumnType::Int => return Self::Int { whole: 0 },
            ColumnType::Float => Kind::Double,
            ColumnType::Bool => Kind::Bool,
            ColumnType::Date => Kind::Date,
            ColumnType::Instant => Kind::Instant,
            ColumnType::Nanos => Kind::Nanos,
            _ => Kind::Text,
        })
    }

    /// What values need.
    pub(crate) fn of_values(values: &TableValues) -> Self {
        if (0..values.len()).all(|row| values.is_missing(row)) {
            return Self::Nothing;
        }
        match values {
            TableValues::Decimal(values) => {
                let scale = values.smallest_scale();
                let largest = values.largest() / 10_u128.pow((values.scale() - scale).into());
                let digits = digits(largest);
                Self::Decimal { whole: digits.saturating_sub(scale), scale }
            }
            // The smallest whole number stands for a missing one.
            TableValues::Int(values) if values.contains(&Some(i64::MIN)) => {
                Self::Decimal { whole: 19, scale: 0 }
            }
            TableValues::Int(values) => {
                let largest = values.iter().flatten().map(|value| value.unsigned_abs()).max();
                Self::Int { whole: digits(largest.unwrap_or(0).into()) }
            }
            _ => Self::of_type(values.kind()),
        }
    }

    /// What a column of a table that is there needs; `largest` is the largest magnitude in it, as
    /// its mantissa.
    pub(crate) fn of_kind(kind: Kind, largest: Option<u128>) -> Self {
        let (most, scale) = match kind {
            Kind::Decimal(scale) => (18, scale),
            Kind::Wide(scale) => (28, scale),
            Kind::Int => return Self::Int { whole: largest.map_or(19, digits) },
            _ => return Self::Plain(kind),
        };
        let digits = largest.map_or(most, digits);
        Self::Decimal { whole: digits.saturating_sub(scale), scale }
    }

    /// What both need together; `None` where no type holds both.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        Some(match (self, other) {
            (Self::Nothing, need) | (need, Self::Nothing) => need,
            (Self::Decimal { whole, scale }, Self::Decimal { whole: w, scale: s }) => {
                Self::Decimal { whole: whole.max(w), scale: scale.max(s) }
            }
            (Self::Int { whole }, Self::Int { whole: w }) => Self::Int { whole: whole.max(w) },
            (Self::Int { whole: w }, Self::Decimal { whole, scale })
            | (Self::Decimal { whole, scale }, Self::Int { whole: w }) => {
                Self::Decimal { whole: whole.max(w), scale }
            }
            (Self::Plain(Kind::Instant), Self::Plain(Kind::Nanos))
            | (Self::Plain(Kind::Nanos), Self::Plain(Kind::Instant)) => Self::Plain(Kind::Nanos),
            (one, another) if one == another => one,
            _ => return None,
        })
    }

    /// The name of what it is a need of.
    pub(crate) fn name(self) -> &'static str {
        let kind = match self {
            Self::Nothing | Self::Plain(Kind::Text) => ColumnType::Text,
            Self::Int { .. } | Self::Plain(Kind::Int) => ColumnType::Int,
            Self::Decimal { .. } | Self::Plain(Kind::Decimal(_) | Kind::Wide(_)) => {
                ColumnType::Decimal
            }
            Self::Plain(Kind::Double) => ColumnType::Float,
            Self::Plain(Kind::Bool) => ColumnType::Bool,
            Self::Plain(Kind::Date) => ColumnType::Date,
            Self::Plain(Kind::Instant) => ColumnType::Instant,
            Self::Plain(Kind::Nanos) => ColumnType::Nanos,
        };
        kind.name()
    }

    /// The smallest type; `None` where it needs more than 28 digits.
    pub(crate) fn kind(self) -> Option<Kind> {
        match self {
            Self::Nothing => Some(Kind::Text),
            Self::Plain(kind) => Some(kind),
            Self::Int { .. } => Some(Kind::Int),
            Self::Decimal { whole, scale } if whole + scale <= 18 => Some(Kind::Decimal(scale)),
            Self::Decimal { whole, scale } if whole + scale <= 28 => Some(Kind::Wide(scale)),
            Self::Decimal { .. } => None,
        }
    }
}

/// A type by the name that it has in the catalog.
pub(crate) mod kind_name {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::format::Kind;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde gives")]
    pub(crate) fn serialize<S: Serializer>(kind: &Kind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&kind.ducklake())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        let name = String::deserialize(from)?;
        Kind::from_ducklake(&name).ok_or_else(|| serde::de::Error::custom("no type of a column"))
    }
}

fn digits(magnitude: u128) -> u8 {
    magnitude.checked_ilog10().map_or(0, |log| log as u8 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_type_is_found_whatever_the_order() {
        let decimal = |whole, scale| Need::Decimal { whole, scale };
        let both = |a: Need, b: Need| {
            assert_eq!(a.and(b), b.and(a));
            a.and(b).and_then(Need::kind)
        };
        assert_eq!(both(decimal(3, 2), decimal(10, 8)), Some(Kind::Decimal(8)));
        assert_eq!(both(decimal(16, 0), decimal(1, 8)), Some(Kind::Wide(8)));
        assert_eq!(both(decimal(20, 0), decimal(1, 9)), None);
        assert_eq!(both(Need::Nothing, decimal(1, 1)), Some(Kind::Decimal(1)));
        assert_eq!(both(Need::Plain(Kind::Text), Need::Int { whole: 1 }), None);
        assert_eq!(both(Need::Int { whole: 12 }, decimal(1, 6)), Some(Kind::Decimal(6)));
        assert_eq!(both(Need::Int { whole: 15 }, decimal(1, 6)), Some(Kind::Wide(6)));
        let whole = Need::of_kind(Kind::Decimal(2), Some(123_456));
        assert_eq!(whole, decimal(4, 2));
    }
}
