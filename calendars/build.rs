//! Lists the calendar files under `data`, so that adding one is adding a file.

use std::fmt::Write as _;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let data = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("data");
    let mut calendars = Vec::new();
    for folder in ["exchange", "product"] {
        for path in files(&data.join(folder))? {
            calendars.push((name_and_aliases(&path)?, path));
        }
    }
    calendars.sort();

    let mut code = String::from("pub(crate) const CALENDARS: &[Shipped] = &[\n");
    for ((name, aliases), path) in &calendars {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let path = path.to_string_lossy();
        writeln!(
            code,
            "Shipped {{ name: {name:?}, aliases: &{aliases:?}, file: {file:?}, text: include_str!({path:?}) }},"
        )
        .map_err(Error::other)?;
    }
    code.push_str("];\n");
    std::fs::write(PathBuf::from(variable("OUT_DIR")?).join("shipped.rs"), code)
}

#[expect(clippy::disallowed_methods, reason = "cargo speaks to build scripts by variables")]
fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| Error::other(format!("{name}: {error}")))
}

/// The TOML files of a folder, sorted; none if there is no such folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The `name` and the `aliases` at the head of a calendar file, each on a line of its own.
fn name_and_aliases(path: &Path) -> Result<(String, Vec<String>)> {
    let text = std::fs::read_to_string(path)?;
    let value = |key: &str| {
        text.lines()
            .take_while(|line| !line.starts_with('['))
            .find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='))
    };
    let quoted =
        |value: &str| value.split('"').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let name = value("name").and_then(|value| quoted(value).into_iter().next());
    let aliases = value("aliases").map(quoted).unwrap_or_default();
    name.map(|name| (name, aliases)).ok_or_else(|| {
        let problem = format!("{}: no line `name = \"…\"` at its head", path.display());
        Error::new(ErrorKind::InvalidData, problem)
    })
}
