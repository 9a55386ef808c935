//! Wrong programs: what the compiler says about each is beside it in `tests/ui/<kind of mistake>/`.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew; read them before they are committed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Names the cases to the process that compiles them.
const CASES: &str = "PERSIST_UI_CASES";

/// Kinds of mistakes whose cases have migrations of their own, in `tests/ui/<kind>/schema`.
const WITH_OWN_SCHEMA: &[&str] = &["composite", "migration", "odd", "one_of", "semicolon"];

/// The kind of mistake whose cases have no migrations at all.
const WITHOUT_SCHEMA: &str = "folder";

/// The cases run in a process of their own per folder of migrations, because that is named by the environment.
#[test]
fn mistakes_do_not_compile() {
    let (own, shared): (Vec<String>, Vec<String>) = kinds()
        .into_iter()
        .partition(|kind| kind == WITHOUT_SCHEMA || WITH_OWN_SCHEMA.contains(&kind.as_str()));
    let shared: Vec<&str> = shared.iter().map(String::as_str).collect();
    compile(&shared, Some(root().join("schema")));
    for kind in own {
        let schema = (kind != WITHOUT_SCHEMA).then(|| folder().join(&kind).join("schema"));
        compile(&[&kind], schema);
    }
}

/// What [`mistakes_do_not_compile`] starts; by itself it has nothing to do.
#[test]
#[ignore = "started by another test, with the cases in its environment"]
fn compile_cases() {
    let cases = trybuild::TestCases::new();
    for kind in env::var(CASES).unwrap_or_default().split_whitespace() {
        cases.compile_fail(format!("tests/ui/{kind}/*.rs"));
    }
}

#[test]
fn messages_are_short_and_come_alone() {
    let cases = cases();
    assert!(cases.len() >= 120, "there are only {} cases", cases.len());
    for case in cases {
        let messages =
            fs::read_to_string(case.with_extension("stderr")).expect("every case has its messages");
        let messages: Vec<&str> = messages.trim_end().split("\n\n").collect();
        let name = case.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        // Only cases that say so hold several mistakes.
        assert_eq!(
            messages.len() > 1,
            name.starts_with("several"),
            "{} reports {}",
            case.display(),
            messages.len()
        );
        for message in messages {
            let lines = message.lines().count();
            // Where a trait is missing, or its type is another one, the compiler says more of its own.
            let is_of_a_trait = ["error[E0277]", "error[E0271]"].iter().any(|code| message.starts_with(code));
            let allowed = if is_of_a_trait { 17 } else { 12 };
            assert!(message.starts_with("error"), "{} reports more than errors:\n{message}", case.display());
            assert!(lines <= allowed, "{} needs {lines} lines:\n{message}", case.display());
        }
    }
}

fn compile(kinds: &[&str], schema: Option<PathBuf>) {
    let mut command = Command::new(env::current_exe().expect("a test has a path"));
    command.args(["--exact", "compile_cases", "--ignored", "--nocapture"]).env(CASES, kinds.join(" "));
    match schema {
        Some(schema) => command.env("PERSIST_SCHEMA", schema),
        None => command.env_remove("PERSIST_SCHEMA"),
    };
    let status = command.status().expect("a test can be started");
    assert!(status.success(), "the messages of {} are not as expected", kinds.join(", "));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("tests/ui")
}

fn kinds() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("there are cases");
    let mut kinds: Vec<String> =
        entries.flatten().map(|kind| kind.file_name().to_string_lossy().into_owned()).collect();
    kinds.sort();
    kinds
}

fn cases() -> Vec<PathBuf> {
    let folders = kinds().into_iter().map(|kind| folder().join(kind));
    let entries = folders.flat_map(|folder| fs::read_dir(folder).expect("a kind of mistake is a folder"));
    let mut cases: Vec<PathBuf> = entries.flatten().map(|case| case.path()).collect();
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "rs"));
    cases.sort();
    cases
}
