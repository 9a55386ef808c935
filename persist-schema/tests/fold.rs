//! What a reader of the catalog notices: where things are, what is wrong, what is hidden. That the catalog
//! agrees with a server is tested in `server`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use persist_schema::catalog::{Identity, TypeKind};
use persist_schema::{Catalog, Source, fold};

fn fold_text(text: &str) -> (Catalog, Vec<String>) {
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: text.into() }]);
    (catalog, diagnostics.iter().map(ToString::to_string).collect())
}

fn catalog(text: &str) -> Catalog {
    let (catalog, diagnostics) = fold_text(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    catalog
}

/// The one message that a text gives.
fn message(text: &str) -> String {
    let (_, diagnostics) = fold_text(text);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    diagnostics.into_iter().next().unwrap()
}

#[test]
fn everything_knows_its_file_and_line() {
    let catalog = catalog(
        "-- a comment\nCREATE TABLE a (\n    id int PRIMARY KEY,\n    b text\n        UNIQUE\n);\n\n\
         CREATE INDEX a_b ON a (b);\nALTER TABLE a\n    ADD COLUMN c int;\nCREATE TYPE t AS ENUM ('x');\n",
    );
    let table = catalog.table("a").unwrap();
    assert_eq!(table.origin.to_string(), "schema/0001.sql:2");
    assert_eq!(table.column("b").unwrap().origin.line, 4);
    assert_eq!(table.column("c").unwrap().origin.line, 10);
    assert_eq!(table.primary_key.as_ref().unwrap().origin.line, 3);
    assert_eq!(table.unique_keys[0].origin.line, 5);
    assert_eq!(table.indexes[0].origin.line, 8);
    assert_eq!(catalog.enum_type("t").unwrap().origin.line, 11);
}

#[test]
fn statements_in_do_blocks_know_their_lines() {
    let catalog = catalog("DO $$\nBEGIN\n    CREATE TABLE a (\n        id int\n    );\nEND $$;");
    assert_eq!(catalog.table("a").unwrap().column("id").unwrap().origin.line, 4);
}

#[test]
fn tables_are_found_by_name_with_and_without_schema() {
    let catalog = catalog(
        "CREATE SCHEMA app; CREATE TABLE app.users (id int); CREATE TABLE \"Users\" (id int);
         CREATE SCHEMA x; CREATE SCHEMA y; CREATE TABLE x.twice (id int); CREATE TABLE y.twice (id int);",
    );
    assert!(catalog.table("users").is_some(), "the only one of that name");
    assert!(catalog.table("app.users").is_some());
    assert!(catalog.table("Users").is_some());
    assert!(catalog.table("public.\"Users\"").is_some());
    assert!(catalog.table("twice").is_none(), "two schemas have it");
    assert!(catalog.table("public.users").is_none());
}

#[test]
fn domains_count_for_nullability_and_defaults() {
    let catalog = catalog(
        "CREATE DOMAIN required AS int NOT NULL; CREATE DOMAIN counted AS int DEFAULT 1; CREATE DOMAIN over AS required;
         CREATE TABLE t (a required, b counted NOT NULL, c over, d int NOT NULL, e int, f int GENERATED ALWAYS AS IDENTITY);",
    );
    let table = catalog.table("t").unwrap();
    let column = |name| table.column(name).unwrap();
    assert!(
        !catalog.is_nullable(column("a"))
            && !catalog.is_nullable(column("c"))
            && catalog.is_nullable(column("e"))
    );
    let optional: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| catalog.is_optional_on_insert(table, column))
        .map(|column| &*column.name)
        .collect();
    assert_eq!(optional, ["b", "e", "f"]);
    assert_eq!(column("f").identity, Some(Identity::Always));
    assert!(!column("f").is_writable());
    assert_eq!(catalog.base_type(column("c").ty.as_ref().unwrap()).to_string(), "integer");
}

#[test]
fn columns_that_a_trigger_fills_are_optional() {
    let catalog = catalog(
        r#"CREATE TABLE t (id int, a text NOT NULL, b text NOT NULL, c text NOT NULL, d tsvector NOT NULL, "E f" int NOT NULL, g int[] NOT NULL, h text NOT NULL, i text NOT NULL, j text NOT NULL);
         CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            -- NEW.h := 'not this';
            IF NEW.b = 'x' THEN RAISE NOTICE 'new.h := 1'; END IF;
            new.a := lower(NEW.b);
            NEW.i := upper(new.I);
            NEW.j := coalesce(NEW.j, 'j');
            new.a := CASE WHEN true THEN new.h ELSE new.c END;
            SELECT 2, 1 INTO STRICT new.g[1], NEW."E f" FROM t WHERE new.h = new.c;
            RETURN new;
         END $$;
         CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.c = 'c'; RETURN NEW; END $$;
         CREATE TRIGGER one BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE PROCEDURE public.fill();
         CREATE TRIGGER two BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION later();
         CREATE TRIGGER three BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tsvector_update_trigger(d, 'pg_catalog.english', a);"#,
    );
    let table = catalog.table("t").unwrap();
    let optional = table.columns.iter().filter(|column| catalog.is_optional_on_insert(table, column));
    assert_eq!(optional.map(|column| &*column.name).collect::<Vec<_>>(), ["id", "a", "d", "E f", "g", "j"]);
}

