//! Broken input: each kind has its own message and exit code, and nothing is half-ingested.

use std::os::unix::fs::PermissionsExt;

use crate::program::{Program, Ran};

const HEADER: &str = "date,open,high,low,close,volume\n";
const MONDAY: &str = "2024-01-08,10,11,9,10.5,100\n";
const TUESDAY: &str = "2024-01-09,10.5,11.5,10,11,110\n";
const WEDNESDAY: &str = "2024-01-10,11,12,10.5,11.5,120\n";

/// One bad row between two good ones: quarantined with its reason, the good ones are there.
fn quarantines(row: &str, reason: &str) -> Ran {
    let program = Program::new();
    let ran = program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}{row}\n{WEDNESDAY}"));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("ASH.csv:3") && ran.stdout.contains(reason), "{}", ran.stdout);
    let closes =
        program.run(&["history", "one", "ASH", "--at", "2024-01-10", "--bars", "3"]).done();
    let rows: Vec<&str> = closes.lines().collect();
    assert_eq!((rows[1], rows[3]), ("2024-01-08,10.5", "2024-01-10,11.5"), "{closes}");
    ran
}

/// Nothing usable at all: failure, and no version.
fn refused(ran: &Ran, program: &Program, message: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(message), "{}", ran.stderr);
    let bundles = program.run(&["bundles"]).done();
    assert!(!bundles.contains("one,1,"), "something was published: {bundles}");
}

#[test]
fn a_ragged_row() {
    quarantines("2024-01-09,10.5,11.5,10,11", "5 cells where the header has 6");
}

#[test]
fn a_high_below_the_low() {
    quarantines("2024-01-09,10.5,9,10,10.2,110", "high 9 is below");
}

#[test]
fn text_in_a_price() {
    quarantines("2024-01-09,10.5,11.5,n/a,11,110", "`n/a` in column `low`");
}

#[test]
fn a_date_in_the_year_3014() {
    quarantines("3014-01-09,10.5,11.5,10,11,110", "3014-01-09");
}

#[test]
fn a_day_without_a_session() {
    quarantines("2024-01-06,10.5,11.5,10,11,110", "2024-01-06 is no session of XNYS");
}

#[test]
fn a_duplicate_date() {
    let program = Program::new();
    let other = "2024-01-08,10,11,9,10.75,100\n";
    let ran = program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}{other}{TUESDAY}"));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.stdout.contains("another bar of 2024-01-08 came first"), "{}", ran.stdout);
    let closes =
        program.run(&["history", "one", "ASH", "--at", "2024-01-09", "--bars", "2"]).done();
    assert_eq!(closes, "date,ASH\n2024-01-08,10.5\n2024-01-09,11\n");
}

#[test]
fn the_same_row_twice_is_no_contradiction() {
    let program = Program::new();
    let ran = program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}{MONDAY}{TUESDAY}"));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn an_empty_file() {
    let program = Program::new();
    let ran = program.ingest_file("ASH.csv", "");
    refused(&ran, &program, "no usable bar");
    // Beside a good file it is quarantined, and the good one is taken.
    program.write("prices/daily/ELM.csv", &format!("{HEADER}{MONDAY}{TUESDAY}"));
    let ran = program.ingest("one", &program.path("prices"));
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.stdout.contains("daily/ASH.csv") && ran.stdout.contains("no rows"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_symbol_that_climbs_out_of_its_folder() {
    let program = Program::new();
    program.write("prices/daily/ASH.csv", &format!("{HEADER}{MONDAY}{TUESDAY}"));
    program.write("prices/x.csv", &format!("{HEADER}{MONDAY}"));
    let path = format!("path={}", program.path("prices").display());
    let climb = ["ingest", "one", "--source", "csvdir", "--opt", &path, "--symbols", "../x"];
    let ran = program.run(&climb);
    refused(&ran, &program, "../x");
}

#[test]
fn a_missing_folder() {
    let program = Program::new();
    let ran = program.ingest("one", &program.path("nowhere"));
    refused(&ran, &program, "nowhere");
    assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
}

#[test]
fn a_data_folder_that_cannot_be_written() {
    let program = Program::new();
    let closed = program.path("data");
    std::fs::create_dir(&closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(closed.join("probe"), "").is_ok() {
        println!("skipped: this user may write everywhere");
        return;
    }
    let ran = program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}"));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.stderr.contains("caused by: Permission denied"), "{}", ran.stderr);
}

#[test]
fn a_data_folder_that_is_a_file() {
    let program = Program::new();
    program.write("data", "not a folder");
    let ingest = program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}"));
    for ran in [ingest, program.run(&["bundles"]), program.run(&["versions", "one"])] {
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.stderr.contains("data` is a file, not a folder"), "{}", ran.stderr);
        assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    }
}

