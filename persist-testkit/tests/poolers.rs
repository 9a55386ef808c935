//! PgBouncer: what it shares, and that nothing is left of it.

use persist_testkit::{Cluster, PgBouncer, PoolMode, Proxy, TestDatabase};
use std::path::Path;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, NoTls};

async fn process(client: &Client) -> i32 {
    client.query_typed("SELECT pg_backend_pid()", &[]).await.expect("an answer")[0].get(0)
}

#[tokio::test]
async fn clients_share_a_connection_between_transactions() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = PgBouncer::builder().pool_size(1).start(&database).await else { return };
    let (one, other) = (pooler.client().await, pooler.client().await);
    assert_eq!(process(&one).await, process(&other).await);
    let row = one.query_typed("SELECT current_database()", &[]).await.unwrap().remove(0);
    assert_eq!(row.get::<_, &str>(0), database.name());
}

#[tokio::test]
async fn clients_keep_a_connection_in_session_mode() {
    let database = TestDatabase::empty().await;
    let builder = PgBouncer::builder().pool_mode(PoolMode::Session);
    let Some(pooler) = builder.start(&database).await else { return };
    let (one, other) = (pooler.client().await, pooler.client().await);
    assert_ne!(process(&one).await, process(&other).await);
}

#[tokio::test]
async fn passwords_are_given_to_the_server_and_settings_to_the_pooler() {
    let cluster = Cluster::builder().password("pass'word/ü").start().await;
    let with_options = |pooler: &PgBouncer| {
        let mut config = pooler.config();
        config.options("-c work_mem=64kB").clone()
    };
    let builder = PgBouncer::builder().max_prepared_statements(7);
    let Some(pooler) = builder.clone().start(&cluster).await else { return };
    pooler.client().await.simple_query("SELECT 1").await.unwrap();
    let refused = with_options(&pooler).connect(NoTls).await.err().unwrap();
    assert!(format!("{refused:?}").contains("unsupported startup parameter"), "{refused:?}");
    // Versions since 1.20 look into the options.
    let builder = builder.setting("ignore_startup_parameters", "options, work_mem");
    let Some(pooler) = builder.start(&cluster).await else { return };
    let (_client, _connection) = with_options(&pooler).connect(NoTls).await.unwrap();
}

#[tokio::test]
async fn a_proxy_can_stand_in_front_of_it_and_commands_are_obeyed() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = PgBouncer::builder().pool_size(1).start(&database).await else { return };
    let proxy = Proxy::start(&pooler).await;
    let client = proxy.client().await;
    let before = process(&client).await;
    pooler.administer("RECONNECT").await;
    assert_ne!(process(&client).await, before);
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_pooler() {
    let database = TestDatabase::empty().await;
    let Some(pooler) = PgBouncer::builder().start(&database).await else { return };
    let client = pooler.client().await;
    let config = pooler.config();
    let [Host::Unix(folder)] = config.get_hosts() else { panic!("{config:?} is not on a Unix socket") };
    assert!(Path::new(folder).is_dir());
    drop(pooler);
    assert!(!Path::new(folder).exists());
    client.simple_query("SELECT 1").await.unwrap_err();
}
