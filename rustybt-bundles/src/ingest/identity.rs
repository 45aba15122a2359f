//! Which asset of the bundle a source's asset is: sids that stay the same for ever.

use std::collections::{BTreeMap, BTreeSet};

use rustybt_calendars::Session;
use rustybt_data::{Asset, AssetRecord, Sid};

use crate::Error;

/// Gives each record its sid.
///
/// * A record that names its sid gets it, unless the bundle knows that sid, or that symbol on the
///   same days, as something else: then nothing is guessed.
/// * Any other record is the asset that had its symbol on the same days; failing that, the last
///   one that had it, that no other record is, and that has not another name: a company that took
///   the symbol over later is another asset. Failing that, it is a new asset.
/// * Symbols that only differ in case or in `.`, `-`, `/` and `_` are the same, but the one that is
///   spelled exactly so comes first; so does the one whose exchange is told and the same.
///
/// # Errors
///
/// [`Error::SidTaken`], [`Error::SidChanged`] and [`Error::NoSidLeft`]; [`Error::AmbiguousAsset`]
/// where two assets have an equal claim.
pub(super) fn assign(known: &[Asset], records: &[AssetRecord]) -> Result<Vec<Sid>, Error> {
    let mut book = Book::new(known);
    let mut sids: Vec<Option<Sid>> = vec![None; records.len()];
    for (record, place) in records.iter().zip(&mut sids) {
        if let Some(sid) = record.sid {
            book.claim(record, sid)?;
            *place = Some(sid);
        }
    }
    // First everybody who is certain, so that nobody who is not takes their place.
    for (same_days, exact) in [(true, true), (true, false), (false, true), (false, false)] {
        for (record, place) in records.iter().zip(&mut sids) {
            if place.is_none() {
                *place = book.find(record, same_days, exact)?;
            }
        }
    }
    let given = |(record, sid): (&AssetRecord, Option<Sid>)| match sid {
        Some(sid) => Ok(sid),
        None => book.next(&record.symbol),
    };
    records.iter().zip(sids).map(given).collect()
}

/// The assets of the bundle, and which of them records have been found to be.
struct Book<'a> {
    known: &'a [Asset],
    by_symbol: BTreeMap<String, Vec<&'a Asset>>,
    taken: BTreeSet<Sid>,
    /// Wider than a sid, so that what comes after the largest is no sid and not one given twice.
    next: u64,
}

impl<'a> Book<'a> {
    fn new(known: &'a [Asset]) -> Self {
        let mut by_symbol: BTreeMap<String, Vec<&Asset>> = BTreeMap::new();
        for asset in known {
            for span in &asset.symbols {
                let holders = by_symbol.entry(fold(&span.symbol)).or_default();
                if holders.last().is_none_or(|last| last.sid != asset.sid) {
                    holders.push(asset);
                }
            }
        }
        let next = known.iter().map(|asset| u64::from(asset.sid.0) + 1).max().unwrap_or(0);
        Self { known, by_symbol, taken: BTreeSet::new(), next }
    }

    fn claim(&mut self, record: &AssetRecord, sid: Sid) -> Result<(), Error> {
        let taken = |holder: String| Error::SidTaken { symbol: record.symbol.clone(), sid, holder };
        if !self.taken.insert(sid) {
            return Err(taken("another asset of the same source".to_owned()));
        }
        self.next = self.next.max(u64::from(sid.0) + 1);
        if let Some(asset) = self.known.iter().find(|asset| asset.sid == sid) {
            let shares = spans(record).iter().any(|span| holds(asset, &span.symbol));
            if !shares {
                return Err(taken(format!("`{}`", asset.symbol)));
            }
        } else if let Some(asset) = self.candidates(record, true).first() {
            let symbol = record.symbol.clone();
            return Err(Error::SidChanged { symbol, wanted: sid, known: asset.sid });
        }
        Ok(())
    }

    fn find(
        &mut self,
        record: &AssetRecord,
        same_days: bool,
        exact: bool,
    ) -> Result<Option<Sid>, Error> {
        let candidates = self.candidates(record, same_days);
        let Some(&first) = candidates.first() else { return Ok(None) };
        let claim = |asset: &Asset| (spells(asset, record), told_exchange(asset, record));
        if exact && !spells(first, record) {
            return Ok(None);
        }
        // Of assets that had the symbol one after the other, it is the last.
        let rivals = candidates
            .iter()
            .skip(1)
            .filter(|other| claim(other) == claim(first) && lived_at_once(first, other, record));
        let rivals: Vec<&Asset> = rivals.copied().collect();
        if !rivals.is_empty() {
            return Err(Error::AmbiguousAsset {
                symbol: record.symbol.clone(),
                candidates: std::iter::once(first).chain(rivals).map(tell).collect(),
            });
        }
        self.taken.insert(first.sid);
        Ok(Some(first.sid))
    }

