//! What README.md says about a crate of one's own, done file by file and command by command.

mod scratch;

use std::ffi::OsStr;
use std::process::Command;

use persist_testkit::TestDatabase;
use scratch::Scratch;

const README: &str = include_str!("../README.md");

/// The same crate in a workspace, which has the migrations and names the dependencies.
const ROOT: &str = "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n\n[workspace.dependencies]\n";

#[tokio::test]
async fn a_crate_is_made_as_the_readme_says() {
    let server = TestDatabase::empty().await;
    let crate_ = Scratch::with_manifest("readme", &format!("{}\n[workspace]\n", manifest()));
    for (path, text) in files() {
        crate_.write(path, text);
    }
    let output = crate_
        .command(OsStr::new("sh"))
        .args(["-e", "-c", &commands(&server).await])
        .env("DATABASE_URL", server.url())
        .output()
        .expect("a shell can be started");
    let (printed, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{printed}{errors}");
    assert!(printed.contains("the name is taken\n0 switched off, 1 left\n1 changed, Some("), "{printed}");

    crate_.append("src/main.rs", said("rust", "// at the end of src/main.rs"));
    let tested = crate_.cargo(&["test", "--quiet"]).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(tested.contains("1 passed"), "{tested}");

    crate_.compiles_anew();
    assert!(!crate_.compiles_anew(), "nothing was changed");
    crate_.write("schema/0002_color.sql", "ALTER TABLE pipelines ADD COLUMN color text;\n");
    assert!(crate_.compiles_anew(), "there is a new migration");
    assert!(!crate_.compiles_anew(), "nothing was changed");

    let main = said("rust,no_run", "// src/main.rs").replace("pub name: String", "pub naem: String");
    crate_.write("src/main.rs", &main);
    let errors = crate_.check().expect_err("a column is misspelt");
    assert!(errors.contains(said("text", "error: column")), "{errors}");
}

#[test]
fn migrations_of_a_workspace_compile_its_crates_again() {
    let manifest = manifest();
    let (package, dependencies) = manifest.split_once("[dependencies]\n").expect("dependencies");
    let (dependencies, for_tests) = dependencies.split_once("\n[dev-dependencies]\n").expect("a test kit");
    let workspace = Scratch::with_manifest("readme_workspace", &format!("{ROOT}{dependencies}{for_tests}"));
    let inherited: String = dependencies
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| format!("{name}.workspace = true\n"))
        .collect();
    workspace.write("app/Cargo.toml", &format!("{package}[dependencies]\n{inherited}"));
    for (path, text) in files() {
        let path = if path.starts_with("schema/") { path.to_owned() } else { format!("app/{path}") };
        workspace.write(&path, text);
    }
    workspace.compiles_anew();
    assert!(workspace.compiles_anew(), "the folder is looked for beside the crate");
    let build = said("rust,ignore", "// build.rs").replace("changed=schema\"", "changed=../schema\"");
    workspace.write("app/build.rs", &build);
    workspace.compiles_anew();
    assert!(!workspace.compiles_anew(), "nothing was changed");
    workspace.write("schema/0002_color.sql", "ALTER TABLE pipelines ADD COLUMN color text;\n");
    assert!(workspace.compiles_anew(), "there is a new migration");
    assert!(!workspace.compiles_anew(), "nothing was changed");
}

/// The commands after the first, which sets the variable. Where there is no `psql` the tables are made here.
async fn commands(server: &TestDatabase) -> String {
    let said = said("sh", "export DATABASE_URL").lines().skip(1);
    if Command::new("psql").arg("--version").output().is_ok() {
        return said.collect::<Vec<_>>().join("\n");
    }
    println!("SKIPPED: there is no psql to make the tables as README.md says");
    server.client().await.batch_execute(files()[1].1).await.expect("the migration of README.md runs");
    said.filter(|line| !line.contains("psql")).collect()
}

/// The text of the block in a language that begins with some words.
fn said(language: &str, beginning: &str) -> &'static str {
    let opening = format!("```{language}\n{beginning}");
    let start = README.find(&opening).unwrap_or_else(|| panic!("README.md has `{beginning}`"));
    let text = &README[start + "```".len() + language.len() + 1..];
    text.split_once("```").expect("a block ends").0
}

/// The Cargo.toml, with this repository in the place of the registry.
fn manifest() -> String {
    let path = env!("CARGO_MANIFEST_DIR");
    let text = said("toml", "# Cargo.toml");
    text.replace("postgres\", version = \"0.1\"", &format!("postgres\", path = \"{path}\""))
        .replace("testkit = \"0.1\"", &format!("testkit = {{ path = \"{path}/persist-testkit\" }}"))
}

/// The other files: their places, and their texts.
fn files() -> [(&'static str, &'static str); 3] {
    [
        ("build.rs", said("rust,ignore", "// build.rs")),
        ("schema/0001_pipelines.sql", said("sql", "-- schema/0001_pipelines.sql")),
        ("src/main.rs", said("rust,no_run", "// src/main.rs")),
    ]
}
