//! What the catalog knows about keys, indexes and equality.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use persist_schema::catalog::Table;
use persist_schema::{Catalog, Source, fold};

fn catalog(text: &str) -> Catalog {
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: text.into() }]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    catalog
}

fn table(catalog: &Catalog) -> &Table {
    catalog.table("t").unwrap()
}

#[test]
fn references_are_found_from_the_other_side() {
    let catalog = catalog(
        "CREATE SCHEMA app;
         CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES t, code text UNIQUE);
         CREATE TABLE app.t (id int PRIMARY KEY);
         CREATE TABLE a (t int REFERENCES t ON DELETE CASCADE, code text REFERENCES t (code), app int REFERENCES app.t);
         CREATE TABLE app.b (t int REFERENCES public.t);",
    );
    let name = &table(&catalog).name;
    let mut found: Vec<String> = catalog
        .references_to(name)
        .map(|(from, key)| format!("{} {:?} -> {:?}", from.name, key.columns, key.referenced_columns))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            r#"a ["code"] -> ["code"]"#,
            r#"a ["t"] -> ["id"]"#,
            r#"app.b ["t"] -> ["id"]"#,
            r#"t ["parent"] -> ["id"]"#,
        ]
    );
    assert_eq!(catalog.references_to(&catalog.table("a").unwrap().name).count(), 0);
}

#[test]
fn unique_columns_are_those_of_a_key_or_more() {
    let catalog = catalog(
        "CREATE TABLE t (a int, b int, c int, d int, e int, f text, g int, PRIMARY KEY (a, b), UNIQUE (c));
         CREATE UNIQUE INDEX ON t (d, e);
         CREATE UNIQUE INDEX ON t (lower(f));
         CREATE UNIQUE INDEX ON t (f) WHERE g > 0;
         CREATE INDEX ON t (g);
         CREATE UNIQUE INDEX ON t (e, f) INCLUDE (g);",
    );
    let t = table(&catalog);
    for columns in
        [&["a", "b"][..], &["b", "a"], &["c"], &["e", "d"], &["a", "c"], &["e", "f"], &["a", "g", "b"]]
    {
        assert!(t.is_unique(columns), "{columns:?}");
    }
    for columns in [&["a"][..], &["b"], &["d"], &["f"], &["g"], &["a", "d"], &["e", "g"], &[]] {
        assert!(!t.is_unique(columns), "{columns:?}");
    }
}

#[test]
fn indexed_columns_are_the_first_of_an_index_in_any_order() {
    let catalog = catalog(
        "CREATE TABLE t (a int, b int, c int, d int, e int, f text, g int[], h int, i int, PRIMARY KEY (a, b, c), UNIQUE (d));
         CREATE INDEX ON t (e, lower(f), h);
         CREATE INDEX ON t USING gin (g);
         CREATE INDEX ON t (h) WHERE i > 0;
         CREATE INDEX ON t USING hash (i);
         CREATE INDEX ON t (f, f);
         CREATE INDEX ON t USING brin (c);",
    );
    let t = table(&catalog);
    for columns in [&["a"][..], &["a", "b"], &["b", "a"], &["c", "a", "b"], &["d"], &["e"], &["i"], &["f"]] {
        assert!(t.is_indexed(columns), "{columns:?}");
    }
    for columns in [&["b"][..], &["c"], &["a", "c"], &["e", "h"], &["g"], &["h"], &["f", "e"], &["d", "a"]] {
        assert!(!t.is_indexed(columns), "{columns:?}");
    }
}

#[test]
fn dropped_keys_are_none() {
    let catalog = catalog(
        "CREATE TABLE t (a int CONSTRAINT one UNIQUE, b int);
         CREATE UNIQUE INDEX two ON t (b);
         ALTER TABLE t DROP CONSTRAINT one; DROP INDEX two;",
    );
    for column in ["a", "b"] {
        assert!(!table(&catalog).is_unique(&[column]) && !table(&catalog).is_indexed(&[column]), "{column}");
    }
}

