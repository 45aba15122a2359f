//! The habits of the source tree that a machine can check.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace;

/// Lines a product file may have, its tests included.
const LONGEST: usize = 450;

/// Modules named for nothing.
const FORBIDDEN: [&str; 5] = ["utils", "util", "common", "helpers", "types"];

/// Every Rust file of the product: what `cargo publish` would ship, and the examples.
fn sources() -> Vec<(PathBuf, String)> {
    let root = workspace();
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("Cargo.toml").exists())
        .map(|path| path.join("src"))
        .collect();
    folders.push(root.join("examples"));
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_owned();
                files.push((path, text));
            }
        }
    }
    files.sort();
    assert!(files.len() > 30, "the sources were not found");
    files
}

/// The text before the module of tests.
fn product(text: &str) -> &str {
    let tests =
        ["#[cfg(test)]", "#[cfg(all(test"].map(|mark| text.find(mark).unwrap_or(text.len()));
    &text[..tests[0].min(tests[1])]
}

fn is_test(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "tests.rs")
        || path.components().any(|part| part.as_os_str() == "tests")
}

/// The files for which `broken` says what is wrong.
fn offenders(broken: impl Fn(&Path, &str) -> Option<String>) -> Vec<String> {
    sources()
        .iter()
        .filter_map(|(path, text)| Some(format!("{}: {}", path.display(), broken(path, text)?)))
        .collect()
}

#[test]
fn every_file_opens_with_its_idea() {
    let silent = offenders(|path, text| {
        (!text.starts_with("//! ") && !is_test(path)).then(|| "no `//!` heading".into())
    });
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn no_file_is_too_long() {
    let long = offenders(|path, text| {
        let lines = text.lines().count();
        (lines > LONGEST && !is_test(path)).then(|| format!("{lines} lines, at most {LONGEST}"))
    });
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn nothing_unwraps_or_is_left_to_do() {
    let banned = [".unwrap()", "todo!(", "unimplemented!(", "dbg!("];
    let rash = offenders(|path, text| {
        if is_test(path) || path.starts_with("examples") {
            return None;
        }
        let (line, found) = product(text).lines().enumerate().find_map(|(line, code)| {
            // Examples in documentation may be short.
            let code = if code.trim_start().starts_with("//") { "" } else { code };
            banned.iter().find(|word| code.contains(**word)).map(|word| (line + 1, word))
        })?;
        Some(format!("line {line} has `{found}`"))
    });
    assert!(rash.is_empty(), "{rash:#?}");
}

#[test]
fn no_module_is_named_for_nothing() {
    let vague = offenders(|path, _| {
        let named =
            |part: &Path| part.file_stem().and_then(|name| name.to_str()).map(str::to_owned);
        path.ancestors().filter_map(named).find(|name| FORBIDDEN.contains(&name.as_str()))
    });
    assert!(vague.is_empty(), "{vague:#?}");
}

#[test]
fn every_crate_has_a_readme_and_every_guide_a_heading() {
    let root = workspace();
    for entry in fs::read_dir(&root).unwrap() {
        let folder = entry.unwrap().path();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        if manifest.contains("readme = \"README.md\"") {
            assert!(folder.join("README.md").exists(), "{} has no README.md", folder.display());
        }
    }
    for folder in ["docs/guide", "docs/concepts"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("# "), "{} has no heading", path.display());
        }
    }
}
