//! Series of contracts and exchange rates, through the program.

use serde_json::{Value, json};

use crate::program::Program;

/// Two contracts: `XXF20` is closed on the 9th, `XXG20` in February and leads from the 7th on.
fn market() -> Program {
    let program = Program::new();
    let days = ["02", "03", "06", "07", "08", "09", "10"];
    let head = "date,open,high,low,close,volume\n";
    let (mut front, mut back) = (head.to_owned(), head.to_owned());
    for (number, day) in days.iter().enumerate() {
        let close = 100 + number;
        if *day < "10" {
            let bar = format!("2020-01-{day},{close},{close},{close},{close},100\n");
            front.push_str(&bar);
        }
        let (close, volume) = (close * 2, if *day < "07" { 50 } else { 150 });
        let bar = format!("2020-01-{day},{close},{close},{close},{close},{volume}\n");
        back.push_str(&bar);
    }
    program.write("in/daily/XXF20.csv", &front);
    program.write("in/daily/XXG20.csv", &back);
    program.write(
        "in/futures_contracts.csv",
        "symbol,root_symbol,start_date,end_date,auto_close_date,multiplier,currency\n\
         XXG20,XX,2020-01-02,2020-02-14,2020-02-14,50,USD\n\
         XXF20,XX,2020-01-02,2020-01-09,2020-01-09,50,USD\n",
    );
    program.write(
        "in/fx_rates.csv",
        "date,base,quote,rate,value\n2020-01-02,EUR,USD,mid,1.25\n2020-01-06,EUR,USD,mid,2\n",
    );
    let ran = program.ingest("futures", &program.path("in"));
    assert_eq!(ran.code, 0, "{ran:?}");
    program
}

fn ask(program: &Program, questions: &[Value]) -> Vec<Value> {
    let lines: Vec<String> = questions.iter().map(Value::to_string).collect();
    let output = program.run_with(&["query", "futures"], lines.join("\n"), &[]).done();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn contracts_are_joined_and_prices_converted() {
    let program = market();
    let answers = ask(
        &program,
        &[
            json!({"op": "continuous", "root": "XX", "at": "2020-01-10", "bars": 4, "roll": "calendar",
                   "adjustment": "mul", "fields": ["close", "volume"]}),
            json!({"op": "continuous", "root": "XX", "at": "2020-01-10", "bars": 4, "adjustment": null}),
            json!({"op": "chain", "root": "XX", "at": "2020-01-07"}),
            json!({"op": "chain", "root": "XX", "at": "2020-01-08"}),
            json!({"op": "continuous", "root": "YY", "at": "2020-01-10", "bars": 4}),
            json!({"op": "fx", "rate": "mid", "quote": "USD", "bases": ["EUR", "USD", "SEK"],
                   "dates": ["2020-01-01", "2020-01-05", "2020-01-06"]}),
            json!({"op": "history", "assets": ["XXF20"], "at": "2020-01-06", "bars": 3, "currency": "EUR"}),
            json!({"op": "fx", "rate": "ask", "quote": "USD", "bases": ["EUR"], "dates": []}),
        ],
    );
    let names = |answer: &Value, key: &str| -> Vec<String> {
        let list = answer[key].as_array().unwrap();
        list.iter().map(|contract| contract["symbol"].as_str().unwrap().to_owned()).collect()
    };
    // In front are 103 and 104 of the first and, from the 9th on, 210 and 212 of the second.
    let ratio = 208.0 / 104.0;
    assert_eq!(answers[0]["fields"]["close"], json!([103.0 * ratio, 104.0 * ratio, 210.0, 212.0]));
    assert_eq!(answers[0]["fields"]["volume"], json!([100.0, 100.0, 150.0, 150.0]));
    assert_eq!(names(&answers[0], "contracts"), ["XXF20", "XXF20", "XXG20", "XXG20"]);
    assert_eq!(answers[0]["index"][0], "2020-01-07");
    assert_eq!(answers[1]["fields"]["close"], json!([103.0, 208.0, 210.0, 212.0]));
    assert_eq!(names(&answers[2], "chain"), ["XXF20", "XXG20"]);
    assert_eq!(answers[3]["contract"]["symbol"], "XXG20");
    assert_eq!(answers[4]["error"]["kind"], "unknown_root");
    let expected = json!([[null, 1.0, null], [1.25, 1.0, null], [2.0, 1.0, null]]);
    assert_eq!(answers[5]["rates"], expected);
    assert_eq!(answers[6]["fields"]["close"], json!([[100.0 * 0.8], [101.0 * 0.8], [102.0 * 0.5]]));
    assert_eq!(answers[7]["error"]["kind"], "unknown_rate");
}

#[test]
fn the_contract_in_front_is_asked_like_any_asset() {
    let program = market();
    let series = |roll: &str, offset| json!({"root": "XX", "roll": roll, "offset": offset});
    let answers = ask(
        &program,
        &[
            json!({"op": "current", "assets": [series("calendar", 0), series("volume", 0), "XXF20"],
                   "fields": ["contract", "close", "sid", "last_traded"], "at": "2020-01-08"}),
            json!({"op": "current", "assets": [series("calendar", 7)],
                   "fields": ["contract", "close", "volume"], "at": "2020-01-08"}),
            json!({"op": "can_trade", "assets": [series("calendar", 0), series("calendar", 7)],
                   "at": "2020-01-08"}),
            json!({"op": "current", "assets": [{"root": "YY"}], "at": "2020-01-08"}),
            json!({"op": "history", "assets": [{"root": "XX"}], "at": "2020-01-08", "bars": 1}),
            json!({"op": "bars", "assets": ["XXF20"], "start": "2020-01-02", "end": "2020-01-06",
                   "fields": ["close"], "currency": "EUR"}),
        ],
    );
    let fields = &answers[0]["fields"];
    assert_eq!(fields["contract"][0]["symbol"], "XXF20");
    assert_eq!(fields["contract"][1]["symbol"], "XXG20");
    assert_eq!(fields["contract"][2], Value::Null);
    assert_eq!(fields["close"], json!([104.0, 208.0, 104.0]));
    assert_eq!(fields["sid"][1], answers[0]["assets"][1]["sid"]);
    assert_eq!(fields["last_traded"][0], "2020-01-08");
    assert_eq!(answers[0]["assets"][1]["root"], "XX");
    assert_eq!(answers[1]["fields"], json!({"contract": [null], "close": [null], "volume": [0.0]}));
    assert_eq!(answers[2]["can_trade"], json!([true, false]));
    assert_eq!(answers[3]["error"]["kind"], "unknown_root");
    assert_eq!(answers[4]["error"]["kind"], "bad_request");
    assert_eq!(answers[5]["fields"]["close"], json!([[80.0], [101.0 * 0.8], [51.0]]));
}
