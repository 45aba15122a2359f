//! What the bundle says of an asset after an ingest: what it knew, what the source says, and what
//! its bars show.

use rustybt_calendars::Session;
use rustybt_data::{Asset, AssetClass, AssetRecord, Sid, SymbolSpan};

/// The asset, or `None` where neither the source nor a bar tells when it lived.
///
/// `seen` are the sessions of its first and last bar in this ingest.
pub(super) fn describe(
    record: &AssetRecord,
    sid: Sid,
    known: Option<&Asset>,
    seen: Option<(Session, Session)>,
) -> Option<Asset> {
    let start = record.start.or_else(|| {
        let seen = seen.map(|seen| seen.0);
        known.map(|known| known.start).into_iter().chain(seen).min()
    })?;
    let end = record.end.or_else(|| {
        let seen = seen.map(|seen| seen.1);
        known.map(|known| known.end).into_iter().chain(seen).max()
    })?;
    let end = end.max(start);
    let text = |told: &Option<String>, known: Option<&String>| {
        told.clone().filter(|text| !text.is_empty()).or_else(|| known.cloned()).unwrap_or_default()
    };
    let mut currency = text(&record.currency, known.map(|known| &known.currency));
    if currency.is_empty() && record.class == AssetClass::Equity {
        "USD".clone_into(&mut currency);
    }
    let symbols = symbols(record, known, start, end);
    Some(Asset {
        sid,
        symbol: symbols.last().map_or_else(|| record.symbol.clone(), |span| span.symbol.clone()),
        name: text(&record.name, known.map(|known| &known.name)),
        exchange: text(&record.exchange, known.map(|known| &known.exchange)),
        class: record.class,
        currency,
        start,
        end,
        auto_close: record.auto_close.or_else(|| known.and_then(|known| known.auto_close)),
        symbols,
    })
}

/// The symbols through time: those the source tells, after those the bundle knows from before;
/// the first and the last stretched over the asset's life.
fn symbols(
    record: &AssetRecord,
    known: Option<&Asset>,
    start: Session,
    end: Session,
) -> Vec<SymbolSpan> {
    let known = known.map(|known| known.symbols.as_slice()).unwrap_or_default();
    let mut spans = match record.symbols.first() {
        Some(first) => {
            let before = known.iter().filter(|span| span.to < first.from);
            before.chain(&record.symbols).cloned().collect()
        }
        None if known.is_empty() => {
            vec![SymbolSpan { symbol: record.symbol.clone(), from: start, to: end }]
        }
        None => known.to_vec(),
    };
    if let Some(first) = spans.first_mut() {
        first.from = first.from.min(start);
    }
    if let Some(last) = spans.last_mut() {
        last.to = last.to.max(end);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Session {
        text.parse().unwrap()
    }

    #[test]
    fn a_life_grows_with_its_bars() {
        let record = AssetRecord { symbol: "A".into(), ..AssetRecord::default() };
        assert_eq!(describe(&record, Sid(0), None, None), None);
        let first = (day("2020-01-02"), day("2020-06-30"));
        let asset = describe(&record, Sid(0), None, Some(first)).unwrap();
        assert_eq!((asset.start, asset.end), first);
        let more = (day("2020-03-02"), day("2021-01-04"));
        let grown = describe(&record, Sid(0), Some(&asset), Some(more)).unwrap();
        assert_eq!((grown.start, grown.end), (first.0, more.1));
        assert_eq!(grown.symbols, [SymbolSpan { symbol: "A".into(), from: first.0, to: more.1 }]);
        assert_eq!(describe(&record, Sid(0), Some(&grown), Some(first)).unwrap(), grown);
    }

    #[test]
    fn earlier_symbols_are_remembered() {
        let span = |symbol: &str, from: &str, to: &str| SymbolSpan {
            symbol: symbol.into(),
            from: day(from),
            to: day(to),
        };
        let mut known = Asset::equity(Sid(7), "FB", day("2012-05-18"), day("2021-12-31"));
        known.symbols = vec![span("FB", "2012-05-18", "2022-06-08")];
        let record = AssetRecord {
            symbol: "META".into(),
            symbols: vec![span("META", "2022-06-09", "2022-12-30")],
            ..AssetRecord::default()
        };
        let seen = (day("2022-01-03"), day("2023-12-29"));
        let asset = describe(&record, Sid(7), Some(&known), Some(seen)).unwrap();
        assert_eq!(asset.symbol, "META");
        assert_eq!(
            asset.symbols,
            [span("FB", "2012-05-18", "2022-06-08"), span("META", "2022-06-09", "2023-12-29")]
        );
    }
}
