use rustybt_calendars::calendar;

use super::*;
use crate::{ExactColumn, Field};

/// Bars from text: one a line, `stamp open high low close volume`, `-` where missing.
fn bars(text: &str) -> RawBars {
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    let stamps = if rows[0][0].len() > 10 {
        Stamps::Instants(rows.iter().map(|row| row[0].parse().unwrap()).collect())
    } else {
        Stamps::Sessions(rows.iter().map(|row| row[0].parse().unwrap()).collect())
    };
    let column = |place: usize| {
        let mut column = ExactColumn::default();
        for row in &rows {
            column.push(row[place].parse().ok()).unwrap();
        }
        column
    };
    RawBars {
        stamps,
        columns: Field::OHLCV.iter().map(|&field| (field, column(field.index() + 1))).collect(),
        lines: (2..).take(rows.len()).collect(),
    }
}

fn judged(text: &str, class: AssetClass) -> (RawBars, Verdict) {
    let mut bars = bars(text);
    let frequency = match bars.stamps {
        Stamps::Sessions(_) => Frequency::DAILY,
        Stamps::Instants(_) => Frequency::MINUTE,
    };
    let context = ValidateContext {
        origin: "daily/A.csv",
        symbol: "A",
        class,
        calendar: &calendar("XNYS").unwrap(),
        frequency,
        today: "2014-07-08".parse().unwrap(),
    };
    let verdict = validate(&mut bars, &context);
    (bars, verdict)
}

/// The one reason for which the second of two bars is refused.
fn reason(second: &str) -> String {
    let (bars, verdict) = judged(&format!("2014-06-02 2 3 1 2 5\n{second}"), AssetClass::Equity);
    assert_eq!((bars.len(), verdict.rejected.len()), (1, 1), "{second}");
    let rejected = &verdict.rejected[0];
    assert_eq!((rejected.line, rejected.origin.as_str()), (Some(3), "daily/A.csv"));
    rejected.reason.to_string()
}

#[test]
fn good_bars_stay_as_they_are() {
    let text = "2014-06-02 2 3.25 1 2 5\n2014-06-03 2 2 2 2 0\n2014-06-04 - - - - 0";
    let (after, verdict) = judged(text, AssetClass::Equity);
    assert_eq!(after, bars(text));
    assert_eq!(verdict, Verdict { without_trades: 1, ..Verdict::default() });
}

#[test]
fn each_fault_has_its_reason() {
    for (bar, expected) in [
        ("2014-06-03 2 1.5 1 1 5", "high 1.5 is below open 2"),
        ("2014-06-03 1 1.5 1 1.51 5", "high 1.5 is below close 1.51"),
        ("2014-06-03 2 3 2.0001 2.5 5", "low 2.0001 is above open 2"),
        ("2014-06-03 2 1 3 2 5", "high 1 is below open 2"),
        ("2014-06-03 0 3 0 2 5", "open 0 is not above zero"),
        ("2014-06-03 2 3 -1 2 5", "low -1 is not above zero"),
        ("2014-06-03 2 3 1 2 -5", "volume -5 is below zero"),
        ("2014-06-03 2 3 1 2 -", "volume is missing in a bar that has other prices"),
        ("2014-06-03 2 - 1 2 5", "high is missing in a bar that has other prices"),
        ("2014-06-03 - - - - 5", "volume 5 in a bar without prices"),
        ("2014-06-02 2 3 1 2 6", "another bar of 2014-06-02 came first, in line 2"),
        ("2014-07-04 2 3 1 2 6", "2014-07-04 is no session of XNYS (Independence Day)"),
        ("2014-06-07 2 3 1 2 6", "2014-06-07 is no session of XNYS"),
        ("2014-07-10 2 3 1 2 6", "2014-07-10 lies outside 1971-01-04 to 2014-07-09"),
        ("3014-06-03 2 3 1 2 6", "3014-06-03 lies outside 1971-01-04 to 2014-07-09"),
    ] {
        assert_eq!(reason(bar), expected, "{bar}");
    }
}