#[test]
fn an_ingest_that_fails_leaves_the_version_before() {
    let program = Program::new();
    assert_eq!(program.ingest_file("ASH.csv", &format!("{HEADER}{MONDAY}{TUESDAY}")).code, 0);
    assert_eq!(program.ingest_file("ASH.csv", "date,open\n").code, 1);
    let versions = program.run(&["versions", "one", "--format", "json"]).done();
    let versions: Vec<serde_json::Value> = serde_json::from_str(&versions).unwrap();
    assert_eq!(versions.len(), 1);
    let closes =
        program.run(&["history", "one", "ASH", "--at", "2024-01-09", "--bars", "1"]).done();
    assert_eq!(closes, "date,ASH\n2024-01-09,11\n");
}

#[test]
fn wrong_usage() {
    let program = Program::new();
    for arguments in [
        &["ingest", "one", "--source", "csvdir", "--opt", "path"][..],
        &["ingest", "../one", "--source", "csvdir"],
        &["history", "one", "ASH", "--at", "someday", "--bars", "1"],
        &["ingest", "one", "--source", "csvdir", "--opt", "path=a", "--opt", "path=b"],
        &["ingest", "one", "--source", "csvdir", "--start", "2024-01-09", "--end", "2024-01-08"],
        &["ingest", "one", "--source", "csvdir", "--workers", "100000"],
        &[
            "pipeline",
            "one",
            "x.pipe",
            "--start",
            "2024-01-08",
            "--end",
            "2024-01-09",
            "--threads",
            "0",
        ],
        &["calendar", "sessions", "XNYS", "--start", "2024-01-09", "--end", "2024-01-08"],
        &["history", "one", "ASH", "--at", "2024-01-09"],
        &["history", "one", "ASH", "ASH", "--at", "2024-01-09", "--bars", "1"],
        &["frobnicate"],
    ] {
        let ran = program.run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}

#[test]
fn what_is_not_there() {
    let program = Program::with_market();
    for (arguments, message) in [
        (&["ingest", "new"][..], "nothing says where the bundle `new` comes from"),
        (&["ingest", "new", "--source", "csvdri"], "there is no source `csvdri`"),
        (&["versions", "nix"], "there is no bundle `nix`"),
        (
            &["history", "hand", "LAEF", "--at", "2014-06-10", "--bars", "1"],
            "no asset has the symbol `LAEF`",
        ),
        (&["history", "hand", "LEAF", "--at", "2014-06-10", "--bars", "99"], "99 bars of 1d"),
        (
            &["history", "hand", "LEAF", "--at", "2014-06-08", "--bars", "1"],
            "2014-06-08 is not a session",
        ),
        (
            &["history", "hand", "LEAF", "--at", "2014-06-10", "--bars", "1", "--version", "7"],
            "has no version 7",
        ),
    ] {
        let ran = program.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}: {ran:?}");
        assert!(
            ran.stderr.starts_with("error: ") && ran.stderr.contains(message),
            "{}",
            ran.stderr
        );
    }
}
