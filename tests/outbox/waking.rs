//! Relays that are woken.

use std::future::pending;

use persist::outbox::{Message, Relay};
use persist::{Error, Sql};
use tokio::sync::{mpsc, oneshot};

use crate::{PATIENCE, domain, publish, renamed};

#[tokio::test]
async fn a_relay_that_listens_is_woken_at_once_and_stops_when_it_is_asked_to() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let (sender, mut received) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn({
        let relay = Relay::new(&db).listen("some \"events\"").poll_interval(PATIENCE * 60);
        async move { relay.run(async |message: Message| sender.send(message.id), stopped).await }
    });
    for id in 1..=3 {
        let work = db.unit_of_work();
        work.publish(&renamed("a", id))?;
        Sql::unchecked("SELECT pg_notify('some \"events\"', '')").execute(&work).await?;
        work.commit().await?;
        let heard =
            tokio::time::timeout(PATIENCE, received.recv()).await.expect("it does not wait for its poll");
        assert_eq!(heard, Some(id));
    }
    drop(stop);
    tokio::time::timeout(PATIENCE, running).await.expect("it stops").map_err(Error::other)??;
    Ok(())
}

#[tokio::test]
async fn a_relay_that_seldom_polls_listens_again_at_once() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let client = server.client().await;
    let (told, mut hears) = mpsc::unbounded_channel();
    let (handed, mut is_handed) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).listen("events").poll_interval(PATIENCE * 60).on_wait(move |error| {
        let _ = told.send(error.is_connection_lost());
    });
    let handler = async move |message: Message| handed.send(message.id);
    let running = tokio::spawn(async move { relay.run(handler, pending::<()>()).await });
    let mut telling = async |id| {
        publish(&db, "a", [id]).await?;
        let handed = async {
            // It may not listen yet.
            while is_handed.try_recv().is_err() {
                client.batch_execute("SELECT pg_notify('events', '')").await.expect("it is told");
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, handed).await.expect("it listens");
        Ok::<_, Error>(())
    };
    telling(1).await?;
    let ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    client.batch_execute(ending).await.expect("it hears nothing any more");
    assert_eq!(tokio::time::timeout(PATIENCE, hears.recv()).await, Ok(Some(true)));
    telling(2).await?;
    running.abort();
    Ok(())
}
