//! `rustybt query`: JSON lines in, JSON lines out.

use serde_json::{Value, json};

use crate::program::Program;

/// The answers to some questions, in order.
fn ask(questions: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = questions.iter().map(Value::to_string).collect();
    answers(&lines.join("\n"))
}

fn answers(input: &str) -> Vec<Value> {
    let program = Program::with_market();
    let output = program.run_with(&["query", "hand"], input, &[]).done();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn history_is_adjusted_as_of_the_day_of_looking() {
    let question = |at, adjust| {
        json!({"op": "history", "assets": ["LEAF", "OAK"], "fields": ["close"], "at": at, "bars": 3,
               "frequency": "1d", "adjust": adjust})
    };
    let answers = ask(&[
        question("2014-06-06", "as-of"),
        question("2014-06-10", "as-of"),
        question("2014-06-11", "as-of"),
        question("2014-06-10", "none"),
    ]);
    assert_eq!(answers[0]["index"], json!(["2014-06-04", "2014-06-05", "2014-06-06"]));
    assert_eq!(answers[0]["assets"][0]["symbol"], "LEAF");
    assert_eq!(answers[0]["fields"]["close"], json!([[714.0, 49.0], [721.0, null], [728.0, 50.0]]));
    assert_eq!(
        answers[1]["fields"]["close"],
        json!([[104.0, 50.0], [104.0, 50.25], [105.0, 50.0]])
    );
    let after = &answers[2]["fields"]["close"];
    assert_eq!(after[0][1], json!(50.25 * 0.99));
    assert_eq!(after[2][1], json!(49.75));
    assert_eq!(answers[3]["fields"]["close"][0], json!([728.0, 50.0]));
}

#[test]
fn exact_values_are_the_text_that_was_ingested() {
    let answers = ask(&[
        json!({"op": "history", "assets": ["LEAF"], "fields": ["high", "close"], "at": "2014-06-12",
               "bars": 9, "adjust": "none", "exact": true}),
        json!({"op": "current", "assets": ["LEAF"], "fields": ["close", "volume"], "at": "2014-06-12", "exact": true}),
    ]);
    assert_eq!(answers[0]["fields"]["high"][0], json!(["702.5"]));
    assert_eq!(answers[0]["fields"]["close"][8], json!(["107.0001"]));
    assert_eq!(answers[1]["fields"], json!({"close": ["107.0001"], "volume": ["9600"]}));
}

#[test]
fn the_newest_bar_and_the_state_of_assets() {
    let answers = ask(&[
        json!({"op": "current", "assets": ["OAK", {"sid": 0}], "at": "2014-06-05",
               "fields": ["price", "close", "volume", "last_traded"]}),
        json!({"op": "is_stale", "assets": ["OAK", "LEAF"], "at": "2014-06-05"}),
        json!({"op": "last_traded", "assets": ["OAK", "LEAF"], "at": "2014-06-05"}),
        json!({"op": "can_trade", "assets": ["OAK", "LEAF"], "at": "2014-06-05"}),
        json!({"op": "lookup", "symbol": "oak", "as_of": "2014-06-08"}),
    ]);
    let fields = &answers[0]["fields"];
    assert_eq!(fields["price"], json!([49.0, 721.0]));
    assert_eq!(fields["close"], json!([null, 721.0]));
    assert_eq!(fields["volume"], json!([0.0, 1300.0]));
    assert_eq!(fields["last_traded"], json!(["2014-06-04", "2014-06-05"]));
    assert_eq!(answers[1]["is_stale"], json!([true, false]));
    assert_eq!(answers[2]["last_traded"], json!(["2014-06-04", "2014-06-05"]));
    assert_eq!(answers[3]["can_trade"], json!([true, true]));
    assert_eq!(answers[4], json!({"sid": 1, "symbol": "OAK"}));
}

#[test]
fn weeks_are_made_of_days_and_bars_lie_under_the_moment_they_open() {
    let answers = ask(&[
        json!({"op": "history", "assets": ["LEAF"], "at": "2014-06-12", "bars": 2, "frequency": "1w",
               "partial": true}),
        json!({"op": "history", "assets": ["LEAF"], "at": "2014-06-12", "bars": 1, "frequency": "1w"}),
        json!({"op": "bars", "assets": ["LEAF", "OAK"], "start": "2014-06-04", "end": "2014-06-08",
               "fields": ["close"]}),
        json!({"op": "bars", "assets": ["LEAF"], "start": "2014-06-04", "end": "2014-06-06",
               "fields": ["close"], "adjust": "as-of", "perspective": "2014-06-10"}),
        json!({"op": "differences", "assets": ["LEAF"], "start": "2014-06-02", "end": "2014-06-12"}),
    ]);
    assert_eq!(answers[0]["index"], json!(["2014-06-06", "2014-06-13"]));
    assert_eq!(answers[0]["opens"], json!(["2014-06-02", "2014-06-09"]));
    assert_eq!(answers[0]["fields"]["close"], json!([[104.0], [107.0001]]));
    assert_eq!(answers[0]["partial"], true);
    assert_eq!(answers[1]["index"], json!(["2014-06-06"]));
    assert_eq!(answers[2]["index"], json!(["2014-06-04", "2014-06-05", "2014-06-06"]));
    assert_eq!(answers[2]["closes"], answers[2]["index"]);
    assert_eq!(answers[2]["fields"]["close"], json!([[714.0, 49.0], [721.0, null], [728.0, 50.0]]));
    assert_eq!(answers[3]["fields"]["close"][2], json!([104.0]));
    assert_eq!(answers[4], json!({"differences": []}), "there are no minutes");
}

#[test]
fn adjustments_say_what_they_are_made_of() {
    let ask_from = |from: &str, perspective: &str, field: &str| {
        json!({"op": "adjustments", "asset": "LEAF", "field": field, "from": from,
               "perspective": perspective})
    };
    let answers = ask(&[
        ask_from("2014-06-06", "2014-06-10", "close"),
        ask_from("2014-06-06", "2014-06-10", "volume"),
        ask_from("2014-06-06", "2014-06-06", "close"),
        ask_from("2014-06-09", "2014-06-10", "close"),
    ]);
    assert_eq!(answers[0]["asset"]["symbol"], "LEAF");
    assert_eq!(answers[0]["adjustment"], json!(1.0 / 7.0));
    assert_eq!(answers[0]["events"][0]["kind"], "split");
    assert_eq!(answers[0]["events"][0]["new"], 7);
    assert_eq!(answers[0]["events"][0]["factor"], json!(1.0 / 7.0));
    assert_eq!(answers[1]["adjustment"], json!(7.0));
    assert_eq!((&answers[2]["adjustment"], &answers[2]["events"]), (&json!(1.0), &json!([])));
    assert_eq!(answers[3]["adjustment"], json!(1.0));
    let answers = ask(&[
        json!({"op": "adjusted_value", "asset": "LEAF", "at": "2014-06-06", "perspective": "2014-06-10"}),
        json!({"op": "splits", "assets": ["OAK", "LEAF"], "at": "2014-06-09"}),
        json!({"op": "splits", "assets": ["LEAF"], "at": "2014-06-10"}),
        json!({"op": "dividends", "assets": ["LEAF", "OAK"], "at": "2014-06-11"}),
        json!({"op": "adjusted_value", "asset": "LEAF", "at": "2014-06-10", "perspective": "2014-06-06"}),
    ]);
    assert_eq!(answers[0]["value"], json!(104.0));
    assert_eq!(answers[1]["splits"], json!([{"sid": 0, "symbol": "LEAF", "ratio": 1.0 / 7.0}]));
    assert_eq!(answers[2]["splits"], json!([]));
    assert_eq!(answers[3]["dividends"][0]["symbol"], "OAK");
    assert_eq!(answers[4]["error"]["kind"], "out_of_range");
}

#[test]
fn an_instant_sees_the_bars_that_have_closed() {
    let question = |at| json!({"op": "history", "assets": ["OAK"], "at": at, "bars": 1});
    let answers = ask(&[question("2014-06-10T19:59Z"), question("2014-06-10T20:00Z")]);
    assert_eq!(answers[0]["index"], json!(["2014-06-09"]));
    assert_eq!(answers[1]["index"], json!(["2014-06-10"]));
}

#[test]
fn an_error_answers_its_own_line() {
    let good = r#"{"op":"lookup","symbol":"OAK","as_of":"2014-06-10"}"#;
    let input = [
        good,
        "not json",
        r#"{"op":"fx","rate":"mid","quote":"USD","bases":["EUR"],"dates":["2014-06-10"]}"#,
        r#"{"op":"dance"}"#,
        r#"{"op":"lookup","symbol":"ELM","as_of":"2014-06-10"}"#,
        r#"{"op":"current","assets":[{"sid":9}],"at":"2014-06-10"}"#,
        r#"{"op":"history","assets":["OAK"],"at":"2014-06-08","bars":1}"#,
        r#"{"op":"history","assets":["OAK"],"at":"2014-06-10","bars":0}"#,
        r#"{"op":"history","assets":["OAK"],"at":"2014-06-10","bars":500}"#,
        r#"{"op":"history","assets":["OAK"],"at":"2014-06-10","bars":1,"frequency":"1m"}"#,
        r#"{"op":"history","assets":["OAK"],"fields":["clsoe"],"at":"2014-06-10","bars":1}"#,
        "",
        good,
    ];
    let answers = answers(&input.join("\n"));
    let kinds: Vec<&str> =
        answers.iter().map(|answer| answer["error"]["kind"].as_str().unwrap_or("none")).collect();
    assert_eq!(
        kinds,
        [
            "none",
            "bad_request",
            "unknown_rate",
            "unknown_op",
            "unknown_symbol",
            "unknown_sid",
            "not_a_session",
            "bad_request",
            "out_of_range",
            "no_data",
            "bad_request",
            "none",
        ]
    );
    let hint = "ask for at most 7 bars, or as of a later day";
    assert_eq!(answers[8]["error"]["hint"], hint);
    assert_eq!(answers.first(), answers.last());
}

#[test]
fn a_line_that_is_no_text_is_refused_like_any_other() {
    let good = b"{\"op\":\"lookup\",\"symbol\":\"OAK\",\"as_of\":\"2014-06-10\"}\n";
    let input = [&good[..], b"\xff\xfe\n", good].concat();
    let output = Program::with_market().run_with(&["query", "hand"], &input, &[]).done();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers[1]["error"]["kind"], "bad_request");
    assert_eq!((answers.len(), &answers[0]), (3, &answers[2]));
}

