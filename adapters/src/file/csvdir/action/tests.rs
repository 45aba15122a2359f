use rustybt_data::Sid;

use super::*;

/// Events, what was noted, and what was rejected.
type Read = (Vec<SourceEvent>, Vec<String>, Vec<String>);

/// The events of a file over the assets `A`, `B` and `C`, of which `B` is not wanted.
fn read(companion: Companion, text: &str) -> Result<Read, Reason> {
    let table = Table::read(text.as_bytes(), "file", &mut Vec::new())?;
    let names = ["A", "B", "C"];
    let roster = Roster::new(names.into_iter().map(|name| (name.to_owned(), Vec::new())).collect());
    let selection = Selection {
        symbols: None,
        start: Some("2000-01-01".parse().unwrap()),
        end: Some("2020-12-31".parse().unwrap()),
        frequency: None,
        calendar: rustybt_calendars::calendar("24/7").unwrap(),
    };
    let places = [Some(0), None, Some(1)];
    let zone = selection.calendar.zone();
    let assets = Assets { roster: &roster, places: &places, selection: &selection, zone };
    let file = FILES.iter().find(|file| file.companion == companion).unwrap();
    let (mut notes, mut faults) = (Vec::new(), Vec::new());
    let events = file.read(
        &table,
        &assets,
        |row, symbol, reason| faults.push(format!("{}: {symbol}: {reason}", row.line())),
        |row, note| notes.push(format!("{}: {note}", row.line())),
    )?;
    Ok((events, notes, faults))
}

