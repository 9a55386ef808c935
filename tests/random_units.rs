//! Random units of work over keys that the sample domain does not have: a program with migrations of its own.

mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

/// `RANDOM_UNITS=20000 RANDOM_SEED=7 cargo test --test random_units` tries others.
#[tokio::test]
async fn each_foreign_key_is_decided_for_itself() {
    let server = TestDatabase::empty().await;
    let program = Scratch::new("random-units", "persist");
    program
        .append("Cargo.toml", "\n[dependencies.tokio]\nversion = \"1\"\nfeatures = [\"macros\", \"rt\"]\n");
    program.write("schema/0001_cards.sql", include_str!("random_units/schema.sql"));
    program.write("src/domain.rs", include_str!("random_units/domain.rs"));
    program.write("src/model.rs", include_str!("random_units/model.rs"));
    program.write("src/random.rs", include_str!("../persist-testkit/src/random.rs"));
    program.write("src/main.rs", include_str!("random_units/program.rs"));
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let (seed, units) = (variable("RANDOM_SEED", "1"), variable("RANDOM_UNITS", "1000"));
    let done = program.cargo(&["run", "--quiet", "--offline", "--", server.url(), &seed, &units]);
    println!("{}", done.unwrap_or_else(|errors| panic!("{errors}")));
}
