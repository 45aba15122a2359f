//! Tables beyond bars, from files to the rows that are asked for.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::program::Program;

/// A program that has ingested a folder of tables, with daily bars of one asset.
fn with_tables() -> Program {
    let program = Program::new();
    program.write(
        "in/daily/IBM.csv",
        "date,open,high,low,close,volume\n2013-10-07,181,182,180,181.5,100\n",
    );
    program.write(
        "in/trades/IBM.csv",
        "datetime,price,size,exchange\n\
         2013-10-07 09:30:00.270,181.52,283,P\n2013-10-07 09:30:00.270,181.52,283,P\n2013-10-07 15:59:59.999999999,181.8,500,Q\n",
    );
    program.write("in/funding/BTC.csv", "ts,rate\n2013-10-07T08:00Z,0.00010000\n");
    program.write(
        "in/fundamentals.csv",
        "symbol,date,known_at,eps\nIBM,2013-06-30,2013-07-17T20:05Z,3.22\nIBM,2013-09-30,2013-10-16T20:05Z,3.68\n",
    );
    program.write(
        "in/news.csv",
        "date,symbol,score,sure\n2013-10-07,IBM,0.5,true\n2013-10-08,XYZ,1,false\n",
    );
    let more = ["--opt", "dataset.news=news.csv"];
    let ran = program.ingest_with("us", &program.path("in"), &more);
    assert_eq!(ran.code, 3, "a row of XYZ is in quarantine: {ran:?}");
    program
}

#[test]
fn tables_are_listed_and_their_rows_given() {
    let program = with_tables();
    let list = program.run(&["table", "us"]).done();
    let rows: Vec<&str> = list.lines().collect();
    assert_eq!(rows[0], "name,rows,columns,from,to,files,bytes");
    let trades = rows.iter().find(|row| row.starts_with("trades,")).unwrap();
    assert!(
        trades.starts_with("trades,3,7,2013-10-07T13:30:00.27Z,2013-10-07T19:59:59.999999Z,1,"),
        "{trades}"
    );
    assert!(list.contains("\nnews,1,4,2013-10-07T00:00Z,2013-10-07T00:00Z,1,"), "{list}");

    let exact = program
        .run(&[
            "table",
            "us",
            "trades",
            "--symbols",
            "ibm",
            "--exact",
            "--columns",
            "ts,price,exchange",
        ])
        .done();
    assert_eq!(
        exact,
        "sid,symbol,ts,price,exchange\n\
         1,IBM,2013-10-07T13:30:00.27Z,181.52,P\n1,IBM,2013-10-07T13:30:00.27Z,181.52,P\n\
         1,IBM,2013-10-07T19:59:59.999999999Z,181.8,Q\n"
    );
    let one = program
        .run(&[
            "table",
            "us",
            "trades",
            "--start",
            "2013-10-07T14:00Z",
            "--limit",
            "1",
            "--format",
            "json",
        ])
        .done();
    let one: Value = serde_json::from_str(&one).unwrap();
    assert_eq!((one.as_array().unwrap().len(), &one[0]["price"]), (1, &json!(181.8)));
    let known = program
        .run(&["table", "us", "fundamentals", "--known-at", "2013-09-01", "--columns", "date,eps"])
        .done();
    assert_eq!(known, "sid,symbol,date,eps\n1,IBM,2013-06-30,3.22\n");
    // The tables that every bundle has are given the same way.
    assert!(program.run(&["table", "us", "symbols"]).done().contains("BTC"));
    let quarantine =
        program.run(&["table", "us", "quarantine", "--columns", "origin,line,reason"]).done();
    assert_eq!(quarantine, "origin,line,reason\nnews.csv,3,there are no bars of `XYZ`\n");

    let refused = program.run(&["table", "us", "trade"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("`us` has no table `trade`; it has assets, bars_1d"),
        "{}",
        refused.stderr
    );
    let refused = program.run(&["table", "us", "trades", "--columns", "prise"]);
    assert!(
        refused.stderr.contains("has no column `prise`; its columns are sid, ts, price"),
        "{}",
        refused.stderr
    );
}

#[test]
fn rows_are_asked_for_in_json() {
    let program = with_tables();
    let questions = [
        json!({"op": "table", "table": "trades", "assets": ["IBM"], "limit": 1, "exact": true, "columns": ["ts", "price"]}),
        json!({"op": "table", "table": "funding_rates", "assets": [{"sid": 0}], "end": "2013-10-07"}),
        json!({"op": "table", "table": "tradez"}),
        json!({"op": "table", "table": "trades", "limit": 0}),
    ];
    let lines: Vec<String> = questions.iter().map(Value::to_string).collect();
    let output = program.run_with(&["query", "us"], lines.join("\n"), &[]).done();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        answers[0],
        json!({"rows": 1, "assets": [{"sid": 1, "symbol": "IBM"}],
               "columns": {"ts": ["2013-10-07T13:30:00.27Z"], "price": ["181.52"]}})
    );
    assert_eq!(answers[1]["columns"]["rate"], json!([0.0001]));
    assert_eq!(answers[2]["error"]["kind"], "unknown_table");
    assert_eq!(answers[3]["error"]["kind"], "bad_request");
}

