//! Relays that are not let in, or find no table.

use std::future::pending;
use std::time::Duration;

use persist::outbox::{Message, Relay};
use persist::prelude::*;
use persist::{Error, Sql};
use persist_testkit::{Proxy, TestDatabase};
use tokio::sync::mpsc;
use tokio_postgres::Client;

use crate::{PATIENCE, domain, publish};

#[tokio::test]
async fn a_relay_without_its_table_says_so() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    Sql::unchecked("DROP TABLE persist_outbox").execute(&db).await?;
    let outcome = Relay::new(&db).run(async |_| Ok::<_, Error>(()), pending::<()>()).await;
    assert!(outcome.is_err_and(|error| error.is_invalid_query()));
    Ok(())
}

#[tokio::test]
async fn a_relay_that_was_let_in_before_waits_to_be_let_in_again() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let (client, role, relayed) = let_in(&server, "relay").await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&relayed).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.is_authentication());
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    publish(&db, "a", [1]).await?;
    assert_eq!(tokio::time::timeout(PATIENCE, is_handed.recv()).await, Ok(Some(1)));

    client.batch_execute(&shut(&role)).await.expect("the role is kept out");
    let refused = async { while !hears.recv().await.expect("it goes on") {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("it says that it is kept out");
    // One that begins now has nothing to wait for.
    let outcome = Relay::new(&relayed).run(async |_| Ok::<_, Error>(()), pending::<()>()).await;
    assert!(outcome.is_err_and(|error| error.is_authentication()));
    client.batch_execute(&format!("ALTER ROLE {role} LOGIN")).await.expect("the role is let in");
    publish(&db, "a", [2]).await?;
    let second = async { while is_handed.recv().await.expect("it goes on") != 2 {} };
    tokio::time::timeout(PATIENCE, second).await.expect("it goes on");
    running.abort();
    let _ = running.await;
    drop(relayed);
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.expect("the role is gone");
    Ok(())
}

/// Its first batch is under way when its connection is lost: it was let in.
#[tokio::test]
async fn a_relay_whose_first_batch_is_lost_was_let_in() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let (client, role, relayed) = let_in(&server, "first").await?;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&relayed).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.is_authentication());
    });
    let handler = async move |_: Message| {
        let _ = handed.send(());
        pending::<Result<(), Error>>().await
    };
    publish(&db, "a", [1]).await?;
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    assert_eq!(tokio::time::timeout(PATIENCE, is_handed.recv()).await, Ok(Some(())));
    client.batch_execute(&shut(&role)).await.expect("the role is kept out");
    let refused = async { while !hears.recv().await.expect("it goes on") {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("it says that it is kept out");
    assert_eq!(tokio::time::timeout(PATIENCE, hears.recv()).await, Ok(Some(true)), "it goes on");
    running.abort();
    let _ = running.await;
    drop(relayed);
    client.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.expect("the role is gone");
    Ok(())
}

/// That it could not reach the server, and waited, does not mean that it was let in.
#[tokio::test]
async fn a_relay_that_waited_and_was_never_let_in_says_so() -> Result<(), Error> {
    let (server, _db) = domain::database().await;
    let (client, role) = (server.client().await, format!("{}_kept_out", server.name()));
    client.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.expect("a role can be made");
    let proxy = Proxy::start(&server).await;
    let Some((_, place)) = proxy.url().split_once('@') else { panic!("an address names a user") };
    let db = Database::connect(&format!("postgresql://{role}@{place}")).await?;
    client.batch_execute(&format!("ALTER ROLE {role} NOLOGIN")).await.expect("the role is kept out");
    proxy.cut_now();
    proxy.refuse();
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |_| {
        let _ = told.send(());
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    for _waits in 0..3 {
        assert_eq!(tokio::time::timeout(PATIENCE, hears.recv()).await, Ok(Some(())));
    }
    proxy.heal();
    let outcome = tokio::time::timeout(PATIENCE, running).await.expect("it ends");
    assert!(outcome.map_err(Error::other)?.is_err_and(|error| error.is_authentication()));
    client.batch_execute(&format!("DROP ROLE {role}")).await.expect("the role is gone");
    Ok(())
}

/// A role that may relay, and a database for it.
async fn let_in(server: &TestDatabase, name: &str) -> Result<(Client, String, Database), Error> {
    let (client, role) = (server.client().await, format!("{}_{name}", server.name()));
    let grant = format!("CREATE ROLE {role} LOGIN; GRANT SELECT, UPDATE ON persist_outbox TO {role}");
    client.batch_execute(&grant).await.expect("a role can be made");
    let Some((_, place)) = server.url().split_once('@') else { panic!("an address names a user") };
    let relayed = Database::connect(&format!("postgresql://{role}@{place}")).await?;
    Ok((client, role, relayed))
}

/// Keeps a role out, also where it is in already.
fn shut(role: &str) -> String {
    format!(
        "ALTER ROLE {role} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    )
}
