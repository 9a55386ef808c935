//! Keys that the sample domain does not have: a program with migrations of its own is built and run.

#[macro_use]
mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn rows_of_odd_keys_are_read_and_written() {
    let server = TestDatabase::empty().await;
    let sources = sources![
        "odd_keys",
        "claiming.rs",
        "deleting.rs",
        "matching.rs",
        "merging.rs",
        "moving.rs",
        "referring.rs",
        "releasing.rs",
        "unique.rs",
        "writing.rs"
    ];
    let program = Scratch::program("odd-keys", &sources);
    program.write("schema/0001_odd_keys.sql", include_str!("odd_keys/schema.sql"));
    program.write("schema/0002_writing.sql", include_str!("odd_keys/writing.sql"));
    program.write("schema/0003_deleting.sql", include_str!("odd_keys/deleting.sql"));
    program.write("schema/0004_referring.sql", include_str!("odd_keys/referring.sql"));
    program.write("schema/0005_releasing.sql", include_str!("odd_keys/releasing.sql"));
    program.write("schema/0006_moving.sql", include_str!("odd_keys/moving.sql"));
    program.write("schema/0007_claiming.sql", include_str!("odd_keys/claiming.sql"));
    program.write("schema/0008_merging.sql", include_str!("odd_keys/merging.sql"));
    program.write("schema/0009_matching.sql", include_str!("odd_keys/matching.sql"));
    program.write("schema/0010_unique.sql", include_str!("odd_keys/unique.sql"));
    program.write("src/main.rs", include_str!("odd_keys/program.rs"));
    program.run(&[server.url()]);
}
