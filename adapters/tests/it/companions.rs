//! The files beside the bars: who is who, and what happened.

use rustybt_data::{Action, Sid, Source};

use crate::fixture::{Folder, everything, faults, names, symbols};

fn telling() -> Folder {
    let folder = Folder::of(&["AAPL", "BAC", "FB"]);
    folder.write(
        "assets.csv",
        "sid,symbol,asset_name,end_date,auto_close_date,exchange,currency,class\n\
         10,AAPL,Apple,2024-12-31,2025-01-03,XNAS,USD,equity\n5,FB,Meta,,,,,\n11,IBM,,,,,,\n",
    );
    folder.write(
        "symbol_map.csv",
        "asset,through_date,symbol,exchange\nFB,2022-06-08,FB,Q\nFB,2050-12-31,META,Q\n\
         BAC,1998-01-02,NB,N\nBAC,1998-09-30,NB,N\nBAC,2050-12-31,BAC,N\n",
    );
    folder.write(
        "splits.csv",
        "symbol,effective_date,ratio\nAAPL,2014-06-09,0.1428572\nIBM,1999-05-27,0.5\n",
    );
    folder.write(
        "dividends.csv",
        "symbol,ex_date,amount\nNB,1998-06-03,0.38\nMETA,2024-02-21,0.5\nFB,2024-05-01,0.5\n",
    );
    folder.write("stock_dividends.csv", "symbol,ex_date,payment_sid,ratio\nBAC,2001-01-02,5,0.5\n");
    folder
}

#[test]
fn assets_are_described_and_renamed() {
    let survey = telling().survey();
    assert_eq!(names(&survey), ["AAPL", "BAC", "META"]);
    let sids: Vec<_> = survey.assets.iter().map(|asset| asset.sid).collect();
    assert_eq!(sids, [Some(Sid(10)), None, Some(Sid(5))]);
    let [apple, bank, meta] = survey.assets.as_slice() else { panic!() };
    assert_eq!((apple.name.as_deref(), apple.exchange.as_deref()), (Some("Apple"), Some("XNAS")));
    assert_eq!(apple.auto_close.unwrap().to_string(), "2025-01-03");
    assert!(apple.symbols.is_empty());
    let spans: Vec<_> =
        meta.symbols.iter().map(|span| (span.symbol.as_str(), span.to.to_string())).collect();
    assert_eq!(spans, [("FB", "2022-06-08".to_owned()), ("META", "2050-12-31".to_owned())]);
    assert_eq!(meta.symbols[1].from.to_string(), "2022-06-09");
    assert_eq!(bank.symbols.len(), 2);
}

#[test]
fn a_symbol_that_can_name_no_file_is_told_beside_it() {
    let folder = Folder::of(&["BTC_USDT"]);
    folder.write("assets.csv", "symbol,class,currency\nBTC/USDT,crypto-spot,USDT\n");
    folder.write("dividends.csv", "symbol,ex_date,amount\nBTC/USDT,2020-03-10,0.5\n");
    let survey = folder.survey();
    assert_eq!(names(&survey), ["BTC/USDT"]);
    assert!(survey.rejected.is_empty(), "{:?}", survey.rejected);
    assert_eq!(survey.events.len(), 1);
}

#[test]
fn events_find_their_assets_by_the_symbol_of_the_day() {
    let survey = telling().survey();
    let events: Vec<_> = survey
        .events
        .iter()
        .map(|event| (event.asset, event.effective.to_string(), event.action.kind()))
        .collect();
    let expected = [
        (0, "2014-06-09", "split"),
        (1, "1998-06-03", "dividend"),
        (2, "2024-02-21", "dividend"),
        (2, "2024-05-01", "dividend"),
        (1, "2001-01-02", "stock dividend"),
    ];
    assert_eq!(events, expected.map(|(asset, day, kind)| (asset, day.to_owned(), kind)));
    assert_eq!(survey.events[0].action, Action::Split { new: 7, old: 1 });
    assert!(matches!(survey.events[4].action, Action::StockDividend { payment: Sid(2), .. }));
    assert_eq!(survey.notes, ["splits.csv, line 2: the ratio 0.1428572 is taken for 1/7"]);
    assert_eq!(
        faults(&survey.rejected),
        ["assets.csv:4: there are no bars of `IBM`", "splits.csv:3: there are no bars of `IBM`"]
    );
}

#[test]
fn events_of_others_are_left_out() {
    let folder = telling();
    let survey = folder.source().survey(&symbols(&["BAC"])).unwrap();
    assert_eq!(names(&survey), ["BAC"]);
    assert_eq!(survey.events.len(), 1);
    assert_eq!((survey.events[0].asset, survey.events[0].action.kind()), (0, "dividend"));
    assert_eq!(
        faults(&survey.rejected),
        ["stock_dividends.csv:2: it is paid in `FB`, which is not among the symbols asked for"]
    );
    let mut selection = everything();
    selection.start = Some("2020-01-01".parse().unwrap());
    selection.end = Some("2024-03-01".parse().unwrap());
    let survey = folder.source().survey(&selection).unwrap();
    assert_eq!(survey.events.len(), 1);
}

#[test]
fn spoiled_companions_do_not_stop_the_others() {
    let folder = Folder::of(&["AAPL"]);
    folder.write("assets.csv", "");
    folder.write("symbol_map.csv", "asset,symbol\nAAPL,AAPL\n");
    folder.write("splits.csv", "symbol,effective_date\nAAPL,2014-06-09\n");
    folder.write("dividends.csv.gz", "symbol,ex_date,amount\nAAPL,2014-06-09,1\n");
    folder.write(
        "mergers.csv",
        "symbol,effective_date,ratio\nAAPL,2014-06-09,0.9,1\nAAPL,2014-06-09,0.9\n",
    );
    let survey = folder.survey();
    assert_eq!(survey.events.len(), 1);
    assert_eq!(
        faults(&survey.rejected),
        [
            "assets.csv: the file holds no rows",
            "symbol_map.csv: it has no column `through_date`; its columns are asset, symbol",
            "splits.csv: it has no column `ratio` or `new`; its columns are symbol, effective_date",
            "dividends.csv.gz: its name ends in .gz but it is not gzip",
            "mergers.csv:2: 4 cells where the header has 3",
        ]
    );
}

#[test]
fn datasets_are_parts_and_must_be_there() {
    let folder = Folder::of(&["AAPL"]);
    folder.write("news.csv", "date,symbol,score\n");
    let options = |file: &str| {
        let path = folder.path().display().to_string();
        [("path".to_owned(), path), ("dataset.news".to_owned(), file.to_owned())].into()
    };
    let source = rustybt_adapters::open("csvdir", &options("news.csv")).unwrap();
    let survey = source.survey(&everything()).unwrap();
    assert_eq!((survey.tables[0].name.as_str(), survey.notes.len()), ("news.csv", 0));
    let error = rustybt_adapters::open("csvdir", &options("nwes.csv")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no file `nwes.csv`, which the option `dataset.news` names"
    );
}
