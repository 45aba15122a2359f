//! Jobs through the program: stopped by signals, killed, resumed, waited for.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::program::{Program, Ran, csvdir};

/// Writes minute bars of some assets, enough to be caught at work, and daily bars of all.
fn market(program: &Program, assets: usize, days: usize) -> PathBuf {
    use std::fmt::Write;
    for asset in 0..assets {
        let (mut minute, mut daily) = (String::new(), String::new());
        for text in [&mut minute, &mut daily] {
            text.push_str("date,open,high,low,close,volume\n");
        }
        for day in 0..days {
            // Mondays to Fridays of January and February 2021, without holidays.
            let day = [4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 19, 20, 21, 22][day % 14];
            let month = 1;
            let price = 100 + asset;
            writeln!(daily, "2021-{month:02}-{day:02},{price},{price}.5,{price},{price},5")
                .unwrap();
            for at in 0..390 {
                let (hour, at) = (9 + (at + 30) / 60, (at + 30) % 60);
                writeln!(
                    minute,
                    "2021-{month:02}-{day:02} {hour:02}:{at:02}:00,{price}.25,{price}.75,{price},{price}.5,{at}"
                )
                .unwrap();
            }
        }
        program.write(&format!("prices/minute/S{asset}.csv"), &minute);
        program.write(&format!("prices/daily/S{asset}.csv"), &daily);
    }
    program.path("prices")
}

fn start(program: &Program, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_rustybt"))
        .args(arguments)
        .env_clear()
        .env("HOME", program.path("home"))
        .env("RUSTYBT_DATA_DIR", program.data_dir())
        .current_dir(program.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: &str) {
    Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
}

fn end(child: Child) -> Ran {
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Starts an ingest that tells how far it is, and signals it when it fetches: at once, or when it has
/// `something` already.
fn caught(program: &Program, arguments: &[&str], name: &str, something: bool) -> Ran {
    let mut child = start(program, arguments);
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while errors.read_line(&mut said).unwrap() > 0 {
        let line: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap_or_default();
        if line["stage"] == "fetch" && (!something || line["done"].as_u64() > Some(0)) {
            break;
        }
    }
    signal(&child, name);
    errors.read_to_string(&mut said).unwrap();
    Ran { stderr: said, ..end(child) }
}

fn jobs(program: &Program) -> Vec<Value> {
    let listed = program.run(&["jobs", "--format", "json"]).done();
    serde_json::from_str(&listed).unwrap()
}

fn states(program: &Program) -> Vec<String> {
    jobs(program).iter().map(|job| job["state"].as_str().unwrap().to_owned()).collect()
}

/// How often each content is there among the data files of a bundle.
fn contents(folder: &Path) -> BTreeMap<String, usize> {
    let mut contents = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                *contents.entry(format!("{} {:?}", bytes.len(), md(&bytes))).or_default() += 1;
            }
        }
    }
    contents
}

/// Tells one content from another.
fn md(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

#[test]
fn a_job_is_listed_and_shown_and_forgotten() {
    let program = Program::with_market();
    assert_eq!(states(&program), ["done"]);
    let job = &jobs(&program)[0];
    let name = job["job"].as_str().unwrap().to_owned();
    assert_eq!((job["bundle"].as_str(), job["version"].as_i64()), (Some("hand"), Some(1)));
    assert_eq!(job["percent"].as_f64(), Some(100.0));
    for text in ["1", &name, &name[..4]] {
        let shown = program.run(&["jobs", "show", text]).done();
        assert!(shown.starts_with(&format!("job {name}: done\n")), "{shown}");
    }
    let shown = program.run(&["jobs", "show", "1", "--format", "json"]).done();
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        (shown["state"].as_str(), shown["recipe"]["source"].as_str()),
        (Some("done"), Some("csvdir"))
    );
    let table = program.run(&["jobs", "list", "--bundle", "hand", "--format", "table"]).done();
    assert!(table.lines().all(|line| line.chars().count() <= 100), "{table}");
    for (arguments, said) in [
        (
            &["jobs", "show", "7"][..],
            "error: there is no job `7`\nhint: `rustybt jobs` lists them\n",
        ),
        (&["jobs", "cancel", "1"][..], "is done; there is nothing to cancel"),
        (&["jobs", "resume", "1"][..], "is done; one that is interrupted or failed can be resumed"),
    ] {
        let ran = program.run(arguments);
        assert!(ran.code == 1 && ran.stderr.contains(said), "{ran:?}");
    }
    let usage = program.run(&["jobs", "clean", "--max-age", "-1h"]);
    assert_eq!(usage.code, 2);
    program.run(&["jobs", "clean", "--max-age", "1h"]).done();
    assert_eq!(states(&program).len(), 1);
    program.run(&["jobs", "clean", "--max-age", "0s"]).done();
    assert_eq!(states(&program).len(), 0);
    let none = Program::new();
    assert!(states(&none).is_empty());
}

