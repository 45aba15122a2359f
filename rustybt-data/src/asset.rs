//! Who is who: identifiers that never change, and what is known of each asset.

use std::fmt;

use rustybt_calendars::Session;
use serde::{Deserialize, Serialize};

/// Names an asset for ever, across symbol changes, ingests and versions.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sid(pub u32);

impl Sid {
    /// The identifier as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What kind of thing an asset is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AssetClass {
    /// A share, a depositary receipt or a fund traded like one.
    #[default]
    Equity,
    /// A dated contract to deliver.
    Future,
    /// A coin against another, delivered at once.
    CryptoSpot,
    /// A swap on a coin that never expires and pays funding.
    CryptoPerpetual,
    /// A currency pair.
    Forex,
    /// A contract for difference.
    Cfd,
    /// A number that cannot be traded.
    Index,
    /// The right to buy or to sell.
    Option,
}

impl AssetClass {
    /// Every class, in the order of their names here.
    pub const ALL: [Self; 8] = [
        Self::Equity,
        Self::Future,
        Self::CryptoSpot,
        Self::CryptoPerpetual,
        Self::Forex,
        Self::Cfd,
        Self::Index,
        Self::Option,
    ];

    /// The name that files and tables use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Future => "future",
            Self::CryptoSpot => "crypto-spot",
            Self::CryptoPerpetual => "crypto-perpetual",
            Self::Forex => "forex",
            Self::Cfd => "cfd",
            Self::Index => "index",
            Self::Option => "option",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl fmt::Display for AssetClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A symbol and the days on which it named an asset, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SymbolSpan {
    /// The symbol.
    pub symbol: String,
    /// First day on which it named the asset.
    pub from: Session,
    /// Last day on which it named the asset.
    pub to: Session,
}

/// An asset as a bundle knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Its identifier.
    pub sid: Sid,
    /// Its latest symbol.
    pub symbol: String,
    /// Its name; empty where nobody told.
    pub name: String,
    /// Where it trades: a MIC or a venue; empty where nobody told.
    pub exchange: String,
    /// What kind of thing it is.
    pub class: AssetClass,
    /// The currency its prices are in.
    pub currency: String,
    /// First session of its life.
    pub start: Session,
    /// Last session of its life.
    pub end: Session,
    /// From this session on positions in it are closed, where it is known.
    pub auto_close: Option<Session>,
    /// Every symbol it ever had, oldest first; never empty.
    pub symbols: Vec<SymbolSpan>,
}

impl Asset {
    /// An equity in US dollars that had one symbol all its life.
    pub fn equity(sid: Sid, symbol: impl Into<String>, start: Session, end: Session) -> Self {
        let symbol = symbol.into();
        Self {
            sid,
            name: String::new(),
            exchange: String::new(),
            class: AssetClass::Equity,
            currency: "USD".to_owned(),
            start,
            end,
            auto_close: None,
            symbols: vec![SymbolSpan { symbol: symbol.clone(), from: start, to: end }],
            symbol,
        }
    }

    /// Whether the asset lives on that day.
    pub fn is_alive(&self, session: Session) -> bool {
        self.start <= session && session <= self.end
    }

    /// The symbol it had on that day; its first or last one outside its life.
    pub fn symbol_at(&self, session: Session) -> &str {
        self.symbols
            .iter()
            .rev()
            .find(|span| span.from <= session)
            .or_else(|| self.symbols.first())
            .map_or(self.symbol.as_str(), |span| span.symbol.as_str())
    }
}
