//! The proxy, seen by the plain driver.

use persist_testkit::{Cluster, Point, Proxy, TestDatabase, assert_round_trips, round_trips};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

/// Longer than anything here takes, shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_simple_query_is_one_round_trip() {
    let (_database, proxy, client) = connected().await;
    assert_round_trips!(proxy, 1, client.batch_execute("SELECT 1; SELECT 2; SELECT 3").await.unwrap());
    assert_round_trips!(proxy, 0, ());
}

#[tokio::test]
async fn prepare_and_query_are_two_round_trips() {
    let (_database, proxy, client) = connected().await;
    let (value, trips) =
        round_trips!(proxy, client.query_one("SELECT $1::int8 + 1", &[&41_i64]).await.unwrap());
    assert_eq!((value.get::<_, i64>(0), trips), (42, 2));
    let statement = assert_round_trips!(proxy, 1, client.prepare("SELECT $1::int8 + 1").await.unwrap());
    assert_round_trips!(proxy, 1, client.query_one(&statement, &[&1_i64]).await.unwrap());
}

#[tokio::test]
async fn a_pipeline_is_one_round_trip() {
    let (_database, proxy, client) = connected().await;
    proxy.set_latency(Duration::from_millis(20));
    let statement = client.prepare("SELECT $1::int4").await.unwrap();
    let numbers = assert_round_trips!(
        proxy,
        1,
        tokio::try_join!(
            client.query_one(&statement, &[&1]),
            client.query_one(&statement, &[&2]),
            client.query_one(&statement, &[&3]),
        )
        .unwrap()
    );
    assert_eq!((numbers.0.get(0), numbers.1.get(0), numbers.2.get(0)), (1, 2, 3));
}

#[tokio::test]
async fn what_no_client_waits_for_is_no_round_trip() {
    let (_database, proxy, client) = connected().await;
    let statement = client.prepare("SELECT 1").await.unwrap();
    proxy.reset();
    // Sends Close and Sync; the answer is CloseComplete and ReadyForQuery.
    drop(statement);
    wait_until(async || proxy.traffic().server_messages == 2).await;
    assert_eq!((proxy.traffic().client_messages, proxy.round_trips()), (2, 0));
    assert_round_trips!(proxy, 1, client.check_connection().await.unwrap());
}

#[tokio::test]
async fn a_portal_closed_behind_its_answer_hides_no_round_trip() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let config = proxy.config();
    let mut stream = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
    let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
    let startup = format!("\0\u{3}\0\0user\0{user}\0database\0{name}\0\0");
    stream.write_u32(4 + startup.len() as u32).await.unwrap();
    stream.write_all(startup.as_bytes()).await.unwrap();
    until_ready(&mut stream).await;
    proxy.reset();
    for trips in 1..=3 {
        // Parse, Bind, Execute, Close of the portal, Sync: some drivers send the Close along each time.
        stream
            .write_all(b"P\0\0\0\x10\0SELECT 1\0\0\0B\0\0\0\x0c\0\0\0\0\0\0\0\0E\0\0\0\x09\0\0\0\0\0")
            .await
            .unwrap();
        stream.write_all(b"C\0\0\0\x06P\0S\0\0\0\x04").await.unwrap();
        until_ready(&mut stream).await;
        assert_eq!(proxy.round_trips(), trips);
    }
}

/// Reads messages up to ReadyForQuery.
async fn until_ready(stream: &mut tokio::net::TcpStream) {
    loop {
        let kind = stream.read_u8().await.expect("a whole message");
        let length = stream.read_u32().await.expect("a whole message") - 4;
        stream.read_exact(&mut vec![0; length as usize]).await.expect("a whole message");
        if kind == b'Z' {
            return;
        }
    }
}

