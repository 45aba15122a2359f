//! The catalog in PostgreSQL: the same tests as in SQLite, and what only several programs on one
//! server can show.

mod copies;
#[cfg(feature = "postgres-tls")]
mod encrypted;
mod server;

use std::path::Path;
use std::process::Command;

use rustybt_bundles::{At, CatalogUrl, Error, Phase, Store, StoreOptions};
use serde_json::json;
use tempfile::TempDir;

use self::server::Server;
pub(crate) use self::server::shared;
use crate::fixture::{Listed, SERVER, dump, name, options};
use crate::python;

/// A store with its catalog on a server.
fn store(folder: &Path, catalog: &str) -> Store {
    StoreOptions::new().create(true).catalog(catalog).open(folder).unwrap()
}

fn day(close: u32) -> Listed {
    Listed::default().daily("A", "2020-01-02", &[&format!("5 999 1 {close} 10")])
}

fn ingest(store: &Store, bundle: &str, source: &Listed, now: &str) -> Result<u64, Error> {
    let report = store.ingest(&name(bundle), source, &options(now), &|_| {})?;
    Ok(report.outcome.version())
}

/// Runs tests of this program once more, in a program of its own.
fn again(tests: &[&str], variables: &[(&str, &str)]) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .envs(variables.iter().copied())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn the_tests_of_the_store_pass_on_postgres_too() {
    let Some(server) = shared() else { return };
    let url = server.url.clone();
    let tests = [
        "versions::",
        "ingest::",
        "identity::",
        "round_trip::",
        "readers::",
        "segments::",
        "pins::",
        "clean::old_versions_go",
        "clean::files_",
        "clean::the_newest",
        "clean::what_was_dropped",
        "clean::one_bundle",
        "clean::an_open_version",
        "retain::whole_periods",
        "retain::policies",
        "retention_laws::what_is_kept",
        "stats::",
        "backup::",
        "freeze::a_",
        "freeze::with_",
        "freeze::duckdb_travels",
        "doctor::a_",
    ];
    // These look into the file of SQLite.
    let skipped = [
        ["--skip", "a_store_of_another_format"],
        ["--skip", "a_file_that_is_in_use"],
        ["--skip", "a_lost_catalog"],
        ["--skip", "postgres::"],
    ]
    .concat();
    let run =
        again(&[&tests[..], &skipped].concat(), &[(SERVER, &url)]).wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(told.contains(" passed") && !told.contains(" 0 passed"), "{told}");
}

/// What a child of the next test does: it writes to a bundle of its own, and to one that all write.
#[test]
#[expect(clippy::disallowed_methods, reason = "its parent tells it what to do")]
fn a_writer_among_others() {
    let Ok(task) = std::env::var("RUSTYBT_TEST_WRITER") else { return };
    let (number, rest) = task.split_once(' ').unwrap();
    let (folder, catalog) = rest.split_once(' ').unwrap();
    let number: u32 = number.parse().unwrap();
    let store = StoreOptions::new().create(true).catalog(catalog).open(Path::new(folder)).unwrap();
    for round in 0..4 {
        let symbol = ["A", "B", "C"][number as usize];
        let row = format!("5 999 1 {} 10", 100 * number + round + 1);
        let source = Listed::default().daily(symbol, "2020-01-02", &[&row]);
        ingest(&store, &format!("own{number}"), &source, "2020-02-03T00:00Z").unwrap();
        loop {
            match ingest(&store, "all", &source, "2020-02-03T00:00Z") {
                Ok(_) => break,
                Err(error) => assert!(error.is_transient(), "{error}"),
            }
        }
    }
}

#[test]
fn several_programs_write_and_nothing_is_lost() {
    let Some(server) = shared() else { return };
    let (folder, catalog) = (TempDir::new().unwrap(), server.catalog());
    let children: Vec<_> = (0..3)
        .map(|number| {
            let task = format!("{number} {} {catalog}", folder.path().display());
            again(
                &["--exact", "postgres::a_writer_among_others", "--nocapture"],
                &[("RUSTYBT_TEST_WRITER", &task)],
            )
        })
        .collect();
    for child in children {
        let run = child.wait_with_output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    }
    let store = store(folder.path(), &catalog);
    let numbers = |bundle: &str| -> Vec<u64> {
        store.versions(&name(bundle)).unwrap().iter().map(|version| version.version).collect()
    };
    for number in 0..3 {
        assert_eq!(numbers(&format!("own{number}")), [1, 2, 3, 4]);
    }
    assert_eq!(numbers("all"), (1..=12).collect::<Vec<_>>());
    let bars = dump(&store.bundle(&name("all"), At::Latest).unwrap());
    for close in [4, 104, 204] {
        assert!(bars.contains(&format!(" 5 999 1 {close} 10")), "{bars}");
    }
    assert!(store.verify(None).unwrap().is_sound());
}

