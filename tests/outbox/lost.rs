//! Connections that are lost: no event is.

use std::future::pending;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use persist::outbox::{Message, Relay};
use persist::prelude::*;
use persist::{Error, Sql};
use persist_testkit::Proxy;
use tokio::sync::{mpsc, oneshot};

use crate::{PATIENCE, Seen, domain, hand_on, publish, waiting};

#[tokio::test]
async fn a_relay_outlives_its_connections() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let (sender, mut received) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).listen("events").poll_interval(Duration::from_millis(20));
    let running = tokio::spawn(async move {
        relay.run(async |message: Message| sender.send(message.id), pending::<()>()).await
    });
    let others = Database::connect(server.url()).await?;
    for id in 1..=3 {
        publish(&others, "a", [id]).await?;
        let hearing = async {
            // The one before may come again, if its relay was cut off before it had noted it down.
            while received.recv().await.expect("it goes on") < id {}
        };
        tokio::time::timeout(PATIENCE, hearing).await.expect("it goes on");
        Sql::unchecked("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .execute(&others)
            .await?;
    }
    assert!(!running.is_finished());
    running.abort();
    Ok(())
}

#[tokio::test]
async fn a_connection_that_is_lost_while_events_are_handed_on_loses_none() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    let proxy = Proxy::start(&server).await;
    let through_proxy = Database::connect(proxy.url()).await?;
    let (seen, cuts) = (Seen::default(), &AtomicUsize::new(0));
    let (all, done) = oneshot::channel::<()>();
    let all = &Mutex::new(Some(all));
    let handler = async |message: Message| {
        seen.note(&message);
        // The first two times the last event is as far as it gets.
        if message.id == 3 && cuts.fetch_add(1, Ordering::Relaxed) < 2 {
            proxy.cut_now();
        } else if message.id == 3 {
            drop(all.lock().expect("no test panics with it").take());
        }
        Ok::<_, Error>(())
    };
    let relay = Relay::new(&through_proxy).poll_interval(Duration::from_millis(20));
    let running = relay.run(handler, done);
    tokio::time::timeout(PATIENCE, running).await.expect("it comes to an end")?;
    assert_eq!(seen.numbers("a"), [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assert_eq!(waiting(&db).await?, 0);
    Ok(())
}

/// Says that it was dropped.
struct Guard(mpsc::UnboundedSender<()>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn a_handler_is_dropped_when_the_connection_of_its_relay_is_lost() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    publish(&db, "a", 1..=1).await?;
    let proxy = Proxy::start(&server).await;
    let others = server.client().await;
    for way in ["ended by the server", "cut", "frozen"] {
        let relayed = Database::connect(proxy.url()).await?;
        let (dropped, mut is_dropped) = mpsc::unbounded_channel();
        let (reached, mut is_reached) = mpsc::unbounded_channel();
        let handler = async |_| {
            let _guard = Guard(dropped.clone());
            let _ = reached.send(());
            pending::<Result<(), Error>>().await
        };
        let losing = async {
            is_reached.recv().await.expect("the relay comes that far");
            match way {
                "cut" => proxy.cut_now(),
                "frozen" => proxy.freeze_now(),
                _ => {
                    let ending = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
                    others.batch_execute(ending).await.expect("the relay holds its key by a lock");
                }
            }
        };
        let relay = Relay::new(&relayed);
        let (outcome, ()) =
            tokio::time::timeout(PATIENCE, async { tokio::join!(relay.run_once(handler), losing) })
                .await
                .unwrap_or_else(|_| panic!("{way}: it is noticed"));
        let error = outcome.expect_err("nothing can be noted down");
        assert!(error.is_connection_lost() || error.is_timeout(), "{way}: {error:?}");
        assert!(is_dropped.try_recv().is_ok(), "{way}");
        proxy.heal();
    }
    // The server lets the key go when it notices, which takes it a moment.
    let seen = Seen::default();
    let taking_over = async {
        while hand_on(&Relay::new(&db), &seen).await?.done == 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, taking_over).await.expect("another relay gets it")?;
    assert_eq!(seen.numbers("a"), [1]);
    Ok(())
}

/// What became of events is noted down in the transaction that holds their keys, or not at all.
#[tokio::test]
async fn a_relay_whose_transaction_is_gone_notes_nothing_down_and_goes_on() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let client = server.client().await;
    publish(&db, "a", [1]).await?;
    // The mark of the transaction is gone with the first look at the table, as where a pooler has lost all of it.
    let trouble = "ALTER TABLE persist_outbox RENAME TO events;
        CREATE VIEW persist_outbox AS SELECT * FROM events WHERE set_config('persist.tx', '', false) IS NOT NULL";
    client.batch_execute(trouble).await.expect("there is trouble");
    let (told, mut hears) = mpsc::unbounded_channel();
    let relay = Relay::new(&db).poll_interval(Duration::from_millis(5)).on_wait(move |error| {
        let _ = told.send(error.to_string());
    });
    let running = tokio::spawn(async move { relay.run(async |_| Ok::<_, Error>(()), pending::<()>()).await });
    let said = tokio::time::timeout(PATIENCE, hears.recv()).await.expect("it says so").expect("it goes on");
    assert!(said.contains("`persist.tx`"), "{said}");
    client
        .batch_execute("DROP VIEW persist_outbox; ALTER TABLE events RENAME TO persist_outbox")
        .await
        .expect("it passes");
    let done = async {
        while waiting(&db).await? > 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, done).await.expect("it goes on")?;
    running.abort();
    Ok(())
}
