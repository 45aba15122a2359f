//! Markets against the answers of zipline-reloaded 3.2.1, through the program and the library.
//!
//! `tests/fixtures/golden` has the programs that made them: `market.py` a small market with
//! everything that happens to assets, `answers.py` the questions, and zipline's answers before it
//! rounds them; `overnight.py` futures of sessions that begin in the evening. A third market is that
//! of zipline's own files in the shared data.
//!
//! What was stored is compared bit for bit, what was computed within 1e-9 of itself. A line that is
//! not compared is a difference that `docs/differences.md` tells of, and counted.

mod legacy;
mod library;
mod program;
mod truncated;

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

use crate::program::Program;

const MARKET: &[u8] = include_bytes!("../../fixtures/golden/market.gz");
const ANSWERS: &[u8] = include_bytes!("../../fixtures/golden/answers.jsonl.gz");
const OVERNIGHT: &[u8] = include_bytes!("../../fixtures/golden/overnight.gz");
const OVERNIGHT_ANSWERS: &[u8] = include_bytes!("../../fixtures/golden/overnight.jsonl.gz");
const LEGACY: &[u8] = include_bytes!("../../fixtures/golden/legacy.jsonl.gz");

/// A question, and what zipline says to it in a mode.
#[derive(Debug, Deserialize)]
struct Line {
    clock: Clock,
    ask: Value,
    answer: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Clock {
    Daily,
    Minute,
}

impl Line {
    fn op(&self) -> &str {
        self.ask["op"].as_str().unwrap()
    }

    fn at(&self) -> &str {
        self.ask["at"].as_str().unwrap()
    }

    fn sids(&self) -> impl Iterator<Item = u64> {
        self.ask["assets"].as_array().unwrap().iter().map(|asset| asset["sid"].as_u64().unwrap())
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.ask["fields"].as_array().unwrap().iter().map(|field| field.as_str().unwrap())
    }
}

/// Some lines of answers, of which as many were written as the first line says.
fn lines(packed: &[u8]) -> Vec<Line> {
    let text = unpacked(packed);
    let (head, rest) = text.split_once('\n').unwrap();
    let head: Value = serde_json::from_str(head).unwrap();
    assert_eq!(head["program"], "zipline-reloaded 3.2.1");
    let lines: Vec<Line> = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(head["lines"], lines.len());
    lines
}

fn unpacked(packed: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    text
}

/// A program that has ingested the small market as `golden`.
fn market() -> Program {
    market_with(|_, text| text.to_owned())
}

/// The same, of files that are changed before.
fn market_with(change: impl Fn(&str, &str) -> String) -> Program {
    ingested(MARKET, "XNYS", change)
}

fn ingested(packed: &[u8], calendar: &str, change: impl Fn(&str, &str) -> String) -> Program {
    let program = Program::new();
    for file in unpacked(packed).split("== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        let text = change(name, text);
        if text.lines().nth(1).is_some() {
            program.write(&format!("in/{name}"), &text);
        }
    }
    let path = format!("path={}", program.path("in").display());
    let asked = ["ingest", "golden", "--source", "csvdir", "--opt", &path, "--calendar", calendar];
    let ran = program.run(&asked);
    assert_eq!(ran.code, 0, "{ran:?}");
    program
}

/// A number that zipline gives, or none.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// The same number, or two missing ones.
fn near(found: f64, expected: f64) -> bool {
    let apart = (found - expected).abs();
    apart <= 1e-9 * expected.abs() || (found.is_nan() && expected.is_nan())
}

/// DIFFERENCE: the first price of a series of contracts may come from before its window; zipline
/// does not bring it to the level of the others.
fn is_carried_in(line: &Line) -> bool {
    !line.ask["adjustment"].is_null() && line.answer["close"][0].is_null()
}

/// What was compared, and the first few of those that are not equal.
#[derive(Debug, Default)]
struct Tally {
    compared: usize,
    told: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn check(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        self.compared += 1;
        if !is_right && self.wrong.len() < 12 {
            self.wrong.push(what());
        }
    }

    #[track_caller]
    fn done(&self, compared: usize, told: usize) {
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
        assert!(self.compared >= compared, "only {} compared", self.compared);
        assert_eq!(self.told, told, "answers that differ on purpose");
    }
}

/// Writes the folder of CSV files that zipline's own files were made of.
fn legacy(truth: &Path) -> Program {
    let program = Program::new();
    let read = |name: &str| fs::read_to_string(truth.join(name)).unwrap();
    legacy::write(&program, read);
    let ran = program.ingest("golden", &program.path("in"));
    assert_eq!(ran.code, 0, "{ran:?}");
    program
}

#[test]
fn the_program_answers_as_zipline() {
    let resumed = ["2019-11-27T13:45Z", "2020-03-05T"];
    program::compare(&market(), &lines(ANSWERS), &resumed).done(9_000, 202);
}

#[test]
fn the_library_answers_as_zipline() {
    let resumed = ["2019-11-27T13:45Z", "2020-03-05T13:45Z"];
    library::compare(&market(), &lines(ANSWERS), &resumed).done(9_000, 36);
}

#[test]
fn sessions_that_begin_in_the_evening_too() {
    let program = ingested(OVERNIGHT, "us_futures", |_, text| text.to_owned());
    let lines = lines(OVERNIGHT_ANSWERS);
    program::compare(&program, &lines, &[]).done(4_500, 0);
    library::compare(&program, &lines, &[]).done(4_000, 0);
}

#[test]
fn the_market_of_ziplines_own_files_too() {
    let Some(folder) = crate::program::shared("zipline's own files") else { return };
    let program = legacy(&folder.join("../../legacy-zipline/truth"));
    let (lines, resumed) = (lines(LEGACY), ["2020-12-23T13:45Z"]);
    program::compare(&program, &lines, &resumed).done(4_000, 13);
    library::compare(&program, &lines, &resumed).done(4_000, 10);
}

#[test]
fn the_program_knows_nothing_of_what_comes_after() {
    truncated::compare(&lines(ANSWERS));
}
