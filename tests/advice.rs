//! The SQL in the messages of the compiler runs as it stands.

use std::path::{Path, PathBuf};

use persist_testkit::TestDatabase;

#[tokio::test]
async fn proposed_statements_run_on_the_migrations_they_are_proposed_for() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut count = 0;
    for kind in entries(&ui) {
        let own = kind.join("schema");
        let schema = if own.exists() { own } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("schema") };
        for (case, statement) in proposed(&kind) {
            let database = TestDatabase::with_schema(&schema).await;
            let done = database.client().await.batch_execute(&statement).await;
            assert!(done.is_ok(), "{}: {statement}: {done:?}", case.display());
            count += 1;
        }
    }
    assert!(count >= 8, "there are only {count}");
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("there are cases");
    entries.flatten().map(|entry| entry.path()).collect()
}

/// The statements in the messages of a kind of mistake, but for those with a part that only the user knows.
fn proposed(kind: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for case in entries(kind).into_iter().filter(|path| path.extension().is_some_and(|end| end == "stderr")) {
        let messages = std::fs::read_to_string(&case).expect("a text");
        for quoted in messages.split('`').filter(|quoted| quoted.ends_with(';') && !quoted.contains('…')) {
            if quoted.starts_with("ALTER ") || quoted.starts_with("CREATE ") {
                found.push((case.clone(), quoted.to_owned()));
            }
        }
    }
    found
}
