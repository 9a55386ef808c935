//! A migration that no longer fits stops the next `cargo check`, be it changed or new.

mod scratch;

use scratch::Scratch;

const TAGS: &str = "CREATE TABLE tags (id uuid PRIMARY KEY, name text NOT NULL UNIQUE);\n";

const MAIN: &str = r#"//! A program.
use persist::prelude::*;

#[derive(Repository)]
#[persist(table = "tags")]
struct Tag {
    #[persist(id)]
    id: uuid::Uuid,
    name: String,
}

fn main() {
    let _ = (NewTag::new("a"), |tag: Tag| (tag.id, tag.name));
}
"#;

#[test]
fn a_migration_that_no_longer_fits_stops_the_next_check() {
    let program = Scratch::new("rebuild", "persist");
    program.write("build.rs", "fn main() {\n    println!(\"cargo:rerun-if-changed=schema\");\n}\n");
    program.write("src/main.rs", MAIN);
    program.write("db/migrate/0001_tags.sql", TAGS);
    fails(&program, "but `db/migrate` holds SQL");
    program.write("schema/0001_tags.sql", TAGS);
    compiles(&program);
    program.write("schema/0001_tags.sql", &TAGS.replace("name", "title"));
    fails(&program, "column `tags.name` does not exist");
    program.write("schema/0001_tags.sql", TAGS);
    compiles(&program);
    program.write("schema/0002_color.sql", "ALTER TABLE tags ADD COLUMN color text NOT NULL;\n");
    fails(&program, "`Tag` has no field for `color`");
    program.write("schema/0003_default.sql", "ALTER TABLE tags ALTER COLUMN color SET DEFAULT 'grey';\n");
    compiles(&program);
}

#[track_caller]
fn compiles(program: &Scratch) {
    program.check().unwrap_or_else(|errors| panic!("{errors}"));
}

#[track_caller]
fn fails(program: &Scratch, message: &str) {
    let errors = program.check().expect_err("it must not compile");
    assert!(errors.contains(message), "{errors}");
}
