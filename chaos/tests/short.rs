//! The short form, which `cargo test` runs.

use std::process::Command;

#[test]
fn what_is_said_of_commits_is_in_the_tables() {
    let mut chaos = Command::new(env!("CARGO_BIN_EXE_persist-chaos"));
    chaos.env_remove("CHAOS_UNITS").env_remove("CHAOS_ONLY");
    let status = chaos.status().expect("it can be started");
    assert!(status.success(), "something is wrong; the table above says what");
}
