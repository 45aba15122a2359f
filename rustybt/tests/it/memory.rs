//! An ingest keeps to the memory it was allowed, however much there is to read.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::Program;

/// Minutes of an asset: sixteen years of New York's sessions a file, give or take.
const ROWS: usize = 700_000;

/// Writes a file of minute bars; how many bytes it has.
fn write_minutes(path: &Path, rows: usize) -> u64 {
    let calendar = rustybt_calendars::calendar("XNYS").unwrap();
    let first = calendar.index_at_or_after("2010-01-04".parse().unwrap()).unwrap();
    let mut file = BufWriter::new(File::create(path).unwrap());
    file.write_all(b"datetime,open,high,low,close,volume\n").unwrap();
    let mut line = String::new();
    let mut price = 10_000_u64;
    for row in 0..rows {
        let day = calendar.sessions()[first + row / 390];
        let minute = 570 + row % 390;
        price = 5_000 + (price * 31 + row as u64) % 10_007;
        let (whole, cents) = (price / 100, price % 100);
        line.clear();
        writeln!(
            line,
            "{day} {:02}:{:02},{whole}.{cents:02},{}.{cents:02},{}.{cents:02},{whole}.{cents:02},{}",
            minute / 60,
            minute % 60,
            whole + 1,
            whole - 1,
            price * 7 % 100_000,
        )
        .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    file.flush().unwrap();
    fs::metadata(path).unwrap().len()
}

fn ingest(program: &Program, bundle: &str, market: &Path, memory: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_rustybt"))
        .args(["ingest", bundle, "--source", "csvdir", "--calendar", "XNYS", "--quiet"])
        .args(["--opt", &format!("path={}", market.display())])
        .args(["--workers", "2", "--memory", memory])
        .env("RUSTYBT_DATA_DIR", program.data_dir())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// The most that a program had in memory, in bytes, as far as it could be watched.
fn peak(mut child: Child) -> u64 {
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.trim().strip_suffix(" kB")).map(str::trim);
        most = most.max(number.and_then(|number| number.parse().ok()).unwrap_or(0) << 10);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    most
}

#[test]
fn an_ingest_of_several_times_its_memory_keeps_to_it() {
    if !Path::new("/proc/self/status").exists() {
        println!("skipped: no /proc to watch a program's memory in");
        return;
    }
    let program = Program::new();
    let market = program.path("market");
    fs::create_dir_all(market.join("minute")).unwrap();
    let small = program.path("small");
    fs::create_dir_all(small.join("minute")).unwrap();
    write_minutes(&small.join("minute/A.csv"), 390);
    let bytes: u64 = ["A", "B", "C"]
        .iter()
        .map(|name| write_minutes(&market.join(format!("minute/{name}.csv")), ROWS))
        .sum();
    let memory = 24 << 20;
    assert!(bytes > 4 * memory, "{bytes}");
    // What the program takes for itself is not counted, nor what an allocator leaves unused.
    let own = peak(ingest(&program, "small", &small, "24MiB"));
    let most = peak(ingest(&program, "large", &market, "24MiB"));
    assert!(
        most < own + memory + (8 << 20),
        "{most} bytes, {own} of them for an ingest of nearly nothing"
    );
    let rows = |bundle| program.run(&["verify", bundle]).code;
    assert_eq!(rows("large"), 0);
}
