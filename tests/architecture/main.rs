//! Who may import whom. ARCHITECTURE.md says why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Crates beside the crates of this project that each may depend on.
const CRATES: [(&str, &[&str]); 5] = [
    ("persist", &["persist-derive", "persist-runtime"]),
    ("persist-derive", &["persist-schema"]),
    ("persist-runtime", &[]),
    ("persist-schema", &[]),
    ("persist-testkit", &[]),
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
fn modules_have_no_circles() {
    for (name, _) in CRATES {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(if name == "persist" { "src" } else { name });
        let root = if name == "persist" { root } else { root.join("src") };
        let mut graph = BTreeMap::new();
        collect(&root, &root, &mut graph);
        if let Some(circle) = circle(&graph) {
            panic!("`{name}` has a circle: {}", circle.join(" > "));
        }
    }
}

/// Which top-level modules of a crate the files of each top-level module name.
fn collect(root: &Path, folder: &Path, graph: &mut BTreeMap<String, BTreeSet<String>>) {
    for entry in folder.read_dir().expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("tests") {
            collect(root, &path, graph);
            continue;
        }
        let inside = path.strip_prefix(root).expect("a path below the root").with_extension("");
        let module = inside.iter().next().expect("a name").to_string_lossy().into_owned();
        let is_test = path.ends_with("tests.rs");
        if path.extension().is_none_or(|extension| extension != "rs") || module == "lib" || is_test {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable source file");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.take_while(|line| !line.starts_with("#[cfg(test)]")) {
            // What a macro names is imported where the macro is used.
            for used in line.replace("$crate::", "").split("crate::").skip(1) {
                let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                let is_module = root.join(used).is_dir() || root.join(used).with_extension("rs").is_file();
                if is_module && used != module {
                    graph.entry(module.clone()).or_default().insert(used.to_owned());
                }
            }
        }
    }
}

/// A path through the graph that comes back to where it began.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(graph: &BTreeMap<String, BTreeSet<String>>, path: &mut Vec<String>) -> bool {
        let last = path.last().expect("a path is never empty").clone();
        graph.get(&last).into_iter().flatten().any(|next| {
            let seen = path.contains(next);
            path.push(next.clone());
            let found = seen || walk(graph, path);
            if !found {
                path.pop();
            }
            found
        })
    }
    graph.keys().find_map(|start| {
        let mut path = vec![start.clone()];
        walk(graph, &mut path).then_some(path)
    })
}