#[test]
fn a_bundle_may_have_tables_alone() {
    let program = Program::new();
    program.write("in/fx_rates.csv", "date,base,quote,rate\n2020-01-02,EUR,USD,1.1193\n");
    let path = format!("path={}", program.path("in").display());
    program
        .run(&["ingest", "fx", "--source", "csvdir", "--opt", &path, "--calendar", "XNYS"])
        .done();
    assert_eq!(
        program.run(&["table", "fx", "fx_rates"]).done(),
        "date,base,quote,rate,value\n2020-01-02,EUR,USD,mid,1.1193\n"
    );
    let questions = "{\"op\":\"table\",\"table\":\"fx_rates\"}\n{\"op\":\"lookup\",\"symbol\":\"A\",\"as_of\":\"2020-01-02\"}\n";
    let output = program.run_with(&["query", "fx"], questions, &[]).done();
    let answers: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["rows"], &answers[1]["error"]["kind"]), (&json!(1), &json!("no_data")));
}

#[test]
fn every_trade_of_a_day_comes_back_as_it_was_written() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data/real/us-equities/ticks/IBM-20131007-trades.csv.gz");
    if !file.exists() {
        return println!("skipped: there is no {}", file.display());
    }
    let program = Program::new();
    let folder = program.path("in/trades");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(&file, folder.join("IBM.csv.gz")).unwrap();
    let path = format!("path={}", program.path("in").display());
    let ingest = ["ingest", "ticks", "--source", "csvdir", "--opt", &path, "--calendar", "XNYS"];
    program.run(&ingest).done();
    let given = program
        .run(&[
            "table",
            "ticks",
            "trades",
            "--exact",
            "--columns",
            "price,size,exchange,condition,suspicious",
        ])
        .done();
    let output = std::process::Command::new("gzip").arg("-dc").arg(&file).output().unwrap();
    let mut written = String::from("sid,symbol,price,size,exchange,condition,suspicious\n");
    for line in String::from_utf8(output.stdout).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        // Zeros at the end of a price say nothing.
        let price = if cells[1].contains('.') {
            cells[1].trim_end_matches('0').trim_end_matches('.')
        } else {
            cells[1]
        };
        let rest = [price, cells[2], cells[3], cells[4], cells[5]].join(",");
        writeln!(written, "0,IBM,{rest}").unwrap();
    }
    assert_eq!(given.lines().count(), 24_294);
    let (mut given, mut written): (Vec<&str>, Vec<&str>) =
        (given.lines().collect(), written.lines().collect());
    given.sort_unstable();
    written.sort_unstable();
    assert!(
        given == written,
        "the first that differs: {:?}",
        given.iter().zip(&written).find(|(a, b)| a != b)
    );
    // Taken in again it is nothing new.
    assert!(program.run(&ingest).done().contains("version 1"));
}
