//! [`Scales`]: the decimals of a table, as few digits as hold what is in it.

use std::fmt;

use rustybt_data::{Digits, Field, MAX_SCALE, NARROW_SCALE};
use serde::{Deserialize, Serialize};

use crate::format::Kind;

/// The type of a decimal column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Decimals {
    /// Digits behind the point.
    pub(crate) scale: u8,
    /// Whether it has 28 digits, not 18.
    pub(crate) wide: bool,
}

impl Decimals {
    /// The smallest type that holds numbers of so many digits; `None` where there is none.
    pub(crate) fn holding(digits: Digits) -> Option<Self> {
        (!digits.is_too_long()).then_some(Self { scale: digits.scale, wide: digits.is_wide() })
    }

    /// The type of so many digits in all, so many of them behind the point.
    pub(crate) fn of_precision(precision: i64, scale: u8) -> Option<Self> {
        match precision {
            18 if scale <= NARROW_SCALE => Some(Self { scale, wide: false }),
            28 if scale <= MAX_SCALE => Some(Self { scale, wide: true }),
            _ => None,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        if self.wide { Kind::Wide(self.scale) } else { Kind::Decimal(self.scale) }
    }

    /// Its digits in all.
    pub(crate) fn precision(self) -> u8 {
        if self.wide { MAX_SCALE } else { NARROW_SCALE }
    }
}

/// The types of a table's decimals: one for prices, one for sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Scales {
    /// Of prices, amounts and ratios.
    pub(crate) price: Decimals,
    /// Of volumes; of the factors of spin-offs.
    pub(crate) size: Decimals,
}

impl Scales {
    /// The type of a field's column.
    pub(crate) fn of(self, field: Field) -> Decimals {
        if field.is_price() { self.price } else { self.size }
    }
}

impl fmt::Display for Scales {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "price={} size={}", self.price.scale, self.size.scale)
    }
}

/// The digits that a table's numbers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Needs {
    pub(crate) price: Digits,
    pub(crate) size: Digits,
}

impl Needs {
    /// What holds both.
    #[must_use]
    pub(crate) fn max(self, other: Self) -> Self {
        Self { price: self.price.max(other.price), size: self.size.max(other.size) }
    }

    /// Takes note of a field's digits.
    pub(crate) fn add(&mut self, field: Field, digits: Digits) {
        let need = if field.is_price() { &mut self.price } else { &mut self.size };
        *need = need.max(digits);
    }

    /// The types that hold these numbers, in a table that had `before`: it never gets fewer digits.
    ///
    /// Where no type does, it is the widest, which then refuses a number of the table.
    pub(crate) fn scales(self, before: Scales) -> Scales {
        let holding = |digits: Digits, before: Decimals| {
            let digits = digits.max(Digits { whole: 0, scale: before.scale });
            let widest = Decimals { scale: digits.scale, wide: true };
            let found = Decimals::holding(digits).unwrap_or(widest);
            Decimals { wide: found.wide || before.wide, ..found }
        };
        Scales { price: holding(self.price, before.price), size: holding(self.size, before.size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_gets_the_smallest_type_and_never_a_smaller_one() {
        let need = |whole, scale| Needs { price: Digits { whole, scale }, ..Needs::default() };
        let price = |needs: Needs, before: Scales| {
            let Decimals { scale, wide } = needs.scales(before).price;
            (scale, wide)
        };
        let fresh = Scales::default();
        assert_eq!(price(need(6, 8), fresh), (8, false));
        assert_eq!(price(need(10, 8), fresh), (8, false));
        assert_eq!(price(need(11, 8), fresh), (8, true));
        assert_eq!(price(need(10, 18), fresh), (18, true));
        let wide = need(11, 8).scales(fresh);
        assert_eq!(price(need(1, 1), wide), (8, true));
        // What the table held before counts too.
        let both = need(11, 2).max(need(1, 8));
        assert_eq!(price(both, need(11, 2).scales(fresh)), (8, true));
    }
}
