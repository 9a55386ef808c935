//! What is written instead of an expression, and what is wrong with others. That the server agrees is tested
//! in `server`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use persist_schema::{Catalog, Checked, CheckedOrder, ExpressionMistake, MistakeKind, Named, Source, fold};

const SCHEMA: &str = r#"
    CREATE TYPE status AS ENUM ('pending', 'failed');
    CREATE TYPE address AS (city text, zip text);
    CREATE SCHEMA other;
    CREATE TABLE items (
        id uuid PRIMARY KEY, name text NOT NULL, "Label" text, "user" text, rank integer NOT NULL, note text,
        enabled boolean NOT NULL, status status NOT NULL, place address, at timestamptz NOT NULL, old json
    );
    CREATE TABLE owners (id uuid PRIMARY KEY, name text, "order" integer NOT NULL);
    CREATE TABLE other.items (id uuid PRIMARY KEY, elsewhere integer);
    CREATE AGGREGATE product(integer) (SFUNC = int4mul, STYPE = integer);
    CREATE FUNCTION halves(n integer) RETURNS SETOF integer LANGUAGE sql AS 'SELECT n / 2';
    CREATE TABLE hidden AS SELECT 1 AS id;
"#;

fn catalog() -> Catalog {
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: SCHEMA.into() }]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    catalog
}

/// The tables are `items` as t0 and `owners` as \0.
fn named(catalog: &Catalog) -> [Named<'_>; 2] {
    let table = |name| catalog.table(name).unwrap();
    [Named { table: table("items"), alias: "t0" }, Named { table: table("owners"), alias: "\0" }]
}

fn checked(text: &str) -> Checked {
    let catalog = catalog();
    catalog.expression(&named(&catalog), text).unwrap_or_else(|mistake| panic!("{text}: {mistake}"))
}

fn written(text: &str) -> String {
    checked(text).text
}

fn mistake(text: &str) -> ExpressionMistake {
    let catalog = catalog();
    catalog.expression(&named(&catalog), text).unwrap_err()
}

fn order(text: &str) -> Result<Vec<CheckedOrder>, ExpressionMistake> {
    let catalog = catalog();
    catalog.order(&named(&catalog), text)
}

/// The mistake's message, help and the text that it is about.
fn shown(text: &str) -> (String, String) {
    let mistake = mistake(text);
    (mistake.to_string(), text[mistake.range].to_owned())
}

#[test]
fn columns_are_qualified_and_quoted() {
    assert_eq!(written("rank"), "t0.rank");
    assert_eq!(written("RANK + Items.Rank"), "t0.rank + t0.rank");
    assert_eq!(written("public.items . rank"), "t0.rank");
    assert_eq!(written("\"Label\" || \"user\""), "t0.\"Label\" || t0.\"user\"");
    assert_eq!(written("\"order\""), "\0.\"order\"");
    assert_eq!(written("owners.name"), "\0.name");
    assert_eq!(written("U&\"\\0072ank\""), "t0.rank");
}

#[test]
fn what_is_no_column_stays_as_written() {
    for text in [
        "CURRENT_DATE",
        "now( )",
        "Upper('name')",
        "pg_catalog.lower('X')",
        "'name'::Text",
        "'name' COLLATE \"C\"",
        "interval '1 day'",
        "current_user",
        "make_interval(days => 1)",
    ] {
        assert_eq!(written(text), text);
    }
    assert_eq!(written("EXTRACT(year FROM at)"), "EXTRACT(year FROM t0.at)");
    assert_eq!(written("note::varchar(3)"), "t0.note::varchar(3)");
    assert_eq!(written("normalize(note, NFC)"), "normalize(t0.note, NFC)");
}

