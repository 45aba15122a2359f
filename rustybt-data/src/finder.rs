//! The contract for knowing who is who on which day, and the table that fulfils it.

use std::collections::BTreeMap;
use std::fmt::Debug;

use rustybt_calendars::Session;

use crate::{Asset, Error, Sid};

/// Knows the assets of a bundle.
///
/// # Contract
///
/// * [`assets`](Self::assets) are in ascending order of sid, each sid once.
/// * A symbol names, on a day, the asset that last took it up to that day: a look-up long after
///   an asset died still finds it, until another asset takes the symbol over.
/// * Symbols compare without regard to case, and with `.`, `-`, `/` and `_` the same.
pub trait AssetFinder: Debug + Send + Sync {
    /// Every asset, in ascending order of sid.
    fn assets(&self) -> &[Asset];

    /// The asset of that identifier.
    fn asset(&self, sid: Sid) -> Option<&Asset>;

    /// The asset that a symbol named on a day.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSymbol`] where nobody had taken it up by then, with what is near;
    /// [`Error::AmbiguousSymbol`] where several assets hold it.
    fn lookup(&self, symbol: &str, as_of: Session) -> Result<Sid, Error>;
}

/// Assets in memory.
///
/// ```
/// use rustybt_calendars::Session;
/// use rustybt_data::{Asset, AssetFinder, AssetTable, Sid};
///
/// let day = |text: &str| text.parse::<Session>().expect("a date");
/// let table = AssetTable::new(vec![
///     Asset::equity(Sid(0), "T", day("1990-01-02"), day("2005-11-18")), // the old AT&T
///     Asset::equity(Sid(1), "T", day("2005-12-01"), day("2024-12-31")), // SBC under its new name
/// ]);
/// assert_eq!(table.lookup("T", day("2000-01-03"))?, Sid(0));
/// assert_eq!(table.lookup("t", day("2010-01-04"))?, Sid(1));
/// # Ok::<(), rustybt_data::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AssetTable {
    assets: Vec<Asset>,
    /// Who held each folded symbol, oldest first: `(from, to, sid)`.
    owners: BTreeMap<String, Vec<(Session, Session, Sid)>>,
}

impl AssetTable {
    /// A table of these assets; where a sid comes twice, the later record counts.
    pub fn new(assets: Vec<Asset>) -> Self {
        let by_sid: BTreeMap<Sid, Asset> =
            assets.into_iter().map(|asset| (asset.sid, asset)).collect();
        let assets: Vec<Asset> = by_sid.into_values().collect();
        let mut owners: BTreeMap<String, Vec<(Session, Session, Sid)>> = BTreeMap::new();
        for asset in &assets {
            for span in &asset.symbols {
                let held = owners.entry(fold(&span.symbol)).or_default();
                held.push((span.from, span.to, asset.sid));
            }
        }
        for held in owners.values_mut() {
            held.sort_unstable();
        }
        Self { assets, owners }
    }

