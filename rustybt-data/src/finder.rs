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
/// * Symbols compare without regard to case, and with `.`, `-`, `/` and `_` the same; where that
///   leaves several assets, the one that is spelled exactly so is meant.
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

    /// A symbol as its holder spells it, who that is, and from when to when it was held.
    fn told(&self, folded: &str, &(from, to, sid): &(Session, Session, Sid)) -> String {
        let asset = self.asset(sid);
        let spans = asset.map(|asset| asset.symbols.as_slice()).unwrap_or_default();
        let spelled = spans.iter().find(|span| span.from == from && fold(&span.symbol) == folded);
        let symbol = spelled.map_or(folded, |span| span.symbol.as_str());
        match asset.map_or("", |asset| asset.exchange.as_str()) {
            "" => format!("{symbol} (sid {sid}, {from} to {to})"),
            exchange => format!("{symbol} (sid {sid}, {exchange}, {from} to {to})"),
        }
    }

    /// Up to three symbols that may have been meant, the nearest first, with who had them last.
    fn near(&self, symbol: &str) -> Vec<String> {
        let letters = symbol.chars().count();
        let slips = if letters > 4 { 2 } else { 1 };
        let mut near: Vec<(usize, &String)> = self
            .owners
            .keys()
            .filter(|_| letters > 0)
            .map(|known| (distance(known, symbol), known))
            .filter(|(far, known)| {
                let typed = *far <= slips && *far < letters;
                typed || known.starts_with(symbol) || (letters > 2 && known.contains(symbol))
            })
            .collect();
        near.sort_unstable();
        let last = |known: &String| Some(self.told(known, self.owners.get(known)?.last()?));
        near.into_iter().take(3).filter_map(|(_, known)| last(known)).collect()
    }

    /// Whether an asset bore the symbol, spelled exactly so, on a day.
    fn spells(&self, sid: Sid, symbol: &str, as_of: Session) -> bool {
        let spans = self.asset(sid).map(|asset| asset.symbols.as_slice()).unwrap_or_default();
        spans
            .iter()
            .any(|span| span.symbol == symbol.trim() && span.from <= as_of && as_of <= span.to)
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
        let mut current: Vec<Sid> = held
            .iter()
            .filter(|(from, to, _)| *from <= as_of && as_of <= *to)
            .map(|o| o.2)
            .collect();
        if current.len() > 1 {
            let exact = current.iter().copied().filter(|&sid| self.spells(sid, symbol, as_of));
            let exact: Vec<Sid> = exact.collect();
            if !exact.is_empty() {
                current = exact;
            }
        }
        match current.as_slice() {
            [sid] => Ok(*sid),
            [] => match held.iter().rev().find(|(from, ..)| *from <= as_of) {
                Some((.., sid)) => Ok(*sid),
                None => Err(unknown(held.iter().map(|held| self.told(&folded, held)).collect())),
            },
            several => Err(Error::AmbiguousSymbol {
                symbol: symbol.to_owned(),
                as_of,
                holders: held
                    .iter()
                    .filter(|(from, to, sid)| {
                        *from <= as_of && as_of <= *to && several.contains(sid)
                    })
                    .map(|held| self.told(&folded, held))
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
        assert!(early.ends_with("did you mean META (sid 7, 2022-06-09 to 2024-12-31)?"), "{early}");
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
    fn the_exact_spelling_tells_apart_what_else_is_the_same() {
        let [from, to] = ["1990-01-02", "2024-12-31"].map(day);
        let asset = |sid, symbol: &str| Asset::equity(Sid(sid), symbol, from, to);
        let table =
            AssetTable::new(vec![asset(0, "AB.C"), asset(1, "AB-C"), asset(2, "x"), asset(3, "X")]);
        let lookup = |symbol| table.lookup(symbol, day("2000-01-03"));
        assert_eq!(lookup("AB-C").unwrap(), Sid(1));
        assert_eq!(lookup("x").unwrap(), Sid(2));
        assert_eq!(lookup("X").unwrap(), Sid(3));
        let error = lookup("ab/c").unwrap_err().to_string();
        let [first, second] = ["AB.C (sid 0", "AB-C (sid 1"];
        let dates = "1990-01-02 to 2024-12-31)";
        assert!(error.ends_with(&format!("{first}, {dates}, {second}, {dates}")), "{error}");
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
        assert_eq!(
            error,
            "no asset has the symbol `APPL` as of 2000-01-03; did you mean AAPL (sid 1, 1990-01-02 to 2024-12-31)?"
        );
        for far in ["", "日本", "AB", "ZZZZ"] {
            let error = table.lookup(far, day("2000-01-03")).unwrap_err().to_string();
            assert!(!error.contains("did you mean"), "{error}");
        }
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