    /// Who the record may be, the best claim first.
    fn candidates(&self, record: &AssetRecord, same_days: bool) -> Vec<&'a Asset> {
        let wanted = spans(record);
        let mut found: Vec<&Asset> = Vec::new();
        for span in &wanted {
            let holders = self.by_symbol.get(&fold(&span.symbol)).map(Vec::as_slice);
            for &asset in holders.unwrap_or_default() {
                let likely = asset.class == record.class
                    && same_exchange(asset, record)
                    && !self.taken.contains(&asset.sid)
                    && if same_days { overlaps(asset, span) } else { may_be_called(asset, record) };
                if likely && !found.iter().any(|other| other.sid == asset.sid) {
                    found.push(asset);
                }
            }
        }
        found.sort_by_key(|asset| {
            let claim = (spells(asset, record), told_exchange(asset, record));
            std::cmp::Reverse((claim, asset.end, asset.sid))
        });
        found
    }

    fn next(&mut self, symbol: &str) -> Result<Sid, Error> {
        let none = || Error::NoSidLeft { symbol: symbol.to_owned(), largest: Sid(u32::MAX) };
        let sid = u32::try_from(self.next).map_err(|_| none())?;
        self.next += 1;
        Ok(Sid(sid))
    }
}

/// A symbol and the days on which a record had it, as far as it says.
struct Span {
    symbol: String,
    from: Option<Session>,
    to: Option<Session>,
}

fn spans(record: &AssetRecord) -> Vec<Span> {
    if record.symbols.is_empty() {
        return vec![Span { symbol: record.symbol.clone(), from: record.start, to: record.end }];
    }
    record
        .symbols
        .iter()
        .map(|span| Span { symbol: span.symbol.clone(), from: Some(span.from), to: Some(span.to) })
        .collect()
}

fn holds(asset: &Asset, symbol: &str) -> bool {
    asset.symbols.iter().any(|held| fold(&held.symbol) == fold(symbol))
}

fn overlaps(asset: &Asset, span: &Span) -> bool {
    asset.symbols.iter().any(|held| {
        fold(&held.symbol) == fold(&span.symbol)
            && span.from.is_none_or(|from| from <= held.to)
            && span.to.is_none_or(|to| held.from <= to)
    })
}

fn same_exchange(asset: &Asset, record: &AssetRecord) -> bool {
    match record.exchange.as_deref() {
        Some(exchange) if !exchange.is_empty() && !asset.exchange.is_empty() => {
            exchange == asset.exchange
        }
        _ => true,
    }
}

/// Whether an asset had one of the record's symbols, spelled exactly so.
fn spells(asset: &Asset, record: &AssetRecord) -> bool {
    let wanted = spans(record);
    let has = |symbol: &str| wanted.iter().any(|span| span.symbol.trim() == symbol);
    asset.symbols.iter().any(|held| has(&held.symbol))
}

/// Whether both tell their exchange, and it is the same.
fn told_exchange(asset: &Asset, record: &AssetRecord) -> bool {
    !asset.exchange.is_empty() && record.exchange.as_deref() == Some(asset.exchange.as_str())
}

/// Whether the names do not speak against it.
fn may_be_called(asset: &Asset, record: &AssetRecord) -> bool {
    let name = record.name.as_deref().unwrap_or_default().trim();
    name.is_empty() || asset.name.is_empty() || name.eq_ignore_ascii_case(asset.name.trim())
}

/// Whether two assets had the record's symbols at the same time.
fn lived_at_once(a: &Asset, b: &Asset, record: &AssetRecord) -> bool {
    let wanted: Vec<String> = spans(record).iter().map(|span| fold(&span.symbol)).collect();
    let held = |asset: &Asset| -> Vec<(Session, Session)> {
        let spans = asset.symbols.iter().filter(|held| wanted.contains(&fold(&held.symbol)));
        spans.map(|held| (held.from, held.to)).collect()
    };
    let others = held(b);
    held(a).iter().any(|a| others.iter().any(|b| a.0 <= b.1 && b.0 <= a.1))
}

