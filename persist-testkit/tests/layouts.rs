//! Migrations are applied in the layout of the tool that they are written for, as that applies them.

use std::path::Path;

use persist_testkit::TestDatabase;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    folder
}

/// The rows of the table `seen`, which each case fills.
async fn seen(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let database = TestDatabase::with_schema(folder.path()).await;
    let row = database.client().await.query_one("SELECT string_agg(what, ' ') FROM seen", &[]).await;
    row.expect("the table is there").get::<_, Option<String>>(0).unwrap_or_default()
}

const TABLE: &str = "CREATE TABLE seen (what text NOT NULL);";

#[tokio::test]
async fn each_layout_in_its_order_and_only_the_way_up() {
    let insert = |what: &str| format!("INSERT INTO seen VALUES ('{what}');");
    let (one, two, down) = (insert("1"), insert("2"), "DROP TABLE seen;");
    let layouts: [&[(&str, &str)]; 8] = [
        &[("0001_a.sql", TABLE), ("2_b.sql", &one), ("10_c.sql", &two)],
        &[("1_a.up.sql", TABLE), ("1_a.down.sql", down), ("2_b.up.sql", &one), ("10_c.up.sql", &two)],
        &[("V1__a.sql", TABLE), ("V2__b.sql", &one), ("V10__c.sql", &two), ("U2__b.sql", down)],
        &[
            ("2024-01-01-000000_a/up.sql", TABLE),
            ("2024-01-01-000000_a/down.sql", down),
            ("20240102000000_b/up.sql", &one),
            ("2024-02-01-000000_c/up.sql", &two),
        ],
        &[
            ("1_a/migration.sql", TABLE),
            ("2_b/migration.sql", &one),
            ("3_c/migration.sql", &two),
            ("migration_lock.toml", ""),
        ],
        &[
            ("1_a.sql", "-- +goose Up\nCREATE TABLE seen (what text);\n-- +goose Down\nDROP TABLE seen;\n"),
            (
                "2_b.sql",
                "-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN INSERT INTO seen VALUES ('1'); END $$;\n-- +goose StatementEnd\n-- +goose Down\nDELETE FROM seen;\n",
            ),
            ("3_c.sql", "-- +goose Up\nINSERT INTO seen VALUES ('2');\n"),
        ],
        &[
            ("1_a.sql", "-- migrate:up\nCREATE TABLE seen (what text);\n-- migrate:down\nDROP TABLE seen;\n"),
            ("2_b.sql", "-- migrate:up transaction:false\nINSERT INTO seen VALUES ('1'), ('2');\n"),
        ],
        &[(
            "structure.sql",
            "SET check_function_bodies = false;\n\\set QUIET on\nCREATE TABLE seen (what text);\n-- Data\nCOPY public.seen (what) FROM stdin;\n1\n2\n\\.\n\nSELECT pg_catalog.set_config('search_path', '', false);\n",
        )],
    ];
    for files in layouts {
        assert_eq!(seen(files).await, "1 2", "{files:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_in_one_transaction_is_in_none() {
    let found = seen(&[
        (
            "1_a.sql",
            "CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE seen (what text); CREATE TABLE m (mood mood);",
        ),
        ("2_b.sql", "ALTER TYPE mood ADD VALUE 'sad'; INSERT INTO m VALUES ('sad');"),
        ("3_c.sql", "CREATE INDEX CONCURRENTLY m_mood_idx ON m (mood); VACUUM m;"),
        ("4_d.sql", "BEGIN; INSERT INTO seen SELECT mood::text FROM m; COMMIT;"),
        // Needs the transaction that the others must not have.
        (
            "5_e.sql",
            "DO $$ BEGIN INSERT INTO m VALUES ('glad'); COMMIT; DELETE FROM m WHERE mood = 'glad'; END $$;",
        ),
        ("6_f.sql", "LOCK TABLE seen; SET LOCAL lock_timeout = '1s'; INSERT INTO seen VALUES ('locked');"),
    ]);
    assert_eq!(found.await, "sad locked");
}

#[tokio::test]
async fn the_ledger_of_the_tool_is_there_where_it_is_named() {
    let found = seen(&[
        ("1_a/up.sql", "CREATE TABLE seen (what text);"),
        (
            "2_b/up.sql",
            "INSERT INTO seen SELECT 'applied' FROM __diesel_schema_migrations; INSERT INTO seen VALUES ('new');",
        ),
    ]);
    assert_eq!(found.await, "new");
}

#[tokio::test]
async fn files_that_psql_includes_are_followed() {
    let found = seen(&[
        ("all/0.sql", "\\i ../parts/table.sql\n\\echo done\nINSERT INTO seen VALUES ('2');\n"),
        ("parts/table.txt", ""),
    ]);
    let failed = tokio::spawn(found).await.expect_err("the file is missing");
    let folder = folder(&[
        ("0.sql", "\\ir parts/table.txt\nINSERT INTO seen VALUES ('2');\n"),
        ("parts/table.txt", "CREATE TABLE seen (what text); INSERT INTO seen VALUES ('1');"),
    ]);
    assert!(failed.is_panic());
    let database = TestDatabase::with_schema(folder.path().join("0.sql")).await;
    let row = database.client().await.query_one("SELECT string_agg(what, ' ') FROM seen", &[]).await;
    assert_eq!(row.expect("the table is there").get::<_, String>(0), "1 2");
}

/// What is said of migrations that cannot be applied.
async fn error(files: &[(&str, &str)]) -> String {
    let folder = folder(files);
    let path = folder.path().to_path_buf();
    let panic = tokio::spawn(async move { TestDatabase::with_schema(path).await }).await;
    let panic = panic.expect_err("it fails").into_panic();
    panic.downcast_ref::<String>().expect("a message").clone()
}

#[tokio::test]
async fn included_files_may_be_named_from_the_folder_and_are_named_in_errors() {
    let message = error(&[
        ("1_a.sql", "\\i parts/all.txt\n"),
        ("parts/all.txt", "\\i parts/table.txt\n\\ir row.txt\n"),
        ("parts/table.txt", "CREATE TABLE seen (what text);"),
        ("parts/row.txt", "\n\nINSERT INTO seen VALUES (1, 2);"),
    ])
    .await;
    assert!(
        message.starts_with("row.txt:3: `INSERT INTO seen VALUES …`: ERROR: INSERT has more"),
        "{message}"
    );
}

#[tokio::test]
async fn an_error_names_the_file_the_line_and_the_statement() {
    let message =
        error(&[("1_a/migration.sql", "CREATE TABLE a (id int);\n\nCREATE TABLE b (\n    id nothing\n);\n")])
            .await;
    assert!(
        message
            .starts_with("1_a/migration.sql:4: `CREATE TABLE b ( …`: ERROR: type \"nothing\" does not exist"),
        "{message}"
    );
}
