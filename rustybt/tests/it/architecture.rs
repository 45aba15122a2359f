//! The dependency rule: the manifests have exactly the edges that `docs/architecture.md` lists.

use std::collections::BTreeSet;

use crate::workspace;

/// An edge `from -> to` between crates of the workspace.
type Edge = (String, String);

#[test]
fn the_manifests_have_the_edges_that_the_map_lists() {
    let (mapped, real) = (mapped(), real());
    let unlisted: Vec<&Edge> = real.difference(&mapped).collect();
    let unused: Vec<&Edge> = mapped.difference(&real).collect();
    assert!(unlisted.is_empty(), "docs/architecture.md does not allow {unlisted:?}");
    assert!(unused.is_empty(), "docs/architecture.md lists edges that nobody has: {unused:?}");
    assert!(real.len() > 10, "the manifests were not found");
}

fn mapped() -> BTreeSet<Edge> {
    let map = std::fs::read_to_string(workspace().join("docs/architecture.md")).unwrap();
    let list = map.split("```edges").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    list.lines()
        .filter_map(|line| line.split_once(" -> "))
        .map(|(from, to)| (from.trim().to_owned(), to.trim().to_owned()))
        .collect()
}

fn real() -> BTreeSet<Edge> {
    let read = |path| -> toml::Table {
        std::fs::read_to_string(path).unwrap().parse().expect("a manifest is TOML")
    };
    let root = read(workspace().join("Cargo.toml"));
    let members = root["workspace"]["members"].as_array().unwrap();
    let manifests: Vec<toml::Table> = members
        .iter()
        .map(|member| read(workspace().join(member.as_str().unwrap()).join("Cargo.toml")))
        .collect();
    let name = |manifest: &toml::Table| manifest["package"]["name"].as_str().unwrap().to_owned();
    let ours: BTreeSet<String> = manifests.iter().map(name).collect();
    let mut edges = BTreeSet::new();
    for manifest in &manifests {
        for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let Some(section) = manifest.get(section).and_then(toml::Value::as_table) else {
                continue;
            };
            // A crate's tests may want a feature of the crate itself: that is no edge.
            let others =
                section.keys().filter(|key| ours.contains(*key) && **key != name(manifest));
            edges.extend(others.map(|dependency| (name(manifest), dependency.clone())));
        }
    }
    edges
}
