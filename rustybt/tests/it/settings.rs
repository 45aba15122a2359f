//! Default < file < environment < flag, and what is wrong in a file.

use crate::program::Program;

/// The row of a setting: its value and origin.
fn row(listing: &str, setting: &str) -> (String, String) {
    let rows: Vec<serde_json::Value> = serde_json::from_str(listing).unwrap();
    let row = rows.iter().find(|row| row["setting"] == setting).unwrap();
    (row["value"].as_str().unwrap().to_owned(), row["origin"].as_str().unwrap().to_owned())
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let program = Program::new();
    let show = ["config", "show", "--format", "json"];
    let listing = program.run(&show).done();
    assert_eq!(row(&listing, "ingest.calendar"), ("XNYS".into(), "default".into()));
    assert_eq!(row(&listing, "data.root_dir").1, "environment RUSTYBT_DATA_DIR");

    let file =
        program.write("data/config.yaml", "ingest:\n  calendar: XLON\npipeline:\n  chunk: 13\n");
    let listing = program.run(&show).done();
    let origin = format!("file {}", file.display());
    assert_eq!(row(&listing, "ingest.calendar"), ("XLON".into(), origin.clone()));
    assert_eq!(row(&listing, "pipeline.chunk"), ("13".into(), origin));

    let variables = [("RUSTYBT_CALENDAR", "XHKG")];
    let listing = program.run_with(&show, "", &variables).done();
    assert_eq!(
        row(&listing, "ingest.calendar"),
        ("XHKG".into(), "environment RUSTYBT_CALENDAR".into())
    );

    let elsewhere = program.path("elsewhere").display().to_string();
    let flagged = [&show[..], &["--data-dir", &elsewhere]].concat();
    let listing = program.run(&flagged).done();
    assert_eq!(row(&listing, "data.root_dir"), (elsewhere, "flag --data-dir".into()));
}

#[test]
fn a_file_may_say_where_the_data_is() {
    let program = Program::new();
    program.write("my.yaml", "data:\n  root_dir: ~/prices\n");
    let variables = [("RUSTYBT_DATA_DIR", ""), ("RUSTYBT_CONFIG", "my.yaml")];
    let listing = program.run_with(&["config", "show", "--format", "json"], "", &variables).done();
    let (value, origin) = row(&listing, "data.root_dir");
    assert_eq!(
        (value, origin),
        (program.path("prices").display().to_string(), "file my.yaml".into())
    );
}

#[test]
fn what_cannot_be_used_is_named() {
    let program = Program::new();
    let missing = program.run(&["config", "show", "--config", "nowhere.yaml"]);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.starts_with("error: cannot read the configuration file `nowhere.yaml`"));
    assert!(missing.stderr.contains("\ncaused by: "), "{}", missing.stderr);

    program.write("bad.yaml", "output:\n  format: csv\n  fromat: csv\n");
    let bad = program.run(&["config", "show", "--config", "bad.yaml"]);
    assert_eq!(bad.code, 1);
    assert!(bad.stderr.contains("fromat") && bad.stderr.contains("line 3"), "{}", bad.stderr);
    assert!(bad.stderr.contains("\nhint: "), "{}", bad.stderr);

    let variable = program.run_with(&["config", "show"], "", &[("RUSTYBT_CHUNK", "many")]);
    assert_eq!(variable.code, 2);
    assert!(variable.stderr.starts_with("error: the environment variable RUSTYBT_CHUNK is `many`"));
}

#[test]
fn a_catalog_may_be_elsewhere_and_its_password_is_never_shown() {
    let program = Program::new();
    let url = "postgres://ann:hunter2@db.example/market?schema=lake";
    let show = ["config", "show", "--format", "json"];
    let listing = program.run_with(&show, "", &[("RUSTYBT_CATALOG", url)]).done();
    let shown = "postgres://ann@db.example/market?schema=lake";
    assert_eq!(row(&listing, "data.catalog"), (shown.into(), "environment RUSTYBT_CATALOG".into()));
    assert!(!listing.contains("hunter2"), "{listing}");

    // No server of that name is asked: the port is none.
    let url = "postgres://ann:hunter2@localhost:none/market";
    let failed = program.run_with(&["bundles"], "", &[("RUSTYBT_CATALOG", url)]);
    assert_eq!(failed.code, 1);
    assert!(!failed.stderr.contains("hunter2"), "{}", failed.stderr);

    let program = Program::with_market();
    let file = program.path("elsewhere.sqlite").display().to_string();
    assert!(program.run(&["bundles"]).done().contains("hand"));
    let failed = program.run(&["bundles", "--catalog", &file]);
    assert!(failed.code == 1 && failed.stderr.contains("elsewhere.sqlite"), "{failed:?}");
}

#[cfg(not(feature = "object-store"))]
#[test]
fn an_address_as_data_folder_wants_a_program_that_was_built_for_it() {
    let program = Program::new();
    let failed = program.run(&["bundles", "--data-dir", "s3://bucket/prefix"]);
    assert_eq!(failed.code, 1);
    assert!(failed.stderr.contains("the feature `s3`"), "{}", failed.stderr);
    assert!(!program.path("s3:").exists());
}
