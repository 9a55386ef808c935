//! Expressions that were checked, run on a server: it must accept what comes out, and agree about the type
//! and about what can be NULL.

use persist_schema::{Aggregate, Catalog, Named, PgType, Source, fold};
use persist_testkit::TestDatabase;
use tokio_postgres::Client;

const SCHEMA: &str = r#"
    CREATE TYPE status AS ENUM ('pending', 'failed');
    CREATE TYPE address AS (city text, "Zip" varchar(9));
    CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
    CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
    CREATE FUNCTION sum_of(a integer, b integer) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
    CREATE TABLE items (
        id uuid PRIMARY KEY, name text NOT NULL, "Label" varchar(20), "user" text, position integer NOT NULL,
        small smallint NOT NULL, big bigint NOT NULL, price numeric(12, 4), ratio real, score double precision NOT NULL,
        enabled boolean NOT NULL, maybe boolean, status status NOT NULL, was status, tags text[] NOT NULL,
        settings jsonb NOT NULL, old json, place address, owner email NOT NULL, code char(7) NOT NULL,
        born date NOT NULL, at timestamptz NOT NULL, local timestamp, took interval, hour time, during tstzrange,
        data bytea, ip inet
    );
    CREATE TABLE owners (owner_id uuid PRIMARY KEY, email email NOT NULL, nick text);
"#;

/// A row in which everything is NULL that can be, and one with values that are nearly nothing.
const ROWS: &str = "
    INSERT INTO items (id, name, position, small, big, score, enabled, status, tags, settings, owner, code, born, at)
    VALUES (gen_random_uuid(), '', 0, 0, 0, 'NaN', false, 'failed', '{}', '{}', '@', '', '0001-01-01', '0001-01-01');
    INSERT INTO items
    SELECT gen_random_uuid(), 'a', 'b', 'c', 1, 1, 1, 1, 1, 1, true, true, 'pending', 'failed', '{x}', '{\"x\": null}',
        '{}', '(a,b)', 'a@b', 'c', '2024-01-01', '2024-01-01', '2024-01-01', '1 day', '10:00', 'empty', '', '::1';
    INSERT INTO owners VALUES (gen_random_uuid(), 'a@b', NULL);";

