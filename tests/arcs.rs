//! Exclusive arcs: several foreign keys of which a row has one. A program with migrations of its own is built and run.

#[macro_use]
mod scratch;

use scratch::Scratch;

#[test]
fn a_row_has_one_of_several_foreign_keys() {
    let program = Scratch::program("arcs", &[]);
    let testkit = concat!(env!("CARGO_MANIFEST_DIR"), "/persist-testkit");
    program.append("Cargo.toml", &format!("\n[dependencies.persist-testkit]\npath = \"{testkit}\"\n"));
    program.write("schema/0001_arcs.sql", include_str!("arcs/schema.sql"));
    program.write("src/main.rs", include_str!("arcs/program.rs"));
    program.run(&[]);
}
