//! What is handed on: all that is committed, once if nothing fails, in the order of each key.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::time::Duration;

use persist::outbox::{Handed, Message, Relay};
use persist::{Error, Sql};
use tokio::sync::mpsc;

use crate::domain::{NewPipeline, Pipeline};
use crate::{PATIENCE, Seen, domain, hand_on, publish, renamed, waiting};

#[tokio::test]
async fn events_are_committed_with_the_rows_that_they_tell_of() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 1))?;
    work.rollback().await?;
    assert_eq!(waiting(&db).await?, 0);

    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 1))?;
    work.publish(&renamed("nightly", 2))?;
    work.commit().await?;
    assert_eq!(db.repository::<Pipeline>().filter(|p| p.name.eq("nightly")).count().await?, 1);

    // What cannot be inserted takes the event with it.
    let work = db.unit_of_work();
    work.insert(NewPipeline::new("nightly", BTreeMap::new()))?;
    work.publish(&renamed("nightly", 3))?;
    assert!(work.commit().await.is_err());

    let (seen, relay) = (Seen::default(), Relay::new(&db));
    let handed = hand_on(&relay, &seen).await?;
    assert_eq!((handed.done, handed.failed), (2, 0));
    assert_eq!(seen.numbers("nightly"), [1, 2]);
    assert_eq!(relay.run_once(async |_| Ok::<_, Error>(())).await?, Handed::default());
    Ok(())
}

#[tokio::test]
async fn an_event_on_which_the_handler_fails_keeps_the_later_ones_of_its_key_back() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    publish(&db, "a", 1..=4).await?;
    publish(&db, "b", 1..=4).await?;
    let seen = Seen::default();
    let failing = |relay: Relay| {
        let seen = seen.clone();
        async move {
            let handler = async |message: Message| {
                seen.note(&message);
                if (&message.key[..], message.id) == ("a", 2) && message.attempts < 2 {
                    Err("no")
                } else {
                    Ok(())
                }
            };
            relay.run_once(handler).await.map(|handed| (handed.done, handed.failed))
        }
    };
    let at_once = || Relay::new(&db).retry_delay(Duration::ZERO, Duration::ZERO);
    let an_hour = || Relay::new(&db).retry_delay(PATIENCE * 60, PATIENCE * 60);

    assert_eq!(failing(at_once()).await?, (5, 1));
    assert_eq!((seen.numbers("a"), seen.numbers("b")), (vec![1, 2], vec![1, 2, 3, 4]));
    // It is tried again, and then it has to wait: whichever relay asks.
    assert_eq!(failing(an_hour()).await?, (0, 1));
    publish(&db, "c", 1..=1).await?;
    assert_eq!(failing(at_once()).await?, (1, 0));
    assert_eq!((seen.numbers("a"), seen.numbers("c")), (vec![1, 2, 2], vec![1]));
    Sql::unchecked("UPDATE persist_outbox SET retry_at = now() WHERE retry_at IS NOT NULL")
        .execute(&db)
        .await?;
    assert_eq!(failing(at_once()).await?, (3, 0));
    assert_eq!(seen.numbers("a"), [1, 2, 2, 2, 3, 4]);
    assert_eq!(waiting(&db).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_empty_key_and_a_queue_longer_than_a_batch_have_their_turn() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    for key in ["", "a", "b", "ä"] {
        publish(&db, key, 1..=5).await?;
    }
    let (seen, relay) = (Seen::default(), Relay::new(&db).keys(1).events_per_key(2));
    while hand_on(&relay, &seen).await?.done > 0 {}
    // One key after another, two events at a time.
    let firsts: Vec<String> = seen.all().into_iter().take(8).map(|(key, _)| key).collect();
    assert_eq!(firsts, ["", "", "a", "a", "b", "b", "ä", "ä"]);
    for key in ["", "a", "b", "ä"] {
        assert_eq!(seen.numbers(key), [1, 2, 3, 4, 5], "{key:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_relays_keep_the_order_of_each_key_while_events_are_published() -> Result<(), Error> {
    const KEYS: i64 = 12;
    const EVENTS: i64 = 25;
    let (_server, db) = domain::database().await;
    let pipelines = db.repository::<Pipeline>();
    for key in 0..KEYS {
        pipelines.insert(NewPipeline::new(key.to_string(), BTreeMap::new())).await?;
    }
    let (done, mut all_done) = mpsc::unbounded_channel();
    let seen = Seen::default();
    let relays = (0..4).map(|_| {
        let (db, seen, done) = (db.clone(), seen.clone(), done.clone());
        tokio::spawn(async move {
            let relay = Relay::new(&db).keys(3).events_per_key(4).poll_interval(Duration::from_millis(5));
            let handler = async |message: Message| {
                tokio::task::yield_now().await;
                seen.note(&message);
                done.send(()).map_err(drop)
            };
            relay.run(handler, pending::<()>()).await
        })
    });
    let relays: Vec<_> = relays.collect();
    // Two publishers for each key, whose order is that of the rows' versions.
    let publishers = (0..KEYS * 2).map(|publisher| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..EVENTS {
                db.transact(async |work| {
                    let pipelines = work.repository::<Pipeline>();
                    let key = (publisher % KEYS).to_string();
                    let found =
                        pipelines.filter(|p| p.name.eq(&key)).update(|p| p.is_active.set(true)).await?;
                    assert_eq!(found, 1);
                    let pipeline = pipelines.find_by_name(&key).await?.expect("it was inserted");
                    work.publish(&renamed(&key, pipeline.version))
                })
                .await?;
            }
            Ok::<_, Error>(())
        })
    });
    for publisher in publishers.collect::<Vec<_>>() {
        publisher.await.expect("no publisher panics")?;
    }
    for _ in 0..KEYS * EVENTS * 2 {
        tokio::time::timeout(PATIENCE, all_done.recv()).await.expect("all events are handed on in time");
    }
    for relay in relays {
        relay.abort();
    }
    for key in 0..KEYS {
        let numbers = seen.numbers(&key.to_string());
        assert_eq!(numbers.len() as i64, EVENTS * 2);
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len() as i64, EVENTS * 2, "{key}: {numbers:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_events_are_handed_on_in_order_and_purged() -> Result<(), Error> {
    let (_server, db) = domain::database().await;
    // One key with half of them, a hundred keys with the rest.
    publish(&db, "deep", 1..=5_000).await?;
    let work = db.unit_of_work();
    for number in 0..5_000 {
        work.publish(&renamed(number % 100, number / 100))?;
    }
    work.commit().await?;
    let (seen, relay) = (Seen::default(), Relay::new(&db).keys(20).events_per_key(500));
    let handing = async {
        while hand_on(&relay, &seen).await?.done > 0 {}
        Ok::<_, Error>(())
    };
    tokio::time::timeout(PATIENCE, handing).await.expect("it does not take that long")?;
    assert_eq!(seen.all().len(), 10_000);
    assert_eq!(seen.numbers("deep"), (1..=5_000).collect::<Vec<_>>());
    assert!((0..100).all(|key| seen.numbers(&key.to_string()) == (0..50).collect::<Vec<_>>()));

    publish(&db, "deep", [1]).await?;
    assert_eq!(relay.purge(PATIENCE * 60).await?, 0);
    assert_eq!(relay.purge(Duration::ZERO).await?, 10_000);
    assert_eq!(waiting(&db).await?, 1);
    Ok(())
}