#[test]
fn other_classes_may_fall_below_zero() {
    let text = "2014-06-02 -37.63 1 -40.32 -37.63 5\n2014-06-03 0 0 0 0 0";
    assert!(judged(text, AssetClass::Future).1.rejected.is_empty());
    assert_eq!(judged(text, AssetClass::Equity).1.rejected.len(), 2);
}

#[test]
fn bars_out_of_order_are_sorted_and_equal_ones_dropped() {
    let text = "2014-06-06 2 3 1 2 6\n2014-06-02 2 3 1 2 5\n2014-06-06 2 3 1 2 6\n\
                2014-06-03 9 3 1 2 5\n2014-06-06 2 3 1 2 7";
    let (after, verdict) = judged(text, AssetClass::Equity);
    assert_eq!(after.lines, [3, 2]);
    assert_eq!(after.stamps.text(0), "2014-06-02");
    assert_eq!(verdict.equal_duplicates, 1);
    let lines: Vec<_> = verdict.rejected.iter().map(|r| r.line).collect();
    assert_eq!(lines, [Some(5), Some(6)]);
    assert_eq!(verdict.rejected[0].text, "2014-06-03,9,3,1,2,5");
    let missing: Vec<_> = verdict.missing_sessions.iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["2014-06-03", "2014-06-04", "2014-06-05"]);
}

#[test]
fn minutes_outside_regular_hours_are_kept_and_counted() {
    let text = "2014-06-02T13:29Z 2 3 1 2 5\n2014-06-02T13:30Z 2 3 1 2 5\n2014-06-02T19:59Z 2 3 1 2 5\n\
                2014-06-02T20:00Z 2 3 1 2 5\n2014-06-04T13:30Z 2 3 1 2 5\n2014-06-07T15:00Z 2 3 1 2 5";
    let (after, verdict) = judged(text, AssetClass::Equity);
    assert_eq!((after.len(), verdict.outside_hours), (6, 3));
    assert_eq!(verdict.missing_sessions, ["2014-06-03".parse().unwrap()]);
    let (after, verdict) =
        judged("2014-06-02T13:30:20Z 2 3 1 2 5\n2014-06-02T13:31Z 2 3 1 2 5", AssetClass::Equity);
    assert_eq!(after.len(), 1);
    assert!(verdict.rejected[0].reason.to_string().contains("not on a whole minute"));
}

#[test]
fn columns_of_another_length_are_no_reason_to_panic() {
    let mut short = bars("2014-06-02 2 3 1 2 5\n2014-06-03 2 3 1 2 5");
    let rows = short.columns[0].1.len();
    short.columns[0].1.mantissas_mut().resize(rows - 1);
    short.columns.pop();
    let context = ValidateContext {
        origin: "",
        symbol: "A",
        class: AssetClass::Equity,
        calendar: &calendar("XNYS").unwrap(),
        frequency: Frequency::DAILY,
        today: "2014-07-08".parse().unwrap(),
    };
    assert_eq!(validate(&mut short, &context).rejected.len(), 2);
    assert!(short.is_empty());
}

#[test]
fn a_number_of_trades_is_a_number_of_things() {
    let mut bars = bars("2014-06-09 1 1 1 1 5\n2014-06-10 1 1 1 1 5\n2014-06-11 1 1 1 1 5");
    let mut trades = ExactColumn::default();
    for text in ["3.0", "2.5", "-1"] {
        trades.push(Some(text.parse().unwrap())).unwrap();
    }
    bars.columns.push((Field::Trades, trades));
    let context = ValidateContext {
        origin: "daily/A.csv",
        symbol: "A",
        class: AssetClass::Equity,
        calendar: &calendar("XNYS").unwrap(),
        frequency: Frequency::DAILY,
        today: "2014-07-08".parse().unwrap(),
    };
    let verdict = validate(&mut bars, &context);
    let reasons: Vec<String> = verdict.rejected.iter().map(|row| row.reason.to_string()).collect();
    assert_eq!(
        reasons,
        [
            "`2.5` in column `trades` is no number of trades",
            "`-1.0` in column `trades` is no number of trades"
        ]
    );
    assert_eq!(bars.len(), 1);
}
