//! What is asked as of a moment, of all data and of data cut at that moment: the same to the bit.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Clock, Line, market, market_with, program};

/// The moments at which the data is cut: the last session, and the first minute that is not there.
const CUTS: [(&str, &str); 3] = [
    ("2019-12-02", "2019-12-02 16:00"),
    ("2020-02-13", "2020-02-13 16:00"),
    ("2020-03-09", "2020-03-09 11:37"),
];

/// Compares the answers to the lines, and to questions of every other kind.
pub(super) fn compare(lines: &[Line]) {
    let whole = market();
    let mut compared = 0;
    for (last, minute) in CUTS {
        let is_over = minute.ends_with("16:00");
        let cut = market_with(|name, text| truncated(name, text, last, minute, is_over));
        // In summer New York is four hours behind; those before are asked about in winter alone.
        let until = if is_over { format!("{last}T21:00Z") } else { format!("{last}T15:37Z") };
        let known = |line: &&Line| match line.clock {
            _ if ["fx", "adjusted_value", "adjustments"].contains(&line.op()) => false,
            Clock::Daily => line.at() < last || (line.at() == last && is_over),
            Clock::Minute => *line.at() <= *until,
        };
        let others = others(last, &until, is_over);
        let questions: Vec<&Value> =
            lines.iter().filter(known).map(|line| &line.ask).chain(&others).collect();
        let expected = program::asked(&cut, questions.iter().copied());
        let found = program::asked(&whole, questions.iter().copied());
        for ((question, found), expected) in questions.iter().zip(&found).zip(&expected) {
            if expected["error"]["kind"] == "unknown_sid" {
                continue; // Its life begins later.
            }
            assert_eq!(wordless(found), wordless(expected), "{question}, cut at {minute}");
            compared += 1;
        }
    }
    assert!(compared > 3_000, "{compared}");
}

/// Questions of the kinds that zipline has not.
fn others(last: &str, until: &str, is_over: bool) -> Vec<Value> {
    let mut questions = Vec::new();
    let equities = || json!((0..7).map(|sid| json!({"sid": sid})).collect::<Vec<_>>());
    let day = if is_over { last } else { "2020-03-06" };
    for (op, more) in [
        (
            "history",
            json!({"bars": 7, "frequency": "1w", "at": day, "fields": ["open", "price", "volume"]}),
        ),
        ("history", json!({"bars": 3, "frequency": "1M", "at": day, "partial": true})),
        ("history", json!({"bars": 9, "frequency": "2d", "at": until, "adjust": "total-return"})),
        ("history", json!({"bars": 6, "frequency": "1h", "at": until, "partial": true})),
        (
            "history",
            json!({"bars": 40, "frequency": "5m", "at": until, "fields": ["high", "volume"]}),
        ),
        ("history", json!({"bars": 20, "at": day, "adjust": "none", "exact": true})),
        (
            "history",
            json!({"bars": 30, "at": day, "adjust": "split", "fields": ["close", "volume"]}),
        ),
        ("history", json!({"bars": 12, "at": day, "currency": "EUR"})),
        ("bars", json!({"start": "2019-10-01", "end": day, "frequency": "1d", "adjust": "as-of"})),
        ("bars", json!({"start": "2019-11-27T14:30Z", "end": until, "frequency": "30m"})),
        ("splits", json!({"at": day})),
        ("dividends", json!({"at": day})),
    ] {
        let mut question = json!({"op": op, "assets": equities()});
        for (key, value) in more.as_object().unwrap() {
            question[key] = value.clone();
        }
        questions.push(question);
    }
    for sid in 0..7 {
        for field in ["close", "volume"] {
            questions.push(json!({"op": "adjustments", "asset": {"sid": sid}, "field": field,
                                  "from": "2019-09-10", "perspective": day}));
        }
        questions.push(json!({"op": "adjusted_value", "asset": {"sid": sid}, "at": "2019-11-27",
                              "perspective": day, "field": "price"}));
    }
    for (roll, offset) in [("calendar", 0), ("volume", 0), ("volume", 1), ("volume", 2)] {
        let root = "XX";
        questions.push(
            json!({"op": "continuous", "root": root, "roll": roll, "offset": offset, "at": day,
                              "bars": 25, "fields": ["close", "price", "sid"]}),
        );
        questions
            .push(json!({"op": "chain", "root": root, "roll": roll, "offset": offset, "at": day}));
    }
    for symbol in ["OLDG", "AAA"] {
        questions.push(json!({"op": "lookup", "symbol": symbol, "as_of": day}));
    }
    let dates = ["2019-09-03", "2019-09-09", day];
    questions
        .push(json!({"op": "fx", "quote": "USD", "bases": ["EUR", "JPY", "XXX"], "dates": dates}));
    questions
}

/// A file without what was not known yet. Contracts and their last days are known before; what a
/// company was called in the end is the name of its files.
fn truncated(name: &str, text: &str, last: &str, minute: &str, is_over: bool) -> String {
    let mut kept = String::new();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let column = |wanted: &str| header.iter().position(|name| *name == wanted);
    let dated = ["date", "ex_date", "effective_date"].into_iter().find_map(column);
    for (number, line) in text.lines().enumerate() {
        let mut cells: Vec<&str> = line.split(',').collect();
        let is_known = match (name.split_once('/'), dated) {
            _ if number == 0 => true,
            (Some(("minute", _)), _) => cells[0] < minute,
            // The last day of a session that is going on is not over.
            (Some(("daily", _)), _) => cells[0] < last || (cells[0] == last && is_over),
            (None, Some(column)) => cells[column] <= last,
            _ if name == "assets.csv" => {
                if cells[2] > last {
                    continue;
                }
                // A company's end is not known before.
                if cells[6] == "equity" && cells[3] > last {
                    (cells[3], cells[4]) = (last, "");
                }
                true
            }
            _ => true,
        };
        if is_known {
            writeln!(kept, "{}", cells.join(",")).unwrap();
        }
    }
    kept
}

/// An answer; of an error its kind, since the words may say what the data holds.
fn wordless(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("message");
    }
    answer
}
