//! Pins, cleaning, statistics, copies and retention by age, as the program does them.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::program::Program;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A bundle `one` with a version for each close.
fn versions(closes: &[&str]) -> Program {
    let program = Program::new();
    for close in closes {
        let text = format!("date,open,high,low,close,volume\n2020-01-02,1,99,1,{close},5\n");
        assert_eq!(program.ingest_file("A.csv", &text).code, 0);
    }
    program
}

fn close(program: &Program, version: &[&str]) -> String {
    let history = ["history", "one", "A", "--at", "2020-01-02", "--bars", "1", "--exact"];
    let arguments: Vec<&str> = history.iter().chain(version).copied().collect();
    let text = program.run(&arguments).done();
    text.lines().last().unwrap().split(',').next_back().unwrap().to_owned()
}

fn bars(program: &Program) -> usize {
    let mut folders = vec![program.data_dir().join("data/one/bars_1d")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files += 1 }
        }
    }
    files
}

#[test]
fn a_version_is_read_by_its_number_its_pin_and_its_time() {
    let program = versions(&["11", "12", "13"]);
    let said = program.run(&["pin", "one", "2", "prod", "--note", "audited"]).done();
    assert_eq!(said, "prod stands for version 2 of one\n");
    assert_eq!(close(&program, &["--version", "2"]), "12");
    assert_eq!(close(&program, &["--version", "prod"]), "12");
    assert_eq!(close(&program, &["--version", "latest"]), "13");
    assert_eq!(close(&program, &["--as-of", "2100-01-01"]), "13");
    let query = r#"{"op":"current","assets":["A"],"fields":["close"],"at":"2020-01-02"}"#;
    let answer = program.run_with(&["query", "one", "--version", "prod"], query, &[]).done();
    assert!(answer.contains("12"), "{answer}");
    assert!(program.run(&["assets", "one", "--version", "prod"]).done().contains('A'));

    let taken = program.run(&["pin", "one", "3", "prod"]);
    assert_eq!(taken.code, 1);
    assert!(taken.stderr.contains("stands for version 2") && taken.stderr.contains("--move"));
    program.run(&["pin", "one", "latest", "prod", "--move"]).done();
    assert_eq!(close(&program, &["--version", "prod"]), "13");
    let pins = json(&program.run(&["pin", "one", "--format", "json"]).done());
    assert_eq!((&pins[0]["name"], &pins[0]["version"]), (&Value::from("prod"), &Value::from(3)));
    let listed = json(&program.run(&["versions", "one", "--format", "json"]).done());
    assert_eq!((&listed[2]["pins"], &listed[1]["pins"]), (&Value::from("prod"), &Value::Null));
    let table = program.run(&["versions", "one", "--format", "table"]).done();
    assert!(table.contains("bytes_new") && table.contains("prod"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    program.run(&["pin", "one", "--remove", "prod"]).done();
    let gone = program.run(&[
        "history",
        "one",
        "A",
        "--at",
        "2020-01-02",
        "--bars",
        "1",
        "--version",
        "prod",
    ]);
    assert_eq!(gone.code, 1);
    assert!(gone.stderr.contains("has no pin `prod`"), "{}", gone.stderr);
    // Wrong usage is told before anything is looked at.
    for arguments in [
        ["pin", "one", "1", "7"].as_slice(),
        &["pin", "one", "1"],
        &["pin", "one", "--note", "x"],
        &["pin", "one", "1", "x", "--remove", "y"],
    ] {
        assert_eq!(program.run(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn cleaning_says_what_goes_and_what_stays() {
    let program = versions(&["11", "12", "13", "14"]);
    program.run(&["pin", "one", "1", "first"]).done();
    let dry =
        program.run(&["clean", "one", "--keep-last", "1", "--grace", "0", "--dry-run"]).done();
    assert!(dry.contains("would be dropped: one version 2"), "{dry}");
    assert!(dry.contains("kept: one version 1: pinned as first"), "{dry}");
    assert_eq!(bars(&program), 4);
    let done = program
        .run(&["clean", "one", "--keep-last", "1", "--grace", "0", "--format", "json"])
        .done();
    let done = json(&done);
    assert_eq!(done["dropped"].as_array().unwrap().len(), 2);
    assert_eq!(done["deleted"].as_array().unwrap().len(), 2);
    for path in done["deleted"].as_array().unwrap() {
        assert!(!PathBuf::from(path.as_str().unwrap()).exists());
    }
    assert_eq!(bars(&program), 2);
    assert_eq!(
        (close(&program, &["--version", "1"]), close(&program, &[])),
        ("11".into(), "14".into())
    );
    let gone = program.run(&["assets", "one", "--version", "3"]);
    assert!(gone.stderr.contains("has no version 3 any more; it has 1 and 4"), "{}", gone.stderr);
    // With the grace of a day, files wait.
    let text = "date,open,high,low,close,volume\n2020-01-02,1,99,1,15,5\n";
    program.ingest_file("A.csv", text);
    let waits = json(&program.run(&["clean", "--keep-last", "1", "--format", "json"]).done());
    assert_eq!(
        (&waits["waiting_files"], waits["deleted"].as_array().unwrap().len()),
        (&Value::from(1), 0)
    );
    assert_eq!(bars(&program), 3);
    let stats = json(&program.run(&["stats", "--format", "json"]).done());
    assert_eq!(stats["waiting_files"], Value::from(1));
    assert_eq!(program.run(&["clean", "one", "--grace", "soon"]).code, 2);
    assert_eq!(program.run(&["clean", "none"]).code, 1);
    // Where there is no store, nothing has to be cleaned.
    assert!(Program::new().run(&["clean", "--keep-last", "1"]).done().contains("no version"));
}

#[test]
fn statistics_are_a_table_and_an_object() {
    let program = versions(&["11", "12"]);
    let csv = program.run(&["stats", "one"]).done();
    let header = csv.lines().next().unwrap();
    assert_eq!(header, "bundle,table,period,files,rows,bytes,csv_bytes,compression");
    assert!(csv.contains("one,bars_1d,2020,1,1,"), "{csv}");
    let table = program.run(&["stats", "one", "--format", "table"]).done();
    assert!(table.contains("sharing saves") && table.contains("catalog"), "{table}");
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    let object = json(&program.run(&["stats", "--format", "json"]).done());
    assert_eq!(object["bundles"][0]["versions"], Value::from(2));
    assert!(object["catalog_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn what_is_backed_up_is_restored_and_what_is_frozen_says_where() {
    let program = versions(&["11", "12"]);
    let (backup, restored) = (program.path("backup"), program.path("restored"));
    let (backup, restored) = (backup.to_str().unwrap(), restored.to_str().unwrap());
    let first = json(&program.run(&["backup", backup, "--format", "json"]).done());
    assert_eq!(first["files"], first["files_new"]);
    let second = program.run(&["backup", backup]).done();
    assert!(second.contains("of these 0 (0 bytes) new"), "{second}");
    let said = program.run(&["restore", backup, "--data-dir", restored]).done();
    assert!(said.contains("all") && said.contains("hashed"), "{said}");
    assert_eq!(close(&program, &["--data-dir", restored, "--version", "1"]), "11");
    let refused = program.run(&["restore", backup, "--data-dir", restored]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("there already"), "{}", refused.stderr);
    let forced = program.run(&["restore", backup, "--data-dir", restored, "--force"]).done();
    assert!(forced.contains("before-restore"), "{forced}");
    let progress = program.run(&["backup", backup, "--progress", "json"]);
    assert!(progress.stderr.contains("\"stage\":\"backup\""), "{}", progress.stderr);

    let frozen = program.path("lake/one.ducklake");
    let data = program.path("lake/data");
    let arguments = [
        "freeze",
        frozen.to_str().unwrap(),
        "--with-data",
        data.to_str().unwrap(),
        "--format",
        "json",
    ];
    let report = json(&program.run(&arguments).done());
    assert_eq!(report["files"], report["files_brought"]);
    assert!(report["data_path"].as_str().unwrap().ends_with("lake/data/"));
    assert!(frozen.exists() && data.join("one/bars_1d").is_dir());
}

#[test]
fn old_periods_retire_once_or_by_policy() {
    let program = Program::new();
    let text = "date,open,high,low,close,volume\n2018-01-02,1,9,1,5,5\n2020-01-02,1,9,1,6,5\n";
    program.ingest_file("A.csv", text);
    let nothing = program.run(&["retain", "one"]);
    assert_eq!(nothing.code, 1);
    assert!(nothing.stderr.contains("--set"), "{}", nothing.stderr);
    let archive = program.path("archive");
    let policy = [
        "retain",
        "one",
        "--dataset",
        "bars_1d",
        "--older-than",
        "90d",
        "--archive",
        archive.to_str().unwrap(),
    ];
    let dry: Vec<&str> = policy.iter().copied().chain(["--dry-run"]).collect();
    let said = program.run(&dry).done();
    assert!(
        said.contains("bars_1d 2018: 1 row in 1 file") && said.contains("nothing was changed"),
        "{said}"
    );
    let set: Vec<&str> = policy.iter().copied().chain(["--set"]).collect();
    program.run(&set).done();
    let shown = json(&program.run(&["retain", "one", "--show", "--format", "json"]).done());
    assert_eq!(shown[0]["older_than"], Value::from("90d"));
    let done = json(&program.run(&["retain", "one", "--format", "json"]).done());
    assert_eq!((&done["version"], &done["archived_files"]), (&Value::from(2), &Value::from(2)));
    assert!(archive.join("one/bars_1d/year=2018").is_dir());
    let again = program.run(&["retain", "one"]).done();
    assert!(again.contains("nothing is old enough"), "{again}");
    program.run(&["retain", "one", "--unset", "bars_1d"]).done();
    assert_eq!(program.run(&["retain", "one"]).code, 1);
    assert_eq!(program.run(&["retain", "one", "--dataset", "bars_1d"]).code, 2);
    // Addresses are no folders, wherever one is wanted.
    let old = ["retain", "one", "--dataset", "bars_1d", "--older-than", "1y", "--archive"];
    for arguments in [&old[..], &[&old[..6], &["--set", "--archive"]].concat(), &["backup"]] {
        let refused = program.run(&[arguments, &["s3://bucket/old"]].concat());
        let said = "error: `s3://bucket/old` is an address, and no folder or file";
        assert!(refused.code == 1 && refused.stderr.starts_with(said), "{refused:?}");
    }
    let unknown = program.run(&["retain", "one", "--dataset", "bars", "--older-than", "1y"]);
    assert!(unknown.stderr.contains("has no table `bars`"), "{}", unknown.stderr);
}
