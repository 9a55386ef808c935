//! No message of the server shows a value, in whatever way it stands there; names are still readable.

use std::error::Error as _;

use persist_runtime::{Database, Error, Sql};
use persist_testkit::TestDatabase;

/// All that is printed of an error.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("\n{cause}\n{cause:?}"));
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn values_are_never_shown() {
    let server =
        TestDatabase::with_sql("CREATE TYPE mood AS ENUM ('fine'); CREATE TABLE t (a int); CREATE SCHEMA s;")
            .await;
    let db = Database::connect(server.url()).await.unwrap();
    let mut leaks = Vec::new();
    for (sql, values) in [
        ("SELECT $1::text::tsquery", &["s3cret & & 77777"][..]),
        ("SELECT to_tsquery('simple', $1)", &["s3cret 77777"]),
        ("SELECT $1::text::tsvector", &["'s3cret"]),
        ("SELECT $1::text::jsonpath", &["$.s3cret["]),
        ("SELECT jsonb_path_query('{}', $1::text::jsonpath)", &["strict $.s3cret"]),
        ("SELECT $1::text::regclass", &["s3cret"]),
        ("SELECT $1::text::regclass", &["s3cret.a"]),
        ("SELECT $1::text::regtype", &["s3cret"]),
        ("SELECT $1::text::regtype", &["s3cret["]),
        ("SELECT $1::text::regproc", &["s3cret"]),
        ("SELECT $1::text::regprocedure", &["s3cret(int)"]),
        ("SELECT $1::text::regoper", &["s3cret"]),
        ("SELECT $1::text::regrole", &["s3cret"]),
        ("SELECT $1::text::regnamespace", &["s3cret"]),
        ("SELECT $1::text::regconfig", &["s3cret"]),
        ("SELECT $1::text::regdictionary", &["s3cret"]),
        ("SELECT $1::text::regcollation", &["s3cret"]),
        ("SELECT nextval($1)", &["s3cret"]),
        ("SELECT has_table_privilege($1, 't', 'SELECT')", &["s3cret"]),
        ("SELECT has_table_privilege('t', $1)", &["s3cret"]),
        ("SELECT $1::text::int", &["s3cret"]),
        ("SELECT $1::text::int", &["777777777777"]),
        ("SELECT $1::text::numeric(3, 1)", &["77777"]),
        ("SELECT $1::text::boolean", &["s3cret"]),
        ("SELECT $1::text::uuid", &["s3cret"]),
        ("SELECT $1::text::json", &["{\"s3cret\": 77777"]),
        ("SELECT $1::text::int[]", &["{s3cret"]),
        ("SELECT $1::text::int4range", &["[s3cret"]),
        ("SELECT $1::text::mood", &["s3cret"]),
        ("SELECT $1::text::inet", &["s3cret"]),
        ("SELECT $1::text::bytea", &["\\xs3cret"]),
        ("SELECT $1::text::bit(4)", &["s3cret"]),
        ("SELECT $1::text::xml", &["<s3cret"]),
        ("SELECT $1::text::money", &["s3cret"]),
        ("SELECT $1::text::point", &["s3cret"]),
        ("SELECT $1::text::date", &["s3cret"]),
        ("SELECT $1::text::date", &["77777-77-77"]),
        ("SELECT $1::text::timestamptz", &["2020-01-01 00:00:00 s3cret/zone"]),
        ("SELECT $1::text::interval", &["s3cret"]),
        ("SELECT to_date($1, 'YYYY-MM-DD')", &["s3cret"]),
        ("SELECT to_date($1, 'YYYY MONTH')", &["2020 s3cret"]),
        ("SELECT to_timestamp($1, 'HH12')", &["77777"]),
        ("SELECT make_date($1::text::int, 77, 77)", &["77777"]),
        ("SELECT make_time($1::text::int, 77, 77)", &["77777"]),
        ("SELECT make_timestamp($1::text::int, 77, 77, 7, 7, 7)", &["77777"]),
        ("SELECT extract('day' FROM now()), date_trunc($1, now())", &["s3cret"]),
        ("SELECT 'a' ~ $1", &["s3cret("]),
        ("SELECT regexp_replace('a', 'a', 'b', $1)", &["s3cret"]),
        ("SELECT 'a' LIKE 'a' ESCAPE $1", &["s3cret"]),
        ("SELECT decode($1, 'base64')", &["s3cret!!"]),
        ("SELECT decode($1, 'hex')", &["s3cret"]),
        ("SELECT decode('', $1)", &["s3cret"]),
        ("SELECT encode('', $1)", &["s3cret"]),
        ("SELECT convert_from('\\x41', $1)", &["s3cret"]),
        ("SELECT normalize('a', NFC), convert_to($1, 'LATIN1')", &["s3cret \u{20ac}"]),
        ("SELECT chr($1::text::int)", &["77777777"]),
        ("SELECT get_bit('\\x41'::bytea, $1::text::int)", &["77777"]),
        ("SELECT set_config('work_mem', $1, true)", &["s3cret"]),
        ("SELECT set_config($1, '', true)", &["s3cret"]),
        ("SELECT pg_input($1)", &["s3cret"]),
        ("SELECT format($1)", &["%s3cret"]),
        ("SELECT jsonb_set('[1]', ARRAY[$1], '2')", &["s3cret"]),
        ("SELECT '{}'::jsonb #- $1::text::text[]", &["{s3cret"]),
        ("INSERT INTO t VALUES ($1::text::int)", &["s3cret"]),
    ] {
        let call = values.iter().fold(Sql::unchecked(sql), |call, value| call.bind((*value).to_owned()));
        match call.execute(&db).await {
            Ok(_) => leaks.push(format!("{sql}: no error")),
            Err(error) => {
                let shown = shown(&error).to_lowercase();
                if shown.contains("s3cret") || shown.contains("777") {
                    leaks.push(format!("{sql}: {error}"));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[tokio::test]
async fn names_are_still_shown() {
    let server = TestDatabase::with_sql(
        "CREATE TABLE parts (day int NOT NULL, name text) PARTITION BY LIST (day);
         CREATE TABLE first PARTITION OF parts FOR VALUES IN (1);
         CREATE DOMAIN short AS text NOT NULL CHECK (length(VALUE) < 3);
         CREATE FUNCTION taken() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'the seat is taken' USING ERRCODE = 'unique_violation'; END $$;",
    )
    .await;
    let db = Database::connect(server.url()).await.unwrap();
    for (sql, parts) in [
        ("SELECT * FROM nowhere", &["relation \"nowhere\" does not exist", "42P01"][..]),
        ("SELECT nothing FROM parts", &["column \"nothing\" does not exist"]),
        ("SELEC 1", &["syntax error at or near \"SELEC\""]),
        ("SELECT nowhere()", &["function nowhere() does not exist"]),
        ("INSERT INTO parts VALUES (2, 's3cret')", &["no partition of relation \"parts\" found for row"]),
        ("UPDATE parts SET day = 3", &["no partition of relation \"parts\" found for row"]),
        ("INSERT INTO first VALUES (2, 's3cret')", &["violates partition constraint", "\"first\""]),
        ("SELECT 's3cret'::short", &["check `short_check` of a domain"]),
        ("SELECT NULL::short", &["domain short does not allow null values"]),
        ("SELECT taken()", &["the seat is taken", "23505"]),
        ("SELECT 'abcdef'::varchar(3), $$abcdef$$::text::varchar(3)::text::int", &["for type integer"]),
        ("SELECT 1 / 0", &["division by zero"]),
    ] {
        Sql::unchecked("DELETE FROM parts").execute(&db).await.unwrap();
        Sql::unchecked("INSERT INTO parts VALUES (1)").execute(&db).await.unwrap();
        let error = Sql::unchecked(sql).execute(&db).await.expect_err(sql);
        let shown = shown(&error);
        assert!(parts.iter().any(|part| shown.contains(part)) && !shown.contains("s3cret"), "{sql}: {shown}");
    }
}

#[test]
fn settings_that_may_be_secret_are_not_shown() {
    let url = "postgresql://me:s3cret@db/shop?options=-c%20app.key%3Ds3cret";
    let shown = format!("{:?}", Database::builder().url(url).password("s3cret"));
    assert!(shown.contains("shop") && !shown.contains("s3cret"), "{shown}");
}