#[test]
fn types_of_extensions_have_the_schema_of_the_extension() {
    let catalog = catalog(
        "CREATE SCHEMA ext; CREATE EXTENSION citext SCHEMA ext; CREATE TABLE t (a citext, b unheard_of, c ext.citext[]);",
    );
    let table = catalog.table("t").unwrap();
    let shown: Vec<String> =
        table.columns.iter().map(|column| column.ty.as_ref().unwrap().to_string()).collect();
    assert_eq!(shown, ["ext.citext", "unheard_of", "ext.citext[]"]);
    assert_eq!(catalog.type_kind(table.columns[0].ty.as_ref().unwrap()), TypeKind::External);
}

#[test]
fn keys_and_indexes_answer_what_is_unique_and_what_is_indexed() {
    let catalog = catalog(
        "CREATE TABLE t (a int PRIMARY KEY, b int, c int, UNIQUE (b, c)); CREATE UNIQUE INDEX ON t (c) WHERE b > 1;
         CREATE INDEX ON t USING gin (c); CREATE TABLE u (t int REFERENCES t);",
    );
    let table = catalog.table("t").unwrap();
    assert!(table.is_unique(&["c", "b"]) && !table.is_unique(&["c"]));
    assert!(table.is_indexed(&["b"]) && !table.is_indexed(&["c"]));
    let from: Vec<String> =
        catalog.references_to(&table.name).map(|(from, _)| from.name.to_string()).collect();
    assert_eq!(from, ["u"]);
}

#[test]
fn a_row_without_a_primary_key_is_told_apart_by_what_is_unique() {
    let catalog = catalog(
        "CREATE TABLE a (x int PRIMARY KEY, y int NOT NULL UNIQUE);
         CREATE TABLE b (x int NOT NULL, y int NOT NULL, z serial, n int UNIQUE, UNIQUE (x, y), UNIQUE (z) DEFERRABLE);
         CREATE TABLE c (x int NOT NULL, y int); CREATE UNIQUE INDEX ON c (x) WHERE y > 1;
         CREATE UNIQUE INDEX ON c ((x + 1)); CREATE UNIQUE INDEX ON c (x, y);
         CREATE TABLE d (x int NOT NULL, y int); CREATE UNIQUE INDEX ON d (x) INCLUDE (y);",
    );
    let key = |table: &str| {
        let key = catalog.table(table).unwrap().row_key()?;
        Some((key.columns.join(" "), key.is_primary, key.deferrable))
    };
    assert_eq!(key("a"), Some(("x".into(), true, false)));
    assert_eq!(key("b"), Some(("x y".into(), false, false)));
    assert_eq!(key("c"), None);
    assert_eq!(key("d"), Some(("x".into(), false, false)));
}

#[test]
fn what_runs_only_on_a_server_is_noted() {
    let catalog = catalog(
        "CREATE TABLE report AS SELECT 1;
         SELECT 1 AS x INTO copied;
         DO $$ BEGIN EXECUTE format('CREATE TABLE %I (id int)', 'dynamic'); END $$;
         ALTER TABLE dynamic ADD COLUMN a int;
         CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS 'BEGIN CREATE TABLE made (id int); END';
         SELECT make();",
    );
    assert!(catalog.table("report").unwrap().opaque.is_some());
    let notes: Vec<String> =
        catalog.opaque.iter().map(|note| format!("{} {}", note.origin.line, note.statement)).collect();
    assert_eq!(
        notes,
        [
            "1 CREATE TABLE AS",
            "2 SELECT INTO",
            "3 EXECUTE in a DO block",
            "6 a call of the function `make`, which changes tables"
        ]
    );
    let report = catalog.opaque_about(&catalog.table("report").unwrap().name).next().unwrap();
    assert!(report.help().contains("-- persist: CREATE TABLE report (…);"), "{}", report.help());
}

#[test]
fn a_condition_that_cannot_be_answered_hides_what_it_guards() {
    let catalog = catalog(
        "CREATE TABLE t (id int);
         DO $$ BEGIN IF current_setting('server_version_num')::int > 150000 THEN ALTER TABLE t ADD COLUMN a int; END IF; END $$;",
    );
    assert_eq!(catalog.table("t").unwrap().columns.len(), 1);
    assert_eq!(catalog.opaque[0].hides.as_ref().unwrap().name, "t");
}

