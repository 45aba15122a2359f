//! `assets.csv`: what is known of the assets beside their bars.
//!
//! `[sid,]symbol[,asset_name,start_date,end_date,auto_close_date,exchange,currency,class]`; the
//! symbol is the name of the asset's files, or looks like it: `BTC/USDT` for `BTC_USDT.csv`.

use std::collections::BTreeMap;

use rustybt_data::{AssetClass, AssetRecord, Reason, Sid};

use super::roster::Roster;
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
    for row in table.rows() {
        let symbol = row.get("symbol").unwrap_or_default();
        let read = record_of(row).and_then(|record| {
            let place = roster
                .called(symbol)
                .ok_or_else(|| Reason::NoBars { symbol: symbol.to_owned() })?;
            if told.contains_key(&place) {
                let detail = format!("`{symbol}` was described in an earlier row");
                return Err(Reason::BadAction { detail });
            }
            if let Some((sid, other)) = record.sid.and_then(|sid| Some((sid, sids.get(&sid)?))) {
                let detail = format!("sid {sid} is that of `{other}` in an earlier row");
                return Err(Reason::BadAction { detail });
            }
            Ok((place, record))
        });
        match read {
            Ok((place, record)) => {
                sids.extend(record.sid.map(|sid| (sid, symbol.to_owned())));
                told.insert(place, record);
            }
            Err(reason) => reject(row, symbol, reason),
        }
    }
    roster.describe(|place, record| {
        if let Some(told) = told.remove(&place) {
            *record = told;
        }
    });
    Ok(())
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
