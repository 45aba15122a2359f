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