#[test]
fn mistakes_are_reported_with_their_place() {
    assert_eq!(
        message("CREATE TABLE a (id int);\nALTER TABLE orders ADD COLUMN c int;"),
        "schema/0001.sql:2: no earlier statement creates the table `orders` (is a file missing, or are the files applied in \
         another order?)"
    );
    assert_eq!(
        message("CREATE TABLE a (id int, note text);\nALTER TABLE a DROP COLUMN deleted;"),
        "schema/0001.sql:2: column `a.deleted` does not exist (`a` (schema/0001.sql:1) has `id` and `note`)"
    );
    assert_eq!(
        message("CREATE TABLE labels (id int);\nALTER TABLE lables ADD COLUMN c int;"),
        "schema/0001.sql:2: no earlier statement creates the table `lables` (did you mean `labels`?)"
    );
    assert_eq!(
        message("CREATE TABLE a (id int);\n\nCREATE TABLE a (id int);"),
        "schema/0001.sql:3: the table `a` exists already (schema/0001.sql:1)"
    );
    assert_eq!(
        message("CREATE TYPE t AS ENUM ('a');\nALTER TYPE t ADD VALUE 'c' AFTER 'new';"),
        "schema/0001.sql:2: the enum `t` (schema/0001.sql:1) has no label `new` (it has `a`)"
    );
    assert_eq!(
        message(
            "CREATE TABLE a (id int CONSTRAINT ok CHECK (id > 0));\nALTER TABLE a DROP CONSTRAINT a_check;"
        ),
        "schema/0001.sql:2: the table `a` (schema/0001.sql:1) has no constraint `a_check` (it has `ok`)"
    );
    assert_eq!(
        message("BEGIN; CREATE TABLE a (id int);\nROLLBACK;"),
        "schema/0001.sql:2: what a ROLLBACK undoes is not followed (leave out the statements that are rolled back, and \
         the ROLLBACK)"
    );
}

#[test]
fn a_syntax_error_is_reported_once() {
    let (catalog, diagnostics) = fold_text(
        "CREATE TABLE a (\n    id int,\n    name text NOT NUL\n);\nALTER TABLE a ADD COLUMN b int;\nCREATE INDEX ON a (name);
         CREATE VIEW v AS SELECT * FROM a;",
    );
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert!(
        diagnostics[0].starts_with("schema/0001.sql:3: this CREATE TABLE statement cannot be understood"),
        "{diagnostics:?}"
    );
    assert!(catalog.table("a").unwrap().opaque.is_some());
}

#[test]
fn what_does_not_matter_is_skipped() {
    catalog(
        "INSERT INTO nowhere VALUES (1); GRANT SELECT ON nowhere TO bob; CREATE ROLE bob; ANALYZE; VACUUM nowhere;
         UPDATE nowhere SET a = 1; TRUNCATE nowhere; COMMENT ON TABLE nowhere IS 'x'; COMMENT ON EXTENSION x IS 'y';
         CREATE PUBLICATION p FOR ALL TABLES; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO bob; BEGIN; COMMIT;
         CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f(); ALTER TABLE schema_migrations ADD COLUMN x int;
         CREATE STATISTICS s ON a, b FROM nowhere; REFRESH MATERIALIZED VIEW nowhere; LOCK TABLE nowhere;
         CREATE TABLE owned (id int); ALTER TABLE owned OWNER TO bob; ALTER SCHEMA public OWNER TO bob;
         CREATE TRIGGER t AFTER INSERT ON auth.users EXECUTE FUNCTION f(); ALTER TABLE auth.users ADD COLUMN x int;
         CREATE TABLE profile (id uuid REFERENCES auth.users ON DELETE CASCADE);",
    );
}

#[test]
fn a_statement_can_follow_what_is_hidden() {
    let catalog = catalog(
        "CREATE TABLE report AS SELECT 1;
         ALTER TABLE report ADD COLUMN extra int, ALTER COLUMN a SET NOT NULL, DROP COLUMN b;
         CREATE INDEX ON report (a);
         -- persist: CREATE TABLE report (id int, total numeric);
         ALTER TABLE report ADD PRIMARY KEY (id);",
    );
    let report = catalog.table("report").unwrap();
    assert_eq!(report.column_names().collect::<Vec<_>>(), ["id", "total"]);
    assert!(report.is_key_column("id") && report.opaque.is_none() && catalog.opaque.is_empty());
}

#[test]
fn texts_that_stop_anywhere_are_survived() {
    let text = include_str!("fixtures/partitions/0001_partitions.sql").to_owned()
        + include_str!("fixtures/do_blocks/0001_do.sql")
        + include_str!("fixtures/routines/0001_routines.sql");
    for end in (0..text.len()).step_by(29).filter(|end| text.is_char_boundary(*end)) {
        fold_text(&text[..end]);
    }
    fold_text(&format!("CREATE VIEW v AS SELECT {}1;", "NOT ".repeat(3_000)));
}