const EXPRESSIONS: &[&str] = &[
    "name",
    "\"Label\"",
    "items.\"user\"",
    "public.items.position",
    "upper(name) || ' ' || big",
    "\"Label\" || 'x'",
    "owner || 'x'",
    "coalesce(owner, 'x')",
    "coalesce(\"Label\", name)",
    "coalesce(name, \"Label\")",
    "coalesce(price, 0)",
    "coalesce(price, ratio)",
    "coalesce(maybe, false)",
    "nullif(name, '')",
    "nullif(\"Label\", '')",
    "nullif(position, 0)",
    "greatest(small, position, big)",
    "position + small",
    "position * 2.5",
    "price * position",
    "price / 3",
    "ratio * price",
    "score + position",
    "-small",
    "abs(position) % 7",
    "round(price, 2)",
    "round(position)",
    "ceil(score)",
    "twice(position)",
    "position BETWEEN 1 AND 3 AND enabled",
    "position NOT IN (1, 2) OR maybe",
    "name LIKE 'a%' ESCAPE '!'",
    "name ~* '^a' AND NOT maybe",
    "name IS NOT NULL AND \"Label\" IS NULL",
    "\"Label\" IS DISTINCT FROM name",
    "maybe IS NOT TRUE",
    "maybe ISNULL",
    "status = 'failed'",
    "status IN ('failed', 'pending')",
    "was IS DISTINCT FROM 'failed'",
    "status::text",
    "'failed'::status",
    "coalesce(was, 'pending')",
    "CASE status WHEN 'failed' THEN 1 ELSE 2 END",
    "CASE WHEN enabled THEN name END",
    "CASE WHEN enabled THEN 1 ELSE 2.5 END",
    "tags[1]",
    "tags[1:2]",
    "'x' = ANY(tags)",
    "tags @> ARRAY['x']",
    "tags || 'x'::text",
    "ARRAY[name, 'x']",
    "cardinality(tags)",
    "array_length(tags, 1)",
    "array_to_string(tags, ',')",
    "settings ->> 'x'",
    "settings -> 'x'",
    "settings #>> '{a,b}'",
    "old -> 'x'",
    "settings ? 'x'",
    "settings || '{}'",
    "settings - 'x'",
    "settings @> '{\"x\": 1}'",
    "jsonb_build_object('name', name)",
    "to_jsonb(name)",
    "(place).city",
    "(items.place).\"Zip\"",
    "code || name",
    "CAST(position AS text)",
    "position::numeric(10, 2)",
    "'1'::int4 + 1",
    "born + 1",
    "born - born",
    "born + interval '1 day'",
    "at - interval '1 day'",
    "at - now()",
    "now()",
    "current_date",
    "current_timestamp",
    "current_user",
    "at AT TIME ZONE 'UTC'",
    "local AT TIME ZONE 'UTC'",
    "date_trunc('day', at)",
    "date_trunc('day', local)",
    "EXTRACT(epoch FROM at)",
    "EXTRACT(hour FROM at)",
    "took * 2",
    "hour + took",
    "to_char(at, 'YYYY')",
    "lower(during)",
    "during @> at",
    "lower(name)",
    "length(data)",
    "encode(data, 'hex')",
    "data || data",
    "host(ip)",
    "substring(name FROM 1 FOR 2)",
    "substring(data FROM 1 FOR 2)",
    "trim(both 'x' from name)",
    "trim(name)",
    "position('a' in name)",
    "overlay(name placing 'x' from 1)",
    "(position, name) < (1, 'a')",
    "ROW(position, name) = ROW(1, 'a')",
    "name COLLATE \"C\"",
    "concat(name, \"Label\")",
    "format('%s', name)",
    "md5(name)",
    "to_tsvector('english', name) @@ to_tsquery('english', 'a')",
    "id = gen_random_uuid()",
    "'it''s' 'x'",
    "'a'\n    'b'",
    "1",
    "3000000000",
    "1.5",
    "NULL",
    "-- a comment\n name /* another */ || -- one more\n 'x' -- the last",
    "enabled = maybe",
    "NOT enabled",
    "name = 'x' IS TRUE",
    "name OPERATOR(pg_catalog.=) 'x'",
    "coalesce(email, 'x')",
    "email = owner",
    "owners.nick || items.name",
    "power(score, 2)",
    "sqrt(score)",
    "left(name, 3)",
    "left(\"Label\", 3)",
    "split_part(name, ',', 1)",
    "starts_with(name, 'a')",
    "regexp_replace(name, 'a', 'b')",
    "least(price, 1)",
    "bit_length(name)",
    "normalize(name, NFC)",
    "took / 2",
    "hour - hour",
    "local - local",
    "local + '1 day'",
    "position & 1",
    "jsonb_array_length('[]')",
    "name || NULL",
    "NULL || name",
    "position || ''",
    "ARRAY[1, 2.5]",
    "ARRAY[]::int[]",
    "ARRAY['x', NULL]",
    "tags || tags",
    "ARRAY[position] || position",
    "CASE WHEN enabled THEN 'x' END",
    "coalesce(NULL, 1)",
    "coalesce('x', 'y')",
    "greatest('a', \"Label\")",
    "at::date",
    "at::time",
    "born + hour",
    "took + born",
    "born - took",
    "- took",
    "+ position",
    "~ position",
    "@ position",
    "position ^ 2",
    "|/ score",
    "code",
    "code || code",
    "upper(code)",
    "left(code, 1)",
    "data = '\\x00'",
    "ip << inet '10.0.0.0/8'",
    "ip - ip",
    "ip + 1",
    "during * during",
    "during && during",
    "upper(during)",
    "born <@ daterange('2020-01-01', NULL)",
    "at::timestamp(3)",
    "big / 2",
    "small / 2",
    "small + small",
    "small * 1",
    "ratio + ratio",
    "ratio * 2",
    "price::int",
    "round(ratio)",
    "round(score::numeric, 2)",
    "trunc(price)",
    "abs(price)",
    "abs(ratio)",
    "price % 2",
    "settings['x']",
    "date_part('day', at)",
    "age(at)",
    "to_json(name)",
    "row_to_json(place)",
    "EXTRACT(day FROM took)",
    "date_trunc('day', born)",
    "date_trunc('hour', took)",
    "nullif(price, 0)",
    "nullif(small, 100000)",
    "coalesce(small, 100000)",
    "CASE WHEN enabled THEN small ELSE big END",
    "nullif(code, 'x')",
    "coalesce(code, name)",
    "coalesce(name, code)",
    "string_to_array(name, ',')",
    "array_append(tags, 'x')",
    "array_remove(tags, 'x')",
    "array_position(tags, 'x')",
    "tags[1] || 'x'",
    "lower(\"Label\")",
    "concat_ws(',', name)",
    "twice(small)",
    "(place).city || 'x'",
    "place IS NULL",
    "place = place",
    "lower(owner)",
    "coalesce(owner, owner)",
    "CASE WHEN enabled THEN owner END",
    "CASE WHEN enabled THEN owner ELSE 'x' END",
    "ARRAY[owner]",
    "least(owner, 'x')",
    "to_date(name, 'YYYY')",
    "to_timestamp(1)",
    "md5(data)",
    "sha256(data)",
    "jsonb_typeof(settings)",
    "jsonb_set(settings, '{a}', '1')",
    "settings #- '{a}'",
    "settings @? '$.a'",
    "jsonb_path_exists(settings, '$.a')",
    "status > was",
    "ARRAY[status]",
    "status = ANY (ARRAY['failed']::status[])",
    "status = ANY (ARRAY[was, 'failed'])",
    "status = ANY ('{failed}')",
    "current_timestamp(3)",
    "localtime",
    "localtimestamp(0)",
    "current_schema",
    "born - 1",
    "born - '2020-01-01'",
    "at - '2020-01-01'",
    "at > '2020-01-01'",
    "date '2020-01-01'",
    "interval '1 day' * small",
    "x'ff'::int",
    "b'101'",
    "1e3",
    "-1",
    "- 1.5",
    "9223372036854775808",
    "TRUE",
    "nullif(owner, 'x')",
    "coalesce(price, 1.5::numeric(4, 1))",
    "\"Label\"::text",
    "name::varchar(3) || 'x'",
    "coalesce(\"Label\", 'x')",
    "CASE WHEN enabled THEN \"Label\" ELSE \"Label\" END",
    "sum_of(1, 2)",
    "ARRAY[ARRAY[1], ARRAY[2]]",
    "ARRAY[\"Label\", name]",
    "tags[1:1][1]",
    "tags[1][1:1]",
    "CASE WHEN enabled THEN \"Label\" END",
    "CASE WHEN enabled THEN small END",
    "nullif(small, 1.5)",
    "nullif(ratio, score)",
    "nullif(price, score)",
    "nullif(score, price)",
    "nullif(big, small)",
    "greatest(at, now())",
    "coalesce(local, at)",
    "coalesce(born, at)",
    "least(born, local)",
    "hour + born",
    "took + at",
    "took - took",
    "2 * took",
    "at + took",
    "num_nulls(name, maybe)",
    "jsonb_build_array(1, 2)",
    "repeat(name, 2)",
    "overlay(data placing data from 1)",
    "ltrim(name)",
    "btrim(data, data)",
    "rtrim(\"Label\")",
    "reverse(name)",
    "to_char(price, '999')",
    "format('%s %s', name, position)",
    "(position + 1)::text || name",
    "NOT (maybe OR enabled) IS TRUE",
    "position = ALL (ARRAY[1, 2])",
    "(at, at) OVERLAPS (at, interval '1 day')",
    "name SIMILAR TO 'a%'",
    "(position IN (1, 2, NULL))",
    "coalesce(maybe, enabled) = enabled",
    "bool(position)",
    "array_length(ARRAY[1, 2], 1)",
    "CASE WHEN maybe IS NULL THEN 1 WHEN maybe THEN 2 ELSE NULL END",
    "position IS NOT DISTINCT FROM NULL",
    "was IS NULL OR was = 'failed'",
    "settings ->> 'x' IS NULL",
    "(settings -> 'a') ->> 'b'",
    "settings -> 'a' ->> 'b' = 'c'",
    "(settings ->> 'a')::int + 1",
    "jsonb_pretty(settings)",
    "status || 'x'",
    "'x' || id",
    "data || 'x'",
    "coalesce(at, born)",
    "lower(int4range(1, 2))",
    "during + during",
    "exp(price)",
    "ln(score)",
    "power(price, 2)",
    "power(price, score)",
    "position - '1'",
    "at - '1 day'::interval",
    "now() + '1 hour'",
    "starts_with(name, 'a') AND NOT name ^@ 'a'",
    "plainto_tsquery('english', name) || 'x'",
];

