//! `assets.csv`: what is known of the assets beside their bars.
//!
//! `[sid,]symbol[,asset_name,start_date,end_date,auto_close_date,exchange,currency,class]`; the
//! symbol is the name of the asset's files, or looks like it: `BTC/USDT` for `BTC_USDT.csv`. Rows
//! of one sid, of which one has files, are one asset under the symbols it had, each until its end.

use std::collections::BTreeMap;

use rustybt_data::{AssetClass, AssetRecord, Reason, Sid, SymbolSpan};

use super::roster::{EARLIEST, LATEST, Roster};
use crate::file::csv::table::{Row, Table, bad_cell};

/// Takes what the rows tell over to the roster. `reject` is given the rows that cannot be used.
pub(super) fn describe(
    roster: &mut Roster,
    table: &Table,
    mut reject: impl FnMut(Row<'_>, &str, Reason),
) -> Result<(), Reason> {
    table.require(&["symbol"])?;
    let mut told: BTreeMap<usize, AssetRecord> = BTreeMap::new();
    let mut sids: BTreeMap<Sid, String> = BTreeMap::new();
    let mut earlier: Vec<(Row<'_>, AssetRecord)> = Vec::new();
    for row in table.rows() {
        let symbol = row.get("symbol").unwrap_or_default();
        let read = record_of(row).and_then(|record| {
            let Some(place) = roster.called(symbol) else {
                return Ok((None, record));
            };
            if told.contains_key(&place) {
                let detail = format!("`{symbol}` was described in an earlier row");
                return Err(Reason::BadAction { detail });
            }
            if let Some((sid, other)) = record.sid.and_then(|sid| Some((sid, sids.get(&sid)?))) {
                let detail = format!("sid {sid} is that of `{other}` in an earlier row");
                return Err(Reason::BadAction { detail });
            }
            Ok((Some(place), record))
        });
        match read {
            Ok((Some(place), record)) => {
                sids.extend(record.sid.map(|sid| (sid, symbol.to_owned())));
                told.insert(place, record);
            }
            Ok((None, record)) => earlier.push((row, record)),
            Err(reason) => reject(row, symbol, reason),
        }
    }
    for (row, record) in earlier {
        let own = |known: &&mut AssetRecord| record.sid.is_some() && known.sid == record.sid;
        if let Some(known) = told.values_mut().find(own) {
            add_symbol(known, &record);
        } else {
            let symbol = record.symbol.clone();
            reject(row, &symbol, Reason::NoBars { symbol: symbol.clone() });
        }
    }
    roster.describe(|place, record| {
        if let Some(told) = told.remove(&place) {
            *record = told;
        }
    });
    Ok(())
}

/// Adds the symbol of another row of the same asset: each was borne from the end of the one before.
fn add_symbol(known: &mut AssetRecord, other: &AssetRecord) {
    let span = |record: &AssetRecord| SymbolSpan {
        symbol: record.symbol.clone(),
        from: record.start.unwrap_or(EARLIEST),
        to: record.end.unwrap_or(LATEST),
    };
    if known.symbols.is_empty() {
        known.symbols.push(span(known));
    }
    known.symbols.push(span(other));
    known.symbols.sort_by_key(|span| (span.to, span.from));
    let mut from = EARLIEST;
    let last = known.symbols.len() - 1;
    for (place, span) in known.symbols.iter_mut().enumerate() {
        (span.from, span.to) = (from, if place == last { LATEST } else { span.to });
        from = span.to.plus_days(1);
    }
    if let Some(last) = known.symbols.last() {
        known.symbol.clone_from(&last.symbol);
    }
    known.start = known.start.zip(other.start).map(|(one, other)| one.min(other));
    known.end = known.end.zip(other.end).map(|(one, other)| one.max(other));
}

fn record_of(row: Row<'_>) -> Result<AssetRecord, Reason> {
    let text =
        |names: [&str; 2]| names.into_iter().find_map(|name| row.get(name)).map(str::to_owned);
    let class = match row.get("class") {
        None => AssetClass::default(),
        Some(name) => AssetClass::from_name(&name.to_lowercase())
            .ok_or_else(|| bad_cell("class", name, "class of assets, such as equity or index"))?,
    };
    let record = AssetRecord {
        symbol: row.text("symbol", "symbol")?.to_owned(),
        sid: row.identifier("sid")?.map(Sid),
        name: text(["asset_name", "name"]),
        exchange: text(["exchange", "mic"]),
        class,
        currency: text(["currency", "quote_currency"]),
        start: row.date("start_date")?,
        end: row.date("end_date")?,
        auto_close: row.date("auto_close_date")?,
        symbols: Vec::new(),
    };
    match (record.start, record.end) {
        (Some(start), Some(end)) if end < start => Err(Reason::BadAction {
            detail: format!("its end {end} comes before its start {start}"),
        }),
        _ => Ok(record),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_sid_are_the_symbols_of_one_asset() {
        // As zipline's tables have it.
        let text = b"sid,symbol,start_date,end_date,auto_close_date\n\
            2,OLDC,2019-01-02,2019-12-31,2021-01-01\n2,CCC,2020-01-02,2020-12-31,2021-01-01\n";
        let table = Table::read(text, "assets.csv", &mut Vec::new()).unwrap();
        let mut roster = Roster::new([("CCC".to_owned(), Vec::new())].into());
        let mut faults = 0;
        describe(&mut roster, &table, |_, _, _| faults += 1).unwrap();
        assert_eq!(faults, 0);
        let record = &roster.members()[0].record;
        let day = |text: &str| text.parse().unwrap();
        assert_eq!((record.start, record.end), (Some(day("2019-01-02")), Some(day("2020-12-31"))));
        let span = |symbol: &str, from, to| SymbolSpan { symbol: symbol.to_owned(), from, to };
        let expected =
            [span("OLDC", EARLIEST, day("2019-12-31")), span("CCC", day("2020-01-01"), LATEST)];
        assert_eq!((record.symbol.as_str(), record.symbols.as_slice()), ("CCC", &expected[..]));
    }

    #[test]
    fn rows_describe_assets() {
        let text = b"sid,symbol,asset_name,start_date,exchange,class,currency\n\
            7,BAC,Bank of America,1998-01-02,XNYS,Equity,USD\n\
            7,AAPL,Apple,,,,\n\
            8,AAPL,Apple,,,share,\n\
            9,AAPL,\"Apple, Inc.\",,XNAS,,\n\
            9,AAPL,Apple,,,,\n\
            3,IBM,,,,,\n";
        let table = Table::read(text, "assets.csv", &mut Vec::new()).unwrap();
        let names = ["AAPL", "BAC"];
        let mut roster =
            Roster::new(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
        let mut faults = Vec::new();
        describe(&mut roster, &table, |row, _, reason| {
            faults.push(format!("{}: {reason}", row.line()));
        })
        .unwrap();
        assert_eq!(
            faults,
            [
                "3: sid 7 is that of `BAC` in an earlier row",
                "4: `share` in column `class` is no class of assets, such as equity or index",
                "6: `AAPL` was described in an earlier row",
                "7: there are no bars of `IBM`",
            ]
        );
        let apple = &roster.members()[0].record;
        assert_eq!((apple.sid, apple.name.as_deref()), (Some(Sid(9)), Some("Apple, Inc.")));
        let bank = &roster.members()[1].record;
        assert_eq!((bank.sid, bank.exchange.as_deref()), (Some(Sid(7)), Some("XNYS")));
        assert_eq!(bank.start, Some("1998-01-02".parse().unwrap()));
    }
}