#[tokio::test]
async fn the_startup_is_counted_until_reset() {
    let (_database, proxy, client) = connected().await;
    assert_eq!(proxy.round_trips(), 1);
    proxy.reset();
    client.batch_execute("SELECT 'some text'").await.unwrap();
    let traffic = proxy.traffic();
    assert_eq!((traffic.round_trips, traffic.writes, traffic.connections), (1, 1, 0));
    // Query; RowDescription, DataRow, CommandComplete, ReadyForQuery.
    assert_eq!((traffic.client_messages, traffic.server_messages), (1, 4));
    assert_eq!(traffic.client_bytes, 1 + 4 + "SELECT 'some text'\0".len());
    assert!(traffic.server_bytes > 50, "{traffic:?}");
}

#[tokio::test]
async fn a_wrong_number_is_reported_with_the_messages_and_without_values() {
    let (_database, proxy, client) = connected().await;
    let mark = proxy.mark();
    client.query("SELECT 'secret' FROM generate_series(1, 7)", &[]).await.unwrap();
    let panic =
        std::panic::catch_unwind(AssertUnwindSafe(|| mark.assert(&proxy, 1, "the query"))).unwrap_err();
    assert_eq!(
        panic.downcast_ref::<String>().unwrap(),
        "`the query` took 2 round trips, not 1:
  1. connection 1: Parse, Describe, Sync
     -> ParseComplete, ParameterDescription, RowDescription, ReadyForQuery
  2. connection 1: Bind, Execute, Sync
     -> BindComplete, DataRow x7, CommandComplete, ReadyForQuery
"
    );
}

#[tokio::test]
async fn copy_and_large_rows_pass_unchanged() {
    let (_database, proxy, client) = connected().await;
    let sql = "SELECT repeat('x', 3000000), octet_length($1::text)";
    let row = client.query_one(sql, &[&"y".repeat(2_000_000)]).await.unwrap();
    assert_eq!((row.get::<_, &str>(0).len(), row.get::<_, i32>(1)), (3_000_000, 2_000_000));
    assert!(proxy.traffic().server_bytes > 3_000_000 && proxy.traffic().client_bytes > 2_000_000);
}

#[tokio::test]
async fn latency_is_added_once_per_round_trip() {
    let (_database, proxy, client) = connected().await;
    let latency = Duration::from_millis(60);
    proxy.set_latency(latency);
    let started = Instant::now();
    // Many pieces of answer: each is late, but they do not queue up.
    client.batch_execute("SELECT repeat('x', 1000000) FROM generate_series(1, 20)").await.unwrap();
    let elapsed = started.elapsed();
    assert!(elapsed >= latency && elapsed < latency * 20, "{elapsed:?}");
}

#[tokio::test]
async fn a_connection_is_cut_after_each_message_of_the_client() {
    let (database, proxy, _) = connected().await;
    let mut points = 0;
    loop {
        let client = proxy.client().await;
        let happened = proxy.faults_happened();
        proxy.cut(Point::client_messages(points));
        let result = client.query_one("SELECT 1", &[]).await;
        if proxy.faults_happened() == happened {
            assert_eq!(result.unwrap().get::<_, i32>(0), 1);
            break;
        }
        assert!(result.unwrap_err().is_closed());
        assert!(client.is_closed());
        points += 1;
    }
    // 0 to 6 of Parse, Describe, Sync, Bind, Execute, Sync.
    assert_eq!(points, 7);
    proxy.heal();
    assert!(database.client().await.batch_execute("").await.is_ok());
}

#[tokio::test]
async fn what_was_passed_on_before_a_cut_arrives() {
    let (database, proxy, client) = connected().await;
    client.batch_execute("CREATE TABLE arrived (a int)").await.unwrap();
    proxy.cut(Point::client_messages(1));
    let error = client.batch_execute("INSERT INTO arrived VALUES (1)").await.unwrap_err();
    assert!(error.is_closed(), "{error}");
    let witness = database.client().await;
    wait_until(async || witness.query("SELECT FROM arrived", &[]).await.unwrap().len() == 1).await;
}

