//! The columns of a bar, and what a strategy may ask of them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A stored column of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// First price, in the asset's quote currency.
    Open,
    /// Highest price, in the asset's quote currency.
    High,
    /// Lowest price, in the asset's quote currency.
    Low,
    /// Last price, in the asset's quote currency.
    Close,
    /// Units traded.
    Volume,
    /// Trades in the bar, where a source counts them.
    Trades,
    /// Volume-weighted average price, where a source gives it: as exact as it was given.
    Vwap,
    /// What was paid for the units traded, in the quote currency, where a source gives it.
    QuoteVolume,
}

impl Field {
    /// The five columns every bar has, in their customary order.
    pub const OHLCV: [Self; 5] = [Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];

    /// The columns that only some bars have.
    pub const OPTIONAL: [Self; 3] = [Self::Trades, Self::Vwap, Self::QuoteVolume];

    /// Every column there can be.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::High,
        Self::Low,
        Self::Close,
        Self::Volume,
        Self::Trades,
        Self::Vwap,
        Self::QuoteVolume,
    ];

    /// The column's name: `open`, `high`, `low`, `close`, `volume`, `trades`, `vwap` or
    /// `quote_volume`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
            Self::Trades => "trades",
            Self::Vwap => "vwap",
            Self::QuoteVolume => "quote_volume",
        }
    }

    /// The column's position in [`Field::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether the column is a price, so that splits divide it.
    pub const fn is_price(self) -> bool {
        !matches!(self, Self::Volume | Self::Trades | Self::QuoteVolume)
    }

    /// What stands where an asset has no bar, or its bar lacks the value: `0.0` for volume, `NaN`
    /// for everything else.
    pub const fn missing(self) -> f64 {
        if matches!(self, Self::Volume) { 0.0 } else { f64::NAN }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Field {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|field| field.name() == text)
            .ok_or_else(|| Error::BadField { text: text.to_owned() })
    }
}

/// What a strategy asks for: a stored field, or `price`.
///
/// `price` is the close where there is one; where there is none, the last known close, carried
/// forward and adjusted for what happened since. No other field is ever carried forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quote {
    /// A stored field, missing where there is no bar.
    Field(Field),
    /// The last known close.
    Price,
}

impl Quote {
    /// The first price of a bar.
    pub const OPEN: Self = Self::Field(Field::Open);
    /// The highest price of a bar.
    pub const HIGH: Self = Self::Field(Field::High);
    /// The lowest price of a bar.
    pub const LOW: Self = Self::Field(Field::Low);
    /// The last price of a bar.
    pub const CLOSE: Self = Self::Field(Field::Close);
    /// The units traded in a bar.
    pub const VOLUME: Self = Self::Field(Field::Volume);

    /// The name one asks by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Price => "price",
        }
    }

    /// The stored field it is made of.
    pub const fn field(self) -> Field {
        match self {
            Self::Field(field) => field,
            Self::Price => Field::Close,
        }
    }
}

impl From<Field> for Quote {
    fn from(field: Field) -> Self {
        Self::Field(field)
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quote {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "price" { Ok(Self::Price) } else { text.parse().map(Self::Field) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for field in Field::ALL {
            assert_eq!(field.name().parse::<Field>().unwrap(), field);
            assert_eq!(Field::ALL[field.index()], field);
        }
        assert_eq!([&Field::OHLCV[..], &Field::OPTIONAL].concat(), Field::ALL);
        assert_eq!("price".parse::<Quote>().unwrap(), Quote::Price);
        assert!("vwapp".parse::<Quote>().unwrap_err().to_string().contains("`vwapp` is no field"));
    }
}
