//! Writing without reading first: what is computed by the server, and what comes back. A program with migrations of its
//! own is built and run.

#[macro_use]
mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn what_is_written_is_computed_by_the_server() {
    let server = TestDatabase::empty().await;
    let sources = sources!["writing", "expressions.rs", "keys.rs"];
    let program = Scratch::program("writing", &sources);
    program.write("schema/0001_writing.sql", include_str!("writing/schema.sql"));
    program.write("src/main.rs", include_str!("writing/program.rs"));
    program.run(&[server.url()]);
}
