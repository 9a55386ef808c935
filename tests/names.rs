//! Names: tables of one name in two schemas, types of an extension in a schema of its own, and tables and columns
//! that are called as parts of the library's own SQL are. A program with migrations of its own is built and run.

#[macro_use]
mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

/// What the library calls tables, sub-selects and columns of its own in SQL.
const NAMES: &[&str] = &[
    "tree", "k", "t0", "t1", "j1", "l", "a", "d", "u", "i", "s", "c", "p0", "r", "k0", "picked", "excluded",
];

#[tokio::test]
async fn names_mean_what_the_migrations_say() {
    let server = TestDatabase::empty().await;
    let program = Scratch::program("names", &sources!["names", "camel.rs", "schemas.rs"]);
    program.write("schema/0001_schemas.sql", include_str!("names/schemas.sql"));
    program.write("schema/0002_ours.sql", &for_each_name(include_str!("names/ours.sql")));
    program.write("schema/0003_camel.sql", include_str!("names/camel.sql"));
    let named = for_each_name("    in_$name \"$name\" \"$name_rows\" \"$name_links\";\n");
    program.write("src/ours.rs", &format!("{}\nnamed! {{\n{named}}}\n", include_str!("names/ours.rs")));
    program.write("src/main.rs", include_str!("names/program.rs"));
    program.run(&[server.url()]);
}

fn for_each_name(text: &str) -> String {
    NAMES.iter().map(|name| text.replace("$name", name)).collect()
}
