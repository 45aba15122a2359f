//! How finely an asset can be traded.

use rustybt_data::AssetClass;

/// How close to a whole lot an amount must come to be taken for it, in lots.
const NEAR: f64 = 1e-4;

/// The smallest amount of an asset that can be ordered.
///
/// Shares, contracts and the like trade whole. Coins trade in parts of `1e-8`, the smallest
/// part of a bitcoin.
///
/// ```
/// use rustybt_algorithm::Lot;
/// use rustybt_data::AssetClass;
///
/// let share = Lot::of(AssetClass::Equity);
/// assert_eq!(share.round(10.99), 10.0);   // toward zero …
/// assert_eq!(share.round(-10.99), -10.0);
/// assert_eq!(share.round(10.99995), 11.0); // … unless it is 11 up to the noise of arithmetic
/// assert_eq!(Lot::of(AssetClass::CryptoSpot).round(0.123_456_789_9), 0.123_456_78);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lot {
    per_unit: f64,
}

impl Lot {
    /// One unit.
    pub const WHOLE: Self = Self { per_unit: 1.0 };
    /// A hundred-millionth of a unit.
    pub const COIN: Self = Self { per_unit: 1e8 };

    /// The lot of a class of assets.
    pub const fn of(class: AssetClass) -> Self {
        match class {
            AssetClass::CryptoSpot | AssetClass::CryptoPerpetual => Self::COIN,
            _ => Self::WHOLE,
        }
    }

    /// The amount one can order: truncated toward zero, after an amount within `1e-4` lots of a
    /// whole number of them is taken for that number, as in zipline.
    pub fn round(self, amount: f64) -> f64 {
        let lots = amount * self.per_unit;
        let nearest = lots.round();
        let whole = if (lots - nearest).abs() <= NEAR { nearest } else { lots.trunc() };
        whole / self.per_unit
    }

    /// The whole lots in an amount, toward zero.
    pub fn truncate(self, amount: f64) -> f64 {
        (amount * self.per_unit).trunc() / self.per_unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_cut_toward_zero() {
        for (amount, whole) in [
            (0.9, 0.0),
            (-0.9, 0.0),
            (1.9999, 2.0),
            (1.9998, 1.0),
            (-1.99991, -2.0),
            (1e9 + 0.5, 1e9),
        ] {
            assert_eq!(Lot::WHOLE.round(amount), whole, "{amount}");
        }
        assert_eq!(Lot::WHOLE.truncate(1.99999), 1.0);
    }

    #[test]
    fn coins_have_parts() {
        assert_eq!(Lot::COIN.round(0.3), 0.3);
        assert_eq!(Lot::COIN.round(0.1 + 0.2), 0.3);
        assert_eq!(Lot::COIN.truncate(0.000_000_019), 0.000_000_01);
    }
}
