//! Runs every test once and closes with one line that counts them.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::cargo;

/// What the test programs said, added up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Tests, doc tests and examples; `true` when nothing failed.
pub(crate) fn run() -> bool {
    let mut tally = Tally::default();
    let mut sound = true;
    // `--show-output` lets a test that could not run say so: its `skipped: …` line is counted.
    sound &= run_and_count(
        cargo().args(["test", "--workspace", "--no-fail-fast", "--", "--show-output"]),
        &mut tally,
    );
    // What is off by default, with servers of its own: see `tests/it/python.rs`.
    sound &= run_and_count(
        cargo()
            .args(["test", "--package", "rustybt-bundles", "--features", "postgres-tls,s3,redis"])
            .args(["--test", "it", "--no-fail-fast", "--", "--show-output"])
            .args(["postgres::", "object_store::", "far_copies::", "redis::"]),
        &mut tally,
    );
    for example in examples() {
        let ran = run_and_count(
            cargo().args(["run", "--quiet", "--package", "rustybt", "--example", &example]),
            &mut tally,
        );
        println!("example {example} ... {}", if ran { "ok" } else { "FAILED" });
        if ran {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
        sound &= ran;
    }
    println!();
    println!("{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    sound && tally.failed == 0 && tally.passed > 0
}

/// The examples there are, by name, in order.
fn examples() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// Runs a command, passes on what it prints, and counts what its test programs report.
fn run_and_count(command: &mut Command, tally: &mut Tally) -> bool {
    let Ok(mut child) = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn() else {
        return false;
    };
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            println!("{line}");
            tally.add(&line);
        }
    }
    child.wait().is_ok_and(|status| status.success())
}

impl Tally {
    fn add(&mut self, line: &str) {
        if line.starts_with("skipped: ") {
            self.skipped += 1;
        } else if let Some(counts) = line.strip_prefix("test result: ") {
            self.passed += count_before(counts, " passed");
            self.failed += count_before(counts, " failed");
            self.skipped += count_before(counts, " ignored");
        }
    }
}

/// The number that stands before a word.
fn count_before(text: &str, word: &str) -> u64 {
    text.split(word)
        .next()
        .and_then(|before| before.rsplit(|c: char| !c.is_ascii_digit()).next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_adds_up_what_test_programs_print() {
        let mut tally = Tally::default();
        tally.add("running 3 tests");
        tally.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        tally.add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured");
        tally.add("skipped: no real market data beside the checkout");
        assert_eq!(tally, Tally { passed: 15, failed: 2, skipped: 2 });
    }
}
