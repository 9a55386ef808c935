//! Moments as keys and without a zone: a program with migrations of its own is built and run.

mod scratch;

use persist_testkit::TestDatabase;
use scratch::Scratch;

#[tokio::test]
async fn moments_do_not_depend_on_what_a_session_says_of_dates() {
    let schema = include_str!("moments/schema.sql");
    let server = TestDatabase::with_sql(schema).await;
    let name = server.name();
    let zone = format!(
        "ALTER DATABASE {name} SET timezone = 'Europe/Berlin'; ALTER DATABASE {name} SET datestyle = 'SQL, DMY'"
    );
    server.client().await.batch_execute(&zone).await.expect("the settings of the database");
    let program = Scratch::program("moments", &[]);
    program.append("Cargo.toml", "\n[dependencies.tokio-postgres]\nversion = \"0.7\"\n");
    program.write("schema/0001_moments.sql", schema);
    program.write("src/main.rs", include_str!("moments/program.rs"));
    program.run(&[server.url()]);
}
