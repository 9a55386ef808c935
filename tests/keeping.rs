//! What a unit of work makes of keys that change, values that are compared otherwise than by their bytes, views, and
//! links: a program with migrations of its own is built and run.

#[macro_use]
mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn nothing_is_dropped_without_a_word() {
    let server = TestDatabase::empty().await;
    let sources = sources![
        "keeping",
        "adopting.rs",
        "coming.rs",
        "coming_back.rs",
        "documents.rs",
        "giving_up.rs",
        "inserting.rs",
        "letting_go.rs",
        "linking.rs",
        "naming.rs",
        "outdated.rs",
        "passing.rs",
        "sharing.rs",
        "showing.rs",
        "viewing.rs"
    ];
    let program = Scratch::program("keeping", &sources);
    program.write("schema/0001_keeping.sql", include_str!("keeping/schema.sql"));
    program.write("schema/0002_passing.sql", include_str!("keeping/passing.sql"));
    program.write("schema/0003_coming_back.sql", include_str!("keeping/coming_back.sql"));
    program.write("src/main.rs", include_str!("keeping/program.rs"));
    program.run(&[server.url()]);
}