#[test]
fn names_have_their_schemas() {
    let schema = r#"
        CREATE SCHEMA extensions;
        CREATE EXTENSION citext WITH SCHEMA extensions;
        CREATE TYPE mood AS ENUM ('calm');
        CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE FUNCTION shout(word text) RETURNS text LANGUAGE sql AS 'SELECT upper(word)';
        CREATE TABLE people (email extensions.citext, other extensions.citext, name text, mood mood);
    "#;
    let (catalog, _) = fold(&[Source { file: "schema/0001.sql".into(), text: schema.into() }]);
    let tables = [Named { table: catalog.table("people").unwrap(), alias: "t0" }];
    let written = |text: &str| catalog.expression(&tables, text).map(|checked| checked.text);
    for (text, expected) in [
        ("shout(name)='A'", "public.shout(t0.name)='A'"),
        ("name COLLATE nocase = 'a'", "t0.name COLLATE public.nocase = 'a'"),
        ("name COLLATE \"C\" = 'a'", "t0.name COLLATE \"C\" = 'a'"),
        ("mood = ANY ('{calm}'::mood[])", "t0.mood = ANY ('{calm}'::public.mood[])"),
        ("email='A'", "t0.email OPERATOR(extensions.=) 'A'"),
        ("'A' <> email", "'A' OPERATOR(extensions.<>) t0.email"),
        ("email >= other", "t0.email OPERATOR(extensions.>=) t0.other"),
        ("email NOT LIKE 'a%'", "t0.email OPERATOR(extensions.!~~) 'a%'"),
        ("email ~* 'a'", "t0.email OPERATOR(extensions.~*) 'a'"),
        ("name = 'a'::citext", "t0.name = 'a'::extensions.citext"),
        ("email = name", "t0.email = t0.name"),
        ("email IS NULL OR lower(email) = 'a'", "t0.email IS NULL OR lower(t0.email) = 'a'"),
    ] {
        assert_eq!(written(text).unwrap(), expected, "{text}");
    }
    for text in [
        "email IN ('a')",
        "email BETWEEN 'a' AND 'b'",
        "email IS DISTINCT FROM 'a'",
        "CASE email WHEN 'a' THEN 1 END",
        "nullif(email, 'a')",
    ] {
        let mistake = written(text).unwrap_err();
        assert_eq!(mistake.kind, MistakeKind::Unsupported, "{text}");
        assert!(mistake.message.contains("`extensions.citext`"), "{mistake}");
    }
}

#[test]
fn comments_and_line_breaks_are_dropped() {
    assert_eq!(written("rank -- the first\n  +/* one */1 -- more"), "t0.rank + 1");
    assert_eq!(written("'a'\n  'b'"), "'a'\n'b'");
    assert_eq!(written("'-- no comment' || \"Label\""), "'-- no comment' || t0.\"Label\"");
}

#[test]
fn attributes_of_composites_are_no_columns() {
    let city = checked("(place).city");
    assert_eq!(city.text, "(t0.place).city");
    assert_eq!(city.columns, [(0, "place".to_owned())]);
    assert_eq!(written("(items.place).city"), "(t0.place).city");
    let (message, found) = shown("(place).town");
    assert_eq!(message, "the type `address` has no attribute `town` (it has `city`, `zip`)");
    assert_eq!(found, "town");
    let (message, _) = shown("place.city");
    assert!(message.ends_with("(an attribute of the column `place` is written `(place).city`)"), "{message}");
}

#[test]
fn columns_are_listed_once_in_order() {
    let checked = checked("rank + \"order\" + rank");
    assert_eq!(checked.columns, [(0, "rank".to_owned()), (1, "order".to_owned())]);
}

#[test]
fn tables_of_one_name_are_distinguished_by_schema() {
    let catalog = catalog();
    let table = |name| catalog.table(name).unwrap();
    let tables = [
        Named { table: table("public.items"), alias: "a" },
        Named { table: table("other.items"), alias: "b" },
    ];
    assert_eq!(catalog.expression(&tables, "other.items.id").unwrap().text, "b.id");
    assert_eq!(catalog.expression(&tables, "elsewhere").unwrap().text, "b.elsewhere");
    assert_eq!(catalog.expression(&tables, "items.elsewhere").unwrap().text, "b.elsewhere");
    let mistake = catalog.expression(&tables, "items.id").unwrap_err();
    assert_eq!(mistake.kind, MistakeKind::AmbiguousColumn { name: "id".into(), tables: vec![0, 1] });
}

