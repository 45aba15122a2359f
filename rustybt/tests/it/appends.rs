//! Several ingests of one bundle, one after the other and at the same time.

use std::fmt::Write;

use serde_json::Value;

use crate::program::{Program, Ran};

const HEADER: &str = "date,open,high,low,close,volume\n";

fn report(ran: Ran) -> Value {
    serde_json::from_str(&ran.done()).unwrap()
}

#[test]
fn appended_days_are_compacted_into_one_file() {
    let program = Program::new();
    let mut text = HEADER.to_owned();
    for day in ["02", "03", "06"] {
        writeln!(text, "2020-01-{day},1,1,1,1,{day}").unwrap();
        program.ingest_file("ASH.csv", &text).done();
    }
    let answer = |program: &Program| {
        program
            .run(&[
                "history",
                "one",
                "ASH",
                "--at",
                "2020-01-07",
                "--bars",
                "3",
                "--field",
                "volume",
            ])
            .done()
    };
    let before = answer(&program);
    let compacted = report(program.run(&["compact", "one", "--format", "json"]));
    assert_eq!((&compacted["version"], &compacted["unchanged"]), (&4.into(), &false.into()));
    assert_eq!((&compacted["files_before"], &compacted["files"]), (&5.into(), &3.into()));
    assert_eq!(answer(&program), before);
    let again = program.run(&["compact", "one"]).done();
    assert!(again.contains("unchanged"), "{again}");
    let unknown = program.run(&["compact", "two"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.stderr.contains("there is no bundle `two`"), "{unknown:?}");
}

#[test]
fn first_ingests_in_several_processes_at_once_all_end_well() {
    let program = Program::new();
    for at in 0..4 {
        // One of them has nothing that could be taken in.
        let row = if at == 3 {
            "2020-01-02,1,1,1,x,1\n".to_owned()
        } else {
            format!("2020-01-0{},1,1,1,1,1\n", at % 2 + 2)
        };
        program.write(&format!("p{at}/daily/S{at}.csv"), &format!("{HEADER}{row}"));
    }
    let ran: Vec<Ran> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..4)
            .map(|at| {
                scope.spawn({
                    let program = &program;
                    move || {
                        let path = format!("path={}", program.path(&format!("p{at}")).display());
                        let from = ["ingest", "new", "--source", "csvdir", "--opt", &path];
                        program.run(&[&from[..], &["--wait", "5m"]].concat())
                    }
                })
            })
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let codes: Vec<i32> = ran.iter().map(|ran| ran.code).collect();
    assert_eq!(codes, [0, 0, 0, 1], "{ran:?}");
    let versions = program.run(&["versions", "new", "--format", "csv"]).done();
    assert_eq!(versions.lines().count(), 1 + 3, "{versions}");
    let assets = program.run(&["assets", "new", "--format", "csv"]).done();
    for symbol in ["S0", "S1", "S2"] {
        assert!(assets.contains(symbol), "{assets}");
    }
    program.run(&["verify"]).done();
}

#[test]
fn a_symbol_that_is_not_known_names_who_may_be_meant_with_their_dates() {
    let program = Program::with_market();
    let question = r#"{"op":"lookup","symbol":"OAKS","as_of":"2014-06-10"}"#;
    let answer = program.run_with(&["query", "hand"], question, &[]);
    assert!(answer.stdout.contains("did you mean OAK (sid "), "{answer:?}");
    let history = program.run(&["history", "hand", "OAKS", "--at", "2014-06-10", "--bars", "1"]);
    assert_eq!(history.code, 1);
    assert!(history.stderr.contains("did you mean OAK (sid "), "{history:?}");
    // Long before it came, it is nobody's; a listing as of that day is empty.
    let early = r#"{"op":"lookup","symbol":"OAK","as_of":"1995-06-12"}"#;
    let answer = program.run_with(&["query", "hand"], early, &[]);
    assert!(answer.stdout.contains("did you mean OAK (sid "), "{answer:?}");
    let assets =
        program.run(&["assets", "hand", "--as-of", "1995-06-12", "--format", "csv"]).done();
    assert_eq!(assets.lines().count(), 1, "{assets}");
}
