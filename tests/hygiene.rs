//! What the derives make compiles wherever users write it: `tests/hygiene/lib.rs` is a crate full of traps.

mod scratch;

use scratch::Scratch;

#[test]
fn the_derives_compile_anywhere() {
    let scratch = Scratch::new("hygiene", "data-layer");
    scratch.write("schema/0001_traps.sql", include_str!("hygiene/schema/0001_traps.sql"));
    scratch.write("src/lib.rs", include_str!("hygiene/lib.rs"));
    scratch.check().unwrap_or_else(|errors| panic!("{errors}"));
}
