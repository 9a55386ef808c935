//! What using `persist` costs a program that is built with it.

mod scratch;

use std::collections::BTreeSet;

use scratch::Scratch;

/// Crates in a user's tree, `persist` and its parts included.
const CRATES: usize = 90;

#[test]
fn the_tree_of_a_user_stays_small() {
    let program = Scratch::new("budget", "persist");
    program.write("src/lib.rs", "");
    let tree = program.cargo(&["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = tree.unwrap_or_else(|errors| panic!("{errors}"));
    let crates: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    // The program itself, and the two crates that its manifest names besides.
    let crates: BTreeSet<&str> = crates.into_iter().filter(|name| *name != "budget").collect();
    println!("{} crates in a user's tree (budget: {CRATES})", crates.len());
    assert!(crates.len() <= CRATES, "{} crates: {crates:?}", crates.len());
    assert!(crates.contains("tokio-postgres"), "the tree is not what it should be: {crates:?}");
}