#[test]
fn unknown_columns_are_reported_with_their_table() {
    let one = |text: &str| {
        let catalog = catalog();
        catalog.expression(&named(&catalog)[..1], text).unwrap_err()
    };
    let naem = one("upper(naem)");
    assert_eq!(naem.kind, MistakeKind::UnknownColumn { name: "naem".into(), tables: vec![0] });
    assert_eq!(naem.message, "column `items.naem` does not exist");
    assert_eq!(naem.range, 6..10);
    assert_eq!(naem.help.as_deref(), Some("`items` (schema/0001.sql:5) has `name`"));
    assert_eq!(
        one("Label").to_string(),
        "column `items.label` does not exist (names without quotes are lower case in SQL: write `\"Label\"`)"
    );
    assert_eq!(one("\"NAME\"").help.as_deref(), Some("the column is called `name`: write `name`"));
    assert_eq!(
        one("name = \"x\"").help.as_deref(),
        Some("if it is meant to be a string, write it in single quotes: `'x'`")
    );
    let (message, _) = shown("naem");
    assert!(
        message.starts_with("column `naem` does not exist (`items` (schema/0001.sql:5) or `owners`"),
        "{message}"
    );
    let (message, _) = shown("owners.rank");
    assert!(message.starts_with("column `owners.rank` does not exist"), "{message}");
    let (message, found) = shown("1 + other.rank");
    assert_eq!(
        message,
        "`other.rank` names a table that is not part of this: `other` (columns of `items` and `owners` can \
         stand here)"
    );
    assert_eq!(found, "other.rank");
}

#[test]
fn words_of_sql_are_no_columns() {
    let (message, found) = shown("user = 'x'");
    assert_eq!(
        message,
        "`user` without quotes is a word of SQL, not the column of `items` (write `\"user\"` for the column, \
         `(user)` for the other)"
    );
    assert_eq!(found, "user");
    assert_eq!(shown("lower(user)").1, "user");
    assert_eq!(written("\"user\" = (user)"), "t0.\"user\" = (user)");
}

#[test]
fn columns_that_a_statement_hides_say_so() {
    let catalog = catalog();
    let tables = [Named { table: catalog.table("hidden").unwrap(), alias: "h" }];
    let help = catalog.expression(&tables, "id").unwrap_err().help.unwrap();
    assert!(help.contains("CREATE TABLE AS (schema/0001.sql:13)"), "{help}");
    assert!(help.contains("-- persist: CREATE TABLE hidden"), "{help}");
}

#[test]
fn columns_of_two_tables_are_ambiguous() {
    let (message, found) = shown("upper(name)");
    assert_eq!(
        message,
        "`name` can be a column of `items` or `owners` (write the table in front, for instance `items.name`)"
    );
    assert_eq!(found, "name");
}

#[test]
fn what_is_no_single_expression_is_refused() {
    for (text, kind, found) in [
        ("", MistakeKind::Empty, ""),
        ("  -- nothing\n ", MistakeKind::Empty, ""),
        ("rank +", MistakeKind::Syntax, ""),
        ("rank + )", MistakeKind::Syntax, ")"),
        ("(rank", MistakeKind::Syntax, ""),
        ("'rank", MistakeKind::Syntax, "'rank"),
        ("rank, note", MistakeKind::Several, "note"),
        ("rank AS p", MistakeKind::TrailingText, "AS p"),
        ("rank p", MistakeKind::TrailingText, "p"),
        ("rank FROM items", MistakeKind::TrailingText, "FROM items"),
        ("rank;", MistakeKind::TrailingText, ";"),
        ("rank; SELECT 1", MistakeKind::TrailingText, "SELECT 1"),
        ("DISTINCT rank", MistakeKind::TrailingText, "DISTINCT"),
        ("rank INTO x", MistakeKind::TrailingText, "INTO"),
        ("rank UNION SELECT 1", MistakeKind::TrailingText, "UNION"),
        ("rank ORDER BY 1", MistakeKind::TrailingText, "ORDER BY 1"),
    ] {
        let mistake = mistake(text);
        assert_eq!((&mistake.kind, &text[mistake.range.clone()]), (&kind, found), "{text}: {mistake}");
    }
    let deep = format!("{}1{}", "(".repeat(300), ")".repeat(300));
    assert_eq!(mistake(&deep).message, "the SQL cannot be understood: it is nested too deeply");
}

