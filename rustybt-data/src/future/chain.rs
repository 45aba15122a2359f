//! Contracts, and which of them follow each other.

use std::collections::BTreeMap;

use rustybt_calendars::Session;

use crate::{AssetFinder, Error, Sid, TableRows, TableValues};

/// A dated contract to deliver something.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// The asset.
    pub sid: Sid,
    /// Its symbol, such as `ESH24`.
    pub symbol: String,
    /// What it is on, such as `ES`.
    pub root: String,
    /// First session of its life.
    pub start: Session,
    /// Last session of its life.
    pub end: Session,
    /// From this session on positions in it are closed.
    pub auto_close: Session,
    /// What a point of the price is worth; `NaN` where nobody told.
    pub multiplier: f64,
    /// The smallest step of its price; `NaN` where nobody told.
    pub tick_size: f64,
}

/// The contracts of a bundle, by what they are on and in the order in which they end.
///
/// zipline takes contracts in the order of their sids; here they follow each other by the session
/// in which positions are closed, whatever their sids. As in zipline, some roots have only the
/// delivery months that are traded most, and a contract that begins when it has ended is left out
/// where it comes first.
#[derive(Debug, Clone, Default)]
pub struct FuturesTable {
    chains: BTreeMap<String, Vec<Contract>>,
}

impl FuturesTable {
    /// The chains of these contracts.
    pub fn new(contracts: Vec<Contract>) -> Self {
        let mut chains: BTreeMap<String, Vec<Contract>> = BTreeMap::new();
        for contract in contracts {
            if is_in_chain(&contract) {
                chains.entry(contract.root.clone()).or_default().push(contract);
            }
        }
        for chain in chains.values_mut() {
            chain.sort_by_key(|contract| (contract.auto_close, contract.sid));
            let lives = |contract: &Contract| contract.start < contract.auto_close;
            let first = chain.iter().position(lives).unwrap_or(chain.len());
            chain.drain(..first);
        }
        Self { chains }
    }

    /// The contracts of a table with the schema of `futures_contracts`, whose other dates are
    /// those of the assets. Positions are closed at the first of notice and expiration where
    /// nothing else is told.
    pub fn from_rows(rows: &TableRows, finder: &dyn AssetFinder) -> Self {
        let date = |name: &str, row: usize| match rows.column(name) {
            Some(TableValues::Date(values)) => values.get(row).copied().flatten(),
            _ => None,
        };
        let number = |name: &str, row: usize| {
            let text = rows.column(name).map(|values| values.text(row)).unwrap_or_default();
            text.parse().unwrap_or(f64::NAN)
        };
        let contract = |(row, &sid): (usize, &Sid)| {
            let asset = finder.asset(sid)?;
            let root = rows.column("root_symbol")?.text(row);
            let ends = [date("notice_date", row), date("expiration_date", row)];
            let told = date("auto_close_date", row).or(asset.auto_close);
            let end = date("end_date", row).unwrap_or(asset.end);
            Some(Contract {
                sid,
                symbol: asset.symbol.clone(),
                root,
                start: date("start_date", row).unwrap_or(asset.start),
                end,
                auto_close: told.or(ends.into_iter().flatten().min()).unwrap_or(end),
                multiplier: number("multiplier", row),
                tick_size: number("tick_size", row),
            })
        };
        Self::new(rows.sids.iter().enumerate().filter_map(contract).collect())
    }

    /// The contracts on something, those that end first coming first.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownRoot`].
    pub fn chain(&self, root: &str) -> Result<&[Contract], Error> {
        match self.chains.get(root) {
            Some(chain) if !chain.is_empty() => Ok(chain),
            _ => Err(Error::UnknownRoot {
                root: root.to_owned(),
                known: self.roots().map(str::to_owned).collect(),
            }),
        }
    }

    /// What there are contracts on.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        self.chains.keys().map(String::as_str)
    }
}

/// Whether a contract's delivery month is one of those that make up its root's chain: the letter
/// before the two digits of the year.
fn is_in_chain(contract: &Contract) -> bool {
    let months = match contract.root.as_str() {
        "EL" | "ME" | "PA" | "JY" | "CD" | "AD" | "BP" => "HMUZ",
        "PL" => "FJNV",
        "GC" | "XG" => "GJMQVZ",
        "SV" | "YS" => "HKNUZ",
        _ => return true,
    };
    contract.symbol.chars().rev().nth(2).is_some_and(|month| months.contains(month))
}
