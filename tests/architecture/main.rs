//! Who may import whom. ARCHITECTURE.md says why.

mod circle;
mod floors;
mod module;
mod resolve;
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::floors::Floors;
use crate::resolve::Imports;

/// Each crate: where its sources are, the root of its modules, and its floors.
const SOURCES: [(&str, &str, &str, Floors); 7] = [
    ("persist", "src", "lib.rs", floors::FACADE),
    ("persist-derive", "persist-derive/src", "lib.rs", floors::DERIVE),
    ("persist-runtime", "persist-runtime/src", "lib.rs", floors::RUNTIME),
    ("persist-schema", "persist-schema/src", "lib.rs", floors::SCHEMA),
    ("persist-testkit", "persist-testkit/src", "lib.rs", floors::TESTKIT),
    ("persist-bench", "bench/src", "main.rs", floors::BENCH),
    ("persist-chaos", "chaos/src", "main.rs", floors::CHAOS),
];

/// Crates beside the crates of this project that each may depend on.
const CRATES: [(&str, &[&str]); 7] = [
    ("persist-chaos", &["persist-postgres", "persist-testkit"]),
    ("persist-derive", &["persist-schema"]),
    ("persist-postgres", &["persist-derive", "persist-runtime"]),
    ("persist-runtime", &[]),
    ("persist-sample", &["persist-postgres"]),
    ("persist-schema", &[]),
    ("persist-testkit", &["persist-schema"]),
];

/// Dependencies that a crate must never have.
const NEVER: [(&str, &[&str]); 2] = [
    ("persist-schema", &["syn", "quote", "tokio", "tokio-postgres"]),
    ("persist-derive", &["tokio", "tokio-postgres"]),
];

#[test]
fn crates_depend_on_those_below_them_only() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let mut found = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        let names: BTreeSet<String> =
            normal.map(|d| d["name"].as_str().expect("a name").to_owned()).collect();
        found.insert(package["name"].as_str().expect("a name").to_owned(), names);
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), CRATES.map(|(name, _)| name).iter().collect::<Vec<_>>());
    for (name, allowed) in CRATES {
        let ours: Vec<_> =
            found[name].iter().filter(|dependency| dependency.starts_with("persist")).collect();
        assert_eq!(ours, allowed, "what `{name}` depends on");
    }
    for (name, never) in NEVER {
        let wrong: Vec<_> = never.iter().filter(|dependency| found[name].contains(**dependency)).collect();
        assert!(wrong.is_empty(), "`{name}` must not depend on {wrong:?}");
    }
}

#[test]
fn files_have_no_circles() {
    let circles: Vec<String> =
        sources().flat_map(|source| titled(source.name, circle::circles(&source.imports))).collect();
    assert!(circles.is_empty(), "files import each other in circles:\n{}\n", circles.join("\n"));
}

#[test]
fn nothing_imports_upwards() {
    let wrong: Vec<String> = sources()
        .flat_map(|source| {
            titled(source.name, circle::upwards(&source.imports, &source.files, source.floors))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "rooms are not on the floors of tests/architecture/floors.rs:\n{}\n",
        wrong.join("\n")
    );
}

/// Messages with the crate that they are about.
fn titled(name: &str, messages: Vec<String>) -> impl Iterator<Item = String> {
    messages.into_iter().map(move |message| format!("{name}: {message}"))
}

/// A crate whose sources are read.
struct Sources {
    name: &'static str,
    floors: Floors,
    files: BTreeSet<String>,
    imports: Imports,
}

fn sources() -> impl Iterator<Item = Sources> {
    SOURCES.into_iter().map(|(name, folder, root, floors)| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let modules = module::read(root, &|file| fs::read_to_string(folder.join(file)).ok());
        let files = modules.values().map(|module| module.file.clone()).collect();
        Sources { name, floors, files, imports: resolve::imports(&modules) }
    })
}
