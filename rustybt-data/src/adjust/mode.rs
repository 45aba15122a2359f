//! Which corporate actions prices are adjusted for.

use std::fmt;
use std::str::FromStr;

/// Which events a price is adjusted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AdjustMode {
    /// None: the prices that were paid.
    None,
    /// Splits only.
    Split,
    /// Splits, mergers and cash dividends, as of the moment of looking: zipline's.
    ///
    /// A dividend of `D` is `1 - D / P` of the price `P` before it.
    #[default]
    AsOf,
    /// Everything that holders were given, as if they had bought more of the asset with it at the
    /// close of the first day without: what is left is what they earned.
    ///
    /// A dividend of `D` is `P / (P + D)` of the close `P` of the ex-date, and is seen from that
    /// close on. So is a spin-off or a dividend in another asset, of which `D` is the close times
    /// the units given; where a spin-off's factor is told, that one counts. A dividend in the asset
    /// itself is a split that `r` new units make of one; rights to buy are worth what they take off
    /// the price.
    TotalReturn,
}

impl AdjustMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::None, Self::Split, Self::AsOf, Self::TotalReturn];

    /// The name: `none`, `split`, `as-of` or `total-return`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Split => "split",
            Self::AsOf => "as-of",
            Self::TotalReturn => "total-return",
        }
    }
}

impl fmt::Display for AdjustMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AdjustMode {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, crate::Error> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| crate::Error::BadAdjustMode { text: text.to_owned() })
    }
}
