//! Relays that wait for what passes, and say why.

use std::future::pending;
use std::time::Duration;

use persist::Error;
use persist::outbox::{Message, Relay};
use persist::prelude::*;
use persist_testkit::Cluster;
use tokio::sync::mpsc;

use crate::{PATIENCE, domain, publish, waiting};

/// Makes what a relay notes down fail by the SQLSTATEs in a table.
const TROUBLE: &str = "CREATE TABLE trouble (code text NOT NULL);
    CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE found text;
    BEGIN
        FOR found IN SELECT code FROM trouble LOOP
            RAISE EXCEPTION 'trouble' USING ERRCODE = found;
        END LOOP;
        RETURN NEW;
    END $$;
    CREATE TRIGGER trouble BEFORE UPDATE ON persist_outbox FOR EACH ROW EXECUTE FUNCTION trouble()";

#[tokio::test]
async fn a_relay_waits_for_what_passes_and_says_why() -> Result<(), Error> {
    const PASSING: [&str; 20] = [
        "08006", "08P01", "0A000", "23505", "25006", "25P02", "26000", "40001", "40P01", "42P05", "53100",
        "53200", "53300", "55006", "55P03", "57014", "57P03", "58030", "P0001", "XX000",
    ];
    let (server, db) = domain::database().await;
    let client = server.client().await;
    client.batch_execute(TROUBLE).await.expect("there is trouble");
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.code().map(str::to_owned));
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    for (id, code) in (1..).zip(PASSING) {
        client.execute("INSERT INTO trouble VALUES ($1)", &[&code]).await.expect("there is trouble");
        publish(&db, "a", [id]).await?;
        let heard = async { while hears.recv().await.expect("it goes on").as_deref() != Some(code) {} };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("{code} is told"));
        client.batch_execute("DELETE FROM trouble").await.expect("it passes");
        let done = async {
            while waiting(&db).await? > 0 {}
            Ok::<_, Error>(())
        };
        tokio::time::timeout(PATIENCE, done).await.unwrap_or_else(|_| panic!("it goes on after {code}"))?;
    }
    client.batch_execute("INSERT INTO trouble VALUES ('42703')").await.expect("there is trouble");
    publish(&db, "a", [1]).await?;
    let outcome = tokio::time::timeout(PATIENCE, running).await.expect("this does not pass");
    assert_eq!(outcome.map_err(Error::other)?.expect_err("it ends").code(), Some("42703"));
    Ok(())
}

#[tokio::test]
async fn a_relay_waits_for_a_server_that_stops_and_for_a_standby() -> Result<(), Error> {
    let cluster = Cluster::builder().setting("wal_level", "replica").start().await;
    cluster.migrate_sample_domain().await;
    let db = Database::connect(&cluster.url()).await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send((error.is_connect(), error.code().map(str::to_owned)));
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    let script = "DO $$ BEGIN EXECUTE format('COPY (SELECT) TO %L', current_setting('data_directory') || '/standby.signal'); END $$";
    cluster.client().await.batch_execute(script).await.expect("it will be a standby");
    publish(&db, "a", [1]).await?;
    assert_eq!(tokio::time::timeout(PATIENCE, is_handed.recv()).await, Ok(Some(1)));

    cluster.stop().await;
    let unreachable = async { while !hears.recv().await.expect("it goes on").0 {} };
    tokio::time::timeout(PATIENCE, unreachable).await.expect("it says that there is no server");
    cluster.start().await;
    let standby = async { while hears.recv().await.expect("it goes on").1.as_deref() != Some("0A000") {} };
    tokio::time::timeout(PATIENCE, standby).await.expect("it says that the server is a standby");
    cluster.client().await.batch_execute("SELECT pg_promote()").await.expect("it is promoted");
    publish(&db, "a", [2]).await?;
    let second = async { while is_handed.recv().await.expect("it goes on") != 2 {} };
    tokio::time::timeout(PATIENCE, second).await.expect("it goes on");
    assert!(!running.is_finished());
    running.abort();
    Ok(())
}