    fn near(&self, symbol: &str) -> Vec<String> {
        let first = symbol.get(..1).unwrap_or_default();
        self.owners
            .keys()
            .filter(|known| {
                distance(known, symbol) <= 1 || (symbol.len() > 2 && known.contains(symbol))
            })
            .chain(self.owners.keys().filter(|known| known.starts_with(first)))
            .take(3)
            .cloned()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

impl AssetFinder for AssetTable {
    fn assets(&self) -> &[Asset] {
        &self.assets
    }

    fn asset(&self, sid: Sid) -> Option<&Asset> {
        // Sids are dense in practice: the direct slot is tried before the search.
        if let Some(asset) = self.assets.get(sid.index()).filter(|asset| asset.sid == sid) {
            return Some(asset);
        }
        let slot = self.assets.binary_search_by_key(&sid, |asset| asset.sid).ok()?;
        self.assets.get(slot)
    }

    fn lookup(&self, symbol: &str, as_of: Session) -> Result<Sid, Error> {
        let folded = fold(symbol);
        let unknown = |near| Error::UnknownSymbol { symbol: symbol.to_owned(), as_of, near };
        let Some(held) = self.owners.get(&folded) else {
            return Err(unknown(self.near(&folded)));
        };
        let current: Vec<Sid> = held
            .iter()
            .filter(|(from, to, _)| *from <= as_of && as_of <= *to)
            .map(|o| o.2)
            .collect();
        match current.as_slice() {
            [sid] => Ok(*sid),
            [] => match held.iter().rev().find(|(from, ..)| *from <= as_of) {
                Some((.., sid)) => Ok(*sid),
                None => Err(unknown(
                    held.iter().map(|(from, ..)| format!("`{symbol}` from {from} on")).collect(),
                )),
            },
            several => Err(Error::AmbiguousSymbol {
                symbol: symbol.to_owned(),
                as_of,
                holders: several
                    .iter()
                    .map(|sid| {
                        let exchange = self.asset(*sid).map_or("", |a| a.exchange.as_str());
                        format!("sid {sid} ({exchange})")
                    })
                    .collect(),
            }),
        }
    }
}

/// A symbol in the form in which symbols are compared.
fn fold(symbol: &str) -> String {
    symbol
        .trim()
        .chars()
        .map(|c| if matches!(c, '-' | '/' | '_') { '.' } else { c.to_ascii_uppercase() })
        .collect()
}

/// The edit distance of two short strings.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(usize::MAX - 1);
            let best = (diagonal + usize::from(x != *y)).min(above + 1).min(left + 1);
            diagonal = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = best;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SymbolSpan;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    #[test]
    fn a_renamed_asset_is_found_under_both_names() {
        let mut meta = Asset::equity(Sid(7), "META", day("2012-05-18"), day("2024-12-31"));
        meta.symbols = vec![
            SymbolSpan { symbol: "FB".into(), from: day("2012-05-18"), to: day("2022-06-08") },
            SymbolSpan { symbol: "META".into(), from: day("2022-06-09"), to: day("2024-12-31") },
        ];
        let table = AssetTable::new(vec![meta]);
        assert_eq!(table.lookup("FB", day("2015-01-02")).unwrap(), Sid(7));
        assert_eq!(table.lookup("meta", day("2023-01-03")).unwrap(), Sid(7));
        assert_eq!(table.asset(Sid(7)).unwrap().symbol_at(day("2015-01-02")), "FB");
        let early = table.lookup("META", day("2015-01-02")).unwrap_err().to_string();
        assert!(early.contains("from 2022-06-09 on"), "{early}");
    }

    #[test]
    fn delimiters_and_case_do_not_matter() {
        let table = AssetTable::new(vec![Asset::equity(
            Sid(1),
            "BRK.A",
            day("1990-01-02"),
            day("2024-12-31"),
        )]);
        for text in ["BRK.A", "brk-a", "BRK/A", "BRK_A"] {
            assert_eq!(table.lookup(text, day("2000-01-03")).unwrap(), Sid(1));
        }
    }

    #[test]
    fn an_unknown_symbol_names_its_neighbours() {
        let table = AssetTable::new(vec![Asset::equity(
            Sid(1),
            "AAPL",
            day("1990-01-02"),
            day("2024-12-31"),
        )]);
        let error = table.lookup("APPL", day("2000-01-03")).unwrap_err().to_string();
        assert_eq!(error, "no asset has the symbol `APPL` as of 2000-01-03; did you mean AAPL?");
        assert!(table.lookup("", day("2000-01-03")).is_err());
        assert!(table.asset(Sid(9)).is_none());
    }

    #[test]
    fn edit_distances() {
        assert_eq!(distance("AAPL", "AAPL"), 0);
        assert_eq!(distance("IBM", "IBN"), 1);
        assert_eq!(distance("", "AB"), 2);
        assert_eq!(distance("KITTEN", "SITTING"), 3);
    }
}
