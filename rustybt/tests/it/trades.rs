//! Bars made of trades, through the program.

use serde_json::{Value, json};

use crate::program::Program;

#[test]
fn trades_make_bars_of_any_frequency() {
    let program = Program::new();
    program.write(
        "in/trades/A.csv",
        "datetime,price,size\n\
         2020-01-02 04:00:00,9,1\n2020-01-02 09:30:00.5,10.5,100\n2020-01-02 09:30:59,10.25,1\n\
         2020-01-02 09:34:00,10.75,2\n2020-01-03 15:59:59.999,11,5\n",
    );
    let ran = program.ingest("ticks", &program.path("in"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let questions = [
        json!({"op": "bars", "assets": ["A"], "start": "2020-01-02T14:30Z", "end": "2020-01-02T14:40Z",
               "frequency": "5m", "fields": ["open", "high", "low", "close", "volume", "trades"]}),
        json!({"op": "history", "assets": ["A"], "at": "2020-01-03", "bars": 2, "fields": ["close", "volume"]}),
    ];
    let lines = questions.map(|question| question.to_string()).join("\n");
    let output = program.run_with(&["query", "ticks"], lines, &[]).done();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["index"], json!(["2020-01-02T14:30Z", "2020-01-02T14:35Z"]));
    assert_eq!(answers[0]["closes"], json!(["2020-01-02T14:35Z", "2020-01-02T14:40Z"]));
    let first = |field: &str| answers[0]["fields"][field][0][0].clone();
    let found = ["open", "high", "low", "close", "volume", "trades"].map(first);
    assert_eq!(found, [10.5, 10.75, 10.25, 10.75, 103.0, 3.0].map(Value::from));
    assert_eq!(answers[0]["fields"]["close"][1], json!([null]));
    assert_eq!(answers[1]["fields"]["close"], json!([[10.75], [11.0]]));
    assert_eq!(answers[1]["fields"]["volume"], json!([[103.0], [5.0]]));
}

/// A perpetual with trades, quotes, a book and funding, and no bars.
fn perpetual() -> Program {
    let program = Program::new();
    let files = [
        (
            "in/trades/P.csv",
            "ts,price,size,side\n2024-03-01T00:00:00Z,100,1,buy\n2024-03-01T00:00:00.5Z,100.5,0.25,sell\n2024-03-01T08:00:00Z,101,2,buy\n",
        ),
        (
            "in/quotes/P.csv",
            "ts,bid,bid_size,ask,ask_size\n2024-03-01T00:00:00Z,99.5,3,100.5,4\n2024-03-01T00:01:00Z,99.75,1,100.25,1\n",
        ),
        (
            "in/funding/P.csv",
            "ts,rate,predicted\n2024-03-01T00:00:00Z,0.0001,0.0002\n2024-03-01T08:00:00Z,0.00025,\n",
        ),
        (
            "in/book_deltas/P.csv",
            "ts,seq,side,action,price,size\n2024-03-01T00:00:00Z,1,bid,snapshot,99.5,3\n2024-03-01T00:00:00Z,1,ask,snapshot,100.5,4\n2024-03-01T00:00:01Z,2,bid,update,99.75,1\n2024-03-01T00:00:02Z,3,bid,delete,99.75,0\n",
        ),
    ];
    for (name, text) in files {
        program.write(name, text);
    }
    let path = format!("path={}", program.path("in").display());
    let ran = program.run(&[
        "ingest",
        "perp",
        "--source",
        "csvdir",
        "--opt",
        &path,
        "--calendar",
        "24/7",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    program
}

#[test]
fn what_happens_between_bars_is_known_when_it_happens() {
    let program = perpetual();
    let ask = |op: &str, at: &str, more: Value| {
        let mut question = json!({"op": op, "assets": ["P"], "at": at});
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    };
    let questions = [
        ask("trades", "2024-03-01T00:00:00.499Z", json!({})),
        ask(
            "trades",
            "2024-03-01T00:00:00.5Z",
            json!({"count": 5, "exact": true, "columns": ["price", "size"]}),
        ),
        ask("trades", "2024-03-01", json!({"start": "2024-03-01T00:00:00.1Z"})),
        ask("quotes", "2024-03-01T00:00:59Z", json!({})),
        ask("funding", "2024-03-01T07:59Z", json!({"count": 3})),
        ask("funding", "2024-03-01T08:00Z", json!({"exact": true})),
        ask("book", "2024-03-01T00:00:01Z", json!({"depth": 1})),
        ask("book", "2024-03-01T00:00:02Z", json!({"exact": true})),
        ask("book", "2024-02-29T23:59Z", json!({})),
        json!({"op": "trades", "assets": [{"sid": 9}], "at": "2024-03-01"}),
        json!({"op": "trades", "assets": [], "at": "2024-03-01"}),
        ask("trades", "2024-03-01", json!({"columns": ["prize"]})),
    ];
    let lines = questions.map(|question| question.to_string()).join("\n");
    let output = program.run_with(&["query", "perp"], lines, &[]).done();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[0]["columns"]["price"], json!([100.0]));
    assert_eq!(answers[0]["assets"], json!([{"sid": 0, "symbol": "P"}]));
    assert_eq!(answers[1]["columns"], json!({"price": ["100", "100.5"], "size": ["1", "0.25"]}));
    assert_eq!(answers[2]["columns"]["side"], json!(["sell", "buy"]));
    assert_eq!(answers[3]["columns"]["bid"], json!([99.5]));
    assert_eq!(answers[4]["columns"]["predicted"], json!([0.0002]));
    assert_eq!(answers[5]["columns"]["rate"], json!(["0.00025"]));
    let books = |at: usize| &answers[at]["books"][0];
    assert_eq!(books(6)["bids"], json!([[99.75, 1.0]]));
    assert_eq!(books(6)["asks"], json!([[100.5, 4.0]]));
    assert_eq!((&books(6)["ts"], &books(6)["seq"]), (&json!("2024-03-01T00:00:01Z"), &json!(2)));
    assert_eq!(books(7)["bids"], json!([["99.5", "3"]]));
    // Before anything of it was traded nobody is called so.
    assert_eq!(answers[8]["error"]["kind"], "unknown_symbol");
    assert_eq!(answers[9]["error"]["kind"], "unknown_sid");
    assert_eq!(answers[10], json!({"rows": 0, "assets": [], "columns": {}}));
    assert_eq!(answers[11]["error"]["kind"], "bad_request");
}
