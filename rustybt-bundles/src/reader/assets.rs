//! Assets and the symbols they had.

use rustybt_calendars::Session;
use rustybt_data::{Asset, AssetClass, Sid, SymbolSpan};

use crate::format::Column;

/// The assets of the tables `assets` and `symbols`; `None` where these contradict each other.
pub(crate) fn assets(assets: &[Column], symbols: &[Column]) -> Option<Vec<Asset>> {
    let [sid, symbol, name, exchange, class, currency, start, end, auto_close] = assets else {
        return None;
    };
    let mut found = Vec::with_capacity(sid.len());
    for row in 0..sid.len() {
        let text = |column: &Column| column.text(row).unwrap_or_default().to_owned();
        found.push(Asset {
            sid: Sid(u32::try_from(sid.number(row)?).ok()?),
            symbol: text(symbol),
            name: text(name),
            exchange: text(exchange),
            class: AssetClass::from_name(class.text(row)?)?,
            currency: text(currency),
            start: date(start, row)?,
            end: date(end, row)?,
            auto_close: date(auto_close, row),
            symbols: Vec::new(),
        });
    }
    let [sid, symbol, from, to] = symbols else { return None };
    for row in 0..sid.len() {
        let sid = Sid(u32::try_from(sid.number(row)?).ok()?);
        let at = found.binary_search_by_key(&sid, |asset| asset.sid).ok()?;
        let symbol = symbol.text(row).unwrap_or_default().to_owned();
        let span = SymbolSpan { symbol, from: date(from, row)?, to: date(to, row)? };
        found.get_mut(at)?.symbols.push(span);
    }
    Some(found)
}

/// A date of a row.
pub(super) fn date(column: &Column, row: usize) -> Option<Session> {
    column.number(row).and_then(|days| i32::try_from(days).ok()).map(Session::from_days)
}
