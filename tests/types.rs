//! Types of PostgreSQL beside numbers, texts and times: a program with migrations of its own is built and run.

#[macro_use]
mod scratch;

use persist_testkit::{Proxy, TestDatabase};
use scratch::Scratch;

#[tokio::test]
async fn all_types_are_written_read_compared_and_sorted() {
    let server = TestDatabase::empty().await;
    let proxy = Proxy::start(&server).await;
    let sources = sources!["types", "composites.rs", "ranges.rs", "texts.rs"];
    let program = Scratch::program("types", &sources);
    program.write("schema/0001_types.sql", include_str!("types/schema.sql"));
    program.write("src/main.rs", include_str!("types/program.rs"));
    program.run(&[server.url(), proxy.url()]);
}
