//! Random units of work over keys that the sample domain does not have: a program with migrations of its own.

#[macro_use]
mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

/// The seeds of units that were once wrong.
///
/// - 45, 76: a card is let go by one key, and by another it belongs to an area that gets another code;
/// - 18655, 59841, 92485: a card is let go by two keys, of which another session has moved one.
const ONCE_WRONG: [u64; 5] = [45, 76, 18655, 59841, 92485];

/// `RANDOM_UNITS=20000 RANDOM_SEED=7 cargo test --test random_units` tries others.
#[tokio::test]
async fn each_foreign_key_is_decided_for_itself() {
    let server = TestDatabase::empty().await;
    let sources = sources![
        "random_units",
        "aggregate.rs",
        "another.rs",
        "asked.rs",
        "asking.rs",
        "counts.rs",
        "domain.rs",
        "model/after.rs",
        "model/known.rs",
        "model/let_go.rs",
        "model/mod.rs",
        "model/written.rs",
        "owner.rs",
        "refusal.rs",
        "tables.rs",
        "unit.rs",
    ];
    let program = Scratch::program("random-units", &sources);
    program.write("schema/0001_cards.sql", include_str!("random_units/schema.sql"));
    program.write("src/random.rs", include_str!("../persist-testkit/src/random.rs"));
    program.write("src/main.rs", include_str!("random_units/program.rs"));
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let mut arguments: Vec<String> =
        ONCE_WRONG.iter().flat_map(|seed| [*seed, 1]).map(|number| number.to_string()).collect();
    arguments.extend([variable("RANDOM_SEED", "1"), variable("RANDOM_UNITS", "1000")]);
    let arguments = arguments.iter().map(String::as_str);
    let arguments: Vec<&str> = [server.url()].into_iter().chain(arguments).collect();
    println!("{}", program.run(&arguments));
}
