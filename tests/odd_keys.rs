//! Relations by keys that the sample domain does not have: a program with migrations of its own is built and run.

mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn relations_by_odd_keys_are_read() {
    let server = TestDatabase::new().await;
    let program = Scratch::new("odd-keys", "persist");
    program
        .append("Cargo.toml", "\n[dependencies.tokio]\nversion = \"1\"\nfeatures = [\"macros\", \"rt\"]\n");
    program.write("schema/0001_odd_keys.sql", include_str!("odd_keys/schema.sql"));
    program.write("src/main.rs", include_str!("odd_keys/program.rs"));
    let done = program.cargo(&["run", "--quiet", "--offline", "--", server.url()]);
    done.unwrap_or_else(|errors| panic!("{errors}"));
}