fn splits(text: &str) -> Vec<(usize, u64, u64)> {
    let (events, _, faults) = read(Companion::Splits, text).unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    events
        .into_iter()
        .map(|event| match event.action {
            Action::Split { new, old } => (event.asset, new, old),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_ratio_multiplies_earlier_prices() {
    let (events, notes, _) = read(
        Companion::Splits,
        "symbol,effective_date,ratio\nA,2014-06-09,0.1428572\nC,20090701,20\nA,2000/06/21,0.5000011\n",
    )
    .unwrap();
    let actions: Vec<_> = events.iter().map(|event| (event.asset, event.action.clone())).collect();
    assert_eq!(
        actions,
        [
            (0, Action::Split { new: 7, old: 1 }),
            (1, Action::Split { new: 1, old: 20 }),
            (0, Action::Split { new: 10_000_000, old: 5_000_011 }),
        ]
    );
    assert_eq!(notes, ["2: the ratio 0.1428572 is taken for 1/7"]);
    assert_eq!(events[1].effective.to_string(), "2009-07-01");
}

#[test]
fn new_and_old_are_taken_as_they_are() {
    assert_eq!(
        splits("sid,date,new,old\n2,2010-01-04,3,2\n0,2010-01-04,1.5,1\n"),
        [(1, 3, 2), (0, 3, 2)]
    );
    // Both ways in one file: whichever is filled in.
    assert_eq!(
        splits("symbol,date,ratio,new,old\nA,2010-01-04,0.5,,\nA,2010-01-05,,5,1\n"),
        [(0, 2, 1), (0, 5, 1)]
    );
}

#[test]
fn what_is_not_wanted_is_passed_over() {
    let text = "symbol,date,ratio\nB,2010-01-04,0.5\nA,1999-12-31,0.5\nA,2021-01-01,0.5\nA,2020-12-31,0.5\n";
    assert_eq!(splits(text), [(0, 2, 1)]);
}

#[test]
fn dividends_keep_every_date() {
    let (events, ..) = read(
        Companion::Dividends,
        "symbol,ex_date,amount,declared_date,record_date,pay_date,currency,known_at\n\
         A,2012-08-09,2.6499,2012-07-24,2012-08-13,2012-08-16,USD,2012-07-24T20:30Z\n\
         A,2012-11-07,2.65,,,,,\nA,2013-02-07,2.65,,,,,2013-01-23\n",
    )
    .unwrap();
    let day = |text: &str| Some(text.parse().unwrap());
    assert_eq!(
        events[0].action,
        Action::Dividend {
            amount: "2.6499".parse().unwrap(),
            currency: Some("USD".to_owned()),
            declared: day("2012-07-24"),
            record: day("2012-08-13"),
            pay: day("2012-08-16"),
        }
    );
    assert_eq!(events[0].known, Some("2012-07-24T20:30Z".parse().unwrap()));
    assert_eq!(events[1].known, None);
    // A date alone is over at midnight, here in UTC.
    assert_eq!(events[2].known, Some("2013-01-24T00:00Z".parse().unwrap()));
}

#[test]
fn mergers_and_stock_dividends() {
    let (events, ..) =
        read(Companion::Mergers, "symbol,effective_date,ratio\nA,2012-08-09,0.937154\n").unwrap();
    assert_eq!(events[0].action, Action::Merger { ratio: "0.937154".parse().unwrap() });
    let (events, _, faults) = read(
        Companion::StockDividends,
        "sid,ex_date,payment_sid,ratio,pay_date\n0,2012-08-09,2,0.25,2012-08-20\n0,2012-08-09,1,0.25,\n",
    )
    .unwrap();
    assert_eq!(
        events[0].action,
        Action::StockDividend {
            payment: Sid(1),
            ratio: "0.25".parse().unwrap(),
            pay: Some("2012-08-20".parse().unwrap()),
        }
    );
    assert_eq!(faults, ["3: : it is paid in `B`, which is not among the symbols asked for"]);
}

#[test]
fn bad_rows_are_named_and_the_others_go_on() {
    let (events, _, faults) = read(
        Companion::Splits,
        "symbol,effective_date,ratio\nA,2014-06-31,0.5\nX,2014-06-09,0.5\nA,2014-06-09,0\n\
         A,2014-06-09,half\n,2014-06-09,0.5\nA,2014-06-09,\nA,2014-06-09,0.5\n",
    )
    .unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        faults,
        [
            "2: A: `2014-06-31` in column `effective_date` is no date (write it YYYY-MM-DD)",
            "3: X: there are no bars of `X`",
            "4: A: ratio 0 is not above zero",
            "5: A: `half` in column `ratio` is no ratio",
            "6: : `` in column `symbol` is no symbol",
            "7: A: `` in column `ratio` is no ratio",
        ]
    );
    let (_, _, faults) =
        read(Companion::Dividends, "symbol,ex_date,amount\nA,2014-06-09,-1\n").unwrap();
    assert_eq!(faults, ["2: A: a dividend of -1 is below zero"]);
}

#[test]
fn missing_columns_spoil_the_file() {
    for (companion, text, detail) in [
        (
            Companion::Splits,
            "symbol,date\n",
            "it has no column `ratio` or `new`; its columns are symbol, date",
        ),
        (
            Companion::Splits,
            "symbol,date,new\n",
            "it has no column `old`; its columns are symbol, date, new",
        ),
        (
            Companion::Dividends,
            "amount,date\n",
            "it has no column `symbol` or `sid`; its columns are amount, date",
        ),
        (
            Companion::Mergers,
            "sid,ratio\n",
            "it has no column `effective_date` or `ex_date` or `date`; its columns are sid, ratio",
        ),
    ] {
        assert_eq!(read(companion, text).unwrap_err().to_string(), detail);
    }
}

#[test]
fn rights_are_so_many_for_so_many_at_a_price() {
    let text = "symbol,ex_date,new,old,price\nA,2019-03-04,2.5,5,12.50\nA,2019-03-05,1,0,3\n";
    let (events, _, faults) = read(Companion::Rights, text).unwrap();
    let actions: Vec<_> = events.into_iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::Rights { new: 1, old: 2, price: "12.50".parse().unwrap() }]);
    assert_eq!(faults, ["3: A: old 0 is not above zero"]);
}