/// An asset as an error names it.
fn tell(asset: &Asset) -> String {
    let Asset { symbol, sid, exchange, start, end, .. } = asset;
    match exchange.as_str() {
        "" => format!("{symbol} (sid {sid}, {start} to {end})"),
        exchange => format!("{symbol} (sid {sid}, {exchange}, {start} to {end})"),
    }
}

/// A symbol in the form in which the asset finder compares symbols.
fn fold(symbol: &str) -> String {
    symbol
        .trim()
        .chars()
        .map(|c| if matches!(c, '-' | '/' | '_') { '.' } else { c.to_ascii_uppercase() })
        .collect()
}

#[cfg(test)]
mod tests {
    use rustybt_data::SymbolSpan;

    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    fn record(symbol: &str) -> AssetRecord {
        AssetRecord { symbol: symbol.into(), ..AssetRecord::default() }
    }

    fn known() -> Vec<Asset> {
        let mut meta = Asset::equity(Sid(7), "META", day("2012-05-18"), day("2024-12-31"));
        meta.symbols = vec![
            SymbolSpan { symbol: "FB".into(), from: day("2012-05-18"), to: day("2022-06-08") },
            SymbolSpan { symbol: "META".into(), from: day("2022-06-09"), to: day("2024-12-31") },
        ];
        vec![
            Asset::equity(Sid(0), "T", day("1990-01-02"), day("2005-11-18")),
            Asset::equity(Sid(1), "T", day("2005-12-01"), day("2024-12-31")),
            meta,
        ]
    }

    #[test]
    fn assets_are_known_again_and_new_ones_come_after_all_others() {
        let records = [record("NEW"), record("meta"), record("T"), record("ALSO")];
        assert_eq!(assign(&known(), &records).unwrap(), [Sid(8), Sid(7), Sid(1), Sid(9)]);
    }

    #[test]
    fn a_symbol_names_whoever_had_it_on_those_days() {
        let mut old = record("T");
        old.end = Some(day("2001-01-02"));
        let mut young = record("T");
        young.start = Some(day("2025-01-02"));
        assert_eq!(assign(&known(), &[young, old]).unwrap(), [Sid(1), Sid(0)]);
    }

    #[test]
    fn another_exchange_is_another_asset() {
        let mut known = known();
        known[0].exchange = "XNYS".into();
        known[1].exchange = "XNYS".into();
        let mut london = record("T");
        london.exchange = Some("XLON".into());
        assert_eq!(assign(&known, &[london]).unwrap(), [Sid(8)]);
    }

    #[test]
    fn a_sid_that_the_source_gives_is_kept_or_refused() {
        let with = |symbol: &str, sid| AssetRecord { sid: Some(Sid(sid)), ..record(symbol) };
        assert_eq!(
            assign(&known(), &[with("FB", 7), with("X", 40), record("Y")]).unwrap().len(),
            3
        );
        assert_eq!(assign(&[], &[with("X", 40), record("Y")]).unwrap(), [Sid(40), Sid(41)]);
        assert!(matches!(assign(&known(), &[with("X", 7)]), Err(Error::SidTaken { .. })));
        assert!(matches!(assign(&known(), &[with("META", 9)]), Err(Error::SidChanged { .. })));
        assert!(matches!(assign(&[], &[with("X", 1), with("Y", 1)]), Err(Error::SidTaken { .. })));
    }

    #[test]
    fn after_the_largest_sid_there_is_none_and_no_two_assets_share_it() {
        let with = |symbol: &str, sid| AssetRecord { sid: Some(Sid(sid)), ..record(symbol) };
        let largest = u32::MAX;
        assert_eq!(
            assign(&[], &[with("X", largest - 1), record("Y")]).unwrap(),
            [Sid(largest - 1), Sid(largest)]
        );
        let error = assign(&[], &[with("X", largest), record("Y")]).unwrap_err();
        assert!(matches!(&error, Error::NoSidLeft { symbol, .. } if symbol == "Y"));
        assert_eq!(error.to_string(), "no sid is left for `Y`: the largest, 4294967295, is taken");
        let last = Asset::equity(Sid(largest), "X", day("2012-05-18"), day("2024-12-31"));
        assert!(matches!(assign(&[last], &[record("Y")]), Err(Error::NoSidLeft { .. })));
    }
}