#[test]
fn a_server_that_was_restarted_is_found_again() {
    let Some(mut server) = Server::start() else { return };
    let (folder, catalog) = (TempDir::new().unwrap(), server.catalog());
    let store = store(folder.path(), &catalog);
    ingest(&store, "us", &day(5), "2020-02-03T00:00Z").unwrap();

    server.order("stop");
    let lost = store.versions(&name("us")).unwrap_err();
    assert!(matches!(lost, Error::Catalog { .. }) && lost.is_transient(), "{lost:?}");
    let unreachable = ingest(&store, "us", &day(6), "2020-02-04T00:00Z").unwrap_err();
    assert!(unreachable.is_transient(), "{unreachable:?}");
    server.order("start");
    assert_eq!(store.versions(&name("us")).unwrap().len(), 1);
    assert_eq!(ingest(&store, "us", &day(6), "2020-02-04T00:00Z").unwrap(), 2);

    // And between the survey of an ingest and its end.
    let server = std::sync::Mutex::new((server, 0));
    let report = store.ingest(&name("us"), &day(7), &options("2020-02-05T00:00Z"), &|progress| {
        let mut server = server.lock().unwrap();
        if progress.phase == Phase::Finish && server.1 == 0 {
            server.1 = 1;
            server.0.order("stop");
            server.0.order("start");
        }
    });
    match report {
        Ok(report) => assert_eq!(report.outcome.version(), 3),
        Err(error) => {
            assert!(error.is_transient(), "{error:?}");
            assert_eq!(store.versions(&name("us")).unwrap().len(), 2);
            assert_eq!(ingest(&store, "us", &day(7), "2020-02-05T00:00Z").unwrap(), 3);
        }
    }
    assert!(store.verify(None).unwrap().is_sound());
}

#[test]
fn what_cannot_be_opened_says_why_and_never_the_password() {
    let folder = TempDir::new().unwrap();
    let secret = "hunter2";
    for url in [
        format!("postgres://u:{secret}@/d?host=/nonexistent"),
        format!("postgres://u:{secret}@h:port/d"),
        format!("postgres://u@/d?host=/nonexistent&{secret}={secret}"),
        format!("postgres://u@/d?host=/nonexistent&sslmode=require&password={secret}"),
    ] {
        let error = StoreOptions::new().catalog(url).open(folder.path()).unwrap_err();
        let mut said = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            said.push_str(&error.to_string());
            source = error.source();
        }
        assert!(matches!(error, Error::Catalog { action: "open", .. }), "{said}");
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_catalog_that_is_not_there_is_not_made_by_reading() {
    let Some(server) = shared() else { return };
    let folder = TempDir::new().unwrap();
    let catalog = server.catalog();
    for _ in 0..2 {
        let error = StoreOptions::new().catalog(catalog.as_str()).open(folder.path()).unwrap_err();
        assert!(matches!(error, Error::NoStore { .. }), "{error}");
    }
}

#[test]
fn duckdb_reads_every_version_through_postgres() {
    let (Some(server), Some(python)) = (shared(), python::interpreter()) else { return };
    let (folder, catalog) = (TempDir::new().unwrap(), server.catalog());
    let store = store(folder.path(), &catalog);
    for (close, now) in [(5, "2020-02-03T00:00Z"), (6, "2020-02-04T00:00Z")] {
        ingest(&store, "us", &day(close), now).unwrap();
    }
    let CatalogUrl::Postgres(url) = CatalogUrl::from(catalog.as_str()) else { unreachable!() };
    let host = server.url.split("host=").nth(1).unwrap();
    let connection = format!("dbname=postgres user=postgres host={host}");
    let answer = python::ask(python, "duckdb_postgres.py", &[&connection, url.schema(), "us"]);
    assert_eq!(answer["snapshots"], json!([0, 1, 2]));
    let row = |close: &str| json!([["0", "2020-01-02", "5", "999", "1", close, "10"]]);
    assert_eq!(answer["versions"]["1"], row("5"));
    assert_eq!(answer["versions"]["2"], row("6"));
    assert_eq!(answer["as_of"], row("5"));
    assert_eq!(answer["assets"], json!([["0", "A"]]));
}
