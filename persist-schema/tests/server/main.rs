//! Applies migrations to a real server and compares what it makes of them with the catalog, field by field.

mod catalog_facts;
mod expressions;
mod probe;
mod server_facts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use persist_testkit::TestDatabase;
use tokio_postgres::Client;

/// What one side knows: keys such as `not null public.users.id`, and values.
type Facts = BTreeMap<String, String>;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

#[tokio::test]
async fn the_sample_domain_is_read_as_the_server_reads_it() {
    let report = compare(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema")).await;
    assert!(report.is_empty(), "{report}");
}

/// One test for all fixture folders, so that a new folder cannot be forgotten.
#[tokio::test]
async fn every_fixture_is_read_as_the_server_reads_it() {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(fixtures()).expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    folders.sort();
    assert!(folders.len() > 20, "the fixtures are there");
    let mut reports = Vec::new();
    for folder in folders {
        reports.push(compare(&folder).await);
    }
    reports.retain(|report| !report.is_empty());
    assert!(reports.is_empty(), "{}", reports.join("\n"));
}

#[tokio::test]
async fn names_are_quoted_where_the_server_quotes_them() {
    let database = TestDatabase::empty().await;
    let words = "SELECT word, quote_ident(word) FROM pg_get_keywords()";
    for row in database.client().await.query(words, &[]).await.expect("the keywords") {
        let (word, theirs): (&str, &str) = (row.get(0), row.get(1));
        let ours = persist_schema::identifier::quote_identifier(word);
        // Those that another major version quotes are quoted for all.
        assert!(ours == theirs || ours == format!("\"{word}\""), "{word}: {ours}, on the server {theirs}");
    }
}

/// The differences between the catalog of a folder and that of a server; empty when there are none.
async fn compare(folder: &Path) -> String {
    let loaded = persist_schema::load(folder);
    let database = TestDatabase::empty().await;
    let client = database.client().await;
    for file in &loaded.files {
        let text = fs::read_to_string(file).expect("a migration");
        if let Err(error) = client.batch_execute(way_up(&text)).await {
            panic!("{}: {error:?}", file.display());
        }
        client.batch_execute("DISCARD ALL").await.expect("a fresh session");
    }
    client.batch_execute("SET search_path = ''").await.expect("an empty search path");
    let ours = catalog_facts::of(&loaded.catalog, &client).await;
    let theirs = server_facts::of(&client).await;
    let mut lines: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    lines.extend(differences(&ours, &theirs));
    if lines.is_empty() { String::new() } else { format!("{}:\n{}\n", folder.display(), lines.join("\n")) }
}

/// What a tool with both ways in one file would run.
fn way_up(text: &str) -> &str {
    let lower = text.to_ascii_lowercase();
    let end = ["-- +goose down", "-- migrate:down"].iter().filter_map(|marker| lower.find(marker)).min();
    &text[..end.unwrap_or(text.len())]
}

fn differences(ours: &Facts, theirs: &Facts) -> Vec<String> {
    let missing = theirs.iter().filter_map(|(key, value)| match ours.get(key) {
        Some(found) if found == value => None,
        Some(found) => Some(format!("{key}:\n    catalog: {found}\n    server:  {value}")),
        None => Some(format!("{key}: missing, the server has {value}")),
    });
    let extra = ours.iter().filter(|(key, _)| !theirs.contains_key(*key));
    missing
        .chain(extra.map(|(key, value)| format!("{key}: not on the server, the catalog has {value}")))
        .collect()
}

/// Runs statements that are undone afterwards and returns the text that the question selects. The statements
/// may name what is in any schema, as the migrations do in their search paths; the answer names all schemas.
async fn undone(client: &Client, change: &str, question: &str) -> String {
    const ALL: &str =
        "BEGIN; SELECT set_config('search_path', string_agg(quote_ident(nspname), ', ' ORDER BY nspname = 'public' DESC), true)
         FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'";
    client.batch_execute(ALL).await.expect("a transaction");
    let answer = match client.batch_execute(&format!("{change}; SET LOCAL search_path = ''")).await {
        Ok(()) => client.query_one(question, &[]).await.map(|row| row.get(0)),
        Err(error) => Err(error),
    };
    client.batch_execute("ROLLBACK").await.expect("ROLLBACK");
    let refused = |error: tokio_postgres::Error| format!("{change}: {error:?}");
    answer.unwrap_or_else(refused)
}