#[tokio::test]
async fn checked_expressions_are_what_the_server_takes_them_for() {
    let (database, catalog) = database().await;
    let client = database.client().await;
    let tables = named(&catalog);
    let (mut wrong, mut typed) = (Vec::new(), 0);
    for text in EXPRESSIONS {
        let checked = match catalog.expression(&tables, text) {
            Ok(checked) => checked,
            Err(mistake) => {
                wrong.push(format!("{text}: {mistake}"));
                continue;
            }
        };
        match (server_type(&client, &checked.text).await, &checked.ty) {
            (Err(error), _) => wrong.push(format!("{text}: {} is refused: {error}", checked.text)),
            (Ok(theirs), Some(ours)) if theirs != ours.to_string() => {
                wrong.push(format!("{text}: {ours}, on the server {theirs}"));
            }
            (Ok(_), ours) => typed += usize::from(ours.is_some()),
        }
        if !checked.nullable {
            match nulls(&client, &checked.text).await {
                Ok(0) => {}
                Ok(_) => wrong.push(format!("{text}: it can be NULL")),
                Err(error) => wrong.push(format!("{text}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(typed * 100 >= EXPRESSIONS.len() * 90, "the types of {typed} of {} are known", EXPRESSIONS.len());
}

#[tokio::test]
async fn checked_orders_can_be_ordered_by() {
    let (database, catalog) = database().await;
    let client = database.client().await;
    for text in [
        "position desc nulls last, items.name",
        "lower(\"Label\") nulls first, \"user\" desc, items.id",
        "status = 'failed' desc, settings ->> 'x', at at time zone 'UTC' desc nulls first",
        "coalesce(price, 0) asc nulls last -- the dear ones last",
    ] {
        let items =
            catalog.order(&named(&catalog), text).unwrap_or_else(|mistake| panic!("{text}: {mistake}"));
        let order: Vec<String> = items.iter().map(|item| item.text.clone() + &item.direction).collect();
        let sql = format!("SELECT FROM items AS t0, owners AS \"T 1\" ORDER BY {}", order.join(", "));
        client.batch_execute(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }
}

#[tokio::test]
async fn aggregates_have_the_types_that_the_server_gives_them() {
    let (database, catalog) = database().await;
    let client = database.client().await;
    let mut types: Vec<PgType> = [
        "bit",
        "bool",
        "bpchar",
        "bytea",
        "char",
        "cidr",
        "date",
        "float4",
        "float8",
        "inet",
        "int2",
        "int4",
        "int8",
        "int4range",
        "interval",
        "json",
        "jsonb",
        "macaddr",
        "money",
        "name",
        "numeric",
        "oid",
        "pg_lsn",
        "point",
        "text",
        "tid",
        "time",
        "timestamp",
        "timestamptz",
        "timetz",
        "tsvector",
        "uuid",
        "varbit",
        "varchar",
        "xid",
        "xid8",
        "xml",
    ]
    .into_iter()
    .map(PgType::built_in)
    .collect();
    types.extend(["int4", "text", "uuid"].map(|name| PgType::built_in(name).array()));
    types.extend(
        ["status", "email", "address"]
            .map(|name| PgType::named(persist_schema::QualifiedName::new("public", name))),
    );
    let mut wrong = Vec::new();
    for ty in &types {
        for aggregate in [Aggregate::Count, Aggregate::Sum, Aggregate::Min, Aggregate::Max, Aggregate::Avg] {
            let call = format!("{}(NULL::{})", aggregate.name(), ty.to_sql());
            let theirs = server_type(&client, &call).await;
            match (catalog.aggregate_type(aggregate, ty), theirs) {
                (Ok(ours), Ok(theirs)) if ours.to_string() == theirs => {}
                (Err(_), Err(_)) => {}
                // Since PostgreSQL 18. What has to run on older ones is refused.
                (Err(_), Ok(_)) if ["min(NULL::bytea)", "max(NULL::bytea)"].contains(&&*call) => {}
                (ours, theirs) => wrong.push(format!("{call}: {ours:?}, on the server {theirs:?}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A database with the tables and rows, and the catalog that says the same.
async fn database() -> (TestDatabase, Catalog) {
    let (catalog, diagnostics) = fold(&[Source { file: "schema/0001.sql".into(), text: SCHEMA.into() }]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let database = TestDatabase::empty().await;
    let client = database.client().await;
    client.batch_execute(SCHEMA).await.expect("the tables");
    client.batch_execute(ROWS).await.expect("the rows");
    (database, catalog)
}

fn named(catalog: &Catalog) -> Vec<Named<'_>> {
    let table = |name| catalog.table(name).expect("a table");
    vec![Named { table: table("items"), alias: "t0" }, Named { table: table("owners"), alias: "\"T 1\"" }]
}

/// The type that a column of a view over the expression has.
async fn server_type(client: &Client, expression: &str) -> Result<String, String> {
    let view = format!("CREATE TEMP VIEW v AS SELECT {expression} AS x FROM items AS t0, owners AS \"T 1\"");
    client.batch_execute(&view).await.map_err(|error| message(&error))?;
    let question = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'v'::regclass AND attnum = 1";
    let ty = client.query_one(question, &[]).await.expect("a type").get(0);
    client.batch_execute("DROP VIEW v").await.expect("DROP VIEW");
    Ok(ty)
}

/// How many rows the expression is NULL for.
async fn nulls(client: &Client, expression: &str) -> Result<i64, String> {
    let question =
        format!("SELECT count(*) FROM items AS t0, owners AS \"T 1\" WHERE ({expression}) IS NULL");
    client.query_one(&question, &[]).await.map(|row| row.get(0)).map_err(|error| message(&error))
}

fn message(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}
