//! Keys that the sample domain does not have: a program with migrations of its own is built and run.

mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn rows_of_odd_keys_are_read_and_written() {
    let server = TestDatabase::empty().await;
    let program = Scratch::new("odd-keys", "persist");
    program
        .append("Cargo.toml", "\n[dependencies.tokio]\nversion = \"1\"\nfeatures = [\"macros\", \"rt\"]\n");
    program.write("schema/0001_odd_keys.sql", include_str!("odd_keys/schema.sql"));
    program.write("schema/0002_writing.sql", include_str!("odd_keys/writing.sql"));
    program.write("schema/0003_deleting.sql", include_str!("odd_keys/deleting.sql"));
    program.write("schema/0004_referring.sql", include_str!("odd_keys/referring.sql"));
    program.write("schema/0005_releasing.sql", include_str!("odd_keys/releasing.sql"));
    program.write("schema/0006_moving.sql", include_str!("odd_keys/moving.sql"));
    program.write("schema/0007_claiming.sql", include_str!("odd_keys/claiming.sql"));
    program.write("schema/0008_merging.sql", include_str!("odd_keys/merging.sql"));
    program.write("schema/0009_matching.sql", include_str!("odd_keys/matching.sql"));
    program.write("src/claiming.rs", include_str!("odd_keys/claiming.rs"));
    program.write("src/deleting.rs", include_str!("odd_keys/deleting.rs"));
    program.write("src/matching.rs", include_str!("odd_keys/matching.rs"));
    program.write("src/merging.rs", include_str!("odd_keys/merging.rs"));
    program.write("src/moving.rs", include_str!("odd_keys/moving.rs"));
    program.write("src/referring.rs", include_str!("odd_keys/referring.rs"));
    program.write("src/releasing.rs", include_str!("odd_keys/releasing.rs"));
    program.write("src/writing.rs", include_str!("odd_keys/writing.rs"));
    program.write("src/main.rs", include_str!("odd_keys/program.rs"));
    let done = program.cargo(&["run", "--quiet", "--", server.url()]);
    done.unwrap_or_else(|errors| panic!("{errors}"));
}
