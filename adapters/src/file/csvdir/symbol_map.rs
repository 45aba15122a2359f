//! `symbol_map.csv`: the symbols that assets had before.
//!
//! `asset,through_date,symbol,exchange`: the asset (the name of its files) bore the symbol through
//! that day, from the day after the asset's row before. The last row is the symbol it has now; but
//! where that row ends before the asset does, and none tells of the asset's own name, it has that
//! name since. Rows that go on with the same symbol are one span: some vendors begin each asset with
//! a row of its first day.

use std::collections::BTreeMap;

use rustybt_calendars::Session;
use rustybt_data::{Reason, SymbolSpan};

use super::roster::{EARLIEST, LATEST, Roster};
use crate::file::csv::table::{Row, Table};

/// The first day that vendors write for "still": 1 January 2050.
const FOREVER: Session = Session::from_days(29_220);

/// Takes the symbols over to the roster. `reject` is given the rows that cannot be used.
pub(super) fn rename(
    roster: &mut Roster,
    table: &Table,
    mut reject: impl FnMut(Row<'_>, &str, Reason),
) -> Result<(), Reason> {
    for column in ["asset", "through_date", "symbol"] {
        table.require(&[column])?;
    }
    let mut told: BTreeMap<usize, BTreeMap<Session, (&str, Option<&str>)>> = BTreeMap::new();
    for row in table.rows() {
        let asset = row.get("asset").unwrap_or_default();
        let read = || {
            let place = roster
                .called(row.text("asset", "asset")?)
                .ok_or_else(|| Reason::NoBars { symbol: asset.to_owned() })?;
            Ok((place, row.required_date("through_date")?, row.text("symbol", "symbol")?))
        };
        match read() {
            Ok((place, through, symbol)) => {
                let symbols = told.entry(place).or_default();
                let first = symbols.entry(through).or_insert((symbol, row.get("exchange")));
                if first.0 != symbol {
                    let detail =
                        format!("an earlier row has `{}` as its symbol through {through}", first.0);
                    reject(row, asset, Reason::BadAction { detail });
                }
            }
            Err(reason) => reject(row, asset, reason),
        }
    }
    roster.describe(|place, record| {
        let Some(symbols) = told.get(&place) else {
            return;
        };
        record.symbols = spans(symbols, record.start.unwrap_or(EARLIEST));
        let is_told = record.symbols.iter().any(|span| span.symbol == record.symbol);
        let end = record.end.unwrap_or(FOREVER);
        if let Some(last) = record.symbols.last().filter(|last| !is_told && last.to < end) {
            let (symbol, from) = (record.symbol.clone(), last.to.plus_days(1));
            record.symbols.push(SymbolSpan { symbol, from, to: LATEST });
        }
        if let Some(last) = record.symbols.last() {
            record.symbol.clone_from(&last.symbol);
        }
        if record.exchange.is_none() {
            let exchange = symbols.last_key_value().and_then(|(_, (_, exchange))| *exchange);
            record.exchange = exchange.map(str::to_owned);
        }
    });
    Ok(())
}

/// Last days and symbols as spans, oldest first.
fn spans(symbols: &BTreeMap<Session, (&str, Option<&str>)>, start: Session) -> Vec<SymbolSpan> {
    let mut spans: Vec<SymbolSpan> = Vec::new();
    let mut from = start;
    for (&to, &(symbol, _)) in symbols {
        match spans.last_mut() {
            Some(last) if last.symbol == symbol => last.to = to,
            _ => spans.push(SymbolSpan { symbol: symbol.to_owned(), from: from.min(to), to }),
        }
        from = to.plus_days(1);
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(text: &str, names: &[&str]) -> (Roster, Vec<String>) {
        let table = Table::read(text.as_bytes(), "symbol_map.csv", &mut Vec::new()).unwrap();
        let mut roster =
            Roster::new(names.iter().map(|name| ((*name).to_owned(), Vec::new())).collect());
        let mut faults = Vec::new();
        rename(&mut roster, &table, |row, _, reason| {
            faults.push(format!("{}: {reason}", row.line()));
        })
        .unwrap();
        (roster, faults)
    }

    #[test]
    fn neighbours_with_one_symbol_are_one_span() {
        // As the real data has it.
        let (roster, faults) = renamed(
            "asset,through_date,symbol,exchange\n\
             BAC,1998-01-02,NB,N\nBAC,1998-09-30,NB,N\nBAC,2050-12-31,BAC,N\n\
             AAPL,1998-01-02,AAPL,Q\nAAPL,2050-12-31,AAPL,Q\n",
            &["AAPL", "BAC"],
        );
        assert!(faults.is_empty(), "{faults:?}");
        let bank = &roster.members()[1].record;
        let day = |text: &str| text.parse::<Session>().unwrap();
        let span = |symbol: &str, from, to| SymbolSpan { symbol: symbol.to_owned(), from, to };
        assert_eq!(
            bank.symbols,
            [
                span("NB", EARLIEST, day("1998-09-30")),
                span("BAC", day("1998-10-01"), day("2050-12-31")),
            ]
        );
        assert_eq!((bank.symbol.as_str(), bank.exchange.as_deref()), ("BAC", Some("N")));
        assert_eq!(roster.members()[0].record.symbols, [span("AAPL", EARLIEST, day("2050-12-31"))]);
    }

    #[test]
    fn the_last_row_is_the_symbol_of_today_whatever_its_place() {
        let (roster, _) =
            renamed("asset,through_date,symbol\nFB,2050-12-31,META\nFB,2022-06-08,FB\n", &["FB"]);
        let record = &roster.members()[0].record;
        assert_eq!((record.symbol.as_str(), record.symbols.len()), ("META", 2));
        assert_eq!(record.symbols[0].symbol, "FB");
    }

    #[test]
    fn an_asset_has_its_own_name_after_its_earlier_ones() {
        let (roster, _) = renamed(
            "asset,through_date,symbol\nGGG,2019-12-31,OLDG\nFB,2050-12-31,META\n",
            &["FB", "GGG"],
        );
        let symbols = |place: usize| {
            let record = &roster.members()[place].record;
            let spans = record.symbols.iter().map(|span| (span.symbol.as_str(), span.from));
            (record.symbol.clone(), spans.collect::<Vec<_>>())
        };
        let since = "2020-01-01".parse::<Session>().unwrap();
        assert_eq!(symbols(1), ("GGG".to_owned(), vec![("OLDG", EARLIEST), ("GGG", since)]));
        assert_eq!(symbols(0), ("META".to_owned(), vec![("META", EARLIEST)]));
    }

    #[test]
    fn faults_are_named() {
        let (_, faults) = renamed(
            "asset,through_date,symbol\nA,2020-01-01,X\nA,2020-01-01,Y\nB,2020-01-01,B\nA,soon,A\nA,2021-01-01,\n",
            &["A"],
        );
        assert_eq!(
            faults,
            [
                "3: an earlier row has `X` as its symbol through 2020-01-01",
                "4: there are no bars of `B`",
                "5: `soon` in column `through_date` is no date (write it YYYY-MM-DD)",
                "6: `` in column `symbol` is no symbol",
            ]
        );
    }
}
