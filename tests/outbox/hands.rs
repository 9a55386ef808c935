//! A key is in one hand, also where its relay is killed and where older transactions commit later.

use std::future::pending;
use std::sync::{Arc, Mutex};

use persist::outbox::{Message, Relay};
use persist::{Error, Sql};
use tokio::sync::oneshot;

use crate::{PATIENCE, Seen, domain, hand_on, publish};

#[tokio::test]
async fn what_a_relay_was_at_when_it_was_killed_is_handed_on_again() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    publish(&db, "b", 1..=1).await?;
    let seen = Seen::default();
    let (reached, at_second) = oneshot::channel();
    let reached = Arc::new(Mutex::new(Some(reached)));
    let killed = tokio::spawn({
        let (db, seen) = (db.clone(), seen.clone());
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                if seen.numbers("a") == [1, 2] {
                    if let Some(reached) = reached.lock().expect("no test panics with it").take() {
                        let _ = reached.send(());
                    }
                    pending::<()>().await;
                }
                Ok::<_, Error>(())
            };
            Relay::new(&db).keys(1).run(handler, pending::<()>()).await
        }
    });
    at_second.await.expect("the relay comes that far");
    // Another relay gets other keys meanwhile.
    let relay = Relay::new(&db);
    let handed = hand_on(&relay, &seen).await?;
    assert_eq!((handed.done, seen.numbers("b")), (1, vec![1]));
    assert_eq!(seen.numbers("a"), [1, 2]);

    killed.abort();
    assert!(killed.await.expect_err("it was aborted").is_cancelled());
    let rest = async {
        while hand_on(&relay, &seen).await?.done == 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, rest).await.expect("the server notices that the relay is gone")?;
    assert_eq!(seen.numbers("a"), [1, 2, 1, 2, 3]);
    Ok(())
}

#[tokio::test]
async fn a_key_is_in_one_hand_also_where_an_older_transaction_commits_later() -> Result<(), Error> {
    let (server, db) = domain::database().await;
    let older = server.client().await;
    let publishing = "BEGIN; INSERT INTO persist_outbox (key, topic, payload) VALUES ('a', 'renamed', '{\"pipeline\": \"a\", \"number\": 1}')";
    older.batch_execute(publishing).await.expect("it is published");
    publish(&db, "a", 2..=3).await?;

    let seen = Seen::default();
    let ((reached, at_second), (go_on, going_on)) = (oneshot::channel(), oneshot::channel::<()>());
    let gate = Arc::new(Mutex::new(Some((reached, going_on))));
    let first = tokio::spawn({
        let (db, seen) = (db.clone(), seen.clone());
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                let gate = gate.lock().expect("no test panics with it").take();
                if let Some((reached, going_on)) = gate {
                    let _ = reached.send(());
                    let _ = going_on.await;
                }
                Ok::<_, Error>(())
            };
            Relay::new(&db).run_once(handler).await
        }
    });
    at_second.await.expect("the relay comes that far");
    older.batch_execute("COMMIT").await.expect("it is committed");
    // The oldest event of the key is none of those that are in hand.
    let second = tokio::time::timeout(PATIENCE, hand_on(&Relay::new(&db), &seen))
        .await
        .expect("no relay waits for another")?;
    assert_eq!((second.done, seen.numbers("a")), (0, vec![2]));
    drop(go_on);
    assert_eq!(first.await.map_err(Error::other)??.done, 2);
    assert_eq!((hand_on(&Relay::new(&db), &seen).await?.done, seen.numbers("a")), (1, vec![2, 3, 1]));
    Ok(())
}

#[tokio::test]
async fn what_is_to_wait_waits_behind_an_older_event_that_appears() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=3).await?;
    let later = "UPDATE persist_outbox SET retry_at = now() + interval '1 hour' WHERE id = 2";
    Sql::unchecked(later).execute(&db).await?;
    let seen = Seen::default();
    assert_eq!((hand_on(&Relay::new(&db), &seen).await?.done, seen.numbers("a")), (1, vec![1]));
    assert_eq!(hand_on(&Relay::new(&db), &seen).await?.done, 0);
    Ok(())
}
