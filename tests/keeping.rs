//! What a unit of work makes of keys that change, values that are compared otherwise than by their bytes, views, and
//! links: a program with migrations of its own is built and run.

mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn nothing_is_dropped_without_a_word() {
    let server = TestDatabase::empty().await;
    let program = Scratch::new("keeping", "persist");
    program
        .append("Cargo.toml", "\n[dependencies.tokio]\nversion = \"1\"\nfeatures = [\"macros\", \"rt\"]\n");
    program.write("schema/0001_keeping.sql", include_str!("keeping/schema.sql"));
    program.write("schema/0002_passing.sql", include_str!("keeping/passing.sql"));
    program.write("src/adopting.rs", include_str!("keeping/adopting.rs"));
    program.write("src/giving_up.rs", include_str!("keeping/giving_up.rs"));
    program.write("src/inserting.rs", include_str!("keeping/inserting.rs"));
    program.write("src/linking.rs", include_str!("keeping/linking.rs"));
    program.write("src/naming.rs", include_str!("keeping/naming.rs"));
    program.write("src/outdated.rs", include_str!("keeping/outdated.rs"));
    program.write("src/passing.rs", include_str!("keeping/passing.rs"));
    program.write("src/sharing.rs", include_str!("keeping/sharing.rs"));
    program.write("src/viewing.rs", include_str!("keeping/viewing.rs"));
    program.write("src/main.rs", include_str!("keeping/program.rs"));
    let done = program.cargo(&["run", "--quiet", "--", server.url()]);
    done.unwrap_or_else(|errors| panic!("{errors}"));
}
