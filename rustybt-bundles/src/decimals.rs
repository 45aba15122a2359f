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

/// What the columns of a table are: the types of its decimals, and which optional ones it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Scales {
    /// Of prices, amounts and ratios.
    pub(crate) price: Decimals,
    /// Of volumes; of the factors of spin-offs.
    pub(crate) size: Decimals,
    /// Of vwaps, where the table has any: quotients have more digits than prices.
    #[serde(default)]
    pub(crate) vwap: Decimals,
    /// Of quote volumes, where the table has any.
    #[serde(default)]
    pub(crate) quote: Decimals,
    /// The optional columns of bars.
    #[serde(default)]
    pub(crate) extras: Extras,
}

impl Scales {
    /// The type of a field's column, where that is a decimal.
    pub(crate) fn of(self, field: Field) -> Decimals {
        match field {
            Field::Volume => self.size,
            Field::Vwap => self.vwap,
            Field::QuoteVolume => self.quote,
            Field::Trades => Decimals::default(),
            _ => self.price,
        }
    }

    /// Sets the type of an optional column that has one of its own.
    pub(crate) fn set(&mut self, field: Field, decimals: Decimals) {
        match field {
            Field::Vwap => self.vwap = decimals,
            Field::QuoteVolume => self.quote = decimals,
            _ => {}
        }
    }

    /// The type of a field's column.
    pub(crate) fn kind(self, field: Field) -> Kind {
        match field {
            Field::Trades => Kind::Int,
            _ => self.of(field).kind(),
        }
    }

    /// The fields of a table of bars, in the order of its columns.
    pub(crate) fn fields(self) -> impl Iterator<Item = Field> {
        Field::OHLCV.into_iter().chain(self.extras.iter())
    }

    /// Where a field is among them.
    pub(crate) fn place(self, field: Field) -> Option<usize> {
        self.fields().position(|own| own == field)
    }

    /// Whether files of a table with `before` are files of one with these as well: the same types,
    /// and at most columns more at the end.
    pub(crate) fn continues(self, before: Self) -> bool {
        (self.price, self.size) == (before.price, before.size)
            && before.extras.iter().all(|field| self.of(field) == before.of(field))
            && before.extras.iter().eq(self.extras.iter().take(before.extras.iter().count()))
    }
}

impl fmt::Display for Scales {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "price={} size={}", self.price.scale, self.size.scale)?;
        for field in self.extras.iter() {
            match field {
                Field::Trades => write!(f, " {field}")?,
                _ => write!(f, " {field}={}", self.of(field).scale)?,
            }
        }
        Ok(())
    }
}

/// Optional columns of bars, in the order in which a table got them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Extras([Option<Field>; Field::OPTIONAL.len()]);

impl Extras {
    pub(crate) fn iter(self) -> impl Iterator<Item = Field> {
        self.0.into_iter().flatten()
    }

    /// With another column at the end, unless it is there or is none of these.
    pub(crate) fn add(&mut self, field: Field) {
        if Field::OPTIONAL.contains(&field)
            && self.iter().all(|own| own != field)
            && let Some(free) = self.0.iter_mut().find(|place| place.is_none())
        {
            *free = Some(field);
        }
    }
}

/// The digits that a table's numbers need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Needs {
    pub(crate) price: Digits,
    pub(crate) size: Digits,
    #[serde(default)]
    pub(crate) vwap: Digits,
    #[serde(default)]
    pub(crate) quote: Digits,
    /// The optional columns that hold something.
    #[serde(default)]
    pub(crate) extras: [bool; Field::OPTIONAL.len()],
}

impl Needs {
    /// What holds both.
    #[must_use]
    pub(crate) fn max(self, other: Self) -> Self {
        let extra = |at: usize| {
            let has = |extras: [bool; Field::OPTIONAL.len()]| extras.get(at) == Some(&true);
            has(self.extras) || has(other.extras)
        };
        Self {
            price: self.price.max(other.price),
            size: self.size.max(other.size),
            vwap: self.vwap.max(other.vwap),
            quote: self.quote.max(other.quote),
            extras: std::array::from_fn(extra),
        }
    }

    /// Takes note of a field's digits.
    pub(crate) fn add(&mut self, field: Field, digits: Digits) {
        let need = match field {
            Field::Volume => &mut self.size,
            Field::Vwap => &mut self.vwap,
            Field::QuoteVolume => &mut self.quote,
            Field::Trades => return,
            _ => &mut self.price,
        };
        *need = need.max(digits);
    }

    /// Takes note that a field has values.
    pub(crate) fn has(&mut self, field: Field) {
        for (own, has) in Field::OPTIONAL.into_iter().zip(&mut self.extras) {
            *has |= own == field;
        }
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
        // Those of the table first; new ones in an order that does not depend on who came first.
        let mut extras = before.extras;
        for (field, has) in Field::OPTIONAL.into_iter().zip(self.extras) {
            if has {
                extras.add(field);
            }
        }
        Scales {
            price: holding(self.price, before.price),
            size: holding(self.size, before.size),
            vwap: holding(self.vwap, before.vwap),
            quote: holding(self.quote, before.quote),
            extras,
        }
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
        assert!(!need(11, 2).scales(wide).continues(fresh) && wide.continues(wide));
        // What the table held before counts too.
        let both = need(11, 2).max(need(1, 8));
        assert_eq!(price(both, need(11, 2).scales(fresh)), (8, true));
    }

    #[test]
    fn columns_are_added_at_the_end() {
        let mut with_vwap = Needs::default();
        with_vwap.has(Field::Vwap);
        let vwap = with_vwap.scales(Scales::default());
        assert!(vwap.continues(Scales::default()));
        let mut all = Needs::default();
        all.has(Field::QuoteVolume);
        all.has(Field::Trades);
        all.add(Field::QuoteVolume, Digits { whole: 20, scale: 8 });
        let later = all.max(with_vwap).scales(vwap);
        assert_eq!(later.to_string(), "price=0 size=0 vwap=0 trades quote_volume=8");
        assert!(later.continues(vwap) && later.quote.wide);
        assert_eq!((later.place(Field::Vwap), vwap.place(Field::Trades)), (Some(5), None));
        // Of several new ones at once, the order is always the same.
        let fresh = all.max(with_vwap).scales(Scales::default());
        assert!(!fresh.continues(vwap));
    }
}
