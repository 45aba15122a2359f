//! Units and prices across a split.

use crate::order::Lot;

/// `old` units became `new` ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    new: f64,
    old: f64,
}

impl Split {
    pub(crate) const fn new(new: u64, old: u64) -> Self {
        Self { new: new as f64, old: old as f64 }
    }

    /// What units became: whole lots toward zero, and what is left of one.
    pub(crate) fn units(self, amount: f64, lot: Lot) -> (f64, f64) {
        // Multiplied first: 100 * 7 / 1 is exact, 100 / (1 / 7) is not.
        let exact = amount * self.new / self.old;
        let whole = lot.truncate(exact);
        (whole, exact - whole)
    }

    /// What a price became.
    pub(crate) fn price(self, price: f64) -> f64 {
        price * self.old / self.new
    }

    /// What a price became, in cents.
    pub(crate) fn cents(self, price: f64) -> f64 {
        cents(self.price(price))
    }
}

/// The nearest whole cents.
///
/// By way of decimal text, which rounds the value as it is: `28.215` lies a little below its own
/// digits and is `28.21`, while `28.215 * 100.0` is `2821.5` exactly and would round up.
pub(crate) fn cents(value: f64) -> f64 {
    format!("{value:.2}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_units_and_the_rest() {
        let seven = Split::new(7, 1);
        for amount in 1..1_000 {
            let amount = f64::from(amount);
            assert_eq!(seven.units(amount, Lot::WHOLE), (7.0 * amount, 0.0));
        }
        let (whole, rest) = Split::new(1, 20).units(-33.0, Lot::WHOLE);
        assert_eq!(whole, -1.0);
        assert!((rest + 0.65).abs() < 1e-15);
        assert_eq!(seven.price(700.0), 100.0);
        assert_eq!(seven.cents(645.57), 92.22);
        assert_eq!([cents(28.215), cents(-0.004), cents(1.005)], [28.21, 0.0, 1.0]);
        assert!(cents(f64::NAN).is_nan());
    }
}