#[test]
fn an_answer_about_an_asset_does_not_depend_on_its_company() {
    let program = Program::new();
    let header = "date,open,high,low,close,volume\n";
    let days = "2024-01-08,10,11,9,10.5,1000\n2024-01-09,10.5,12,10,11.5,1200\n";
    for symbol in ["ASH", "ELM"] {
        program.write(&format!("prices/daily/{symbol}.csv"), &format!("{header}{days}"));
    }
    // The minutes of one asset are of the second day, those of the other are a year old.
    let minutes = "datetime,open,high,low,close,volume\n";
    program.write(
        "prices/minute/ASH.csv",
        &format!("{minutes}2024-01-09 09:30:00,10.5,10.7,10.5,10.6,30\n"),
    );
    program.write(
        "prices/minute/ELM.csv",
        &format!("{minutes}2023-01-09 09:30:00,5.5,5.7,5.5,5.6,30\n"),
    );
    assert_eq!(program.ingest("one", &program.path("prices")).code, 0);
    let question = |op: &str, assets: &[&str]| {
        let line = json!({"op": op, "assets": assets, "at": "2024-01-09T14:32Z"});
        let output = program.run_with(&["query", "one"], line.to_string(), &[]).done();
        serde_json::from_str::<Value>(&output).unwrap()
    };
    let both = question("current", &["ASH", "ELM"]);
    assert_eq!(both["fields"]["price"], json!([10.6, 10.5]));
    assert_eq!(question("current", &["ELM"])["fields"]["price"], json!([10.5]));
    assert_eq!(question("can_trade", &["ASH", "ELM"])["can_trade"], json!([true, true]));
    assert_eq!(
        question("is_stale", &["ASH", "ELM"])["is_stale"][1],
        question("is_stale", &["ELM"])["is_stale"][0]
    );
}

#[test]
fn calendars_are_asked_without_bars() {
    let answers = ask(&[
        json!({"op": "calendar", "name": "XNYS", "method": "minute_to_session",
               "args": ["2020-03-09T13:30Z", "none"], "side": "left"}),
        json!({"op": "calendar", "name": "XNYS", "method": "next_open", "args": ["2005-01-03T14:30Z"],
               "start": "2005-01-01", "end": "2026-12-31"}),
    ]);
    assert_eq!(answers, [json!({"result": "2020-03-09"}), json!({"result": "2005-01-04T14:30Z"})]);
}