#[test]
fn a_signal_stops_an_ingest_that_goes_on_later() {
    let whole = Program::new();
    let prices = market(&whole, 12, 14);
    assert_eq!(whole.ingest("us", &prices).code, 0);
    let expected = contents(&whole.data_dir().join("data"));
    for name in ["-INT", "-TERM", "-HUP", "-KILL"] {
        let program = Program::new();
        let prices = market(&program, 12, 14);
        let path = format!("path={}", prices.display());
        let more = ["--workers", "1", "--progress", "json"];
        let arguments = [&csvdir("us", &path)[..], &more].concat();
        let mut stopped = false;
        // However fast the machine is, sooner or later it is caught at work.
        for attempt in 0..30 {
            let ran = caught(&program, &arguments, name, attempt % 3 < 2);
            match states(&program).last().map(String::as_str) {
                // It was done before.
                Some("done") => std::fs::remove_dir_all(program.data_dir()).unwrap(),
                Some("interrupted") => {
                    stopped = true;
                    let code = if name == "-KILL" { -1 } else { 130 };
                    assert_eq!(ran.code, code, "{ran:?}");
                    assert!(
                        name == "-KILL" || ran.stderr.contains("`rustybt jobs resume"),
                        "{ran:?}"
                    );
                    break;
                }
                other => panic!("{other:?}: {ran:?}"),
            }
        }
        assert!(stopped, "it was never caught at work");
        let ran = program.run(&["ingest", "us", "--resume"]);
        assert!(ran.code == 0 && ran.stderr.contains("note: going on with job"), "{name} {ran:?}");
        assert_eq!(contents(&program.data_dir().join("data")), expected, "{name}");
        assert_eq!(states(&program).last().unwrap(), "done");
        let again =
            program.run(&["ingest", "us", "--resume", "--source", "csvdir", "--opt", &path]);
        assert!(again.stderr.contains("this is a plain ingest"), "{again:?}");
        assert!(again.stdout.contains("unchanged"), "{again:?}");
    }
}

#[test]
fn progress_for_programs_tells_the_job_and_how_long_it_takes() {
    let program = Program::new();
    let prices = market(&program, 2, 2);
    let ran = program.ingest_with("us", &prices, &["--progress", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    let job = &jobs(&program)[0];
    assert_eq!(last["job"], job["job"]);
    assert_eq!((last["stage"].as_str(), last["percent"].as_f64()), (Some("publish"), Some(100.0)));
    assert_eq!(last["rows"], job["rows"]);
    assert_eq!(last["rows"].as_i64(), Some(2 * 2 * 391));
    assert!(last["bytes"].as_i64() > Some(1000) && last["eta_seconds"].as_f64() == Some(0.0));
}

#[test]
fn a_preset_is_a_list_of_symbols() {
    let program = Program::new();
    let prices = market(&program, 3, 1);
    program.write("data/presets/mine.txt", "S2\n# not S0\nS1\n");
    let path = format!("path={}", prices.display());
    let from = csvdir("us", &path);
    program.run(&[&from[..], &["--preset", "mine"]].concat()).done();
    let assets = program.run(&["assets", "us", "--format", "csv"]).done();
    assert!(assets.contains("S1") && assets.contains("S2") && !assets.contains("S0"), "{assets}");
    let unknown = program.run(&[&from[..], &["--preset", "sp500"]].concat());
    let said = "error: there is no preset `sp500`; there are: mine\nhint: write its symbols into";
    assert!(unknown.code == 1 && unknown.stderr.starts_with(said), "{unknown:?}");
    let both = program.run(&[&from[..], &["--preset", "mine", "--symbols", "S0"]].concat());
    assert_eq!(both.code, 2, "{both:?}");
}

#[test]
fn a_second_ingest_waits_or_says_who_is_at_work() {
    let program = Program::new();
    let prices = market(&program, 12, 14);
    let path = format!("path={}", prices.display());
    let from = csvdir("us", &path);
    let first = start(&program, &[&from[..], &["--workers", "1"]].concat());
    // Once it is listed as running, it holds the bundle.
    while !program.data_dir().join("catalog.sqlite").exists()
        || states(&program).last().map(String::as_str) != Some("running")
    {
        std::thread::sleep(Duration::from_millis(5));
        assert!(states(&program).last().map(String::as_str) != Some("done"), "too fast to be met");
    }
    let said = format!("error: the bundle `us` is being written by process {} on", first.id());
    let refused = program.run(&from);
    assert!(refused.code == 1 && refused.stderr.starts_with(&said), "{refused:?}");
    let waited = program.run(&[&from[..], &["--wait", "5m"]].concat());
    assert!(waited.code == 0 && waited.stdout.contains("unchanged"), "{waited:?}");
    assert_eq!(end(first).code, 0);
    assert_eq!(states(&program), ["done", "done"], "the one that was refused was no job");
}

#[test]
fn output_that_nobody_reads_is_no_failure() {
    let program = Program::with_market();
    for arguments in [&["jobs"][..], &["jobs", "show", "1"], &["bundles"], &["sources"]] {
        let mut child = start(&program, arguments);
        drop(child.stdout.take());
        let ran = end(child);
        assert!(ran.code == 0 && ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
    }
    let mut ingest = start(
        &program,
        &[
            "ingest",
            "hand",
            "--resume",
            "--source",
            "csvdir",
            "--opt",
            &format!("path={}", crate::program::market().display()),
        ],
    );
    drop((ingest.stdout.take(), ingest.stderr.take()));
    assert_eq!(end(ingest).code, 0);
}