#[test]
fn equality_is_byte_equality_for_some_types() {
    let catalog = catalog(
        r#"CREATE EXTENSION citext;
         CREATE SCHEMA app;
         CREATE TYPE mood AS ENUM ('sad');
         CREATE TYPE plain AS (a int, b text);
         CREATE TYPE fancy AS (a int, b numeric);
         CREATE TYPE prices AS RANGE (SUBTYPE = numeric);
         CREATE DOMAIN money_amount AS numeric(12, 2);
         CREATE DOMAIN email AS text;
         CREATE DOMAIN work_email AS email;
         CREATE COLLATION app.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         CREATE COLLATION exact (provider = icu, locale = 'und');
         CREATE COLLATION again FROM app.ci;
         CREATE DOMAIN nickname AS text COLLATE app.ci;
         CREATE TABLE t (
            yes_int int, yes_text text, yes_varchar varchar(3), yes_uuid uuid, yes_at timestamptz, yes_date date,
            yes_bool bool, yes_bytea bytea, yes_mood mood, yes_plain plain, yes_email work_email, yes_array int[],
            no_times tstzrange, yes_c text COLLATE "C", yes_exact text COLLATE exact, yes_moods mood[],
            no_numeric numeric, no_float float8, no_real real, no_citext citext, no_interval interval, no_char char(3),
            no_json json, no_jsonb jsonb, no_xml xml, no_amount money_amount, no_fancy fancy, no_array numeric[],
            no_range numrange, no_prices prices, no_ci text COLLATE app.ci, no_nickname nickname, no_again text COLLATE again,
            no_unknown text COLLATE elsewhere.ci, no_hstore hstore, no_point point
         );
         ALTER TABLE t ADD no_altered text; ALTER TABLE t ALTER no_altered TYPE text COLLATE app.ci;
         ALTER COLLATION app.ci RENAME TO ignoring_case; ALTER SCHEMA app RENAME TO application;"#,
    );
    let t = table(&catalog);
    for column in &t.columns {
        assert_eq!(catalog.is_byte_equal(column), column.name.starts_with("yes"), "{}", column.name);
    }
    let renamed = t.column("no_ci").unwrap().collation.as_ref().unwrap();
    assert_eq!(renamed.to_string(), "application.ignoring_case");
}

#[test]
fn exclusive_arcs() {
    let text = "
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE teams (id int PRIMARY KEY);
        CREATE TABLE one (user_id int REFERENCES users, team_id int REFERENCES teams, note text, CHECK (num_nonnulls(user_id, team_id) = 1));
        CREATE TABLE none (user_id int REFERENCES users, team_id int REFERENCES teams, CONSTRAINT c CHECK (num_nonnulls(user_id, team_id) <= 1));
        CREATE TABLE two (user_id int REFERENCES users, team_id int REFERENCES teams,
            CHECK (user_id IS NULL OR team_id IS NULL), CHECK (user_id IS NOT NULL OR team_id IS NOT NULL));
        CREATE TABLE lots (user_id int REFERENCES users, team_id int REFERENCES teams, CHECK (num_nonnulls(user_id, team_id) >= 1));
        CREATE TABLE plain (user_id int REFERENCES users, team_id int, CHECK (num_nonnulls(user_id, team_id) = 1));
        CREATE TABLE late (user_id int REFERENCES users, team_id int REFERENCES teams);
        ALTER TABLE late ADD CONSTRAINT c CHECK ((user_id IS NULL) <> (team_id IS NULL)) NOT VALID;
        CREATE TABLE fixed (user_id int NOT NULL REFERENCES users, team_id int REFERENCES teams, CHECK (num_nonnulls(user_id, team_id) = 1));
        CREATE TABLE gone (LIKE one INCLUDING ALL);
        ALTER TABLE one RENAME COLUMN user_id TO owner_id;";
    let catalog = catalog(text);
    let arcs = |table: &str| -> Vec<(String, bool)> {
        let arcs = catalog.table(table).expect("it is there").arcs();
        arcs.iter().map(|arc| (arc.columns.join(" "), arc.is_required)).collect()
    };
    assert_eq!(arcs("one"), [("owner_id team_id".to_owned(), true)]);
    assert_eq!(arcs("none"), [("team_id user_id".to_owned(), false)]);
    assert_eq!(arcs("two"), [("team_id user_id".to_owned(), true)]);
    for table in ["lots", "plain", "late", "fixed", "gone"] {
        assert_eq!(arcs(table), [], "{table}");
    }
}