#[tokio::test]
async fn answers_are_cut_by_messages_and_bytes() {
    let (_database, proxy, client) = connected().await;
    let statement = client.prepare("SELECT generate_series(1, 9)").await.unwrap();
    // BindComplete and three rows pass; the fourth does not.
    proxy.cut(Point::server_messages(4));
    let mark = proxy.traffic().server_messages;
    assert!(client.query(&statement, &[]).await.unwrap_err().is_closed());
    assert_eq!(proxy.traffic().server_messages, mark + 4);

    let client = proxy.client().await;
    let bytes = proxy.traffic().server_bytes;
    proxy.cut(Point::server_bytes(17));
    assert!(client.batch_execute("SELECT 1").await.unwrap_err().is_closed());
    assert_eq!(proxy.traffic().server_bytes, bytes + 17);
}

#[tokio::test]
async fn a_frozen_connection_goes_on_when_healed() {
    let (_database, proxy, client) = connected().await;
    proxy.freeze(Point::server_messages(1));
    let mut query = Box::pin(client.query_one("SELECT 1", &[]));
    let early = tokio::time::timeout(Duration::from_millis(200), &mut query).await;
    assert!(early.is_err(), "the answer came through");
    assert_eq!(proxy.faults_happened(), 1);
    proxy.heal();
    let row = tokio::time::timeout(PATIENCE, query).await.unwrap().unwrap();
    assert_eq!(row.get::<_, i32>(0), 1);
}

#[tokio::test]
async fn the_next_connection_is_hit_and_others_are_not() {
    let (_database, proxy, client) = connected().await;
    proxy.next_connection().cut(Point::server_messages(2));
    client.batch_execute("SELECT 1").await.unwrap();
    assert!(proxy.config().connect(NoTls).await.is_err());
    client.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(proxy.faults_happened(), 1);
    proxy.client().await.batch_execute("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn all_connections_are_cut_and_new_ones_refused_until_healed() {
    let (database, proxy, client) = connected().await;
    proxy.refuse();
    assert!(proxy.config().connect(NoTls).await.is_err());
    client.batch_execute("SELECT 1").await.unwrap();
    proxy.cut_now();
    assert!(client.batch_execute("SELECT 1").await.unwrap_err().is_closed());
    proxy.heal();
    proxy.client().await.batch_execute("SELECT 1").await.unwrap();
    drop(client);
    // The server has noticed too: nothing is left but the witness.
    let witness = database.client().await;
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    wait_until(async || witness.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 1).await;
    wait_until(async || proxy.open_connections() == 0).await;
}

#[tokio::test]
async fn a_cancelled_statement_is_cancelled_through_the_proxy() {
    let (_database, proxy, client) = connected().await;
    let token = client.cancel_token();
    let mut query = Box::pin(client.batch_execute("SELECT pg_sleep(600)"));
    let running = tokio::time::timeout(Duration::from_millis(100), &mut query).await;
    assert!(running.is_err());
    let mark = proxy.mark();
    token.cancel_query(NoTls).await.unwrap();
    let error = tokio::time::timeout(PATIENCE, query).await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::QUERY_CANCELED));
    assert_eq!(mark.round_trips(&proxy), 0);
}

#[tokio::test]
async fn what_is_encrypted_passes_unread() {
    let cluster = Cluster::builder().tls().start().await;
    let proxy = Proxy::start(&cluster).await;
    let mut stream = tokio::net::TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'S');
    // A record of TLS whose handshake is nonsense: the server answers with a record of type 21, an alert.
    stream.write_all(&[22, 3, 1, 0, 4, 9, 9, 9, 9]).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), 21);
    assert_eq!(proxy.round_trips(), 2);
}

async fn connected() -> (TestDatabase, Proxy, Client) {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::start(&database).await;
    let client = proxy.client().await;
    (database, proxy, client)
}

/// For what happens in the server by itself, after a client is gone.
async fn wait_until(condition: impl AsyncFn() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