#[test]
fn what_needs_more_than_a_row_is_refused() {
    for (text, kind, found) in [
        ("count(*)", MistakeKind::Aggregate, "count(*)"),
        ("1 + max(rank)", MistakeKind::Aggregate, "max(rank)"),
        ("product(rank)", MistakeKind::Aggregate, "product(rank)"),
        ("lower(note) FILTER (WHERE enabled)", MistakeKind::Aggregate, "FILTER (WHERE enabled)"),
        ("sum(rank) OVER ()", MistakeKind::Window, "OVER ()"),
        ("row_number()", MistakeKind::Window, "row_number()"),
        ("unnest(ARRAY[1])", MistakeKind::SetReturning, "unnest(ARRAY[1])"),
        ("halves(rank)", MistakeKind::SetReturning, "halves(rank)"),
        ("(SELECT 1)", MistakeKind::SubSelect, "SELECT 1"),
        ("EXISTS (SELECT FROM owners)", MistakeKind::SubSelect, "SELECT FROM owners"),
        ("rank IN (SELECT 1)", MistakeKind::SubSelect, "SELECT 1"),
        ("rank = $1", MistakeKind::Parameter, "$1"),
        ("*", MistakeKind::Star, "*"),
        ("items.*", MistakeKind::Star, "items.*"),
        ("to_jsonb(items.*)", MistakeKind::Star, "items.*"),
        ("(place).*", MistakeKind::Star, "(place).*"),
        ("DEFAULT", MistakeKind::Unsupported, "DEFAULT"),
    ] {
        let mistake = mistake(text);
        assert_eq!((&mistake.kind, &text[mistake.range.clone()]), (&kind, found), "{text}: {mistake}");
    }
    assert_eq!(written("rank * 2"), "t0.rank * 2");
}

#[test]
fn labels_are_checked_wherever_an_enum_is_compared() {
    let (message, found) = shown("status = 'faild'");
    assert_eq!(
        message,
        "the enum `status` (schema/0001.sql:2) has no label `faild` (did you mean `failed`?)"
    );
    assert_eq!(found, "'faild'");
    for text in [
        "'x' <> status",
        "status IN ('pending', 'x')",
        "status NOT IN ('x')",
        "status = ANY (ARRAY['pending', 'x'])",
        "status BETWEEN 'pending' AND 'x'",
        "status IS DISTINCT FROM 'x'",
        "coalesce(status, 'x') = 'failed'",
        "coalesce(status, 'pending') = 'x'",
        "nullif(status, 'x') IS NULL",
        "CASE status WHEN 'pending' THEN 1 WHEN 'x' THEN 2 END",
        "'x'::status = status",
        "CAST('x' AS status) = status",
        "status > 'x'",
    ] {
        let mistake = mistake(text);
        assert!(matches!(mistake.kind, MistakeKind::UnknownLabel { .. }), "{text}: {mistake}");
        assert_eq!(&text[mistake.range], "'x'", "{text}");
    }
    for text in
        ["status::text = 'x'", "status IN ('failed')", "CASE status WHEN 'failed' THEN 'x' END", "note = 'x'"]
    {
        checked(text);
    }
}

#[test]
fn conditions_are_boolean() {
    let catalog = catalog();
    let condition = |text: &str| catalog.condition(&named(&catalog), text);
    assert!(!condition("enabled AND items.name <> ''").unwrap().nullable);
    assert_eq!(condition("unknown_function(rank)").unwrap().ty, None, "who knows");
    let mistake = condition("rank + 1").unwrap_err();
    assert_eq!(mistake.message, "a condition is `boolean`, this one is `integer`");
    assert!(matches!(mistake.kind, MistakeKind::NotBoolean { found } if found.is("int4")));
}

#[test]
fn nullability_follows_from_the_columns() {
    for text in [
        "rank",
        "items.name || 'x'",
        "coalesce(note, '')",
        "note IS NULL",
        "note IS NOT DISTINCT FROM 'x'",
        "CASE WHEN enabled THEN 1 ELSE 2 END",
        "EXTRACT(year FROM at)",
        "greatest(note, 'x')",
        "upper(items.name) = 'X' AND enabled",
        "substring(items.name FROM 1 FOR 2)",
        "trim(items.name)",
    ] {
        assert!(!checked(text).nullable, "{text}");
    }
    for text in [
        "note",
        "note || 'x'",
        "owners.name",
        "NULL",
        "nullif(rank, 1)",
        "CASE WHEN enabled THEN 1 END",
        "old -> 'x'",
        "unknown_function(rank)",
        "EXTRACT(hour FROM at)",
        "(place).city",
        "substring(items.name FROM '^a')",
        "lower(tstzrange(at, NULL))",
        "rank = ANY (ARRAY[NULL, 1])",
    ] {
        assert!(checked(text).nullable, "{text}");
    }
}

#[test]
fn orders_have_directions() {
    let items = order("rank DESC, items.name asc, (note) desc nulls last, lower(note) nulls first, (\"order\") desc nulls first")
        .unwrap();
    let shown: Vec<String> = items.iter().map(|item| item.text.clone() + &item.direction).collect();
    assert_eq!(
        shown,
        [
            "t0.rank DESC",
            "t0.name",
            "(t0.note) DESC NULLS LAST",
            "lower(t0.note) NULLS FIRST",
            "(\0.\"order\") DESC"
        ]
    );
    let columns: Vec<Option<usize>> =
        items.iter().map(|item| item.column.as_ref().map(|(table, _)| *table)).collect();
    assert_eq!(columns, [Some(0), Some(0), Some(0), None, Some(1)]);
    assert!(items[0].ty.as_ref().unwrap().is("int4") && !items[0].nullable && items[3].nullable);
}

#[test]
fn orders_that_are_none_are_refused() {
    for (text, kind, found) in [
        ("", MistakeKind::Empty, ""),
        ("rank,", MistakeKind::Syntax, ""),
        ("rank LIMIT 1", MistakeKind::TrailingText, "LIMIT 1"),
        ("rank; DELETE FROM items", MistakeKind::TrailingText, "DELETE FROM items"),
        ("rank FOR UPDATE", MistakeKind::TrailingText, "FOR UPDATE"),
        ("rank USING >", MistakeKind::Unsupported, "USING >"),
        ("random()", MistakeKind::Volatile, "random()"),
        ("rank + random()", MistakeKind::Volatile, "random()"),
        ("rank, 2", MistakeKind::Constant, "2"),
        ("now()", MistakeKind::Constant, "now()"),
        ("old", MistakeKind::Unsortable, "old"),
        ("count(*)", MistakeKind::Aggregate, "count(*)"),
        ("rank, naem", MistakeKind::UnknownColumn { name: "naem".into(), tables: vec![0, 1] }, "naem"),
    ] {
        let mistake = order(text).unwrap_err();
        assert_eq!((&mistake.kind, &text[mistake.range.clone()]), (&kind, found), "{text}: {mistake}");
    }
}

#[test]
fn texts_that_stop_anywhere_have_mistakes_inside_of_them() {
    let catalog = catalog();
    let tables = named(&catalog);
    for whole in [
        "CASE WHEN enabled THEN upper(items.name) || ' — ' || E'\\'ä' ELSE $x$ü$x$ END -- ö",
        "(place).city = ANY (ARRAY['a', note]) AND \"Label\" ->> U&\"\\00e4\" IS NOT NULL /* ß */ OR \u{1F980}.x[1:2]",
        "EXTRACT(epoch FROM at AT TIME ZONE 'UTC')::numeric(10, 2) BETWEEN $1 AND interval '1 day' * 2",
        "lower(note) DESC NULLS LAST, rank USING <, 1 LIMIT 1",
    ] {
        for (start, end) in
            whole.char_indices().flat_map(|(at, c)| [(0, at), (at + c.len_utf8(), whole.len())])
        {
            let text = &whole[start..end];
            let condition = catalog.condition(&tables, text).err();
            for mistake in condition.into_iter().chain(catalog.order(&tables, text).err()) {
                assert!(text.get(mistake.range.clone()).is_some(), "{text}: {mistake:?}");
            }
        }
    }
}
